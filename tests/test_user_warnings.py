"""Warnings as users read them: of their own line, and few."""

import warnings

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from helpers.reference import make_problem
from sklearn_xmr import HierarchicalKMeansIndexer, WordNgramTfidf, XRLinearClassifier

INDEXER = HierarchicalKMeansIndexer(2, max_leaf_size=2, random_state=0)


def caught(call):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        call()
    return found


def no_score(*_):
    return 0.0


def test_a_search_warns_once_of_pruning():
    X, Y = make_problem()
    model = XRLinearClassifier(INDEXER, prune_threshold=1e6, random_state=0)
    search = GridSearchCV(model, {"C": [0.5, 1.0]}, cv=2, scoring=no_score)
    for call in (search.fit, model.fit):
        found = caught(lambda call=call: call(X, Y))
        assert len(found) == 1
        assert found[0].filename == __file__
        message = str(found[0].message)
        assert "nodes are smaller than prune_threshold=1000000.0 and were pruned" in message
        assert "lower prune_threshold" in message
    # Labels and depth of the tree leave no other nodes than these.
    layers = model.layers_
    n_nodes = sum(layer.has_models.sum() for layer in layers)
    assert f"below {n_nodes} of {n_nodes} nodes" in message


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_a_search_elsewhere_warns_once_of_pruning(backend, capfd):
    X, Y = make_problem()
    model = XRLinearClassifier(INDEXER, prune_threshold=1e6, random_state=0)
    # A function of this one goes to processes as it is: they need not find this module.
    search = GridSearchCV(model, {"C": [0.5, 1.0]}, cv=2, scoring=lambda *_: 0.0)
    with parallel_config(backend, n_jobs=2):
        [found] = caught(lambda: search.fit(X, Y))
    assert found.filename == __file__
    assert "were pruned" in str(found.message)
    assert "pruned" not in capfd.readouterr().err  # of the processes


def test_whole_numbers_are_classes():
    X, y = np.eye(60), np.arange(60)
    for labels in (y, y.astype(np.int8), y.astype(str), y.astype(object).astype(str)):
        model = XRLinearClassifier(random_state=0)
        assert caught(lambda model=model, labels=labels: model.fit(X, labels)) == []


def test_real_numbers_are_none():
    with pytest.raises(ValueError, match="Unknown label type"):
        XRLinearClassifier().fit(np.eye(3), [0.5, 1.5, 2.5])


@pytest.mark.parametrize("wrap", [lambda model: model, make_pipeline])
def test_warnings_point_at_the_line_of_the_call(wrap):
    vectorizer = wrap(WordNgramTfidf(stop_words=["don't"]))
    [found] = caught(lambda: vectorizer.fit(["some text"]))
    assert found.filename == __file__
    model = wrap(XRLinearClassifier(INDEXER, max_iter=1, tol=1e-9, random_state=0))
    found = caught(lambda: model.fit(*make_problem()))
    assert {warning.filename for warning in found} == {__file__}
