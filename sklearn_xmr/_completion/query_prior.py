"""How likely a query is before the model has its say: how often it is asked, and near what."""

import numpy as np

from .contexts import is_long, mean_over_levels
from .query_graph import QueryGraph

# What the prior of a query is mixed of: its share of all that was asked, and how likely one and two
# steps of a random walk from the previous query lead to it.
MIX = 0.1, 0.5, 0.4


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

    def of(self, contexts, positions):
        """Return the probabilities of queries.

        Parameters
        ----------
        contexts : list of str or tuple of length n_samples
            What was asked before.
        positions : ndarray of int32 of shape (n_samples, k)
            Of the queries; those of -1 are meaningless.

        Returns
        -------
        ndarray of float64 of shape (n_samples, k)
        """

        shares = self.shares[positions]
        if is_long(contexts):
            is_known, one_step, two_steps = mean_over_levels(
                contexts, lambda texts: self._walk(texts, positions)
            )
        else:
            is_known, one_step, two_steps = self._walk(contexts, positions)
        of_share, of_one, of_two = MIX
        mixed = of_share * shares + of_one * one_step + of_two * two_steps
        # Without a previous query that training has seen, the shares are all there is.
        return np.where(is_known, mixed, shares)

    def _walk(self, texts, positions):
        nodes = self.graph.nodes(texts)
        return nodes[:, None] >= 0, *self.graph.walk(nodes, positions)
