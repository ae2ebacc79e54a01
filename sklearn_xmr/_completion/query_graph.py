"""Which queries are asked near which: short random walks over the sessions."""

import numpy as np
import scipy.sparse as sp

from .._saving.stored_arrays import check_array, check_indices, check_rows
from .._sparse import Csr
from .pair_counts import numbers
from .sorted_texts import SortedTexts


class QueryGraph:
    """A graph of queries with an edge between two where one followed the other.

    Edges have no direction, and weigh how often that happened.

    Parameters
    ----------
    pairs : PairCounts
        How often each query followed each other one; what followed "" does not count.

    Attributes
    ----------
    texts : SortedTexts
        The queries that have an edge, the nodes of the graph.
    node_of : ndarray of int32 of shape (n_queries,)
        The node of each query, -1 where it has no edge.
    edges : Csr of shape (n_nodes, n_nodes)
        What the edges weigh; symmetric.
    totals : ndarray of float64 of shape (n_nodes,)
        The sums of its rows.
    """

    def __init__(self, pairs):
        entries = pairs.counts.tocoo()
        counts = entries.data.astype(np.float32)
        is_edge = (counts > 0) & (entries.row != pairs.firsts.find(""))  # or rounded to 0
        starts, ends, counts = entries.row[is_edge], entries.col[is_edge], counts[is_edge]
        followed = [pairs.firsts[i] for i in np.unique(starts).tolist()]
        following = [pairs.seconds[i] for i in np.unique(ends).tolist()]
        self.texts = SortedTexts({*followed, *following})
        node_of = numbers(self.texts)
        self.node_of = np.array([node_of.get(text, -1) for text in pairs.seconds], dtype=np.int32)
        start_of = np.array([node_of.get(text, -1) for text in pairs.firsts], dtype=np.int32)
        shape = (len(self.texts), len(self.texts))
        ends = start_of[starts], self.node_of[ends]
        counts = sp.coo_array((counts, ends), shape=shape).tocsr()
        counts = (counts + counts.T).tocsr()
        counts.sort_indices()
        self.edges = Csr.of(counts)
        self.totals = counts.sum(axis=1, dtype=np.float64)

    def __setstate__(self, state):
        self.__dict__.update(state)
        n_nodes = len(self.texts)
        check_rows(self.edges, "edges")
        check_array(self.edges.indptr, "edges.indptr", np.int64, (n_nodes + 1,))
        check_indices(self.edges.indices, "edges.indices", n_nodes)
        check_array(self.totals, "totals", np.float64, (n_nodes,))
        check_array(self.node_of, "node_of", np.int32, (None,))
        check_indices(self.node_of, "node_of", n_nodes, start=-1)
