"""Training in other processes: what they are sent, and a Dask cluster whose workers die."""

import os
import signal
import subprocess
import sys
import time
from itertools import chain, count

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import normalize

from helpers.matrices import random_csr
from helpers.reference import make_problem, random_tree
from sklearn_xmr import CharNgramTfidf, HierarchicalKMeansIndexer, XRLinearClassifier
from sklearn_xmr._matching.tree_layout import labels_below, positive_nodes, tree_layout
from sklearn_xmr._sparse import Csr
from sklearn_xmr._threads import threads_here
from sklearn_xmr._training.dask_tasks import run_on_dask
from sklearn_xmr._training.layer_data import LayerData
from sklearn_xmr._training.node_tasks import plan_tasks, train_nodes
from sklearn_xmr._training.shards import Shard, plan_shards
from sklearn_xmr._training.solver import Objective
from sklearn_xmr.label_features import pifa

OBJECTIVE = Objective(
    loss="squared_hinge", C=1.0, bias_feature=1.0, tol=0.1, max_iter=20, prune_threshold=0.05
)


def layer_data(Y, layouts):
    positives = positive_nodes(Y, layouts)
    members = [sp.csr_array(np.diff(Y.indptr)[:, None] > 0), *positives[:-1]]
    pairs = zip(members, positives, strict=True)
    return {depth: LayerData.gather(*pair) for depth, pair in enumerate(pairs)}


def same_arrays(one, other):
    """Whether two results of training are equal to the last bit."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same_arrays, one, other))
    return one == other


def packed(model):
    """All arrays of a fitted model."""
    names = "node_of", "nodes", "slots", "entries", "intercepts"
    arrays = [[getattr(layer, name) for name in names] for layer in model.layers_]
    return [model.n_iter_, *model.label_tree_.parents, *arrays]


class TestShards:
    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 2**16), st.integers(1, 4), st.integers(1, 5), st.booleans())
    def test_training_a_shard_is_training_on_all_rows(self, seed, n_layers, n_workers, weighted):
        rng = np.random.default_rng(seed)
        n_labels = int(rng.integers(2, 80))
        layouts = tree_layout(random_tree(rng, n_labels, n_layers, max_width=20))
        X = random_csr(rng, (40, 15), 0.3)
        Y = random_csr(rng, (40, n_labels), 0.05)
        data = layer_data(Y, layouts)
        if weighted:
            row_weights = rng.uniform(0.5, 2, 40).astype(np.float32)
            data = {
                depth: layer._replace(
                    row_weights=row_weights,
                    positive_weights=rng.uniform(0.5, 2, len(layer.positives)).astype(np.float32),
                )
                for depth, layer in data.items()
            }
        tasks = plan_tasks(data, layouts, n_workers)
        trained = dict(
            zip(tasks, train_nodes(Csr.of(X), data, tasks, OBJECTIVE, seed), strict=True)
        )
        plan = plan_shards(data, layouts, tasks, n_workers)
        assert sorted(task for batches in plan for batch in batches for task in batch) == sorted(
            tasks
        )
        below = labels_below(layouts)
        for batches in plan:
            of_shard = [task for batch in batches for task in batch]
            shard = Shard.cut(X, data, of_shard)
            # The rows with a label below one of the nodes, and no others.
            labels = set()
            for task in of_shard:
                if task.depth == 0:
                    labels |= set(range(n_labels))
                else:
                    indptr, found = below[task.depth - 1]
                    labels |= set(found[indptr[task.parent] : indptr[task.parent + 1]].tolist())
            needed = [i for i in range(40) if labels & set(Y[[i]].indices.tolist())]
            assert_array_equal(shard.rows.indptr, X[needed].indptr)
            assert_array_equal(shard.rows.indices, X[needed].indices)
            assert_array_equal(shard.rows.data, X[needed].data)
            for batch in batches:
                found = shard.train(batch, OBJECTIVE, seed)
                assert same_arrays(found, [trained[task] for task in batch])

    def test_a_subtree_is_sent_once(self):
        # Two layers of eight below eight: each worker's share is about one node of the first layer.
        X, Y = make_problem(n_labels=512, n_samples=600)
        Y = sp.csr_array(np.eye(512, dtype=np.int8)[np.arange(600) % 512])
        Z = sp.csr_array(np.eye(512, dtype=np.float32))
        indexer = HierarchicalKMeansIndexer(branching_factor=8, max_leaf_size=8, random_state=0)
        layouts = tree_layout(indexer.fit(Z).tree_)
        data = layer_data(Y, layouts)
        plan = plan_shards(data, layouts, plan_tasks(data, layouts, 2), 2)
        shards = [Shard.cut(X, data, [*chain(*batches)]) for batches in plan]
        n_sent = [shard.rows.n_rows for shard in shards]
        assert n_sent[0] == 600  # the root needs all
        assert sum(n_sent[1:]) < 2 * 600


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    n_rows, n_labels = 1500, 150
    X = random_csr(rng, (n_rows, 300), 0.05)
    Y = sp.csr_array(
        (np.ones(n_rows, dtype=int), (np.arange(n_rows), rng.integers(0, n_labels, n_rows))),
        shape=(n_rows, n_labels),
    )
    return normalize(X), Y


@pytest.fixture(scope="module")
def model():
    indexer = HierarchicalKMeansIndexer(branching_factor=20, max_leaf_size=5)
    return XRLinearClassifier(indexer, random_state=0)


@pytest.fixture(scope="module")
def expected(model, problem):
    return packed(model.fit(*problem))


def test_processes_of_this_machine(model, problem, expected):
    with parallel_config("loky", n_jobs=2):
        assert same_arrays(packed(model.fit(*problem)), expected)


@pytest.mark.parametrize("n_jobs", [None, 1, 3])
def test_threads_beside_processes(n_jobs):
    """Workers count for training alone."""
    with parallel_config("loky", n_jobs=2):
        assert threads_here(n_jobs) == (n_jobs or 1)
    for of_threads in ({"n_jobs": 2}, {"n_jobs": 2, "backend": "threading"}):
        with parallel_config(**of_threads):
            assert threads_here(n_jobs) == (n_jobs or 2)


def test_nothing_of_dask_is_imported_unasked():
    code = (
        "import sys, numpy as np; from sklearn_xmr import XRLinearClassifier as C;"
        "C(n_jobs=2).fit(np.eye(4), [0, 1, 1, 0]).rank(np.eye(4));"
        "sys.exit('distributed' in sys.modules or 'dask' in sys.modules)"
    )
    # The installed package, not the sources here: Python 3.10 has no other way to say it.
    code = "import sys; sys.path.remove(''); " + code
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.fixture(scope="module")
def client():
    dask = pytest.importorskip("dask")
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    # On a busy machine, a cluster gives up a worker that takes long to start again.
    patience = {
        "distributed.comm.timeouts.connect": "120s",
        "distributed.deploy.lost-worker-timeout": "120s",
    }
    with (
        dask.config.set(patience),
        distributed.LocalCluster(**options, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


class TestDask:
    def test_the_same_model(self, client, model, problem, expected):
        with parallel_config("dask"):
            fitted = model.fit(*problem)
            found = fitted.rank(problem[0])
        assert same_arrays(packed(fitted), expected)
        assert same_arrays(found, fitted.rank(problem[0]))
        assert not client.has_what() or not any(client.has_what().values())

    def test_training_is_the_workers_work(self, client, model, problem, monkeypatch):
        def refuse(*_):
            raise AssertionError("trained in the client")

        monkeypatch.setattr("sklearn_xmr._training.scheduling.train_nodes", refuse)
        monkeypatch.setattr("sklearn_xmr._training.shards.train_nodes", refuse)
        with parallel_config("dask"):
            model.fit(*problem)

    def test_negatives_by_search(self, client, model, problem):
        searching = clone(model).set_params(negatives="tfn+man")
        expected = packed(searching.fit(*problem))
        with parallel_config("dask"):
            assert same_arrays(packed(searching.fit(*problem)), expected)

    def test_all_else_stays_in_this_process(self, client, model, problem, monkeypatch):
        X, Y = problem
        model.fit(X, Y)
        submit, submitted = client.submit, []
        monkeypatch.setattr(
            client, "submit", lambda *args, **kw: submitted.append(args) or submit(*args, **kw)
        )
        with parallel_config("dask"):
            model.rank(sp.vstack([X] * 4))  # in more than one batch
            HierarchicalKMeansIndexer(random_state=0).fit(X)
            HierarchicalKMeansIndexer(random_state=0, balanced=False).fit(X)
            pifa(X, Y, n_jobs=2)
            CharNgramTfidf().fit(["some text " * 10_000] * 30)  # in chunks
            assert not submitted
            model.fit(X, Y)
        assert submitted

    # Scikit-learn 1.7 warns of the many labels, whatever the classifier is.
    @pytest.mark.filterwarnings("ignore:The number of unique classes")
    def test_a_search_over_parameters(self, client, model, problem):
        search = GridSearchCV(model, {"C": [0.1, 1]}, cv=2, scoring="f1_micro", refit=False)
        scores = search.fit(*problem).cv_results_["mean_test_score"]
        with parallel_config("dask"):
            found = search.fit(*problem).cv_results_["mean_test_score"]
        assert_array_equal(found, scores)

    def test_a_worker_that_holds_data_is_killed(
        self, client, model, problem, expected, monkeypatch
    ):
        pids = client.run(os.getpid)
        cut = Shard.cut
        cuts, killed = [], []

        def cut_and_kill(X, layers, tasks):
            # The client holds on to the data of tasks that it has no result of.
            holders = [address for address, keys in client.has_what().items() if keys]
            if len(cuts) >= 2 and holders and not killed:
                killed.append(holders[0])
                os.kill(pids[holders[0]], signal.SIGKILL)
            cuts.append(tuple(tasks))
            return cut(X, layers, tasks)

        monkeypatch.setattr(Shard, "cut", cut_and_kill)
        with parallel_config("dask"):
            assert same_arrays(packed(model.fit(*problem)), expected)
        assert killed
        assert len(cuts) > len(set(cuts))  # what was lost was cut and sent again

    def test_an_interrupted_fit_leaves_nothing_behind(
        self, client, model, problem, expected, monkeypatch
    ):
        client.wait_for_workers(2)  # one may just have been killed
        fitted = model.fit(*problem)
        before, cut, cuts = dict(vars(fitted)), Shard.cut, count()
        # A shell lets what it runs in the background ignore the signal.
        handler = signal.signal(signal.SIGINT, signal.default_int_handler)

        def cut_and_interrupt(*args):
            if next(cuts) == 2:  # workers have had tasks by then
                signal.raise_signal(signal.SIGINT)
            return cut(*args)

        with monkeypatch.context() as patch, parallel_config("dask"):
            patch.setattr(Shard, "cut", cut_and_interrupt)
            try:
                with pytest.raises(KeyboardInterrupt):
                    fitted.fit(*problem)
            finally:
                signal.signal(signal.SIGINT, handler)
        after = vars(fitted)
        assert after.keys() == before.keys()
        assert all(after[name] is before[name] for name in before)
        give_up = time.monotonic() + 60
        while any(client.has_what().values()) or any(client.processing().values()):
            assert time.monotonic() < give_up, "the cluster still works, or holds data"
            time.sleep(0.01)
        with parallel_config("dask"):
            assert same_arrays(packed(fitted.fit(*problem)), expected)

    def test_an_error_in_a_task_is_raised_as_it_is(self, client):
        with pytest.raises(ZeroDivisionError):
            run_on_dask(client, divmod, [("zero", (0,))], lambda key: 1)
        assert run_on_dask(client, divmod, [("a", (2,)), ("b", (3,)), ("a", (4,))], ord) == [
            divmod(97, 2),
            divmod(98, 3),
            divmod(97, 4),
        ]

    def test_a_task_that_kills_its_worker_is_given_up(self, client, monkeypatch):
        monkeypatch.setattr("sklearn_xmr._training.dask_tasks.RESUBMISSIONS", 1)
        with pytest.raises(RuntimeError, match="lost a task 2 times"):
            run_on_dask(client, os._exit, [("code", ())], lambda key: 1)

    def test_a_lost_task_is_submitted_three_times_more(self, client, monkeypatch):
        tries = []

        def break_off(*_, **__):
            tries.append(1)
            raise OSError("the other end hung up")

        monkeypatch.setattr("sklearn_xmr._training.dask_tasks.PAUSE", 0)
        monkeypatch.setattr(client, "scatter", break_off)
        with pytest.raises(RuntimeError, match=r"lost a task 4 times.*OSError: the other end hung"):
            run_on_dask(client, divmod, [("a", (1,))], ord)
        assert len(tries) == 4
