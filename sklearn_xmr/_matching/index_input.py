"""What a text index is given, checked and as the kernel takes it."""

import numpy as np
import scipy.sparse as sp

from .._sparse import Csr, array_of_numbers, check_csr, is_canonical, marked


def checked_vectors(vectors, name):
    """Vectors as a `Csr` of values of at least 0, which a `Csr` has already.

    Raises
    ------
    ValueError
        If there is another value, or they are no valid matrix.
    """
    if isinstance(vectors, Csr):
        return vectors
    if not is_canonical(vectors):
        vectors = _as_csr(array_of_numbers(vectors, name), name)
    vectors = Csr.of(vectors)
    if vectors.data.min(initial=0) < 0:
        raise ValueError(f"{name} must not be negative, got {vectors.data.min()}.")
    return vectors


def _as_csr(vectors, name):
    if vectors.ndim != 2:
        raise ValueError(f"{name} must have 2 dimensions, got shape {vectors.shape}.")
    if 0 in vectors.shape:  # which scikit-learn does not take
        return sp.csr_array(vectors.shape, dtype=np.float32)
    return check_csr(vectors, name)


def checked_rows(rows, name):
    """Numbers of rows as sorted int64.

    Raises
    ------
    ValueError
        If they are no list of integers.
    """
    rows = np.asarray(rows)
    if rows.ndim != 1 or (len(rows) and rows.dtype.kind not in "iu"):
        raise ValueError(f"{name} must be a list of integers, got {rows!r}.")
    return np.sort(rows.astype(np.int64))


def checked_candidates(candidates, n_queries, n_rows):
    """What the kernel takes of candidates: whether each row is one; pointers and rows listed.

    Raises
    ------
    ValueError
        If they have another shape, or name a row that never was.
    """
    if candidates is None:
        return None, None, None
    candidates = array_of_numbers(candidates, "candidates")
    if candidates.ndim == 1 and candidates.dtype == bool:
        _check_shape(candidates, (n_rows,))
        return np.ascontiguousarray(candidates).view(np.uint8), None, None
    if candidates.ndim == 1:
        listed = np.unique(checked_rows(candidates, "candidates"))
        if len(listed) and not 0 <= listed[0] <= listed[-1] < n_rows:
            raise ValueError(
                f"candidates must be rows from 0 to {n_rows - 1}, got {listed[0]} to {listed[-1]}."
            )
        return None, np.array([0, len(listed)]), listed.astype(np.int32)
    _check_shape(candidates, (n_queries, n_rows))
    listed = Csr.of(marked(candidates, "candidates"))
    return None, listed.indptr, listed.indices


def _check_shape(candidates, shape):
    if candidates.shape != shape:
        raise ValueError(f"candidates must have shape {shape}, got {candidates.shape}.")


def candidates_of(candidates, start, stop):
    """The same of queries ``start .. stop - 1``; one list is for all."""
    mask, indptr, listed = candidates
    if indptr is not None and len(indptr) > 2:
        indptr = indptr[start : stop + 1]
    return mask, indptr, listed
