"""Train the layers of a tree, at once where none waits for another, and join each."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .._indexing.tree_layout import tree_layout
from .._matching.layer import pack_layer
from .._threads import threads_here
from .heap import trim_heap
from .negatives import TrainingRows
from .sharing_out import train_all_units


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
        kept = (self.weights >= threshold) | (self.weights <= -threshold)
        if kept.all():
            return self
        kept = np.flatnonzero(kept)
        counts = np.diff(np.searchsorted(kept, np.cumsum(self.counts)), prepend=0)
        return self._replace(
            counts=counts, features=self.features[kept], weights=self.weights[kept]
        )

    def pack(self, layout, n_features, max_weights, n_threads):
        """The `Layer`, and whether it lacks any weight where there was something to learn."""
        trim_heap()  # of what layers packed before have left
        parts = self.counts, self.features, self.weights, self.intercepts
        layer = pack_layer(layout, n_features, *parts, max_weights, n_threads=n_threads)
        return layer, bool(np.any(self.learners & (np.diff(layer.nodes[:, 2]) == 0)))


def train_layers(data, tree, matching, objective, seed, n_jobs):
    """Train all layers, or just the last one where a matcher does the others' work.

    What a node trains on does not depend on other nodes' models, unless its negatives come from a
    search through the layers above. So the nodes of all layers down to the next such are shared
    out at once: threads are busy while the few and large nodes at the top are trained.

    Parameters
    ----------
    data : TrainingData
    tree : LabelTree
    matching : Matching or None
    objective : Objective
    seed : int
    n_jobs : int or None

    Returns
    -------
    list of LayerWeights
        Top layer first.
    """
    layouts = tree_layout(tree)
    rows = TrainingRows(data, tree, layouts, threads_here(n_jobs))
    first = 0
    if matching is not None:
        first = len(layouts) - 1
        rows.match(first, matching)
    starts = [first, *filter(rows.wait, range(first + 1, len(layouts)))]
    trained = []
    for start, stop in pairwise([*starts, len(layouts)]):
        for depth in range(rows.depth, start):
            rows.advance(trained[depth])
        layers = {depth: rows.of_layer(depth) for depth in range(start, stop)}
        parts = train_all_units(data.X, layers, layouts, objective, seed, n_jobs)
        del layers  # to make room
        trained += _joined(parts, range(start, stop), layouts, objective)
    return trained


def _joined(parts, depths, layouts, objective):
    # A layer's parts are let go before those of the next are joined: `parts` is emptied.
    of_layer = {depth: [] for depth in depths}
    for part in parts:
        of_layer[part.unit.depth].append(part)
    parts.clear()
    for depth in depths:
        yield LayerWeights.join(of_layer.pop(depth), layouts[depth], objective.bias_feature)
        trim_heap()
