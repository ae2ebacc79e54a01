"""Sums of groups of rows, against the product of two matrices."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.matrices import random_csr
from sklearn_xmr._kernels.group_sums import count_columns, sum_rows


def kernel_arrays(matrix):
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data


@settings(deadline=None)
@given(
    seed=st.integers(0, 1000),
    n_groups=st.integers(0, 9),
    n_rows=st.integers(0, 12),
    # 64 and 4096 are where the set of bits goes on to a new word.
    n_columns=st.sampled_from([1, 3, 64, 65, 4096, 4097, 9000]),
    density=st.sampled_from([0, 0.01, 0.3, 1]),
)
def test_equals_the_product(seed, n_groups, n_rows, n_columns, density):
    rng = np.random.default_rng(seed)
    groups = random_csr(rng, (n_groups, n_rows), 0.4)
    rows = random_csr(rng, (n_rows, n_columns), density)
    pointers, members, weights = kernel_arrays(groups)
    counts = np.empty(n_groups, dtype=np.int64)
    count_columns(pointers, members, *kernel_arrays(rows)[:2], n_columns, counts)
    expected = groups.astype(float) @ rows.astype(float)
    expected.sort_indices()
    assert counts.tolist() == np.diff(expected.indptr).tolist()

    indices = np.empty(counts.sum(), dtype=np.int32)
    data = np.empty(counts.sum(), dtype=np.float32)
    out = expected.indptr.astype(np.int64), indices, data
    sum_rows(pointers, members, weights, *kernel_arrays(rows), n_columns, *out)
    assert indices.tolist() == expected.indices.tolist()
    np.testing.assert_allclose(data, expected.data, rtol=1e-6, atol=1e-7)


def test_rows_are_added_in_their_order():
    # In float32, the middle one is lost beside the first.
    rows = sp.csr_array(np.array([[2.0**24], [1.0], [-(2.0**24)]], dtype=np.float32))
    for order, expected in (([0, 1, 2], 0.0), ([0, 2, 1], 1.0)):
        data = np.empty(1, dtype=np.float32)
        sum_rows(
            np.array([0, 3]),
            np.array(order, dtype=np.int32),
            np.ones(3, dtype=np.float32),
            *kernel_arrays(rows),
            1,
            np.array([0, 1]),
            np.empty(1, dtype=np.int32),
            data,
        )
        assert data[0] == pytest.approx(expected, abs=0)
