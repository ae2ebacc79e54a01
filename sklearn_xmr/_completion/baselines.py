"""Query completion by counting, which everything cleverer has to beat."""

from bisect import bisect_left
from itertools import islice
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import validate_data

from .._sklearn import fit_context
from ..datasets._prefix_pairs import adjacent_queries
from .completer import CompleterMixin
from .query_pairs import check_pairs, check_queries
from .range_top import RangeTop
from .sorted_texts import SortedTexts


class MostFrequentCompleter(CompleterMixin, BaseEstimator):
    """Complete a prefix to the queries that were asked most often.

    The previous query is not looked at, but that it is not suggested again.

    Attributes
    ----------
    queries_ : sequence of str
        The queries seen in training, sorted by code points. Kept as bytes, made on demand.
    counts_ : ndarray of int64 of shape (n_queries,)
        How often each was asked.
    n_features_in_ : int
        2, for previous query and prefix.
    feature_names_in_ : ndarray of str of shape (2,)
        Names of the columns of X, where `X` was a DataFrame.

    See Also
    --------
    CooccurrenceCompleter : Looks at the previous query, too.

    Notes
    -----
    A suggestion takes O(log n) steps for n queries, however many of them start with the prefix. The
    score is the suggestion's share of all training rows. Of queries asked equally often, the first
    in the order of code points comes first.

    Examples
    --------
    >>> from sklearn_xmr import MostFrequentCompleter
    >>> sessions = [["birds", "bird song"], ["bird song", "violin"], ["biology", "birds"]]
    >>> completer = MostFrequentCompleter().fit_sessions(sessions)
    >>> [query for query, _ in completer.complete("", "bi")]
    ['bird song', 'birds', 'biology']
    """

    _parameter_constraints: ClassVar[dict] = {}

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Count the queries that were asked.

        Parameters
        ----------
        X : array-like of str of shape (n_samples, 2)
            Rows of (previous query, prefix): a list of pairs, an array of objects or a DataFrame.
            None and NaN read as "", no query. The prefixes are not used.
        y : array-like of str of shape (n_samples,)
            The query that followed.

        Returns
        -------
        object
            The fitted completer itself.

        Raises
        ------
        ValueError
            If `X` does not hold pairs, `y` not queries, there are no rows, or the two differ in
            length.
        TypeError
            If `X` or `y` hold something other than text.
        """
        previous, _ = check_pairs(X)
        queries = check_queries(y)
        check_consistent_length(previous, queries)
        validate_data(self, X, skip_check_array=True)
        self._count(previous, queries)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def fit_sessions(self, sessions):
        """Count the queries that were asked, and after which.

        Parameters
        ----------
        sessions : iterable of iterables of str
            The queries of each session in the order in which they were asked. The first follows
            ``""``; one that repeats the query before it does not count.

        Returns
        -------
        object
            The fitted completer itself.

        Raises
        ------
        ValueError
            If a query is empty, or there are none.
        TypeError
            If a session or a query is of the wrong type.
        """
        previous, queries = adjacent_queries(sessions, include_first=True)
        return self.fit([(query, "") for query in previous], queries)

    def _count(self, previous, queries):
        """Count the queries; return their positions in the order of `queries_`."""
        self.queries_ = SortedTexts(set(queries))
        positions = _positions(queries, self.queries_)
        self.counts_ = np.bincount(positions)
        self._n_rows = len(queries)
        self._top = RangeTop(self.counts_)
        return positions

    def _best(self, previous, prefixes, k, exclusion):
        positions = np.full((len(prefixes), k), -1, dtype=np.int32)
        scores = np.full((len(prefixes), k), -np.inf)
        for row, (asked, prefix) in enumerate(zip(previous, prefixes, strict=True)):
            known = {self.queries_.find(asked)}
            ranked = self._ranked(asked, self.queries_.matching_range(prefix))
            best = islice(_different(ranked, known, exclusion), k)
            for place, (position, score) in enumerate(best):
                positions[row, place], scores[row, place] = position, score
        return positions, scores

    def _ranked(self, previous, matching):
        """Yield positions of a range and their scores, best first; a position may come twice."""
        for position in self._top.ranked(*matching):
            yield position, int(self.counts_[position]) / self._n_rows


def _different(ranked, known, exclusion):
    # What is ranked, each position once: none that is known, none excluded.
    for position, score in ranked:
        if position not in known and not exclusion.forbids(position):
            known.add(position)
            yield position, score


class CooccurrenceCompleter(MostFrequentCompleter):
    """Complete a prefix to the queries that followed the previous query most often.

    Where those do not suffice, the queries asked most often come after them, as
    :class:`MostFrequentCompleter` suggests them; after a previous query that training has not seen,
    they are all there is. No previous query, ``""``, is treated like any other: what followed it in
    training is what sessions began with.

    Attributes
    ----------
    queries_ : sequence of str
        The queries seen in training, sorted by code points. Kept as bytes, made on demand.
    counts_ : ndarray of int64 of shape (n_queries,)
        How often each was asked.
    n_features_in_ : int
        2, for previous query and prefix.
    feature_names_in_ : ndarray of str of shape (2,)
        Names of the columns of X, where `X` was a DataFrame.

    See Also
    --------
    MostFrequentCompleter : Does not look at the previous query.

    Notes
    -----
    A query that followed the previous one scores 1 plus its share of all that followed it; any
    other scores its share of all training rows. Equal scores are put in the order of code points. A
    suggestion takes O(log n) steps for n different pairs of queries.

    Examples
    --------
    >>> from sklearn_xmr import CooccurrenceCompleter
    >>> sessions = [["birds", "bird song"], ["bird song", "violin"], ["biology", "birds"]]
    >>> completer = CooccurrenceCompleter().fit_sessions(sessions)
    >>> [query for query, _ in completer.complete("biology", "bi")]
    ['birds', 'bird song']
    """

    def _count(self, previous, queries):
        positions = super()._count(previous, queries)
        n_queries = len(self.queries_)
        self._previous = SortedTexts(set(previous))
        rows = _positions(previous, self._previous)
        self._row_totals = np.bincount(rows)
        # A cell for each pair: row by row, the positions of a row's followers in ascending order.
        cells = rows * n_queries + positions
        cells, self._cell_counts = np.unique(cells, return_counts=True)
        row_ends = np.arange(len(self._previous) + 1) * n_queries
        self._row_starts = np.searchsorted(cells, row_ends)
        self._followers = (cells % n_queries).astype(np.int32)
        self._cells_top = RangeTop(self._cell_counts)
        return positions

    def _ranked(self, previous, matching):
        row = self._previous.find(previous)
        if row >= 0:
            yield from self._followers_ranked(row, matching)
        yield from super()._ranked(previous, matching)

    def _followers_ranked(self, row, matching):
        first, last = self._row_starts[row : row + 2].tolist()
        followers = memoryview(self._followers)  # searched where it is, without a copy
        start, stop = (bisect_left(followers, position, first, last) for position in matching)
        for cell in self._cells_top.ranked(start, stop):
            share = int(self._cell_counts[cell]) / int(self._row_totals[row])
            yield followers[cell], 1 + share


def _positions(queries, sorted_queries):
    position_of = {query: position for position, query in enumerate(sorted_queries)}
    return np.array([position_of[query] for query in queries])
