"""Ask for rankings and completions again and again, and look at memory and latency.

    PYTHONPATH=tests python -m faults.long_load --times 1000000

Latencies are processor time of the thread. One call again and again tells what part of the tail is
the machine's. Calls that were interrupted, and those right after, are told apart: another process
has used the caches meanwhile.
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


def asked(ask, queries, times):
    """Return seconds of each call, whether it was undisturbed, and MB of growth after a tenth."""
    taken, switches = np.zeros(times, dtype=np.float32), np.zeros(times, dtype=np.int32)
    early = 0.0
    for i in range(times):
        start = time.thread_time()
        ask(queries[i % len(queries)])
        taken[i] = time.thread_time() - start
        switches[i] = interruptions()
        if i == times // 10:
            early = resident()
    is_calm = np.concatenate([np.zeros(AFTER, dtype=bool), switches[AFTER:] == switches[:-AFTER]])
    return taken, is_calm, resident() - early


def load(name, ask, queries, times):
    """Ask all queries in turn, then one of them a tenth as often; print memory and latencies."""
    for which, some, n_times in ("in turn", queries, times), ("one", queries[:1], times // 10):
        taken, is_calm, grown = asked(ask, some, n_times)
        print(f"{name}, {which}: {n_times} times, {grown:+.1f} MB after a tenth", flush=True)
        counted = np.arange(n_times) >= n_times // 10
        for calls, those in (counted, "all"), (counted & is_calm, "undisturbed"):
            p50, p99 = np.percentile(taken[calls], [50, 99]) * 1000
            ratio = f"{p99 / p50:.2f} times as long"
            print(f"  {those}: p50 {p50:.3f} ms, p99 {p99:.3f} ms, {ratio}", flush=True)


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
