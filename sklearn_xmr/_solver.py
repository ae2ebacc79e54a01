"""Train the children of one tree node: dual coordinate descent in lockstep, block by block."""

from typing import NamedTuple

import numpy as np

from ._kernels import dual_cd, submatrix

LANES = 8  # floats in a vector of the kernel: the width of a block is a multiple of it

# Bytes that a block's weights should fill at most, about what a core's own cache holds, ...
CACHE_BUDGET = 1 << 19
# ... and bytes that a block's weights and dual variables must not exceed, if it can be split.
MEMORY_BUDGET = 1 << 28

# The weights that stay in a model are at least so large, whatever the pruning threshold.
SMALLEST_WEIGHT = np.finfo(np.float32).smallest_subnormal


class Objective(NamedTuple):
    """What is minimised and how closely; see `XRLinearClassifier` for the meanings."""

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


class RowSlicer:
    """Cuts rows out of a CSR matrix (float32). For one thread: it holds scratch."""

    def __init__(self, X):
        self.indptr = X.indptr.astype(np.int64, copy=False)
        self.indices = X.indices.astype(np.int32, copy=False)
        self.data = X.data
        self._local_of = np.full(X.shape[1], -1, dtype=np.int32)

    def take(self, rows):
        """The given rows, as `Rows`."""
        n_values = int(np.sum(self.indptr[rows + 1] - self.indptr[rows]))
        indptr = np.empty(len(rows) + 1, dtype=np.int64)
        indices = np.empty(n_values, dtype=np.int32)
        data = np.empty(n_values, dtype=np.float32)
        features = np.empty(min(n_values, len(self._local_of)), dtype=np.int32)
        n_features = submatrix.take_rows(
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
        return Rows(
            indptr, indices, data, features[:n_features].copy(), squared_norms(indptr, data)
        )


def squared_norms(indptr, data):
    """The squared l2 norm of each row of a CSR matrix, summed in float64; inf if too large."""
    squares = np.append(np.square(data, dtype=np.float64), 0.0)
    sums = np.where(np.diff(indptr) > 0, np.add.reduceat(squares, indptr[:-1]), 0.0)
    with np.errstate(over="ignore"):
        return sums.astype(np.float32)


def aligned_zeros(n_rows, width):
    """Zeros of shape (n_rows, width), float32, that start on a cache line."""
    line = 64
    buffer = np.zeros(n_rows * width * 4 + line, dtype=np.uint8)
    start = -buffer.ctypes.data % line
    return buffer[start : start + n_rows * width * 4].view(np.float32).reshape(n_rows, width)


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


class _Block:
    """Siblings in training, one column each; `children` names them, padding columns come last."""

    def __init__(self, children, n_children, weights, alphas, biases):
        self.children = children
        self.column_of = np.full(n_children, -1, dtype=np.int32)
        self.column_of[children] = np.arange(len(children), dtype=np.int32)
        self.weights = weights
        self.alphas = alphas
        self.biases = biases
        self.active = np.zeros(self.width, dtype=np.float32)
        self.active[: len(children)] = 1
        self._signs = np.full(self.width, -1, dtype=np.float32)

    @classmethod
    def start(cls, rows, n_children):
        width = padded(n_children)
        return cls(
            np.arange(n_children, dtype=np.int32),
            n_children,
            aligned_zeros(len(rows.features), width),
            aligned_zeros(len(rows.squared_norms), width),
            np.zeros(width, dtype=np.float32),
        )

    @property
    def width(self):
        return len(self.biases)

    def run_pass(self, rows, positives, order, objective):
        """Visit every row once; return for each child whether it must go on."""
        gradients = np.zeros((2, self.width), dtype=np.float32)
        dual_cd.run_pass(
            *rows[:3],
            rows.squared_norms,
            *positives,
            self.column_of,
            order,
            self.weights,
            self.biases,
            self.alphas,
            self.active,
            self._signs,
            gradients,
            objective.bias_feature,
            # In float32, an endless C would make endless steps on rows without features.
            max(0.5 / objective.C, 1e-30),
        )
        self.active *= gradients[0] - gradients[1] > objective.tol
        return self.active[: len(self.children)] > 0

    def harvest(self, chosen, threshold, columns, biases):
        """Put what the chosen children have learned and pruning leaves into `columns`, `biases`."""
        chosen = np.flatnonzero(chosen)
        threshold = max(threshold, SMALLEST_WEIGHT)
        counts = np.zeros(self.width, dtype=np.int32)
        if len(self.weights):
            dual_cd.count_weights(self.weights, threshold, counts)
        ends = np.cumsum(counts[chosen], dtype=np.int64)
        starts = ends - counts[chosen]
        features = np.empty(ends[-1], dtype=np.int32)
        weights = np.empty(ends[-1], dtype=np.float32)
        if len(features):
            places = np.full(self.width, -1, dtype=np.int64)
            places[chosen] = starts
            dual_cd.take_weights(self.weights, threshold, places, features, weights)
        for child, a, b in zip(self.children[chosen], starts, ends, strict=True):
            columns[child] = features[a:b], weights[a:b]
        biases[self.children[chosen]] = self.biases[chosen]

    def narrowed(self, moving):
        """The block of the moving children alone."""
        kept = np.flatnonzero(moving)
        width = padded(len(kept))

        def take(array):
            taken = aligned_zeros(len(array), width)
            taken[:, : len(kept)] = array[:, kept]
            return taken

        return _Block(
            self.children[kept],
            len(self.column_of),
            take(self.weights),
            take(self.alphas),
            take(self.biases[None])[0],
        )


def train_block(rows, positives, n_children, objective, seed):
    """Train siblings together.

    Parameters
    ----------
    rows : Rows
    positives : tuple of (indptr, children)
        For each row the children, from 0 .. n_children - 1, that it is positive for.
    n_children : int
    objective : Objective
    seed : int
        Decides the order of the rows in each pass.

    Returns
    -------
    TrainedBlock
    """
    columns, biases = [None] * n_children, np.empty(n_children, dtype=np.float32)
    block = _Block.start(rows, n_children)
    order = np.arange(len(rows.squared_norms), dtype=np.int32)
    n_iter, moving = 0, np.ones(n_children, dtype=bool)
    while n_iter < objective.max_iter and moving.any():
        n_iter += 1
        seed = dual_cd.shuffle(order, seed)
        moving = block.run_pass(rows, positives, order, objective)
        if 0 < padded(np.count_nonzero(moving)) <= 0.75 * block.width:
            # Converged children leave, so that the rest take less time and cache.
            block.harvest(~moving, objective.prune_threshold, columns, biases)
            block = block.narrowed(moving)
    block.harvest(np.ones(len(block.children), bool), objective.prune_threshold, columns, biases)
    return TrainedBlock(columns, biases, n_iter, bool(moving.any()), bool(block.weights.any()))
