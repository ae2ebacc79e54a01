"""Sparse matrices from users: checked, and in the one form that the kernels read."""

import scipy.sparse as sp


def canonical_csr(matrix):
    """A sparse matrix as CSR with sorted, distinct indices; never a change to the user's own.

    Compiled code trusts indices, SciPy's as well as ours, so they are checked first.

    Parameters
    ----------
    matrix : sparse matrix or sparse array
        Any format, dtype and index dtype.

    Returns
    -------
    csr_array
        The same matrix; shares the arrays of one that is canonical CSR already.

    Raises
    ------
    ValueError
        If the index arrays are not those of a matrix of this shape.
    """
    if matrix.format in ("csr", "csc", "bsr"):
        # Checking replaces index arrays by narrower ones: in a new matrix, not in the user's.
        matrix = type(matrix)((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape)
        matrix.check_format()
    matrix = sp.csr_array(matrix)
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    return matrix
