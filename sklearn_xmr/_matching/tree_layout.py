"""The order in which training and search number the nodes of a tree.

`LabelTree` takes nodes in any order. Inside, the nodes of a layer are numbered so that siblings are
neighbours, in the order of their parents: the children of a node are then a range, and going up
the tree keeps sorted node numbers sorted.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._kernels.beam_search import NO_LABEL
from .._saving.stored_arrays import check_array, check_pointers
from .._sparse import indptr_of

# Nodes are few if there are so many times as many.
FEW = 16


class LayerLayout(NamedTuple):
    """One layer of the tree in inner numbers.

    Attributes
    ----------
    node_of : ndarray of int32 of shape (n_nodes,)
        Inner number -> the node's number in the tree; on the last layer, the label's position.
    inner_of : ndarray of int32 of shape (n_nodes,)
        The other way round.
    child_indptr : ndarray of int64 of shape (n_parents + 1,)
        The children of parent p are ``child_indptr[p] .. child_indptr[p + 1] - 1``.
    first_label : ndarray of int32 of shape (n_nodes,)
        The lowest label position below each node, `NO_LABEL` if there is none.
    """

    node_of: np.ndarray
    inner_of: np.ndarray
    child_indptr: np.ndarray
    first_label: np.ndarray


def tree_layout(tree):
    """Number the nodes of a `LabelTree`: a list of `LayerLayout`, top layer first."""
    first_labels = _first_labels(tree)
    layouts = []
    rank_above = np.zeros(1, dtype=np.int32)
    for parents, first_label in zip(tree.parents, first_labels, strict=True):
        parent_rank = rank_above[parents]
        node_of = _order(parent_rank, first_label)
        n_children = np.bincount(parent_rank, minlength=len(rank_above))
        child_indptr = indptr_of(n_children)
        rank_above = np.empty_like(node_of)
        rank_above[node_of] = np.arange(len(node_of), dtype=np.int32)
        layouts.append(LayerLayout(node_of, rank_above, child_indptr, first_label[node_of]))
    return layouts


def _order(parents, first_labels):
    # By parent, then by label: as one number, they are sorted in a fraction of the time. Only nodes
    # without labels are alike.
    if (first_labels == NO_LABEL).any():
        return np.lexsort((first_labels, parents)).astype(np.int32)
    return np.argsort((parents.astype(np.int64) << 31) + first_labels).astype(np.int32)


def _first_labels(tree):
    first = np.arange(tree.n_labels, dtype=np.int32)
    found = [first]
    for parents, above in zip(tree.parents[:0:-1], tree.parents[-2::-1], strict=True):
        below, first = first, np.full(len(above), NO_LABEL, dtype=np.int32)
        np.minimum.at(first, parents, below)
        found.append(first)
    return found[::-1]


def positive_nodes(Y, layouts, add=False):
    """For each layer the nodes that each row's labels lie under.

    Parameters
    ----------
    Y : csr_array of shape (n_rows, n_labels)
        Label indicator.
    layouts : list of LayerLayout or Layer
    add : bool
        Whether nodes get the sum of the values of Y below them; otherwise they get ones.

    Returns
    -------
    list of csr_array of int8, or of the type of Y, of shape (n_rows, n_nodes)
        Columns are inner numbers, sorted within a row; one matrix per layer, top first.
    """
    indices = layouts[-1].inner_of[Y.indices]
    values = Y.data.copy() if add else np.ones(len(indices), dtype=np.int8)
    bottom = sp.csr_array((values, indices, Y.indptr), shape=Y.shape)
    bottom.sort_indices()
    found = [bottom]
    for layout in layouts[:0:-1]:
        parents = _parents_of(found[-1].indices, layout.child_indptr)
        found.append(_merge_columns(found[-1], parents, len(layout.child_indptr) - 1, add))
    return found[::-1]


def _parents_of(nodes, child_indptr):
    # For a few nodes among many, a table of all would take longer than looking for theirs.
    if FEW * len(nodes) < child_indptr[-1]:
        return (np.searchsorted(child_indptr, nodes, side="right") - 1).astype(np.int32)
    parents = np.arange(len(child_indptr) - 1, dtype=np.int32)
    return np.repeat(parents, np.diff(child_indptr))[nodes]


def _merge_columns(indicator, columns, n_columns, add):
    # Higher indices have no lower columns, so that equal columns of a row are neighbours.
    new = np.empty(len(columns), dtype=bool)
    new[:1] = True
    np.not_equal(columns[1:], columns[:-1], out=new[1:])
    starts = indicator.indptr[:-1]
    new[starts[starts < indicator.indptr[1:]]] = True
    indptr = indptr_of(new)[indicator.indptr]
    merged = columns[new]
    if add:
        values = np.add.reduceat(indicator.data, np.flatnonzero(new))
    else:
        values = np.ones(len(merged), dtype=np.int8)
    return sp.csr_array((values, merged, indptr), shape=(indicator.shape[0], n_columns))


def check_labels_below(found, layers):
    """Refuse what comes from a file and is not as `labels_below` makes it for these layers."""
    for (indptr, labels), layer in zip(found, layers, strict=True):
        check_array(labels, "labels_below", np.int32, (None,))
        check_array(indptr, "labels_below", np.int64, (len(layer.node_of) + 1,))
        check_pointers(indptr, "labels_below", len(labels))


def labels_below(layers):
    """The labels below every node of every layer.

    Parameters
    ----------
    layers : list of LayerLayout or Layer

    Returns
    -------
    list of (indptr, labels)
        ``labels[indptr[i] : indptr[i + 1]]``, sorted label positions, lie below inner node i.
    """
    labels = layers[-1].node_of
    indptr = np.arange(len(labels) + 1)
    found = [(indptr, labels)]
    for layer in layers[:0:-1]:
        indptr = indptr[layer.child_indptr]
        node_of = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        found.append((indptr, labels[np.lexsort((labels, node_of))]))
    return found[::-1]
