"""Serve one model from several processes: how long it takes to open, and whose memory it is in.

    python tests/benchmarks/serving.py package_search --data-dir ~/data

A model is fitted, or taken from ``--model``, and saved. Then processes open it, each for itself or
as a memory map, and rank all test rows. What they hold is read when all of them have done so, from
Linux's ``/proc``: resident memory counts pages that several share in full for each, proportional
memory (PSS) counts them once altogether.
"""

import multiprocessing
import platform
import sys
import tempfile
import time
from pathlib import Path

import joblib
import prepare
from command_line import parser_with_data_dir
from scipy import sparse

from sklearn_xmr import XRLinearClassifier


def main():
    """Print a table of the ways to open a model."""
    options = parse_options()
    if not Path("/proc/self/smaps_rollup").exists():
        sys.exit("this reads /proc/self/smaps_rollup, which Linux alone has")
    with tempfile.TemporaryDirectory() as scratch:
        cache = options.cache_dir or scratch
        data = prepare.prepare(options.dataset, options.data_dir, cache, options.rows)
        model = options.model or fit(data, Path(scratch) / "model.joblib")
        print(
            f"{options.dataset}, {options.processes} processes, model of {mb(model):.0f} MB; "
            f"{platform.processor() or platform.machine()}\n"
        )
        print("| opened | ms to open | resident MB, sum | PSS MB, sum | private MB, each |")
        print("|---|---|---|---|---|")
        for name, mmap_mode in {"copied": None, "mapped": "r"}.items():
            print_row(name, serve(model, mmap_mode, data / "X_test.npz", options.processes))


def parse_options():
    """Return the command line's options."""
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("dataset", choices=prepare.DATASETS)
    parser.add_argument(
        "--cache-dir", help="keep prepared matrices here (default: a temporary folder)"
    )
    parser.add_argument("--rows", type=int, help="train on a random sample of this many rows")
    parser.add_argument("--model", type=Path, help="a model saved by joblib (default: fit one)")
    parser.add_argument("--processes", type=int, default=4, help="default: 4")
    return parser.parse_args()


def fit(data, path):
    """Fit a model, save it and return where it is."""
    X, Y = (sparse.load_npz(data / f"{stem}_train.npz") for stem in ("X", "Y"))
    joblib.dump(XRLinearClassifier(n_jobs=-1, random_state=0).fit(X, Y), path)
    return path


def mb(path):
    """Return the size of a file in MB."""
    return path.stat().st_size / 1e6


def serve(model, mmap_mode, queries, n_processes):
    """Return what each process has measured."""
    context = multiprocessing.get_context("spawn")
    barrier, measured = context.Barrier(n_processes), context.Queue()
    arguments = model, mmap_mode, queries, barrier, measured
    processes = [context.Process(target=work, args=arguments) for _ in range(n_processes)]
    for process in processes:
        process.start()
    found = [measured.get() for _ in processes]
    for process in processes:
        process.join()
    return found


def work(model, mmap_mode, queries, barrier, measured):
    """Open the model, rank, and measure when all others have ranked, too."""
    X = sparse.load_npz(queries)
    start = time.perf_counter()
    model = joblib.load(model, mmap_mode=mmap_mode)
    seconds = time.perf_counter() - start
    model.rank(X)
    barrier.wait()
    memory = read_memory()
    barrier.wait()
    measured.put({"seconds": seconds, **memory})


def read_memory():
    """Return the kinds of this process's memory in kB."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in lines)}


def print_row(name, measured):
    """Print the figures of all processes as a row of the table."""
    resident, shared_out = (sum(found[kind] for found in measured) for kind in ("Rss", "Pss"))
    private = max(found["Private_Clean"] + found["Private_Dirty"] for found in measured)
    milliseconds = 1e3 * max(found["seconds"] for found in measured)
    figures = (f"{kb / 1e3:.0f}" for kb in (resident, shared_out, private))
    print(f"| {name} | {milliseconds:.1f} | {' | '.join(figures)} |")


if __name__ == "__main__":
    main()
