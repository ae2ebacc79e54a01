"""How XRLinearClassifier trains: its weights, targets, rows, trees, warnings and errors."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import TREES, make_problem, queries, random_tree, siblings
from scipy.optimize import minimize
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

import sklearn_xmr
from sklearn_xmr import HierarchicalKMeansIndexer, LabelTree, XRLinearClassifier

TIGHT = {"tol": 1e-4, "max_iter": 5000, "prune_threshold": 0}
FLAT = LabelTree.flat(len(TREES["flat"][0]))
SCATTERED = LabelTree.from_parents(TREES["scattered siblings"])


@pytest.fixture
def problem():
    return make_problem()


def weights(model):
    return [(layer.coef_.toarray(), layer.intercept_) for layer in model.layers_]


def assert_same_weights(model, other):
    for (coef, intercept), (other_coef, other_intercept) in zip(
        weights(model), weights(other), strict=True
    ):
        assert_array_equal(coef.view(np.int32), other_coef.view(np.int32))
        assert_array_equal(intercept.view(np.int32), other_intercept.view(np.int32))


def state(model):
    """All that a fit has learned, to compare before and after."""
    return [
        model.classes_.tolist(),
        [parents.tolist() for parents in model.label_tree_.parents],
        [(coef.tolist(), intercept.tolist()) for coef, intercept in weights(model)],
        model.n_iter_.tolist(),
        model.n_features_in_,
        sorted(vars(model)),
    ]


def minimum(X, signs, C, bias):
    """The minimiser of the squared hinge objective in float64: weights, intercept."""
    features = np.column_stack([X, np.full(len(X), bias)])

    def objective(w):
        loss = np.maximum(0, 1 - signs * (features @ w))
        return w @ w / 2 + C * loss @ loss, w - 2 * C * features.T @ (signs * loss)

    w = minimize(
        objective, np.zeros(features.shape[1]), jac=True, tol=1e-14, options={"maxiter": 5000}
    ).x
    return w[:-1], w[-1] * bias


class TestWeights:
    @pytest.mark.parametrize(
        "params",
        [
            {},
            {"C": 0.05},
            {"C": 20.0},
            {"fit_intercept": False},
            {"intercept_scaling": 3.0},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("name", ["scattered siblings", "only children", "childless nodes"])
    def test_equal_linear_svc(self, problem, name, params):
        X, Y = problem
        Y[:, 4] = 0
        Y[::7] = 0
        tree = LabelTree.from_parents(TREES[name])
        model = XRLinearClassifier(tree, random_state=0, **params, **TIGHT).fit(X, Y)
        n_compared = 0
        for depth, children, rows, marked in siblings(tree, Y):
            coef, intercept = weights(model)[depth]
            for child in children:
                target = marked[rows, child]
                if len(children) == 1 or len(rows) == 0:
                    assert not coef[:, child].any()
                    assert intercept[child] == 0
                elif 0 < target.sum() < len(rows):
                    svc = LinearSVC(dual=True, tol=1e-9, max_iter=100_000, **params)
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore", ConvergenceWarning)
                        svc.fit(X[rows].astype(np.float64), target)
                    bound = 1e-4 * max(1, np.abs(svc.coef_).max())
                    assert_allclose(coef[:, child], svc.coef_[0], rtol=0, atol=bound)
                    assert_allclose(intercept[child], svc.intercept_, rtol=0, atol=2 * bound)
                    n_compared += 1
                else:
                    # LinearSVC refuses a single class.
                    bias = params.get("intercept_scaling", params.get("fit_intercept", 1.0))
                    signs = np.where(target, 1.0, -1.0)
                    best = minimum(X[rows].toarray(), signs, params.get("C", 1.0), float(bias))
                    assert_allclose(coef[:, child], best[0], rtol=0, atol=1e-3)
                    assert_allclose(intercept[child], best[1], rtol=0, atol=1e-3)
        assert n_compared >= 10

    def test_flat_tree_is_one_vs_rest(self, problem):
        X, Y = problem
        # A row without labels would count for the peer alone.
        X, Y = X[Y.any(axis=1)], Y[Y.any(axis=1)]
        model = XRLinearClassifier(FLAT, random_state=0, **TIGHT).fit(X, Y)
        peer = OneVsRestClassifier(LinearSVC(tol=1e-7, max_iter=100_000, dual=True)).fit(X, Y)
        coef, intercept = weights(model)[0]
        assert_allclose(coef.T, [svc.coef_[0] for svc in peer.estimators_], atol=2e-4)
        assert_allclose(intercept, [svc.intercept_[0] for svc in peer.estimators_], atol=2e-4)

    def test_many_features_and_children(self):
        # Wider than what a cache or a vector holds.
        rng = np.random.default_rng(0)
        X = sp.random_array((60, 20_000), density=0.02, rng=rng, dtype=np.float32, format="csr")
        Y = np.zeros((60, 37), dtype=int)
        Y[np.arange(60), np.arange(60) % 37] = 1
        tree = LabelTree.from_parents([[0] * 37])
        model = XRLinearClassifier(tree, random_state=0, **TIGHT).fit(X, Y)
        coef, intercept = weights(model)[0]
        for label in (0, 15, 16, 36):
            svc = LinearSVC(dual=True, tol=1e-7, max_iter=10_000).fit(X, Y[:, label])
            assert_allclose(coef[:, label], svc.coef_[0], rtol=0, atol=1e-4)
            assert_allclose(intercept[label], svc.intercept_[0], rtol=0, atol=1e-4)

    def test_default_tolerance(self, problem):
        # The dual objective comes close to the optimum: primal objectives differ by a few percent.
        X, Y = problem
        model = XRLinearClassifier(FLAT, random_state=0, prune_threshold=0).fit(X, Y)
        coef, intercept = weights(model)[0]
        signs = 2.0 * Y - 1

        def objective(w, b, y):
            return (w @ w + b * b) / 2 + (np.maximum(0, 1 - y * (X @ w + b)) ** 2).sum()

        for label in range(Y.shape[1]):
            best = objective(*minimum(X.toarray(), signs[:, label], 1.0, 1.0), signs[:, label])
            assert objective(coef[:, label], intercept[label], signs[:, label]) < 1.05 * best

    def test_rows_without_labels_do_not_count(self, problem):
        X, Y = problem
        alone = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        more_X = sp.vstack([X, queries(n_queries=30)], format="csr")
        more_Y = np.vstack([Y, np.zeros((30, 12), dtype=int)])
        assert_same_weights(
            alone, XRLinearClassifier(SCATTERED, random_state=0).fit(more_X, more_Y)
        )

    def test_pruned(self, problem):
        X, Y = problem
        every = XRLinearClassifier(SCATTERED, random_state=0, prune_threshold=0).fit(X, Y)
        model = XRLinearClassifier(
            SCATTERED, random_state=0, prune_threshold=0.3, max_weights=5
        ).fit(X, Y)
        for (coef, intercept), (pruned, kept) in zip(weights(every), weights(model), strict=True):
            coef = np.where(np.abs(coef) >= np.float32(0.3), coef, 0)
            order = np.argsort(-np.abs(coef), axis=0, kind="stable")
            np.put_along_axis(coef, order[5:], 0, axis=0)
            assert_array_equal(coef, pruned)
            assert_array_equal(intercept, kept)
            assert (pruned != 0).sum(axis=0).max() == 5

    def test_formats(self, problem):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        assert len(model.layers_) == 2
        for layer, parents in zip(model.layers_, SCATTERED.parents, strict=True):
            assert layer.coef_.format == "csc"
            assert layer.coef_.shape == (X.shape[1], len(parents))
            assert layer.coef_.dtype == np.float32
            assert layer.coef_.has_canonical_format
            assert (layer.coef_.data != 0).all()
            assert layer.intercept_.shape == (len(parents),)
            assert layer.intercept_.dtype == np.float32
        assert model.n_features_in_ == X.shape[1]
        assert not hasattr(model, "feature_names_in_")
        assert model.label_tree_ == SCATTERED

    def test_weights_given_out_are_copies(self, problem):
        model = XRLinearClassifier(FLAT, random_state=0).fit(*problem)
        before = model.rank(problem[0], 3)
        model.layers_[0].coef_.data[:] = 0
        model.layers_[0].intercept_[:] = 0
        for found, expected in zip(model.rank(problem[0], 3), before, strict=True):
            assert_array_equal(found, expected)


class TestReproducible:
    @pytest.mark.parametrize("tree", [None, FLAT, SCATTERED])
    def test_threads(self, problem, tree):
        one = XRLinearClassifier(tree, random_state=3, n_jobs=1).fit(*problem)
        two = XRLinearClassifier(tree, random_state=3, n_jobs=2).fit(*problem)
        assert one.label_tree_ == two.label_tree_
        assert_same_weights(one, two)
        assert_array_equal(one.n_iter_, two.n_iter_)

    def test_wide_nodes_split_among_threads(self):
        X, Y = make_problem(n_labels=67, n_samples=60)
        tree = LabelTree.from_parents([[0] * 67])
        models = [
            XRLinearClassifier(tree, random_state=0, n_jobs=n_jobs).fit(X, Y)
            for n_jobs in (None, 1, 2, 3, 7)
        ]
        for model in models[1:]:
            assert_same_weights(models[0], model)

    def test_random_state(self, problem):
        model = XRLinearClassifier(random_state=1)
        assert_same_weights(clone(model).fit(*problem), clone(model).fit(*problem))
        state = np.random.RandomState(1)
        first = clone(model).set_params(random_state=state).fit(*problem)
        assert_same_weights(first, model.fit(*problem))
        # A second fit on the same model forgets the first.
        before = weights(model)
        model.fit(problem[0][:50], problem[1][:50]).fit(*problem)
        for found, expected in zip(weights(model), before, strict=True):
            assert_array_equal(found[0], expected[0])

    def test_global_random_state_is_left_alone(self, problem):
        np.random.seed(0)  # noqa: NPY002
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        XRLinearClassifier(random_state=1).fit(*problem)
        assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002

    def test_label_order_within_a_node_is_free(self, problem):
        # What a child becomes does not depend on the place it has among its siblings.
        X, Y = problem
        order = np.random.default_rng(0).permutation(12)
        straight = weights(XRLinearClassifier(FLAT, random_state=0).fit(X, Y))[0]
        shuffled = weights(XRLinearClassifier(FLAT, random_state=0).fit(X, Y[:, order]))[0]
        assert_array_equal(shuffled[0], straight[0][:, order])
        assert_array_equal(shuffled[1], straight[1][order])


class TestIterations:
    def test_converged(self, problem):
        # Warnings are errors here.
        model = XRLinearClassifier(SCATTERED, random_state=0, max_iter=1000).fit(*problem)
        assert model.n_iter_.shape == (2,)
        assert model.n_iter_.dtype.kind == "i"
        assert ((model.n_iter_ >= 1) & (model.n_iter_ < 1000)).all()

    def test_stopped(self, problem):
        model = XRLinearClassifier(SCATTERED, random_state=0, max_iter=2, tol=1e-6)
        with pytest.warns(ConvergenceWarning, match="max_iter") as caught:
            model.fit(*problem)
        assert len(caught) == 1
        assert_array_equal(model.n_iter_, [2, 2])

    def test_stopped_in_threads(self, problem):
        model = XRLinearClassifier(SCATTERED, random_state=0, max_iter=2, tol=1e-6, n_jobs=2)
        with pytest.warns(ConvergenceWarning) as caught:
            model.fit(*problem)
        assert len(caught) == 1

    def test_more_passes_for_less_tolerance(self, problem):
        passes = [
            XRLinearClassifier(FLAT, random_state=0, max_iter=5000, tol=tol).fit(*problem).n_iter_
            for tol in (1e-1, 1e-2, 1e-3)
        ]
        assert passes[0] < passes[1] < passes[2]

    @pytest.mark.parametrize("n_jobs", [1, 2])
    def test_nothing_survives_pruning(self, problem, n_jobs):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0, n_jobs=n_jobs)
        with pytest.warns(UserWarning, match="prune_threshold") as caught:
            model.fit(X * np.float32(1e-4), Y)
        assert len(caught) == 1
        assert all(layer.coef_.nnz == 0 for layer in model.layers_)
        # It is left with a model of intercepts.
        assert model.rank(X, 2)[0].shape == (X.shape[0], 2)

    def test_one_node_is_enough(self, problem):
        # Labels 0 to 3 are told apart by tiny features only, the others by ordinary ones.
        tree = LabelTree.from_parents([[0, 0], [0] * 4 + [1] * 4])
        X = np.zeros((80, 8))
        Y = np.eye(8, dtype=int)[np.arange(80) % 8]
        X[np.arange(80), np.arange(80) % 8] = np.where(np.arange(80) % 8 < 4, 1e-4, 1)
        with pytest.warns(UserWarning, match="prune_threshold") as caught:
            model = XRLinearClassifier(tree, random_state=0).fit(X, Y)
        assert len(caught) == 1
        assert model.layers_[0].coef_.nnz
        assert model.layers_[1].coef_[:, :4].nnz == 0
        assert model.layers_[1].coef_[:, 4:].nnz

    @pytest.mark.parametrize("n_jobs", [1, 2])
    def test_unseen_labels_do_not_hide_the_loss(self, problem, n_jobs):
        Y = np.hstack([problem[1][:, :8], np.zeros((100, 8), dtype=int)])
        tree = LabelTree.from_parents([[0] * 16])
        with pytest.warns(UserWarning, match="prune_threshold"):
            XRLinearClassifier(tree, random_state=0, n_jobs=n_jobs).fit(
                problem[0] * np.float32(1e-4), Y
            )

    def test_no_warning_without_a_loss(self, problem):
        X, Y = problem
        # Nothing to tell apart: all rows have the same labels. Nothing to lose: X is all zeros.
        XRLinearClassifier(SCATTERED, random_state=0).fit(X * np.float32(1e-4), np.ones_like(Y))
        XRLinearClassifier(SCATTERED, random_state=0).fit(X * np.float32(0), Y)
        # Cut by `max_weights`, not lost.
        XRLinearClassifier(SCATTERED, random_state=0, max_weights=1).fit(X, Y)

    def test_verbose(self, problem, capsys):
        XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        assert capsys.readouterr().out == ""
        XRLinearClassifier(SCATTERED, random_state=0, verbose=1).fit(*problem)
        assert len(capsys.readouterr().out.splitlines()) >= 2


def _coo_with_duplicates(X):
    coo = X.tocoo()
    data = np.concatenate([coo.data / 2, coo.data / 2])
    return sp.coo_array((data, (np.tile(coo.row, 2), np.tile(coo.col, 2))), shape=X.shape)


def _csr_with_duplicates(X):
    return sp.csr_array(
        (np.repeat(X.data / 2, 2), np.repeat(X.indices, 2), 2 * X.indptr), shape=X.shape
    )


def _unsorted(X):
    X = X.copy()
    for a, b in zip(X.indptr[:-1], X.indptr[1:], strict=True):
        X.indices[a:b] = X.indices[a:b][::-1].copy()
        X.data[a:b] = X.data[a:b][::-1].copy()
    return X


def _secretly_unsorted(X):
    # SciPy remembers that the indices were sorted.
    X = X.copy()
    X.sum_duplicates()
    assert X.has_canonical_format
    shuffled = _unsorted(X)
    X.indices[:] = shuffled.indices
    X.data[:] = shuffled.data
    return X


def _with_stored_zeros(X):
    coo = X.tocoo()
    rows, columns = np.nonzero(X.toarray() == 0)
    parts = (
        np.append(coo.data, np.zeros(9, dtype=X.dtype)),
        (
            np.append(coo.row, rows[:9]),
            np.append(coo.col, columns[:9]),
        ),
    )
    return sp.csr_array(parts, shape=X.shape)


def _int64(X):
    X = X.copy()
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


def _read_only(X):
    X = X.copy()
    for part in (X.data, X.indices, X.indptr):
        part.flags.writeable = False
    return X


def _strided(X):
    data = np.repeat(X.data, 2)[::2]
    return sp.csr_array((data, X.indices, X.indptr), shape=X.shape)


ROWS = {
    "dense": lambda X: X.toarray(),
    "dense float64": lambda X: X.toarray().astype(np.float64),
    "Fortran": lambda X: np.asfortranarray(X.toarray()),
    "strided dense": lambda X: np.repeat(X.toarray(), 2, axis=1)[:, ::2],
    "read-only dense": lambda X: np.frombuffer(X.toarray().tobytes(), np.float32).reshape(X.shape),
    "list": lambda X: X.toarray().tolist(),
    "object": lambda X: X.toarray().astype(object),
    "csr_matrix": sp.csr_matrix,
    "csc_array": sp.csc_array,
    "csc_matrix": sp.csc_matrix,
    "coo": sp.coo_array,
    "lil": sp.lil_array,
    "dok": sp.dok_array,
    "bsr": lambda X: sp.bsr_array(X, blocksize=(2, 5)),
    "float64": lambda X: X.astype(np.float64),
    "int64 indices": _int64,
    "unsorted": _unsorted,
    "secretly unsorted": _secretly_unsorted,
    "stored zeros": _with_stored_zeros,
    "read-only": _read_only,
    "csr duplicates": _csr_with_duplicates,
    "coo duplicates": _coo_with_duplicates,
    "strided": _strided,
}


def _contents(X):
    if isinstance(X, list):
        return X
    if not sp.issparse(X):
        return X.tolist()
    parts = X.copy().tocoo() if X.format in ("lil", "dok") else X
    names = ("data", "indices", "indptr", "row", "col")
    return [getattr(parts, name).tolist() for name in names if hasattr(parts, name)]


class TestRows:
    @pytest.mark.parametrize("convert", ROWS.values(), ids=ROWS)
    def test_formats(self, problem, convert):
        X, Y = problem
        given_, before = convert(X), _contents(convert(X))
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        expected = model.rank(X, 4)
        assert_same_weights(XRLinearClassifier(SCATTERED, random_state=0).fit(given_, Y), model)
        for found, truth in zip(model.rank(given_, 4), expected, strict=True):
            assert_array_equal(found, truth)
        assert_array_equal(model.predict(given_), model.predict(X))
        assert _contents(given_) == before

    @pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int32, np.int64, np.float16])
    def test_dtypes(self, problem, dtype):
        X = (problem[0].toarray() * 10).astype(dtype)
        model = XRLinearClassifier(SCATTERED, random_state=0, C=0.01, prune_threshold=0)
        expected = clone(model).fit(X.astype(np.float32), problem[1])
        assert_same_weights(expected, clone(model).fit(X, problem[1]))
        if dtype != np.float16:
            assert_same_weights(expected, clone(model).fit(sp.csr_array(X), problem[1]))
        assert_array_equal(expected.predict(X), expected.predict(X.astype(float)))

    def test_k_means_does_not_touch_rows(self, problem):
        X, Y = problem
        before = X.copy()
        XRLinearClassifier(HierarchicalKMeansIndexer(max_leaf_size=3), random_state=0).fit(X, Y)
        assert_array_equal(X.data, before.data)
        assert_array_equal(X.indices, before.indices)

    def test_empty(self, problem):
        X, Y = problem
        X = X.tolil()
        X[:10], X[:, 3] = 0, 0
        X = sp.csr_array(X)
        model = XRLinearClassifier(SCATTERED, random_state=0, **TIGHT).fit(X, Y)
        assert model.layers_[0].coef_[[3]].nnz == 0
        # Nothing at all: every margin is an intercept.
        nothing = XRLinearClassifier(SCATTERED, random_state=0).fit(0 * X, Y)
        assert all(layer.coef_.nnz == 0 for layer in nothing.layers_)
        assert np.isfinite(nothing.predict_proba(X)).all()

    @pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e15, 1e18])
    @pytest.mark.filterwarnings("ignore:All weights below some node")
    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_scales(self, problem, scale):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X * np.float32(scale), Y)
        assert all(np.isfinite(a).all() and np.isfinite(b).all() for a, b in weights(model))
        assert np.isfinite(model.predict_proba(X * np.float32(scale))).all()

    def test_squares_beyond_float32(self, problem):
        with pytest.raises(ValueError, match=r"X .*too large for float32"):
            XRLinearClassifier(SCATTERED).fit(problem[0] * np.float32(1e25), problem[1])

    def test_one_row(self):
        model = XRLinearClassifier(FLAT, random_state=0).fit([[1.0, 2.0]], np.eye(1, 12, k=3))
        assert_array_equal(model.rank([[1.0, 2.0]], 1)[0], [[3]])

    @pytest.mark.parametrize("sparse", [False, True])
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e39])
    @pytest.mark.filterwarnings("ignore:overflow encountered in cast")  # scikit-learn's own
    def test_not_finite(self, problem, value, sparse):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        for dtype in (np.float32, np.float64)[value == 1e39 :]:
            bad = X.astype(dtype)
            bad.data[7] = value
            bad = bad if sparse else bad.toarray()
            for method in (model.predict, model.rank, model.predict_proba):
                with pytest.raises(ValueError, match=r"(?i)NaN|infinity"):
                    method(bad)
            with pytest.raises(ValueError, match=r"(?i)NaN|infinity"):
                XRLinearClassifier(SCATTERED).fit(bad, Y)

    def test_duplicates_that_add_up_to_infinity(self, problem):
        parts = np.full(2, 3e38, dtype=np.float32), np.zeros(2, dtype=np.int32), [0, 2]
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        with pytest.raises(ValueError, match=r"\bX\b"):
            model.rank(sp.csr_array(parts, shape=(1, 25)))

    @pytest.mark.parametrize("make", [np.zeros, lambda shape: sp.csr_array(shape, dtype="f4")])
    @pytest.mark.parametrize("shape", [(0, 25), (4, 0), (4, 24), (4, 26)])
    def test_wrong_shapes(self, problem, shape, make):
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        for method in (model.predict, model.rank, model.predict_proba, model.decision_function):
            with pytest.raises(ValueError, match=r"0 sample|0 feature|24 features|26 features"):
                method(make(shape))
        if 0 in shape:
            with pytest.raises(ValueError, match=r"0 sample|0 feature"):
                XRLinearClassifier(SCATTERED).fit(make(shape), problem[1][: shape[0]])

    @pytest.mark.parametrize(
        "X",
        [
            np.ones(25, np.float32),
            sp.coo_array(np.ones(25, np.float32)),
            sp.csr_array(np.ones(25, np.float32)),
            np.ones((2, 25, 1)),
            3.0,
            None,
            "text",
            [["a"] * 25],
        ],
        ids=["dense", "coo", "csr", "3-D", "number", "None", "text", "texts"],
    )
    def test_not_a_matrix(self, problem, X):
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        with pytest.raises((ValueError, TypeError)):
            model.rank(X)
        with pytest.raises((ValueError, TypeError)):
            XRLinearClassifier(SCATTERED).fit(X, problem[1])

    def test_complex(self, problem):
        with pytest.raises(ValueError, match="Complex data not supported"):
            XRLinearClassifier(SCATTERED).fit(problem[0].toarray() * 1j, problem[1])

    @pytest.mark.parametrize("method", ["fit", "rank"])
    @pytest.mark.parametrize("format_", ["csr", "csc"])
    @pytest.mark.parametrize("index", [-1, 10**6])
    def test_indices_outside(self, problem, format_, index, method):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        bad = X.astype(np.float32).asformat(format_, copy=True)
        bad.indices[3] = index
        call = model.rank if method == "rank" else lambda X: XRLinearClassifier().fit(X, Y)
        with pytest.raises(ValueError, match=r"^X\b"):
            call(bad)

    @pytest.mark.parametrize("method", ["fit", "rank"])
    @pytest.mark.parametrize(
        "change",
        [
            lambda indptr: np.append(indptr[:-1], 10**6),
            lambda indptr: np.append(indptr[:-1], indptr[-2] - 1),
            lambda indptr: np.append(indptr[:-1], -1),
            lambda indptr: np.append(1, indptr[1:]),
            lambda indptr: indptr[:-1],
            lambda indptr: np.append(indptr, indptr[-1]),
        ],
        ids=["too far", "backwards", "negative", "late start", "short", "long"],
    )
    def test_broken_pointers(self, problem, change, method):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        bad = X.copy()
        bad.indptr = change(bad.indptr).astype(np.int32)
        call = model.rank if method == "rank" else lambda X: XRLinearClassifier().fit(X, Y)
        with pytest.raises(ValueError, match=r"^X\b"):
            call(bad)

    @pytest.mark.parametrize("format_", ["coo", "bsr", "lil"])
    @pytest.mark.parametrize("index", [-1, 30])
    def test_indices_outside_of_other_formats(self, problem, format_, index):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        bad = sp.bsr_array(X, blocksize=(1, 1)) if format_ == "bsr" else X.asformat(format_)
        bad = bad.copy()
        if format_ == "coo":
            bad.coords[1][0] = index
        elif format_ == "bsr":
            bad.indices[0] = index
        else:
            bad.rows[0], bad.data[0] = [index], [1.0]
        with pytest.raises(ValueError, match="X"):
            model.rank(bad)

    @pytest.mark.parametrize(
        "method",
        [
            "fit",
            "rank",
        ],
    )
    def test_pointers_wider_than_indices(self, problem, method):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        expected = model.rank(X, 4)
        mixed = X.copy()
        mixed.indptr = mixed.indptr.astype(np.int64)
        if method == "fit":
            model.fit(mixed, Y)
        assert_array_equal(model.rank(X if method == "fit" else mixed, 4)[0], expected[0])

    def test_feature_names(self, problem):
        X, Y = problem
        names = [f"feature {i}" for i in range(25)]
        frame = pd.DataFrame(X.toarray(), columns=names)
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(frame, Y)
        assert_array_equal(model.feature_names_in_, names)
        expected = model.rank(frame, 2)
        for method in (model.rank, model.predict, model.predict_proba, model.decision_function):
            with pytest.warns(UserWarning, match="valid feature names"):
                method(X)
            with pytest.raises(ValueError, match=r"(?i)feature names"):
                method(frame[names[::-1]])
        with pytest.warns(UserWarning, match="valid feature names"):
            found = model.rank(X, 2)
        assert_array_equal(found[0], expected[0])
        assert_array_equal(found[1], expected[1])
        model.fit(X, Y)
        assert not hasattr(model, "feature_names_in_")
        with pytest.warns(UserWarning, match="has feature names"):
            model.rank(frame)


# What SciPy itself does not survive when it converts: run in a process of its own.
BROKEN = """
import re
import sys
import numpy as np
import scipy.sparse as sp
from sklearn_xmr import LabelTree, XRLinearClassifier

X, Y = sp.csr_array(np.eye(40, 12)), sp.csr_array(np.eye(40, 3))
model = XRLinearClassifier(LabelTree.from_parents([[0] * 3])).fit(X, Y)


def far_row(A):
    A = sp.coo_array(A.toarray())
    A.coords[0][0] = 10**8
    return A


def far_column(A):
    A = sp.coo_array(A.toarray())
    A.coords[1][0] = 10**8
    return A


def few_pointers(A):
    A = sp.csc_array(A)
    A.indptr = A.indptr[:2].copy()
    return A


def last_pointer(A):
    A = sp.csc_array(A)
    A.indptr[1:-1] = 10**8
    A.indptr[-1] = 0
    return A


calls = {
    "X": [model.rank, lambda A: model.fit(A, Y)],
    "y": [lambda A: model.fit(X, A)],
    "candidates": [lambda A: model.rank(X, candidates=A)],
}
for name, functions in calls.items():
    for break_it in map(globals().get, sys.argv[1:]):
        for function in functions:
            try:
                function(break_it(X if name == "X" else Y))
            except ValueError as error:
                if re.search(rf"\\b{name}\\b", str(error)):
                    continue
            sys.exit(f"{name}, {break_it.__name__}: no ValueError that names {name}")
"""


@pytest.mark.parametrize(
    "changes",
    [
        ["far_row", "far_column", "few_pointers"],
        ["last_pointer"],
    ],
    ids=" ".join,
)
def test_broken_matrices_do_not_crash(changes, tmp_path):
    root = str(Path(sklearn_xmr.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", BROKEN, *changes],
        cwd=tmp_path,  # "" stands before PYTHONPATH: the sources must not be found there
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


class TestTargets:
    @pytest.mark.parametrize(
        ("value", "dtype"),
        [
            (2, np.int64),
            (-1, np.int8),
            (255, np.uint8),
            (2, np.float32),
            (0.5, np.float64),
            (np.nan, np.float64),
            (np.inf, np.float32),
        ],
    )
    @pytest.mark.parametrize("container", [np.asarray, sp.csr_array, sp.coo_matrix])
    def test_indicator_of_other_values(self, problem, value, dtype, container):
        Y = problem[1].astype(dtype)
        Y[3, 2] = value
        with pytest.raises(ValueError, match=r"0 and 1|NaN|infinity|Unknown label type"):
            XRLinearClassifier(SCATTERED).fit(problem[0], container(Y))

    def test_indicator_untouched(self, problem):
        X, Y = problem
        coo = sp.coo_array(Y)
        # Stored zeros, unsorted.
        parts = np.append(coo.data, 0), (np.append(coo.row, 99), np.append(coo.col, 0))
        given_ = _unsorted(sp.csr_array(parts, shape=Y.shape))
        before = _contents(given_)
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, given_)
        assert _contents(given_) == before
        assert_same_weights(model, XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y))

    def test_duplicates_in_an_indicator(self, problem):
        Y = _csr_with_duplicates(sp.csr_array(problem[1].astype(float)))
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(problem[0], Y)
        expected = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        assert_same_weights(model, expected)
        Y.data[:] = 1
        with pytest.raises(ValueError, match="0 and 1"):
            XRLinearClassifier(SCATTERED).fit(problem[0], Y)

    @pytest.mark.parametrize("convert", [_secretly_unsorted, _int64, _read_only])
    def test_sparse_indicators(self, problem, convert):
        Y = convert(sp.csr_array(problem[1]))
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(problem[0], Y)
        expected = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        assert_same_weights(model, expected)

    def test_frame(self, problem):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, pd.DataFrame(Y))
        assert_same_weights(model, XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y))
        assert isinstance(model.predict(X), np.ndarray)
        assert_array_equal(model.classes_, np.arange(12))

    @pytest.mark.parametrize(
        "convert",
        [
            list,
            pd.Series,
            pd.Categorical,
            lambda y: pd.Series(y, dtype="string"),
            lambda y: pd.Series(y, dtype="category"),
            lambda y: y.astype(object),
        ],
        ids=["list", "Series", "Categorical", "string Series", "category Series", "object"],
    )
    def test_string_classes(self, problem, convert):
        X, Y = problem
        y = np.array(["Ä", "b", "c c"])[Y[:, :3].argmax(axis=1)]
        expected = XRLinearClassifier(random_state=0).fit(X, y)
        model = XRLinearClassifier(random_state=0).fit(X, convert(y))
        assert_array_equal(model.classes_, ["b", "c c", "Ä"])
        assert_array_equal(model.predict(X), expected.predict(X))
        assert_array_equal(model.rank(X, 3)[0], expected.rank(X, 3)[0])

    def test_column(self, problem):
        X, Y = problem
        model = XRLinearClassifier(random_state=0)
        with pytest.warns(DataConversionWarning):
            model.fit(X, Y[:, :1])
        assert model.predict(X).shape == (100,)
        assert_array_equal(model.classes_, [0, 1])

    @pytest.mark.parametrize(
        "y",
        [
            None,
            np.linspace(0, 1, 100),
            np.ones(99, dtype=int),
            np.ones(101, dtype=int),
            np.ones((100, 0)),
            np.ones((99, 12), dtype=int),
            np.ones((100, 3, 2), dtype=int),
            sp.csr_array((100, 0)),
            sp.csr_array((99, 12)),
            sp.csr_array((0, 12)),
            np.array([["a", "b"]] * 100),
            np.array(["a", None] * 50, dtype=object),
            np.array(["a", 3] * 50, dtype=object),
            np.array([b"a", b"b"] * 50),
            np.full(100, np.nan),
            np.zeros(100, dtype=complex),
            [[1, 0], [1]] * 50,
            [(), ("a",)] * 50,
            "text",
            3,
            sp.coo_array(np.ones(100)),
            sp.csr_array(np.ones(100)),
        ],
        ids=lambda y: f"{type(y).__name__} {getattr(y, 'shape', '')} {getattr(y, 'dtype', '')}",
    )
    @pytest.mark.filterwarnings("ignore:The number of unique classes")
    def test_no_target(self, problem, y):
        with pytest.raises((ValueError, TypeError)):
            XRLinearClassifier(random_state=0).fit(problem[0], y)

    @pytest.mark.parametrize("format_", ["csr", "csc"])
    @pytest.mark.parametrize("index", [-1, 10**6])
    def test_indices_outside(self, problem, format_, index):
        Y = sp.csr_array(problem[1]).asformat(format_, copy=True)
        Y.indices[0] = index
        with pytest.raises(ValueError, match=r"^y\b"):
            XRLinearClassifier(SCATTERED).fit(problem[0], Y)

    @pytest.mark.parametrize("index", [-1, 12])
    def test_indices_outside_of_coo(self, problem, index):
        Y = sp.coo_array(problem[1])
        Y.coords[1][0] = index
        with pytest.raises(ValueError, match="y"):
            XRLinearClassifier(SCATTERED).fit(problem[0], Y)


class Recorder(BaseEstimator):
    """An indexer that hands out a given tree and tells what it was fitted on."""

    calls = []  # noqa: RUF012

    def __init__(self, tree=None, returns_self=True):
        self.tree = tree
        self.returns_self = returns_self

    def fit(self, *args):
        self.calls.append(args)
        self.tree_ = self.tree
        return self if self.returns_self else None


@pytest.fixture
def calls():
    Recorder.calls.clear()
    return Recorder.calls


class TestIndexers:
    def test_default_is_k_means(self):
        X, Y = make_problem(n_labels=300, n_samples=200)
        model = XRLinearClassifier(random_state=0).fit(X, Y)
        assert model.label_tree_.n_labels == 300
        assert model.label_tree_.n_layers == 2
        assert model.indexer is None

    def test_k_means(self, problem):
        indexer = HierarchicalKMeansIndexer(2, max_leaf_size=2, random_state=0)
        model = XRLinearClassifier(indexer, random_state=0).fit(*problem)
        assert not hasattr(indexer, "tree_")
        features = np.array(
            [
                ((problem[1] / np.sqrt(np.maximum(problem[1].sum(axis=1), 1))[:, None])[:, j])
                @ problem[0].toarray()
                for j in range(12)
            ]
        )
        assert clone(indexer).fit(features).tree_ == model.label_tree_
        assert model.label_tree_.n_layers > 2

    def test_what_an_indexer_is_given(self, problem, calls):
        X, Y = problem
        indexer = Recorder(SCATTERED)
        model = XRLinearClassifier(indexer, random_state=0).fit(X, Y)
        assert model.label_tree_ == SCATTERED
        assert not hasattr(indexer, "tree_")
        (Z, texts), = calls  # fmt: skip
        assert texts is None
        v = (Y / np.sqrt(Y.sum(axis=1).clip(1))[:, None]).T @ X.toarray()
        Z = Z.toarray() if sp.issparse(Z) else Z
        assert_allclose(Z, v / np.linalg.norm(v, axis=1)[:, None], rtol=1e-5, atol=1e-6)

    def test_given_label_features(self, problem, calls):
        for Z in (np.eye(12), sp.csr_array(np.eye(12)), np.eye(12).tolist()):
            XRLinearClassifier(Recorder(SCATTERED), label_features=Z).fit(*problem)
            found, _ = calls.pop()
            assert_array_equal(found.toarray() if sp.issparse(found) else found, np.eye(12))
        indexer = HierarchicalKMeansIndexer(2, max_leaf_size=6, random_state=0)
        Z = np.tile(np.eye(2), (6, 1)) + 0.1 * np.random.default_rng(0).random((12, 2))
        tree = XRLinearClassifier(indexer, label_features=Z).fit(*problem).label_tree_
        clusters = tree.parents[-1]
        assert len(set(clusters[::2])) == len(set(clusters[1::2])) == 1
        assert clusters[0] != clusters[1]

    def test_texts(self, problem, calls):
        X, Y = problem
        texts = [f"text {j}" for j in range(12)]
        for given_ in (texts, tuple(texts), np.array(texts), pd.Series(texts)):
            XRLinearClassifier(Recorder(SCATTERED), label_text=given_).fit(X, sp.csr_array(Y))
            assert list(calls.pop()[1]) == texts
        y = Y[:, :3].argmax(axis=1)
        tree = LabelTree.from_parents([[0, 0, 0]])
        XRLinearClassifier(Recorder(tree)).fit(X, y)
        assert calls.pop()[1] is None
        by_class = {2: "c", 0: "a", 1: "b", 77: "never seen"}
        XRLinearClassifier(Recorder(tree), label_text=by_class).fit(X, y)
        assert list(calls.pop()[1]) == ["a", "b", "c"]
        named = np.array(["z", "y", "x"])[y]
        for classes in (named, named.astype(object)):
            XRLinearClassifier(Recorder(tree)).fit(X, classes)
            assert list(calls.pop()[1]) == ["x", "y", "z"]
        XRLinearClassifier(Recorder(tree), label_text={"x": "1", "y": "2", "z": "3"}).fit(X, named)
        assert list(calls.pop()[1]) == ["1", "2", "3"]

    def test_fit_may_return_nothing(self, problem):
        model = XRLinearClassifier(Recorder(SCATTERED, returns_self=False), random_state=0)
        assert model.fit(*problem).label_tree_ == SCATTERED

    @pytest.mark.parametrize("tree", [None, [[0] * 12]])
    def test_no_tree(self, problem, tree):
        with pytest.raises((TypeError, ValueError), match="tree_"):
            XRLinearClassifier(Recorder(tree)).fit(*problem)

    @pytest.mark.parametrize("indexer", ["k-means", 3, LabelTree, [[0, 0]], object()])
    def test_no_indexer(self, problem, indexer):
        with pytest.raises((TypeError, ValueError), match=r"indexer|clone"):
            XRLinearClassifier(indexer).fit(*problem)

    @pytest.mark.parametrize("y", ["dense", "sparse", "classes"])
    @pytest.mark.parametrize(
        "params",
        [
            {"indexer": LabelTree.from_parents([[0] * 7])},
            {"indexer": Recorder(LabelTree.from_parents([[0] * 7]))},
            {"label_features": np.eye(7)},
            {"label_features": sp.eye_array(7, format="csr")},
            {"label_text": ["a"] * 7},
            {"indexer": SCATTERED, "label_features": np.eye(7)},
        ],
        ids=lambda params: " ".join(f"{k} {type(v).__name__}" for k, v in params.items()),
    )
    def test_another_number_of_labels(self, problem, params, y):
        X, Y = problem
        if y == "classes":
            if "label_text" in params:
                params = {"label_text": dict.fromkeys(range(7), "a")}
            Y = np.arange(100) % 12
        elif y == "sparse":
            Y = sp.csr_array(Y)
        model = XRLinearClassifier(**params)
        name = next(reversed(params))
        with pytest.raises(ValueError, match=rf"{name}.*\b[57]\b.*\b12\b"):
            model.fit(X, Y)
        assert not hasattr(model, "classes_")

    @pytest.mark.parametrize("sparse", [False, True])
    def test_dict_of_texts_for_an_indicator(self, problem, sparse):
        X, Y = problem
        texts = dict.fromkeys(range(12), "a")
        with pytest.raises((TypeError, ValueError), match="label_text"):
            XRLinearClassifier(label_text=texts).fit(X, sp.csr_array(Y) if sparse else Y)

    def test_set_of_texts_for_an_indicator(self, problem):
        with pytest.raises(TypeError, match=r"label_text must be a sequence .* got a set"):
            XRLinearClassifier(label_text=set("abcdefghijkl")).fit(*problem)

    def test_sequence_of_texts_for_classes(self, problem):
        with pytest.raises((TypeError, ValueError), match="label_text"):
            XRLinearClassifier(label_text=["a", "b"]).fit(problem[0], problem[1][:, 0])

    @pytest.mark.parametrize("texts", [[3] * 12, [None] * 12, [b"a"] * 12, ["a"] * 11 + [np.nan]])
    def test_texts_that_are_none(self, problem, texts):
        with pytest.raises((TypeError, ValueError), match="label_text"):
            XRLinearClassifier(label_text=texts).fit(*problem)

    @pytest.mark.parametrize(
        "features", ["pifas", None, 3, np.full((12, 2), np.nan), np.ones(12), np.ones((12, 0))]
    )
    def test_wrong_label_features(self, problem, features):
        with pytest.raises((TypeError, ValueError), match=r"label_features|feature"):
            XRLinearClassifier(label_features=features).fit(*problem)

    @pytest.mark.parametrize("made", [None, np.ones(12), np.full((12, 2), np.nan), np.ones((7, 2))])
    def test_wrong_label_features_made(self, problem, made):
        with pytest.raises(ValueError, match="label_features"):
            XRLinearClassifier(label_features=lambda X, Y: made).fit(*problem)

    def test_half_precision_indicator(self, problem):
        X, Y = problem
        model = XRLinearClassifier(random_state=0).fit(X, Y.astype(np.float16))
        assert model.predict(X).dtype == np.float16
        assert_array_equal(
            model.predict(X), XRLinearClassifier(random_state=0).fit(X, Y).predict(X)
        )


class TestParameters:
    @pytest.mark.parametrize(
        "params",
        [
            {"loss": "squared"},
            {"C": 0},
            {"C": -1.0},
            {"C": np.nan},
            {"C": "1"},
            {"positive_weight": 0},
            {"positive_weight": np.inf},
            {"relevance_norm": "l3"},
            {"relevance_layers": "top"},
            {"intercept_scaling": 0},
            {"tol": 0},
            {"tol": -1},
            {"max_iter": 0},
            {"max_iter": 1.5},
            {"negatives": "all"},
            {"prune_threshold": -0.1},
            {"prune_threshold": np.nan},
            {"max_weights": 0},
            {"max_weights": 2.5},
            {"beam_width": 0},
            {"shortlist_size": 0},
            {"score_transform": "l3"},
            {"fit_intercept": "yes"},
            {"n_trees": 0},
            {"n_trees": 1.5},
            {"ensemble": "median"},
            {"memory": 3},
            {"n_jobs": "two"},
            {"random_state": "zero"},
            {"verbose": -1},
        ],
        ids=str,
    )
    def test_invalid(self, problem, params):
        with pytest.raises(ValueError, match=next(iter(params))):
            XRLinearClassifier(**params).fit(*problem)

    def test_defaults(self):
        assert XRLinearClassifier().get_params() == {
            "indexer": None,
            "label_features": "pifa",
            "label_text": None,
            "loss": "squared_hinge",
            "C": 1.0,
            "positive_weight": 1.0,
            "relevance_norm": None,
            "relevance_layers": "all",
            "fit_intercept": True,
            "intercept_scaling": 1.0,
            "tol": 0.1,
            "max_iter": 100,
            "negatives": "tfn",
            "prune_threshold": 0.1,
            "max_weights": None,
            "beam_width": 10,
            "shortlist_size": 20,
            "score_transform": "l3_hinge",
            "n_trees": 1,
            "ensemble": "mean",
            "matcher": None,
            "ranker": None,
            "memory": None,
            "n_jobs": None,
            "random_state": None,
            "verbose": 0,
        }

    def test_only_the_indexer_is_positional(self):
        with pytest.raises(TypeError):
            XRLinearClassifier(None, "pifa")

    @pytest.mark.parametrize(
        "C",
        [
            1e-30,
            1e-12,
            1e12,
            1e39,
        ],
    )
    @pytest.mark.filterwarnings("ignore:All weights below some node")
    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_extreme_costs(self, problem, C):
        X = problem[0].toarray()
        X[5] = 0
        model = XRLinearClassifier(SCATTERED, C=C, fit_intercept=False, prune_threshold=0)
        model.fit(X, problem[1])
        assert all(np.isfinite(a).all() and np.isfinite(b).all() for a, b in weights(model))

    def test_not_fitted(self, problem):
        model = XRLinearClassifier()
        for method in (model.rank, model.predict, model.predict_proba, model.decision_function):
            with pytest.raises(NotFittedError):
                method(problem[0])

    @pytest.mark.parametrize(
        "change",
        [
            lambda model, X, Y: model.fit(X[:50], Y),
            lambda model, X, Y: model.fit(X * np.float32(np.nan), Y),
            lambda model, X, Y: model.fit(X, 2 * Y),
            lambda model, X, Y: model.set_params(C=-1).fit(X, Y),
            lambda model, X, Y: model.fit(X, Y[:, :5]),
            lambda model, X, Y: model.set_params(indexer=None, label_text=["a"]).fit(X, Y),
            lambda model, X, Y: model.set_params(indexer=Recorder(FLAT.parents)).fit(X, Y),
            # Warnings are errors here.
            lambda model, X, Y: model.set_params(max_iter=1, tol=1e-9).fit(X[:, :20], Y),
            lambda model, X, Y: model.fit(pd.DataFrame(X.toarray(), columns=[*range(24), "a"]), Y),
        ],
    )
    def test_a_failed_fit_changes_nothing(self, problem, change):
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        before = state(model)
        with pytest.raises(Exception):  # noqa: B017, PT011
            change(model, *problem)
        assert state(model) == before
        model.set_params(**XRLinearClassifier(SCATTERED, random_state=0).get_params())
        assert_array_equal(model.predict(problem[0]), model.predict(problem[0].toarray()))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_samples=st.integers(1, 15),
    n_features=st.integers(1, 6),
    n_labels=st.integers(2, 20),
    n_layers=st.integers(1, 4),
    density=st.sampled_from([0.1, 0.5, 1.0]),
)
def test_any_small_problem_is_solved(seed, n_samples, n_features, n_labels, n_layers, density):
    rng = np.random.default_rng(seed)
    X = rng.random((n_samples, n_features)) * (rng.random((n_samples, n_features)) < density)
    Y = (rng.random((n_samples, n_labels)) < density / 2).astype(int)
    tree = random_tree(rng, n_labels, n_layers)
    model = XRLinearClassifier(tree, random_state=0, **{**TIGHT, "max_iter": 100_000}).fit(X, Y)
    for depth, children, rows, marked in siblings(tree, Y):
        coef, intercept = (part.astype(float) for part in weights(model)[depth])
        for child in children:
            if len(children) == 1 or len(rows) == 0:
                assert not coef[:, child].any()
                assert intercept[child] == 0
                continue
            # The gradient of the objective vanishes.
            signs = np.where(marked[rows, child], 1.0, -1.0)
            margins = X[rows] @ coef[:, child] + intercept[child]
            slope = 2 * signs * np.maximum(0, 1 - signs * margins)
            assert_allclose(coef[:, child], X[rows].T @ slope, rtol=0, atol=3e-3)
            assert_allclose(intercept[child], slope.sum(), rtol=0, atol=3e-3)
