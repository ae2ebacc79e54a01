"""A user's own matcher, against brute force and the classifier's own search."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from helpers.own_stages import (
    INDEXER,
    N_LABELS,
    CentroidMatcher,
    Replay,
    Table,
    assert_same_predictions,
    classifier,
    kinds_of_y,
)
from helpers.reference import (
    TREES,
    assert_same_ranking,
    combine,
    make_problem,
    queries,
    random_tree,
    shown,
)
from sklearn_xmr import LabelTree

DEEP = [name for name, parents in TREES.items() if len(parents) > 1]


@pytest.mark.parametrize("transform", ["l3_hinge", "log_sigmoid", "noop"])
@pytest.mark.parametrize("name", DEEP)
def test_a_matcher_that_replays_the_search_changes_nothing(name, transform):
    X, Y = make_problem()
    for y in kinds_of_y(Y):
        whole = classifier(name, score_transform=transform).fit(X, y)
        model = clone(whole).set_params(matcher=Replay(whole)).fit(X, y)
        (last,) = model.layers_
        assert_array_equal(last.coef_.toarray(), whole.layers_[-1].coef_.toarray())
        assert_array_equal(last.intercept_, whole.layers_[-1].intercept_)
        assert_array_equal(model.n_iter_, whole.n_iter_[-1:])
        for k in (1, 4, 15):
            assert_same_ranking(model.rank(queries(), k), whole.rank(queries(), k))
        assert_same_predictions(model, whole, queries())
        assert model.score(X, y) == whole.score(X, y)


def below_matches(model, X, nodes, scores, k, candidates=None):
    """What the last layer makes of given nodes: positions and log-domain scores, by hand."""
    transform, (layer,) = model.score_transform, model.layers_
    parents, coef, intercept = (
        model.label_tree_.parents[-1],
        layer.coef_.toarray(),
        layer.intercept_,
    )
    positions = np.full((X.shape[0], k), -1)
    paths = np.full((X.shape[0], k), -np.inf, dtype=np.float32)
    for row, x in enumerate(X.toarray()):
        margins = intercept.astype(np.float32)
        for feature in np.flatnonzero(x):
            margins = margins + np.float32(x[feature]) * coef[feature]
        found = []
        for node, score in zip(nodes[row], scores[row], strict=True):
            for label in np.flatnonzero(parents == node) if np.isfinite(score) else []:
                above = np.float32(score)
                path = combine(above, margins[label], transform)
                path = path if layer.has_model_[label] else above
                if candidates is None or candidates[row, label]:
                    found.append((-path, label))
        for place, (path, label) in enumerate(sorted(found)[:k]):
            positions[row, place], paths[row, place] = label, -path
    return positions, paths


@pytest.mark.parametrize("transform", ["l3_hinge", "log_l2_hinge", "sigmoid", "noop"])
@pytest.mark.parametrize("seed", range(4))
def test_labels_below_whatever_nodes_a_matcher_gives(seed, transform):
    rng = np.random.default_rng(seed)
    tree = random_tree(rng, N_LABELS, n_layers=int(rng.integers(2, 5)))
    X, Y = make_problem(seed)
    rows = queries(seed)
    n_rows, n_nodes = rows.shape[0], len(tree.parents[-2])
    width = int(rng.integers(1, n_nodes + 1))
    nodes = np.array([rng.permutation(n_nodes)[:width] for _ in range(n_rows)])
    scores = -rng.exponential(size=nodes.shape)
    nodes[rng.random(nodes.shape) < 0.2] = -1
    scores[rng.random(nodes.shape) < 0.1] = -np.inf
    matcher = Table(nodes=nodes, scores=scores)
    model = classifier(tree, matcher=matcher, beam_width=n_nodes, score_transform=transform)
    model.fit(X, Y)
    candidates = rng.random((n_rows, N_LABELS)) < 0.5
    for k in (1, 3, 14):
        for allowed in (None, candidates):
            expected = below_matches(model, rows, nodes, scores, k, allowed)
            found = model.rank(rows, k, candidates=allowed)
            assert_same_ranking(found, (expected[0], shown(expected[1], transform)))
    labels, expected = below_matches(model, rows, nodes, scores, N_LABELS)
    of_each = np.full((n_rows, N_LABELS + 1), -np.inf)
    np.put_along_axis(of_each, labels, shown(expected, transform), axis=1)
    asked = rng.integers(0, N_LABELS, size=(n_rows, 20))
    assert_allclose(
        model.score_pairs(rows, asked), np.take_along_axis(of_each, asked, 1), rtol=2e-5, atol=1e-6
    )


@pytest.mark.parametrize("beam_width", [2, 100])
def test_what_a_matcher_is_given(beam_width):
    X, Y = make_problem()
    tree = LabelTree.from_parents(TREES["childless nodes"])
    n_nodes = len(tree.parents[-2])
    matcher = Table(nodes=np.zeros((40, 1), dtype=int), scores=np.zeros((40, 1)))
    model = classifier(tree, matcher=matcher, beam_width=beam_width).fit(X, Y)
    assert model.matcher_ is not matcher
    assert not hasattr(matcher, "fitted_on_")
    rows, M = model.matcher_.fitted_on_
    assert_array_equal(rows.toarray(), X.toarray())
    assert rows.format == M.format == "csr"
    expected = np.zeros((len(Y), n_nodes))
    for label, parent in enumerate(tree.parents[-1]):
        expected[:, parent] = np.maximum(expected[:, parent], Y[:, label])
    assert_array_equal(M.toarray(), expected)
    model.rank(queries())
    assert model.matcher_.asked_for_ == min(beam_width, n_nodes)
    model.score_pairs(queries(), [0])
    assert model.matcher_.asked_for_ == n_nodes


def test_in_a_tree_of_one_layer_the_matcher_is_not_used():
    X, Y = make_problem()
    model = classifier("flat", matcher=CentroidMatcher()).fit(X, Y)
    assert model.matcher_ is None
    assert_same_predictions(model, classifier("flat").fit(X, Y), queries(), exact=True)


def test_matcher_aware_negatives_are_the_matcher_s():
    X, Y = make_problem()
    upper = classifier("deep").fit(X, Y)
    n_layers = len(upper.layers_)
    whole = clone(upper).set_params(negatives=["tfn"] * (n_layers - 1) + ["man"]).fit(X, Y)
    model = clone(whole).set_params(matcher=Replay(upper)).fit(X, Y)
    found, expected = model.layers_[-1].coef_.toarray(), whole.layers_[-1].coef_.toarray()
    assert_array_equal(found, expected)
    assert (expected != upper.layers_[-1].coef_.toarray()).any()


def test_each_tree_of_an_ensemble_has_a_matcher():
    X, Y = make_problem()
    params = {"n_trees": 3, "beam_width": 2, "score_transform": "log_l3_hinge"}
    model = classifier(INDEXER, matcher=CentroidMatcher(), **params).fit(X, Y)
    paths = np.full((40, N_LABELS, 3), -np.inf)
    for tree, (label_tree, layers) in enumerate(model.trees_):
        Z = Y @ np.eye(len(label_tree.parents[-2]))[label_tree.parents[-1]]
        matcher = CentroidMatcher().fit(X, sp.csr_array((Z > 0).astype(float)))
        single = SimpleNamespace(
            label_tree_=label_tree, layers_=layers, score_transform="log_l3_hinge"
        )
        labels, scores = below_matches(single, queries(), *matcher.match(queries(), 2), 5)
        rows, places = np.nonzero(labels >= 0)
        paths[rows, labels[rows, places], tree] = scores[rows, places]
    with np.errstate(divide="ignore"):
        mean = np.log(np.exp(paths).mean(axis=2))
    labels, scores = model.rank(queries(), 4)
    expected = -np.sort(-mean, axis=1)[:, :4]
    assert_allclose(scores, expected, rtol=1e-4, atol=1e-5)
    found = np.take_along_axis(mean, np.maximum(labels, 0), axis=1)
    assert_allclose(np.where(labels < 0, -np.inf, found), expected, rtol=1e-4, atol=1e-5)


ONES = np.zeros((40, 1))
GOOD = np.zeros((40, 1), dtype=int), ONES


@pytest.mark.parametrize(
    "found",
    [
        None,
        3,
        (),
        (*GOOD, ONES),
        (GOOD[0][:, 0], ONES[:, 0]),
        (GOOD[0][:39], ONES[:39]),
        (np.zeros((40, 4), dtype=int), np.zeros((40, 4))),
        (GOOD[0], np.zeros((40, 2))),
        (GOOD[0], ONES[:39]),
        (ONES, ONES),
        (GOOD[0] == 0, ONES),
        (sp.csr_array(GOOD[0]), ONES),
        ([[0], [0, 1]] * 20, ONES),
        (GOOD[0] + 8, ONES),
        (GOOD[0] - 2, ONES),
        (np.full((40, 1), 2**63, dtype=np.uint64), ONES),
        (np.zeros((40, 2), dtype=int), np.zeros((40, 2))),
        (GOOD[0], ONES * np.nan),
        (GOOD[0], ONES + np.inf),
        (GOOD[0], ONES + 1e39),
        (GOOD[0], ONES + 1j),
        (GOOD[0], ONES.astype(str)),
        (GOOD[0], [[0.0], [0.0, 1.0]] * 20),
    ],
)
def test_wrong_matches(found):
    X, Y = make_problem()
    model = classifier("deep", matcher=Table()).fit(X, Y)
    assert len(model.label_tree_.parents[-2]) == 8
    model.matcher_.match = lambda X, k: found
    for predict in (model.rank, model.predict, lambda X: model.score_pairs(X, [0])):
        with pytest.raises(ValueError, match="matcher: match"):
            predict(queries())


def test_scores_of_no_node_may_be_anything():
    X, Y = make_problem()
    nodes, scores = np.array([[0, -1]] * 40), np.array([[-1.0, np.nan]] * 40)
    model = classifier("deep", matcher=Table(nodes=nodes, scores=scores)).fit(X, Y)
    other = classifier("deep", matcher=Table(nodes=nodes[:, :1], scores=scores[:, :1])).fit(X, Y)
    assert_same_predictions(model, other, queries(), exact=True)
