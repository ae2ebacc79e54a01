"""Train the children of one tree node: dual coordinate descent in lockstep, block by block."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .._kernels import dual_cd
from .._kernels.block import count_weights, keep_columns, take_weights
from .._kernels.dual_cd import LANES, State
from .._kernels.row_norms import sum_squares
from .._row_taker import Buffers, RowTaker
from .._sparse import Csr, indptr_of
from .node_weights import NodeWeights
from .priors import INTERCEPT, on_features

# Bytes that a block's weights should fill at most, about what a core's own cache holds, ...
CACHE_BUDGET = 1 << 19
# ... and bytes that a block's weights and dual variables must not exceed, if it can be split.
MEMORY_BUDGET = 1 << 28

# The weights that stay in a model are at least so large, whatever the pruning threshold.
SMALLEST_WEIGHT = np.finfo(np.float32).smallest_subnormal


class Objective(NamedTuple):
    """What is minimised and how closely; see `XRLinearClassifier` for the meanings."""

    loss: str
    C: float
    bias_feature: float
    tol: float
    max_iter: int
    prune_threshold: float


class NodeRows(NamedTuple):
    """The rows of a node.

    Attributes
    ----------
    matrix : Csr
        Its columns are the features that the rows have.
    features : ndarray of int32 of shape (matrix.n_columns,)
        What these are called in the whole matrix.
    squared_norms : ndarray of float32 of shape (matrix.n_rows,)
        The squared l2 norm of each row.
    """

    matrix: Csr
    features: np.ndarray
    squared_norms: np.ndarray


class Positives(NamedTuple):
    """The children, from 0 on, that each row is positive for.

    Attributes
    ----------
    indptr, children : ndarrays of int64 and int32
        Row by row.
    weights : ndarray of float32 or None
        Multiples of their row's C for these children; None for 1 everywhere.
    """

    indptr: np.ndarray
    children: np.ndarray
    weights: np.ndarray | None


class Workspace:
    """What one thread needs to train nodes of a matrix, one after the other.

    Parameters
    ----------
    X : Csr
    """

    def __init__(self, X):
        self.X = X
        self._taker = RowTaker(X)
        self._buffers = Buffers()

    def take_rows(self, rows):
        """The given rows, as `NodeRows`. They hold until the next call."""
        return _with_norms(*self._taker.take(rows))

    def take_root_rows(self, rows):
        """The same for the root: all rows are taken as they are, without a copy.

        For that, features keep their numbers, unless there are more of them than values. This must
        not depend on other rows: how features are numbered decides how a model is packed.
        """
        n_features = self.X.n_columns
        if len(rows) == self.X.n_rows and len(self.X.data) >= n_features:
            matrix = self.X
        else:
            matrix, features = self._taker.take(rows)
            if len(matrix.data) < n_features:
                return _with_norms(matrix, features)
            matrix = matrix._replace(indices=features[matrix.indices], n_columns=n_features)
        return _with_norms(matrix, np.arange(n_features, dtype=np.int32))

    def filled(self, name, n_rows, width, value):
        """An array of shape (n_rows, width), float32, of one value.

        It holds until one is asked for again under the same name.
        """
        array = self._buffers.empty(name, (n_rows, width), np.float32)
        array.fill(value)
        return array


def _with_norms(matrix, features):
    return NodeRows(matrix, features, squared_norms(matrix.indptr, matrix.data))


def squared_norms(indptr, data):
    """The squared l2 norm of each row of a CSR matrix, float32; inf if too large."""
    norms = np.empty(len(indptr) - 1, dtype=np.float32)
    sum_squares(indptr.astype(np.int64, copy=False), data, norms)
    return norms


def padded(n_children):
    """The width of a block of so many children."""
    return -(-n_children // LANES) * LANES


def block_width(rows):
    """How many children to train together on these rows."""
    n_rows, n_features = rows.matrix.n_rows, rows.matrix.n_columns
    width = min(
        max(CACHE_BUDGET // (4 * max(n_features, 1)), 2 * LANES),
        MEMORY_BUDGET // (4 * (n_rows + n_features)),
    )
    return max(width // LANES, 1) * LANES


def kernel_costs(objective, weights):
    """The costs, C times `weights`, as the kernel takes them."""
    # In float32, an endless C would make endless steps on rows without features.
    costs = np.clip(min(objective.C, 1e100) * weights, 0.5e-30, 0.5e30)
    if objective.loss == "squared_hinge":
        costs = 0.5 / costs
    return costs.astype(np.float32)


def first_intercept(objective):
    """Where intercepts start if there is a prior."""
    return INTERCEPT if objective.bias_feature else 0.0


def first_biases(objective, n_children, intercepts=None):
    """Where the weights of the constant feature start, for these intercepts or the usual one."""
    if intercepts is None:
        intercepts = np.full(n_children, first_intercept(objective), dtype=np.float32)
    return intercepts / np.float32(objective.bias_feature or 1)


class _Block:
    """Siblings in training, one column each; `children` names them, padding columns come last.

    Attributes
    ----------
    children : ndarray of int32 of shape (n_columns,)
    column_of : ndarray of int32 of shape (n_children,)
        The column of each child of the node, -1 for those that are not here.
    weights : ndarray of float32 of shape (n_features, width)
    duals : ndarray of float32 of shape (n_rows, width)
    state : ndarray of float32 of shape (N_STATE_ROWS, width)
        The kernel's `State` names its rows.
    prior : Csr or None
        The weights that all children of the node start at, on the features of its rows.
    """

    def __init__(self, children, n_children, weights, duals, state, prior=None):
        self.children = children
        self.column_of = np.full(n_children, -1, dtype=np.int32)
        self.column_of[children] = np.arange(len(children), dtype=np.int32)
        self.weights = weights
        self.duals = duals
        self.state = state
        self.prior = prior
        state[State.ACTIVE, : len(children)] = 1
        state[State.SIGNS] = -1

    @classmethod
    def start(cls, rows, children, first_biases, objective, workspace, prior):
        width = padded(len(children))
        first_dual = dual_cd.LOSSES[objective.loss][1]
        block = cls(
            children,
            len(first_biases),
            workspace.filled("weights", rows.matrix.n_columns, width, 0),
            workspace.filled("duals", rows.matrix.n_rows, width, first_dual),
            workspace.filled("state", State.N_STATE_ROWS, width, 0),
            prior,
        )
        if prior is not None:
            block.add_prior(1, np.ones(len(children), dtype=bool))
            block.state[State.BIASES, : len(children)] = first_biases[children]
        return block

    @property
    def width(self):
        return self.state.shape[1]

    def run_pass(self, rows, row_costs, positives, positive_costs, order, objective):
        """Visit every row once; return for each child whether it must go on."""
        highest, lowest = self.state[State.HIGHEST], self.state[State.LOWEST]
        highest.fill(0)
        lowest.fill(0)
        dual_cd.run_pass(
            rows.matrix,
            rows.squared_norms,
            row_costs,
            positives,
            positive_costs,
            order,
            self,
            objective.bias_feature,
            dual_cd.LOSSES[objective.loss][0],
        )
        active = self.state[State.ACTIVE]
        active *= highest - lowest > objective.tol
        return active[: len(self.children)] > 0

    def add_prior(self, sign, chosen):
        """Add the chosen children's prior to their weights, or take it away again, in place."""
        column_of = np.full(len(self.column_of), -1, dtype=np.int32)
        column_of[self.children[chosen]] = np.flatnonzero(chosen)
        columns = np.repeat(column_of, np.diff(self.prior.indptr))
        here = columns >= 0
        places = self.prior.indices[here], columns[here]
        self.weights[places] += np.float32(sign) * self.prior.data[here]

    def collect_weights(self, chosen, threshold, columns, biases):
        """Put the weights of the chosen children that pruning leaves into `columns`, `biases`.

        Of weights that started at a prior, only what they have moved by: see `LayerWeights`.
        """
        if self.prior is not None:
            self.add_prior(-1, chosen)
        chosen = np.flatnonzero(chosen)
        threshold = max(threshold, SMALLEST_WEIGHT)
        counts = np.zeros(self.width, dtype=np.int32)
        if len(self.weights):
            count_weights(self.weights, threshold, counts)
        indptr = indptr_of(counts[chosen])
        features = np.empty(indptr[-1], dtype=np.int32)
        weights = np.empty(indptr[-1], dtype=np.float32)
        if len(features):
            places = np.full(self.width, -1, dtype=np.int64)
            places[chosen] = indptr[:-1]
            take_weights(self.weights, threshold, places, features, weights)
        for child, (start, stop) in zip(self.children[chosen], pairwise(indptr), strict=True):
            columns[child] = features[start:stop], weights[start:stop]
        biases[self.children[chosen]] = self.state[State.BIASES, chosen]

    def compact(self, kept):
        """The block of the children kept alone, in the same memory: this block is no more."""
        kept = np.flatnonzero(kept).astype(np.int32)
        width = padded(len(kept))
        return _Block(
            self.children[kept],
            len(self.column_of),
            keep_columns(self.weights, kept, width),
            keep_columns(self.duals, kept, width),
            keep_columns(self.state, kept, width),
            self.prior,
        )


def train_block(rows, weights, positives, n_children, objective, seed, workspace, start=None):
    """Train siblings together, a column of the same arrays each.

    Every pass takes each row once, in a new random order, and solves for its dual variables of all
    children. A child whose projected gradients of a pass lie within `tol` has converged: it stays
    as it is, and once a quarter of the columns are such children, the others move together.

    Parameters
    ----------
    rows : NodeRows
    weights : ndarray of float64 of shape (n_rows,)
        Multiples of C, row by row.
    positives : Positives
    n_children : int
    objective : Objective
    seed : int
        Decides the order of the rows in each pass.
    workspace : Workspace
    start : Start or None
        What is known of the children. A child without positives stays there: of such a label,
        absence says little.

    Returns
    -------
    NodeWeights
        Its signal is whether there was any weight before pruning.
    """
    row_costs, positive_costs = kernel_costs(objective, weights), None
    if positives.weights is not None:
        weights = np.repeat(weights, np.diff(positives.indptr)) * positives.weights
        positive_costs = kernel_costs(objective, weights)
    costs = row_costs, positives, positive_costs
    children, prior, intercepts = np.arange(n_children, dtype=np.int32), None, None
    if start is not None:
        children, intercepts = np.unique(positives.children), start.intercepts
    columns = [(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32))] * n_children
    biases = first_biases(objective, n_children, intercepts)
    if len(children) == 0:
        counts, intercepts = np.zeros(n_children, dtype=np.int64), biases * objective.bias_feature
        return NodeWeights(counts, *columns[0], intercepts, 1, False, False)
    if start is not None:
        prior = on_features(start.weights, rows.features)
    block = _Block.start(rows, children, biases, objective, workspace, prior)
    order = np.arange(rows.matrix.n_rows, dtype=np.int32)
    n_iter, moving, had_weights = 0, np.ones(len(children), dtype=bool), False
    while n_iter < objective.max_iter and moving.any():
        n_iter += 1
        seed = dual_cd.shuffle(order, seed)
        moving = block.run_pass(rows, *costs, order, objective)
        if 0 < padded(np.count_nonzero(moving)) <= 0.75 * block.width:
            # Converged children leave, so that the rest take less time and cache.
            had_weights = had_weights or block.weights.any()
            block.collect_weights(~moving, objective.prune_threshold, columns, biases)
            block = block.compact(moving)
    everyone = np.ones(len(block.children), dtype=bool)
    block.collect_weights(everyone, objective.prune_threshold, columns, biases)
    return NodeWeights(
        np.array([len(weights) for _, weights in columns], dtype=np.int64),
        rows.features[np.concatenate([features for features, _ in columns])],
        np.concatenate([weights for _, weights in columns]),
        biases * objective.bias_feature,
        n_iter,
        stopped_early=bool(moving.any()),
        had_signal=bool(had_weights or block.weights.any()),
    )
