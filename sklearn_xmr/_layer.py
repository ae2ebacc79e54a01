"""One layer of the model: the pruned weights of its nodes, packed for search."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from ._kernels import packed

SLOT = np.dtype([("feature", np.int32), ("start", np.uint32)])
ENTRY16 = np.dtype([("child", np.uint16), ("weight", np.float32)])
ENTRY32 = np.dtype([("child", np.uint32), ("weight", np.float32)])

# Slots of a hash table for each feature in it: fewer are smaller, more are found sooner.
SLOTS_PER_FEATURE = 5 / 3


@dataclass(eq=False, repr=False)
class Layer:
    """The trained and pruned models of one layer of the tree, packed for search.

    An only child with neither weights nor an intercept has no model: its score is its parent's.
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
    indptr = starts(counts)
    if max_weights is not None and counts.max() > max_weights:
        indptr, features, weights = _keep_largest(indptr, features, weights, max_weights)
    child_indptr = layout.child_indptr
    n_rows = np.empty(len(child_indptr) - 1, dtype=np.int64)
    last_node = np.full(n_features, -1, dtype=np.int32)
    packed.count_features(child_indptr, indptr, features, last_node, n_rows)
    n_slots = np.where(n_rows > 0, np.ceil(n_rows * SLOTS_PER_FEATURE).astype(np.int64) + 1, 0)
    nodes = np.stack([child_indptr, starts(n_slots + 1), indptr[child_indptr]], axis=1)
    slots = np.empty(nodes[-1, 1], dtype=SLOT)
    wide = np.diff(child_indptr).max() > 1 << 16
    entries = np.empty(len(features), dtype=ENTRY32 if wide else ENTRY16)
    packed.pack(nodes, indptr, features, weights, slots, entries)
    return Layer(n_features, layout.node_of, layout.first_label, nodes, slots, entries, intercepts)


def starts(counts):
    """Pointers to consecutive parts of these sizes, and to the end of the last."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def _keep_largest(indptr, features, weights, max_weights):
    # Ties keep the lower feature.
    columns = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    order = np.lexsort((features, -np.abs(weights), columns))
    rank = np.arange(len(order)) - indptr[columns]
    order = order[rank < max_weights]
    counts = np.minimum(np.diff(indptr), max_weights)
    return starts(counts), features[order], weights[order]
