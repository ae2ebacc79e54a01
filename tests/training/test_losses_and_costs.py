"""What XRLinearClassifier minimises: losses and costs, against LIBLINEAR and repetition."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.svm import LinearSVC

from helpers.matrices import one_dimensional
from helpers.reference import TREES, make_problem, random_tree, siblings
from sklearn_xmr import LabelTree, XRLinearClassifier
from sklearn_xmr.label_features import pifa
from sklearn_xmr.metrics import make_topk_scorer, precision_at_k

LOSSES = ["squared_hinge", "hinge", "log_loss"]
TIGHT = {"tol": 1e-5, "max_iter": 50_000, "prune_threshold": 0, "random_state": 0}
SCATTERED = LabelTree.from_parents(TREES["scattered siblings"])


@pytest.fixture
def problem():
    X, Y = make_problem(n_samples=60)
    Y[::7] = 0
    return X, Y


def weights(model):
    return [(layer.coef_.toarray(), layer.intercept_) for layer in model.layers_]


def assert_same_weights(model, other):
    for found, expected in zip(weights(model), weights(other), strict=True):
        for array, other_array in zip(found, expected, strict=True):
            assert_array_equal(array.view(np.int32), other_array.view(np.int32))


def random_costs(Y, seed=0):
    rng = np.random.default_rng(seed)
    relevance = sp.csr_array(Y * rng.uniform(0.2, 4, size=Y.shape))
    return {"sample_weight": rng.uniform(0.2, 4, size=len(Y)), "relevance": relevance}


def liblinear(loss, X, target, costs, C=1.0, **params):
    """A model of scikit-learn's LIBLINEAR, for targets of one class too."""
    if target.all() or not target.any():
        # It wants a row of the other class: of next to no cost.
        X = sp.vstack([X, X[:1]], format="csr")
        target, costs = np.append(target, ~target[:1]), np.append(costs, 1e-12)
    if loss == "log_loss":
        model = LogisticRegression(
            solver="liblinear", dual=True, C=C, tol=1e-9, max_iter=100_000, **params
        )
    else:
        model = LinearSVC(loss=loss, dual=True, C=C, tol=1e-9, max_iter=1_000_000, **params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Costs in proportion to C reach it as weights.
        return model.fit(X.toarray().astype(np.float64), target, sample_weight=costs)


def assert_equal_liblinear(model, X, Y, tree, costs_of, **params):
    """`costs_of(depth)`: the cost of each (row, node) of a layer."""
    n_compared = 0
    for depth, children, rows, marked in siblings(tree, Y):
        coef, intercept = weights(model)[depth]
        for child in children:
            if len(children) == 1 or len(rows) == 0:
                continue
            costs = costs_of(depth)[rows, child]
            peer = liblinear(model.loss, X[rows], marked[rows, child], costs, C=model.C, **params)
            bound = 1e-4 * max(1, np.abs(peer.coef_).max())
            assert_allclose(coef[:, child], peer.coef_[0], rtol=0, atol=bound)
            assert_allclose(intercept[child], np.ravel(peer.intercept_), rtol=0, atol=2 * bound)
            n_compared += 1
    assert n_compared >= 10


def summed(relevance, tree):
    """For each layer the relevance of (row, node): the sum over its labels."""
    found = [np.asarray(relevance)]
    for parents, above in zip(tree.parents[:0:-1], tree.parents[-2::-1], strict=True):
        nodes = np.zeros((len(relevance), len(above)))
        for child, parent in enumerate(parents):
            nodes[:, parent] += found[-1][:, child]
        found.append(nodes)
    return found[::-1]


class TestLosses:
    @pytest.mark.parametrize(
        "params",
        [{}, {"C": 0.05}, {"C": 10.0}, {"fit_intercept": False}, {"intercept_scaling": 3.0}],
        ids=str,
    )
    @pytest.mark.parametrize("loss", LOSSES)
    def test_equal_liblinear(self, problem, loss, params):
        X, Y = problem
        Y[:, 4] = 0
        model = XRLinearClassifier(SCATTERED, loss=loss, **params, **TIGHT).fit(X, Y)
        of_peer = {name: value for name, value in params.items() if name != "C"}
        assert_equal_liblinear(model, X, Y, SCATTERED, lambda _: np.ones(Y.shape), **of_peer)

    @pytest.mark.parametrize("loss", LOSSES)
    def test_rows_without_features(self, problem, loss):
        X, Y = problem
        X = X.tolil()
        X[:20] = 0
        model = XRLinearClassifier(SCATTERED, loss=loss, fit_intercept=False, **TIGHT)
        model.fit(X, Y)
        with_features = clone(model).fit(X.tocsr()[20:], Y[20:])
        for (found, _), (expected, _) in zip(weights(model), weights(with_features), strict=True):
            assert_allclose(found, expected, atol=1e-4)

    @pytest.mark.parametrize("C", [1e-300, 1e-30, 1e12, 1e39, 1e300])
    @pytest.mark.parametrize("scale", [0, 1e-20, 1, 1e18])
    @pytest.mark.parametrize("loss", LOSSES)
    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_extremes(self, problem, loss, scale, C):
        X, Y = problem[0] * np.float32(scale), problem[1]
        model = XRLinearClassifier(
            SCATTERED, loss=loss, C=C, fit_intercept=False, prune_threshold=0, positive_weight=1e10
        )
        for sample_weight in (None, np.geomspace(1e-300, 1e300, len(Y))):
            model.fit(X, Y, sample_weight=sample_weight, relevance=Y * 1e300)
            assert all(np.isfinite(a).all() and np.isfinite(b).all() for a, b in weights(model))

    @pytest.mark.parametrize("loss", LOSSES)
    def test_warns_when_stopped(self, problem, loss):
        with pytest.warns(ConvergenceWarning, match="max_iter") as caught:
            XRLinearClassifier(SCATTERED, loss=loss, max_iter=2, tol=1e-6).fit(*problem)
        assert len(caught) == 1

    @pytest.mark.parametrize("loss", LOSSES)
    def test_does_not_depend_on_jobs(self, loss):
        X, Y = make_problem(n_labels=67, n_samples=60)
        tree = LabelTree.from_parents([[0, 0, 0], [0] * 60 + [1] * 3 + [2] * 4])
        model = XRLinearClassifier(tree, loss=loss, random_state=0, positive_weight=2)
        one = clone(model).fit(X, Y, **random_costs(Y))
        for n_jobs in (2, 5):
            assert_same_weights(
                one, clone(model).set_params(n_jobs=n_jobs).fit(X, Y, **random_costs(Y))
            )
        with parallel_config("loky", n_jobs=2):
            assert_same_weights(one, clone(model).fit(X, Y, **random_costs(Y)))

    def test_probabilities_are_calibrated(self):
        # Of labels that are drawn with the probabilities of a logistic model.
        rng = np.random.default_rng(0)
        X = rng.normal(size=(4000, 3)).astype(np.float32)
        truth = 1 / (1 + np.exp(-X @ rng.normal(size=(3, 4)) + 1))
        Y = (rng.random(truth.shape) < truth).astype(int)
        Y, X, truth = np.column_stack([Y, np.ones(len(Y), dtype=int)]), X, truth
        model = XRLinearClassifier(
            LabelTree.from_parents([[0] * 5]), loss="log_loss", score_transform="sigmoid", **TIGHT
        ).fit(X, Y)
        assert_allclose(model.predict_proba(X)[:, :4], truth, atol=0.07)


class TestCosts:
    @pytest.mark.parametrize("loss", LOSSES)
    def test_equal_liblinear(self, problem, loss):
        X, Y = problem
        costs = random_costs(Y)
        model = XRLinearClassifier(SCATTERED, loss=loss, positive_weight=1.5, **TIGHT)
        model.fit(X, Y, **costs)
        relevances = summed(costs["relevance"].toarray(), SCATTERED)
        of_rows = costs["sample_weight"][:, None]
        assert_equal_liblinear(
            model,
            X,
            Y,
            SCATTERED,
            lambda depth: of_rows * np.where(relevances[depth], 1.5 * relevances[depth], 1),
        )

    def test_relevance(self, problem):
        X, Y = problem
        relevance = random_costs(Y)["relevance"]
        model = XRLinearClassifier(SCATTERED, **TIGHT).fit(X, Y, relevance=relevance)
        relevances = summed(relevance.toarray(), SCATTERED)
        assert_equal_liblinear(
            model,
            X,
            Y,
            SCATTERED,
            lambda depth: np.where(relevances[depth], relevances[depth], 1),
        )

    def test_positive_weight(self, problem):
        X, Y = problem
        model = XRLinearClassifier(LabelTree.from_parents([[0] * 12]), positive_weight=5, **TIGHT)
        model.fit(X, Y)
        coef, intercept = weights(model)[0]
        for label in range(12):
            svc = LinearSVC(C=0.5, class_weight={1: 5}, dual=True, tol=1e-9, max_iter=100_000)
            svc.fit(X.toarray().astype(np.float64), Y[:, label])
            assert_allclose(coef[:, label], svc.coef_[0], rtol=0, atol=1e-4)
            assert_allclose(intercept[label], svc.intercept_[0], rtol=0, atol=1e-4)

    @pytest.mark.parametrize("loss", LOSSES)
    def test_equal_weights_scale_C(self, problem, loss):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, loss=loss, random_state=0)
        weighted = clone(model).fit(X, Y, sample_weight=np.full(len(Y), 4))
        assert_same_weights(weighted, clone(model).set_params(C=2.0).fit(X, Y))
        assert_same_weights(model.fit(X, Y), clone(model).fit(X, Y, sample_weight=1))

    def test_one_class_a_row(self):
        X, Y = make_problem()
        y = np.array(["b", "c", "a"])[Y[:, :9].argmax(axis=1) % 3]
        relevance = np.zeros((len(y), 3))
        relevance[np.arange(len(y)), np.unique(y, return_inverse=True)[1]] = 2
        tree = LabelTree.from_parents([[0] * 3])
        model = XRLinearClassifier(tree, random_state=0)
        assert_same_weights(
            clone(model).fit(X, y, relevance=relevance),
            clone(model).set_params(positive_weight=2).fit(X, y),
        )

    @pytest.mark.parametrize("weight", [np.nan, np.inf, -1.0, -np.inf])
    def test_wrong_weights(self, problem, weight):
        X, Y = problem
        sample_weight = np.ones(len(Y))
        sample_weight[3] = weight
        with pytest.raises(ValueError, match="sample_weight"):
            XRLinearClassifier(SCATTERED).fit(X, Y, sample_weight=sample_weight)

    @pytest.mark.parametrize("sample_weight", [np.ones(59), np.ones((60, 1)), np.zeros(60), "one"])
    def test_not_weights(self, problem, sample_weight):
        with pytest.raises((ValueError, TypeError)):
            XRLinearClassifier(SCATTERED).fit(*problem, sample_weight=sample_weight)

    @pytest.mark.parametrize(
        "change",
        [
            lambda R: R[:50],
            lambda R: R[:, :11],
            lambda R: R + np.eye(60, 12),
            lambda R: np.where(np.arange(60)[:, None] == 1, 0, R),
            lambda R: -R,
            lambda R: np.nan * R,
            lambda R: np.zeros((60, 12)),
            lambda R: np.where(R, np.inf, 0),
        ],
    )
    @pytest.mark.parametrize("container", [np.asarray, sp.csr_array, sp.coo_array])
    def test_wrong_relevance(self, problem, change, container):
        X, Y = problem
        Y[0, 0], Y[1, 1] = 0, 1
        relevance = change(3.0 * Y)
        with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="relevance"):
            XRLinearClassifier(SCATTERED).fit(X, Y, relevance=container(relevance))

    @pytest.mark.parametrize("relevance", [np.ones(12), *one_dimensional(np.ones(12))])
    def test_relevance_of_one_dimension(self, problem, relevance):
        with pytest.raises(ValueError, match="relevance"):
            XRLinearClassifier(SCATTERED).fit(*problem, relevance=relevance)

    def test_relevance_is_left_alone(self, problem):
        X, Y = problem
        relevance = sp.csr_array(2.0 * Y)
        relevance.data = np.append(relevance.data, 0.0)
        relevance.indices = np.append(relevance.indices, 0).astype(np.int32)
        relevance.indptr[-1] += 1  # a stored zero
        before = relevance.toarray(), relevance.nnz
        model = XRLinearClassifier(SCATTERED, random_state=0)
        given_sparse = clone(model).fit(X, Y, relevance=relevance)
        assert_array_equal(relevance.toarray(), before[0])
        assert relevance.nnz == before[1]
        assert_same_weights(given_sparse, clone(model).fit(X, Y, relevance=2 * Y))

    def test_no_labels_at_all(self, problem):
        X, Y = problem
        relevance = sp.csr_array(Y.shape)
        model = XRLinearClassifier(SCATTERED).fit(X, 0 * Y, relevance=relevance)
        # All rows are negatives of the root's children; no others have any.
        assert (model.decision_function(X) < 0.5).all()
        assert model.layers_[-1].coef_.nnz == 0

    def test_routing(self, problem):
        X, Y = problem
        costs = random_costs(Y)
        with config_context(enable_metadata_routing=True):
            model = XRLinearClassifier(SCATTERED, random_state=0)
            search = GridSearchCV(
                model.set_fit_request(sample_weight=True, relevance=True),
                {"loss": LOSSES},
                scoring=make_topk_scorer(precision_at_k, k=3),
                cv=KFold(2),
                error_score="raise",
            ).fit(X, sp.csr_array(Y), **costs)
        alone = XRLinearClassifier(SCATTERED, random_state=0, **search.best_params_)
        assert_same_weights(search.best_estimator_, alone.fit(X, Y, **costs))


class TestRepetition:
    @settings(max_examples=15, deadline=None)
    @given(
        seed=st.integers(0, 2**32 - 1),
        loss=st.sampled_from(LOSSES),
        n_layers=st.integers(1, 3),
        positive_weight=st.sampled_from([1.0, 3.0]),
    )
    def test_weights_equal_repetitions(self, seed, loss, n_layers, positive_weight):
        rng = np.random.default_rng(seed)
        X, Y = make_problem(seed=seed, n_samples=30, n_features=8)
        repetitions = rng.integers(0, 4, size=len(Y))
        repetitions[0] = 1
        tree = random_tree(rng, 12, n_layers)
        model = XRLinearClassifier(
            tree,
            loss=loss,
            score_transform="noop",
            positive_weight=positive_weight,
            beam_width=12,
            shortlist_size=12,
            **TIGHT,
        )
        with warnings.catch_warnings():
            # Of what float32 can give, not of what there is to compare.
            warnings.simplefilter("ignore", ConvergenceWarning)
            weighted = clone(model).fit(X, Y, sample_weight=repetitions)
            repeated = clone(model).fit(
                X[np.repeat(np.arange(30), repetitions)], np.repeat(Y, repetitions, axis=0)
            )
        # In float32, passes of the hinge loss come to a stop further from the optimum.
        atol = 5e-3 if loss == "hinge" else 1e-3
        for found, expected in zip(weights(weighted), weights(repeated), strict=True):
            assert_allclose(found[0], expected[0], atol=atol)
            assert_allclose(found[1], expected[1], atol=atol)
        assert_allclose(
            weighted.decision_function(X), repeated.decision_function(X), rtol=0, atol=atol
        )

    def test_label_features(self, problem):
        X, Y = problem
        repetitions = np.arange(len(Y)) % 4 + 1
        repeated = np.repeat(np.arange(len(Y)), repetitions)
        assert_allclose(
            pifa(X, sp.csr_array(Y), repetitions).toarray(),
            pifa(X[repeated], sp.csr_array(Y[repeated])).toarray(),
            atol=1e-6,
        )

    def test_no_weight_is_no_row(self, problem):
        # The same bits, label features and all.
        X, Y = problem
        costs = random_costs(Y)
        costs["sample_weight"][Y[:, 5] > 0] = 0
        kept = costs["sample_weight"] > 0
        model = XRLinearClassifier(random_state=0, prune_threshold=0)
        without = clone(model).fit(
            X[kept],
            Y[kept],
            sample_weight=costs["sample_weight"][kept],
            relevance=costs["relevance"][kept],
        )
        found = model.fit(X, Y, **costs)
        assert found.label_tree_ == without.label_tree_
        assert_same_weights(found, without)
        assert_array_equal(found.classes_, np.arange(12))

    def test_a_class_without_weight_stays_a_class(self):
        X, Y = make_problem()
        y = Y[:, :9].argmax(axis=1) % 3
        model = XRLinearClassifier(LabelTree.from_parents([[0] * 3]), random_state=0)
        model.fit(X, y, sample_weight=(y != 1).astype(float))
        assert_array_equal(model.classes_, [0, 1, 2])
        assert not np.any(model.predict(X) == 1)
