"""New labels in a fitted tree: where their weights start, and what they learn from.

Their siblings stay as they are, to the last bit, unless rows of their own are given.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from .._fitted_model import Tree
from .._matching.layer import limited_learned, pack_layer, pack_learned, without_small
from .._matching.layer_splice import ChangedLayer, splice, weights_of_nodes
from .._matching.tree_layout import tree_layout
from .._sparse import Csr, indptr_of
from .costs import positive_weights
from .label_places import best_leaves, grown_tree, on_all_layers, reached_nodes, without_far
from .layer_data import LayerData
from .node_weights import NodeWeights
from .priors import INNER_STRENGTH
from .scheduling import run_tasks
from .solver import first_intercept

# A new label starts with a part of what its nearest siblings have learned, in the mean.
N_NEAREST = 5
SHARE = 0.25
# Of that, what is so many times smaller than the smallest weight that training would keep is left
# out.
LEAST_OF_SHARE = 0.1
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
    start = _Start.of(layer, change.node_sources[nodes])
    scale = rows.strength * (1 if depth == len(layouts) - 1 else INNER_STRENGTH)
    new = np.searchsorted(rows.new, targets.labels[is_new])
    start = start.with_new(layout, places[is_new], rows, new, scale, solver.objective)
    data = _layer_data(change, depth, rows, targets, places, sent_to, layouts)
    data = data._replace(prior=Csr.of(start.weights), intercepts=start.intercepts)
    data = data._replace(
        positive_weights=positive_weights(len(data.positives), solver.positive_weight, None)
    )
    layouts = [*layouts[:depth], layout]
    held = solver.objective._replace(bias_feature=HELD * solver.objective.bias_feature)
    options = held, solver.seed, solver.n_jobs
    had_rows = (change.node_sources[nodes] >= 0) & start.have_learned
    X, data = _with_stand_ins(rows.X, data, layout, start.weights, had_rows)
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


class _Start(NamedTuple):
    """The models of some nodes, and what of their weights was learned, None without a prior."""

    weights: sp.csr_array
    intercepts: np.ndarray
    learned: sp.csr_array | None

    @classmethod
    def of(cls, layer, nodes):
        """Those of a layer's nodes, by inner number; nothing for -1."""
        known = np.flatnonzero(nodes >= 0)
        intercepts = np.zeros(len(nodes), dtype=np.float32)
        intercepts[known] = layer.intercepts[nodes[known]]
        learned = layer.learned_of(nodes[known])
        if learned is not None:
            learned = _spread(learned, known, len(nodes))
        return cls(weights_of_nodes(layer, nodes), intercepts, learned)

    def with_new(self, layout, places, rows, new, scale, objective):
        """The same with where new labels start, by their places and numbers."""
        if len(new) == 0:
            return self
        shares = _nearest(self.weights, layout, places, rows.shown_vectors[new])
        learned = self.weights if self.learned is None else self.learned
        least = LEAST_OF_SHARE * objective.prune_threshold
        delta = without_small(sp.csr_array(np.float32(SHARE) * shares) @ learned, least)
        vectors, usual = rows.vectors[new], first_intercept(objective)
        has_prior, n_near = np.diff(vectors.indptr) > 0, np.diff(shares.indptr)
        first = np.where(has_prior | (n_near == 0), usual, shares @ self.intercepts)
        intercepts = self.intercepts.copy()
        intercepts[places] = first if objective.bias_feature else 0
        size = len(self.intercepts)
        weights = _spread(sp.csr_array(np.float32(scale) * vectors + delta), places, size)
        return _Start(
            sp.csr_array(self.weights + weights),
            intercepts,
            None if self.learned is None else self.learned + _spread(delta, places, size),
        )

    @property
    def have_learned(self):
        """Whether each node's weights come from rows, and not from a prior alone."""
        learned = self.weights if self.learned is None else self.learned
        return np.diff(learned.indptr) > 0

    def moved(self, moved, intercepts):
        """The same after training."""
        learned = None if self.learned is None else sp.csr_array(self.learned + moved)
        return _Start(sp.csr_array(self.weights + moved), intercepts, learned)

    def packed(self, layout, has_models, dtype, max_weights):
        """The `Layer` of them."""
        weights, intercepts, learned = self
        options = {"has_models": has_models, "weight_dtype": dtype}
        if learned is None:
            return pack_layer(layout, Csr.of(weights), intercepts, max_weights, **options)
        weights, learned = limited_learned(weights, learned, max_weights)
        return pack_learned(layout, weights, learned, intercepts, **options)


def _spread(matrix, places, n_rows):
    # Rows of a matrix at their places among more.
    order = np.argsort(places)
    counts = np.zeros(n_rows, dtype=np.int64)
    counts[places] = np.diff(matrix.indptr)
    matrix = sp.csr_array(matrix[order])
    matrix.sort_indices()
    parts = matrix.data, matrix.indices, indptr_of(counts)
    return sp.csr_array(parts, shape=(n_rows, matrix.shape[1]))


def _nearest(weights, layout, places, vectors):
    # For each new label its nearest siblings, by the cosine of their weights, with equal shares.
    unit, starts = normalize(weights), layout.child_indptr
    parents = np.searchsorted(starts, places, side="right") - 1
    found_rows, found = [], []
    for parent in np.unique(parents):
        labels = np.flatnonzero(parents == parent)
        siblings = np.arange(starts[parent], starts[parent + 1])
        cosines = (vectors[labels] @ unit[siblings].T).toarray()
        k = min(N_NEAREST, len(siblings))
        best = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        near = np.take_along_axis(cosines, best, axis=1) > 0
        found_rows.append(np.repeat(labels, near.sum(axis=1)))
        found.append(siblings[best[near]])
    rows, columns = np.concatenate(found_rows), np.concatenate(found)
    counts = np.bincount(rows, minlength=len(places))
    shape = len(places), weights.shape[0]
    shares = np.float32(1) / counts[rows].astype(np.float32)
    return sp.csr_array(sp.coo_array((shares, (rows, columns)), shape=shape))


def _with_stand_ins(X, data, layout, weights, had_rows):
    """Rows and `LayerData` with further rows for each sibling of a node to train that had some.

    What an old label looks like stands in for its rows, which are not given: its positive weights,
    the largest first, in rows of as many features as rows have in the mean, each at unit length. So
    few features at a time say as much of a new label as they do in a row: a new label learns from
    them nearly as much in a small batch as in a large one.

    Parameters
    ----------
    X : csr_array of float32 of shape (n_rows, n_features)
    data : LayerData
    layout : LayerLayout
        Of the same layer.
    weights : csr_array of float32 of shape (n_nodes, n_features)
    had_rows : ndarray of bool of shape (n_nodes,)
        Which nodes are old and were trained.
    """
    parent_of = np.repeat(np.arange(len(layout.child_indptr) - 1), np.diff(layout.child_indptr))
    has_rows = np.diff(data.member_indptr) > 0
    known = np.flatnonzero(had_rows & has_rows[parent_of])
    if len(known) == 0:
        return X, data
    size = max(round(X.nnz / max(X.shape[0], 1)), 1)
    looks, of_known = _in_rows(weights[known].maximum(np.float32(0)), size)
    known = known[of_known]
    parents = np.repeat(np.arange(len(has_rows)), np.diff(data.member_indptr))
    parents = np.concatenate([parents, parent_of[known]])
    members = np.concatenate([data.members, X.shape[0] + np.arange(len(known))])
    ends = np.full(len(known), data.positive_indptr[-1])
    X = sp.vstack([X, normalize(looks)], format="csr")
    X = X.astype(np.float32, copy=False)  # SciPy 1.13 widens it
    return sp.csr_array(X), data._replace(
        member_indptr=indptr_of(np.bincount(parents, minlength=len(has_rows))),
        members=members[np.argsort(parents, kind="stable")].astype(np.int32),
        positive_indptr=np.concatenate([data.positive_indptr, ends]),
    )


def _in_rows(matrix, size):
    # The largest values of each row, all positive, then the next ones, and so on, as rows of so
    # many values; and which row each is of.
    counts, most = np.diff(matrix.indptr), np.iinfo(np.int32).max
    # SciPy sorts a row by its indices; values are ordered as their bits are.
    keys = most - matrix.data[: matrix.nnz].view(np.int32)
    features = matrix.indices[: matrix.nnz].copy()
    by_size = sp.csr_array((features, keys, matrix.indptr), shape=(len(counts), most))
    by_size.sort_indices()
    n_parts = -(-counts // size)
    row_of = np.repeat(np.arange(len(counts)), n_parts)
    number = np.arange(len(row_of)) - indptr_of(n_parts)[row_of]
    starts = np.append(matrix.indptr[row_of] + size * number, len(keys))
    values = (most - by_size.indices).astype(np.int32).view(np.float32)
    parts = sp.csr_array((values, by_size.data, starts), shape=(len(row_of), matrix.shape[1]))
    parts.sort_indices()
    return parts, row_of
