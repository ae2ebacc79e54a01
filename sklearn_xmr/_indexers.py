"""Indexers: grow the tree of labels."""

from itertools import pairwise
from numbers import Integral
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import validate_data

from ._kernels.bisect import bisect_rows, normalize_rows
from ._kernels.submatrix import take_rows
from ._label_tree import LabelTree


class HierarchicalKMeansIndexer(BaseEstimator):
    """Label tree from balanced, spherical 2-means, applied again and again.

    Parameters
    ----------
    branching_factor : int, default=16
        Number of children of a cluster, at least 2.
    max_leaf_size : int, default=100
        Most labels under one cluster of the lowest cluster layer.
    max_iter : int, default=20
        Most passes over the labels of one bisection.
    n_jobs : int, default=None
        Number of threads.
    random_state : int, RandomState instance or None, default=None
        Draws the first two centres of each bisection.

    Attributes
    ----------
    tree_ : LabelTree
        The tree.
    """

    _parameter_constraints: ClassVar[dict] = {
        "branching_factor": [Interval(Integral, 2, None, closed="left")],
        "max_leaf_size": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        branching_factor=16,
        *,
        max_leaf_size=100,
        max_iter=20,
        n_jobs=None,
        random_state=None,
    ):
        self.branching_factor = branching_factor
        self.max_leaf_size = max_leaf_size
        self.max_iter = max_iter
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, Z, y=None):
        """Grow the tree.

        Parameters
        ----------
        Z : {array-like, sparse matrix} of shape (n_labels, n_features)
            The label features.
        y : Ignored
            The label texts, which this indexer does not need.

        Returns
        -------
        self : HierarchicalKMeansIndexer
            The fitted indexer.
        """
        if Z is None:
            raise ValueError("HierarchicalKMeansIndexer needs label features, but Z is None")
        Z = validate_data(self, Z, accept_sparse="csr", dtype=np.float32)
        rows = _unit_rows(Z)
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        nodes = [np.arange(Z.shape[0], dtype=np.int32)]
        parents = []
        step = 0
        for width in _branching(Z.shape[0], self.branching_factor, self.max_leaf_size):
            parts = [(labels, min(width, len(labels)), i) for i, labels in enumerate(nodes)]
            while any(n_parts > 1 for _, n_parts, _ in parts):
                parts = self._bisect_all(rows, parts, seed, step)
                step += 1
            nodes = [labels for labels, _, _ in parts]
            parents.append(np.array([node for _, _, node in parts], dtype=np.int32))
        leaf_of = np.empty(Z.shape[0], dtype=np.int32)
        for leaf, labels in enumerate(nodes):
            leaf_of[labels] = leaf
        parents.append(leaf_of)
        self.tree_ = LabelTree.from_parents(parents)
        return self

    def _bisect_all(self, rows, parts, seed, step):
        n_chunks = min(len(parts), 4 * effective_n_jobs(self.n_jobs))
        bounds = np.linspace(0, len(parts), n_chunks + 1).astype(int)
        halves = Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(_bisect_parts)(rows, parts[a:b], a, seed, step, self.max_iter)
            for a, b in pairwise(bounds)
        )
        return [part for chunk in halves for part in chunk]


def _branching(n_labels, branching_factor, max_leaf_size):
    n_leaves = -(-n_labels // max_leaf_size)
    n_below = 1
    widths = []
    while n_below < n_leaves:
        widths.append(min(branching_factor, -(-n_leaves // n_below)))
        n_below *= branching_factor
    return widths[::-1]


def _unit_rows(Z):
    Z = sp.csr_array(Z)
    if not Z.has_canonical_format:
        Z = Z.copy()
        Z.sum_duplicates()
    indptr = Z.indptr.astype(np.int64)
    data = np.empty_like(Z.data)
    normalize_rows(indptr, Z.data, data)
    return indptr, Z.indices.astype(np.int32, copy=False), data, Z.shape[1]


def _bisect_parts(rows, parts, start, seed, step, max_iter):
    local_of = np.full(rows[3], -1, dtype=np.int32)
    halves = []
    for position, (labels, n_parts, node) in enumerate(parts, start):
        if n_parts == 1:
            halves.append((labels, 1, node))
            continue
        draws = np.random.SeedSequence(seed, spawn_key=(step, position)).generate_state(2)
        n_left_parts = n_parts // 2
        n_left = (2 * len(labels) * n_left_parts + n_parts) // (2 * n_parts)
        right = _bisect(rows, labels, n_left, draws, local_of, max_iter).view(bool)
        two = [
            (labels[~right], n_left_parts, node),
            (labels[right], n_parts - n_left_parts, node),
        ]
        halves += two if not right[0] else two[::-1]
    return halves


def _bisect(rows, labels, n_left, draws, local_of, max_iter):
    indptr, indices, data, _ = rows
    n = len(labels)
    nnz = (indptr[labels + 1] - indptr[labels]).sum()
    local_indptr = np.empty(n + 1, np.int64)
    local_indices = np.empty(nnz, np.int32)
    local_data = np.empty(nnz, np.float32)
    features = np.empty(nnz, np.int32)
    m = take_rows(
        indptr, indices, data, labels, local_of, local_indptr, local_indices, local_data, features
    )
    m = max(m, 1)
    first = int(draws[0]) % n
    second = (first + 1 + int(draws[1]) % (n - 1)) % n
    side = np.empty(n, np.int8)
    bisect_rows(
        local_indptr,
        local_indices,
        local_data,
        m,
        n_left,
        first,
        second,
        max_iter,
        np.empty(m),
        np.empty(m),
        np.empty(m, np.float32),
        np.empty(n, np.uint64),
        side,
    )
    return side
