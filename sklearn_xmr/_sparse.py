"""Sparse matrices from users: checked, and in the one form that the kernels read."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array

from ._checks import MAX_INT32, naming
from ._growing import appended
from ._kernels import csr
from ._kernels.join_rows import join_rows as write_joined
from ._sklearn import wants_sparse_arrays

INDEX_DTYPES = np.dtype(np.int32), np.dtype(np.int64)


class Csr(NamedTuple):
    """A sparse matrix, row by row, as the kernels read it.

    Attributes
    ----------
    indptr : ndarray of int64 of shape (n_rows + 1,)
        Where the entries of each row start.
    indices : ndarray of int32 of shape (n_entries,)
        The entries' columns, increasing in each row.
    data : ndarray of float32 of shape (n_entries,)
        Their values.
    n_columns : int
    """

    indptr: np.ndarray
    indices: np.ndarray
    data: np.ndarray
    n_columns: int

    @classmethod
    def of(cls, matrix):
        """The arrays of a canonical CSR matrix, copied only where an index type is another."""
        if isinstance(matrix, cls):
            return matrix
        return cls(
            matrix.indptr.astype(np.int64, copy=False),
            matrix.indices.astype(np.int32, copy=False),
            matrix.data,
            matrix.shape[1],
        )

    @property
    def n_rows(self):
        """How many rows there are."""
        return len(self.indptr) - 1

    @property
    def shape(self):
        """As of a SciPy matrix."""
        return len(self.indptr) - 1, self.n_columns

    def followed_by(self, others):
        """These rows and, behind them, those of another: see `appended`."""
        return Csr(
            appended(self.indptr, others.indptr[1:] + self.indptr[-1]),
            appended(self.indices, others.indices),
            appended(self.data, others.data),
            self.n_columns,
        )

    def to_scipy(self, container=sp.csr_array):
        """A SciPy array, or matrix, with int32 indices wherever SciPy can."""
        indptr = self.indptr
        if indptr[-1] <= MAX_INT32:  # SciPy makes indices as wide as pointers
            indptr = indptr.astype(np.int32)
        return container((self.data, self.indices, indptr), shape=self.shape)


def indptr_of(counts):
    """Where consecutive parts of these sizes start, and where the last one ends: int64."""
    indptr = np.zeros(len(counts) + 1, dtype=np.int64)
    np.add.accumulate(counts, out=indptr[1:])  # of a list, cumsum takes twice as long
    return indptr


def even_bounds(indptr, n_parts):
    """Cut the rows of a CSR matrix into parts of about as many non-zeros."""
    bounds = np.searchsorted(indptr, np.linspace(0, indptr[-1], n_parts + 1)[1:-1])
    return np.unique([0, *bounds, len(indptr) - 1])


def rows_of_two(matrix, others, rows):
    """Some rows of a matrix and of another one, whose rows are numbered on: a csr_array."""
    is_other = rows >= matrix.shape[0]
    found = matrix[rows[~is_other]], others[rows[is_other] - matrix.shape[0]]
    order = np.argsort(np.argsort(is_other, kind="stable"))
    return sp.csr_array(sp.vstack(found, format="csr"))[order]


def join_rows(blocks, weights):
    """Put matrices side by side, each times its weight.

    SciPy's ``hstack`` takes longer than the search of a single row.

    Parameters
    ----------
    blocks : list of Csr
        Of as many rows each.
    weights : list of float

    Returns
    -------
    Csr

    Raises
    ------
    ValueError
        If there are 2 ** 31 columns or more.
    """
    n_columns = n_entries = 0
    for block in blocks:
        n_columns += block.n_columns
        n_entries += int(block.indptr[-1])
    if n_columns > MAX_INT32:
        raise ValueError(f"{n_columns} features are more than 32-bit indices can tell apart.")
    rows = Csr(
        np.empty(len(blocks[0].indptr), dtype=np.int64),
        np.empty(n_entries, dtype=np.int32),
        np.empty(n_entries, dtype=np.float32),
        n_columns,
    )
    write_joined(blocks, weights, *rows[:3])
    return rows


def check_csr(X, name="X", estimator=None, *, any_width=False):
    """Return X, dense or sparse, as a canonical CSR array of float32.

    The user's own is not changed. Indices are int32 wherever SciPy can.

    Parameters
    ----------
    X : array-like or sparse matrix
    name : str
        What messages call it.
    estimator : object or None
        Whose input it is, for messages.
    any_width : bool
        Whether there may be 2 ** 31 columns or more, which only 64-bit indices tell apart.

    Raises
    ------
    ValueError
        If X holds NaN or infinities, in float32 too, if it is not two-dimensional, is empty or too
        wide, or if it is a sparse matrix whose indices point outside.
    """
    X = canonical_csr(X, name) if sp.issparse(X) else _without_times(X, name)
    # What is too large for float32 is refused as infinity.
    with np.errstate(over="ignore"), naming(name, "a matrix of numbers"):
        X = check_array(
            X, accept_sparse="csr", dtype=np.float32, estimator=estimator, input_name=name
        )
    X = sp.csr_array(X)
    if X.shape[1] > MAX_INT32:
        if any_width:
            return X
        raise ValueError(
            f"{name} must have at most {MAX_INT32} columns, as 32-bit indices can tell apart, got "
            f"{X.shape[1]}."
        )
    # SciPy keeps pointers as wide as indices: both stay wide where there are too many non-zeros.
    if X.indices.dtype == np.int32 or X.nnz > MAX_INT32:
        return X
    parts = X.data, X.indices.astype(np.int32), X.indptr.astype(np.int32)
    return sp.csr_array(parts, shape=X.shape)


def _without_times(X, name):
    # NumPy takes dates for the numbers of days, and check_array for numbers with NumPy.
    if isinstance(X, (list, tuple)):
        with naming(name, "a matrix of numbers"):
            X = np.asarray(X)
    dtypes = [X.dtype] if hasattr(X, "dtype") else getattr(X, "dtypes", ())
    if any(getattr(dtype, "kind", None) in ("m", "M") for dtype in dtypes):
        raise ValueError(f"{name} must hold numbers, got dates or times: {dtypes[0]}.")
    return X


def is_canonical(X, n_columns=None):
    """Whether X is a SciPy matrix that `check_csr` would return as it is, found out in one pass.

    Parameters
    ----------
    X : object
    n_columns : int or None
        How many columns it must have; None is any number.
    """
    return (
        sp.issparse(X)
        and X.format == "csr"
        and X.ndim == 2
        and X.dtype == np.float32
        and X.indices.dtype == X.indptr.dtype
        and X.indices.dtype in INDEX_DTYPES
        and all(array.flags.c_contiguous for array in (X.data, X.indices, X.indptr))
        and X.shape[0] > 0
        and n_columns in (None, X.shape[1])
        and len(X.indptr) == X.shape[0] + 1
        and csr.is_canonical(X.indptr, X.indices, X.data, X.shape[1])
    )


def in_configured_container(array):
    """A sparse array, or the matrix of the same parts: what ``sparse_interface`` asks for."""
    if wants_sparse_arrays():
        return array
    return getattr(sp, f"{array.format}_matrix")(array)


def canonical_csr(matrix, name):
    """A sparse matrix as CSR with sorted, distinct indices; never a change to the user's own.

    Compiled code trusts indices, SciPy's as well as ours, so they are checked first.

    Parameters
    ----------
    matrix : sparse matrix or sparse array
        Any format, dtype and index dtype.
    name : str
        What messages call it.

    Returns
    -------
    csr_array
        The same matrix; shares the arrays of one that is canonical CSR already.

    Raises
    ------
    ValueError
        If it is not 2-D, or its index arrays are not those of a matrix of this shape.
    """
    if matrix.ndim != 2:
        raise ValueError(f"{name} must be a 2-D sparse matrix, got {matrix.ndim} dimension(s).")
    try:
        matrix = _checked(matrix)
    except (ValueError, IndexError) as error:
        raise ValueError(
            f"{name} is not a valid {matrix.format.upper()} matrix of shape {matrix.shape}: "
            f"{error}."
        ) from error
    if matrix.format == "coo":  # whose duplicates SciPy sums on the way to CSR
        matrix = _without_duplicates(matrix)
    matrix = sp.csr_array(matrix)
    if not matrix.has_canonical_format:
        matrix = _without_duplicates(matrix)
    return matrix


def _without_duplicates(matrix):
    # In integers wide enough for their sums.
    is_narrow = matrix.dtype.kind in "iu" and matrix.dtype.itemsize < 8
    matrix = matrix.astype(np.int64) if is_narrow else matrix.copy()
    matrix.sum_duplicates()
    return matrix


def _checked(matrix):
    # Checking replaces index arrays by narrower ones: in a new matrix, not in the user's.
    if matrix.format in ("csr", "csc", "bsr"):
        _check_pointers(matrix)
        parts = (matrix.data, matrix.indices, matrix.indptr)
        matrix = type(matrix)(tuple(map(np.ascontiguousarray, parts)), shape=matrix.shape)
        matrix.check_format()
    elif matrix.format == "dia" and len(matrix.data) != len(matrix.offsets):
        raise ValueError("there must be a row of data for each offset")
    elif matrix.format == "coo":
        matrix = type(matrix)((matrix.data, matrix.coords), shape=matrix.shape)
    else:
        matrix = sp.csr_array(matrix)
        matrix.check_format()
    return matrix


def _check_pointers(matrix):
    # SciPy's own check leaves out some of these where the last pointer is not positive.
    indptr = matrix.indptr
    if len(indptr) == 0 or indptr[0] != 0 or np.any(indptr[1:] < indptr[:-1]):
        raise ValueError("index pointers must start at 0 and must not decrease")
    if indptr[-1] > min(len(matrix.indices), len(matrix.data)):
        raise ValueError("the last index pointer is past the end of the indices")


def array_of_numbers(values, name):
    """A user's array or sparse matrix as it is, if it holds numbers or booleans.

    Raises
    ------
    ValueError
        If it does not.
    """
    if not sp.issparse(values):
        try:
            values = np.asarray(values)
        except ValueError as error:
            raise ValueError(f"{name} is not an array: {error}") from error
    if values.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold numbers or booleans, got dtype {values.dtype}.")
    return values


def marked(values, name):
    """What is not zero in an `array_of_numbers`, as canonical CSR of ones.

    Raises
    ------
    ValueError
        If it holds NaN or infinity, or is not a valid matrix.
    """
    if sp.issparse(values):
        matrix = canonical_csr(values, name)
    else:
        values = np.atleast_2d(values)
        # SciPy has no half precision.
        matrix = sp.csr_array(values.astype(np.float32) if values.dtype == np.float16 else values)
    if not np.isfinite(matrix.data).all():
        raise ValueError(f"{name} contains NaN or infinity.")
    marks = sp.csr_array(matrix != 0)
    marks.sort_indices()
    return marks
