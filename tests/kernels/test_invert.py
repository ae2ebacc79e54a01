"""Lists of entries by feature, against SciPy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from helpers.matrices import random_csr
from sklearn_xmr._kernels.invert import invert

POSTING = np.dtype([("place", np.int32), ("value", np.float32)])


@pytest.mark.parametrize("shape", [(1, 1), (7, 200), (200, 7), (40, 5000), (3, 10)])
@pytest.mark.parametrize("density", [0, 0.02, 1])
def test_equals_scipy(shape, density):
    X = random_csr(np.random.default_rng(0), shape, density)
    indptr, indices = X.indptr.astype(np.int64), X.indices.astype(np.int32)
    postings = np.empty(X.nnz, POSTING)
    order = np.random.default_rng(1).permutation(shape[0]).astype(np.int32)
    features, starts, largest = invert(indptr, indices, X.data, order, postings)
    assert_array_equal(features, np.unique(indices))
    columns = X[order].tocsc()
    columns.sort_indices()
    assert_array_equal(postings["place"], columns.indices)
    assert_array_equal(postings["value"], columns.data)
    assert_array_equal(starts, np.unique(columns.indptr) if X.nnz else [0])
    exact = (X.toarray() * np.sqrt(np.diff(indptr)[:, None])).max(axis=0)[features]
    assert_allclose(largest, exact, rtol=2.0**-22)
    assert (largest >= exact).all()
