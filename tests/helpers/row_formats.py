"""The rows of one CSR matrix in every form that users have them in."""

import numpy as np
import scipy.sparse as sp


def coo_with_duplicates(X):
    coo = X.tocoo()
    data = np.concatenate([coo.data / 2, coo.data / 2])
    return sp.coo_array((data, (np.tile(coo.row, 2), np.tile(coo.col, 2))), shape=X.shape)


def csr_with_duplicates(X):
    return sp.csr_array(
        (np.repeat(X.data / 2, 2), np.repeat(X.indices, 2), 2 * X.indptr), shape=X.shape
    )


def unsorted(X):
    X = X.copy()
    for a, b in zip(X.indptr[:-1], X.indptr[1:], strict=True):
        X.indices[a:b] = X.indices[a:b][::-1].copy()
        X.data[a:b] = X.data[a:b][::-1].copy()
    return X


def secretly_unsorted(X):
    # SciPy remembers that the indices were sorted.
    X = X.copy()
    X.sum_duplicates()
    assert X.has_canonical_format
    shuffled = unsorted(X)
    X.indices[:] = shuffled.indices
    X.data[:] = shuffled.data
    return X


def with_stored_zeros(X):
    coo = X.tocoo()
    rows, columns = np.nonzero(X.toarray() == 0)
    parts = (
        np.append(coo.data, np.zeros(9, dtype=X.dtype)),
        (
            np.append(coo.row, rows[:9]),
            np.append(coo.col, columns[:9]),
        ),
    )
    return sp.csr_array(parts, shape=X.shape)


def int64(X):
    X = X.copy()
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


def read_only(X):
    X = X.copy()
    for part in (X.data, X.indices, X.indptr):
        part.flags.writeable = False
    return X


def strided(X):
    data = np.repeat(X.data, 2)[::2]
    return sp.csr_array((data, X.indices, X.indptr), shape=X.shape)


ROWS = {
    "dense": lambda X: X.toarray(),
    "dense float64": lambda X: X.toarray().astype(np.float64),
    "Fortran": lambda X: np.asfortranarray(X.toarray()),
    "strided dense": lambda X: np.repeat(X.toarray(), 2, axis=1)[:, ::2],
    "read-only dense": lambda X: np.frombuffer(X.toarray().tobytes(), np.float32).reshape(X.shape),
    "list": lambda X: X.toarray().tolist(),
    "object": lambda X: X.toarray().astype(object),
    "csr_matrix": sp.csr_matrix,
    "csc_array": sp.csc_array,
    "csc_matrix": sp.csc_matrix,
    "coo": sp.coo_array,
    "lil": sp.lil_array,
    "dok": sp.dok_array,
    "bsr": lambda X: sp.bsr_array(X, blocksize=(2, 5)),
    "float64": lambda X: X.astype(np.float64),
    "int64 indices": int64,
    "unsorted": unsorted,
    "secretly unsorted": secretly_unsorted,
    "stored zeros": with_stored_zeros,
    "read-only": read_only,
    "csr duplicates": csr_with_duplicates,
    "coo duplicates": coo_with_duplicates,
    "strided": strided,
}


def contents(X):
    if isinstance(X, list):
        return X
    if not sp.issparse(X):
        return X.tolist()
    parts = X.copy().tocoo() if X.format in ("lil", "dok") else X
    names = ("data", "indices", "indptr", "row", "col")
    return [getattr(parts, name).tolist() for name in names if hasattr(parts, name)]
