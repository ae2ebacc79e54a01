"""Grow label trees and train their models: one tree after the other, each with all threads."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_memory

from ._label_inputs import make_tree
from ._label_tree import LabelTree
from ._stages import Matching, fit_matcher
from ._threads import threads_here
from ._training import train_layers
from ._tree_layout import tree_layout

# With a memory, weights down to this size are trained and stored, so that models that are pruned
# at any higher threshold share one training.
FLOOR = 0.01


class TrainedTree(NamedTuple):
    """A label tree with its packed layers, and how their training went.

    Attributes
    ----------
    label_tree : LabelTree
    matching : Matching or None
    layers : list of Layer
        Top first; with a matching, only the last one.
    n_iter : list of int
        The most passes that a node of each layer took.
    stopped_early : bool
        Whether some node reached `max_iter` before it converged.
    lost : bool
        Whether pruning has left some node's children without any weight, though there was
        something to tell apart.
    """

    label_tree: LabelTree
    matching: Matching | None
    layers: list
    n_iter: list
    stopped_early: bool
    lost: bool


def fit_trees(
    X,
    Y,
    texts,
    seeds,
    *,
    indexer,
    label_features,
    matcher,
    objective,
    costs,
    negatives,
    max_weights,
    memory,
    n_jobs,
):
    """Fit a tree for each seed; the first is the same however many follow.

    Parameters
    ----------
    X : csr_array of float32 of shape (n_rows, n_features)
    Y : csr_array of shape (n_rows, n_labels)
        Label indicator.
    texts : list of str or None
    seeds : sequence of int
    indexer, label_features, matcher, max_weights, memory
        As `XRLinearClassifier` has them.
    objective : Objective
    costs : Costs
    negatives : Negatives
    n_jobs : int or None

    Returns
    -------
    list of TrainedTree
    """
    train, trained_for, pruning = train_tree, objective, None
    if memory is not None:
        train = check_memory(memory).cache(train_tree, ignore=["n_jobs"])
        # The key must hold nothing but what the training depends on.
        X, Y, costs = _plain(X), _plain(Y), costs.with_relevance(_plain)
        if not negatives.need_search:
            threshold = min(objective.prune_threshold, FLOOR)
            trained_for = objective._replace(prune_threshold=threshold)
            negatives = negatives._replace(beam_width=0, transform=0)
    if negatives.need_search:
        pruning = max_weights
    trees = []
    for number, seed in enumerate(seeds):
        inputs = _indexer_of(indexer, number), label_features, texts, matcher
        tree, matching, weights = train(
            X, Y, *inputs, trained_for, costs, negatives, pruning, int(seed), n_jobs
        )
        trees.append(_packed(tree, matching, weights, X.shape[1], objective, max_weights, n_jobs))
    return trees


def train_tree(
    X,
    Y,
    indexer,
    label_features,
    texts,
    matcher,
    objective,
    costs,
    negatives,
    max_weights,
    seed,
    n_jobs,
):
    """Grow a tree, fit the matcher and train the models that are left to train.

    Returns
    -------
    tree : LabelTree
    matching : Matching or None
    weights : list of LayerWeights
    """
    inputs = texts, X, Y, costs.sample_weight, threads_here(n_jobs)
    tree = make_tree(indexer, label_features, *inputs, seed)
    matching = fit_matcher(matcher, X, Y, tree, seed)
    weights = train_layers(
        X, Y, tree, objective, costs, negatives, max_weights, seed, n_jobs, matching
    )
    return tree, matching, weights


def _indexer_of(indexer, number):
    # One that brings its own seed must grow other trees too, after the first.
    own = getattr(indexer, "random_state", None)
    if number == 0 or own is None or not hasattr(indexer, "set_params"):
        return indexer
    draws = check_random_state(clone(indexer).random_state).randint(2**31, size=number)
    return clone(indexer).set_params(random_state=int(draws[-1]))


def _packed(tree, matching, weights, n_features, objective, max_weights, n_jobs):
    threshold = np.float32(objective.prune_threshold)
    # In this process, whatever the backend: the weights are here.
    packed = Parallel(n_jobs=threads_here(n_jobs), require="sharedmem")(
        delayed(_packed_layer)(of_layer, layout, n_features, threshold, max_weights)
        for of_layer, layout in zip(weights, tree_layout(tree)[-len(weights) :], strict=True)
    )
    return TrainedTree(
        tree,
        matching,
        [layer for layer, _ in packed],
        [of_layer.n_iter for of_layer in weights],
        any(of_layer.stopped_early for of_layer in weights),
        any(lost for _, lost in packed),
    )


def _packed_layer(weights, layout, n_features, threshold, max_weights):
    return weights.above(threshold).pack(layout, n_features, max_weights)


def _plain(matrix):
    # Without what SciPy remembers of it, which differs between two that are equal.
    return sp.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape)
