"""Ask one model in threads and processes at once, while a copy and a retriever are changed.

    PYTHONPATH=tests python -m faults.together --seconds 60

Every answer must be the one that was given before, or, of the retriever that is changed in place,
one of those before and after a change. Fails otherwise; prints how often was asked.
"""

import argparse
import multiprocessing
import tempfile
import threading
import time
from pathlib import Path

from faults.broken_fits import problem, texts
from sklearn_xmr import ProductRetriever, XRLinearClassifier, load, save, surgery


def answer(model, query):
    """What is ranked, as bytes."""
    return [array.tobytes() for array in model.rank(query, 5)]


def ask(model, queries, expected, until, failures, counts):
    """Ask until it is time, and count; keep what was wrong."""
    n = 0
    while time.time() < until:
        i = n % len(queries)
        if answer(model, queries[i]) not in expected[i]:
            failures.append(i)
        n += 1
    counts.append(n)


def ask_in_a_process(model, queries, expected, until, sent):
    """The same with a model, or a file of it that is mapped."""
    failures, counts = [], []
    model = load(model, mmap=True) if isinstance(model, Path) else model
    ask(model, queries, expected, until, failures, counts)
    sent.put((failures, sum(counts)))


def change(classifier, rows, retriever, until, counts):
    """Add labels to a copy, and a product to the retriever and take it away again."""
    n = 0
    while time.time() < until:
        label = 10**6 + n
        surgery.add_labels(classifier, rows, [[1]] * rows.shape[0], classes=[label])
        retriever.add_labels({"new": "w1 w2 brand new"})
        retriever.remove_labels(["new"])
        n += 1
    counts.append(n)


def states(retriever, queries):
    """The answers before, between and after changes, of a retriever of its own."""
    found = [[answer(retriever, query)] for query in queries]
    for step in range(4):
        if step % 2 == 0:
            retriever.add_labels({"new": "w1 w2 brand new"})
        else:
            retriever.remove_labels(["new"])
        for query, answers in zip(queries, found, strict=True):
            answers.append(answer(retriever, query))
    return found


def run(seconds, n_rows=5000):
    """Return what was wrong, and how often threads, processes and changes came to their end."""
    X, y = problem(n_rows)
    classifier = XRLinearClassifier(random_state=0).fit(X, y)
    rows = [X[i : i + 1] for i in range(100)]
    expected = [[answer(classifier, row)] for row in rows]
    products = {str(i): text for i, text in enumerate(texts(200))}

    def shop():
        return ProductRetriever(label_text=products, random_state=0).fit(
            texts(100, seed=1), [str(i) for i in range(100)]
        )

    retriever, queries = shop(), [[text] for text in texts(50, seed=2)]
    found = states(shop(), queries)
    failures, asked, changes = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.xmr")
        save(classifier, path)
        until = time.time() + seconds
        processes, queues = [], []
        for method in ("fork", "fork", "spawn", "spawn"):
            context = multiprocessing.get_context(method)
            queues.append(context.Queue())
            model = classifier if method == "fork" else path
            arguments = model, rows, expected, until, queues[-1]
            processes.append(context.Process(target=ask_in_a_process, args=arguments))
            processes[-1].start()
        threads = [
            threading.Thread(target=ask, args=(*what, until, failures, asked))
            for what in [(classifier, rows, expected)] * 4 + [(retriever, queries, found)] * 4
        ]
        arguments = classifier, X[:3], retriever, until, changes
        threads.append(threading.Thread(target=change, args=arguments))
        for thread in threads:
            thread.start()
        of_processes = [queue.get() for queue in queues]
        for worker in threads + processes:
            worker.join()
    failures += [i for wrong, _ in of_processes for i in wrong]
    return failures, {
        "threads": sum(asked),
        "processes": [n for _, n in of_processes],
        "changes": sum(changes),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    wrong, counts = run(parser.parse_args().seconds)
    print(counts, f"{len(wrong)} wrong")
    assert not wrong
