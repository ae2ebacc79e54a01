"""Train the layers of a tree, at once where none waits for another, and join each."""

from typing import NamedTuple

import numpy as np

from ._layer import pack_layer
from ._negatives import TrainingRows
from ._sharing_out import train_all_units
from ._threads import threads_here
from ._tree_layout import positive_nodes, tree_layout


class LayerWeights(NamedTuple):
    """The weights of a layer's nodes, and how their training went.

    Attributes
    ----------
    counts : ndarray of int64 of shape (n_nodes,)
        How many weights each node has; nodes as in `LayerLayout`.
    features, weights : ndarrays of int32 and float32 of shape (counts.sum(),)
        Node by node.
    intercepts : ndarray of float32 of shape (n_nodes,)
    learners : ndarray of bool of shape (n_parents,)
        The nodes of the layer above that had something to tell apart and weights to do so.
    n_iter : int
        The most passes that a node took, 1 if there was nothing to train.
    stopped_early : bool
        Whether some node reached `max_iter` before it converged.
    """

    counts: np.ndarray
    features: np.ndarray
    weights: np.ndarray
    intercepts: np.ndarray
    learners: np.ndarray
    n_iter: int
    stopped_early: bool

    @classmethod
    def join(cls, parts, layout, bias_feature):
        """From `Part`s in the order of their nodes."""
        counts = np.zeros(len(layout.node_of), dtype=np.int64)
        intercepts = np.zeros(len(layout.node_of), dtype=np.float32)
        learners = np.zeros(len(layout.child_indptr) - 1, dtype=bool)
        for part in parts:
            children = slice(part.unit.first, part.unit.last)
            counts[children] = part.counts
            intercepts[children] = part.biases * bias_feature
            learners[part.unit.parent] |= part.has_learned
        return cls(
            counts,
            np.concatenate([np.empty(0, dtype=np.int32), *(part.features for part in parts)]),
            np.concatenate([np.empty(0, dtype=np.float32), *(part.weights for part in parts)]),
            intercepts,
            learners,
            max((part.n_iter for part in parts), default=1),
            any(part.stopped_early for part in parts),
        )

    def above(self, threshold):
        """The same without weights of a smaller magnitude."""
        kept = np.abs(self.weights) >= threshold
        if kept.all():
            return self
        ends = np.concatenate([[0], np.cumsum(kept)])[np.cumsum(self.counts)]
        counts = np.diff(ends, prepend=0)
        return self._replace(
            counts=counts, features=self.features[kept], weights=self.weights[kept]
        )

    def pack(self, layout, n_features, max_weights):
        """The `Layer`, and whether it lacks any weight where there was something to learn."""
        parts = self.counts, self.features, self.weights, self.intercepts
        layer = pack_layer(layout, n_features, *parts, max_weights)
        return layer, bool(np.any(self.learners & (np.diff(layer.nodes[:, 2]) == 0)))


def train_layers(X, Y, tree, objective, costs, negatives, max_weights, seed, n_jobs, matching):
    """Train all layers, or just the last one where a matcher does the others' work.

    What a node trains on does not depend on other nodes' models, unless its negatives come from a
    search through the layers above. So the nodes of all layers down to the next such are shared
    out at once: threads are busy while the few and large nodes at the top are trained.

    Parameters
    ----------
    X : csr_array of float32 of shape (n_rows, n_features)
    Y : csr_array of shape (n_rows, n_labels)
        Label indicator.
    tree : LabelTree
    objective : Objective
    costs : Costs
    negatives : Negatives
    max_weights : int or None
        What the layers that rows search through are pruned to, beside `objective.prune_threshold`.
    seed : int
    n_jobs : int or None
    matching : Matching or None

    Returns
    -------
    list of LayerWeights
        Top layer first.
    """
    layouts = tree_layout(tree)
    schemes = negatives.of_layers(len(layouts))
    positives, marked = positive_nodes(Y, layouts), negatives.marked_nodes(tree, layouts)
    rows = TrainingRows(
        X, positives, marked, costs.of_layers(positives, layouts), negatives, threads_here(n_jobs)
    )
    first = 0 if matching is None else len(layouts) - 1
    if matching is not None and "man" in schemes[first]:
        rows.match(first, matching)
    starts = [first, *(d for d in range(first + 1, len(layouts)) if "man" in schemes[d])]
    trained = []
    for start, stop in zip(starts, [*starts[1:], len(layouts)], strict=True):
        for depth in range(max(rows.depth, first), start):
            rows.advance(trained[depth].pack(layouts[depth], X.shape[1], max_weights)[0])
        data = {d: rows.of_layer(d, schemes[d], layouts[d]) for d in range(start, stop)}
        trained += _train_at_once(X, data, layouts, objective, seed, n_jobs)
    return trained


def _train_at_once(X, data, layouts, objective, seed, n_jobs):
    # Layers of which none waits for another: depth -> LayerData.
    parts = {depth: [] for depth in data}
    for part in train_all_units(X, data, layouts, objective, seed, n_jobs):
        parts[part.unit.depth].append(part)
    # A layer's parts are let go before those of the next are joined.
    return [
        LayerWeights.join(parts.pop(depth), layouts[depth], objective.bias_feature)
        for depth in data
    ]
