"""Grow label trees and train their models: one tree after the other, each with all threads."""

from pickle import PicklingError
from typing import NamedTuple

import numpy as np
from sklearn.utils.validation import check_memory

from .._indexing.label_tree import LabelTree
from .._indexing.tree_layout import tree_layout
from .._matching.matcher import Matching, fit_matcher
from .._threads import threads_here
from .heap import trim_heap
from .train_layers import train_layers

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


def fit_trees(data, labels, matcher, seeds, objective, max_weights, memory, n_jobs):
    """Fit a tree for each seed; the first is the same however many follow.

    Parameters
    ----------
    data : TrainingData
    labels : LabelInputs
    matcher : object or None
        As `XRLinearClassifier` has it.
    seeds : sequence of int
    objective : Objective
    max_weights, memory, n_jobs
        As `XRLinearClassifier` has them.

    Returns
    -------
    list of TrainedTree
    """
    train, trained_for = train_tree, objective
    if memory is not None:
        # The key must hold nothing but what the training depends on.
        train, data = check_memory(memory).cache(train_tree, ignore=["n_jobs"]), data.plain()
        if data.negatives.search is None:
            threshold = min(objective.prune_threshold, FLOOR)
            trained_for = objective._replace(prune_threshold=threshold)
    trees = []
    for number, seed in enumerate(seeds):
        inputs = data, labels.of_tree(number), matcher
        try:
            tree, matching, *weights = train(*inputs, trained_for, int(seed), n_jobs)
        except PicklingError as error:
            raise ValueError(
                "With memory, label_features, indexer and matcher must be known by a name at the "
                f"top of a module: {error}"
            ) from error
        pruning = objective.prune_threshold, max_weights
        trees.append(_packed(tree, matching, weights, data.X.shape[1], *pruning, n_jobs))
    return trees


def train_tree(data, labels, matcher, objective, seed, n_jobs):
    """Grow a tree, fit the matcher and train the models that are left to train.

    Returns
    -------
    tree : LabelTree
    matching : Matching or None
    *weights : LayerWeights
        Of each layer; with a matching, only the last one.
    """
    tree = labels.make_tree(data, seed, threads_here(n_jobs))
    trim_heap()
    matching = fit_matcher(matcher, data.X, data.Y, tree, seed)
    return tree, matching, *train_layers(data, tree, matching, objective, seed, n_jobs)


def _packed(tree, matching, weights, n_features, threshold, max_weights, n_jobs):
    n_iter = [of_layer.n_iter for of_layer in weights]
    stopped_early = any(of_layer.stopped_early for of_layer in weights)
    layers, lost = [], False
    for layout in tree_layout(tree)[-len(weights) :]:
        # Out of the list: a layer's weights are let go when it is packed.
        of_layer = weights.pop(0).above(np.float32(threshold))
        layer, is_lost = of_layer.pack(layout, n_features, max_weights, threads_here(n_jobs))
        layers.append(layer)
        lost = lost or is_lost
    return TrainedTree(tree, matching, layers, n_iter, stopped_early, lost)
