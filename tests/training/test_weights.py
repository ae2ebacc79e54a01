"""The weights that training finds: optimal, reproducible, and with a warning where they are not."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from helpers.matrices import random_csr
from helpers.models import FLAT, SCATTERED, TIGHT, assert_same_weights, weights
from helpers.reference import TREES, make_problem, random_tree, siblings
from sklearn_xmr import LabelTree, XRLinearClassifier


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
                    svc = LinearSVC(dual=True, tol=1e-9, max_iter=100_000, **{"C": 0.5, **params})
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore", ConvergenceWarning)
                        svc.fit(X[rows].toarray().astype(np.float64), target)
                    bound = 1e-4 * max(1, np.abs(svc.coef_).max())
                    assert_allclose(coef[:, child], svc.coef_[0], rtol=0, atol=bound)
                    assert_allclose(intercept[child], svc.intercept_, rtol=0, atol=2 * bound)
                    n_compared += 1
                else:
                    # LinearSVC refuses a single class.
                    bias = params.get("intercept_scaling", params.get("fit_intercept", 1.0))
                    signs = np.where(target, 1.0, -1.0)
                    best = minimum(X[rows].toarray(), signs, params.get("C", 0.5), float(bias))
                    assert_allclose(coef[:, child], best[0], rtol=0, atol=1e-3)
                    assert_allclose(intercept[child], best[1], rtol=0, atol=1e-3)
        assert n_compared >= 10

    def test_flat_tree_is_one_vs_rest(self, problem):
        X, Y = problem
        assert not Y.any(axis=1).all()  # rows without labels are negatives of both
        model = XRLinearClassifier(FLAT, random_state=0, **TIGHT).fit(X, Y)
        peer = OneVsRestClassifier(LinearSVC(C=0.5, tol=1e-7, max_iter=100_000, dual=True))
        peer.fit(X.toarray(), Y)
        coef, intercept = weights(model)[0]
        assert_allclose(coef.T, [svc.coef_[0] for svc in peer.estimators_], atol=2e-4)
        assert_allclose(intercept, [svc.intercept_[0] for svc in peer.estimators_], atol=2e-4)

    def test_many_features_and_children(self):
        # Wider than what a cache or a vector holds.
        rng = np.random.default_rng(0)
        X = random_csr(rng, (60, 20_000), 0.02)
        Y = np.zeros((60, 37), dtype=int)
        Y[np.arange(60), np.arange(60) % 37] = 1
        tree = LabelTree.from_parents([[0] * 37])
        model = XRLinearClassifier(tree, random_state=0, **TIGHT).fit(X, Y)
        coef, intercept = weights(model)[0]
        for label in (0, 15, 16, 36):
            svc = LinearSVC(C=0.5, dual=True, tol=1e-7, max_iter=10_000).fit(X, Y[:, label])
            assert_allclose(coef[:, label], svc.coef_[0], rtol=0, atol=1e-4)
            assert_allclose(intercept[label], svc.intercept_[0], rtol=0, atol=1e-4)

    def test_default_tolerance(self, problem):
        # The dual objective comes close to the optimum: primal objectives differ by a few percent.
        X, Y = problem
        model = XRLinearClassifier(FLAT, random_state=0, prune_threshold=0).fit(X, Y)
        coef, intercept = weights(model)[0]
        signs = 2.0 * Y - 1

        def objective(w, b, y):
            return (w @ w + b * b + (np.maximum(0, 1 - y * (X @ w + b)) ** 2).sum()) / 2

        for label in range(Y.shape[1]):
            best = objective(*minimum(X.toarray(), signs[:, label], 0.5, 1.0), signs[:, label])
            assert objective(coef[:, label], intercept[label], signs[:, label]) < 1.05 * best

    @pytest.mark.parametrize("negatives", ["tfn", "man", "tfn+man"])
    @pytest.mark.parametrize(
        "params", [{}, {"C": 0.1}, {"intercept_scaling": 3.0}, {"fit_intercept": False}], ids=str
    )
    def test_rows_without_labels_are_negatives_of_a_flat_tree(self, problem, params, negatives):
        X, Y = problem
        Y = np.where(np.arange(len(Y))[:, None] % 3 == 0, 0, Y)
        model = XRLinearClassifier(
            FLAT, random_state=0, negatives=negatives, tol=1e-6, prune_threshold=0, max_iter=1000,
            **params,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # 1e-6 is what float32 can give
            model.fit(X, Y)
        svc = LinearSVC(dual=True, tol=1e-8, max_iter=100_000, **{"C": 0.5, **params})
        peer = OneVsRestClassifier(svc).fit(X.toarray().astype(np.float64), Y)
        coef, intercept = weights(model)[0]
        assert_allclose(coef.T, [svc.coef_[0] for svc in peer.estimators_], atol=1e-3)
        assert_allclose(intercept, np.ravel([s.intercept_ for s in peer.estimators_]), atol=1e-3)

    def test_rows_without_labels_train_nothing_below_the_first_choice(self, problem):
        X, Y = problem
        Y = np.where(np.arange(len(Y))[:, None] % 3 == 0, 0, Y)
        kept = Y.any(axis=1)
        alone = XRLinearClassifier(SCATTERED, random_state=0).fit(X[kept], Y[kept])
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        for (coef, intercept), (other_coef, other_intercept) in zip(
            weights(model)[1:], weights(alone)[1:], strict=True
        ):
            # The same problems; other numbers of rows are visited in another order.
            assert_allclose(coef, other_coef, atol=0.2)
            assert_allclose(intercept, other_intercept, atol=0.2)
        assert np.abs(weights(model)[0][0] - weights(alone)[0][0]).max() > 0.3

    def test_a_tree_labels_less_of_what_should_have_no_label(self, problem):
        rng = np.random.default_rng(0)
        X, Y = problem
        known = Y.any(axis=1)
        noise = random_csr(rng, (200, X.shape[1]), 0.3)
        more_X, more_Y = sp.vstack([X[known], noise[:100]]).tocsr(), np.zeros((100, 12), dtype=int)
        model = XRLinearClassifier(SCATTERED, random_state=0)
        blind = model.fit(X[known], Y[known]).predict(noise[100:]).sum()
        assert model.fit(more_X, np.vstack([Y[known], more_Y])).predict(noise[100:]).sum() < blind

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
            slope = signs * np.maximum(0, 1 - signs * margins)
            assert_allclose(coef[:, child], X[rows].T @ slope, rtol=0, atol=3e-3)
            assert_allclose(intercept[child], slope.sum(), rtol=0, atol=3e-3)
