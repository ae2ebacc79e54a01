"""What a fit tells of itself while it goes on."""

import pickle
import re

import joblib
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from helpers.reference import make_problem
from sklearn_xmr import HierarchicalKMeansIndexer, XRLinearClassifier, load, save

INDEXER = HierarchicalKMeansIndexer(2, max_leaf_size=1, random_state=0)
X, Y = make_problem()
LINE = re.compile(
    r"\[XRLinearClassifier\] tree (\d) of (\d), layers (\d) to (\d) of (\d): (\d+) of (\d+) nodes"
)


def model(**params):
    return XRLinearClassifier(INDEXER, random_state=0, **params)


def assert_same_ranking(found, expected):
    for array, other in zip(found.rank(X, 3), expected.rank(X, 3), strict=True):
        assert_array_equal(array, other)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_lines(n_jobs, capsys):
    fitted = model(n_trees=2, verbose=1, n_jobs=n_jobs).fit(X, Y)
    found = [LINE.fullmatch(line) for line in capsys.readouterr().out.splitlines()]
    lines = [tuple(map(int, match.groups())) for match in found if match]
    for number, tree in enumerate(fitted.trees_, start=1):
        n_layers = len(tree.layers)
        n_nodes = sum(int(layer.has_models.sum()) for layer in tree.layers)
        done = [line[5] for line in lines if line[:5] == (number, 2, 1, n_layers, n_layers)]
        assert done[0] == 0
        assert done[-1] == n_nodes
        assert done == sorted(done)
        assert len(done) > 3
    assert_same_ranking(fitted, model(n_trees=2).fit(X, Y))


class Listener:
    """Notes what it is told."""

    max_propagation_depth = 5

    def __init__(self):
        self.heard = []

    def setup(self, estimator, context):
        self.heard.append("setup")

    def teardown(self, estimator, context):
        self.heard.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.heard.append(("begin", context.estimator_name, context.task_name))

    def on_fit_task_end(self, estimator, context):
        self.heard.append(("end", context.estimator_name, context.task_name))


needs_callbacks = pytest.mark.skipif(
    not hasattr(XRLinearClassifier, "set_callbacks"), reason="scikit-learn has callbacks since 1.9"
)


def tasks(listener, name="XRLinearClassifier"):
    heard = [event for event in listener.heard if isinstance(event, tuple) and event[1] == name]
    return [(kind, task) for kind, _, task in heard]


@needs_callbacks
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_callbacks(n_jobs):
    listener = Listener()
    fitted = model(n_jobs=n_jobs).set_callbacks(listener).fit(X, Y)
    heard = tasks(listener)
    n_layers = len(fitted.layers_)
    around = ["fit", "tree", f"layers 1 to {n_layers} of {n_layers}"]
    assert heard[:3] == [("begin", task) for task in around]
    assert heard[-3:] == [("end", task) for task in around[::-1]]
    inner = heard[3:-3]
    assert inner == [("begin", "nodes"), ("end", "nodes")] * (len(inner) // 2)
    assert len(inner) > 4
    assert (listener.heard[0], listener.heard[-1]) == ("setup", "teardown")
    assert_same_ranking(fitted, model().fit(X, Y))


@needs_callbacks
def test_callbacks_of_pipelines_and_searches():
    search = GridSearchCV(
        make_pipeline(MaxAbsScaler(), model()),
        {"xrlinearclassifier__C": [0.5, 1.0]},
        cv=2,
        scoring=lambda *_: 0.0,
    )
    listener = Listener()
    with pytest.warns(UserWarning, match="MaxAbsScaler does not support callbacks"):
        search.set_callbacks(listener).fit(X, Y)
    heard = tasks(listener)
    assert heard.count(("begin", "tree")) == heard.count(("end", "tree")) == 5


@needs_callbacks
def test_a_failed_fit_tears_down():
    listener = Listener()
    with pytest.raises(ValueError, match="inconsistent"):
        model().set_callbacks(listener).fit(X, Y[:-1])
    assert listener.heard[-1] == "teardown"


@needs_callbacks
def test_listeners_are_not_stored(tmp_path):
    fitted = model().set_callbacks(Listener()).fit(X, Y)
    save(fitted, tmp_path / "model.xmr")
    for other in (load(tmp_path / "model.xmr"), pickle.loads(pickle.dumps(fitted))):
        assert_same_ranking(other, fitted)
    assert not hasattr(load(tmp_path / "model.xmr"), "_skl_callbacks")
    assert clone(fitted).get_params().keys() == fitted.get_params().keys()


def test_progress_in_memory_is_no_part_of_the_key(tmp_path, capsys):
    memory = joblib.Memory(tmp_path, verbose=0)
    model(memory=memory, verbose=1).fit(X, Y)
    assert LINE.search(capsys.readouterr().out)
    model(memory=memory, verbose=1).fit(X, Y)
    assert not LINE.search(capsys.readouterr().out)
