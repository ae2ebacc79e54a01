"""PIFA against its closed form in dense float64."""

import numpy as np
import pytest
import scipy.sparse as sp

from sklearn_xmr.label_features import pifa


def dense_pifa(X, Y):
    X, Y = X.toarray().astype(float), Y.toarray().astype(float)
    Y /= np.maximum(np.linalg.norm(Y, axis=1, keepdims=True), 1e-300)
    V = Y.T @ X
    norms = np.linalg.norm(V, axis=1, keepdims=True)
    return np.divide(V, norms, out=np.zeros_like(V), where=norms > 0)


def random_problem(seed=0, n_rows=60, n_features=40, n_labels=25):
    rng = np.random.default_rng(seed)
    X = sp.random_array((n_rows, n_features), density=0.2, format="csr", dtype="f4", rng=rng)
    Y = sp.random_array((n_rows, n_labels), density=0.08, format="csr", dtype="f4", rng=rng)
    Y.data[:] = 1
    return X, Y


@pytest.mark.parametrize("seed", range(5))
def test_closed_form(seed):
    X, Y = random_problem(seed)
    np.testing.assert_allclose(pifa(X, Y).toarray(), dense_pifa(X, Y), atol=2e-7)


def test_by_hand():
    X = sp.csr_array(np.array([[1, 0], [0, 1]], dtype=np.float32))
    Y = sp.csr_array(np.array([[1, 0, 0], [1, 1, 0]], dtype=np.float32))
    # Label 0: row 0 in full, row 1, which has two labels, by 1 / sqrt(2).
    expected = [[np.sqrt(2 / 3), np.sqrt(1 / 3)], [0, 1], [0, 0]]
    np.testing.assert_allclose(pifa(X, Y).toarray(), expected, rtol=1e-6)


def test_dtypes_and_order():
    X, Y = random_problem()
    for container in (sp.csr_array, sp.csr_matrix):
        Z = pifa(container(X), container(Y))
        assert isinstance(Z, sp.csr_array)
        assert Z.dtype == np.float32
        assert Z.indices.dtype == np.int32
        assert all(
            (np.diff(Z.indices[a:b]) > 0).all()
            for a, b in zip(Z.indptr[:-1], Z.indptr[1:], strict=True)
        )


def test_inputs_are_only_read():
    X, Y = random_problem()
    for matrix in (X, Y):
        for array in (matrix.data, matrix.indices, matrix.indptr):
            array.flags.writeable = False
    np.testing.assert_allclose(pifa(X, Y).toarray(), dense_pifa(X, Y), atol=2e-7)


def test_values_of_the_indicator_do_not_matter():
    X, Y = random_problem()
    other = Y.copy()
    other.data[:] = 7
    assert (pifa(X, other) != pifa(X, Y)).nnz == 0
    np.testing.assert_array_equal(pifa(X, Y.astype(bool)).toarray(), pifa(X, Y).toarray())


def test_nothing_to_aggregate():
    X, Y = random_problem()
    assert pifa(X, sp.csr_array(Y.shape, dtype="f4")).nnz == 0
    assert pifa(sp.csr_array(X.shape, dtype="f4"), Y).nnz == 0
