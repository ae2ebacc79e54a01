"""Threads: the same answers however many rank, and no more of them than asked for."""

import threading
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.testing import assert_array_equal

from helpers.reference import TREES, make_problem, queries
from sklearn_xmr import LabelTree, XRLinearClassifier
from sklearn_xmr._matching import beam_search
from sklearn_xmr._threads import threads_here


@pytest.fixture(scope="module")
def model():
    return XRLinearClassifier(LabelTree.from_parents(TREES["deep"]), random_state=0).fit(
        *make_problem()
    )


@pytest.fixture
def threads_used(monkeypatch):
    # Small batches, and the threads that search them; each waits for the others to have begun.
    used = []
    search_layers = beam_search._search_layers

    def recorded(layers, queries, *args):
        used.append((threading.get_ident(), queries.n_rows))
        return search_layers(layers, queries, *args)

    monkeypatch.setattr(beam_search, "_search_layers", recorded)
    monkeypatch.setattr(beam_search, "THREAD_QUERIES", 8)
    return used


@pytest.mark.parametrize("n_rows", [1, 2, 15, 16, 17, 40, 400])
@pytest.mark.parametrize("n_jobs", [1, 2, 3])
def test_batches(model, threads_used, monkeypatch, n_rows, n_jobs):
    monkeypatch.setattr(beam_search, "BATCH_QUERIES", 50)
    X = sp.vstack([queries()] * 10, format="csr")
    expected = [model.rank(X[[i]], 4) for i in range(n_rows)]
    threads_used.clear()
    model.n_jobs = n_jobs
    labels, scores = model.rank(X[:n_rows], 4)
    model.n_jobs = None
    assert_array_equal(labels, np.vstack([found for found, _ in expected]))
    assert_array_equal(scores, np.vstack([found for _, found in expected]))
    sizes = [size for _, size in threads_used]
    assert sum(sizes) == n_rows
    assert max(sizes) <= 50
    if n_rows >= 8 * n_jobs:
        assert len(sizes) % n_jobs == 0
        assert max(sizes) - min(sizes) < n_jobs * len(sizes)


def test_many_threads_rank_at_once(model):
    X = queries()
    expected = {k: model.rank(X, k) for k in range(1, 9)}
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: model.rank(X, 1 + i % 8), range(200)))
        single = list(pool.map(lambda i: model.rank(X[[i % 40]], 5), range(400)))
    for i, (labels, scores) in enumerate(found):
        assert_array_equal(labels, expected[1 + i % 8][0])
        assert_array_equal(scores, expected[1 + i % 8][1])
    for i, (labels, scores) in enumerate(single):
        assert_array_equal(labels[0], expected[5][0][i % 40])
        assert_array_equal(scores[0], expected[5][1][i % 40])


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("n_jobs", [2, -1])
def test_tasks_of_others_take_a_single_thread(backend, n_jobs):
    with joblib.parallel_config(backend=backend):
        nested = Parallel(n_jobs=2)(delayed(threads_here)(n_jobs) for _ in range(2))
        alone = Parallel(n_jobs=1)(delayed(threads_here)(n_jobs) for _ in range(2))
    assert nested == [1, 1]
    assert alone == [joblib.effective_n_jobs(n_jobs)] * 2
    assert threads_here(n_jobs) == joblib.effective_n_jobs(n_jobs)


def test_ranking_inside_of_tasks(model, threads_used):
    X = sp.vstack([queries()] * 4, format="csr")
    model.n_jobs = 2

    def task():
        return threading.get_ident(), model.rank(X, 3)

    found = Parallel(n_jobs=2, backend="threading")(delayed(task)() for _ in range(4))
    model.n_jobs = None
    assert {thread for thread, _ in threads_used} == {thread for thread, _ in found}
    threads_used.clear()
    expected = model.rank(X, 3)
    for _, (labels, scores) in found:
        assert_array_equal(labels, expected[0])
        assert_array_equal(scores, expected[1])
