"""Train the layers of a tree and put each together."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from ._layer import Layer, pack_layer
from ._sharing_out import train_all_units
from ._training_units import LayerData
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


def fit_layers(X, Y, tree, objective, costs, max_weights, seed, n_jobs):
    """Train all layers.

    What a node trains on does not depend on other nodes' models, so the nodes of all layers are
    shared out at once: threads are busy while the few and large nodes at the top are trained.

    Parameters
    ----------
    X : csr_array of float32 of shape (n_rows, n_features)
    Y : csr_array of shape (n_rows, n_labels)
        Label indicator.
    tree : LabelTree
    objective : Objective
    costs : Costs
    max_weights : int or None
    seed : int
    n_jobs : int

    Returns
    -------
    list of TrainedLayer
        Top layer first.
    """
    layouts = tree_layout(tree)
    positives = positive_nodes(Y, layouts)
    # The root trains on the rows that have a label.
    members = [sp.csr_array(np.diff(Y.indptr)[:, None] > 0), *positives]
    data = [LayerData.gather(*pair) for pair in zip(members, positives, strict=False)]
    data = costs.add_to(data, layouts)
    parts = [[] for _ in layouts]
    for part in train_all_units(X, data, layouts, objective, seed, n_jobs):
        parts[part.unit.depth].append(part)
    # A layer's parts are let go before the next one is put together.
    return [
        _assemble(parts.pop(0), layout, X.shape[1], objective, max_weights) for layout in layouts
    ]


def _assemble(parts, layout, n_features, objective, max_weights):
    # Put the parts of a layer together, in the order of its nodes.
    n_nodes = len(layout.node_of)
    counts = np.zeros(n_nodes, dtype=np.int64)
    intercepts = np.zeros(n_nodes, dtype=np.float32)
    for part in parts:
        children = slice(part.unit.first, part.unit.last)
        counts[children] = part.counts
        intercepts[children] = part.biases * objective.bias_feature
    features = [np.empty(0, dtype=np.int32), *(part.features for part in parts)]
    weights = [np.empty(0, dtype=np.float32), *(part.weights for part in parts)]
    layer = pack_layer(
        layout,
        n_features,
        counts,
        np.concatenate(features),
        np.concatenate(weights),
        intercepts,
        max_weights,
    )
    learners = {part.unit.parent for part in parts if part.has_learned}
    child_indptr = layout.child_indptr
    return TrainedLayer(
        layer,
        max((part.n_iter for part in parts), default=1),
        any(part.stopped_early for part in parts),
        any(counts[child_indptr[p] : child_indptr[p + 1]].sum() == 0 for p in learners),
    )
