"""A layer some of whose nodes get other children: these are packed anew, the rest stays."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._growing import are_many
from .._sparse import indptr_of
from .later import Later
from .layer import ENTRY16, ENTRY32, ENTRY_HALF
from .tree_layout import LayerLayout


class ChangedLayer(NamedTuple):
    """Which nodes of a grown tree have other children than they had, and who these are.

    Attributes
    ----------
    layout : LayerLayout
        Of the layer in the grown tree.
    parent_sources : ndarray of int of shape (n_parents,)
        Inner number that each node above had in the old tree, -1 if it is new.
    node_sources : ndarray of int of shape (n_nodes,)
        The same for the nodes of the layer, in the order of the layout.
    parents : ndarray of int of shape (n_changed,)
        The nodes above whose children are others, or to be changed.
    """

    layout: LayerLayout
    parent_sources: np.ndarray
    node_sources: np.ndarray
    parents: np.ndarray

    @classmethod
    def of(cls, layer, layout, parent_sources, node_sources, also):
        """Compare a layer with its layout in the grown tree.

        Parameters
        ----------
        layer : Layer
        layout, parent_sources, node_sources
            As the attributes.
        also : ndarray of int
            Further nodes above whose children are to be changed.
        """
        starts, sizes = layout.child_indptr[:-1], np.diff(layout.child_indptr)
        old_starts, old_sizes = layer.child_indptr[:-1], np.diff(layer.child_indptr)
        is_other = (parent_sources < 0) | (sizes != old_sizes[parent_sources])
        as_before = np.repeat(old_starts[parent_sources] - starts, sizes)
        as_before += np.arange(len(node_sources))
        parent_of = np.repeat(np.arange(len(sizes)), sizes)
        is_other[parent_of[node_sources != as_before]] = True
        is_other[also] = True
        return cls(layout, parent_sources, node_sources, np.flatnonzero(is_other))

    @property
    def nodes(self):
        """The children of the changed nodes, as inner numbers of the grown tree."""
        starts = self.layout.child_indptr
        bounds = zip(starts[self.parents], starts[self.parents + 1], strict=True)
        parts = [np.arange(start, stop) for start, stop in bounds]
        return np.concatenate([np.empty(0, dtype=np.int64), *parts])

    @property
    def part_layout(self):
        """A layout of the changed nodes and their children alone."""
        sizes = np.diff(self.layout.child_indptr)[self.parents]
        numbers = np.arange(sizes.sum(), dtype=np.int32)
        return LayerLayout(numbers, numbers, indptr_of(sizes), numbers)


def weights_of_nodes(layer, nodes):
    """The weights of some nodes, by inner number, -1 for none: csr_array (n_nodes, n_features)."""
    number_of = np.full(len(layer.node_of), -1)
    known = nodes >= 0
    number_of[nodes[known]] = np.flatnonzero(known)
    parents = np.unique(np.searchsorted(layer.child_indptr, nodes[known], side="right") - 1)
    parts = [layer.unpacked(slice(parent, parent + 1)) for parent in parents.tolist()]
    nothing = np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.float32)
    columns, features, weights = map(np.concatenate, zip(nothing, *parts, strict=True))
    rows = number_of[columns]
    places = rows[rows >= 0], features[rows >= 0]
    shape = len(nodes), layer.n_features
    return sp.csr_array(sp.coo_array((weights[rows >= 0], places), shape=shape))


def splice(layer, change, part):
    """The layer of the grown tree: of changed nodes from `part`, else as it was.

    Parameters
    ----------
    layer : Layer
        The old one.
    change : ChangedLayer
    part : Layer or None
        Of ``change.part_layout``: the children of the changed nodes; None if there are none.

    Returns
    -------
    Layer
        The old one itself, if nothing has changed; it shares arrays with the old one, unless much
        in them is of changed nodes.
    """
    parents, nodes = change.parents, change.nodes
    layout, parent_sources, node_sources, _ = change
    if part is None:
        if _is_range(parent_sources) and _is_range(node_sources):
            return layer
        part = _nothing(layer)
    layer, part = _of_one_entry(layer, part)
    later = Later.of(layer)
    sizes, places = np.diff(layer.nodes, axis=0)[parent_sources], later.places[parent_sources]
    intercepts, rows = layer.intercepts[node_sources], later.rows[node_sources]
    sizes[parents] = np.diff(part.nodes, axis=0)
    ends = len(layer.slots) + len(later.slots), len(layer.entries) + len(later.entries)
    places[parents] = part.nodes[:-1, 1:] + ends
    intercepts[nodes] = part.intercepts
    if later.learned is not None:
        rows[nodes] = layer.learned.shape[0] + later.learned.n_rows + np.arange(len(nodes))
    packed = np.zeros((len(sizes) + 1, 3), dtype=np.int64)
    np.cumsum(sizes, axis=0, out=packed[1:])
    later = later.with_part(layer, part)._replace(places=places, rows=rows)
    spliced = replace(
        layer,
        node_of=layout.node_of,
        inner_of=layout.inner_of,
        first_label=layout.first_label,
        nodes=packed,
        intercepts=intercepts,
        later=later,
    )
    n_entries = len(layer.entries) + len(later.entries)
    is_full = are_many(n_entries - packed[-1, 2], n_entries)
    return spliced.compacted() if is_full else spliced


def _is_range(numbers):
    return np.array_equal(numbers, np.arange(len(numbers)))


def _nothing(layer):
    # A part without nodes.
    learned = None if layer.learned is None else layer.learned[:0]
    arrays = {name: getattr(layer, name)[:0] for name in ("slots", "entries", "intercepts")}
    return replace(layer, nodes=np.zeros((1, 3), np.int64), learned=learned, **arrays, later=None)


def _of_one_entry(*layers):
    # Of different entries the wider: halves are among the children of few only.
    dtypes = {layer.entries.dtype for layer in layers}
    if len(dtypes) == 1:
        return layers
    widest = ENTRY32 if ENTRY32 in dtypes else ENTRY16 if ENTRY16 in dtypes else ENTRY_HALF
    layers = [layer.compacted() for layer in layers]
    return [replace(layer, entries=layer.entries.astype(widest)) for layer in layers]
