"""What there is to learn in one layer: the rows of each node, and which children they have."""

from typing import NamedTuple

import numpy as np

from .._kernels.block import take_positives
from .._sparse import Csr, indptr_of
from .priors import Start, rows_between
from .solver import Positives


class LayerData(NamedTuple):
    """Which rows train the children of each node, and which of them are positive for which.

    Attributes
    ----------
    member_indptr, members : ndarrays of int64 and int32
        The rows of each node of the layer above, sorted.
    positive_indptr, positives : ndarrays of int64 and int32
        For each row the nodes of this layer that it is positive for, sorted.
    n_positives : ndarray of int64 of shape (n_nodes,)
        The positive rows of each node of this layer.
    row_weights : ndarray of float32 of shape (n_rows,), or None
        Multiples of C, row by row; None for 1 everywhere.
    positive_weights : ndarray of float32 of the shape of `positives`, or None
        Multiples of the row's C for its positives; None for 1 everywhere.
    prior : Csr of shape (n_nodes, n_features) or None
        The weights that the nodes of this layer start at.
    first_parent, first_node : int
        The first node of the layer above, and of this layer, that the arrays are about.
    intercepts : ndarray of float32 of shape (n_nodes,) or None
        Where intercepts start if there is a prior; None for the same everywhere.
    """

    member_indptr: np.ndarray
    members: np.ndarray
    positive_indptr: np.ndarray
    positives: np.ndarray
    n_positives: np.ndarray
    row_weights: np.ndarray | None
    positive_weights: np.ndarray | None
    prior: Csr | None = None
    first_parent: int = 0
    first_node: int = 0
    intercepts: np.ndarray | None = None

    @classmethod
    def gather(cls, members, positives, row_weights=None, positive_weights=None, prior=None):
        """From CSR indicators (rows x nodes) of the layer above and of this layer."""
        member_indptr, members, *_ = Csr.of(members.tocsc())
        positive_indptr, nodes, *_ = Csr.of(positives)
        n_positives = np.bincount(nodes, minlength=positives.shape[1])
        arrays = member_indptr, members, positive_indptr, nodes, n_positives
        return cls(*arrays, row_weights, positive_weights, prior)

    def members_of(self, parent):
        """The rows that train the children of a node of the layer above."""
        parent = parent - self.first_parent
        return self.members[self.member_indptr[parent] : self.member_indptr[parent + 1]]

    def weights_of(self, rows):
        """The multiples of C of a parent's rows."""
        if self.row_weights is None:
            return np.ones(len(rows))
        return self.row_weights[rows].astype(np.float64)

    def positives_among(self, rows, first, last):
        """For each of a parent's rows its positives among children ``first .. last - 1``."""
        first, last = first - self.first_node, last - self.first_node
        indptr = np.empty(len(rows) + 1, dtype=np.int64)
        children = np.empty(self.n_positives[first:last].sum(), dtype=np.int32)
        weights = None
        if self.positive_weights is not None:
            weights = np.empty(len(children), dtype=np.float32)
        take_positives(
            self.positive_indptr,
            self.positives,
            self.positive_weights,
            rows,
            first,
            last,
            indptr,
            children,
            weights,
        )
        # Some of the children's positives may be no rows of the parent.
        n_found = indptr[-1]
        return Positives(indptr, children[:n_found], None if weights is None else weights[:n_found])

    def start_of(self, first, last):
        """Where children ``first .. last - 1`` start, a `Start`, if there is a prior."""
        if self.prior is None:
            return None
        first, last = first - self.first_node, last - self.first_node
        intercepts = None if self.intercepts is None else self.intercepts[first:last]
        return Start(rows_between(self.prior, first, last), intercepts)

    def has_signal(self, rows, first, last):
        """Whether some child is positive for some, but not all, of its parent's rows."""
        n_positives = self.n_positives[first - self.first_node : last - self.first_node]
        return bool(np.any((n_positives > 0) & (n_positives < len(rows))))

    def cut(self, tasks, rows):
        """What tasks of this layer need, with these rows, all of theirs, numbered from 0."""
        parents = np.unique([task.parent for task in tasks])
        lists = [np.searchsorted(rows, self.members_of(parent)) for parent in parents]
        sizes = np.zeros(parents[-1] + 1 - parents[0], dtype=np.int64)
        sizes[parents - parents[0]] = [len(members) for members in lists]
        first, last = min(task.first for task in tasks), max(task.last for task in tasks)
        positives, start = self.positives_among(rows, first, last), self.start_of(first, last)
        return LayerData(
            indptr_of(sizes),
            np.concatenate(lists).astype(np.int32),
            positives.indptr,
            positives.children.copy(),
            self.n_positives[first - self.first_node : last - self.first_node],
            None if self.row_weights is None else self.row_weights[rows],
            None if positives.weights is None else positives.weights.copy(),
            start and start.weights,
            int(parents[0]),
            first,
            start and start.intercepts,
        )
