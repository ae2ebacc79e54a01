"""Ensembles of trees: what their rankings merge to, by hand from each tree alone."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp
from joblib import parallel_config
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, softmax
from sklearn.base import clone

from helpers.reference import TRANSFORMS, TREES, Reference, make_problem, queries, shown
from sklearn_xmr import (
    HierarchicalKMeansIndexer,
    LabelTree,
    QueryAutocompleter,
    TrieIndexer,
    XRLinearClassifier,
)
from sklearn_xmr.label_features import pifa

INDEXER = HierarchicalKMeansIndexer(2, max_leaf_size=2)


def fitted(**params):
    params = {"n_trees": 3, "random_state": 0, "shortlist_size": 5, "beam_width": 2} | params
    return XRLinearClassifier(INDEXER, **params).fit(*make_problem())


@pytest.fixture(scope="module")
def model():
    return fitted()


def weights(layers):
    return [(layer.coef_.toarray(), layer.intercept_) for layer in layers]


def assert_same_layers(layers, others):
    for (coef, intercept), (other_coef, other_intercept) in zip(
        weights(layers), weights(others), strict=True
    ):
        assert_array_equal(coef, other_coef)
        assert_array_equal(intercept, other_intercept)


def assert_same_trees(trees, others):
    for (tree, layers), (other_tree, other_layers) in zip(trees, others, strict=True):
        assert tree == other_tree
        assert_same_layers(layers, other_layers)


def averaged(model, X, k, candidates=None, size=None):
    """Labels and their scores in the log domain (noop: margins), best first, from single trees."""
    size = max(k, model.shortlist_size) if size is None else size
    transform, n = model.score_transform, len(model.trees_)
    single = [
        Reference(SimpleNamespace(label_tree_=tree, layers_=layers)).rank(
            X, size, transform, model.beam_width, candidates
        )
        for tree, layers in model.trees_
    ]
    labels = np.full((X.shape[0], k), -1)
    paths = np.full((X.shape[0], k), -np.inf)
    for row in range(X.shape[0]):
        totals = {}
        for positions, found in single:
            ranked = [
                (label, float(path))
                for label, path in zip(positions[row], found[row], strict=True)
                if label >= 0
            ]
            last = ranked[-1][1] if ranked else 0.0
            for label, path in ranked:
                said = path - last if transform == "noop" else np.exp(path)
                totals[label] = totals.get(label, 0.0) + said / n
            if transform == "noop":
                totals["last"] = totals.get("last", 0.0) + last / n
        floor = totals.pop("last", 0.0)
        best = sorted(totals, key=lambda label: (-np.float32(totals[label]), label))[:k]
        labels[row, : len(best)] = best
        for i, label in enumerate(best):
            raw = transform == "noop"
            paths[row, i] = totals[label] + floor if raw else np.log(totals[label])
    return labels, paths


def spread(labels, values, n_labels):
    dense = np.zeros((len(labels), n_labels))
    rows, ranks = np.nonzero(labels >= 0)
    dense[rows, labels[rows, ranks]] = values[rows, ranks]
    return dense


def assert_same(got, expected):
    # Scores that differ in the last bits may change places.
    labels, scores = got
    wanted, wanted_scores = expected
    assert_allclose(scores, wanted_scores, rtol=2e-5, atol=1e-6)
    for row in np.flatnonzero((labels != wanted).any(axis=1)):
        differ = labels[row] != wanted[row]
        gaps = np.abs(np.subtract.outer(scores[row, differ], scores[row, differ]))
        np.fill_diagonal(gaps, np.inf)
        assert gaps.min(axis=1).max() < 1e-5 or np.flatnonzero(differ)[-1] == labels.shape[1] - 1


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("k", [1, 4, 12, 15])
def test_rank(model, transform, k):
    model = pickle.loads(pickle.dumps(model))
    model.set_params(score_transform=transform)
    X = queries()
    labels, paths = averaged(model, X, k)
    assert_same(model.rank(X, k), (labels, shown(paths, transform)))


def test_trees_disagree(model):
    # Or else the test above would show little.
    assert len({tuple(map(tuple, tree.parents)) for tree, _ in model.trees_}) == 3
    labels, _ = averaged(model, queries(), 3)
    for tree, layers in model.trees_:
        single = Reference(SimpleNamespace(label_tree_=tree, layers_=layers))
        assert (single.rank(queries(), 3, "l3_hinge", 2)[0] != labels).any()


@pytest.mark.parametrize("dense", [True, False])
def test_candidates(model, dense):
    X = queries()
    allowed = np.random.default_rng(0).random((X.shape[0], 12)) < 0.3
    got = model.rank(X, 6, candidates=allowed if dense else sp.csr_array(allowed))
    labels, paths = averaged(model, X, 6, allowed)
    assert_same(got, (labels, shown(paths, "l3_hinge")))
    rows, _ = np.nonzero(got[0] >= 0)
    assert allowed[rows, got[0][got[0] >= 0]].all()


def test_other_predictions_say_the_same(model):
    X = queries()
    labels, paths = averaged(model, X, 5)
    expected = spread(labels, np.exp(paths), 12)
    assert_allclose(model.predict_proba(X), expected, rtol=1e-4, atol=1e-7)
    assert_array_equal(model.predict(X), model.predict_proba(X) >= model.threshold)
    decision = model.decision_function(X)
    best = np.argmax(decision, axis=1)
    assert_allclose(decision[np.arange(len(best)), best], np.exp(paths[:, 0]), rtol=1e-4)


def test_sparse_targets():
    X, Y = make_problem()
    dense, sparse = (
        XRLinearClassifier(INDEXER, n_trees=2, random_state=0, shortlist_size=4).fit(X, y)
        for y in (Y, sp.csr_array(Y))
    )
    found = sparse.predict_proba(queries())
    assert np.diff(found.indptr).max() <= 4
    assert_allclose(
        found.toarray(),
        np.where(dense.predict_proba(queries()) > 1e-300, dense.predict_proba(queries()), 0),
    )


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("transform", ["l3_hinge", "log_sigmoid", "noop"])
def test_classes(n_classes, transform):
    X, Y = make_problem(n_samples=200)
    y = np.array(["a", "b", "c", "d", "e"])[Y[:, :n_classes].argmax(axis=1)]
    model = XRLinearClassifier(
        INDEXER, n_trees=3, random_state=0, score_transform=transform, shortlist_size=20
    ).fit(X, y)
    labels, paths = averaged(model, queries(), n_classes)
    assert_array_equal(model.predict(queries()), model.classes_[labels[:, 0]])
    expected = spread(labels, softmax(paths, axis=1), n_classes)
    assert_allclose(model.predict_proba(queries()), expected, rtol=1e-4, atol=1e-7)
    if n_classes == 2:
        by_label = np.take_along_axis(paths, np.argsort(labels, axis=1), axis=1)
        assert_allclose(
            model.decision_function(queries()), by_label[:, 1] - by_label[:, 0], atol=1e-4
        )


def test_noop_probabilities():
    model = fitted(score_transform="noop")
    labels, paths = averaged(model, queries(), 5)
    expected = spread(labels, expit(paths), 12)
    assert_allclose(model.predict_proba(queries()), expected, rtol=1e-4, atol=1e-7)


def test_first_tree_is_the_single_tree(model):
    single = fitted(n_trees=1)
    assert model.label_tree_ == single.label_tree_
    assert_same_layers(model.layers_, single.layers_)
    assert_same_trees(single.trees_, model.trees_[:1])
    assert_same_trees(fitted(n_trees=2).trees_, model.trees_[:2])
    assert_array_equal(model.n_iter_, single.n_iter_)


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_reproducible_with_any_number_of_jobs(model, backend):
    with parallel_config(backend=backend):
        other = fitted(n_jobs=2)
        assert_same_trees(other.trees_, model.trees_)
        for found, expected in zip(other.rank(queries()), model.rank(queries()), strict=True):
            assert_array_equal(found, expected)


def test_an_indexer_with_a_seed_of_its_own():
    X, Y = make_problem()
    indexer = clone(INDEXER).set_params(random_state=7)
    models = [XRLinearClassifier(indexer, n_trees=n, random_state=0).fit(X, Y) for n in (1, 3, 3)]
    alone = indexer.fit(pifa(X, sp.csr_array(Y))).tree_
    assert models[0].label_tree_ == models[1].label_tree_ == alone
    assert_same_trees(models[1].trees_, models[2].trees_)
    first, *others = models[1].trees_
    assert all(tree.label_tree != first.label_tree for tree in others)
    assert indexer.random_state == 7


def test_given_tree_serves_all():
    X, Y = make_problem()
    tree = LabelTree.from_parents(TREES["two layers"])
    model = XRLinearClassifier(tree, n_trees=2, random_state=0, prune_threshold=0).fit(X, Y)
    assert all(fitted.label_tree == tree for fitted in model.trees_)
    # The same problem, visited in another order.
    pair = [weights(layers)[0][0] for _, layers in model.trees_]
    assert (pair[0] != pair[1]).any()
    assert_allclose(pair[0], pair[1], atol=0.3)


def test_pruning_reaches_all_trees(model):
    pruned = model.prune(0.4, 3)
    assert len(pruned.trees_) == 3
    for (_, layers), (_, others) in zip(pruned.trees_, model.trees_, strict=True):
        for layer, other in zip(layers, others, strict=True):
            expected = other.pruned(0.4, 3)
            assert_array_equal(layer.coef_.toarray(), expected.coef_.toarray())
            assert layer.coef_.nnz < other.coef_.nnz
    assert_same_trees(fitted(prune_threshold=0.4, max_weights=3).trees_, pruned.trees_)


def test_pickles(model):
    again = pickle.loads(pickle.dumps(model))
    assert_same_trees(again.trees_, model.trees_)
    for found, expected in zip(again.rank(queries()), model.rank(queries()), strict=True):
        assert_array_equal(found, expected)


def test_one_row_as_in_a_batch(model):
    X = queries()
    labels, scores = model.rank(X, 4)
    for row in range(X.shape[0]):
        label, score = model.rank(X[[row]], 4)
        assert_array_equal(label[0], labels[row])
        assert_array_equal(score[0], scores[row])


def test_refitting_with_fewer_trees():
    model = fitted().set_params(n_trees=1).fit(*make_problem())
    assert len(model.trees_) == 1
    assert_same_trees(model.trees_, fitted(n_trees=1).trees_)


def test_completion_asks_all_trees():
    pairs = [("", "re"), ("red", "gr"), ("green", "b"), ("blue", "g"), ("", "gre"), ("red", "blu")]
    texts = ["red", "green", "blue", "grey", "green", "blush"]
    kmeans = HierarchicalKMeansIndexer(2, max_leaf_size=1)
    for indexer in (TrieIndexer(), kmeans):
        completer = QueryAutocompleter(
            classifier=XRLinearClassifier(indexer, n_trees=3), random_state=0
        ).fit(pairs, texts)
        found = [query for query, _ in completer.complete("red", "g")]
        assert sorted(found) == ["green", "grey"]
