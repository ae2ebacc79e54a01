"""Products without clicks that wait for the classifier, and what it would say of them.

To give the classifier a label takes as long for one product as for a hundred: its last layer is
copied. Of a product whose text is all there is, it would hardly know more than the text. So a few
of them wait: the way to their place in the tree is the classifier's, the weights are their text's.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from .._matching.beam_search import log_scores
from .._training.label_places import reached_nodes
from .._training.solver import INTERCEPT

# So many products do not wait any longer.
MOST_WAITING = 512


class Waiting(NamedTuple):
    """Products that a classifier has no label for.

    Attributes
    ----------
    positions : ndarray of int64 of shape (n_waiting,)
        Increasing.
    rows : ndarray of int64 of shape (n_waiting,)
        Where they are among the following, which have the order in which they came.
    leaves : ndarray of int64 of shape (n_waiting,)
        The node above the last layer to which each will go.
    weights : csr_array of float32 of shape (n_waiting, n_features)
        What their labels' weights will start at.
    """

    positions: np.ndarray
    rows: np.ndarray
    leaves: np.ndarray
    weights: sp.csr_array

    @classmethod
    def of(cls, positions, vectors, model, settings, strength):
        """Products at these positions with these vectors; those without any do not wait."""
        has_entries = np.diff(vectors.indptr) > 0
        positions, vectors = positions[has_entries], vectors[has_entries]
        if not len(positions):
            return cls(positions, positions, positions, vectors)
        weights = sp.csr_array(np.float32(strength) * normalize(vectors))
        leaves, _ = reached_nodes(model.trees[0], weights, settings)
        rows = np.arange(len(positions))
        return cls(positions, rows, leaves[:, 0].astype(np.int64), weights)

    def joined(self, change, others):
        """These, where a change has moved them, and others."""
        positions, _ = change.moved(None)
        positions, (rows, leaves, weights) = positions[self.positions], self[1:]
        kept = positions >= 0
        if not kept.all():
            positions, rows = positions[kept], rows[kept]
            leaves, weights, rows = leaves[rows], weights[rows], np.arange(len(rows))
        if len(others.positions):
            positions = np.concatenate([positions, others.positions])
            order = np.argsort(positions)
            positions = positions[order]
            rows = np.concatenate([rows, len(leaves) + others.rows])[order]
            leaves = np.concatenate([leaves, others.leaves])
            weights = sp.csr_array(sp.vstack([weights, others.weights], format="csr"))
        return Waiting(positions, rows, leaves, weights)

    def scores(self, queries, labels, lowest, model, settings):
        """What the classifier would say of those among some products that wait.

        Parameters
        ----------
        queries : Queries
        labels : ndarray of int of shape (n_queries, k)
            Positions of products, -1 for none.
        lowest : ndarray of float32 of shape (n_queries,)
            What scores less would not be found.
        model : FittedModel
        settings : SearchSettings

        Returns
        -------
        ndarray of float32 of shape (n_queries, k)
            In the log domain; -inf for all others, and where the search does not come by.
        """
        scores = np.full(labels.shape, -np.inf, dtype=np.float32)
        if not len(self.positions):
            return scores
        place = np.searchsorted(self.positions[:-1], labels)
        rows, columns = np.nonzero(self.positions[place] == labels)
        if not len(rows):
            return scores
        which = self.rows[place[rows, columns]]
        X = queries.matrix
        nodes, paths = reached_nodes(model.trees[0], X, settings)
        is_way = nodes[rows] == self.leaves[which, None]
        above = np.max(paths[rows], axis=1, where=is_way, initial=-np.inf)
        margins = X[rows].multiply(self.weights[which]).sum(axis=1) + INTERCEPT
        found = log_scores(np.asarray(margins), settings.score_transform)
        if settings.score_transform != "noop":
            found = above + found
        scores[rows, columns] = np.where(
            is_way.any(axis=1) & (found >= lowest[rows]), found, -np.inf
        )
        return scores


def can_wait(model):
    """Whether products can wait for a model: it is a single tree."""
    return not model.has_own_stages and len(model.trees) == 1
