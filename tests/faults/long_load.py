"""Ask for a ranking or a completion again and again, and look at memory and latency.

    PYTHONPATH=tests python -m faults.long_load --times 1000000

Latencies are processor time of the thread. Calls that were interrupted, and those right after, are
told apart: another process has used the caches meanwhile, and even the same call again then takes
several times as long.
"""

import argparse
import os
import resource
import time

import numpy as np
from sklearn.pipeline import make_pipeline

from faults.broken_fits import texts
from sklearn_xmr import QueryAutocompleter, WordNgramTfidf, XRLinearClassifier

PAGE = os.sysconf("SC_PAGE_SIZE")
AFTER = 3  # calls until caches are warm again


def resident():
    """MB of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * PAGE / 2**20


def interruptions():
    """How often another thread or process had this thread's processor."""
    usage = resource.getrusage(resource.RUSAGE_THREAD)
    return usage.ru_nvcsw + usage.ru_nivcsw


def load(name, ask, queries, times):
    """Ask so many times; print memory after a tenth and at the end, and the latencies."""
    taken, switches = np.zeros(times, dtype=np.float32), np.zeros(times, dtype=np.int32)
    early = None
    for i in range(times):
        start = time.thread_time()
        ask(queries[i % len(queries)])
        taken[i] = time.thread_time() - start
        switches[i] = interruptions()
        if i == times // 10:
            early = resident()
    is_calm = np.concatenate([np.zeros(AFTER, dtype=bool), switches[AFTER:] == switches[:-AFTER]])
    print(f"{name}: {times} times, {resident() - early:+.1f} MB since the first tenth", flush=True)
    for calls, which in (taken, "all"), (taken[is_calm], "undisturbed"):
        p50, p99 = np.percentile(calls[len(calls) // 10 :], [50, 99]) * 1000
        print(f"  {which}: p50 {p50:.3f} ms, p99 {p99:.3f} ms", flush=True)


def main():
    """Load a classifier of texts and a completer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=10_000)
    times = parser.parse_args().times
    queries = texts(5000)
    labels = [text.split()[0] for text in queries]
    vectorizer, classifier = WordNgramTfidf(), XRLinearClassifier(random_state=0)
    make_pipeline(vectorizer, classifier).fit(queries, labels)
    load("ranking", lambda q: classifier.rank(vectorizer.transform([q]), 10), queries, times)
    sessions = [queries[i : i + 3] for i in range(0, len(queries), 3)]
    completer = QueryAutocompleter(random_state=0).fit_sessions(sessions)
    load("completion", lambda q: completer.complete(q, q[:3], 10), queries, times)


if __name__ == "__main__":
    main()
