"""New labels in a fitted tree: where they go, and what their models learn.

Their siblings stay as they are, to the last bit, unless rows of their own are given.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._fitted_model import Tree
from .._matching.layer_splice import ChangedLayer, splice
from .._matching.tree_layout import tree_layout
from .._sparse import Csr, indptr_of
from .costs import positive_weights
from .label_places import best_leaves, grown_tree, on_all_layers, reached_nodes, without_far
from .layer_data import LayerData
from .new_weights import LayerModels
from .node_weights import NodeWeights
from .priors import INNER_STRENGTH
from .scheduling import run_tasks
from .stand_ins import with_stand_ins

# An intercept says how rare a label is beside its siblings. Few rows say less of it than theirs do,
# so it hardly moves: its feature is so many times smaller.
HELD = 0.01


class Solver(NamedTuple):
    """How weights are trained.

    Attributes
    ----------
    objective : Objective
    positive_weight : float
    max_weights : int or None
    seed : int
    n_jobs : int or None
    """

    objective: object
    positive_weight: float
    max_weights: int | None
    seed: int
    n_jobs: int | None


def grow_tree(tree, rows, settings, solver):
    """Add labels to a tree.

    Parameters
    ----------
    tree : Tree
    rows : NewRows
    settings : SearchSettings
        Labels go where a search sends their rows.
    solver : Solver

    Returns
    -------
    tree : Tree
    stopped_early : bool
        Whether a model did not converge.
    """
    reached = reached_nodes(tree, rows.X, settings)
    leaves = best_leaves(tree, rows, reached, settings)
    label_tree, targets = grown_tree(tree, rows, leaves)
    layouts, layers, stopped_early = tree_layout(label_tree), [], False
    sent_to = on_all_layers(tree.label_tree, without_far(reached[0], rows.Y))
    parent_sources = np.zeros(1, dtype=np.int64)
    for depth, (layer, layout) in enumerate(zip(tree.layers, layouts, strict=True)):
        sources = _sources(tree.label_tree, depth, rows.old, len(layout.node_of))
        known = sources[layout.node_of]
        node_sources = np.where(known < 0, -1, layer.inner_of[known])
        here = targets._replace(
            **{name: values[targets.depths == depth] for name, values in targets._asdict().items()}
        )
        above = _inner(layouts, depth - 1, here.parents)
        change = ChangedLayer.of(layer, layout, parent_sources, node_sources, np.unique(above))
        part = None
        if len(change.parents):
            given = rows, here, sent_to[depth]
            part, stopped = _new_models(change, depth, layer, *given, solver, layouts)
            stopped_early |= stopped
        layers.append(splice(layer, change, part))
        parent_sources = node_sources
    return Tree(label_tree, layers), stopped_early


def _sources(label_tree, depth, old, n_nodes):
    # The number that each node of a layer of the grown tree had, -1 for a new one.
    sources = np.full(n_nodes, -1)
    n_old = len(label_tree.parents[depth])
    is_last = depth == label_tree.n_layers - 1
    sources[old if is_last else slice(n_old)] = np.arange(n_old)
    return sources


def _inner(layouts, depth, nodes):
    return np.zeros(len(nodes), dtype=np.int64) if depth < 0 else layouts[depth].inner_of[nodes]


def _new_models(change, depth, layer, rows, targets, sent_to, solver, layouts):
    # The models of the children of changed nodes, packed.
    layout, nodes = change.part_layout, change.nodes
    part_of = np.full(len(change.layout.node_of), -1)
    part_of[nodes] = np.arange(len(nodes))
    places = part_of[change.layout.inner_of[targets.nodes]]
    is_new = np.isin(targets.labels, rows.new)
    start = LayerModels.of(layer, change.node_sources[nodes])
    scale = rows.strength * (1 if depth == len(layouts) - 1 else INNER_STRENGTH)
    new = np.searchsorted(rows.new, targets.labels[is_new])
    start = start.with_new(layout, places[is_new], rows, new, scale, solver.objective)
    data = _layer_data(change, depth, rows, targets, places, sent_to, layouts)
    data = data._replace(
        prior=Csr.of(start.weights),
        intercepts=start.intercepts,
        positive_weights=positive_weights(len(data.positives), solver.positive_weight, None),
    )
    layouts = [*layouts[:depth], layout]
    held = solver.objective._replace(bias_feature=HELD * solver.objective.bias_feature)
    options = held, solver.seed, solver.n_jobs
    had_rows = (change.node_sources[nodes] >= 0) & start.have_learned
    X, data = with_stand_ins(rows.X, data, layout, start.weights, had_rows)
    trained = run_tasks(X, {depth: data}, layouts, *options)
    found = NodeWeights.of_layer(trained, layout, data.prior, start.intercepts)
    found = found.pruned(np.float32(solver.objective.prune_threshold))
    moved = Csr(indptr_of(found.counts), found.features, found.weights, rows.X.shape[1])
    intercepts = np.where(data.n_positives > 0, found.intercepts, start.intercepts)
    ended = start.moved(moved.to_scipy(), intercepts)
    has_models = change.parent_sources[change.parents] >= 0
    has_models[has_models] = layer.has_models[change.parent_sources[change.parents][has_models]]
    packed = ended.packed(layout, has_models, layer.entries["weight"].dtype, solver.max_weights)
    return packed, found.stopped_early


def _layer_data(change, depth, rows, targets, places, sent_to, layouts):
    # Rows of the changed nodes, those of their labels and those that a search sends there.
    layout, n_rows = change.part_layout, rows.X.shape[0]
    place_of = np.full(rows.Y.shape[1], -1)
    place_of[targets.labels] = places
    children = place_of[rows.Y.indices]
    parent_of = np.repeat(np.arange(len(change.parents)), np.diff(layout.child_indptr))
    row_of = np.repeat(np.arange(n_rows), np.diff(rows.Y.indptr))[children >= 0]
    children = children[children >= 0]
    part_of = np.full(len(change.parent_sources), -1)
    part_of[change.parents] = np.arange(len(change.parents))
    has_target = np.zeros(len(change.parents), dtype=bool)
    has_target[parent_of[children]] = True
    is_sent = sent_to >= 0
    sent = part_of[_inner(layouts, depth - 1, sent_to[is_sent])]
    kept = (sent >= 0) & has_target[sent]
    member_rows = np.concatenate([row_of, np.nonzero(is_sent)[0][kept]])
    parents = np.concatenate([parent_of[children], sent[kept]])
    members = _indicator(member_rows, parents, (n_rows, len(change.parents)))
    return LayerData.gather(members, _indicator(row_of, children, (n_rows, len(parent_of))))


def _indicator(rows, columns, shape):
    indicator = sp.csr_array(sp.coo_array((np.ones(len(rows), np.int32), (rows, columns)), shape))
    indicator.sum_duplicates()
    return sp.csr_array(
        (np.ones(indicator.nnz, dtype=np.int8), indicator.indices, indicator.indptr), shape
    )
