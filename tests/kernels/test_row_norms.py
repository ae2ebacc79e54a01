"""Norms of rows, against NumPy in double precision and scikit-learn's normalize."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from helpers.matrices import random_csr
from sklearn_xmr._kernels.row_norms import normalize_rows, sum_squares


def test_squares_are_summed_in_double_precision():
    data = np.array([3e4, 1, -2, 1e-3, 1e25], dtype=np.float32)
    out = np.empty(4, dtype=np.float32)
    sum_squares(np.array([0, 3, 3, 4, 5], dtype=np.int64), data, out)
    values = data.astype(np.float64)
    expected = [values[:3] @ values[:3], 0, values[3] ** 2, np.inf]
    np.testing.assert_array_equal(out, np.array(expected, dtype=np.float32))


def test_normalize_rows():
    Z = sp.csr_array(np.array([[3, 0, 4], [0, 0, 0], [0, -2, 0]], dtype=np.float32))
    out = np.empty_like(Z.data)
    normalize_rows(Z.indptr.astype(np.int64), Z.data, out)
    np.testing.assert_array_equal(out, np.float32([0.6, 0.8, -1]))
    assert Z.data.tolist() == [3, 4, -2]
    normalize_rows(Z.indptr.astype(np.int64), Z.data, Z.data)
    np.testing.assert_array_equal(Z.data, out)


@pytest.mark.parametrize("scale", [1e-38, 1e-20, 1e20, 3e37])
def test_normalize_rows_of_any_scale(scale):
    data = np.float32([3 * scale, 0, 4 * scale])
    normalize_rows(np.array([0, 3]), data, data)
    np.testing.assert_allclose(data, [0.6, 0, 0.8], rtol=1e-6)


@pytest.mark.parametrize("shape", [(1, 7), (9, 30), (3, 1), (4, 0), (0, 3)])
def test_equals_sklearn(shape):
    rng = np.random.default_rng(0)
    X = random_csr(rng, shape, 0.3)
    out = np.empty_like(X.data)
    normalize_rows(X.indptr.astype(np.int64), X.data, out)
    expected = normalize(X).data if 0 not in shape else X.data
    np.testing.assert_allclose(out, expected, rtol=1e-6)
