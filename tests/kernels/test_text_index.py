"""The search of one segment against all scores, summed in plain loops."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sklearn_xmr._kernels.text_index import search_segment, unpack_keys
from sklearn_xmr._matching.text_index import Rows, Segment


def naive(vectors, query, k, wanted):
    """Rows and scores, best first: float32 sums in the order of the features."""
    scores = np.zeros(len(vectors), dtype=np.float32)
    with np.errstate(over="ignore"):
        for feature in np.flatnonzero(query):
            scores += query[feature] * vectors[:, feature]
    scores[~wanted] = 0
    best = np.lexsort((np.arange(len(vectors)), -scores))[:k]
    best = best[scores[best] > 0]
    return best, scores[best]


def csr(dense):
    rows, columns = np.nonzero(dense)
    indptr = np.searchsorted(rows, np.arange(len(dense) + 1)).astype(np.int64)
    return indptr, columns.astype(np.int32), dense[rows, columns]


def segment_of(ids, vectors):
    indptr, indices, data = csr(vectors)
    return Segment.of(Rows(ids, np.diff(indptr), indices, data))


def skewed(rng, n_rows, n_features, rows_like):
    """Few large values among many small ones, as of rare and of common words."""
    rarity = rng.random(n_features) ** 3
    dense = rng.random((n_rows, n_features)) < 0.02 + 0.6 * (1 - rarity) * rows_like
    return (dense * rarity * rng.integers(1, 4, (n_rows, n_features))).astype(np.float32)


# Past the sizes of windows, and few features of each kind.
@pytest.mark.parametrize("n_rows", [1, 100, 2048, 2049, 30_000])
@pytest.mark.parametrize("k", [1, 3, 50])
@pytest.mark.parametrize("scale", [1, 1e-22, 3e19])
def test_equals_naive(n_rows, k, scale):
    rng = np.random.default_rng(n_rows + k)
    vectors = skewed(rng, n_rows, 40, 1)
    queries = skewed(rng, 6, 40, 0.6)
    queries[0] = 0
    vectors, queries = (dense * np.float32(scale) for dense in (vectors, queries))
    segment = segment_of(np.arange(n_rows, dtype=np.int32), vectors)
    segment.is_alive[rng.random(n_rows) < (0.2 if k > 1 else 0)] = 0
    segment = segment._replace(n_alive=np.count_nonzero(segment.is_alive))
    allowed = rng.random(n_rows) < 0.7
    for mask in None, allowed:
        keys = np.zeros((len(queries), k), dtype=np.uint64)
        candidates = None if mask is None else mask.view(np.uint8), None, None
        search_segment(csr(queries), segment, candidates, keys)
        rows = np.full(keys.shape, -1, dtype=np.int32)
        scores = np.full(keys.shape, -np.inf, dtype=np.float32)
        unpack_keys(keys, rows, scores)
        wanted = segment.is_alive.astype(bool) & (True if mask is None else mask)
        for q, query in enumerate(queries):
            best, expected = naive(vectors, query, k, wanted)
            assert_array_equal(rows[q], np.pad(best, (0, k - len(best)), constant_values=-1))
            assert_array_equal(scores[q, : len(best)], expected)


def test_ties_take_the_lower_row():
    vectors = np.ones((20_000, 30), dtype=np.float32)
    segment = segment_of(np.arange(0, 40_000, 2, dtype=np.int32), vectors)
    keys = np.zeros((1, 3), dtype=np.uint64)
    rows, scores = np.empty((1, 3), dtype=np.int32), np.empty((1, 3), dtype=np.float32)
    search_segment(csr(vectors[:1]), segment, (None, None, None), keys)
    unpack_keys(keys, rows, scores)
    assert_array_equal(rows, [[0, 2, 4]])
    assert_array_equal(scores, [[30, 30, 30]])
