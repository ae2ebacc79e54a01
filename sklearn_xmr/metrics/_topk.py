"""From a matrix of scores to the ranks of each row's k best labels.

A score of ``-inf``, or one absent from a sparse matrix, means that the label was not retrieved.
Sparse input is never made dense.
"""

import numpy as np
from scipy.sparse import csr_array, issparse
from sklearn.utils import check_array, gen_batches

from .._checks import check_count, naming
from .._label_sets import are_label_sets
from .._sparse import canonical_csr, indptr_of

# Dense scores are searched in blocks of rows with about this many cells, so that the masks needed
# on the way stay in the cache and small beside the scores.
BLOCK_CELLS = 2**18


def retrieved(y_score, k):
    """CSR of the retrieved entries, all of them or just those that make each row's top k."""
    if issparse(y_score):
        kept = y_score.data > -np.inf
        indptr = indptr_of(kept)[y_score.indptr]
        return csr_array((y_score.data[kept], y_score.indices[kept], indptr), shape=y_score.shape)
    n_samples, n_labels = y_score.shape
    k = min(k, n_labels)
    counts, indices, data = [], [], []
    for rows in gen_batches(n_samples, max(1, BLOCK_CELLS // n_labels)):
        block = y_score[rows]
        kth = np.partition(block, n_labels - k, axis=1)[:, n_labels - k, np.newaxis]
        above = block > kth
        tied = block == kth
        room = k - above.sum(axis=1, keepdims=True)
        keep = (above | (tied & (tied.cumsum(axis=1) <= room))) & (block > -np.inf)
        counts.append(keep.sum(axis=1))
        indices.append(keep.nonzero()[1])
        data.append(block[keep])
    indptr = indptr_of(np.concatenate(counts))
    return csr_array(
        (np.concatenate(data), np.concatenate(indices), indptr), shape=(n_samples, n_labels)
    )


def top_ranks(S, k):
    """CSR that holds the rank, from 1, of the k largest entries in each row of a canonical CSR."""
    k = min(k, S.shape[1])
    n_stored = np.diff(S.indptr)
    row = np.repeat(np.arange(S.shape[0]), n_stored)
    # Entries come by row and column, and lexsort is stable: ties keep the lower column first.
    order = np.lexsort((-S.data, row))
    rank = np.arange(1, S.nnz + 1) - np.repeat(S.indptr[:-1], n_stored)
    top = rank <= k
    indptr = indptr_of(np.minimum(n_stored, k))
    ranks = csr_array((rank[top], S.indices[order[top]], indptr), shape=S.shape)
    ranks.sort_indices()
    return ranks


def hit_ranks(Y, y_score, k):
    """CSR that holds, for each true label among the row's k best, its rank (the best is 1)."""
    y_score = check_scores(y_score)
    check_same_shape(Y, y_score)
    return Y.multiply(top_ranks(retrieved(y_score, k), k)).tocsr()


def check_k(k):
    """`k` as an int."""
    return check_count(k, "k")


def check_scores(y_score, name="y_score"):
    """Scores as a float ndarray or a canonical CSR array, without NaN."""
    y_score = _check_matrix(y_score, name, [np.float64, np.float32])
    stored = y_score.data if issparse(y_score) else y_score
    if np.isnan(np.min(stored, initial=np.inf)):  # min passes NaN on and needs no mask
        raise ValueError(f"{name} must not contain NaN.")
    return y_score


def check_evaluation(metric, y_true, y_score, k, name="y_score"):
    """Check matrices that a metric is to be called with, by a function that calls it for some rows.

    Returns
    -------
    Y : csr_array
        The indicator of the true labels.
    top : csr_array
        The scores of each row's `k` best labels: others change no metric.
    k : int
    """
    if not callable(metric):
        raise TypeError(f"metric must be callable, got {metric!r}.")
    k = check_k(k)
    Y, S = check_indicator(y_true, "y_true"), check_scores(y_score, name)
    check_same_shape(Y, S, name)
    return Y, retrieved(S, k), k


def check_same_shape(Y, y_score, name="y_score"):
    """Refuse scores of another shape than the truth."""
    if Y.shape != y_score.shape:
        raise ValueError(
            f"y_true and {name} must have the same shape, got {Y.shape} and {y_score.shape}."
        )


def check_indicator(Y, name):
    """`Y` as a canonical CSR array that stores a 1 for every true label and nothing else."""
    if are_label_sets(Y):
        raise ValueError(
            f"{name} must be a label indicator of 0 and 1, got label sets: make one of them with "
            "MultiLabelBinarizer(sparse_output=True)."
        )
    Y = _check_matrix(Y, name, "numeric")
    with naming(name, "a matrix of numbers"):  # dates are none of SciPy's
        Y = csr_array(Y)
    Y.eliminate_zeros()
    other = Y.data[Y.data != 1]
    if len(other):
        raise ValueError(f"{name} must be a label indicator of 0 and 1, got {other[0]}.")
    return Y


def _check_matrix(values, name, dtype):
    """`values` as a 2-D ndarray, or as a canonical CSR array that shares no memory with it."""
    with naming(name, "a matrix of numbers"):
        shape = np.shape(values)
    if len(shape) != 2 or 0 in shape:
        raise ValueError(
            f"{name} must have shape (n_samples, n_labels), both at least 1, got shape {shape}."
        )
    if issparse(values):
        values = canonical_csr(values, name).copy()
    elif getattr(values, "dtype", None) == np.float16:  # SciPy has no half precision
        values = values.astype(np.float32)
    with naming(name, "a matrix of numbers"):
        return check_array(
            values, accept_sparse="csr", dtype=dtype, ensure_all_finite=False, input_name=name
        )
