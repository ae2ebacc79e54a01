"""Which rows train a node: every model equals LinearSVC on rows chosen by plain loops."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import GridSearchCV
from sklearn.svm import LinearSVC

from helpers.reference import TREES, Reference, make_problem
from sklearn_xmr import LabelTree, XRLinearClassifier

TIGHT = {"tol": 1e-4, "max_iter": 5000, "random_state": 0}
THREE = [[0, 0, 0], [2, 0, 1, 2, 0, 1], [5, 4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 5]]
TREE = LabelTree.from_parents(THREE)


def make_rows():
    X, Y = make_problem(n_samples=150)
    Y[::9] = 0
    return X, Y


def nodes_above(Y, parents):
    """Per layer, which rows have an entry at or below which node; `parents` ends where Y is."""
    layers = [np.asarray(Y) != 0]
    for depth in range(len(parents) - 1, 0, -1):
        above = np.zeros((len(Y), len(parents[depth - 1])), dtype=bool)
        for child, parent in enumerate(parents[depth]):
            above[:, parent] |= layers[0][:, child]
        layers.insert(0, above)
    return layers


def reached(model, X, beam_width, transform):
    """Per layer, the root first, which rows a beam search through the model sends to a node."""
    reference, parents = Reference(model), model.label_tree_.parents
    lowest = reference._lowest_labels()
    layers = [np.ones((X.shape[0], 1), dtype=bool)]
    layers += [np.zeros((X.shape[0], len(p)), dtype=bool) for p in parents]
    for row, x in enumerate(X.toarray()):
        for depth, scores in enumerate(reference.paths(x, transform)):
            children = np.flatnonzero(layers[depth][row][parents[depth]])
            best = sorted(children, key=lambda node: (-scores[node], lowest[depth][node] or 0))
            layers[depth + 1][row, best[:beam_width]] = True
    return layers


def assert_trained_on(model, X, Y, rows):
    """The weights are those of LinearSVC on ``rows[depth][:, parent]``."""
    parents, n_compared = model.label_tree_.parents, 0
    for depth, (positive, layer) in enumerate(
        zip(nodes_above(Y, parents), model.layers_, strict=True)
    ):
        coef, intercept = layer.coef_.toarray(), layer.intercept_
        for child, parent in enumerate(parents[depth]):
            chosen = np.flatnonzero(rows[depth][:, parent])
            target = positive[chosen, child]
            if len(chosen) == 0:
                assert not coef[:, child].any()
                assert intercept[child] == 0
            elif 0 < target.sum() < len(chosen):
                svc = LinearSVC(C=0.5, dual=True, tol=1e-9, max_iter=100_000)
                svc.fit(X[chosen].toarray().astype(np.float64), target)
                expected = np.where(np.abs(svc.coef_[0]) < model.prune_threshold, 0, svc.coef_[0])
                # A weight close to the threshold may fall on either side of it.
                near = np.abs(np.abs(svc.coef_[0]) - model.prune_threshold) < 2e-4
                assert_allclose(coef[~near, child], expected[~near], rtol=0, atol=2e-4)
                assert_allclose(intercept[child], svc.intercept_, rtol=0, atol=4e-4)
                n_compared += 1
    assert n_compared >= 12


def with_root(Y, parents):
    """Rows of every node: all for the root, those that have an entry below it for others."""
    return [np.ones((len(Y), 1), dtype=bool), *nodes_above(Y, parents)]


@pytest.mark.parametrize("scheme", ["tfn", "man", "tfn+man"])
@pytest.mark.parametrize(
    "params",
    [
        {"beam_width": 2},
        {"beam_width": 1, "score_transform": "sigmoid", "prune_threshold": 0.3},
        {"beam_width": 3, "score_transform": "noop", "prune_threshold": 0},
    ],
    ids=str,
)
def test_schemes(scheme, params):
    X, Y = make_rows()
    model = XRLinearClassifier(TREE, negatives=scheme, **params, **TIGHT).fit(X, Y)
    positive = with_root(Y, THREE)
    found = reached(model, X, model.beam_width, model.score_transform)
    rows = {"tfn": positive, "man": found}.get(scheme)
    if rows is None:
        rows = [a | b for a, b in zip(positive, found, strict=True)]
    assert_trained_on(model, X, Y, rows)


def test_search_goes_through_pruned_layers():
    X, Y = make_rows()
    params = {"beam_width": 1, "negatives": "man", "max_weights": 2, **TIGHT}
    model = XRLinearClassifier(TREE, prune_threshold=0, **params).fit(X, Y)
    # The last layer searched on comes after pruning; its own weights are complete before.
    found = reached(model, X, 1, "l3_hinge")
    full = XRLinearClassifier(TREE, prune_threshold=0, **{**params, "max_weights": None}).fit(X, Y)
    assert (found[1] != reached(full, X, 1, "l3_hinge")[1]).any()
    positive = nodes_above(Y, THREE)[1]
    for child, parent in enumerate(THREE[1]):
        chosen = np.flatnonzero(found[1][:, parent])
        svc = LinearSVC(C=0.5, dual=True, tol=1e-9, max_iter=100_000)
        svc.fit(X[chosen].toarray().astype(np.float64), positive[chosen, child])
        assert_allclose(model.layers_[1].intercept_[child], svc.intercept_, rtol=0, atol=4e-4)
        largest = np.argsort(-np.abs(svc.coef_[0]))[:2]
        coef = model.layers_[1].coef_.toarray()[:, child]
        assert_allclose(coef[largest], svc.coef_[0, largest], rtol=0, atol=2e-4)


def test_a_scheme_for_each_layer():
    X, Y = make_rows()
    schemes = ["tfn", "tfn+man", "man"]
    model = XRLinearClassifier(TREE, negatives=schemes, beam_width=2, **TIGHT).fit(X, Y)
    positive = with_root(Y, THREE)
    found = reached(model, X, 2, "l3_hinge")
    assert_trained_on(model, X, Y, [positive[0], positive[1] | found[1], found[2]])


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("container", [np.asarray, sp.csc_matrix, sp.coo_array])
def test_own_matrix(depth, container):
    X, Y = make_rows()
    rng = np.random.default_rng(0)
    marks = (rng.random((X.shape[0], len(THREE[depth]))) < 0.1) * rng.integers(1, 5)
    model = XRLinearClassifier(TREE, **TIGHT).fit(X, Y, negatives=container(marks))
    rows = with_root(Y, THREE)
    for layer, marked in zip(rows, with_root(marks, THREE[: depth + 1]), strict=False):
        layer |= marked
    assert_trained_on(model, X, Y, rows)


def test_own_matrix_with_search():
    X, Y = make_rows()
    marks = np.random.default_rng(0).random(Y.shape) < 0.1
    model = XRLinearClassifier(TREE, negatives="tfn+man", beam_width=2, **TIGHT)
    model.fit(X, Y, negatives=marks)
    both = zip(
        with_root(Y, THREE), with_root(marks, THREE), reached(model, X, 2, "l3_hinge"), strict=True
    )
    assert_trained_on(model, X, Y, [a | b | c for a, b, c in both])


@pytest.mark.parametrize("scheme", ["tfn", "man", "tfn+man"])
def test_costs_stay_with_their_positives(scheme):
    X, Y = make_rows()
    rng = np.random.default_rng(0)
    sample_weight = rng.uniform(0.5, 3, size=X.shape[0])
    relevance = Y * rng.uniform(0.5, 3, size=Y.shape)
    model = XRLinearClassifier(TREE, negatives=scheme, beam_width=1, prune_threshold=0, **TIGHT)
    model.fit(X, Y, sample_weight=sample_weight, relevance=relevance)
    found, positive = reached(model, X, 1, "l3_hinge")[2], with_root(Y, THREE)[2]
    rows = {"tfn": positive, "man": found, "tfn+man": found | positive}[scheme]
    for child, parent in enumerate(THREE[2]):
        chosen = np.flatnonzero(rows[:, parent])
        target = Y[chosen, child] > 0
        weights = sample_weight[chosen] * np.where(target, relevance[chosen, child], 1)
        svc = LinearSVC(C=0.5, dual=True, tol=1e-9, max_iter=100_000)
        svc.fit(X[chosen].toarray().astype(np.float64), target, weights)
        layer = model.layers_[2]
        assert_allclose(layer.coef_.toarray()[:, child], svc.coef_[0], rtol=0, atol=1e-3)
        assert_allclose(layer.intercept_[child], svc.intercept_, rtol=0, atol=1e-3)


def test_rows_that_weigh_nothing_are_absent():
    X, Y = make_rows()
    marks = np.random.default_rng(0).random(Y.shape) < 0.1
    weight = np.ones(X.shape[0])
    weight[::4] = 0
    kept = weight > 0
    for scheme in ("tfn", "man"):
        model = XRLinearClassifier(TREE, negatives=scheme, random_state=0)
        model.fit(X, Y, sample_weight=weight, negatives=marks)
        other = XRLinearClassifier(TREE, negatives=scheme, random_state=0)
        other.fit(X[kept], Y[kept], negatives=marks[kept])
        for layer, expected in zip(model.layers_, other.layers_, strict=True):
            assert_array_equal(layer.coef_.toarray(), expected.coef_.toarray())


def test_own_labels_change_nothing():
    X, Y = make_rows()
    model = XRLinearClassifier(TREE, random_state=0).fit(X, Y)
    again = XRLinearClassifier(TREE, random_state=0).fit(X, Y, negatives=Y)
    for layer, other in zip(model.layers_, again.layers_, strict=True):
        assert_array_equal(layer.coef_.toarray(), other.coef_.toarray())


@pytest.mark.parametrize("scheme", ["man", "tfn+man", ["tfn", "man", "tfn"]])
def test_does_not_depend_on_threads(scheme):
    X, Y = make_rows()
    models = [
        XRLinearClassifier(TREE, negatives=scheme, random_state=0, n_jobs=n).fit(X, Y)
        for n in (1, 3)
    ]
    for layer, other in zip(models[0].layers_, models[1].layers_, strict=True):
        assert_array_equal(layer.coef_.toarray(), other.coef_.toarray())
        assert_array_equal(layer.intercept_, other.intercept_)


@pytest.mark.parametrize("name", TREES)
def test_every_kind_of_tree(name):
    X, Y = make_problem()
    tree = LabelTree.from_parents(TREES[name])
    model = XRLinearClassifier(tree, negatives="man", beam_width=2, random_state=0).fit(X, Y)
    assert np.isfinite(model.rank(X, 1)[1]).all()


def test_nobody_reaches_a_node():
    # Labels 6 to 11 have rows, but only 1 in 30: a beam of one never goes there.
    X, Y = make_problem(n_samples=300)
    Y[:, 6:] = 0
    Y[::30, 6:] = 1
    Y[::30, :6] = 0
    tree = LabelTree.from_parents([[0, 0], [0] * 6 + [1] * 6])
    model = XRLinearClassifier(
        tree, negatives=["tfn", "man"], C=1e-4, beam_width=1, prune_threshold=0, random_state=0
    ).fit(X, Y)
    assert not reached(model, X, 1, "l3_hinge")[1][:, 1].any()
    assert not model.layers_[1].coef_.toarray()[:, 6:].any()
    assert not model.layers_[1].intercept_[6:].any()


def test_cross_validation_splits_the_matrix_of_fit():
    X, Y = make_rows()
    marks = sp.csr_array(np.random.default_rng(0).random(Y.shape) < 0.1)
    search = GridSearchCV(
        XRLinearClassifier(TREE, random_state=0),
        {"C": [0.5]},
        cv=2,
        scoring=lambda model, X, y: float(model.score(X, y)),
        error_score="raise",
    )
    search.fit(X, Y, negatives=marks)
    whole = XRLinearClassifier(TREE, random_state=0).fit(X, Y, negatives=marks)
    assert_array_equal(
        search.best_estimator_.layers_[-1].coef_.toarray(), whole.layers_[-1].coef_.toarray()
    )


@pytest.mark.parametrize(
    ("negatives", "message"),
    [
        ("all", "negatives"),
        ("tfn+", "negatives"),
        (["tfn", "man"], "3 layers, got 2"),
        (["tfn", "man", 3], "3"),
        (["tfn", "man", None], "None"),
        (np.eye(150, 12), "negatives"),
        ([[1, 2], [1]], "negatives"),
    ],
)
def test_errors_of_the_parameter(negatives, message):
    X, Y = make_rows()
    model = XRLinearClassifier(TREE, negatives=negatives)
    with pytest.raises(ValueError, match=message) as raised:
        model.fit(X, Y)
    assert "negatives" in str(raised.value)
    assert not hasattr(model, "layers_")


@pytest.mark.parametrize(
    ("negatives", "message"),
    [
        (np.ones((150, 11)), r"\(150, 11\).*\(150, 12\), \(150, 6\), \(150, 3\)"),
        (np.ones((149, 12)), r"\(149, 12\).* 150"),
        (np.ones(150), r"\(150,\).* 150"),
        (sp.csr_array((0, 12)), r"\(0, 12\).* 150"),
        (np.full((150, 12), np.nan), "NaN"),
        (np.full((150, 12), np.inf), "NaN or infinity"),
        (np.full((150, 12), "a"), "dtype"),
        ([[1, 2], [1]], "negatives"),
    ],
)
def test_errors_of_fit(negatives, message):
    X, Y = make_rows()
    model = XRLinearClassifier(TREE)
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        model.fit(X, Y, negatives=negatives)
    assert "negatives" in str(raised.value)
    assert not hasattr(model, "layers_")


def test_an_error_of_fit_leaves_the_model_as_it_was():
    X, Y = make_rows()
    model = XRLinearClassifier(TREE, random_state=0).fit(X, Y)
    before = model.rank(X)
    with pytest.raises(ValueError, match=r"negatives has shape \(150, 5\)"):
        model.fit(X, Y, negatives=np.zeros((150, 5)))
    assert_array_equal(model.rank(X)[1], before[1])


def test_zeros_and_explicit_zeros_are_no_marks():
    X, Y = make_rows()
    marks = sp.csr_array(np.ones(Y.shape))
    marks.data[:] = 0
    model = XRLinearClassifier(TREE, random_state=0).fit(X, Y, negatives=marks)
    plain = XRLinearClassifier(TREE, random_state=0).fit(X, Y)
    for layer, other in zip(model.layers_, plain.layers_, strict=True):
        assert_array_equal(layer.coef_.toarray(), other.coef_.toarray())
