"""ancestor_weight: what the nodes above a label count beside its own score."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from helpers.reference import TREES, make_problem
from sklearn_xmr import HierarchicalKMeansIndexer, LabelTree, XRLinearClassifier
from sklearn_xmr.inspection import explain
from sklearn_xmr.interop import dump_pecos_model

LOSSES = {
    "l2_hinge": lambda z: -(np.maximum(0, 1 - z) ** 2),
    "l3_hinge": lambda z: -(np.maximum(0, 1 - z) ** 3),
    "sigmoid": lambda z: -np.logaddexp(0, -z),
}


def tree_of(name):
    return LabelTree.from_parents(TREES[name])


def naive_scores(model, X, weight):
    # In the log domain, of all labels: a product for each layer, and paths added up.
    loss = LOSSES[model.score_transform.removeprefix("log_")]
    above = np.zeros((X.shape[0], 1))
    for depth, layer in enumerate(model.layers_):
        parents, is_last = model.label_tree_.parents[depth], depth == len(model.layers_) - 1
        own = loss((X @ layer.coef_).toarray() + layer.intercept_) * layer.has_model_
        above = (weight if is_last else 1) * above[:, parents] + own
    return above


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("transform", ["l3_hinge", "log_l2_hinge", "sigmoid"])
def test_scores_of_all_methods(tree, transform):
    X, Y = make_problem()
    options = {"score_transform": transform, "beam_width": 12, "shortlist_size": 12}
    model = XRLinearClassifier(tree_of(tree), random_state=0, **options).fit(X, Y)
    for weight in (1, 0.4, 2.5):
        model.set_params(ancestor_weight=weight)
        expected = naive_scores(model, X, weight)
        shown = expected if transform.startswith("log") else np.exp(expected)
        labels, scores = model.rank(X, 12)
        assert_allclose(scores, np.take_along_axis(shown, labels, axis=1), rtol=1e-4, atol=1e-6)
        assert_allclose(model.decision_function(X), shown, rtol=1e-4, atol=1e-6)
        assert_allclose(model.score_pairs(X, np.arange(12)), shown, rtol=1e-4, atol=1e-6)
        for label in (0, 7):
            explained = explain(model, X[[3]], label)
            assert_allclose(explained.score, shown[3, label], rtol=1e-4, atol=1e-6)


def test_it_leaves_the_beam_alone():
    X, Y = make_problem()
    model = XRLinearClassifier(tree_of("deep"), beam_width=1, random_state=0).fit(X, Y)
    reached = np.sort(model.rank(X, 3)[0], axis=1)
    assert_array_equal(
        np.sort(model.set_params(ancestor_weight=0.01).rank(X, 3)[0], axis=1), reached
    )


def test_margins_alone_know_no_ancestors():
    X, Y = make_problem()
    model = XRLinearClassifier(tree_of("only children"), score_transform="noop", random_state=0)
    labels, scores = model.fit(X, Y).rank(X, 12)
    weighted = model.set_params(ancestor_weight=0.3).rank(X, 12)
    assert_array_equal(weighted[0], labels)
    assert_array_equal(weighted[1], scores)


def test_of_a_matcher():
    class Uniform:
        def fit(self, X, M):
            self.n_nodes = M.shape[1]

        def match(self, X, k):
            nodes = np.broadcast_to(np.arange(self.n_nodes), (X.shape[0], self.n_nodes))
            return nodes, np.broadcast_to(-np.arange(1.0, self.n_nodes + 1), nodes.shape)

    X, Y = make_problem()
    options = {"score_transform": "log_l3_hinge", "shortlist_size": 12, "random_state": 0}
    model = XRLinearClassifier(tree_of("two layers"), matcher=Uniform(), **options).fit(X, Y)
    before, above = model.decision_function(X), -np.repeat(np.arange(1.0, 4), 4)
    after = model.set_params(ancestor_weight=0.25).decision_function(X)
    assert_allclose(after, before - 0.75 * above, rtol=1e-5)


def test_trees_of_an_ensemble():
    X, Y = make_problem()
    indexer = HierarchicalKMeansIndexer(3, max_leaf_size=2)
    options = {"n_trees": 3, "beam_width": 12, "shortlist_size": 12, "random_state": 0}
    model = XRLinearClassifier(indexer, ancestor_weight=0.5, **options).fit(X, Y)
    labels, scores = model.rank(X, 12)
    assert_allclose(model.score_pairs(X, labels), scores, rtol=1e-5)
    assert not np.allclose(scores, model.set_params(ancestor_weight=1).rank(X, 12)[1])


@pytest.mark.parametrize("weight", [0, -1, np.nan, np.inf, "half", None])
def test_what_is_no_weight(weight):
    X, Y = make_problem()
    model = XRLinearClassifier(tree_of("two layers"), random_state=0).fit(X, Y)
    with pytest.raises(ValueError, match="'ancestor_weight' parameter"):
        model.set_params(ancestor_weight=weight).rank(X)


def test_pecos_has_none(tmp_path):
    model = XRLinearClassifier(tree_of("two layers"), ancestor_weight=0.5).fit(*make_problem())
    with pytest.raises(ValueError, match=r"model must have an ancestor_weight of 1, got 0.5"):
        dump_pecos_model(model, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []
