"""Compare this package with its peers on the same matrices, one thread each; print CSV.

    python tests/benchmarks/compare_peers.py bibtex --data-dir ~/data --peer-python peers/bin/python

Each system runs in a process of its own, one after the other. See the README beside this file.
"""

import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from command_line import parser_with_data_dir
from scipy import sparse

# This process must stay small: on Linux a child inherits its parent's peak memory. So data sets
# are prepared in a process of their own, and scikit-learn isn't imported here.
HERE = Path(__file__).parent
OWN = "sklearn_xmr"
DEFAULT_SYSTEMS = [OWN, "libpecos", "omikuji", "omikuji-bonsai", "napkinxc"]
ONE_THREAD = {
    f"{library}_NUM_THREADS": "1"
    for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR", "RAYON")
}

# figure: how it is written
COLUMNS = {
    "version": "{}",
    "fit_seconds": "{:.2f}",
    "index_seconds": "{:.2f}",
    "peak_mb": "{:.0f}",
    "before_fit_mb": "{:.0f}",
    "model_mb": "{:.1f}",
    "P@1": "{:.2f}",
    "P@3": "{:.2f}",
    "P@5": "{:.2f}",
    "R@10": "{:.2f}",
    "batch_us": "{:.1f}",
    "wide_us": "{:.1f}",
    "single_mean_ms": "{:.3f}",
    "single_p50_ms": "{:.3f}",
    "single_p99_ms": "{:.3f}",
}


def main():
    """Prepare the data, run the systems in turn, print what they reach."""
    options = parse_options()
    interpreters = find_interpreters(options)
    with tempfile.TemporaryDirectory(prefix="compare-peers-") as scratch:
        data = prepare(options, Path(scratch), interpreters)
        # Systems take turns, so that a slow spell of the machine doesn't hit the same one thrice.
        runs = {system: [] for system in interpreters}
        for i in range(options.repeats):
            for system, python in interpreters.items():
                out = Path(scratch) / f"{system}-{i}"
                runs[system].append(run(system, python, data, out))
        Y_test = sparse.load_npz(data / "Y_test.npz")
        print(f"medians of {options.repeats} run(s), one thread, {cpu_model()}", file=sys.stderr)
        writer = csv.writer(sys.stdout)
        writer.writerow(["data", "system", *COLUMNS])
        for system, results in runs.items():
            writer.writerow([data.name, system, *cells(COLUMNS, summarise(results, Y_test))])


def parse_options():
    """Return the command line's options."""
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("dataset", help="a data set that prepare.py knows")
    parser.add_argument(
        "--cache-dir", help="keep prepared matrices here (default: a temporary folder)"
    )
    parser.add_argument(
        "--systems",
        nargs="+",
        metavar="SYSTEM",
        help=f"default: what is installed of {' '.join(DEFAULT_SYSTEMS)}",
    )
    parser.add_argument(
        "--peer-python",
        default=sys.executable,
        help="interpreter of the environment that has the peers (default: this one)",
    )
    parser.add_argument("--rows", type=int, help="train on a random sample of this many rows")
    parser.add_argument("--repeats", type=int, default=1, help="runs of each system (default: 1)")
    return parser.parse_args()


def find_interpreters(options):
    """Return a dict of each system to compare and the interpreter that has it."""
    own = {name: sys.executable for name in installed(sys.executable) if name.startswith(OWN)}
    peers = {
        name: options.peer_python
        for name in installed(options.peer_python)
        if not name.startswith(OWN)
    }
    found = own | peers
    if options.systems is None:
        return {name: found[name] for name in DEFAULT_SYSTEMS if name in found}
    missing = sorted(set(options.systems) - set(found))
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}; installed: {', '.join(found) or 'none'}")
    return {name: found[name] for name in options.systems}


def installed(python):
    """Return the names of the systems that an interpreter has."""
    command = [python, HERE / "systems.py", "--installed"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def prepare(options, scratch, systems):
    """Return the folder of the prepared data set."""
    command = [sys.executable, HERE / "prepare.py", options.dataset]
    command += ["--data-dir", options.data_dir, "--cache-dir", options.cache_dir or scratch]
    command += ["--rows", str(options.rows)] if options.rows else []
    command += ["--text"] if any(name.startswith("omikuji") for name in systems) else []
    process = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if process.returncode:
        sys.exit(process.returncode)
    return Path(process.stdout.strip())


def run(system, python, data, out):
    """Measure one system in a process of its own; return its figures and ranked labels, or None.

    A system that fails, which some do by a signal, leaves a message and an empty row.
    """
    out.mkdir()
    with open(out / "log", "wb") as log:
        process = subprocess.run(
            [python, HERE / "systems.py", system, data, out],
            env=os.environ | ONE_THREAD,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    if process.returncode:
        tail = (out / "log").read_text(errors="replace")[-2000:]
        print(f"{system} failed with exit code {process.returncode}:\n{tail}", file=sys.stderr)
        return None
    figures = json.loads((out / "figures.json").read_text())
    print(f"{system}: fitted in {figures['fit_seconds']:.2f} s", file=sys.stderr)
    return figures, np.load(out / "labels.npy")


def summarise(results, Y_test):
    """Return the median of each figure over the runs of a system, accuracies included."""
    runs = [figures | accuracies(labels, Y_test) for figures, labels in filter(None, results)]
    return {name: median([figures[name] for figures in runs]) for name in COLUMNS if runs}


def median(values):
    """Return the median of numbers; of anything else, the first."""
    return values[0] if isinstance(values[0], str | None) else statistics.median(values)


def accuracies(labels, Y):
    """Return P@1, P@3, P@5 and R@10 in percent, of ranked label ids (-1: none)."""
    rows = np.arange(len(labels))[:, None]
    hits = np.asarray(Y[rows, np.maximum(labels, 0)].todense() > 0) & (labels >= 0)
    n_true = np.maximum(np.diff(Y.indptr), 1)
    figures = {f"P@{k}": 100 * hits[:, :k].sum() / (k * len(hits)) for k in (1, 3, 5)}
    return figures | {"R@10": 100 * np.mean(hits[:, :10].sum(axis=1) / n_true)}


def cells(columns, figures):
    """Return the figures as they are written; nothing for those that there are not."""
    values = ((figures.get(name), form) for name, form in columns.items())
    return ["" if value is None else form.format(value) for value, form in values]


def cpu_model():
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


if __name__ == "__main__":
    main()
