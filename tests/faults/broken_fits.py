"""Interrupt fits, or take memory from them, at many points, and look at what is left.

    PYTHONPATH=tests python -m faults.broken_fits --kind threads --times 20 --rows 50000

An estimator must be as it was, and nothing of the fit may stay in memory. How long the ends take is
printed: on the clock, which counts what else the machine does, and of this process's processor time
from when Python heard of the signal. A program of its own: limits and signals are a process's.
"""

import argparse
import contextlib
import copy
import gc
import os
import resource
import signal
import time
import tracemalloc

import numpy as np
import scipy.sparse as sp
from joblib import parallel_config
from sklearn.base import clone

from sklearn_xmr import ProductRetriever, QueryAutocompleter, XRLinearClassifier

PAGE = os.sysconf("SC_PAGE_SIZE")


def problem(n_rows, seed=0):
    """Rows of texts' shape, each with one of a hundredth as many labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(n_rows // 100, size=n_rows)
    indices = np.column_stack([labels, rng.integers(2000, 20000, (n_rows, 20))]).ravel()
    data = rng.random(indices.size, dtype=np.float32)
    X = sp.csr_array((data, indices.astype(np.int32), np.arange(0, len(data) + 1, 21)))
    X.sum_duplicates()
    return X, labels


def texts(n_rows, seed=0):
    """Queries of a few words."""
    words = np.random.default_rng(seed).integers(500, size=(n_rows, 3))
    return [" ".join(f"w{i}" for i in row) for row in words]


def estimators(n_rows, n_jobs):
    """An estimator fitted to little, and what to fit it to, by name."""
    X, y = problem(n_rows)
    few = texts(50)
    queries = texts(n_rows // 10, seed=1)
    products = {str(i): text for i, text in enumerate(few)}
    clicks = [str(i % 50) for i in range(len(queries))]
    sessions = [queries[i : i + 3] for i in range(0, len(queries), 3)]
    return {
        "classifier": (
            XRLinearClassifier(random_state=0, n_jobs=n_jobs).fit(*problem(500)),
            (X, y),
        ),
        "retriever": (
            ProductRetriever(label_text=products, random_state=0).fit(few, clicks[:50]),
            (queries, clicks),
        ),
        "completer": (
            QueryAutocompleter(random_state=0).fit_sessions(sessions[:9]),
            ([["", query] for query in queries], queries),
        ),
    }


def interrupt_after(seconds, fit, data):
    """Interrupt a fit; return seconds on the clock and of the processor to its end, or None."""
    at = {}

    def interrupt(*_):
        at.update(clock=time.perf_counter(), processor=time.process_time())
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupt)
    due = time.perf_counter() + seconds
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        fit(*data)
    except KeyboardInterrupt:
        # A call into a kernel comes to its end before Python hears of the signal.
        return time.perf_counter() - due, time.process_time() - at["processor"]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return None


def short_of_memory(n_bytes, fit, data):
    """Fit with no more than so many bytes on top of what is there; whether that was too little."""
    with open("/proc/self/statm") as file:
        present = int(file.read().split()[0]) * PAGE
    # NumPy may crash where a buffer of its own finds no memory: an index of int32, say.
    resource.setrlimit(resource.RLIMIT_AS, (present + n_bytes, resource.RLIM_INFINITY))
    try:
        fit(*data)
    except MemoryError:
        return True
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
    return False


def run(kind, times, n_rows):
    """Break fits; print a line for each estimator, and fail if one is not as it was."""
    rng = np.random.default_rng(0)
    for name, (model, data) in estimators(n_rows, None if kind == "memory" else 2).items():
        start = time.perf_counter()
        clone(model).fit(*data)
        whole = time.perf_counter() - start
        tracemalloc.start()
        ends, n_broken = [], 0
        for _ in range(times):
            again = copy.copy(model)
            before = dict(vars(again))
            if kind == "memory":  # little may suffice: what earlier fits gave back is there
                broken = short_of_memory(int(2 ** rng.uniform(12, 26)), again.fit, data)
            else:
                end = interrupt_after(rng.uniform(0.01, 0.9) * whole, again.fit, data)
                broken = end is not None
                ends += [end] if broken else []
            if broken:
                n_broken += 1
                after = {**vars(again)}
                after.pop("_lock", None)  # not copied, made when first needed
                assert after.keys() == before.keys()
                changed = [key for key in before if after[key] is not before[key]]
                assert not changed, changed
        again.fit(*data)  # works again; and Python keeps the frames of the last MemoryError
        del again
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert n_broken or kind == "memory"
        assert kept < 2**21, kept
        slowest = [round(max(seconds), 2) for seconds in zip(*ends, strict=True)]
        print(
            f"{kind}, {name}: {n_broken} of {times} broken, a whole fit {whole:.1f} s, slowest end "
            f"{slowest} s, {kept} bytes kept",
            flush=True,
        )


def main():
    """Break fits in threads, in processes, under Dask, or by a limit of memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=["threads", "loky", "dask", "memory"], default="threads")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--rows", type=int, default=20_000)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        if options.kind == "dask":
            from distributed import Client

            stack.enter_context(Client(n_workers=2, threads_per_worker=1, dashboard_address=None))
        if options.kind in ("dask", "loky"):
            stack.enter_context(parallel_config(options.kind))
        run(options.kind, options.times, options.rows)


if __name__ == "__main__":
    main()
