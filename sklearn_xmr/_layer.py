"""One layer of the model: train the children of every node, prune, pack."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.utils.parallel import Parallel, delayed

from ._kernels import dual_cd, packed
from ._solver import LANES, RowSlicer, block_width, train_block

SLOT = np.dtype([("feature", np.int32), ("start", np.uint32)])
ENTRY16 = np.dtype([("child", np.uint16), ("weight", np.float32)])
ENTRY32 = np.dtype([("child", np.uint32), ("weight", np.float32)])

# Slots of a hash table for each feature in it: fewer are smaller, more are found sooner.
SLOTS_PER_FEATURE = 5 / 3


@dataclass(eq=False, repr=False)
class Layer:
    """The trained and pruned models of one layer of the tree, packed for search.

    Nodes are numbered as in `LayerLayout`; `node_of` leads back to the numbers of the tree.

    Attributes
    ----------
    coef_ : csc_array of float32 of shape (n_features, n_nodes)
        Weights, unpacked on demand; columns are the nodes of the tree.
    intercept_ : ndarray of float32 of shape (n_nodes,)
    """

    n_features: int
    node_of: np.ndarray
    first_label: np.ndarray
    nodes: np.ndarray  # (n_parents + 1, 3): where the children, slots, entries of a parent start
    slots: np.ndarray
    entries: np.ndarray
    intercepts: np.ndarray

    @property
    def child_indptr(self):
        """As in `LayerLayout`."""
        return np.ascontiguousarray(self.nodes[:, 0])

    @property
    def coef_(self):
        """Weights, shape (n_features, n_nodes)."""
        columns, features, weights = self._unpacked()
        shape = (self.n_features, len(self.node_of))
        return sp.coo_array((weights, (features, self.node_of[columns])), shape=shape).tocsc()

    @property
    def intercept_(self):
        """Intercepts, shape (n_nodes,)."""
        intercepts = np.empty_like(self.intercepts)
        intercepts[self.node_of] = self.intercepts
        return intercepts

    def __repr__(self):
        return f"Layer(n_nodes={len(self.node_of)}, n_weights={len(self.entries)})"

    def pruned(self, threshold, max_weights):
        """A copy without the weights below `threshold` and those past `max_weights` of a node."""
        columns, features, weights = self._unpacked()
        kept = np.abs(weights) >= threshold
        columns, features, weights = columns[kept], features[kept], weights[kept]
        order = np.lexsort((features, columns))
        counts = np.bincount(columns, minlength=len(self.node_of))
        parts = counts, features[order], weights[order]
        return pack_layer(self, self.n_features, *parts, self.intercepts, max_weights)

    def _unpacked(self):
        # Inner column, feature and weight of every entry, in the order of the entries.
        lengths = np.diff(self.slots["start"].astype(np.int64), append=0)
        filled = self.slots["feature"] >= 0
        features = np.repeat(self.slots["feature"][filled], lengths[filled])
        first_child = np.repeat(self.nodes[:-1, 0], np.diff(self.nodes[:, 2]))
        return first_child + self.entries["child"], features, self.entries["weight"]


def pack_layer(layout, n_features, counts, features, weights, intercepts, max_weights=None):
    """Pack the weights of a layer's nodes.

    Parameters
    ----------
    layout : LayerLayout or Layer
    n_features : int
    counts : ndarray of int64 of shape (n_nodes,)
        How many weights each node has.
    features, weights : ndarrays of int32 and float32 of shape (counts.sum(),)
        Node by node.
    intercepts : ndarray of float32 of shape (n_nodes,)
    max_weights : int or None
        Keep no more weights of a node than this, the largest.
    """
    indptr = _starts(counts)
    if max_weights is not None and counts.max() > max_weights:
        indptr, features, weights = _keep_largest(indptr, features, weights, max_weights)
    child_indptr = layout.child_indptr
    n_rows = np.empty(len(child_indptr) - 1, dtype=np.int64)
    last_node = np.full(n_features, -1, dtype=np.int32)
    packed.count_features(child_indptr, indptr, features, last_node, n_rows)
    n_slots = np.where(n_rows > 0, np.ceil(n_rows * SLOTS_PER_FEATURE).astype(np.int64) + 1, 0)
    nodes = np.stack([child_indptr, _starts(n_slots + 1), indptr[child_indptr]], axis=1)
    slots = np.empty(nodes[-1, 1], dtype=SLOT)
    wide = np.diff(child_indptr).max() > 1 << 16
    entries = np.empty(len(features), dtype=ENTRY32 if wide else ENTRY16)
    packed.pack(nodes, indptr, features, weights, slots, entries)
    return Layer(
        n_features, layout.node_of, layout.first_label, nodes, slots, entries, intercepts
    )


def _starts(counts):
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def _keep_largest(indptr, features, weights, max_weights):
    # Ties keep the lower feature.
    columns = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    order = np.lexsort((features, -np.abs(weights), columns))
    rank = np.arange(len(order)) - indptr[columns]
    order = order[rank < max_weights]
    counts = np.minimum(np.diff(indptr), max_weights)
    return _starts(counts), features[order], weights[order]


def fit_layer(X, squared_norms, members, positives, layout, objective, seed, max_weights, n_jobs):
    """Train the children of every node of the layer above.

    Parameters
    ----------
    X : csr_array of float32 of shape (n_rows, n_features)
    squared_norms : ndarray of float32 of shape (n_rows,)
    members : csc_array of shape (n_rows, n_parents)
        The rows that each node of the layer above trains on.
    positives : csr_array of shape (n_rows, n_nodes)
        The nodes of this layer that each row is positive for, sorted.
    layout : LayerLayout
    objective : Objective
    seed : int
    max_weights : int or None
    n_jobs : int

    Returns
    -------
    layer : Layer
    n_iter : int
        The most passes that a node took.
    stopped_early : bool
        Whether some node reached `max_iter` before it converged.
    lost : bool
        Whether pruning has left some node's children without any weight, though there was
        something to tell apart.
    """
    n_positives = np.bincount(positives.indices, minlength=positives.shape[1])
    members = members.indptr, members.indices.astype(np.int32, copy=False)
    positives = (
        positives.indptr.astype(np.int64, copy=False),
        positives.indices.astype(np.int32, copy=False),
        _starts(n_positives),
    )

    units = _units(members[0], layout.child_indptr, n_jobs)

    def train_units(units):
        slicer = RowSlicer(X, squared_norms)
        return [
            _train_unit(slicer, members, positives, *unit, objective, seed) for unit in units
        ]

    parallel = Parallel(n_jobs=n_jobs, prefer="threads")
    n_groups = 1 if n_jobs == 1 else 8 * n_jobs
    groups = [units[i::n_groups] for i in range(min(n_groups, len(units)))]
    trained = [part for parts in parallel(delayed(train_units)(g) for g in groups) for part in parts]
    trained.sort(key=lambda part: part.first)

    counts = np.zeros(len(layout.node_of), dtype=np.int64)
    intercepts = np.zeros(len(layout.node_of), dtype=np.float32)
    lost = {}
    for part in trained:
        children = slice(part.first, part.first + len(part.counts))
        counts[children] = part.counts
        intercepts[children] = part.biases * objective.bias_feature
        lost[part.node] = lost.get(part.node, True) and part.lost
    layer = pack_layer(
        layout,
        X.shape[1],
        counts,
        np.concatenate([np.empty(0, np.int32), *(part.features for part in trained)]),
        np.concatenate([np.empty(0, np.float32), *(part.weights for part in trained)]),
        intercepts,
        max_weights,
    )
    n_iter = max((part.n_iter for part in trained), default=0)
    return layer, n_iter, any(part.stopped_early for part in trained), any(lost.values())


@dataclass
class _Trained:
    # What training a range of a node's children gave.
    node: int
    first: int
    counts: np.ndarray
    features: np.ndarray
    weights: np.ndarray
    biases: np.ndarray
    n_iter: int
    stopped_early: bool
    lost: bool


def _units(member_indptr, child_indptr, n_jobs):
    # What threads share out, largest first: ranges (node, first child, last child) with something
    # to train. A node's only child has no model, and no rows teach nothing.
    n_children = np.diff(child_indptr)
    n_rows = np.diff(member_indptr)
    nodes = np.flatnonzero((n_children > 1) & (n_rows > 0))
    nodes = nodes[np.argsort(-n_rows[nodes] * n_children[nodes], kind="stable")]
    n_parts = 1 if len(nodes) >= 4 * n_jobs else n_jobs
    units = []
    for node in nodes.tolist():
        first, last = int(child_indptr[node]), int(child_indptr[node + 1])
        step = -(-(last - first) // (n_parts * LANES)) * LANES
        units += [(node, a, min(a + step, last)) for a in range(first, last, step)]
    return units


def _train_unit(slicer, members, positives, node, first, last, objective, seed):
    member_indptr, member_rows = members
    node_rows = member_rows[member_indptr[node] : member_indptr[node + 1]]
    rows = slicer.take(node_rows)
    width = block_width(rows)
    indptr, nodes, starts = positives
    columns, biases, n_iter, stopped_early, had_weights = [], [], 0, False, False
    for a in range(first, last, width):
        b = min(a + width, last)
        row_starts = np.empty(len(node_rows) + 1, dtype=np.int64)
        children = np.empty(starts[b] - starts[a], dtype=np.int32)
        dual_cd.take_positives(indptr, nodes, node_rows, a, b, row_starts, children)
        found = train_block(rows, (row_starts, children), b - a, objective, node_seed(seed, node))
        columns += found.columns
        biases.append(found.biases)
        n_iter = max(n_iter, found.n_iter)
        stopped_early |= found.stopped_early
        had_weights |= found.had_weights
    n_positives = np.diff(starts[first : last + 1])
    to_tell_apart = np.any((n_positives > 0) & (n_positives < len(node_rows)))
    counts = np.array([len(weights) for _, weights in columns], dtype=np.int64)
    return _Trained(
        node,
        first,
        counts,
        rows.features[np.concatenate([features for features, _ in columns])],
        np.concatenate([weights for _, weights in columns]),
        np.concatenate(biases),
        n_iter,
        stopped_early,
        lost=bool(had_weights and to_tell_apart and counts.sum() == 0),
    )


def node_seed(seed, node):
    """A seed of its own for every node of a layer."""
    return (seed + node * 0xD1342543DE82EF95) % 2**64
