"""What training gives: the weights of a node's children, and those of a whole layer."""

from typing import NamedTuple

import numpy as np

from .._matching.layer import pack_layer, pack_on_prior
from .._sparse import Csr, indptr_of
from .allocator import return_free_memory
from .priors import has_siblings


class NodeWeights(NamedTuple):
    """The weights of some nodes, and how their training went.

    Attributes
    ----------
    counts : ndarray of int64 of shape (n_nodes,)
        How many weights each node has.
    features, weights : ndarrays of int32 and float32 of shape (counts.sum(),)
        Node by node; where there is a prior, what training moved the nodes' weights by.
    intercepts : ndarray of float32 of shape (n_nodes,)
    n_iter : int
        The most passes that one took, 1 if there was nothing to train.
    stopped_early : bool
        Whether one reached `max_iter` before it converged.
    had_signal : bool, or ndarray of bool of shape (n_parents,)
        Whether there was something to tell apart, and weights that did, before pruning: for the
        children of one node, or for a layer, those of each node above.
    prior : Csr of shape (n_nodes, n_features) or None
        For a layer, the weights that its nodes started at.
    """

    counts: np.ndarray
    features: np.ndarray
    weights: np.ndarray
    intercepts: np.ndarray
    n_iter: int
    stopped_early: bool
    had_signal: bool | np.ndarray
    prior: Csr | None = None

    @classmethod
    def of_blocks(cls, blocks):
        """Those of a task, from blocks of its nodes, in their order."""
        *arrays, n_iter, stopped_early, had_signal, _ = zip(*blocks, strict=True)
        arrays = map(np.concatenate, arrays)
        return cls(*arrays, max(n_iter), any(stopped_early), any(had_signal))

    @classmethod
    def of_layer(cls, trained, layout, prior=None, first_intercept=0.0):
        """Those of a layer, from its tasks and what they gave, in the order of the nodes.

        With a prior, nodes without a task stay where they start.
        """
        counts = np.zeros(len(layout.node_of), dtype=np.int64)
        intercepts = np.where(has_siblings(layout), first_intercept, 0).astype(np.float32)
        had_signal = np.zeros(len(layout.child_indptr) - 1, dtype=bool)
        for task, weights in trained:
            counts[task.first : task.last] = weights.counts
            intercepts[task.first : task.last] = weights.intercepts
            had_signal[task.parent] |= weights.had_signal
        nodes = [weights for _, weights in trained]
        return cls(
            counts,
            np.concatenate([np.empty(0, dtype=np.int32), *(node.features for node in nodes)]),
            np.concatenate([np.empty(0, dtype=np.float32), *(node.weights for node in nodes)]),
            intercepts,
            max((node.n_iter for node in nodes), default=1),
            any(node.stopped_early for node in nodes),
            had_signal,
            prior,
        )

    def pruned(self, threshold):
        """The same without weights of a smaller magnitude."""
        kept = (self.weights >= threshold) | (self.weights <= -threshold)
        if kept.all():
            return self
        kept = np.flatnonzero(kept)
        counts = np.diff(np.searchsorted(kept, np.cumsum(self.counts)), prepend=0)
        return self._replace(
            counts=counts, features=self.features[kept], weights=self.weights[kept]
        )


def pack_weights(weights, layout, n_features, max_weights, n_threads):
    """The `Layer` of a layer's `NodeWeights`."""
    return_free_memory()  # of what layers packed before have left
    learned = Csr(indptr_of(weights.counts), weights.features, weights.weights, n_features)
    if weights.prior is None:
        return pack_layer(layout, learned, weights.intercepts, max_weights, n_threads=n_threads)
    parts = weights.prior.to_scipy(), learned.to_scipy(), weights.intercepts
    return pack_on_prior(layout, *parts, max_weights, n_threads)
