"""One layer of the model: the pruned weights of its nodes, packed for search."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

from .._kernels import packed
from .._kernels.beam_search import NO_LABEL
from .._kernels.layer_check import is_sound
from .._saving.stored_arrays import check_array, check_indices, check_pointers, state_without
from .._sparse import Csr, even_bounds, indptr_of
from .._threads import map_in_threads
from .later import Later

SLOT = np.dtype([("feature", np.int32), ("start", np.uint32)])
ENTRY16 = np.dtype([("child", np.uint16), ("weight", np.float32)])
ENTRY32 = np.dtype([("child", np.uint32), ("weight", np.float32)])
ENTRY_HALF = np.dtype([("child", np.uint16), ("weight", np.float16)])
HALF_BITS = np.dtype([("child", np.uint16), ("weight", np.uint16)])

# Slots of a hash table for each feature in it. Fewer are smaller, and found about as soon down to
# this: probing goes on in a cache line that is there already.
SLOTS_PER_FEATURE = 5 / 4


@dataclass(eq=False, repr=False)
class Layer:
    """The trained and pruned models of one layer of the tree, packed for search.

    Nodes without a model, as only children are by default, inherit their parent's score.
    Nodes are numbered as in `LayerLayout`; `node_of` leads to the numbers of the tree.

    Attributes
    ----------
    coef_ : csc_array of float32 of shape (n_features, n_nodes)
        Weights, unpacked on demand; columns are the nodes of the tree.
    intercept_ : ndarray of float32 of shape (n_nodes,)
    has_model_ : ndarray of bool of shape (n_nodes,)
        False for nodes that inherit their parent's score.
    """

    n_features: int
    node_of: np.ndarray
    inner_of: np.ndarray
    first_label: np.ndarray
    nodes: np.ndarray  # (n_parents + 1, 3): where the children, slots, entries of a parent start
    slots: np.ndarray
    entries: np.ndarray
    intercepts: np.ndarray
    # What training moved weights by that started at a prior, (n_nodes, n_features); None without.
    learned: sp.csr_array | None = None
    # Slots, entries and what was learned, where these came after the layer was packed.
    later: Later | None = None

    def __getstate__(self):
        return state_without(self.compacted(), "later")

    def __setstate__(self, state):
        self.__dict__.update(state)
        n_nodes = len(self.node_of)
        for name in ("node_of", "inner_of", "first_label"):
            check_array(getattr(self, name), name, np.int32, (n_nodes,))
        check_array(self.intercepts, "intercepts", np.float32, (n_nodes,))
        check_array(self.slots, "slots", SLOT, (None,))
        check_array(self.entries, "entries", (ENTRY16, ENTRY32, ENTRY_HALF), (None,))
        check_array(self.nodes, "nodes", np.int64, (None, 3))
        ends = n_nodes, len(self.slots), len(self.entries)
        for column, size in zip(self.nodes.T, ends, strict=True):
            check_pointers(np.ascontiguousarray(column), "nodes", size)

    def check_contents(self):
        """Refuse indices that lead out of the arrays.

        Raises
        ------
        ValueError
            If there are some.
        """
        n_nodes = len(self.node_of)
        check_indices(self.node_of, "node_of", n_nodes)
        check_indices(self.inner_of, "inner_of", n_nodes)
        if not is_sound(self):
            raise ValueError("The weights of a stored model lead out of its arrays.")

    @property
    def child_indptr(self):
        """As in `LayerLayout`."""
        return np.ascontiguousarray(self.nodes[:, 0])

    @property
    def has_models(self):
        """Whether each parent's children have models: else they inherit its score."""
        return np.diff(self.nodes[:, 1]) > 0

    @property
    def coef_(self):
        """Weights, shape (n_features, n_nodes)."""
        columns, features, weights = self.unpacked()
        shape = (self.n_features, len(self.node_of))
        return sp.coo_array((weights, (features, self.node_of[columns])), shape=shape).tocsc()

    @property
    def intercept_(self):
        """Intercepts, shape (n_nodes,)."""
        return self._in_tree_order(self.intercepts)

    @property
    def has_model_(self):
        """Whether nodes have a model, shape (n_nodes,)."""
        return self._in_tree_order(np.repeat(self.has_models, np.diff(self.nodes[:, 0])))

    def __repr__(self):
        return f"Layer(n_nodes={len(self.node_of)}, n_weights={self.nodes[-1, 2]})"

    def _in_tree_order(self, values):
        return values[self.inner_of]

    def model_of(self, node):
        """The features, weights and intercept of a node of the tree; None if it has no model."""
        inner = self.inner_of[node]
        parent = np.searchsorted(self.nodes[:, 0], inner, side="right") - 1
        if self.nodes[parent, 1] == self.nodes[parent + 1, 1]:
            return None
        columns, features, weights = self.unpacked(slice(parent, parent + 1))
        own = columns == inner
        return features[own], weights[own], self.intercepts[inner]

    def unpacked(self, parents=slice(None)):
        """Inner column, feature and weight of every weight, in no particular order.

        Or just of those of the children of some consecutive parents.
        """
        first, last, _ = parents.indices(len(self.nodes) - 1)
        nodes = self.nodes[first : last + 1]
        slots, entries = self._pieces(first, last)
        lengths = np.diff(slots["start"].astype(np.int64), append=0)
        filled = slots["feature"] >= 0
        features = np.repeat(slots["feature"][filled], lengths[filled])
        columns = np.repeat(nodes[:-1, 0], np.diff(nodes[:, 2])) + entries["child"]
        return columns, features, entries["weight"].astype(np.float32)

    def learned_of(self, nodes=slice(None)):
        """What some nodes have learned, by inner number, csr_array; None if none started higher."""
        if self.learned is None:
            return None
        return self.learned[nodes] if self.later is None else self.later.learned_of(self, nodes)

    def compacted(self):
        """The same in arrays of its own, without what nothing leads to any more."""
        if self.later is None:
            return self
        slots, entries = self._pieces(0, len(self.nodes) - 1)
        parts = {"slots": slots, "entries": entries, "learned": self.learned_of()}
        return replace(self, **parts, later=None)

    def _pieces(self, first, last):
        # Slots and entries of consecutive parents, one piece after the other.
        if self.later is not None:
            return self.later.pieces(self, first, last)
        (_, slot, entry), (_, last_slot, last_entry) = self.nodes[[first, last]]
        return self.slots[slot:last_slot], self.entries[entry:last_entry]

    def hiding(self, nodes):
        """The same in which a search does not find some nodes of the tree."""
        first_label = self.first_label.copy()
        first_label[self.inner_of[nodes]] = NO_LABEL
        return replace(self, first_label=first_label)

    def pruned(self, threshold, max_weights, weight_dtype=None):
        """A copy without the weights below `threshold` and those past `max_weights` of a node.

        Where weights started at a prior, only what was learned is measured, and dropped.

        `weight_dtype` as `pack_layer` takes it, or None for what it is.
        """
        if weight_dtype is None:
            weight_dtype = self.entries["weight"].dtype
        options = {"has_models": self.has_models, "weight_dtype": weight_dtype}
        if self.learned is not None:
            weights, learned = self._matrix(), self.learned_of()
            weights, learned = limited_learned(weights, learned, max_weights, threshold)
            return pack_learned(self, weights, learned, self.intercepts, **options)
        columns, features, weights = self.unpacked()
        kept = np.abs(weights) >= threshold
        parts = columns[kept], features[kept], weights[kept]
        rows = node_rows(*parts, shape=(len(self.node_of), self.n_features))
        return pack_layer(self, rows, self.intercepts, max_weights, **options)

    def _matrix(self):
        # All weights, node by node.
        columns, features, weights = self.unpacked()
        shape = len(self.node_of), self.n_features
        return sp.coo_array((weights, (columns, features)), shape=shape).tocsr()


def hidden_above(layers):
    """The layers in which a search does not go to nodes that only lead to hidden labels."""
    layers = list(layers)
    for depth in range(len(layers) - 2, -1, -1):
        layer, below = layers[depth : depth + 2]
        parents = np.repeat(np.arange(len(layer.node_of)), np.diff(below.child_indptr))
        is_shown = np.zeros(len(layer.node_of), dtype=bool)
        is_shown[parents[below.first_label != NO_LABEL]] = True
        first_label = np.where(is_shown, layer.first_label, NO_LABEL).astype(np.int32)
        if not np.array_equal(first_label, layer.first_label):
            layers[depth] = replace(layer, first_label=first_label)
    return layers


def node_rows(nodes, features, weights, *, shape):
    """Weights in any order as a `Csr` of this shape, (n_nodes, n_features)."""
    order = np.lexsort((features, nodes))
    counts = np.bincount(nodes, minlength=shape[0])
    return Csr(indptr_of(counts), features[order], weights[order], shape[1])


def pack_layer(
    layout,
    weights,
    intercepts,
    max_weights=None,
    *,
    has_models=None,
    weight_dtype=np.float32,
    n_threads=1,
):
    """Pack the weights of a layer's nodes.

    Parameters
    ----------
    layout : LayerLayout or Layer
    weights : Csr
        Those of each node in a row, of shape (n_nodes, n_features).
    intercepts : ndarray of float32 of shape (n_nodes,)
    max_weights : int or None
        Keep no more weights of a node than this, the largest.
    has_models : ndarray of bool of shape (n_parents,), optional
        Whether each parent's children have models. Children without inherit its score, and must
        come without weights. By default, those are only children without weights.
    weight_dtype : dtype, optional
        float32, or float16 for weights of half the size. Children of a parent that has more than
        65,536 of them keep float32.
    n_threads : int
        Each packs the children of some parents.
    """
    indptr, features, weights, n_features = weights
    if max_weights is not None and np.diff(indptr).max() > max_weights:
        indptr, features, weights = keep_largest(indptr, features, weights, max_weights)
    child_indptr = layout.child_indptr
    n_children = np.diff(child_indptr)
    n_rows = np.empty(len(n_children), dtype=np.int64)
    shares = list(pairwise(even_bounds(indptr[child_indptr], n_threads)))

    def count_share(share):
        first, last = share
        children = child_indptr[first : last + 1]
        _count_features(n_features, children, indptr, features, n_rows[first:last])

    map_in_threads(n_threads, count_share, shares)
    if has_models is None:
        has_models = (n_children > 1) | (n_rows > 0)
    n_slots = np.minimum(np.ceil(n_rows * SLOTS_PER_FEATURE).astype(np.int64) + 1, n_features)
    n_slots[n_rows == 0] = 0
    nodes = [child_indptr, indptr_of(np.where(has_models, n_slots + 1, 0)), indptr[child_indptr]]
    nodes = np.stack(nodes, axis=1)
    if np.diff(nodes[:, 2]).max() > np.iinfo(SLOT["start"]).max:
        raise ValueError("The children of a node have 2 ** 32 weights or more: prune them.")
    slots = np.empty(nodes[-1, 1], dtype=SLOT)
    entry = ENTRY32 if n_children.max() > 1 << 16 else ENTRY16
    if entry == ENTRY16 and weight_dtype == np.float16:
        entry, weights = ENTRY_HALF, weights.astype(np.float16).astype(np.float32)
    entries = np.empty(len(features), dtype=entry)
    # The kernel knows halves by their bits.
    filled = entries.view(HALF_BITS) if entry == ENTRY_HALF else entries
    weights = indptr, features, weights

    def pack_share(share):
        first, last = share
        packed.pack(n_features, nodes[first : last + 1], *weights, slots, filled)

    map_in_threads(n_threads, pack_share, shares)
    numbers = layout.node_of, layout.inner_of, layout.first_label
    return Layer(n_features, *numbers, nodes, slots, entries, intercepts)


def pack_on_prior(layout, prior, learned, intercepts, max_weights, n_threads=1):
    """Pack the weights of a layer whose nodes started at a prior.

    Parameters
    ----------
    layout : LayerLayout
    prior, learned : csr_array of float32 of shape (n_nodes, n_features)
        Where the weights started, and what training moved them by.
    intercepts : ndarray of float32 of shape (n_nodes,)
    max_weights : int or None
        Keep no more of what a node has learned than this, the largest.
    n_threads : int
        As `pack_layer` has them.
    """
    learned = without_small(learned, 0, max_weights)
    return pack_learned(layout, prior + learned, learned, intercepts, n_threads=n_threads)


def pack_learned(layout, weights, learned, intercepts, **options):
    """Pack weights (n_nodes, n_features), and keep which part of them was learned."""
    layer = pack_layer(layout, Csr.of(weights), intercepts, **options)
    if layer.entries["weight"].dtype == np.float16:
        learned = learned.copy()
        learned.data = learned.data.astype(np.float16).astype(np.float32)
    return replace(layer, learned=learned)


def limited_learned(weights, learned, max_weights, threshold=0.0):
    """Weights and what of them was learned, less of the latter: see `without_small`."""
    kept = without_small(learned, threshold, max_weights)
    return sp.csr_array(weights - (learned - kept)), kept


def without_small(matrix, threshold, max_weights=None):
    """A matrix without values below a threshold, and those past the largest ones of a row."""
    kept = np.abs(matrix.data) >= threshold
    indptr, features, weights = (
        indptr_of(kept)[matrix.indptr],
        matrix.indices[kept],
        matrix.data[kept],
    )
    if max_weights is not None:
        indptr, features, weights = keep_largest(indptr, features, weights, max_weights)
    pruned = sp.csr_array((weights, features, indptr), shape=matrix.shape)
    pruned.sort_indices()
    return pruned


def _count_features(n_features, child_indptr, indptr, features, n_rows):
    last_node = np.full(n_features, -1, dtype=np.int32)
    packed.count_features(child_indptr, indptr, features, last_node, n_rows)


def keep_largest(indptr, features, weights, max_weights):
    # Ties keep the lower feature.
    columns = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    order = np.lexsort((features, -np.abs(weights), columns))
    rank = np.arange(len(order)) - indptr[columns]
    order = order[rank < max_weights]
    counts = np.minimum(np.diff(indptr), max_weights)
    return indptr_of(counts), features[order], weights[order]
