"""What goes into and comes out of a block, against NumPy indexing."""

import numpy as np
import pytest
import scipy.sparse as sp

from sklearn_xmr._kernels import block


@pytest.mark.parametrize("weighted", [False, True])
def test_take_positives_cuts_a_block_out_of_the_indicator(weighted):
    rng = np.random.default_rng(3)
    dense = (rng.random((20, 30)) * (rng.random((20, 30)) < 0.3)).astype(np.float32)
    indicator = sp.csr_array(dense)
    rows = np.array([0, 3, 4, 19], dtype=np.int32)
    expected = sp.csr_array(dense[rows, 7:15])
    indptr = np.empty(5, dtype=np.int64)
    children = np.empty(expected.nnz, dtype=np.int32)
    weights = np.empty(expected.nnz, dtype=np.float32)
    block.take_positives(
        indicator.indptr.astype(np.int64),
        indicator.indices.astype(np.int32),
        indicator.data if weighted else None,
        rows,
        7,
        15,
        indptr,
        children,
        weights if weighted else None,
    )
    np.testing.assert_array_equal(indptr, expected.indptr)
    np.testing.assert_array_equal(children, expected.indices)
    if weighted:
        np.testing.assert_array_equal(weights, expected.data)


@pytest.mark.parametrize("threshold", [np.finfo(np.float32).smallest_subnormal, 0.5])
def test_weights_are_collected_column_by_column(threshold):
    rng = np.random.default_rng(4)
    weights = rng.normal(size=(50, 16)).astype(np.float32)
    weights[rng.random(weights.shape) < 0.5] = 0
    weights[0, 0], weights[1, 0] = 0.5, -0.5  # on the threshold: kept
    large = np.abs(weights) >= threshold
    counts = np.zeros(16, dtype=np.int32)
    block.count_weights(weights, threshold, counts)
    np.testing.assert_array_equal(counts, large.sum(axis=0))
    chosen = [0, 3, 15]
    places = np.full(16, -1, dtype=np.int64)
    places[chosen] = np.cumsum(counts[chosen]) - counts[chosen]
    rows = np.empty(counts[chosen].sum(), dtype=np.int32)
    values = np.empty(len(rows), dtype=np.float32)
    block.take_weights(weights, threshold, places, rows, values)
    np.testing.assert_array_equal(
        rows, np.concatenate([np.flatnonzero(large[:, c]) for c in chosen])
    )
    np.testing.assert_array_equal(values, np.concatenate([weights[large[:, c], c] for c in chosen]))


def test_columns_are_kept_in_place():
    array = np.arange(60, dtype=np.float32).reshape(5, 12) + 1
    kept = np.array([0, 3, 4, 11], dtype=np.int32)
    expected = np.zeros((5, 8), dtype=np.float32)
    expected[:, :4] = array[:, kept]
    found = block.keep_columns(array, kept, 8)
    np.testing.assert_array_equal(found, expected)
    assert np.shares_memory(found, array)
