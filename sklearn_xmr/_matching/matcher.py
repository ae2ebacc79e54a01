"""A matcher, which finds the nodes whose labels are scored: how it is fitted and asked."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._user_objects import answered_array, answered_scores, batches_of_rows, own_copy
from .tree_layout import tree_layout


class Matching(NamedTuple):
    """A fitted matcher of a tree.

    Attributes
    ----------
    matcher : object
    inner_of : ndarray of int32 of shape (n_nodes,)
        Number of a node of the layer above the last, in the tree -> its inner number.
    """

    matcher: object
    inner_of: np.ndarray

    def start(self, X, k=None):
        """Where a search of the last layer alone starts: inner nodes and their log-domain scores.

        Parameters
        ----------
        X : CSR of float32 of shape (n_rows, n_features)
        k : int or None
            Most nodes of a row; None for all.

        Returns
        -------
        beam, scores : ndarrays of int32 and float32 of shape (n_rows, n_kept)
            -1 for no node.
        """
        n_rows, n_nodes = X.shape[0], len(self.inner_of)
        k = n_nodes if k is None else min(k, n_nodes)
        beam = np.full((n_rows, k), -1, dtype=np.int32)
        beam_scores = np.full((n_rows, k), -np.inf, dtype=np.float32)
        for rows, batch in batches_of_rows(X):
            answer = self.matcher.match(batch, k)
            nodes, scores = _checked_nodes(answer, batch.shape[0], k, n_nodes)
            reached = (nodes >= 0) & (scores > -np.inf)
            beam[rows, : nodes.shape[1]] = np.where(reached, self.inner_of[nodes], -1)
            beam_scores[rows, : nodes.shape[1]] = scores
        return beam, beam_scores


def fit_matcher(matcher, X, Y, tree, seed):
    """Fit a copy of a matcher to a tree: a `Matching`, or None where there is nothing to match.

    Parameters
    ----------
    matcher : object or None
    X : csr_array of float32 of shape (n_rows, n_features)
    Y : csr_array of shape (n_rows, n_labels)
        Label indicator.
    tree : LabelTree
        Where it has a single layer, all labels hang from the root.
    seed : int
    """
    if matcher is None or tree.n_layers == 1:
        return None
    n_nodes = len(tree.parents[-2])
    parts = np.ones(tree.n_labels, dtype=Y.dtype), (np.arange(tree.n_labels), tree.parents[-1])
    M = sp.csr_array(Y @ sp.csr_array(parts, shape=(tree.n_labels, n_nodes)))
    M.data[:] = 1
    M.sort_indices()
    matcher = own_copy(matcher, seed)
    matcher.fit(X, M)
    return Matching(matcher, tree_layout(tree)[-2].inner_of)


def _checked_nodes(answer, n_rows, k, n_nodes):
    # Nodes and scores as the kernel takes them, though in the tree's numbers.
    try:
        nodes, scores = answer
    except (TypeError, ValueError):
        raise ValueError(
            f"matcher: match must return two arrays, nodes and scores, got {type(answer).__name__}."
        ) from None
    nodes = answered_array(nodes, "iu", "matcher: match must return nodes that are integers")
    if nodes.ndim != 2 or len(nodes) != n_rows or nodes.shape[1] > k:
        raise ValueError(
            f"matcher: match must return nodes of shape ({n_rows}, at most {k}), got {nodes.shape}."
        )
    outside = (nodes < -1) | (nodes >= n_nodes)
    if outside.any():
        raise ValueError(
            f"matcher: match must return nodes from 0 to {n_nodes - 1}, or -1 for none, got "
            f"{nodes[outside][0]}."
        )
    nodes = nodes.astype(np.int32)
    scores = answered_scores(scores, nodes.shape, nodes >= 0, "matcher: match")
    ordered = np.sort(nodes, axis=1)
    repeated = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
    if repeated.any():
        raise ValueError(
            "matcher: match must return different nodes for a row, got "
            f"{ordered[:, 1:][repeated][0]} more than once."
        )
    return nodes, scores
