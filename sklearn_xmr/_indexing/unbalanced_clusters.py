"""Unbalanced k-means, layer by layer: clusters of whatever size the rows give."""

from functools import partial

import numpy as np

from .._kernels.kmeans import lloyd
from .._row_taker import RowTaker
from .._sparse import indptr_of
from .balanced_clusters import Part, halve, map_parts, rows_of_node

# With at least this many rows for each cluster, the centres first settle on every eighth row.
SAMPLE_STEP = 8
SAMPLE_FROM = 128
# A cluster with a larger share of its parent's rows has not split it: the rows are all alike, or a
# few outliers left the others.
MAX_SHARE = 0.9


def grow_unbalanced_clusters(
    rows, k_means, *, branching_factor, max_leaf_size, max_depth=None, n_jobs=None
):
    """Split every cluster of more than ``max_leaf_size`` rows, down to ``max_depth`` layers.

    Parameters
    ----------
    rows : Csr
        All rows.
    k_means : KMeans
    branching_factor, max_leaf_size, max_depth, n_jobs
        As `HierarchicalKMeansIndexer` has them.

    Returns
    -------
    order : ndarray of int32 of shape (n_rows,)
        All rows, so that the clusters of every layer are ranges.
    cuts : list of ndarray of int64
        For the root and for each layer, the position in ``order`` of the first row of each
        cluster.
    """
    clusters = [np.arange(rows.n_rows, dtype=np.int32)]
    cuts = [np.zeros(1, dtype=np.int64)]
    split_some = partial(_split_clusters, rows, k_means)
    while max(map(len, clusters)) > max_leaf_size and (max_depth is None or len(cuts) <= max_depth):
        parts = [
            Part(members, min(int(branching_factor), len(members)) if is_large else 1, 0)
            for members in clusters
            for is_large in [len(members) > max_leaf_size]
        ]
        clusters = map_parts(split_some, parts, n_jobs)
        sizes = [len(cluster) for cluster in clusters]
        cuts.append(indptr_of(sizes)[:-1])
    return np.concatenate(clusters), cuts


def _split_clusters(rows, k_means, parts):
    taker = RowTaker(rows)
    children = []
    for part in parts:
        split = [part.rows]
        if part.n_children > 1:
            split = _k_means(taker, part, k_means)
            if max(map(len, split)) > MAX_SHARE * len(part.rows):
                split = _equal_parts(rows, part, k_means)
        children += split
    return children


def _k_means(taker, part, k_means):
    """The members of each cluster, that of the lowest row first."""
    members, n_clusters, _ = part
    local = rows_of_node(taker, members)
    rng = np.random.default_rng(
        np.random.SeedSequence(k_means.seed, spawn_key=(members[0], len(members)))
    )
    cluster_of = np.full(len(members), -1, dtype=np.int32)
    cluster_of[rng.choice(len(members), n_clusters, replace=False)] = np.arange(n_clusters)
    work = (
        np.empty((max(1, local.n_columns), n_clusters), dtype=np.float32),
        np.empty(n_clusters),
        np.empty((2, n_clusters), dtype=np.float32),
    )
    if len(members) >= SAMPLE_FROM * n_clusters:
        lloyd(*local[:3], SAMPLE_STEP, k_means.spherical, k_means.max_iter, *work, cluster_of)
    lloyd(*local[:3], 1, k_means.spherical, k_means.max_iter, *work, cluster_of)
    by_cluster = np.argsort(cluster_of, kind="stable")
    split = np.split(members[by_cluster], np.cumsum(np.bincount(cluster_of))[:-1])
    return sorted((cluster for cluster in split if len(cluster)), key=lambda cluster: cluster[0])


def _equal_parts(rows, part, k_means):
    parts = [part]
    while any(part.n_children > 1 for part in parts):
        parts = halve(rows, k_means, parts)
    return [part.rows for part in parts]
