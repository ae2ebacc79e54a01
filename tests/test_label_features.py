"""Label features against their closed forms in dense float64."""

import pickle
from functools import partial

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from helpers.matrices import random_csr
from sklearn_xmr import HierarchicalKMeansIndexer, XRLinearClassifier
from sklearn_xmr.label_features import concatenation, convex_combination, pifa, pii


def dense_pifa(X, Y):
    X, Y = X.toarray().astype(float), Y.toarray().astype(float)
    Y /= np.maximum(np.linalg.norm(Y, axis=1, keepdims=True), 1e-300)
    V = Y.T @ X
    return at_unit_length(V)


def at_unit_length(Z):
    norms = np.linalg.norm(Z, axis=1, keepdims=True)
    return np.divide(Z, norms, out=np.zeros_like(Z), where=norms > 0)


def random_problem(seed=0, n_rows=60, n_features=40, n_labels=25):
    rng = np.random.default_rng(seed)
    X = random_csr(rng, (n_rows, n_features), 0.2)
    Y = random_csr(rng, (n_rows, n_labels), 0.08)
    Y.data[:] = 1
    return X, Y


@pytest.mark.parametrize("seed", range(5))
def test_closed_form(seed):
    X, Y = random_problem(seed)
    np.testing.assert_allclose(pifa(X, Y).toarray(), dense_pifa(X, Y), atol=2e-7)


def test_by_hand():
    X = sp.csr_array(np.array([[1, 0], [0, 1]], dtype=np.float32))
    Y = sp.csr_array(np.array([[1, 0, 0], [1, 1, 0]], dtype=np.float32))
    # Label 0: row 0 in full, row 1, which has two labels, by 1 / sqrt(2).
    expected = [[np.sqrt(2 / 3), np.sqrt(1 / 3)], [0, 1], [0, 0]]
    np.testing.assert_allclose(pifa(X, Y).toarray(), expected, rtol=1e-6)


def test_dtypes_and_order():
    X, Y = random_problem()
    for container in (sp.csr_array, sp.csr_matrix):
        Z = pifa(container(X), container(Y))
        assert isinstance(Z, sp.csr_array)
        assert Z.dtype == np.float32
        assert Z.indices.dtype == np.int32
        assert all(
            (np.diff(Z.indices[a:b]) > 0).all()
            for a, b in zip(Z.indptr[:-1], Z.indptr[1:], strict=True)
        )


def test_inputs_are_only_read():
    X, Y = random_problem()
    for matrix in (X, Y):
        for array in (matrix.data, matrix.indices, matrix.indptr):
            array.flags.writeable = False
    np.testing.assert_allclose(pifa(X, Y).toarray(), dense_pifa(X, Y), atol=2e-7)


def test_values_of_the_indicator_do_not_matter():
    X, Y = random_problem()
    other = Y.copy()
    other.data[:] = 7
    assert (pifa(X, other) != pifa(X, Y)).nnz == 0
    np.testing.assert_array_equal(pifa(X, Y.astype(bool)).toarray(), pifa(X, Y).toarray())


def test_dense_input_and_stored_zeros():
    X, Y = random_problem()
    expected = pifa(X, Y).toarray()
    np.testing.assert_array_equal(pifa(X.toarray(), Y.toarray().tolist()).toarray(), expected)
    wasteful = Y.copy()
    wasteful.data[::2] = 0
    lean = wasteful.copy()
    lean.eliminate_zeros()
    for features in (pifa, pii):
        np.testing.assert_array_equal(features(X, wasteful).toarray(), features(X, lean).toarray())
    assert (wasteful.data[::2] == 0).all()
    assert len(wasteful.data) == Y.nnz


@pytest.mark.parametrize("n_jobs", [2, 3, 40, -1])
def test_pifa_is_the_same_for_every_n_jobs(n_jobs):
    X, Y = random_problem()
    one, several = pifa(X, Y), pifa(X, Y, n_jobs=n_jobs)
    for name in ("indptr", "indices", "data"):
        assert getattr(one, name).tobytes() == getattr(several, name).tobytes()


@pytest.mark.parametrize("weights", [[2, 1, 0, 3], [4e9, 2e9, 0, 6e9]])
def test_weights_equal_repetitions(weights):
    X, Y = random_problem()
    weights = np.tile(weights, 15)
    rows = np.repeat(np.arange(60), np.tile([2, 1, 0, 3], 15))
    given = np.random.default_rng(1).random((25, 40))
    for features in (
        pifa,
        pii,
        partial(concatenation, given=given),
        partial(convex_combination, given=given),
    ):
        weighted = features(X, Y, sample_weight=weights).toarray()
        repeated = features(X[rows], Y[rows]).toarray()
        np.testing.assert_allclose(weighted @ weighted.T, repeated @ repeated.T, atol=1e-6)


def test_pii_closed_form():
    X, Y = random_problem()
    Z = pii(X, Y)
    assert Z.dtype == np.float32
    np.testing.assert_allclose(Z.toarray(), at_unit_length(Y.toarray().T.astype(float)), rtol=1e-6)
    other = Y.copy()
    other.data[:] = 7
    np.testing.assert_array_equal(pii(None, other).toarray(), Z.toarray())


@pytest.mark.parametrize("weight", [0, 0.3, 1])
@pytest.mark.parametrize("container", [np.asarray, sp.csr_array, sp.csc_matrix])
def test_concatenation_averages_cosines(weight, container):
    X, Y = random_problem()
    given = np.random.default_rng(1).normal(size=(25, 4))
    Z = concatenation(X, Y, given=container(given), weight=weight).toarray()
    assert Z.shape == (25, 44)
    one, other = dense_pifa(X, Y), at_unit_length(given)
    expected = weight * one @ one.T + (1 - weight) * other @ other.T
    np.testing.assert_allclose(Z @ Z.T, expected, atol=1e-6)


@pytest.mark.parametrize("weight", [0, 0.3, 1])
@pytest.mark.parametrize("container", [np.asarray, sp.csr_array, sp.csc_matrix])
def test_convex_combination_closed_form(weight, container):
    X, Y = random_problem()
    given = np.random.default_rng(1).normal(size=(25, 40))
    given[3] = 0
    before = given.copy()
    Z = convex_combination(X, Y, given=container(given), weight=weight).toarray()
    mean = weight * dense_pifa(X, Y) + (1 - weight) * at_unit_length(given)
    np.testing.assert_allclose(Z, at_unit_length(mean), atol=1e-6)
    np.testing.assert_array_equal(given, before)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (lambda X, Y: pifa(X[:-1], Y), "inconsistent numbers of samples"),
        (lambda X, Y: pifa(np.full(X.shape, np.nan), Y), "X contains NaN"),
        (lambda X, Y: pii(X, np.full(Y.shape, np.inf)), "Y contains infinity"),
        (lambda X, Y: pifa(np.zeros((0, 3)), Y), "0 sample"),
        (lambda X, Y: pifa(X, Y, np.ones(59)), "sample_weight.shape"),
        (lambda X, Y: pii(X, Y, -np.ones(60)), "Negative"),
        (lambda X, Y: pii(X, Y, np.zeros(60)), "at least one non-zero"),
        (lambda X, Y: concatenation(X, Y, given=np.ones((7, 2))), "for 7 labels, but Y has 25"),
        (lambda X, Y: convex_combination(X, Y, given=X[:7]), "for 7 labels, but Y has 25"),
        (lambda X, Y: convex_combination(X, Y, given=np.ones((25, 3))), "3 features, but X has 40"),
        (
            lambda X, Y: concatenation(X, Y, given=np.ones((25, 2)), weight=1.5),
            "weight .*, got 1.5",
        ),
        (
            lambda X, Y: concatenation(X, Y, given=np.ones((25, 2)), weight=np.nan),
            "weight .*, got nan",
        ),
        (lambda X, Y: concatenation(X, Y, given=np.full((25, 2), np.nan)), "given contains NaN"),
    ],
)
def test_refuses(features, message):
    with pytest.raises(ValueError, match=message):
        features(*random_problem())


# In the classifier

INDEXER = HierarchicalKMeansIndexer(4, max_leaf_size=4, random_state=0)


def fit(label_features, problem):
    return XRLinearClassifier(INDEXER, label_features=label_features, random_state=0).fit(*problem)


def test_classifier_takes_the_function_or_what_it_gives():
    X, Y = problem = random_problem()
    given = np.random.default_rng(1).random((25, 40))
    mixed = partial(convex_combination, given=given, weight=0.2)
    trees = []
    for features, Z in [
        ("pifa", pifa(X, Y)),
        ("pii", pii(X, Y)),
        (mixed, mixed(X, Y)),
        (partial(pifa, n_jobs=2), pifa(X, Y)),
    ]:
        trees.append(fit(features, problem).label_tree_)
        assert trees[-1] == fit(Z, problem).label_tree_ == clone(INDEXER).fit(Z).tree_
    assert trees[0] != trees[1] != trees[2] != trees[0]


def test_functions_can_be_cloned_stored_and_searched_over():
    X, Y = problem = random_problem()
    mixed = partial(concatenation, given=np.eye(25), weight=0.2)
    model = fit(mixed, problem)
    assert clone(model).fit(X, Y).label_tree_ == model.label_tree_
    assert pickle.loads(pickle.dumps(model)).fit(X, Y).label_tree_ == model.label_tree_
    grid = {"label_features": ["pifa", "pii", mixed]}
    search = GridSearchCV(clone(model), grid, cv=2, scoring=lambda *_: 1.0).fit(X, Y)
    assert len(search.cv_results_["params"]) == 3


def test_function_for_another_number_of_labels():
    X, Y = random_problem()
    model = XRLinearClassifier(label_features=lambda X, Y: np.eye(7))
    with pytest.raises(ValueError, match="label_features is for 7 labels, but y has 25"):
        model.fit(X, Y)
    assert not hasattr(model, "classes_")


def test_functions_are_given_sample_weights():
    X, Y = random_problem()
    weights = np.tile([1, 1000], 30)
    for features in (pii, pifa):
        model = XRLinearClassifier(INDEXER, label_features=features, random_state=0)
        tree = clone(INDEXER).fit(features(X, Y, weights)).tree_
        assert model.fit(X, Y, sample_weight=weights).label_tree_ == tree
        assert model.fit(X, Y).label_tree_ == clone(INDEXER).fit(features(X, Y)).tree_
    assert model.label_tree_ != tree  # by PIFA, it makes a difference


def test_a_given_tree_needs_no_features():
    X, Y = problem = random_problem()
    tree = fit("pifa", problem).label_tree_
    model = XRLinearClassifier(tree, label_features=lambda X, Y: 1 / 0)
    assert model.fit(X, Y).label_tree_ == tree


def test_nothing_to_aggregate():
    X, Y = random_problem()
    assert pifa(X, sp.csr_array(Y.shape, dtype="f4")).nnz == 0
    assert pifa(sp.csr_array(X.shape, dtype="f4"), Y).nnz == 0
