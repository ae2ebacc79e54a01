"""Which queries are asked near which: short random walks over the sessions."""

import numpy as np
import scipy.sparse as sp

from .._kernels.query_walk import walk
from .._sparse import Csr
from .sorted_texts import SortedTexts


class QueryGraph:
    """A graph of queries with an edge between two where one followed the other.

    Edges have no direction, and weigh how often that happened.

    Parameters
    ----------
    previous, following : lists of str
        A query and the one that followed, row by row; rows without previous query do not count.
    queries : SortedTexts
        The queries that walks lead to: all in `following`.

    Attributes
    ----------
    texts : SortedTexts
        The queries that have an edge, the nodes of the graph.
    node_of : ndarray of int32 of shape (n_queries,)
        The node of each query, -1 where it has no edge.
    """

    def __init__(self, previous, following, queries):
        edges = [pair for pair in zip(previous, following, strict=True) if pair[0]]
        self.texts = SortedTexts({text for edge in edges for text in edge})
        node_of = {text: node for node, text in enumerate(self.texts)}
        self.node_of = np.array([node_of.get(text, -1) for text in queries], dtype=np.int32)
        ends = np.array([[node_of[a], node_of[b]] for a, b in edges], dtype=np.int32).reshape(-1, 2)
        counts = np.ones(len(ends), dtype=np.float32)
        shape = (len(self.texts), len(self.texts))
        counts = sp.coo_array((counts, (ends[:, 0], ends[:, 1])), shape=shape).tocsr()
        counts = (counts + counts.T).tocsr()
        counts.sort_indices()
        self._edges = Csr.of(counts)
        self._totals = counts.sum(axis=1, dtype=np.float64)

    def nodes(self, texts):
        """Return the node of each text, -1 where it has none."""
        return np.array([self.texts.find(text) for text in texts], dtype=np.int32)

    def walk(self, nodes, positions):
        """Return how likely random walks from nodes end at queries.

        Parameters
        ----------
        nodes : ndarray of int32 of shape (n_samples,)
            Where each walk begins; -1 leads nowhere.
        positions : ndarray of int32 of shape (n_samples, k)
            Positions of queries, -1 for none.

        Returns
        -------
        one_step, two_steps : ndarrays of float64 of shape (n_samples, k)
            Their probabilities after one random step, and after two.
        """
        one_step, two_steps = np.empty(positions.shape), np.empty(positions.shape)
        targets = np.where(positions < 0, np.int32(-1), self.node_of[positions])
        walk(*self._edges[:3], self._totals, nodes, targets, one_step, two_steps)
        return one_step, two_steps
