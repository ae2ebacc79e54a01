"""What a label looks like: one vector per label, from the rows that carry it."""

import numpy as np
import scipy.sparse as sp

from ._kernels.bisect import normalize_rows


def pifa(X, Y, sample_weight=None):
    """Positive instance feature aggregation: the direction of the mean of each label's rows.

    A row with many labels says less about each of them, so the rows of `Y` are l2-normalised
    first: a row with m labels counts ``1 / sqrt(m)`` for each, times its sample weight. With that
    weight w,

    .. math:: v_l = \\sum_{i: Y_{il} = 1} w_i x_i, \\qquad z_l = v_l / |v_l|.

    Parameters
    ----------
    X : csr_array or csr_matrix of float32, of shape (n_samples, n_features)
        The rows.
    Y : csr_array or csr_matrix of shape (n_samples, n_labels)
        The label indicator. Every stored entry counts as one, whatever its value.
    sample_weight : ndarray of shape (n_samples,) or None
        None is 1 for every row.

    Returns
    -------
    csr_array of float32, of shape (n_labels, n_features)
        One unit vector per label, zeros for a label without rows; indices are sorted, and int32
        wherever SciPy can (fewer than 2 ** 31 non-zeros).

    References
    ----------
    .. [1] Yu et al., "PECOS: Prediction for Enormous and Correlated Output Spaces", Journal of
       Machine Learning Research 23, 2022.
    """
    n_labels_of_row = np.diff(Y.indptr)
    row_weights = 1 / np.sqrt(np.maximum(n_labels_of_row, 1), dtype=np.float32)
    if sample_weight is not None:
        # Directions are wanted, so that only their ratios count.
        row_weights *= sample_weight / sample_weight.max()
    weights = np.repeat(row_weights, n_labels_of_row)
    weighted = sp.csr_array((weights, Y.indices, Y.indptr), shape=Y.shape)
    Z = sp.csr_array(weighted.T.tocsr() @ sp.csr_array(X))
    Z.sort_indices()
    normalize_rows(Z.indptr.astype(np.int64), Z.data, Z.data)
    return Z
