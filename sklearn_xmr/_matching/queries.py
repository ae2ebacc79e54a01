"""From any X to what the kernels take: canonical CSR, float32, int32 indices."""

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array

from .._kernels import csr
from .._sparse import canonical_csr

INDEX_DTYPES = np.dtype(np.int32), np.dtype(np.int64)


def check_rows(X, estimator=None, name="X"):
    """Return X, dense or sparse, as a canonical CSR array; the user's own is left as it is.

    Indices are int32 wherever SciPy can. Messages call X by its `name`.

    Raises
    ------
    ValueError
        If X holds NaN or infinities, in float32 too, if it is not two-dimensional, is empty or has
        2 ** 31 features or more, or if it is a sparse matrix whose indices point outside.
    """
    if sp.issparse(X):
        X = canonical_csr(X, name)
    X = check_array(X, accept_sparse="csr", dtype=np.float32, estimator=estimator, input_name=name)
    X = sp.csr_array(X)
    if X.shape[1] > np.iinfo(np.int32).max:
        raise ValueError(
            f"{name} has {X.shape[1]} features, more than 32-bit indices can tell apart."
        )
    # SciPy keeps pointers as wide as indices: both stay wide where there are too many non-zeros.
    if X.indices.dtype == np.int32 or X.nnz > np.iinfo(np.int32).max:
        return X
    parts = X.data, X.indices.astype(np.int32), X.indptr.astype(np.int32)
    return sp.csr_array(parts, shape=X.shape)


def is_canonical(X, n_features):
    """Whether X is a CSR matrix that the kernels can take as it is, without any other check."""
    return (
        sp.issparse(X)
        and X.format == "csr"
        and X.ndim == 2
        and X.dtype == np.float32
        and X.indices.dtype == X.indptr.dtype
        and X.indices.dtype in INDEX_DTYPES
        and all(array.flags.c_contiguous for array in (X.data, X.indices, X.indptr))
        and X.shape[0] > 0
        and X.shape[1] == n_features
        and len(X.indptr) == X.shape[0] + 1
        and csr.is_canonical(X.indptr, X.indices, X.data, n_features)
    )
