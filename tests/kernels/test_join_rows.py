"""Joined rows against SciPy's hstack and scikit-learn's normalize."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.preprocessing import normalize

from sklearn_xmr._kernels.join_rows import join_rows


@pytest.mark.parametrize("shape", [(1, 3, 4), (5, 20, 7), (4, 0, 3), (4, 3, 0), (3, 0, 0)])
@pytest.mark.parametrize("weight", [1.0, 0.25])
def test_equal_to_the_twin(shape, weight):
    n_rows, *widths = shape
    rng = np.random.default_rng(sum(shape))
    left, right = (
        sp.random_array((n_rows, width), density=0.3, rng=rng, dtype=np.float32).tocsr()
        for width in widths
    )
    n_stored = left.nnz + right.nnz
    indptr = np.empty(n_rows + 1, dtype=np.int64)
    indices, data = np.empty(n_stored, dtype=np.int32), np.empty(n_stored, dtype=np.float32)
    blocks = [
        (block.indptr.astype(np.int32), block.indices.astype(np.int32), block.data)
        for block in (left, right)
    ]
    join_rows(*blocks[0], *blocks[1], widths[0], weight, indptr, indices, data)
    expected = sp.hstack([left, weight * right], format="csr", dtype=np.float32)
    assert_array_equal(indptr, expected.indptr)
    assert_array_equal(indices, expected.indices)
    if expected.shape[1]:
        assert_allclose(data, normalize(expected).data, rtol=1e-6)
