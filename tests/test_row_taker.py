"""Rows on their own features alone, against slicing."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.matrices import random_csr
from sklearn_xmr._row_taker import Buffers, RowTaker
from sklearn_xmr._sparse import Csr


@given(seed=st.integers(0, 2**32 - 1), density=st.sampled_from([0.0, 0.1, 0.5, 1.0]))
@settings(max_examples=40, deadline=None)
def test_one_set_after_another_equals_slicing(seed, density):
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 12, size=2)
    X = random_csr(rng, shape, density)
    taker = RowTaker(Csr.of(X))
    for _ in range(4):
        rows = rng.integers(0, shape[0], size=rng.integers(0, 15)).astype(np.int32)
        local, features = taker.take(rows)
        shape_taken = local.n_rows, local.n_columns
        taken = sp.csr_array((local.data, local.indices, local.indptr), shape=shape_taken)
        np.testing.assert_array_equal(taken.toarray(), X.toarray()[rows][:, features])
        met = dict.fromkeys(j for row in rows for j in X.indices[slice(*X.indptr[row : row + 2])])
        assert features.tolist() == list(met)


def test_buffers_are_kept_and_grow():
    buffers = Buffers()
    first = buffers.empty("a", (2, 3), np.float32)
    first[:] = 1
    smaller = buffers.empty("a", 5, np.float32)
    assert np.shares_memory(first, smaller)
    np.testing.assert_array_equal(smaller, 1)
    larger = buffers.empty("a", (40, 3), np.int64)
    assert larger.shape == (40, 3)
    assert not np.shares_memory(larger, buffers.empty("b", 1, np.int64))
    assert all(array.ctypes.data % 64 == 0 for array in (first, smaller, larger))
