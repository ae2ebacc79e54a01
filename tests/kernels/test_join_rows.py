"""Joined rows against SciPy's hstack."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal

from helpers.matrices import random_csr
from sklearn_xmr._kernels.join_rows import place_rows


@pytest.mark.parametrize("shape", [(1, 3, 4), (5, 20, 7), (4, 0, 3), (4, 3, 0), (3, 0, 0)])
@pytest.mark.parametrize("weight", [1.0, 0.25])
def test_equal_to_the_twin(shape, weight):
    n_rows, *widths = shape
    rng = np.random.default_rng(sum(shape))
    left, right = (random_csr(rng, (n_rows, width), 0.3) for width in widths)
    expected = sp.hstack([left, weight * right], format="csr", dtype=np.float32)
    indptr = expected.indptr.astype(np.int64)
    ends, first_column = indptr[:-1].copy(), 0
    indices, data = np.empty(indptr[-1], dtype=np.int32), np.empty(indptr[-1], dtype=np.float32)
    for block, times in ((left, 1), (right, weight)):
        parts = block.indptr.astype(np.int64), block.indices.astype(np.int32), block.data
        place_rows(*parts, first_column, times, ends, indices, data)
        first_column += block.shape[1]
    assert_array_equal(ends, indptr[1:])
    assert_array_equal(indices, expected.indices)
    assert_array_equal(data, expected.data)
