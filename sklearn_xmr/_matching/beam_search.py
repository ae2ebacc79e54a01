"""Beam search down the packed layers, in batches of queries that threads share out."""

from typing import NamedTuple

import numpy as np

from .._kernels.beam_search import TRANSFORMS, search_layers
from .._sparse import Csr
from .._threads import map_in_threads, threads_here

# A batch has at most so many queries, and keeps about so many nodes at most on any layer.
BATCH_QUERIES = 4096
BATCH_NODES = 1 << 22
# With fewer queries, another thread costs more than it gains.
THREAD_QUERIES = 256


class PathScore(NamedTuple):
    """How the margins of the nodes on the way to a label make its score.

    Attributes
    ----------
    transform : int
        A kernel code of `TRANSFORMS`.
    ancestor_weight : float
        What the score of the nodes above a label is multiplied by before its own is added.
    """

    transform: int
    ancestor_weight: float = 1.0

    def of_ancestors(self, scores):
        """What scores of nodes above the last layer contribute to those of the labels below."""
        if self.ancestor_weight == 1:
            return scores
        with np.errstate(over="ignore", invalid="ignore"):  # -inf stays the lowest there is
            return scores * np.float32(self.ancestor_weight)


class AllowedNodes(NamedTuple):
    """A restriction to labels picked one by one, as the kernel takes it.

    Attributes
    ----------
    layers : list of Csr of shape (n_queries or 1, n_nodes)
        For each layer the nodes, in inner numbers, that lead to such a label: a row for each query,
        or one for all.
    """

    layers: list
    ranges = None

    @classmethod
    def of(cls, layers):
        """The same of SciPy's matrices."""
        return cls([Csr.of(matrix) for matrix in layers])

    def between(self, start, stop):
        """The restriction of queries ``start .. stop - 1``."""
        return AllowedNodes(
            [_rows_between(rows, start, stop) if rows.n_rows > 1 else rows for rows in self.layers]
        )


class LabelRanges(NamedTuple):
    """A restriction to consecutive label positions, as the kernel takes it.

    Attributes
    ----------
    ranges : ndarray of int32 of shape (n_queries, 2)
        First position of each query's labels, and the one behind the last.
    layers : list of (indptr, labels)
        For each layer the label positions below each node, as `labels_below` lists them.
    """

    ranges: np.ndarray
    layers: list

    def between(self, start, stop):
        """The restriction of queries ``start .. stop - 1``."""
        return self._replace(ranges=self.ranges[start:stop])


def search(layers, X, beam_width, k, path_score, restriction=None, n_jobs=None, start=None):
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
    path_score : PathScore
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
    queries = Csr.of(X)
    n_queries = queries.n_rows
    widths = beam_width, k
    if n_queries <= THREAD_QUERIES and n_queries * max(widths) <= BATCH_NODES:
        return _search_layers(layers, queries, start, widths, path_score, restriction)
    n_threads = threads_here(n_jobs)
    batch = _batch_size(layers, n_queries, max(widths), n_threads)

    def search_batch(a):
        b = min(a + batch, n_queries)
        part = _rows_between(queries, a, b)
        limits = restriction and restriction.between(a, b)
        at = start and (start[0][a:b], start[1][a:b])
        return _search_layers(layers, part, at, widths, path_score, limits)

    found = map_in_threads(n_threads, search_batch, range(0, n_queries, batch))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def log_scores(margins, score_transform):
    """What nodes add to the scores of the paths to them, in the log domain, as the kernel has it.

    Parameters
    ----------
    margins : ndarray of float
    score_transform : str
        With "noop" it is the margins, which take the place of the scores above.

    Returns
    -------
    ndarray of float
    """
    power, _ = TRANSFORMS[score_transform]
    if score_transform == "noop":
        return margins
    if power > 0:
        return -(np.maximum(0, 1 - margins) ** power)
    return -np.logaddexp(0, -margins)


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
    queries, width = Csr.of(X), min(beam_width, len(layer.node_of))
    batch = _batch_size([layer], len(beam), beam_width, n_threads)

    def advance_batch(a):
        b = a + batch
        part = _rows_between(queries, a, b)
        return _best_nodes([layer], part, (beam[a:b], scores[a:b]), (1, width), transform)

    found = map_in_threads(n_threads, advance_batch, range(0, len(beam), batch))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def _batch_size(layers, n_queries, n_kept, n_threads):
    # As many batches for each thread, and of the same size, so that threads end together.
    widest = min(n_kept, max(len(layer.node_of) for layer in layers))
    largest = min(max(BATCH_NODES // widest, 1), BATCH_QUERIES)
    n_batches = n_threads * -(-n_queries // (n_threads * largest))
    return max(-(-n_queries // max(n_batches, 1)), min(THREAD_QUERIES, largest))


def _search_layers(layers, queries, start, widths, path_score, limits):
    transform, ancestor_weight = path_score
    if ancestor_weight != 1:
        *above, last = layers
        if above:
            inner = limits and limits._replace(layers=limits.layers[:-1])
            limits = limits and limits._replace(layers=limits.layers[-1:])
            kept = widths[0], min(widths[0], len(above[-1].node_of))
            start = _best_nodes(above, queries, start, kept, transform, inner)
        if start is not None:
            beam, scores = start
            start = beam, path_score.of_ancestors(scores)
        layers = [last]
    return _best_nodes(layers, queries, start, widths, transform, limits, layers[-1].node_of)


def _best_nodes(layers, queries, start, widths, transform, limits=None, names=None):
    # The best nodes of the last layer below those of the start, -1 where there are no more.
    beam_width, k = widths
    shape = queries.n_rows, k
    best, scores = np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.float32)
    search_layers(queries, layers, transform, limits, start, beam_width, names, best, scores)
    return best, scores


def _rows_between(queries, start, stop):
    indptr, indices, values, n_features = queries
    return Csr(indptr[start : stop + 1], indices, values, n_features)
