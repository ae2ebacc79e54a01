"""Train the children of one tree node: dual coordinate descent in lockstep, block by block."""

from typing import NamedTuple

import numpy as np

from ._kernels import dual_cd, submatrix

LANES = 8  # floats in a vector of the kernel: the width of a block is a multiple of it

# Bytes that a block's weights should fill at most, about what a core's own cache holds, ...
CACHE_BUDGET = 1 << 19
# ... and bytes that a block's weights and dual variables must not exceed, if it can be split.
MEMORY_BUDGET = 1 << 28


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


class RowSlicer:
    """Cuts rows out of a CSR matrix (float32, int32 indices). For one thread: it holds scratch."""

    def __init__(self, X):
        self.indptr = X.indptr.astype(np.int64, copy=False)
        self.indices = X.indices
        self.data = X.data
        self.squared_norms = squared_norms(X)
        self._local_of = np.full(X.shape[1], -1, dtype=np.int32)

    def take(self, rows):
        n_values = int(np.sum(self.indptr[rows + 1] - self.indptr[rows]))
        indptr = np.empty(len(rows) + 1, dtype=np.int64)
        indices = np.empty(n_values, dtype=np.int32)
        data = np.empty(n_values, dtype=np.float32)
        features = np.empty(min(n_values, len(self._local_of)), dtype=np.int32)
        n_features = submatrix.take_rows(
            self.indptr, self.indices, self.data, rows, self._local_of,
            indptr, indices, data, features,
        )
        return Rows(indptr, indices, data, features[:n_features].copy(), self.squared_norms[rows])


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


def take_columns(weights, columns, threshold):
    """The non-zeros of each column that pruning leaves: a list of (rows, weights)."""
    counts = np.zeros(len(columns), dtype=np.int64)
    indptr = np.zeros(len(columns) + 1, dtype=np.int64)
    nothing = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
    dual_cd.take_columns(weights, columns, threshold, indptr, *nothing, counts)
    np.cumsum(counts, out=indptr[1:])
    rows = np.empty(indptr[-1], dtype=np.int32)
    values = np.empty(indptr[-1], dtype=np.float32)
    counts[:] = 0
    dual_cd.take_columns(weights, columns, threshold, indptr, rows, values, counts)
    return [(rows[a:b], values[a:b]) for a, b in zip(indptr[:-1], indptr[1:], strict=True)]


def train_block(rows, positives, n_children, objective, seed):
    """Train siblings together; return their pruned weights, biases and the passes taken.

    ``positives`` is (indptr, children): for each row the children, 0 .. n_children - 1, that it is
    positive for. The weights are a list with (local features, weights) of each child.
    """
    n_rows = len(rows.squared_norms)
    width = padded(n_children)
    weights = aligned_zeros(len(rows.features), width)
    alphas = aligned_zeros(n_rows, width)
    biases = np.zeros(width, dtype=np.float32)
    active = (np.arange(width) < n_children).astype(np.float32)
    children = np.arange(n_children, dtype=np.int32)  # of each column
    column_of = children.copy()
    order = np.arange(n_rows, dtype=np.int32)
    ridge = 0.5 / objective.C
    learned, learned_biases = [None] * n_children, np.empty(n_children, dtype=np.float32)

    def keep(columns):
        found = take_columns(weights, columns, objective.prune_threshold)
        for child, column in zip(children[columns], found, strict=True):
            learned[child] = column
        learned_biases[children[columns]] = biases[columns]

    for n_iter in range(1, objective.max_iter + 1):
        seed = dual_cd.shuffle(order, seed)
        gradients = np.zeros((2, width), dtype=np.float32)
        dual_cd.run_pass(
            rows.indptr, rows.indices, rows.data, rows.squared_norms, *positives, column_of,
            order, weights, biases, alphas, active, np.full(width, -1, dtype=np.float32),
            gradients, objective.bias_feature, ridge,
        )
        active *= gradients[0] - gradients[1] > objective.tol
        moving = np.flatnonzero(active)
        if len(moving) == 0:
            break
        if padded(len(moving)) <= 0.75 * width:
            keep(np.flatnonzero(active[: len(children)] == 0).astype(np.int32))
            ...
    keep(np.arange(len(children), dtype=np.int32))
    return learned, learned_biases, n_iter
