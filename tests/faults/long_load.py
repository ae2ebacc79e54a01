"""Ask for a ranking or a completion again and again, and look at memory and latency.

    PYTHONPATH=tests python -m faults.long_load --times 1000000

Latencies are processor time of the thread, so that they tell nothing of what else the machine does.
"""

import argparse
import os
import time

import numpy as np
from sklearn.pipeline import make_pipeline

from faults.broken_fits import texts
from sklearn_xmr import QueryAutocompleter, WordNgramTfidf, XRLinearClassifier

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident():
    """MB of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * PAGE / 2**20


def load(name, ask, queries, times):
    """Ask so many times; print memory after a tenth and at the end, and the latencies."""
    taken = np.zeros(times, dtype=np.float32)
    early = None
    for i in range(times):
        start = time.thread_time()
        ask(queries[i % len(queries)])
        taken[i] = time.thread_time() - start
        if i == times // 10:
            early = resident()
    p50, p99 = np.percentile(taken[times // 10 :], [50, 99]) * 1000
    print(
        f"{name}: {times} times, {resident() - early:+.1f} MB since the first tenth, p50 "
        f"{p50:.3f} ms, p99 {p99:.3f} ms",
        flush=True,
    )


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
