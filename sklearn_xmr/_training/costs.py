"""What errors cost: weights of the rows, of positives, and of single labels of a row."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array

from .._indexing.tree_layout import positive_nodes
from .._sklearn import validate_sample_weight
from .._sparse import canonical_csr

# Multiples of C are cut to this range: beyond it, float32 could not hold what comes of them.
SMALLEST, LARGEST = 1e-30, 1e30


class LayerCosts(NamedTuple):
    """Multiples of C on one layer; None for 1 everywhere.

    Attributes
    ----------
    row_weights : ndarray of float32 of shape (n_rows,), or None
    positive_weights : ndarray of float32 of shape (n_positives,), or None
        For each entry of the layer's positive nodes, beside those of the rows.
    """

    row_weights: np.ndarray | None
    positive_weights: np.ndarray | None

    def of_positives(self, kept):
        """The costs where only some of the positives are kept."""
        if self.positive_weights is None:
            return self
        return self._replace(positive_weights=self.positive_weights[kept])


class Costs(NamedTuple):
    """Multiples of C.

    Attributes
    ----------
    sample_weight : ndarray of float32 of shape (n_rows,), or None
        For a row. None is 1, here and below.
    positive_weight : float
        For positives, beside.
    relevance : csr_array of shape (n_rows, n_labels), or None
        For positives, beside, one by one.
    """

    sample_weight: np.ndarray | None = None
    positive_weight: float = 1.0
    relevance: sp.csr_array | None = None

    def rows(self, kept):
        """The costs of some rows."""
        of_some = self.with_relevance(lambda relevance: relevance[kept])
        return of_some._replace(sample_weight=self.sample_weight[kept])

    def with_relevance(self, change):
        """The same with another relevance, where there is one."""
        if self.relevance is None:
            return self
        return self._replace(relevance=change(self.relevance))

    def of_layers(self, positives, layouts):
        """The costs of all layers' positives: a `LayerCosts` for each layer."""
        relevances = [None] * len(layouts)
        if self.relevance is not None:
            relevances = positive_nodes(self.relevance, layouts, add=True)
        return [
            LayerCosts(self.sample_weight, self._of_positives(of_layer.nnz, relevance))
            for of_layer, relevance in zip(positives, relevances, strict=True)
        ]

    def _of_positives(self, n_positives, relevance):
        if relevance is None:
            if self.positive_weight == 1:
                return None
            weight = np.clip(self.positive_weight, SMALLEST, LARGEST)
            return np.full(n_positives, weight, dtype=np.float32)
        weights = self.positive_weight * relevance.data
        return np.clip(weights, SMALLEST, LARGEST).astype(np.float32)


def check_sample_weight(sample_weight, X):
    """The weights as float32, None for None.

    Raises
    ------
    ValueError
        If they are not finite, negative, all 0, or of another number than the rows.
    """
    if sample_weight is None:
        return None
    weights = validate_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
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
    relevance = check_array(
        relevance, accept_sparse="csr", dtype=np.float64, ensure_2d=False, input_name="relevance"
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
