"""A user's own matcher and ranker: how they are fitted and asked, and what they may answer.

They are given copies of a batch of rows at a time, and what they answer is checked before a kernel
sees it.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state, gen_batches

from .._indexing.tree_layout import tree_layout
from .._user_objects import own_copy
from .beam_search import BATCH_QUERIES


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
        for rows in gen_batches(n_rows, BATCH_QUERIES):
            found = self.matcher.match(_copied_rows(X, rows), k)
            nodes, scores = _checked_nodes(found, rows.stop - rows.start, k, n_nodes)
            reached = (nodes >= 0) & (scores > -np.inf)
            beam[rows, : nodes.shape[1]] = np.where(reached, self.inner_of[nodes], -1)
            beam_scores[rows, : nodes.shape[1]] = scores
        return beam, beam_scores


def refuse_stages(model, name):
    """Refuse a fitted classifier that has a matcher or a ranker."""
    if model.ranker_ is not None or any(matching is not None for matching in model._matchings):
        raise ValueError(
            f"{name} has a matcher or ranker, which only knows the tree and the labels that it was "
            "fitted to; there must be none."
        )


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


def fit_ranker(ranker, X, Y, random_state):
    """Fit a copy of a ranker, if there is one."""
    if ranker is None:
        return None
    ranker = own_copy(ranker, check_random_state(random_state).randint(2**31))
    ranker.fit(X, Y)
    return ranker


def rescored(ranker, X, positions, paths):
    """What a ranker scores labels.

    Parameters
    ----------
    ranker : object
    X : CSR of float32 of shape (n_rows, n_features)
    positions : ndarray of int of shape (n_rows, n_shortlist)
        Label positions, -1 for none.
    paths : ndarray of float32 of shape (n_rows, n_shortlist)
        Their scores so far, in the log domain.

    Returns
    -------
    ndarray of float32 of shape (n_rows, n_shortlist)
        -inf where there is no label.
    """
    scores = np.empty(positions.shape, dtype=np.float32)
    for rows in gen_batches(len(positions), BATCH_QUERIES):
        labels = positions[rows]
        found = ranker.rescore(_copied_rows(X, rows), labels.copy(), paths[rows].copy())
        scores[rows] = _checked_scores(found, labels.shape, labels >= 0, "ranker: rescore")
    scores[positions < 0] = -np.inf
    return scores


def ranked_anew(ranker, X, positions, paths, k):
    """The `k` labels of each shortlist that a ranker scores best, as `search` returns them."""
    scores = rescored(ranker, X, positions, paths)
    positions = np.where(scores == -np.inf, np.int32(-1), positions)
    order = np.lexsort((positions, -scores), axis=1)[:, :k]
    return np.take_along_axis(positions, order, axis=1), np.take_along_axis(scores, order, axis=1)


def _copied_rows(X, rows):
    # A stage may write into what it is given.
    indptr = X.indptr[rows.start : rows.stop + 1]
    stored = slice(indptr[0], indptr[-1])
    parts = X.data[stored].copy(), X.indices[stored].copy(), indptr - indptr[0]
    return sp.csr_array(parts, shape=(len(indptr) - 1, X.shape[1]))


def _checked_nodes(found, n_rows, k, n_nodes):
    # Nodes and scores as the kernel takes them, though in the tree's numbers.
    try:
        nodes, scores = found
    except (TypeError, ValueError):
        raise ValueError(
            f"matcher: match must return two arrays, nodes and scores; got {type(found).__name__}."
        ) from None
    nodes = _as_array(nodes, "iu", "matcher: match must return nodes that are integers")
    if nodes.ndim != 2 or len(nodes) != n_rows or nodes.shape[1] > k:
        raise ValueError(
            f"matcher: match must return nodes of shape ({n_rows}, at most {k}), got {nodes.shape}."
        )
    outside = (nodes < -1) | (nodes >= n_nodes)
    if outside.any():
        raise ValueError(
            f"matcher: match must return nodes from 0 to {n_nodes - 1}, or -1 for none; got "
            f"{nodes[outside][0]}."
        )
    nodes = nodes.astype(np.int32)
    scores = _checked_scores(scores, nodes.shape, nodes >= 0, "matcher: match")
    ordered = np.sort(nodes, axis=1)
    repeated = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
    if repeated.any():
        raise ValueError(
            "matcher: match must return different nodes for a row; got "
            f"{ordered[:, 1:][repeated][0]} more than once."
        )
    return nodes, scores


def _checked_scores(scores, shape, wanted, source):
    # A float32 copy; where a score is not wanted, it may be anything.
    scores = _as_array(scores, "iuf", f"{source} must return scores that are numbers")
    if scores.shape != shape:
        raise ValueError(f"{source} must return scores of shape {shape}, got {scores.shape}.")
    with np.errstate(over="ignore"):
        scores = scores.astype(np.float32)
    bad = wanted & ~(scores < np.inf)
    if bad.any():
        raise ValueError(
            f"{source} must return scores that are finite as float32, or -inf; got "
            f"{scores[bad][0]}."
        )
    return scores


def _as_array(values, kinds, demand):
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{demand}: {error}") from error
    if array.dtype.kind not in kinds:
        raise ValueError(f"{demand}, got dtype {array.dtype}.")
    return array
