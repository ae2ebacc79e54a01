"""Where new labels go in a fitted tree.

A label goes below a node whose children have models, and gets one beside them.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from .._indexing.label_tree import LabelTree
from .._matching.beam_search import search
from .._sparse import indptr_of


class NewRows(NamedTuple):
    """What is known of new labels, and rows of them and of others.

    Attributes
    ----------
    X : csr_array of float32 of shape (n_rows, n_features)
    Y : csr_array of float32 of shape (n_rows, n_labels)
        Their labels, of all that the grown tree has. Rows without any are of none of the new ones.
    old, new : ndarrays of int
        Positions among all labels of those that the tree has, and of the new ones.
    vectors : csr_array of float32 of shape (n_new, n_features)
        Priors of the new labels, at unit length; zero where there is none.
    strength : float
        What a label's weights start at: so many times its vector.
    """

    X: sp.csr_array
    Y: sp.csr_array
    old: np.ndarray
    new: np.ndarray
    vectors: sp.csr_array
    strength: float

    @property
    def shown_vectors(self):
        """The new labels' vectors, of those without a prior the mean of their rows."""
        has_prior = np.diff(self.vectors.indptr) > 0
        if has_prior.all():
            return self.vectors
        means = normalize(self.Y[:, self.new].T @ self.X)
        return sp.csr_array(sp.diags_array(np.float32(~has_prior)) @ means + self.vectors)


class Targets(NamedTuple):
    """The nodes whose models say whether a row has a label: new ones, and known ones with rows.

    Attributes
    ----------
    labels : ndarray of int of shape (n_targets,)
        Positions among all labels, the new ones first.
    depths, parents, nodes : ndarrays of int of shape (n_targets,)
        The layer of the node, its parent's number and its own in the grown tree.
    """

    labels: np.ndarray
    depths: np.ndarray
    parents: np.ndarray
    nodes: np.ndarray


def reached_nodes(tree, X, settings):
    """The nodes above the last layer that a search reaches, numbers of the tree, and their scores.

    Parameters
    ----------
    tree : Tree
    X : csr_array of float32 of shape (n_rows, n_features)
    settings : SearchSettings

    Returns
    -------
    nodes, scores : ndarrays of shape (n_rows, n_reached)
        -1 and -inf where there are no more.
    """
    if tree.label_tree.n_layers == 1:
        return np.zeros((X.shape[0], 1), dtype=np.int32), np.zeros((X.shape[0], 1), np.float32)
    among_nodes = settings.path_score._replace(ancestor_weight=1.0)
    width = settings.beam_width
    return search(tree.layers[:-1], X, width, width, among_nodes, n_jobs=settings.n_jobs)


def best_leaves(tree, rows, reached, settings):
    """The node above the last layer that a label's rows reach best; without rows, its vector.

    Parameters
    ----------
    tree : Tree
    rows : NewRows
    reached : (nodes, scores)
        Of the rows, as `reached_nodes` gives them.
    settings : SearchSettings

    Returns
    -------
    ndarray of int of shape (n_new,)
    """
    nodes, scores = reached
    n_nodes = 1 if tree.label_tree.n_layers == 1 else len(tree.label_tree.parents[-2])
    shares = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-1e30))
    found = nodes >= 0
    entries = shares[found], nodes[found], indptr_of(found.sum(axis=1))
    votes = rows.Y[:, rows.new].T @ sp.csr_array(entries, shape=(len(nodes), n_nodes))
    leaves = np.asarray(sp.csr_array(votes).argmax(axis=1)).ravel()
    without_rows = np.diff(sp.csr_array(votes).indptr) == 0
    if without_rows.any():
        by_vector, _ = reached_nodes(tree, rows.vectors[without_rows], settings)
        leaves[without_rows] = by_vector[:, 0]
    return leaves


def grown_tree(tree, rows, leaves):
    """The tree with the new labels below some nodes of the last layer but one, and their `Targets`.

    Raises
    ------
    ValueError
        If there is no model beside which a label could get one.
    """
    labels = np.union1d(rows.Y.indices, rows.new)
    known = np.flatnonzero(np.isin(rows.old, labels))
    depths, parents, _ = _with_models(tree, leaves)
    if (depths == 0).any() and not tree.layers[0].has_models[0]:
        raise ValueError("classifier must have at least two labels to tell apart, got one.")
    numbers = np.full(len(leaves), -1)  # of the nodes of the new labels, layer by layer
    nodes, grown = np.empty(len(leaves), dtype=np.int64), []
    for depth, old_parents in enumerate(tree.label_tree.parents):
        here = np.flatnonzero(depths <= depth)
        above = np.where(depths[here] == depth, parents[here], numbers[here])
        if depth == tree.label_tree.n_layers - 1:
            of_layer = np.empty(len(old_parents) + len(here), dtype=np.int64)
            of_layer[rows.old], of_layer[rows.new], numbers = old_parents, above, rows.new
        else:
            of_layer = np.concatenate([old_parents, above])
            numbers[here] = len(old_parents) + np.arange(len(here))
        is_first = depths == depth
        nodes[is_first] = numbers[is_first]
        grown.append(of_layer)
    of_new = rows.new, depths, parents, nodes
    of_known = _known_targets(tree, rows.old, known)
    targets = Targets(*(np.concatenate(pair) for pair in zip(of_new, of_known, strict=True)))
    return LabelTree.from_parents(grown), targets


def _known_targets(tree, old, known):
    # Labels that share a model with others have none that their own rows could train.
    label_tree = tree.label_tree
    depths, parents, nodes = _with_models(tree, label_tree.parents[-1][known])
    is_label = depths == label_tree.n_layers - 1
    nodes[is_label] = old[known[is_label]]
    n_below = [np.bincount(above) for above in label_tree.ancestors()]
    is_own = np.array(
        [
            label or n_below[depth][node] == 1
            for label, depth, node in zip(is_label, depths, nodes, strict=True)
        ],
        dtype=bool,
    )
    return old[known][is_own], depths[is_own], parents[is_own], nodes[is_own]


def _with_models(tree, leaves):
    # Go up until the children have models: their layer, their parent, the one that leads down.
    depths = np.full(len(leaves), tree.label_tree.n_layers - 1)
    parents, nodes = np.array(leaves, dtype=np.int64), np.full(len(leaves), -1)
    for depth in range(tree.label_tree.n_layers - 1, 0, -1):
        here = np.flatnonzero(depths == depth)
        inner = tree.layers[depth - 1].inner_of[parents[here]]
        here = here[~tree.layers[depth].has_models[inner]]
        nodes[here] = parents[here]
        parents[here] = tree.label_tree.parents[depth - 1][parents[here]]
        depths[here] -= 1
    return depths, parents, nodes


def without_far(nodes, Y):
    """The nodes that rows are sent to, of rows without a label only the best.

    They have labels that are not named, and most of these are there.
    """
    has_label = np.diff(Y.indptr) > 0
    is_best = np.arange(nodes.shape[1]) == 0
    return np.where(has_label[:, None] | is_best, nodes, -1)


def on_all_layers(label_tree, nodes):
    """The nodes of each layer that lead to those of the last but one; the root first."""
    found = [nodes]
    for parents in label_tree.parents[-2::-1]:
        nodes = np.where(nodes < 0, -1, parents[nodes])
        found.append(nodes)
    return found[::-1]
