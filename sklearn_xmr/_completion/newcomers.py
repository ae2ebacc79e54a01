"""Queries that a completer has counted since its model was fitted: they are none of its labels."""

from itertools import islice
from typing import NamedTuple

import numpy as np

from .._saving.stored_arrays import check_array, check_indices
from .range_top import RangeTop

# So many of a range compete with what the model finds, those asked most often.
MOST_CANDIDATES = 20


class Newcomers(NamedTuple):
    """Which queries are labels of a model, and which have come since.

    Attributes
    ----------
    known : ndarray of int32 of shape (n_labels,)
        The position of each label among all queries. Labels are sorted, and so are positions.
    new : ndarray of int32 of shape (n_new,)
        The positions of the other queries, sorted.
    top : RangeTop
        Finds those of a range that were asked most often.
    """

    known: np.ndarray
    new: np.ndarray
    top: RangeTop

    @classmethod
    def of(cls, known, counts):
        """Tell newcomers from known ones: the positions of these, and how often all were asked."""
        is_new = np.ones(len(counts), dtype=bool)
        is_new[known] = False
        new = np.flatnonzero(is_new).astype(np.int32)
        return cls(known, new, RangeTop(counts[new]))

    def check(self, n_labels, n_queries):
        """Refuse arrays from a file that lead to no query."""
        check_array(self.known, "known", np.int32, (n_labels,))
        check_array(self.new, "new", np.int32, (None,))
        check_indices(self.known, "known", n_queries)
        check_indices(self.new, "new", n_queries)

    def label_ranges(self, ranges):
        """The ranges of labels in ranges of positions."""
        return np.searchsorted(self.known, ranges).astype(np.int32)

    def positions(self, labels):
        """The positions of labels; -1 stays."""
        return np.where(labels < 0, np.int32(-1), self.known[labels])

    def candidates(self, ranges):
        """The most frequent newcomers of each range, and -1 behind them: as many as one has."""
        ranges = np.searchsorted(self.new, ranges).tolist()
        most = min(MOST_CANDIDATES, max(stop - start for start, stop in ranges))
        found = np.full((len(ranges), most), -1, dtype=np.int32)
        for row, (start, stop) in enumerate(ranges):
            best = list(islice(self.top.ranked(start, stop), found.shape[1]))
            found[row, : len(best)] = self.new[best]
        return found
