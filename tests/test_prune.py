"""`XRLinearClassifier.prune`: a smaller copy, as if trained with that threshold."""

import copy
import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal, assert_array_less
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from helpers.reference import TREES, Reference, assert_same_ranking, make_problem, queries, shown
from sklearn_xmr import LabelTree, XRLinearClassifier

TREE = LabelTree.from_parents(TREES["only children"])


def make_model(**params):
    params = {"prune_threshold": 0, "random_state": 0, **params}
    return XRLinearClassifier(TREE, **params).fit(*make_problem())


@pytest.fixture(scope="module")
def model():
    return make_model()


def weights(model):
    return [layer.coef_.toarray() for layer in model.layers_]


def assert_same_model(model, other):
    for layer, expected in zip(model.layers_, other.layers_, strict=True):
        assert_array_equal(layer.coef_.toarray(), expected.coef_.toarray())
        assert layer.coef_.nnz == expected.coef_.nnz
        assert_array_equal(layer.intercept_, expected.intercept_)
    X = queries()
    for found, expected in zip(model.rank(X, 5), other.rank(X, 5), strict=True):
        assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "params",
    [
        {"prune_threshold": 0.05},
        {"prune_threshold": 0.5},
        {"max_weights": 3},
        {"max_weights": 1},
        {"prune_threshold": 0.2, "max_weights": 4},
    ],
    ids=str,
)
def test_as_if_trained_so(model, params):
    pruned = model.prune(params.get("prune_threshold"), params.get("max_weights"))
    refitted = make_model(**params)
    assert_same_model(pruned, refitted)
    assert repr(pruned.get_params()) == repr(refitted.get_params())


@given(threshold=st.floats(0, 3, width=32), max_weights=st.none() | st.integers(1, 30))
@settings(max_examples=40, deadline=None)
def test_what_is_left(threshold, max_weights):
    model = test_what_is_left.model = getattr(test_what_is_left, "model", None) or make_model()
    pruned = model.prune(threshold, max_weights)
    for coef, found, layer, before in zip(
        weights(model), weights(pruned), pruned.layers_, model.layers_, strict=True
    ):
        coef = np.where(np.abs(coef) >= np.float32(threshold), coef, 0)
        if max_weights is not None:
            order = np.argsort(-np.abs(coef), axis=0, kind="stable")
            np.put_along_axis(coef, order[max_weights:], 0, axis=0)
        assert_array_equal(found, coef)
        assert layer.coef_.nnz == np.count_nonzero(coef)
        assert_array_equal(layer.intercept_, before.intercept_)
    positions, paths = Reference(pruned).rank(queries(n_queries=3), 4, "l3_hinge", 10)
    expected = positions, shown(paths, "l3_hinge")
    assert_same_ranking(pruned.rank(queries(n_queries=3), 4), expected)


def test_ties_keep_the_lower_feature():
    # Features that are copies of each other get the same weights.
    rng = np.random.default_rng(0)
    Y = np.eye(4, dtype=int)[np.arange(60) % 4]
    X = np.tile(Y + 0.1 * rng.random(Y.shape), (1, 3))[:, [4, 1, 2, 0, 5, 6, 8, 9, 10, 3, 7, 11]]
    tree = LabelTree.from_parents([[0] * 4])
    model = XRLinearClassifier(tree, random_state=0).fit(X, Y)
    (coef,) = weights(model)
    assert_array_equal(coef[0], coef[3])
    for max_weights in (1, 2, 3):
        (found,) = weights(model.prune(max_weights=max_weights))
        trained = XRLinearClassifier(tree, random_state=0, max_weights=max_weights).fit(X, Y)
        assert_array_equal(found, *weights(trained))
        for label in range(4):
            order = sorted(range(12), key=lambda j: (-abs(coef[j, label]), j))
            kept = sorted(j for j in order[:max_weights] if coef[j, label])
            assert_array_equal(np.flatnonzero(found[:, label]), kept)


def test_the_original_is_left_alone(model):
    before = weights(model), model.get_params(), model.rank(queries(), 5), sorted(vars(model))
    pruned = model.prune(0.5, 2)
    pruned.set_params(beam_width=1, C=0.5)
    pruned.fit(*make_problem(seed=3))
    for found, expected in zip(weights(model), before[0], strict=True):
        assert_array_equal(found, expected)
    assert model.get_params() == before[1]
    assert_same_ranking(model.rank(queries(), 5), before[2])
    assert sorted(vars(model)) == before[3]


def test_smaller_and_fitted(model):
    pruned = model.prune(0.3)
    assert type(pruned) is type(model)
    sizes = [sum(layer.coef_.nnz for layer in m.layers_) for m in (pruned, model)]
    assert sizes[0] < sizes[1]
    assert_array_equal(pruned.classes_, model.classes_)
    assert_array_equal(pruned.n_iter_, model.n_iter_)
    assert pruned.label_tree_ == model.label_tree_
    assert pruned.n_features_in_ == model.n_features_in_
    assert pruned.get_params() == {**model.get_params(), "prune_threshold": 0.3}
    assert_same_model(clone(pruned).fit(*make_problem()), pruned)


def test_again(model):
    assert_same_model(model.prune(0.1).prune(0.4), model.prune(0.4))
    assert_same_model(model.prune(max_weights=5).prune(max_weights=2), model.prune(max_weights=2))
    # Nothing comes back.
    twice = model.prune(0.4).prune(0.1)
    assert_same_model(twice, model.prune(0.4))
    assert twice.prune_threshold == 0.4
    twice = model.prune(max_weights=2).prune(max_weights=5)
    assert_same_model(twice, model.prune(max_weights=2))
    assert twice.max_weights == 2


def test_without_arguments(model):
    assert_same_model(model.prune(), model)
    raised = make_model().set_params(prune_threshold=0.3)
    assert_same_model(raised.prune(), model.prune(0.3))


def test_everything_goes(model):
    pruned = model.prune(1e9)
    assert all(layer.coef_.nnz == 0 for layer in pruned.layers_)
    # Margins are the intercepts, for all rows alike.
    labels, _ = pruned.rank(queries(), 3)
    assert len(np.unique(labels, axis=0)) == 1
    assert_same_model(pruned.prune(1e10, 1), pruned)


def test_sparse_targets_and_classes():
    X, Y = make_problem()
    for y in (sp.csr_array(Y), np.array(["a", "b", "c"])[Y[:, :3].argmax(axis=1)]):
        pruned = XRLinearClassifier(random_state=0).fit(X, y).prune(0.2, 3)
        assert type(pruned.predict(X)) is type(y)


@pytest.mark.parametrize("dtype", ["float16", np.float16, np.dtype("f2")], ids=str)
def test_half_precision(model, dtype):
    half = model.prune(dtype=dtype)
    for found, coef, layer in zip(weights(half), weights(model), half.layers_, strict=True):
        assert layer.coef_.dtype == np.float32
        assert_array_equal(found, coef.astype(np.float16).astype(np.float32))
    positions, paths = Reference(half).rank(queries(), 4, "l3_hinge", 10)
    assert_same_ranking(half.rank(queries(), 4), (positions, shown(paths, "l3_hinge")))
    assert half.get_params() == model.get_params()


def test_half_precision_keeps_three_digits(model):
    # A weight is off by 2 ** -11 of itself at most, so a margin by as much of its terms' sum.
    X = queries()
    margins = [
        fitted.set_params(beam_width=12, score_transform="noop").decision_function(X)
        for fitted in (copy.copy(model), model.prune(dtype="float16"))
    ]
    sums = X.power(2).sqrt() @ np.abs(weights(model)[-1])
    only = np.bincount(TREE.parents[-1])[TREE.parents[-1]] == 1
    assert_array_less(np.abs(margins[0] - margins[1])[:, ~only], (2**-11 * sums + 1e-6)[:, ~only])
    assert np.any(margins[0] != margins[1])


def test_half_precision_and_back(model):
    half = model.prune(0.1, 5, dtype="float16")
    assert_same_model(half, model.prune(0.1, 5).prune(dtype="float16"))
    assert_same_model(half.prune(), half)
    assert_same_model(half.prune(dtype="float32"), half)
    sizes = [len(pickle.dumps(m.layers_)) for m in (model, model.prune(dtype="float16"))]
    assert sizes[0] - sizes[1] > 1.9 * sum(layer.coef_.nnz for layer in model.layers_)


def test_too_large_for_half_precision(model):
    large = copy.deepcopy(model)
    large.layers_[1].entries["weight"][0] = -1e5
    with pytest.raises(ValueError, match=r"float16 .* 100000"):
        large.prune(dtype="float16")
    large.prune(dtype="float32")


@pytest.mark.parametrize(
    "arguments",
    [
        {"threshold": -0.1},
        {"threshold": np.nan},
        {"threshold": "0.1"},
        {"max_weights": 0},
        {"max_weights": -3},
        {"max_weights": 2.5},
        {"max_weights": np.nan},
        {"max_weights": "3"},
        {"dtype": "float64"},
        {"dtype": "int16"},
        {"dtype": "no dtype"},
    ],
    ids=str,
)
def test_wrong_arguments(model, arguments):
    with pytest.raises((ValueError, TypeError)):
        model.prune(**arguments)
    assert model.get_params() == make_model().get_params()


def test_fraction_of_a_weight():
    with pytest.raises((ValueError, TypeError), match="max_weights"):
        make_model(max_weights=2).prune(max_weights=2.5)


def test_not_fitted():
    with pytest.raises(NotFittedError):
        XRLinearClassifier().prune(0.5)
