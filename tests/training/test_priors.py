"""What `label_prior` makes of a model: where weights start, and what pulls them back there."""

from itertools import pairwise

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize

from helpers.matrices import random_csr
from helpers.models import FLAT, SCATTERED, TIGHT, assert_same_weights, weights
from helpers.reference import TREES, make_problem, positive_nodes, random_tree, siblings
from sklearn_xmr import HierarchicalKMeansIndexer, LabelTree, XRLinearClassifier, surgery
from sklearn_xmr._matching.tree_layout import tree_layout
from sklearn_xmr._sparse import Csr
from sklearn_xmr._training.priors import Prior, on_features, pool_rows, rows_between

N_FEATURES = 25


@pytest.fixture
def problem():
    X, Y = make_problem()
    Y[:, [4, 7]] = 0
    return X, Y


@pytest.fixture
def prior():
    return random_csr(np.random.default_rng(3), (12, N_FEATURES), 0.3)


def unit(vectors):
    vectors = np.asarray(sp.csr_array(vectors).todense(), dtype=np.float64)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)


def starts(vectors, tree, strength):
    """Where the weights of each layer's nodes start, label by label in plain loops."""
    Z, layers = unit(vectors), []
    ancestors = tree.ancestors()
    for depth, parents in enumerate(tree.parents):
        u = np.zeros((len(parents), Z.shape[1]))
        for node, parent in enumerate(parents):
            below = Z[ancestors[depth] == node]
            if np.sum(parents == parent) == 1 or len(below) == 0:
                continue
            if depth == len(tree.parents) - 1:
                u[node] = strength * below[0]
                continue
            pooled = np.maximum(below.max(axis=0), 0) + np.minimum(below.min(axis=0), 0)
            known = max(np.any(below, axis=1).sum(), 1)
            u[node] = 2 * strength * pooled / max(np.sum(below @ pooled) / known, 1)
        layers.append(u)
    return layers


def minimum(X, signs, costs, u, loss, bias):
    """The minimiser of the objective in float64, by way of its dual: weights, intercept."""
    features = np.column_stack([X, np.full(len(X), bias)]) * signs[:, None]
    start = np.append(u, -1 / bias if bias else 0)
    gram, first = features @ features.T, features @ start

    def dual(a):
        value, gradient = a @ gram @ a / 2 + a @ first, gram @ a + first
        if loss == "squared_hinge":
            return value - a.sum() + np.sum(a**2 / (4 * costs)), gradient - 1 + a / (2 * costs)
        if loss == "hinge":
            return value - a.sum(), gradient - 1
        odds = np.log(a / (costs - a))
        return value + np.sum(a * np.log(a) + (costs - a) * np.log(costs - a)), gradient + odds

    least, most = {
        "squared_hinge": (0, np.full(len(X), np.inf)),
        "hinge": (0, costs),
        "log_loss": (1e-12, costs - 1e-12),
    }[loss]
    a = minimize(
        dual,
        costs / 2,
        jac=True,
        bounds=[(least, top) for top in most],
        tol=1e-10,
        options={"maxiter": 500},
    ).x
    w = start + features.T @ a
    return w[:-1], w[-1] * bias


class TestWeights:
    def test_one_row_has_a_closed_form(self):
        # With x = (1, 0) for label 0, z = (0.6, 0.8), s = 2 and no intercept: w = (1.2, 1.6) + a x
        # where a = 2 C (1 - w.x) gives a = 2 C (1 - 1.2) / (1 + 2 C), below 0: it stays. Row 1 is
        # no label-0 row: w.x = 1.6 is too much, and a = -2 C (1 + 1.6) / (1 + 2 C).
        model = XRLinearClassifier(
            LabelTree.flat(2),
            label_prior=[[3.0, 4.0], [0.0, 0.0]],
            prior_strength=2.0,
            C=0.5,
            fit_intercept=False,
            **TIGHT,
        ).fit([[1.0, 0.0], [0.0, 1.0]], [[1, 0], [0, 1]])
        coef, intercept = weights(model)[0]
        assert_allclose(coef[:, 0], [1.2, 1.6 - 1.3], atol=1e-4)
        assert_allclose(coef[:, 1], [-0.5, 0.5], atol=1e-4)
        assert_array_equal(intercept, 0)

    @pytest.mark.parametrize(
        ("loss", "params"),
        [
            ("squared_hinge", {}),
            ("squared_hinge", {"fit_intercept": False}),
            ("squared_hinge", {"intercept_scaling": 3.0}),
            ("hinge", {"C": 0.1, "prior_strength": 0.7, "positive_weight": 3.0}),
            ("log_loss", {"C": 0.1, "prior_strength": 0.7, "positive_weight": 3.0}),
        ],
        ids=str,
    )
    def test_minimise_the_objective(self, problem, prior, loss, params):
        X, Y = problem
        X, Y, tree = X[:50], Y[:50], SCATTERED
        weight = np.linspace(0.5, 2, len(Y))
        settings = {"C": 0.5, "prior_strength": 2.0, "positive_weight": 1.0, **params}
        model = XRLinearClassifier(tree, label_prior=prior, loss=loss, **settings, **TIGHT)
        model.fit(X, Y, sample_weight=weight)
        bias = params.get("intercept_scaling", 1.0) if params.get("fit_intercept", True) else 0.0
        first = starts(prior, tree, settings["prior_strength"])
        n_compared = 0
        for depth, children, rows, marked in siblings(tree, Y):
            coef, intercept = weights(model)[depth]
            for child in children:
                target = marked[rows, child]
                if not target.any():
                    continue
                signs = np.where(target, 1.0, -1.0)
                costs = settings["C"] * weight[rows]
                costs = costs * np.where(target, settings["positive_weight"], 1)
                if depth < len(tree.parents) - 1:
                    costs = costs * np.where(target, 1, 0.05)
                of_node = minimum(X.toarray()[rows], signs, costs, first[depth][child], loss, bias)
                assert_allclose(coef[:, child], of_node[0], atol=2e-3)
                assert_allclose(intercept[child], of_node[1], atol=2e-3)
                n_compared += 1
        assert n_compared == 3 + 10

    @pytest.mark.parametrize("name", TREES)
    def test_nodes_without_rows_stay_where_they_start(self, problem, prior, name):
        X, Y = problem
        Y[:, [0, 1, 2, 3, 5]] = 0
        tree = LabelTree.from_parents(TREES[name])
        model = XRLinearClassifier(tree, label_prior=prior, prior_strength=1.5).fit(X, Y)
        first = starts(prior, tree, 1.5)
        for depth, nodes in enumerate(positive_nodes(Y, tree)):
            coef, intercept = weights(model)[depth]
            parents = tree.parents[depth]
            for node in np.flatnonzero(~nodes.any(axis=0)):
                assert_allclose(coef[:, node], first[depth][node], atol=1e-6)
                has_model = np.sum(parents == parents[node]) > 1
                assert intercept[node] == (-1 if has_model else 0)

    def test_a_label_without_rows_has_its_vector_to_the_last_bit(self, problem, prior):
        X, Y = problem
        Z = sp.csr_array(prior)
        Z.data /= np.repeat(np.sqrt(Z.power(2).sum(axis=1)), np.diff(Z.indptr)).astype(np.float32)
        model = XRLinearClassifier(FLAT, label_prior=Z, prior_strength=2).fit(X, Y)
        coef = weights(model)[0][0]
        assert_allclose(coef[:, [4, 7]], 2 * Z.toarray()[[4, 7]].T, rtol=3e-7)

    def test_no_prior_is_none(self, problem):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        assert model.prior_strength_ is None
        assert all(layer.learned is None for layer in model.layers_)

    @pytest.mark.parametrize("negatives", ["tfn", "tfn+man", ["tfn", "man"]])
    def test_do_not_depend_on_how_work_is_shared_out(self, problem, prior, negatives):
        X, Y = problem
        params = {"label_prior": prior, "negatives": negatives, "random_state": 0}
        model = XRLinearClassifier(SCATTERED, **params).fit(X, Y)
        assert_same_weights(model, XRLinearClassifier(SCATTERED, n_jobs=2, **params).fit(X, Y))
        with joblib.parallel_config("loky", n_jobs=2):
            assert_same_weights(model, XRLinearClassifier(SCATTERED, n_jobs=2, **params).fit(X, Y))

    def test_memory_gives_the_same(self, problem, prior, tmp_path):
        X, Y = problem
        params = {"label_prior": prior, "random_state": 0}
        cached = {"memory": joblib.Memory(tmp_path, verbose=0), **params}
        for threshold in (0.2, 0.05):
            model = XRLinearClassifier(SCATTERED, prune_threshold=threshold, **params).fit(X, Y)
            assert_same_weights(
                model, XRLinearClassifier(SCATTERED, prune_threshold=threshold, **cached).fit(X, Y)
            )


class TestPruning:
    @pytest.mark.parametrize("dtype", [None, "float32", "float16"])
    def test_leaves_the_prior(self, problem, prior, dtype):
        X, Y = problem
        params = {"label_prior": prior, "prior_strength": 2, "random_state": 0}
        model = XRLinearClassifier(SCATTERED, **params).fit(X, Y)
        bare = model.prune(1e6, dtype=dtype)
        for (coef, _), first in zip(weights(bare), starts(prior, SCATTERED, 2.0), strict=True):
            assert_allclose(coef.T, first, atol=1e-6 if dtype != "float16" else 3e-3)
            assert_array_equal(coef.T != 0, first != 0)

    @pytest.mark.parametrize("options", [{"threshold": 0.3}, {"max_weights": 2}], ids=str)
    def test_is_that_of_the_fit(self, problem, prior, options):
        X, Y = problem
        params = {"label_prior": prior, "random_state": 0, "prune_threshold": 0.01}
        model = XRLinearClassifier(SCATTERED, **params).fit(X, Y)
        names = {"threshold": "prune_threshold", "max_weights": "max_weights"}
        params |= {names[name]: value for name, value in options.items()}
        other = XRLinearClassifier(SCATTERED, **params).fit(X, Y)
        pruned = model.prune(**options)
        for (coef, _), (other_coef, _) in zip(weights(pruned), weights(other), strict=True):
            assert_allclose(coef, other_coef, atol=1e-6)
            assert_array_equal(coef != 0, other_coef != 0)

    def test_measures_what_was_learned(self, problem, prior):
        X, Y = problem
        params = {"label_prior": prior, "prior_strength": 2, "random_state": 0}
        full = XRLinearClassifier(SCATTERED, prune_threshold=0, **params).fit(X, Y)
        model = XRLinearClassifier(SCATTERED, prune_threshold=0.1, **params).fit(X, Y)
        layers = zip(weights(full), weights(model), starts(prior, SCATTERED, 2.0), strict=True)
        for (all_weights, _), (coef, _), first in layers:
            moved = all_weights - first.T
            # Weights at the threshold itself may be on either side.
            clear = np.abs(np.abs(moved) - 0.1) > 1e-5
            expected = first.T + np.where(np.abs(moved) >= 0.1, moved, 0)
            assert_allclose(coef[clear], expected[clear], atol=1e-5)


class TestTree:
    def test_sees_labels_without_rows(self, prior):
        # Two kinds of labels, of which only half have rows: their vectors tell which is which.
        Z = np.kron(np.eye(2), np.ones((8, 3))) + np.random.default_rng(0).random((16, 6)) / 10
        X, Y = Z[:8:2].repeat(2, axis=0), np.zeros((8, 16), dtype=int)
        X, Y = np.vstack([X, Z[8::2].repeat(2, axis=0)]), np.vstack([Y, Y])
        Y[np.arange(16), np.arange(16) // 2 * 2] = 1
        indexer = HierarchicalKMeansIndexer(2, max_leaf_size=8, random_state=0)
        model = XRLinearClassifier(indexer, label_prior=Z, random_state=0).fit(X, Y)
        kinds = model.label_tree_.parents[-1]
        assert len(set(kinds[:8])) == len(set(kinds[8:])) == 1
        assert kinds[0] != kinds[8]
        labels, _ = model.rank(Z / np.linalg.norm(Z, axis=1, keepdims=True), k=1)
        assert_array_equal(labels[:, 0] < 8, np.arange(16) < 8)

    def test_ensembles_and_surgery_keep_it(self, problem, prior):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, label_prior=prior, random_state=0).fit(X, Y)
        kept = [1, 4, 7, 8, 11]
        cut = surgery.restrict(model, kept)
        assert_array_equal(cut.label_prior.toarray(), prior.toarray()[kept])
        bare = weights(cut.prune(1e6))[-1][0]
        assert_allclose(bare, weights(model.prune(1e6))[-1][0][:, kept], atol=1e-6)
        top = surgery.take_top(model, 0)
        subtrees = [surgery.take_subtree(model, 0, node) for node in top.classes_]
        joined = surgery.join(top, subtrees)
        assert_same_weights(joined.prune(1e6), model.prune(1e6))
        assert_array_equal(joined.label_prior.toarray(), prior.toarray())
        twice = XRLinearClassifier(SCATTERED, label_prior=prior, n_trees=2, random_state=0)
        assert_array_equal(weights(twice.fit(X, Y))[-1][0][:, 4], weights(model)[-1][0][:, 4])


class TestForms:
    def test_a_dict_is_the_matrix(self, problem, prior):
        X, Y = problem
        y = np.array([f"label {j:02}" for j in range(12)])[Y.argmax(axis=1)]
        classes = np.unique(y)
        rows = {f"label {j:02}": prior[[j]] for j in range(12)} | {"no class": prior[[0]]}
        dense = {name: row.toarray()[0] for name, row in rows.items()}
        matrix = sp.vstack([rows[c] for c in classes])
        models = [
            XRLinearClassifier(label_prior=given, random_state=0).fit(X, y)
            for given in (matrix, rows, dense, matrix.toarray().tolist())
        ]
        for model in models[1:]:
            assert_same_weights(models[0], model)

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"label_prior": np.ones((11, N_FEATURES))}, "each of the 12 labels, got 11 rows"),
            ({"label_prior": np.ones((12, 3))}, f"the {N_FEATURES} features of X, got 3"),
            ({"label_prior": np.full((12, N_FEATURES), np.nan)}, "label_prior contains NaN"),
            ({"label_prior": np.ones(12)}, "2D array"),
            ({"prior_strength": -1.0}, "prior_strength"),
            ({"prior_strength": np.inf}, "prior_strength"),
            ({"prior_strength": "none"}, "prior_strength"),
        ],
        ids=str,
    )
    def test_errors(self, problem, params, message):
        X, Y = problem
        with pytest.raises(ValueError, match=message):
            XRLinearClassifier(**{"label_prior": np.eye(12, N_FEATURES), **params}).fit(X, Y)

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ({"a": np.ones(N_FEATURES)}, "each of the 2 classes, got none for 1 of them, 'b'"),
            ({"a": np.ones(N_FEATURES), "b": np.ones(3)}, r"got shape \(1, 3\) for 'b'"),
            ({"a": np.ones(N_FEATURES), "b": sp.csr_array((2, N_FEATURES))}, "for 'b'"),
            ({"a": np.ones(N_FEATURES), "b": ["x"] * N_FEATURES}, "label_prior"),
        ],
        ids=["missing", "features", "rows", "words"],
    )
    def test_errors_of_dicts(self, problem, rows, message):
        X, Y = problem
        with pytest.raises(ValueError, match=message):
            XRLinearClassifier(label_prior=rows).fit(X, np.where(Y[:, 0], "a", "b"))

    def test_a_dict_is_for_classes(self, problem):
        X, Y = problem
        with pytest.raises(TypeError, match="an indicator, got a dict"):
            XRLinearClassifier(label_prior=dict(enumerate(np.ones((12, N_FEATURES))))).fit(X, Y)

    def test_given_data_stays_as_it_is(self, problem, prior):
        X, Y = problem
        before = prior.copy()
        XRLinearClassifier(label_prior=prior).fit(X, Y)
        assert_array_equal(prior.toarray(), before.toarray())


class TestNodePriors:
    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.booleans())
    def test_are_those_of_the_loops(self, seed, n_layers, signed):
        rng = np.random.default_rng(seed)
        tree = random_tree(rng, 9, n_layers)
        Z = random_csr(rng, (9, 14), 0.3)
        if not signed:
            Z.data = np.abs(Z.data)
        Z = sp.csr_array(unit(Z).astype(np.float32))
        found = Prior(Z, 1.5).weights_of_layers(layouts := tree_layout(tree))
        for layer, layout, first in zip(found, layouts, starts(Z, tree, 1.5), strict=True):
            assert_allclose(layer.to_scipy().toarray(), first[layout.node_of], atol=1e-5)

    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 2**32 - 1), st.sampled_from([np.maximum, np.minimum, np.add]))
    def test_pool_rows(self, seed, pool):
        rng = np.random.default_rng(seed)
        matrix = random_csr(rng, (8, 6), 0.4)
        matrix.data = np.abs(matrix.data) * (-1 if pool is np.minimum else 1)
        bounds = np.array([0, *np.sort(rng.integers(0, 9, size=3)), 8])
        expected = [
            pool.reduce(matrix.toarray()[a:b], axis=0, initial=0) for a, b in pairwise(bounds)
        ]
        assert_allclose(pool_rows(matrix, bounds, pool).toarray(), expected, rtol=1e-6)

    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 2**32 - 1))
    def test_parts(self, seed):
        rng = np.random.default_rng(seed)
        matrix = random_csr(rng, (5, 9), 0.5)
        first, last = np.sort(rng.integers(0, 6, size=2))
        features = rng.permutation(9)[: rng.integers(0, 10)].astype(np.int32)
        part = on_features(rows_between(Csr.of(matrix), first, last), features)
        assert_array_equal(part.to_scipy().toarray(), matrix.toarray()[first:last][:, features])
