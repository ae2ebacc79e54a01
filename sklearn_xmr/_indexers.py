"""Indexers: what grows the tree of labels."""

from itertools import pairwise
from numbers import Integral
from typing import ClassVar, NamedTuple

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
from ._sparse import canonical_csr

# Chunks of bisections a thread gets, so that one that is done early takes from another's share.
CHUNKS_PER_JOB = 4
# Labels drawn for each 2-means, which starts from the first and the one least like it.
N_STARTS = 8


class HierarchicalKMeansIndexer(BaseEstimator):
    """Grow a label tree by balanced, spherical k-means on the label features.

    All labels are cut into two halves by 2-means, these into two again and so on. Every
    ``log2(branching_factor)`` cuts make one layer of the tree, until no cluster has more than
    `max_leaf_size` labels. The layers are as few as `branching_factor` allows; the first one
    has fewer clusters where that is enough. Clusters of one layer differ by one label at most.

    Parameters
    ----------
    branching_factor : int, default=16
        Number of children of a cluster (fewer in the first layer, and where there are fewer
        labels), at least 2. Need not be a power of two.
    max_leaf_size : int, default=100
        Largest number of labels under a cluster of the lowest layer of clusters. With no more
        labels than that, all labels hang from the root.
    max_iter : int, default=20
        Largest number of passes of one 2-means over all of its labels. It stops before that once
        a pass moves fewer than one label in 200.
    n_jobs : int or None, default=None
        Number of threads: ``None`` is 1 unless inside a ``joblib.parallel_config``, ``-1``
        is all processors. The tree does not depend on it.
    random_state : int, RandomState instance or None, default=None
        Draws the labels that each 2-means starts from. Pass an int for the same tree at every
        call.

    Attributes
    ----------
    tree_ : LabelTree
        The tree; its labels are the rows of `Z`. Siblings are contiguous, and of two halves the
        one that holds the lowest label comes first.
    n_features_in_ : int
        Number of columns of `Z`.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Names of the columns of `Z`, if it has names that are all strings.

    See Also
    --------
    LabelTree : The tree, which can also be made from a known hierarchy.

    Notes
    -----
    2-means [1]_ on rows of unit length: order the labels by their inner product with the
    difference of the two centres, give the lower ones to the left and the others to the right
    side, make each side's sum the new centre (at unit length), and repeat. The first centres are a
    label and the one least like it among a few others, drawn at random; where there are thousands
    of labels, the centres first settle on every eighth of them.

    Each 2-means is seeded by `random_state` and its place in the tree, so the order in which
    threads get to work does not matter. Labels without features are placed like any other.

    References
    ----------
    .. [1] Yu et al., "PECOS: Prediction for Enormous and Correlated Output Spaces", Journal of
       Machine Learning Research 23, 2022.

    Examples
    --------
    >>> from sklearn_xmr import HierarchicalKMeansIndexer
    >>> Z = [[1.0, 0.0], [0.0, 1.0], [2.0, 0.1], [0.2, 3.0]]
    >>> indexer = HierarchicalKMeansIndexer(branching_factor=2, max_leaf_size=2, random_state=0)
    >>> indexer.fit(Z).tree_.parents
    [array([0, 0], dtype=int32), array([0, 1, 0, 1], dtype=int32)]
    """

    _parameter_constraints: ClassVar[dict] = {
        "branching_factor": [Interval(Integral, 2, None, closed="left")],
        "max_leaf_size": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, 2**31 - 1, closed="both")],
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
        """Grow the tree over the rows of `Z`.

        Parameters
        ----------
        Z : {array-like, sparse matrix} of shape (n_labels, n_features)
            The label features. Rows are brought to unit length, in a copy.
        y : Ignored
            Not used; here because an indexer is always given the label texts, too.

        Returns
        -------
        HierarchicalKMeansIndexer
            The fitted indexer itself.

        Raises
        ------
        ValueError
            If `Z` is None, is empty or holds NaN or infinity.
        """
        if Z is None:
            raise ValueError(
                "HierarchicalKMeansIndexer clusters label features: Z must be an array or sparse "
                "matrix with one row per label, got None"
            )
        Z = canonical_csr(Z, "Z") if sp.issparse(Z) else Z
        with np.errstate(over="ignore"):  # what is too large for float32 is refused as infinity
            Z = validate_data(self, Z, accept_sparse="csr", dtype=np.float32)
        rows = _unit_rows(sp.csr_array(Z))
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        n_labels = Z.shape[0]
        clusters = [np.arange(n_labels, dtype=np.int32)]
        parents = []
        for n_children in _branching(n_labels, self.branching_factor, self.max_leaf_size):
            clusters, parents_of_layer = self._split(rows, clusters, n_children, seed)
            parents.append(parents_of_layer)
        parents.append(_positions(clusters, n_labels))
        self.tree_ = LabelTree.from_parents(parents)
        return self

    def _split(self, rows, clusters, n_children, seed):
        """Split each cluster into ``n_children``; return the new clusters and their parents."""
        parts = [
            _Part(labels, min(n_children, len(labels)), parent)
            for parent, labels in enumerate(clusters)
        ]
        with Parallel(n_jobs=self.n_jobs, prefer="threads") as parallel:
            n_chunks = CHUNKS_PER_JOB * effective_n_jobs(self.n_jobs)
            while any(part.n_children > 1 for part in parts):
                bounds = np.linspace(0, len(parts), min(n_chunks, len(parts)) + 1).astype(int)
                chunks = parallel(
                    delayed(_halve)(rows, parts[start:end], seed, self.max_iter)
                    for start, end in pairwise(bounds)
                )
                parts = [part for chunk in chunks for part in chunk]
        return [part.labels for part in parts], [part.parent for part in parts]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class _Rows(NamedTuple):
    """A CSR matrix as the kernels take it."""

    indptr: np.ndarray  # int64
    indices: np.ndarray  # int32
    data: np.ndarray  # float32
    n_features: int


class _Part(NamedTuple):
    """Labels, in ascending order, that are to become some of the children of one cluster."""

    labels: np.ndarray
    n_children: int
    parent: int


def _branching(n_labels, branching_factor, max_leaf_size):
    """Number of children of a cluster, for each layer of clusters: as few layers as possible.

    All layers have the full branching factor but for the first, which has what is needed.
    """
    n_leaves = -(-n_labels // max_leaf_size)
    branching = []
    n_below = 1
    while n_below < n_leaves:
        branching.insert(0, min(branching_factor, -(-n_leaves // n_below)))
        n_below *= branching_factor
    return branching


def _positions(clusters, n_labels):
    """For each label, which cluster it is in."""
    positions = np.empty(n_labels, dtype=np.int32)
    for position, labels in enumerate(clusters):
        positions[labels] = position
    return positions


def _unit_rows(Z):
    """Copy the rows of Z, at unit length."""
    indptr = Z.indptr.astype(np.int64)
    indices, n_features = Z.indices, Z.shape[1]
    if n_features > Z.nnz:
        # Work arrays are as long as the features are many: number only those that occur.
        used, indices = np.unique(indices, return_inverse=True)
        n_features = len(used)
    data = np.empty_like(Z.data)
    normalize_rows(indptr, Z.data, data)
    # Multiples of 2 ** -28 add up exactly in double precision (for up to 2 ** 25 rows), so the sum
    # of a cluster depends on the rows in it, but not on those that came and went.
    data *= 2**28
    np.rint(data, out=data)
    data *= 2**-28
    return _Rows(indptr, indices.astype(np.int32, copy=False), data, n_features)


def _halve(rows, parts, seed, max_iter):
    """Cut every part that is to become several children in two, where it stands."""
    bisect = _Bisection(rows, parts, max_iter)
    halves = []
    for part in parts:
        labels, n_children, parent = part
        if n_children == 1:
            halves.append(part)
            continue
        n_left_children = n_children // 2
        n_left = _rounded_ratio(len(labels) * n_left_children, n_children)
        # No two cuts share the lowest label and the size.
        draws = np.random.SeedSequence(seed, spawn_key=(int(labels[0]), len(labels)))
        starts = draws.generate_state(N_STARTS, np.uint64) % len(labels)
        right = bisect(labels, n_left, starts.astype(np.int64))
        two = [
            _Part(labels[~right], n_left_children, parent),
            _Part(labels[right], n_children - n_left_children, parent),
        ]
        halves += two[::-1] if right[0] else two
    return halves


def _rounded_ratio(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


class _Bisection:
    """2-means on one part after another, in the same work arrays."""

    def __init__(self, rows, parts, max_iter):
        self.rows = rows
        self.max_iter = max_iter
        n_rows = max(len(part.labels) for part in parts)
        n_values = max(self._n_values(part.labels) for part in parts)
        n_features = max(1, min(n_values, rows.n_features))
        self.indptr = np.empty(n_rows + 1, dtype=np.int64)
        self.indices = np.empty(n_values, dtype=np.int32)
        self.data = np.empty(n_values, dtype=np.float32)
        self.features = np.empty(n_features, dtype=np.int32)
        self.local_of = np.full(rows.n_features, -1, dtype=np.int32)
        self.sums = np.empty(2 * n_features)
        self.direction = np.empty(n_features, dtype=np.float32)
        self.keys = np.empty(n_rows, dtype=np.uint64)

    def _n_values(self, labels):
        return int((self.rows.indptr[labels + 1] - self.rows.indptr[labels]).sum())

    def __call__(self, labels, n_left, starts):
        """Tell for each label whether it goes right."""
        n_rows = len(labels)
        local = (self.indptr, self.indices, self.data)
        n_features = take_rows(*self.rows[:3], labels, self.local_of, *local, self.features)
        n_features = max(1, n_features)
        side = np.empty(n_rows, dtype=np.int8)
        bisect_rows(
            *local,
            n_left,
            starts,
            self.max_iter,
            self.sums[: 2 * n_features],
            self.direction[:n_features],
            self.keys[:n_rows],
            side,
        )
        return side.astype(bool)
