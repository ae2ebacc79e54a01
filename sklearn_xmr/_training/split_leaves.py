"""Leaves that have got too many labels, split without training."""

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from .._fitted_model import Tree
from .._indexing.kmeans_indexer import HierarchicalKMeansIndexer
from .._matching.layer_parts import concatenate_layers, pack_layers, unpack_layers


def split_leaves(tree, max_leaf_size, n_features, seed):
    """Split leaves of more than twice as many labels as they should have.

    Each part gets a copy of the leaf's own model, so that it is reached as the whole was, and the
    scores of labels stay. Labels are parted by what their weights look like.

    Parameters
    ----------
    tree : Tree
    max_leaf_size : int
    n_features : int
    seed : int

    Returns
    -------
    Tree
        The same one if there is nothing to split, or nothing above the labels.
    """
    label_tree, layers = tree
    if label_tree.n_layers == 1:
        return tree
    leaf_of = label_tree.parents[-1].copy()
    large = np.flatnonzero(np.bincount(leaf_of) > 2 * max_leaf_size)
    if len(large) == 0:
        return tree
    parts = unpack_layers(layers, label_tree)
    weights = sp.csr_array(layers[-1].coef_.T)
    copied, n_leaves = [], len(label_tree.parents[-2])
    for leaf in large.tolist():
        labels = np.flatnonzero(leaf_of == leaf)
        part_of = _parts_of(weights[labels], max_leaf_size, seed)
        n_further = part_of.max()
        # The first part stays where it is.
        numbers = np.append(leaf, n_leaves + len(copied) + np.arange(n_further))
        leaf_of[labels] = numbers[part_of]
        copied += [leaf] * n_further
    for leaf in copied:
        parts[-2] = concatenate_layers([parts[-2], parts[-2].take([leaf])], [0, 0])
    parts[-1] = parts[-1]._replace(parents=leaf_of)
    return Tree(*pack_layers(parts, n_features))


def _parts_of(weights, max_leaf_size, seed):
    indexer = HierarchicalKMeansIndexer(2, max_leaf_size=max_leaf_size, random_state=seed)
    return indexer.fit(normalize(weights)).tree_.parents[-1]
