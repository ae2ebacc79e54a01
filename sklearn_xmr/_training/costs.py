"""What errors cost: weights of the rows, of positives, and of single labels of a row."""

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array

from .._checks import check_weights, naming
from .._sparse import canonical_csr

# Multiples of C are cut to this range: beyond it, float32 could not hold what comes of them.
SMALLEST, LARGEST = 1e-30, 1e30


def positive_weights(n_positives, positive_weight, relevance):
    """Multiples of C for the positives of a layer, beside those of their rows.

    Parameters
    ----------
    n_positives : int
    positive_weight : float
    relevance : csr_array or None
        Its entries are the positives.

    Returns
    -------
    ndarray of float32 of shape (n_positives,), or None
        None for 1 everywhere.
    """
    if relevance is not None:
        weights = positive_weight * relevance.data
        return np.clip(weights, SMALLEST, LARGEST).astype(np.float32)
    if positive_weight == 1:
        return None
    return np.full(n_positives, np.clip(positive_weight, SMALLEST, LARGEST), dtype=np.float32)


def with_negatives_at(weight, sample_weight, positive_weights, shape):
    """The weights of rows and of positives where negatives weigh so much, and positives as before.

    Parameters
    ----------
    weight : float
    sample_weight, positive_weights : ndarray of float32 or None
        None for 1 everywhere.
    shape : (n_rows, n_positives)

    Returns
    -------
    sample_weight, positive_weights : ndarrays of float32
    """
    n_rows, n_positives = shape
    if sample_weight is None:
        sample_weight = np.ones(n_rows, dtype=np.float32)
    if positive_weights is None:
        positive_weights = np.ones(n_positives, dtype=np.float32)
    return sample_weight * np.float32(weight), positive_weights / np.float32(weight)


def check_sample_weight(sample_weight, X):
    """The weights as float32, None for None.

    Raises
    ------
    ValueError
        If they are not finite, negative, all 0, or of another number than the rows.
    """
    if sample_weight is None:
        return None
    weights = check_weights(sample_weight, X)
    return np.where(weights > 0, np.clip(weights, SMALLEST, LARGEST), 0).astype(np.float32)


def check_relevance(relevance, Y):
    """The relevance matrix as canonical CSR of float64, None for None.

    Raises
    ------
    ValueError
        If its entries are not those of the label indicator, finite and positive.
    """
    if relevance is None:
        return None
    if sp.issparse(relevance):
        relevance = canonical_csr(relevance, "relevance")
    with naming("relevance", "a matrix of numbers"):
        relevance = check_array(
            relevance, accept_sparse="csr", dtype=np.float64, input_name="relevance"
        )
    if relevance.shape != Y.shape:
        raise ValueError(
            f"relevance must have the shape of the label indicator, {Y.shape}, got "
            f"{relevance.shape}."
        )
    relevance = sp.csr_array(relevance, copy=True)
    relevance.eliminate_zeros()
    if not (
        np.array_equal(relevance.indptr, Y.indptr) and np.array_equal(relevance.indices, Y.indices)
    ):
        raise ValueError(
            "relevance must have a value for each positive entry of y and for no other: "
            f"{relevance.nnz} of its entries are not 0, {Y.nnz} of y's."
        )
    if np.any(relevance.data < 0):
        raise ValueError(f"relevance must be positive, got {relevance.data.min()!r}.")
    np.minimum(relevance.data, LARGEST, out=relevance.data)
    return relevance
