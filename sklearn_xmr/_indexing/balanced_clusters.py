"""Balanced k-means, layer by layer below the nodes of a tree.

The nodes of a layer are ranges of one order of all rows, as `cuts` has it. A cluster is cut in two
where it stands, so that the cuts of the layers above stay what they are.
"""

from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .._kernels.bisect import bisect_rows
from .._kernels.row_norms import normalize_rows
from .._row_taker import RowTaker
from .._sparse import Csr
from .._threads import map_in_threads, threads_here
from .cuts import node_sizes

# Chunks of parts a thread gets, so that one that is done early takes from another's share.
CHUNKS_PER_THREAD = 4
# Rows drawn for each 2-means, which starts from the first and the one least like it.
N_STARTS = 8


class KMeans(NamedTuple):
    """How each k-means is done.

    Attributes
    ----------
    seed : int
        What is drawn for a cluster depends on this and on the rows in it.
    max_iter, spherical
        As `HierarchicalKMeansIndexer` has them.
    """

    seed: int
    max_iter: int
    spherical: bool = True


class Part(NamedTuple):
    """Rows, in ascending order, that are to become some of the children of one cluster."""

    rows: np.ndarray
    n_children: int
    start: int  # position of the first of them in the order of all rows


def rows_to_cluster(Z, spherical=True):
    """Copy the rows of a CSR matrix of float32 as a `Csr`, none of them longer than 1.

    At unit length if ``spherical``, else all scaled by the same power of 2, the longest one to unit
    length at most.
    """
    indptr = Z.indptr.astype(np.int64, copy=False)
    indices, n_features = Z.indices, Z.shape[1]
    if n_features > len(indices):
        # Work arrays are as long as the features are many: number only those that occur.
        used, indices = np.unique(indices, return_inverse=True)
        n_features = len(used)
    data = np.empty_like(Z.data)
    if spherical:
        normalize_rows(indptr, Z.data, data)
    else:
        longest = np.sqrt(Z.power(2, dtype=np.float64).sum(axis=1).max())
        np.ldexp(Z.data, -np.frexp(longest)[1], out=data)
    # Multiples of 2 ** -28 add up exactly in double precision (for up to 2 ** 25 rows), so the sum
    # of a cluster depends on the rows in it, but not on those that came and went.
    data *= 2**28
    np.rint(data, out=data)
    data *= 2**-28
    return Csr(indptr, indices.astype(np.int32, copy=False), data, n_features)


def grow_clusters(
    rows, cut, k_means, *, branching_factor, max_leaf_size, max_depth=None, n_jobs=None
):
    """Cluster the rows below each node until no cluster has more than ``max_leaf_size``.

    Parameters
    ----------
    rows : Csr
        All rows.
    cut : ndarray of int64 of shape (n_nodes,)
        The nodes: the number of each one's first row, ascending, the first one 0.
    k_means : KMeans
    branching_factor, max_leaf_size, max_depth, n_jobs
        As `HierarchicalKMeansIndexer` has them.

    Returns
    -------
    order : ndarray of int32 of shape (n_rows,)
        All rows, so that the clusters of every layer are ranges.
    cuts : list of ndarray of int64
        The cuts of the nodes given and of each layer of clusters below.
    """
    n_rows = rows.n_rows
    order = np.arange(n_rows, dtype=np.int32)
    cuts = [cut]
    sizes = node_sizes(cut, n_rows)
    for n_children in _branching(sizes, branching_factor, max_leaf_size, max_depth):
        node_of = np.searchsorted(cut, cuts[-1], side="right") - 1
        order, cut_below = _split(rows, order, cuts[-1], n_children[node_of], k_means, n_jobs)
        cuts.append(cut_below)
    return order, cuts


def _branching(sizes, branching_factor, max_leaf_size, max_depth):
    """For each layer of clusters, the number of children of the clusters below each node.

    As few layers as possible. All have the full branching factor but for the first one below a
    node, which has only as many clusters as are needed: few nodes at the top fit the beam, so that
    a search loses nothing there. Nodes that need fewer layers than others have them at the bottom,
    so that the clusters of one layer are of similar size.
    """
    n_rows = int(sizes.sum())  # keeps huge parameters within the integers of NumPy
    n_below = -(-sizes // min(int(max_leaf_size), n_rows))
    branching_factor = min(int(branching_factor), n_rows)
    if max_depth is not None:
        # With this many layers, there is a cluster for each row.
        most = branching_factor ** min(int(max_depth), n_rows.bit_length())
        n_below = np.minimum(n_below, min(most, n_rows))
    branching = []
    while n_below.max() > 1:
        branching.append(np.minimum(n_below, branching_factor))
        n_below = -(-n_below // branching_factor)
    return branching[::-1]


def _split(rows, order, cut, n_children, k_means, n_jobs):
    """Split each node into ``n_children``; return the new order and the cut of the new layer."""
    sizes = node_sizes(cut, len(order))
    n_children = np.minimum(n_children, sizes)
    parts = [
        Part(order[cut[node] : cut[node] + sizes[node]], int(n_children[node]), int(cut[node]))
        for node in np.flatnonzero(n_children > 1)
    ]
    halve_some = partial(halve, rows, k_means)
    while any(part.n_children > 1 for part in parts):
        parts = map_parts(halve_some, parts, n_jobs)
    order = order.copy()
    for part in parts:
        order[part.start : part.start + len(part.rows)] = part.rows
    return order, np.union1d(cut, [part.start for part in parts]).astype(np.int64)


def map_parts(function, parts, n_jobs):
    """Join the lists that a function of some parts returns, called in threads for all of them."""
    n_threads = threads_here(n_jobs)
    # Chunks with about the same number of rows.
    ends = np.cumsum([len(part.rows) for part in parts])
    bounds = np.linspace(0, ends[-1], CHUNKS_PER_THREAD * n_threads + 1)[1:]
    bounds = np.unique(np.searchsorted(ends, bounds) + 1)
    chunks = [parts[start:end] for start, end in pairwise([0, *bounds.tolist()])]
    return [part for chunk in map_in_threads(n_threads, function, chunks) for part in chunk]


def halve(rows, k_means, parts):
    """Cut every part that is to become several children in two, where it stands."""
    bisect = _Bisection(rows, k_means)
    halves = []
    for part in parts:
        members, n_children, start = part
        if n_children == 1:
            halves.append(part)
            continue
        n_left_children = n_children // 2
        n_left = _rounded_ratio(len(members) * n_left_children, n_children)
        # No two cuts share the lowest row and the size.
        draws = np.random.SeedSequence(k_means.seed, spawn_key=(int(members[0]), len(members)))
        starts = draws.generate_state(N_STARTS, np.uint64) % len(members)
        right = bisect(members, n_left, starts.astype(np.int64))
        two = [
            (members[~right], n_left_children),
            (members[right], n_children - n_left_children),
        ]
        first, second = two[::-1] if right[0] else two
        halves += [Part(*first, start), Part(*second, start + len(first[0]))]
    return halves


def _rounded_ratio(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


def rows_of_node(taker, members):
    """The members of a cluster as a `Csr`, on their own features; all rows are as they are."""
    return taker.X if len(members) == taker.X.n_rows else taker.take(members)[0]


class _Bisection:
    """2-means on one part after another."""

    def __init__(self, rows, k_means):
        self.taker = RowTaker(rows)
        self.k_means = k_means

    def __call__(self, members, n_left, starts):
        """Tell for each row whether it goes right."""
        local = rows_of_node(self.taker, members)
        n_features = max(1, local.n_columns)
        side = np.empty(len(members), dtype=np.int8)
        bisect_rows(
            *local[:3],
            n_left,
            starts,
            self.k_means.spherical,
            self.k_means.max_iter,
            np.empty(2 * n_features),
            np.empty(n_features, dtype=np.float32),
            np.empty(len(members), dtype=np.uint64),
            side,
        )
        return side.astype(bool)
