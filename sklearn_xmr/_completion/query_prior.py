"""How likely a query is before the model has its say: how often it is asked, and near what."""

import numpy as np

from .._kernels.query_prior import best_by_prior
from .._saving.stored_arrays import check_array
from .contexts import DECAY, MOST_QUERIES, n_levels
from .query_graph import QueryGraph

# What the prior of a query is mixed of: its share of all that was asked, and how likely one and two
# steps of a random walk from the previous query lead to it.
MIX = np.array([0.1, 0.5, 0.4])

LEVEL_WEIGHTS = np.array([DECAY**back for back in range(MOST_QUERIES)])


class QueryPrior:
    """The prior probability of queries.

    Parameters
    ----------
    pairs : PairCounts
        How often each query followed each other one.
    counts : ndarray of shape (n_queries,)
        How often each was asked.
    """

    def __init__(self, pairs, counts):
        self.graph = QueryGraph(pairs)
        self.shares = counts / counts.sum()

    def __setstate__(self, state):
        self.__dict__.update(state)
        check_array(self.shares, "shares", np.float64, self.graph.node_of.shape)

    def starts(self, contexts):
        """Where walks begin.

        Parameters
        ----------
        contexts : list of str or tuple of length n_samples
            What was asked before.

        Returns
        -------
        nodes : ndarray of int32 of shape (n_samples, n_levels)
            The last query of each context, then those before; -1 where there is none, or training
            has not seen it.
        weights : ndarray of float64 of shape (n_levels,)
            What the walks of each level count.
        """
        n = n_levels(contexts)
        return self.graph.texts.find_newest(contexts, n), LEVEL_WEIGHTS[:n]

    def best(self, typed, k, positions, paths, weight, excluded):
        """Choose the best queries of each row by a model's score and their prior.

        Parameters
        ----------
        typed : Typed
        k : int
        positions, paths : ndarrays of int32 and float32 of shape (n_samples, n_found)
            What the model found, -1 for nothing, and its scores in the log domain.
        weight : float
            That of the prior's logarithm.
        excluded : ndarray of int32
            The positions that are left out, sorted; the query just asked is anyway.

        Returns
        -------
        positions, paths : ndarrays of int32 and float64 of shape (n_samples, k)
            The best first, -1 and -inf behind the last.
        """
        best = np.empty((len(positions), k), dtype=np.int32)
        best_paths = np.empty(best.shape)
        known = self.graph, self.shares, MIX, *typed.starts
        leaves_out = typed.asked, excluded
        best_by_prior(*known, positions, paths, weight, *leaves_out, best, best_paths)
        return best, best_paths
