"""Train the tree layer by layer, sharing out nodes and blocks of siblings to threads."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.utils.parallel import Parallel, delayed

from ._kernels import dual_cd
from ._layer import Layer, pack_layer
from ._solver import RowSlicer, block_width, padded, train_block
from ._tree_layout import positive_nodes, tree_layout


class TrainedLayer(NamedTuple):
    """A layer and how its training went.

    Attributes
    ----------
    layer : Layer
    n_iter : int
        The most passes that a node took, 1 if there was nothing to train.
    stopped_early : bool
        Whether some node reached `max_iter` before it converged.
    lost : bool
        Whether pruning has left some node's children without any weight, though there was
        something to tell apart.
    """

    layer: Layer
    n_iter: int
    stopped_early: bool
    lost: bool


def fit_layers(X, Y, tree, objective, max_weights, seed, n_jobs):
    """Train all layers, top first.

    Parameters
    ----------
    X : csr_array of float32 of shape (n_rows, n_features)
    Y : csr_array of shape (n_rows, n_labels)
        Label indicator.
    tree : LabelTree
    objective : Objective
    max_weights : int or None
    seed : int
    n_jobs : int

    Yields
    ------
    TrainedLayer
    """
    layouts = tree_layout(tree)
    positives = positive_nodes(Y, layouts)
    # The root trains on the rows that have a label.
    members = sp.csr_array(np.diff(Y.indptr)[:, None] > 0)
    for depth, layout in enumerate(layouts):
        layer_seed = (seed * 0x9FB21C651E98DF25 + depth * 0xA24BAED4963EE407) % 2**64
        data = LayerData.gather(members, positives[depth])
        yield fit_layer(X, data, layout, objective, max_weights, layer_seed, n_jobs)
        members = positives[depth]


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
    """

    member_indptr: np.ndarray
    members: np.ndarray
    positive_indptr: np.ndarray
    positives: np.ndarray
    n_positives: np.ndarray

    @classmethod
    def gather(cls, members, positives):
        """From CSR indicators (rows x nodes) of the layer above and of this layer."""
        members = members.tocsc()
        return cls(
            members.indptr.astype(np.int64, copy=False),
            members.indices.astype(np.int32, copy=False),
            positives.indptr.astype(np.int64, copy=False),
            positives.indices.astype(np.int32, copy=False),
            np.bincount(positives.indices, minlength=positives.shape[1]),
        )

    def rows_of(self, parent):
        """The rows that train the children of a node of the layer above."""
        return self.members[self.member_indptr[parent] : self.member_indptr[parent + 1]]

    def positives_of(self, rows, first, last):
        """For each of a parent's rows its positives among children ``first .. last - 1``."""
        indptr = np.empty(len(rows) + 1, dtype=np.int64)
        children = np.empty(self.n_positives[first:last].sum(), dtype=np.int32)
        dual_cd.take_positives(
            self.positive_indptr, self.positives, rows, first, last, indptr, children
        )
        return indptr, children

    def can_be_told_apart(self, rows, first, last):
        """Whether some child is positive for some, but not all, of its parent's rows."""
        n_positives = self.n_positives[first:last]
        return bool(np.any((n_positives > 0) & (n_positives < len(rows))))


def fit_layer(X, data, layout, objective, max_weights, seed, n_jobs):
    """Train the children of every node of the layer above."""
    units = _units(data, layout.child_indptr, n_jobs)
    # A few groups for each thread, dealt out so that large units spread over them.
    n_groups = 1 if n_jobs == 1 else min(8 * n_jobs, max(len(units), 1))
    groups = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(_train_units)(X, data, units[i::n_groups], objective, seed) for i in range(n_groups)
    )
    parts = sorted((part for group in groups for part in group), key=lambda part: part.first)

    n_nodes = len(layout.node_of)
    counts = np.zeros(n_nodes, dtype=np.int64)
    intercepts = np.zeros(n_nodes, dtype=np.float32)
    for part in parts:
        children = slice(part.first, part.first + len(part.counts))
        counts[children] = part.counts
        intercepts[children] = part.biases * objective.bias_feature
    features = [np.empty(0, dtype=np.int32)] + [part.features for part in parts]
    weights = [np.empty(0, dtype=np.float32)] + [part.weights for part in parts]
    layer = pack_layer(
        layout,
        X.shape[1],
        counts,
        np.concatenate(features),
        np.concatenate(weights),
        intercepts,
        max_weights,
    )
    return TrainedLayer(
        layer,
        max((part.n_iter for part in parts), default=1),
        any(part.stopped_early for part in parts),
        any(
            counts[layout.child_indptr[parent] : layout.child_indptr[parent + 1]].sum() == 0
            for parent in {part.parent for part in parts if part.has_learned}
        ),
    )


class _Unit(NamedTuple):
    # Some or all children of a node: what a thread trains at a time.
    parent: int
    first: int
    last: int


def _units(data, child_indptr, n_jobs):
    # What there is to train, largest first. A node's only child has no model, and no rows teach
    # nothing. Nodes are split where they are few, so that all threads have work.
    n_children = np.diff(child_indptr)
    n_rows = np.diff(data.member_indptr)
    parents = np.flatnonzero((n_children > 1) & (n_rows > 0))
    parents = parents[np.argsort(-n_rows[parents] * n_children[parents], kind="stable")]
    n_parts = n_jobs if len(parents) < 4 * n_jobs else 1
    units = []
    for parent in parents.tolist():
        first, last = int(child_indptr[parent]), int(child_indptr[parent + 1])
        step = padded(-(-(last - first) // n_parts))
        units += [_Unit(parent, a, min(a + step, last)) for a in range(first, last, step)]
    return units


class _Part(NamedTuple):
    # What training a unit gave; features and weights child by child.
    parent: int
    first: int
    counts: np.ndarray
    features: np.ndarray
    weights: np.ndarray
    biases: np.ndarray
    n_iter: int
    stopped_early: bool
    has_learned: (
        bool  # to tell some child's rows from the others, though pruning may have undone it
    )


def _train_units(X, data, units, objective, seed):
    slicer = RowSlicer(X)
    return [_train_unit(slicer, data, unit, objective, seed) for unit in units]


def _train_unit(slicer, data, unit, objective, seed):
    members = data.rows_of(unit.parent)
    rows = slicer.take(members)
    width = block_width(rows)
    # Every node has a seed of its own.
    seed = (seed + unit.parent * 0xD1342543DE82EF95) % 2**64
    blocks = [
        train_block(rows, data.positives_of(members, a, b), b - a, objective, seed)
        for a in range(unit.first, unit.last, width)
        for b in [min(a + width, unit.last)]
    ]
    columns = [column for block in blocks for column in block.columns]
    counts = np.array([len(weights) for _, weights in columns], dtype=np.int64)
    return _Part(
        unit.parent,
        unit.first,
        counts,
        rows.features[np.concatenate([features for features, _ in columns])],
        np.concatenate([weights for _, weights in columns]),
        np.concatenate([block.biases for block in blocks]),
        max(block.n_iter for block in blocks),
        any(block.stopped_early for block in blocks),
        any(block.had_weights for block in blocks)
        and data.can_be_told_apart(members, unit.first, unit.last),
    )
