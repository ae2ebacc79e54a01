"""What the models of a tree are trained on."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .negatives import Negatives
from .priors import Prior


class TrainingData(NamedTuple):
    """Rows and their labels, what errors cost, and which rows nodes train on.

    Attributes
    ----------
    X : csr_array of float32 of shape (n_rows, n_features)
    Y : csr_array of float32 of shape (n_rows, n_labels)
        Label indicator.
    sample_weight : ndarray of float32 of shape (n_rows,), or None
        Multiplies C for each row; None is 1 everywhere, here and below.
    positive_weight : float
        Multiplies C for positives, beside.
    relevance : csr_array of shape (n_rows, n_labels), or None
        Multiplies C for positives one by one, beside. It has the entries of Y.
    negatives : Negatives
    prior : Prior or None
        What is known of the labels beside.
    """

    X: sp.csr_array
    Y: sp.csr_array
    sample_weight: np.ndarray | None
    positive_weight: float
    relevance: sp.csr_array | None
    negatives: Negatives
    prior: Prior | None = None

    def weighted_rows(self):
        """The same without rows of weight 0: they are as good as absent."""
        if self.sample_weight is None or self.sample_weight.all():
            return self
        return self.rows(self.sample_weight > 0)

    def rows(self, kept):
        """The same for some of the rows."""
        return self._replace(
            X=self.X[kept],
            Y=self.Y[kept],
            sample_weight=None if self.sample_weight is None else self.sample_weight[kept],
            relevance=None if self.relevance is None else self.relevance[kept],
            negatives=self.negatives.rows(kept),
        )

    def at_strength(self, strength):
        """The same with a prior of this strength."""
        return self._replace(prior=self.prior._replace(strength=strength))

    def plain(self):
        """The same without what SciPy remembers of matrices, which differs between equal ones."""
        relevance = None if self.relevance is None else _plain(self.relevance)
        prior = self.prior
        if prior is not None:
            prior = prior._replace(vectors=_plain(prior.vectors))
        return self._replace(X=_plain(self.X), Y=_plain(self.Y), relevance=relevance, prior=prior)


def _plain(matrix):
    return sp.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape)
