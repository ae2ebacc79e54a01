"""Grow label trees and train their models: one tree after the other, each with all threads."""

from itertools import pairwise
from pickle import PicklingError

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_memory

from .._fitted_model import Tree
from .._matching.matcher import fit_matcher
from .._matching.tree_layout import tree_layout
from .._threads import threads_here
from .._user_warnings import warn_user
from .allocator import return_free_memory
from .node_weights import NodeWeights, pack_weights
from .progress import SILENT
from .scheduling import run_tasks
from .solver import first_intercept
from .training_rows import TrainingRows

# With a memory, weights down to this size are trained and stored, so that models that are pruned
# at any higher threshold share one training.
FLOOR = 0.01


def fit_trees(data, labels, matcher, seeds, objective, max_weights, means):
    """Fit a tree for each seed; the first is the same however many follow.

    Parameters
    ----------
    data : TrainingData
    labels : LabelInputs
    matcher : object or None
        As `XRLinearClassifier` has it.
    seeds : sequence of int
    objective : Objective
    max_weights : int or None
        As `XRLinearClassifier` has it.
    means : Means

    Returns
    -------
    trees : list of Tree
    n_iter : list of int
        The most passes that a node of each layer of the first tree took.

    Warns
    -----
    ConvergenceWarning
        If some node stopped early.
    UserWarning
        If pruning left the children of some node without any weight; once in a search.
    """
    memory, n_jobs, progress = means
    train, trained_for = train_tree, objective
    if memory is not None:
        # The key must hold nothing but what the training depends on.
        train, data = _remembered(memory), data.plain()
        if not data.negatives.search:
            threshold = min(objective.prune_threshold, FLOOR)
            trained_for = objective._replace(prune_threshold=threshold)
    pack_options = objective.prune_threshold, max_weights, threads_here(n_jobs)
    trees, n_iter, stopped_early, had_signal = [], [], False, []
    for number, seed in enumerate(seeds):
        progress.begin_tree(number, len(seeds))
        inputs = data, labels.of_tree(number), matcher, trained_for, int(seed)
        label_tree, matching, *weights = train(*inputs, n_jobs, progress)
        n_iter.append([of_layer.n_iter for of_layer in weights])
        stopped_early |= any(of_layer.stopped_early for of_layer in weights)
        had_signal += [of_layer.had_signal for of_layer in weights]
        layers = _packed(weights, label_tree, data.X.shape[1], *pack_options)
        trees.append(Tree(label_tree, layers, matching))
        progress.end_tree()
    _warn(objective, stopped_early, had_signal, trees)
    return trees, n_iter[0]


def _remembered(memory):
    # `train_tree`, which trains nothing twice.
    train = check_memory(memory).cache(train_tree, ignore=["n_jobs", "progress"])

    def remember(*inputs):
        try:
            return train(*inputs)
        except PicklingError as error:
            raise ValueError(
                "With memory, label_features, indexer and matcher must be known by a name at the "
                f"top of a module: {error}"
            ) from error

    return remember


def _packed(weights, label_tree, n_features, threshold, max_weights, n_threads):
    # The layers of a tree. The list is emptied: a layer's weights are let go when it is packed.
    layers = []
    for layout in tree_layout(label_tree)[-len(weights) :]:
        pruned = weights.pop(0).pruned(np.float32(threshold))
        layers.append(pack_weights(pruned, layout, n_features, max_weights, n_threads))
    return layers


def train_tree(data, labels, matcher, objective, seed, n_jobs, progress=SILENT):
    """Grow a tree, fit the matcher and train the models that are left to train.

    What a node trains on does not depend on other nodes' models, unless its negatives come from a
    search through the layers above. So the nodes of all layers down to the next such are trained
    at once: threads are busy while the few and large nodes at the top are trained.

    Returns
    -------
    label_tree : LabelTree
    matching : Matching or None
    *weights : NodeWeights
        Of each layer; with a matching, only the last one.
    """
    n_threads = threads_here(n_jobs)
    label_tree = labels.make_tree(data, seed, n_threads)
    return_free_memory()
    matching = fit_matcher(matcher, data.X, data.Y, label_tree, seed)
    layouts = tree_layout(label_tree)
    rows = TrainingRows(data, label_tree, layouts, n_threads)
    first, weights = 0, []
    if matching is not None:
        first = len(layouts) - 1
        rows.match(first, matching)
    starts = [first, *filter(rows.must_wait, range(first + 1, len(layouts))), len(layouts)]
    for start, stop in pairwise(starts):
        for depth in range(rows.depth, start):
            rows.advance(weights[depth])
        layers = {depth: rows.layer_data(depth) for depth in range(start, stop)}
        priors = {depth: layer.prior for depth, layer in layers.items()}
        trained = run_tasks(data.X, layers, layouts, objective, seed, n_jobs, progress)
        del layers  # to make room
        weights += _joined(trained, layouts, priors, objective)
    return label_tree, matching, *weights


def _joined(trained, layouts, priors, objective):
    # What was joined is let go before the next layer is: `trained` is emptied.
    at_depth = {depth: [] for depth in priors}
    for task, weights in trained:
        at_depth[task.depth].append((task, weights))
    trained.clear()
    for depth, prior in priors.items():
        start = (None, 0.0) if prior is None else (prior, first_intercept(objective))
        yield NodeWeights.of_layer(at_depth.pop(depth), layouts[depth], *start)
        return_free_memory()


def _warn(objective, stopped_early, had_signal, trees):
    if stopped_early:
        warn_user(
            f"The solver stopped at max_iter={objective.max_iter} before it converged to "
            f"tol={objective.tol}. Raise max_iter or tol, or scale the features.",
            ConvergenceWarning,
        )
    layers = [layer for tree in trees for layer in tree.layers]
    has_weights = [np.diff(layer.nodes[:, 2]) > 0 for layer in layers]
    had_signal = np.concatenate(had_signal)
    n_lost = np.count_nonzero(had_signal & ~np.concatenate(has_weights))
    if n_lost:
        n_nodes = np.count_nonzero(had_signal)
        warn_user(
            f"All weights below {n_lost} of {n_nodes} nodes are smaller than "
            f"prune_threshold={objective.prune_threshold} and were pruned: their children are told "
            "apart by their intercepts alone. Scale the features up, or lower prune_threshold.",
            once_per_search=True,
        )
