"""Products without clicks that wait for the classifier, and what it would say of them.

To give the classifier a label takes many times as long as the rest: a leaf of its tree is trained
and packed again. Of a product whose text is all there is, it would hardly know more than the text.
So a few of them wait: the way to their place in the tree is the classifier's, the weights are their
text's.
"""

from typing import NamedTuple

import numpy as np

from .._growing import appended, inserted
from .._kernels.row_norms import normalize_rows
from .._matching.beam_search import log_scores
from .._sparse import Csr, indptr_of
from .._training.label_places import reached_nodes
from .._training.solver import INTERCEPT

# So many products do not wait any longer. Together they need most leaves, at about the price of one
# for four: the more there are, the less it is for each.
MOST_WAITING = 2048


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
    weights : Csr of shape (n_waiting, n_features)
        What their labels' weights will start at.
    """

    positions: np.ndarray
    rows: np.ndarray
    leaves: np.ndarray
    weights: Csr

    @classmethod
    def of(cls, positions, vectors, model, settings, strength):
        """Products at these positions with these vectors, a `Csr`; those of zeros do not wait."""
        has_entries = np.diff(vectors.indptr) > 0
        positions = positions[has_entries]
        indptr, data = np.append(0, vectors.indptr[1:][has_entries]), np.empty_like(vectors.data)
        normalize_rows(indptr, vectors.data, data)
        weights = vectors._replace(indptr=indptr, data=np.float32(strength) * data)
        if not len(positions):
            return cls(positions, positions, positions, weights)
        leaves, _ = reached_nodes(model.trees[0], weights, settings)
        rows = np.arange(len(positions))
        return cls(positions, rows, leaves[:, 0].astype(np.int64), weights)

    def joined(self, change, others):
        """These, where a change has moved them, and others."""
        positions, (rows, leaves, weights) = change.with_text_at(self.positions), self[1:]
        if change.moves or len(change.stale):
            kept = positions >= 0
            positions, rows = positions[kept], rows[kept]
        places = np.searchsorted(positions, others.positions).tolist()
        return Waiting(
            inserted(positions, places, others.positions),
            inserted(rows, places, len(leaves) + others.rows),
            appended(leaves, others.leaves),
            weights.followed_by(others.weights),
        )

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
        nodes, paths = reached_nodes(model.trees[0], queries.vectors, settings)
        is_way = nodes[rows] == self.leaves[which, None]
        above = np.max(paths[rows], axis=1, where=is_way, initial=-np.inf)
        margins = _inner_products(queries.vectors, rows, self.weights, which) + INTERCEPT
        found = log_scores(margins.astype(np.float32), settings.score_transform)
        if settings.score_transform != "noop":
            found = settings.path_score.of_ancestors(above) + found
        scores[rows, columns] = np.where(
            is_way.any(axis=1) & (found >= lowest[rows]), found, -np.inf
        )
        return scores


def _inner_products(vectors, rows, others, other_rows):
    # Of rows of a `Csr` with rows of another, pair by pair, in float64.
    sizes = np.diff(others.indptr)[other_rows]
    pairs, ends = np.repeat(np.arange(len(rows)), sizes), indptr_of(sizes)
    places = np.repeat(others.indptr[other_rows] - ends[:-1], sizes) + np.arange(ends[-1])
    # Entries are told apart by row and column at once, in which those of the vectors increase.
    of_row = np.repeat(np.arange(vectors.n_rows), np.diff(vectors.indptr))
    known = of_row * vectors.n_columns + vectors.indices
    wanted = rows[pairs] * vectors.n_columns + others.indices[places]
    found = np.searchsorted(known[:-1], wanted)
    values = np.where(known[found] == wanted, vectors.data[found] * others.data[places], 0)
    return np.bincount(pairs, values, minlength=len(rows))


def can_wait(model):
    """Whether products can wait for a model: it is a single tree."""
    return not model.has_own_stages and len(model.trees) == 1
