"""Train the children of one tree node: dual coordinate descent in lockstep, block by block."""

from typing import NamedTuple

import numpy as np

from .._kernels import dual_cd
from .._kernels.block import count_weights, keep_columns, take_weights
from .._kernels.row_norms import sum_squares
from .._kernels.submatrix import take_rows

LANES = 8  # floats in a vector of the kernel: the width of a block is a multiple of it

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


class Rows(NamedTuple):
    """Rows of a CSR matrix on their own features alone, with their squared l2 norms."""

    indptr: np.ndarray
    indices: np.ndarray
    data: np.ndarray
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


class TrainedBlock(NamedTuple):
    """What training siblings gave.

    Attributes
    ----------
    columns : list of (local features, weights)
        The weights of each child that pruning left.
    biases : ndarray of float32 of shape (n_children,)
    n_iter : int
        Passes taken.
    stopped_early : bool
        Whether `max_iter` came before convergence.
    had_weights : bool
        Whether there was any weight before pruning.
    """

    columns: list
    biases: np.ndarray
    n_iter: int
    stopped_early: bool
    had_weights: bool


class Workspace:
    """What one thread needs to train nodes of a CSR matrix (float32), one after the other.

    It keeps its large arrays from node to node: getting new memory from the system each time would
    cost much of what the solver gains, in several threads above all.
    """

    def __init__(self, X):
        self.X = X
        self.indptr = X.indptr.astype(np.int64, copy=False)
        self.indices = X.indices.astype(np.int32, copy=False)
        self.data = X.data
        self._local_of = np.full(X.shape[1], -1, dtype=np.int32)
        self._buffers = {}

    def take_rows(self, rows):
        """The given rows, as `Rows`. They hold until the next call."""
        n_values = int(np.sum(self.indptr[rows + 1] - self.indptr[rows]))
        indptr = np.empty(len(rows) + 1, dtype=np.int64)
        indices = self._array("indices", n_values, np.int32)
        data = self._array("data", n_values, np.float32)
        features = self._array("features", min(n_values, len(self._local_of)), np.int32)
        n_features = take_rows(
            self.indptr,
            self.indices,
            self.data,
            rows,
            self._local_of,
            indptr,
            indices,
            data,
            features,
        )
        return Rows(indptr, indices, data, features[:n_features], squared_norms(indptr, data))

    def take_root_rows(self, rows):
        """The same for the root: all rows are taken as they are, without a copy.

        For that, features keep their numbers, unless there are more of them than values. This must
        not depend on other rows: how features are numbered decides how a model is packed.
        """
        X = self if len(rows) == len(self.indptr) - 1 else Workspace(self.X[rows])
        if len(X.data) < len(self._local_of):
            return self.take_rows(rows)
        features = np.arange(len(self._local_of), dtype=np.int32)
        return Rows(X.indptr, X.indices, X.data, features, squared_norms(X.indptr, X.data))

    def filled(self, name, n_rows, width, value):
        """An array of shape (n_rows, width), float32, of one value.

        It holds until one is asked for again under the same name.
        """
        array = self._array(name, n_rows * width, np.float32).reshape(n_rows, width)
        array.fill(value)
        return array

    def _array(self, name, size, dtype):
        # An array in the buffer of that name, from the start of a cache line.
        line = 64
        n_bytes = size * np.dtype(dtype).itemsize
        if len(self._buffers.get(name, ())) < n_bytes + line:
            self._buffers[name] = None  # the old one is free before there is a new one
            self._buffers[name] = np.empty(n_bytes + line, dtype=np.uint8)
        buffer = self._buffers[name]
        start = -buffer.ctypes.data % line
        return buffer[start : start + n_bytes].view(dtype)


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
    n_rows, n_features = len(rows.squared_norms), len(rows.features)
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


class _Block:
    """Siblings in training, one column each; `children` names them, padding columns come last.

    Small arrays that every step writes share one piece of memory: next to those of another thread
    they would make both threads wait for each other.
    """

    def __init__(self, children, n_children, weights, duals, state):
        self.children = children
        self.column_of = np.full(n_children, -1, dtype=np.int32)
        self.column_of[children] = np.arange(len(children), dtype=np.int32)
        self.weights = weights
        self.duals = duals
        self.state = state
        self.biases, self.active, signs = state[:3]
        self.gradients = state[3:5]
        self.active[: len(children)] = 1
        signs.fill(-1)

    @classmethod
    def start(cls, rows, n_children, objective, workspace):
        width = padded(n_children)
        first_dual = dual_cd.LOSSES[objective.loss][1]
        return cls(
            np.arange(n_children, dtype=np.int32),
            n_children,
            workspace.filled("weights", len(rows.features), width, 0),
            workspace.filled("duals", len(rows.squared_norms), width, first_dual),
            workspace.filled("state", 6, width, 0),
        )

    @property
    def width(self):
        return len(self.biases)

    def run_pass(self, rows, row_costs, positives, order, objective):
        """Visit every row once; return for each child whether it must go on."""
        self.gradients.fill(0)
        dual_cd.run_pass(
            *rows[:3],
            rows.squared_norms,
            row_costs,
            *positives,
            self.column_of,
            order,
            self.weights,
            self.duals,
            self.state,
            objective.bias_feature,
            dual_cd.LOSSES[objective.loss][0],
        )
        highest, lowest = self.gradients
        self.active *= highest - lowest > objective.tol
        return self.active[: len(self.children)] > 0

    def harvest(self, chosen, threshold, columns, biases):
        """Put what the chosen children have learned and pruning leaves into `columns`, `biases`."""
        chosen = np.flatnonzero(chosen)
        threshold = max(threshold, SMALLEST_WEIGHT)
        counts = np.zeros(self.width, dtype=np.int32)
        if len(self.weights):
            count_weights(self.weights, threshold, counts)
        ends = np.cumsum(counts[chosen], dtype=np.int64)
        starts = ends - counts[chosen]
        features = np.empty(ends[-1], dtype=np.int32)
        weights = np.empty(ends[-1], dtype=np.float32)
        if len(features):
            places = np.full(self.width, -1, dtype=np.int64)
            places[chosen] = starts
            take_weights(self.weights, threshold, places, features, weights)
        for child, a, b in zip(self.children[chosen], starts, ends, strict=True):
            columns[child] = features[a:b], weights[a:b]
        biases[self.children[chosen]] = self.biases[chosen]

    def narrowed(self, moving):
        """The block of the moving children alone, in the same memory: this block is no more."""
        kept = np.flatnonzero(moving).astype(np.int32)
        width = padded(len(kept))
        return _Block(
            self.children[kept],
            len(self.column_of),
            keep_columns(self.weights, kept, width),
            keep_columns(self.duals, kept, width),
            keep_columns(self.state, kept, width),
        )


def train_block(rows, weights, positives, n_children, objective, seed, workspace):
    """Train siblings together.

    Parameters
    ----------
    rows : Rows
    weights : ndarray of float64 of shape (n_rows,)
        Multiples of C, row by row.
    positives : Positives
    n_children : int
    objective : Objective
    seed : int
        Decides the order of the rows in each pass.
    workspace : Workspace

    Returns
    -------
    TrainedBlock
    """
    columns, biases = [None] * n_children, np.empty(n_children, dtype=np.float32)
    row_costs = kernel_costs(objective, weights)
    if positives.weights is not None:
        weights = np.repeat(weights, np.diff(positives.indptr)) * positives.weights
        positives = positives._replace(weights=kernel_costs(objective, weights))
    block = _Block.start(rows, n_children, objective, workspace)
    order = np.arange(len(rows.squared_norms), dtype=np.int32)
    n_iter, moving, had_weights = 0, np.ones(n_children, dtype=bool), False
    while n_iter < objective.max_iter and moving.any():
        n_iter += 1
        seed = dual_cd.shuffle(order, seed)
        moving = block.run_pass(rows, row_costs, positives, order, objective)
        if 0 < padded(np.count_nonzero(moving)) <= 0.75 * block.width:
            # Converged children leave, so that the rest take less time and cache.
            had_weights = had_weights or block.weights.any()
            block.harvest(~moving, objective.prune_threshold, columns, biases)
            block = block.narrowed(moving)
    everyone = np.ones(len(block.children), dtype=bool)
    block.harvest(everyone, objective.prune_threshold, columns, biases)
    had_weights = bool(had_weights or block.weights.any())
    return TrainedBlock(columns, biases, n_iter, bool(moving.any()), had_weights)
