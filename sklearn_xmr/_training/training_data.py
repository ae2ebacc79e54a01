"""What the models of a tree are trained on."""

from typing import NamedTuple

import scipy.sparse as sp

from .costs import Costs
from .negatives import Negatives


class TrainingData(NamedTuple):
    """Rows and their labels, what errors cost, and which rows nodes train on.

    Attributes
    ----------
    X : csr_array of float32 of shape (n_rows, n_features)
    Y : csr_array of float32 of shape (n_rows, n_labels)
        Label indicator.
    costs : Costs
    negatives : Negatives
    """

    X: sp.csr_array
    Y: sp.csr_array
    costs: Costs
    negatives: Negatives

    def rows(self, kept):
        """The same for some of the rows."""
        costs, negatives = self.costs.rows(kept), self.negatives.rows(kept)
        return TrainingData(self.X[kept], self.Y[kept], costs, negatives)

    def plain(self):
        """The same without what SciPy remembers of matrices, which differs between equal ones."""
        costs = self.costs.with_relevance(_plain)
        return self._replace(X=_plain(self.X), Y=_plain(self.Y), costs=costs)


def _plain(matrix):
    return sp.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape)
