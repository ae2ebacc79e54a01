"""A layer some of whose nodes get other children: these are packed anew, the rest is copied as is.

The slots and entries of a node's children lie in one piece and do not depend on where: pieces that
stay are moved without a look inside.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._sparse import indptr_of
from .layer import ENTRY16, ENTRY32, ENTRY_HALF, SLOT
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
        The old one itself, if nothing has changed.
    """
    if part is None:
        if _is_range(change.parent_sources) and _is_range(change.node_sources):
            return layer
        part = layer
    sources = change.parent_sources.copy()
    from_part = np.zeros(len(sources), dtype=bool)
    from_part[change.parents] = True
    sources[change.parents] = np.arange(len(change.parents))
    runs = _runs(sources, from_part)
    entry = _common_entry(layer.entries.dtype, part.entries.dtype)
    old, new = layer.nodes, part.nodes
    sizes = np.where(
        from_part[:, None],
        np.diff(new, axis=0)[np.where(from_part, sources, 0)],
        np.diff(old, axis=0)[np.where(from_part, 0, sources)],
    )
    nodes = np.zeros((len(sources) + 1, 3), dtype=np.int64)
    np.cumsum(sizes, axis=0, out=nodes[1:])
    layout = change.layout
    spliced = replace(
        layer,
        node_of=layout.node_of,
        inner_of=layout.inner_of,
        first_label=layout.first_label,
        nodes=nodes,
        slots=_joined(runs, layer.slots, old[:, 1], part.slots, new[:, 1], SLOT),
        entries=_joined(runs, layer.entries, old[:, 2], part.entries, new[:, 2], entry),
        intercepts=_joined(
            runs, layer.intercepts, old[:, 0], part.intercepts, new[:, 0], np.dtype(np.float32)
        ),
    )
    if layer.learned is None:
        return spliced
    return replace(spliced, learned=_joined_rows(runs, layer, part))


def _is_range(numbers):
    return np.array_equal(numbers, np.arange(len(numbers)))


def _runs(sources, from_part):
    # Consecutive parents that come from consecutive ones: (is from the part, first, last).
    breaks = (np.diff(sources) != 1) | (np.diff(from_part.astype(np.int8)) != 0)
    starts = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    stops = np.append(starts[1:], len(sources))
    return list(
        zip(
            from_part[starts].tolist(),
            sources[starts].tolist(),
            (sources[stops - 1] + 1).tolist(),
            strict=True,
        )
    )


def _joined(runs, old, old_starts, new, new_starts, dtype):
    sizes = indptr_of(
        [
            (new_starts if is_new else old_starts)[stop]
            - (new_starts if is_new else old_starts)[start]
            for is_new, start, stop in runs
        ]
    )
    joined = np.empty(sizes[-1], dtype=dtype)
    for (is_new, start, stop), place in zip(runs, sizes[:-1].tolist(), strict=True):
        values, starts = (new, new_starts) if is_new else (old, old_starts)
        values = values[starts[start] : starts[stop]]
        joined[place : place + len(values)] = values
    return joined


def _joined_rows(runs, layer, part):
    parts = [
        (part if is_new else layer).learned[
            (part if is_new else layer).nodes[start, 0] : (part if is_new else layer).nodes[stop, 0]
        ]
        for is_new, start, stop in runs
    ]
    return sp.vstack(parts, format="csr")


def _common_entry(*dtypes):
    # Of different ones the wider: halves are among the children of few only.
    if len(set(dtypes)) == 1:
        return dtypes[0]
    return ENTRY32 if ENTRY32 in dtypes else ENTRY16 if ENTRY16 in dtypes else ENTRY_HALF
