"""Beam search against plain loops."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.special import log_expit

from sklearn_xmr._kernels.beam_search import NO_LABEL, search_layers
from sklearn_xmr._matching.beam_search import AllowedNodes, LabelRanges
from sklearn_xmr._matching.layer import pack_layer
from sklearn_xmr._matching.tree_layout import LayerLayout
from sklearn_xmr._sparse import Csr

# Of each node above: only children, the last of them with a model, and nodes without children.
N_CHILDREN = [3, 1, 0, 7, 2, 4, 1, 0, 2, 5, 1, 3, 2]
HAS_MODELS = [n > 1 for n in N_CHILDREN[:10]] + [True] * 3
BEAM_WIDTH = 11  # three waves of visits


def make_layer(n_children=N_CHILDREN, has_models=HAS_MODELS, weight_dtype=np.float32):
    rng, n_features = np.random.default_rng(0), 20
    n_nodes = sum(n_children)
    first_label = rng.permutation(n_nodes).astype(np.int32)
    first_label[5] = NO_LABEL
    layout = LayerLayout(
        np.arange(n_nodes, dtype=np.int32),
        np.arange(n_nodes, dtype=np.int32),
        np.concatenate([[0], np.cumsum(n_children)]).astype(np.int64),
        first_label,
    )
    # Whole numbers, so that sums are exact and ties are many.
    weights = rng.integers(-2, 3, size=(n_features, n_nodes)).astype(np.float32)
    weights[:, ~np.repeat(has_models, n_children)] = 0
    weights[12:, :8] = 0
    matrix = sp.csc_array(weights)
    intercepts = rng.integers(-1, 2, size=n_nodes).astype(np.float32)
    layer = pack_layer(
        layout,
        Csr.of(matrix.T),
        intercepts,
        has_models=np.array(has_models),
        weight_dtype=weight_dtype,
    )
    return weights, layer


def path_score(parent, margin, transform):
    if transform == 0:
        return margin
    if transform == -1:
        return parent + log_expit(margin)
    return parent - max(0, 1 - margin) ** transform


def naive_search(weights, layer, X, transform, beam, beam_scores, n_kept, allowed=None):
    nodes = np.full((len(X), n_kept), -1)
    scores = np.zeros((len(X), n_kept))
    for q, x in enumerate(X):
        found = []
        for parent, score in zip(beam[q], beam_scores[q], strict=True):
            if parent < 0:
                break
            children = range(layer.child_indptr[parent], layer.child_indptr[parent + 1])
            for c in children:
                margin = x @ weights[:, c] + layer.intercepts[c]
                path = path_score(score, margin, transform) if HAS_MODELS[parent] else score
                alive = layer.first_label[c] != NO_LABEL
                if alive and (allowed is None or allowed[q, c]):
                    found.append((-np.float32(path), layer.first_label[c], c))
        for i, (negative, _, c) in enumerate(sorted(found)[:n_kept]):
            nodes[q, i], scores[q, i] = c, -negative
    return nodes, scores


def run(layer, X, transform, beam, beam_scores, n_kept, allowed=None, ranges=None, names=None):
    restriction = None
    if allowed is not None:
        restriction = AllowedNodes.of([sp.csr_array(allowed)])
    elif ranges is not None:
        ranges, *below = ranges
        restriction = LabelRanges(ranges, [below])
    return run_layers([layer], X, transform, restriction, beam, beam_scores, 1, n_kept, names)


def run_layers(
    layers, X, transform, restriction, beam, beam_scores, beam_width, n_kept, names=None
):
    best = np.empty((X.shape[0], n_kept), dtype=np.int32)
    best_scores = np.empty((X.shape[0], n_kept), dtype=np.float32)
    rows = Csr.of(sp.csr_array(X))
    start = None if beam is None else (beam, beam_scores)
    given = rows, layers, transform, restriction, start
    search_layers(*given, beam_width, names, best, best_scores)
    np.testing.assert_array_equal(best < 0, best_scores == -np.inf)
    return best, np.where(best < 0, 0, best_scores)


def queries(n_queries, seed=1):
    rng = np.random.default_rng(seed)
    X = rng.integers(-1, 2, size=(n_queries, 20)).astype(np.float32)
    X[::3] = 0
    n_parents = len(N_CHILDREN)
    beam = np.array([rng.permutation(n_parents)[:BEAM_WIDTH] for _ in range(n_queries)])
    beam = beam.astype(np.int32)
    beam[rng.random(n_queries) < 0.3, rng.integers(BEAM_WIDTH) :] = -1
    beam[0] = -1
    # Some far below the best, so that their children cannot be among the best.
    beam_scores = -rng.choice([0, 1, 2, 5, 40], size=beam.shape).astype(np.float32)
    beam_scores[::2].sort(axis=1)
    beam_scores = np.ascontiguousarray(beam_scores[:, ::-1])
    return X, beam, beam_scores


@pytest.mark.parametrize("transform", [-1, 0, 1, 2, 3, 4])
@pytest.mark.parametrize("n_kept", [1, 3, 31])
@pytest.mark.parametrize("n_queries", [1, 2, 40])
@pytest.mark.parametrize("weight_dtype", [np.float32, np.float16])
def test_equals_plain_loops(transform, n_kept, n_queries, weight_dtype):
    weights, layer = make_layer(weight_dtype=weight_dtype)
    assert layer.entries.dtype["weight"] == weight_dtype
    X, beam, beam_scores = queries(n_queries)
    found = run(layer, X, transform, beam, beam_scores, n_kept)
    expected = naive_search(weights, layer, X, transform, beam, beam_scores, n_kept)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-5)
    if transform != -1:  # without rounding, ties are ties in both
        np.testing.assert_array_equal(found[0], expected[0])


@pytest.mark.parametrize("beam_width", [1, 6, 100])
def test_layers_follow_each_other(beam_width):
    n_nodes = sum(N_CHILDREN)
    n_children = np.random.default_rng(2).integers(0, 4, n_nodes).tolist()
    layers = [make_layer()[1], make_layer(n_children, [True] * n_nodes)[1]]
    X, beam, scores = queries(40)
    allowed = np.random.default_rng(5).random((40, sum(n_children))) < 0.7
    everything = np.ones((1, n_nodes), dtype=bool)
    restriction = AllowedNodes.of([sp.csr_array(everything), sp.csr_array(allowed)])
    found = run_layers(layers, X, 3, restriction, beam, scores, beam_width, 9)
    between, scores = run(layers[0], X, 3, beam, scores, min(beam_width, n_nodes))
    expected = run(layers[1], X, 3, between, scores, 9, allowed)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def test_without_a_start_all_begin_at_the_root():
    layer, X = make_layer([9], [True])[1], queries(7)[0]
    root = np.zeros((7, 1), dtype=np.int32), np.zeros((7, 1), dtype=np.float32)
    expected = run(layer, X, 3, *root, 4)
    np.testing.assert_array_equal(run(layer, X, 3, None, None, 4), expected)


def test_restrictions_for_each_query_and_for_all():
    weights, layer = make_layer()
    X, beam, beam_scores = queries(40)
    allowed = np.random.default_rng(5).random((40, sum(N_CHILDREN))) < 0.4
    allowed[7] = False
    found = run(layer, X, 3, beam, beam_scores, 4, allowed)
    expected = naive_search(weights, layer, X, 3, beam, beam_scores, 4, allowed)
    np.testing.assert_array_equal(found[0], expected[0])
    found = run(layer, X, 3, beam, beam_scores, 4, allowed[[3]])
    expected = naive_search(
        weights, layer, X, 3, beam, beam_scores, 4, np.tile(allowed[3], (40, 1))
    )
    np.testing.assert_array_equal(found[0], expected[0])


def test_ranges_of_labels():
    weights, layer = make_layer()
    X, beam, beam_scores = queries(40)
    rng = np.random.default_rng(6)
    # Up to four labels below each node; label positions 0 .. 29.
    below = [np.sort(rng.choice(30, rng.integers(0, 5), replace=False)) for _ in layer.first_label]
    indptr = np.concatenate([[0], np.cumsum([len(labels) for labels in below])])
    ranges = rng.integers(0, 31, size=(40, 2)).astype(np.int32)  # some are empty
    ranges[0] = 0, 30
    allowed = np.array(
        [[np.any((labels >= a) & (labels < b)) for labels in below] for a, b in ranges]
    )
    parts = ranges, indptr.astype(np.int64), np.concatenate(below).astype(np.int32)
    found = run(layer, X, 3, beam, beam_scores, 4, ranges=parts)
    expected = naive_search(weights, layer, X, 3, beam, beam_scores, 4, allowed)
    np.testing.assert_array_equal(found[0], expected[0])


def test_nodes_by_other_names():
    _, layer = make_layer()
    X, beam, beam_scores = queries(40)
    nodes, scores = run(layer, X, 3, beam, beam_scores, 31)
    names = np.random.default_rng(7).permutation(sum(N_CHILDREN)).astype(np.int32)
    found = run(layer, X, 3, beam, beam_scores, 31, names=names)
    np.testing.assert_array_equal(found[0], np.where(nodes < 0, -1, names[nodes]))
    np.testing.assert_array_equal(found[1], scores)


def test_huge_margins_stay_finite_and_in_order():
    _, layer = make_layer()
    X = np.full((1, 20), 1e30, dtype=np.float32)
    X[0, ::2] = -3e30
    beam, scores = np.array([[3]], dtype=np.int32), np.zeros((1, 1), dtype=np.float32)
    for transform in (-1, 0, 1, 2, 3, 4):
        nodes, best = run(layer, X, transform, beam, scores, 6)
        assert np.isfinite(best).all()
        assert np.all(np.diff(best[0]) <= 0)
        assert len(set(nodes[0])) == 6
