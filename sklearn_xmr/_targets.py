"""From y to a label indicator, and from scores back to the container that y came in."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from ._sparse import canonical_csr, indptr_of


@dataclass(frozen=True)
class TargetForm:
    """How y was given.

    Attributes
    ----------
    kind : {"classes", "dense", "sparse"}
        A 1-D array of classes, or an indicator, dense or sparse.
    dtype : dtype
        Of y.
    matrix : bool
        Whether a sparse y was a SciPy matrix, not an array.
    """

    kind: str
    dtype: np.dtype
    matrix: bool = False


def encode_targets(y):
    """Read y.

    Returns
    -------
    Y : csr_array of float32 of shape (n_samples, n_labels)
        Canonical indicator, ones only; it shares the indices of a canonical y.
    classes : ndarray of shape (n_labels,)
        The values of a 1-D y, or the column numbers of an indicator.
    form : TargetForm
    """
    if sp.issparse(y):
        form = TargetForm("sparse", y.dtype, matrix=isinstance(y, sp.spmatrix))
        Y = check_array(canonical_csr(y, "y"), accept_sparse="csr", dtype=None, input_name="y")
        return _checked_indicator(Y), np.arange(y.shape[1]), form
    y = check_array(y, ensure_2d=False, dtype=None, ensure_min_samples=0, input_name="y")
    if y.ndim == 2 and y.shape[1] != 1:
        check_classification_targets(y)
        if y.dtype.kind not in "biuf":
            raise ValueError(_not_an_indicator(f"dtype {y.dtype}"))
        # SciPy has no float16.
        Y = _checked_indicator(sp.csr_array(y.astype(np.float32) if y.dtype == np.float16 else y))
        return Y, np.arange(y.shape[1]), TargetForm("dense", y.dtype)
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    classes, codes = np.unique(y, return_inverse=True)
    n = len(y)
    parts = np.ones(n, dtype=np.float32), codes.astype(np.int32), np.arange(n + 1, dtype=np.int32)
    return sp.csr_array(parts, shape=(n, len(classes))), classes, TargetForm("classes", y.dtype)


def _checked_indicator(Y):
    if Y.shape[1] == 0:
        raise ValueError("y must have at least one label, got an indicator without columns.")
    others = (Y.data != 0) & (Y.data != 1)
    if others.any():
        raise ValueError(_not_an_indicator(f"{Y.data[others][0]!r}"))
    if not Y.data.all():
        Y = Y.copy()
        Y.eliminate_zeros()
    return sp.csr_array((np.ones(Y.nnz, dtype=np.float32), Y.indices, Y.indptr), shape=Y.shape)


def _not_an_indicator(found):
    return f"A two-dimensional y must be a label indicator, of values 0 and 1 only, got {found}."


def with_filler(classes):
    """The classes and, last, what stands where no more were found: position -1 leads to it."""
    kind = classes.dtype.kind
    if kind == "i":
        filler, dtype = -1, classes.dtype
    elif kind in "ub":
        fits = kind == "b" or classes[-1] <= np.iinfo(np.int64).max
        filler, dtype = -1, np.int64 if fits else object
    elif kind == "f":
        filler, dtype = np.nan, classes.dtype
    elif kind == "U" or (kind == "O" and all(isinstance(c, str) for c in classes)):
        filler, dtype = "", classes.dtype
    else:
        filler, dtype = None, object
    filled = np.empty(len(classes) + 1, dtype=dtype)
    # One by one, NumPy's dates stay what they are.
    filled[:-1] = list(classes) if kind in "mM" else classes
    filled[-1] = filler
    return filled


def to_dense(positions, scores, n_labels, floor):
    """Spread ranked scores over a dense array, `floor` for labels not found."""
    dense = np.full((len(positions), n_labels), floor, dtype=scores.dtype)
    rows, columns = np.nonzero(positions >= 0)
    dense[rows, positions[rows, columns]] = scores[rows, columns]
    return dense


def to_sparse(positions, scores, n_labels, matrix):
    """The same as CSR that stores just the labels found, those of score 0 too."""
    found = positions >= 0
    indptr = indptr_of(found.sum(axis=1))
    container = sp.csr_matrix if matrix else sp.csr_array
    parts = scores[found], positions[found], indptr
    ranked = container(parts, shape=(len(positions), n_labels))
    ranked.sort_indices()
    return ranked
