"""What stands in for the rows of known labels while new ones are trained beside them."""

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from .._sparse import indptr_of


def with_stand_ins(X, data, layout, weights, had_rows):
    """Rows and `LayerData` with further rows for each sibling of a node to train that had some.

    What an old label looks like stands in for its rows, which are not given: its positive weights,
    the largest first, in rows of as many features as rows have in the mean, each at unit length. So
    few features at a time say as much of a new label as they do in a row: a new label learns from
    them nearly as much in a small batch as in a large one.

    Parameters
    ----------
    X : csr_array of float32 of shape (n_rows, n_features)
    data : LayerData
    layout : LayerLayout
        Of the same layer.
    weights : csr_array of float32 of shape (n_nodes, n_features)
    had_rows : ndarray of bool of shape (n_nodes,)
        Which nodes are old and were trained.
    """
    parent_of = np.repeat(np.arange(len(layout.child_indptr) - 1), np.diff(layout.child_indptr))
    has_rows = np.diff(data.member_indptr) > 0
    known = np.flatnonzero(had_rows & has_rows[parent_of])
    if len(known) == 0:
        return X, data
    size = max(round(X.nnz / max(X.shape[0], 1)), 1)
    looks, of_known = in_rows(weights[known].maximum(np.float32(0)), size)
    known = known[of_known]
    parents = np.repeat(np.arange(len(has_rows)), np.diff(data.member_indptr))
    parents = np.concatenate([parents, parent_of[known]])
    members = np.concatenate([data.members, X.shape[0] + np.arange(len(known))])
    ends = np.full(len(known), data.positive_indptr[-1])
    X = sp.vstack([X, normalize(looks)], format="csr")
    X = X.astype(np.float32, copy=False)  # SciPy 1.13 widens it
    return sp.csr_array(X), data._replace(
        member_indptr=indptr_of(np.bincount(parents, minlength=len(has_rows))),
        members=members[np.argsort(parents, kind="stable")].astype(np.int32),
        positive_indptr=np.concatenate([data.positive_indptr, ends]),
    )


def in_rows(matrix, size):
    # The largest values of each row, all positive, then the next ones, and so on, as rows of so
    # many values; and which row each is of.
    counts, most = np.diff(matrix.indptr), np.iinfo(np.int32).max
    # SciPy sorts a row by its indices; values are ordered as their bits are.
    keys = most - matrix.data[: matrix.nnz].view(np.int32)
    features = matrix.indices[: matrix.nnz].copy()
    by_size = sp.csr_array((features, keys, matrix.indptr), shape=(len(counts), most))
    by_size.sort_indices()
    n_parts = -(-counts // size)
    row_of = np.repeat(np.arange(len(counts)), n_parts)
    number = np.arange(len(row_of)) - indptr_of(n_parts)[row_of]
    starts = np.append(matrix.indptr[row_of] + size * number, len(keys))
    values = (most - by_size.indices).astype(np.int32).view(np.float32)
    parts = sp.csr_array((values, by_size.data, starts), shape=(len(row_of), matrix.shape[1]))
    parts.sort_indices()
    return parts, row_of
