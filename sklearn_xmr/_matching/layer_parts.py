"""Layers unpacked by the nodes of their tree, for changes of the tree, and packed again."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._indexing.label_tree import LabelTree
from .layer import node_rows, pack_layer
from .tree_layout import tree_layout


class LayerParts(NamedTuple):
    """The models of one layer.

    Attributes
    ----------
    parents : ndarray of int32 of shape (n_nodes,)
        As in `LabelTree`.
    intercepts : ndarray of float32 of shape (n_nodes,)
    has_model : ndarray of bool of shape (n_nodes,)
        Siblings have models or have none.
    nodes, features, weights : ndarrays of shape (n_weights,)
        Every weight, in any order.
    dtype : dtype
        What the weights are stored as.
    learned : csr_array of shape (n_nodes, n_features) or None
        What training moved weights by that started at a prior.
    """

    parents: np.ndarray
    intercepts: np.ndarray
    has_model: np.ndarray
    nodes: np.ndarray
    features: np.ndarray
    weights: np.ndarray
    dtype: np.dtype
    learned: sp.csr_array | None = None

    def take(self, nodes):
        """The models of some nodes, which these numbers lead to, in this order."""
        number_of = np.full(len(self.parents), -1)
        number_of[nodes] = np.arange(len(nodes))
        columns = number_of[self.nodes]
        kept = columns >= 0
        of_nodes = [values[nodes] for values in (self.parents, self.intercepts, self.has_model)]
        weights = columns[kept], self.features[kept], self.weights[kept]
        learned = None if self.learned is None else self.learned[nodes]
        return LayerParts(*of_nodes, *weights, self.dtype, learned)


def unpack_layers(layers, tree):
    """The parts of each layer: a list of `LayerParts`."""
    unpacked = []
    for layer, parents in zip(layers, tree.parents, strict=True):
        columns, features, weights = layer.unpacked()
        models = layer.intercept_, layer.has_model_, layer.node_of[columns], features, weights
        learned = layer.learned_of(layer.inner_of)
        unpacked.append(LayerParts(parents, *models, layer.entries["weight"].dtype, learned))
    return unpacked


def select_nodes(parts, kept, kept_above):
    """The parts of the nodes that are kept.

    Parameters
    ----------
    parts : list of LayerParts
    kept : list of ndarray of bool
        For each of these layers which nodes to keep.
    kept_above : ndarray of bool
        The same for the layer above the first. It holds their parents.
    """
    selected = []
    for layer, mask in zip(parts, kept, strict=True):
        number_above = np.cumsum(kept_above) - 1
        layer = layer.take(np.flatnonzero(mask))
        selected.append(layer._replace(parents=number_above[layer.parents]))
        kept_above = mask
    return selected


def concatenate_layers(layers, n_parents):
    """One layer of several, which have their nodes side by side, as have the layers above them.

    Parameters
    ----------
    layers : list of LayerParts
    n_parents : list of int
        How many nodes there are in the layer above each.
    """
    first_parents = np.cumsum([0, *n_parents[:-1]])
    first_nodes = np.cumsum([0, *(len(layer.parents) for layer in layers[:-1])])
    moved = [
        layer._replace(parents=layer.parents + first_parent, nodes=layer.nodes + first_node)
        for layer, first_parent, first_node in zip(layers, first_parents, first_nodes, strict=True)
    ]
    *arrays, dtypes, learned = zip(*moved, strict=True)
    if any(of_layer is None for of_layer in learned):
        learned = None
    else:
        learned = sp.vstack(learned, format="csr")
    return LayerParts(*map(np.concatenate, arrays), np.result_type(*dtypes), learned)


def pack_layers(parts, n_features):
    """The tree of these parts, and its packed layers."""
    tree = LabelTree.from_parents([layer.parents for layer in parts])
    layouts = tree_layout(tree)
    packed = [_packed(*pair, n_features) for pair in zip(parts, layouts, strict=True)]
    return tree, packed


def _packed(parts, layout, n_features):
    columns = layout.inner_of[parts.nodes]
    first_child, n_children = layout.child_indptr[:-1], np.diff(layout.child_indptr)
    is_parent = n_children > 0
    has_models = np.zeros(len(n_children), dtype=bool)
    has_models[is_parent] = parts.has_model[layout.node_of[first_child[is_parent]]]
    layer = pack_layer(
        layout,
        node_rows(columns, parts.features, parts.weights, shape=(len(layout.node_of), n_features)),
        parts.intercepts[layout.node_of],
        has_models=has_models,
        weight_dtype=parts.dtype,
    )
    if parts.learned is None:
        return layer
    return replace(layer, learned=parts.learned[layout.node_of])
