"""The best by score and prior, against powers of the dense matrix of steps."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_xmr._kernels.query_prior import best_by_prior
from sklearn_xmr._sparse import Csr

MIX = np.array([0.1, 0.5, 0.4])


def make_problem(seed, n_nodes, n_queries, density):
    """A graph as matrix and as the kernel takes it, and what is searched."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 6, size=(n_nodes, n_nodes)) * (rng.random((n_nodes,) * 2) < density)
    counts[0] += 3  # one row is much longer than the others, and each has an entry
    counts = (counts + counts.T).astype(np.float32)
    graph = SimpleNamespace(
        edges=Csr.of(sp.csr_array(counts)),
        totals=counts.sum(axis=1, dtype=np.float64),
        node_of=rng.integers(-1, n_nodes, size=n_queries).astype(np.int32),
    )
    positions = np.array([rng.permutation(n_queries)[:9] for _ in range(50)], dtype=np.int32)
    positions[rng.random(positions.shape) < 0.2] = -1
    paths = rng.integers(-4, 0, size=positions.shape).astype(np.float32)
    starts = rng.integers(-1, n_nodes, size=(50, 3)).astype(np.int32)
    shares = rng.integers(1, 3, size=n_queries) / (2 * n_queries)
    asked = rng.integers(-1, n_queries, size=50).astype(np.int32)
    return counts, graph, shares, starts, positions, paths, asked


def prior_twin(counts, node_of, shares, starts, weights):
    """The prior of all queries for each row, by products of matrices."""
    totals = counts.sum(axis=1, keepdims=True, dtype=np.float64)
    steps = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    is_known = (starts >= 0) * weights
    total = is_known.sum(axis=1)
    priors = MIX[0] * np.tile(shares, (len(starts), 1))
    for power, weight in ((steps, MIX[1]), (steps @ steps, MIX[2])):
        ends = np.where(node_of >= 0, power[:, node_of], 0)
        walks = sum(is_known[:, [level]] * ends[starts[:, level]] for level in range(len(weights)))
        priors += weight * walks / np.maximum(total, 1e-300)[:, None]
    return np.where(total[:, None] > 0, priors, shares)


@pytest.mark.parametrize(("n", "density"), [(1, 1.0), (7, 0.5), (60, 0.05), (300, 0.3), (300, 0)])
def test_equal_to_the_twin(n, density):
    n_queries, k, weights = 2 * n + 10, 4, np.array([1.0, 0.7, 0.49])
    counts, graph, shares, starts, *found, asked = make_problem(n, n, n_queries, density)
    positions, paths = found
    excluded = np.unique([0, 3, n]).astype(np.int32)
    best, best_paths = np.full((50, k), 7, dtype=np.int32), np.full((50, k), np.nan)
    best_by_prior(
        *(graph, shares, MIX, starts, weights, *found, 0.6, asked, excluded, best, best_paths)
    )
    priors = prior_twin(counts, graph.node_of, shares, starts, weights)
    is_left = (positions >= 0) & (positions != asked[:, None]) & ~np.isin(positions, excluded)
    scores = paths + 0.6 * np.log(np.take_along_axis(priors, np.maximum(positions, 0), axis=1))
    scores = np.where(is_left, scores, -np.inf)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    expected = np.take_along_axis(scores, order, axis=1)
    assert_allclose(best_paths, expected, rtol=1e-12)
    chosen = np.take_along_axis(np.where(is_left, positions, -1), order, axis=1)
    # Scores that differ in the last bit alone may be in any order.
    filled = np.where(expected > -np.inf, expected, -1e9 * np.arange(1, k + 1))
    is_clear = (np.abs(np.diff(filled, axis=1)) > 1e-9).all(axis=1)
    assert_array_equal(best[is_clear], chosen[is_clear])


def test_of_equal_scores_the_first_stays_first():
    edges = Csr.of(sp.csr_array((1, 1), dtype=np.float32))
    node_of = np.full(3, -1, dtype=np.int32)
    graph = SimpleNamespace(edges=edges, totals=np.zeros(1), node_of=node_of)
    positions, paths = np.array([[2, 0, 1]], dtype=np.int32), np.zeros((1, 3), dtype=np.float32)
    nobody, nothing = np.full((1, 1), -1, dtype=np.int32), np.empty(0, dtype=np.int32)
    best, best_paths = np.empty((1, 4), dtype=np.int32), np.empty((1, 4))
    best_by_prior(
        *(graph, np.full(3, 1 / 3), MIX, nobody, np.ones(1), positions, paths, 1.0),
        *(nobody[0], nothing, best, best_paths),
    )
    assert best.tolist() == [[2, 0, 1, -1]]
    assert_allclose(best_paths, [[np.log(1 / 3)] * 3 + [-np.inf]])


def test_neighbours_with_the_same_mark_are_told_apart():
    # The filter has a mark for each remainder of 2 ** 14.
    n, shared, mistakable = 2**14 + 3, 2**14 + 2, 2
    pairs = np.array([[0, shared], [1, shared], [1, mistakable]])
    parts = np.ones(6), (pairs.ravel(), pairs[:, ::-1].ravel())
    edges = sp.coo_array(parts, shape=(n, n)).tocsr().astype(np.float32)
    graph = SimpleNamespace(
        edges=Csr.of(edges),
        totals=edges.sum(axis=1, dtype=np.float64),
        node_of=np.arange(n, dtype=np.int32),
    )
    start, target = np.array([[0]], dtype=np.int32), np.array([[1]], dtype=np.int32)
    best, best_paths = np.empty((1, 1), dtype=np.int32), np.empty((1, 1))
    nobody, nothing = np.array([-1], dtype=np.int32), np.empty(0, dtype=np.int32)
    best_by_prior(
        *(graph, np.zeros(n), MIX, start, np.ones(1), target, np.zeros((1, 1), dtype=np.float32)),
        *(1.0, nobody, nothing, best, best_paths),
    )
    assert_allclose(best_paths, np.log(MIX[2] * 1 / 2))
