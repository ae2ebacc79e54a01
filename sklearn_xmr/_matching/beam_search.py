"""Beam search down the packed layers, in batches of queries that threads share out."""

from typing import NamedTuple

import numpy as np

from .._kernels.beam_search import search_layer
from .._threads import map_in_threads, threads_here

# The kernel's code of each score transform, and whether the scores are the exponential of what the
# search adds up: see `XRLinearClassifier`.
TRANSFORMS = {
    **{f"l{p}_hinge": (p, True) for p in (1, 2, 3, 4)},
    **{f"log_l{p}_hinge": (p, False) for p in (1, 2, 3, 4)},
    "sigmoid": (-1, True),
    "log_sigmoid": (-1, False),
    "noop": (0, False),
}

# A batch has at most so many queries, and keeps about so many nodes at most on any layer.
BATCH_QUERIES = 4096
BATCH_NODES = 1 << 22
# With fewer queries, another thread costs more than it gains.
THREAD_QUERIES = 256

NO_NODES = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32)
NO_RANGES = (
    np.zeros((0, 2), dtype=np.int32),
    np.zeros(1, dtype=np.int64),
    np.zeros(0, dtype=np.int32),
)


class AllowedNodes(NamedTuple):
    """A restriction to labels picked one by one.

    Attributes
    ----------
    layers : list of csr_array of shape (n_queries or 1, n_nodes)
        For each layer the nodes, in inner numbers, that lead to such a label: a row for each query,
        or one for all.
    """

    layers: list

    def of_layer(self, depth, start, stop):
        """What the kernel takes for queries ``start .. stop - 1``."""
        nodes = self.layers[depth]
        indptr = nodes.indptr.astype(np.int64, copy=False)
        if len(indptr) > 2:
            indptr = indptr[start : stop + 1]
        return indptr, nodes.indices.astype(np.int32, copy=False), *NO_RANGES


class LabelRanges(NamedTuple):
    """A restriction to consecutive label positions.

    Attributes
    ----------
    ranges : ndarray of int32 of shape (n_queries, 2)
        First position of each query's labels, and the one behind the last.
    labels_below : list of (indptr, labels)
        For each layer the label positions below each node, as `labels_below` lists them.
    """

    ranges: np.ndarray
    labels_below: list

    def of_layer(self, depth, start, stop):
        """What the kernel takes for queries ``start .. stop - 1``."""
        return *NO_NODES, self.ranges[start:stop], *self.labels_below[depth]


class Unrestricted:
    """No restriction."""

    def of_layer(self, depth, start, stop):
        """What the kernel takes."""
        return *NO_NODES, *NO_RANGES


def search(layers, X, beam_width, k, transform, restriction=None, n_jobs=None, start=None):
    """Find the best labels of each query.

    Parameters
    ----------
    layers : list of Layer
        Those of a tree, or just the last ones.
    X : csr_array of float32 of shape (n_queries, n_features)
        Canonical. Nothing but its shape and its three arrays are looked at.
    beam_width : int
        Nodes kept on every layer but the last.
    k : int
        Labels kept on the last.
    transform : int
        A kernel code of `TRANSFORMS`.
    restriction : AllowedNodes or LabelRanges, optional
    n_jobs : int, optional
    start : (beam, scores), optional
        The nodes of the layer above the first of `layers` that the queries start at, as `advance`
        takes them. By default the root.

    Returns
    -------
    positions : ndarray of int32 of shape (n_queries, k)
        Label positions, best first, -1 where no more were reached.
    scores : ndarray of float32 of shape (n_queries, k)
        Log-domain scores of the paths, -inf there.
    """
    restriction = restriction or Unrestricted()
    n_queries, queries = X.shape[0], _arrays(X)
    beam, scores = start or _root(n_queries)
    batch = n_threads = 1
    if n_queries > 1:
        n_threads = threads_here(n_jobs)
        batch = _batch_size(layers, n_queries, max(beam_width, k), n_threads)
    starts = range(0, n_queries, batch)
    if len(starts) == 1:
        return _search_batch(
            layers, queries, 0, n_queries, beam, scores, beam_width, k, transform, restriction
        )

    def search_batch(a):
        b = min(a + batch, n_queries)
        return _search_batch(
            layers, queries, a, b, beam[a:b], scores[a:b], beam_width, k, transform, restriction
        )

    found = map_in_threads(n_threads, search_batch, starts)
    if not found:
        return np.empty((0, k), dtype=np.int32), np.empty((0, k), dtype=np.float32)
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def advance(layer, X, beam, scores, beam_width, transform, n_threads):
    """Take the search of many queries one layer further.

    Parameters
    ----------
    layer : Layer
    X : csr_array of float32 of shape (n_queries, n_features)
    beam : ndarray of int32 of shape (n_queries, width)
        The nodes of the layer above that each query keeps, -1 where there are no more.
    scores : ndarray of float32 of shape (n_queries, width)
        Log-domain scores of the paths to them.
    beam_width : int
    transform : int
    n_threads : int

    Returns
    -------
    beam, scores : ndarrays
        The same for `layer`.
    """
    queries, batch = _arrays(X), _batch_size([layer], len(beam), beam_width, n_threads)

    def advance_batch(a):
        b = a + batch
        restricted = Unrestricted().of_layer(0, a, b)
        return _best_children(
            layer, _part(queries, a, b), beam[a:b], scores[a:b], beam_width, transform, restricted
        )

    found = map_in_threads(n_threads, advance_batch, range(0, len(beam), batch))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def _root(n_queries):
    return np.zeros((n_queries, 1), dtype=np.int32), np.zeros((n_queries, 1), dtype=np.float32)


def _arrays(X):
    return X.indptr.astype(np.int64, copy=False), X.indices.astype(np.int32, copy=False), X.data


def _batch_size(layers, n_queries, n_kept, n_threads):
    # As many batches for each thread, and of the same size, so that threads end together.
    widest = min(n_kept, max(len(layer.node_of) for layer in layers))
    largest = min(max(BATCH_NODES // widest, 1), BATCH_QUERIES)
    n_batches = n_threads * -(-n_queries // (n_threads * largest))
    return max(-(-n_queries // max(n_batches, 1)), min(THREAD_QUERIES, largest))


def _search_batch(
    layers, queries, start, stop, beam, scores, beam_width, k, transform, restriction
):
    queries = _part(queries, start, stop)
    for depth, layer in enumerate(layers):
        width = k if depth == len(layers) - 1 else beam_width
        restricted = restriction.of_layer(depth, start, stop)
        beam, scores = _best_children(layer, queries, beam, scores, width, transform, restricted)
    missing = beam < 0
    positions = layers[-1].node_of[beam]
    if missing.any():
        positions[missing] = -1
        scores[missing] = -np.inf
    return _widened(positions, k, -1), _widened(scores, k, -np.inf)


def _part(queries, start, stop):
    indptr, indices, values = queries
    return indptr[start : stop + 1], indices, values


def _best_children(layer, queries, beam, scores, width, transform, restricted):
    # The best nodes of a layer below each query's beam, -1 where there are no more.
    best = np.empty((len(beam), min(width, len(layer.node_of))), dtype=np.int32)
    best_scores = np.empty(best.shape, dtype=np.float32)
    search_layer(queries, layer.parts, transform, restricted, beam, scores, best, best_scores)
    return best, best_scores


def _widened(array, width, filler):
    # More may be asked for than there are labels.
    missing = width - array.shape[1]
    if missing <= 0:
        return array
    return np.pad(array, ((0, 0), (0, missing)), constant_values=filler)
