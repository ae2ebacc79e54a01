"""Joined rows against SciPy's hstack."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal

from helpers.matrices import random_csr
from sklearn_xmr._kernels.join_rows import join_rows
from sklearn_xmr._sparse import Csr


@pytest.mark.parametrize("shape", [(1, 3, 4), (5, 20, 7), (4, 0, 3), (4, 3, 0), (3, 0, 0)])
@pytest.mark.parametrize("weight", [1.0, 0.25])
def test_equal_to_the_twin(shape, weight):
    n_rows, *widths = shape
    rng = np.random.default_rng(sum(shape))
    left, right = (random_csr(rng, (n_rows, width), 0.3) for width in widths)
    expected = sp.hstack([left, weight * right], format="csr", dtype=np.float32)
    indptr = np.empty(n_rows + 1, dtype=np.int64)
    indices, data = np.empty(expected.nnz, dtype=np.int32), np.empty(expected.nnz, dtype=np.float32)
    join_rows([Csr.of(left), Csr.of(right)], [1, weight], indptr, indices, data)
    assert_array_equal(indptr, expected.indptr)
    assert_array_equal(indices, expected.indices)
    assert_array_equal(data, expected.data)
