"""Compare three trees with one, and with three trees of the peers, on several data sets.

    python tests/benchmarks/ensembles.py bibtex delicious --data-dir ~/data --peer-python PYTHON

Same matrices, one thread each, every system in a process of its own. Prints a Markdown table of
P@1, P@3 and P@5, and by how much the first of `--systems` exceeds each other in their mean, with a
95 % interval from a paired bootstrap over the test rows.
"""

import sys
import tempfile
from pathlib import Path

import compare_peers
import numpy as np
from command_line import parser_with_data_dir
from scipy import sparse

SYSTEMS = [
    "sklearn_xmr-accurate",
    "sklearn_xmr-3trees",
    "sklearn_xmr",
    "libpecos-3trees",
    "omikuji-3trees",
    "omikuji-bonsai-3trees",
]
N_RESAMPLES = 2000


def main():
    """Run all systems on all data sets; print the table."""
    options = parse_options()
    interpreters = compare_peers.find_interpreters(options)
    print(f"One thread, {compare_peers.cpu_model()}\n")
    print("| data | system | P@1 | P@3 | P@5 | mean | the first gains | fit s |")
    print("|---|---|---|---|---|---|---|---|")
    for dataset in options.datasets:
        options.dataset = dataset
        with tempfile.TemporaryDirectory(prefix="ensembles-") as scratch:
            compare(options, Path(scratch), interpreters)


def parse_options():
    """Return the command line's options."""
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("datasets", nargs="+", help="data sets that prepare.py knows")
    parser.add_argument("--cache-dir", help="keep prepared matrices here")
    parser.add_argument("--systems", nargs="+", default=SYSTEMS, help=f"default: {SYSTEMS}")
    parser.add_argument("--peer-python", default=sys.executable, help="interpreter with the peers")
    parser.add_argument("--rows", type=int, help="train on a random sample of this many rows")
    return parser.parse_args()


def compare(options, scratch, interpreters):
    """Run all systems on one data set; print their lines of the table."""
    data = compare_peers.prepare(options, scratch, interpreters)
    Y = sparse.load_npz(data / "Y_test.npz")
    runs = {
        system: compare_peers.run(system, python, data, scratch / system)
        for system, python in interpreters.items()
    }
    runs = {system: found for system, found in runs.items() if found is not None}
    precisions = {system: row_precisions(labels, Y) for system, (_, labels) in runs.items()}
    first = next(iter(runs))
    for system, (figures, _) in runs.items():
        means = [f"{value:.2f}" for value in precisions[system].mean(axis=0)]
        mean = f"{precisions[system].mean():.2f}"
        gain = gain_over(precisions[first], precisions[system]) if system != first else ""
        cells = options.dataset, system, *means, mean, gain, f"{figures['fit_seconds']:.1f}"
        print("|", *(f"{cell} |" for cell in cells), flush=True)


def row_precisions(labels, Y):
    """Return P@1, P@3 and P@5 of each row, in percent."""
    rows = np.arange(len(labels))[:, None]
    hits = np.asarray(Y[rows, np.maximum(labels, 0)].todense() > 0) & (labels >= 0)
    return np.stack([100 * hits[:, :k].mean(axis=1) for k in (1, 3, 5)], axis=1)


def gain_over(own, other):
    """Return the difference of the means, with its 95 % interval."""
    differences = (own - other).mean(axis=1)
    rng = np.random.default_rng(0)
    rows = rng.integers(len(differences), size=(N_RESAMPLES, len(differences)))
    low, high = np.percentile(differences[rows].mean(axis=1), [2.5, 97.5])
    return f"{differences.mean():+.2f} [{low:+.2f}, {high:+.2f}]"


if __name__ == "__main__":
    main()
