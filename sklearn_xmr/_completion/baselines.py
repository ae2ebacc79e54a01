"""Query completion by counting, which everything cleverer has to beat."""

from bisect import bisect_left
from heapq import merge
from itertools import islice
from numbers import Real
from operator import itemgetter
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator

from .._saving.versions import VersionedState
from .._sklearn import Interval
from .completer import CompleterMixin
from .contexts import newest
from .counted_log import CountedLog
from .inner_words import LACKING_WEIGHT, WORDS_WEIGHT
from .range_top import RangeTop
from .typos import ENOUGH, MAX_TYPOS, check_max_typos


class MostFrequentCompleter(CompleterMixin, VersionedState, BaseEstimator):
    """Complete a prefix to the queries that were asked most often.

    The previous query is not looked at, but that it is not suggested again.

    Parameters
    ----------
    normalizer : callable or None, default=None
        Gives the form by which texts are compared, logged and typed ones alike, such as
        :func:`~sklearn_xmr.datasets.normalize_query`. Suggestions come as they were logged most
        often. None compares character by character. Read by ``fit``; ``partial_fit`` keeps it.
    max_typos : {0, 1, 2, "auto"}, default=0
        Most errors of typing that are corrected in a prefix: a letter more, less, another, or two
        swapped, where spaces are letters, too; never more than half of the letters typed. "auto"
        for none up to two letters, one up to five, then two. Queries that start with a correction
        follow those that start with the prefix, where these are fewer than three. Read at
        prediction.
    inner_words : bool, default=False
        Whether queries follow that do not start with what was typed, but have words that begin as
        those typed do, in any order. They come before queries that start with a correction. Where
        all this finds none, those follow that lack some of the words, as few as possible, but have
        the last one and one other.
    merge_variants : bool, default=False
        Whether misspelt queries give way to what they misspell, where that is asked ten times as
        often, and near-duplicates (plural, order of words, spaces) to the most frequent of them.
        See the :ref:`User Guide <merged_variants>`.
    half_life : float or None, default=None
        The seconds after which a session counts half, where sessions have times. None for no
        fading.

    Attributes
    ----------
    queries_ : sequence of str
        The queries seen in training, sorted by code points in the form by which they are compared.
        Kept as bytes, made on demand.
    counts_ : ndarray of int64 or float64 of shape (n_queries,)
        How often each was asked; int64 where that is a whole number for all.
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

    _parameter_constraints: ClassVar[dict] = {
        "normalizer": [callable, None],
        "max_typos": MAX_TYPOS,
        "inner_words": ["boolean"],
        "merge_variants": ["boolean"],
        "half_life": [Interval(Real, 0, None, closed="neither"), None],
    }

    random_state, fill_up = None, False  # counting draws nothing, and has nothing to fill up with

    def __init__(
        self,
        *,
        normalizer=None,
        max_typos=0,
        inner_words=False,
        merge_variants=False,
        half_life=None,
    ):
        self.normalizer = normalizer
        self.max_typos = max_typos
        self.inner_words = inner_words
        self.merge_variants = merge_variants
        self.half_life = half_life

    def _learn(self, rows, _):
        log = CountedLog.of(self._counted_of(rows))
        self._use(log, self._shown(log))

    def _learn_more(self, rows):
        log = self._counted(self._counted_of(rows))
        self._use(log, self._shown(log))

    def _counted_of(self, rows):
        return rows._replace(previous=[""] * len(rows.following))

    def _use(self, log, shown):
        super()._use(log, shown)
        self._total = float(self.counts_.sum())
        self._top = RangeTop(self.counts_)

    def _best(self, previous, prefixes, k, exclusion):
        positions = np.full((len(prefixes), k), -1, dtype=np.int32)
        scores = np.zeros(positions.shape)
        for row, (asked, prefix) in enumerate(zip(newest(previous), prefixes, strict=True)):
            known, best = {self._forms.find(asked)}, []
            for ranked in self._sources(asked, prefix, k, best):
                best += islice(_different(ranked, known, exclusion), k - len(best))
            for place, (position, score) in enumerate(best):
                positions[row, place], scores[row, place] = position, score
        return positions, scores

    def _sources(self, asked, prefix, k, best):
        """Yield what ranks positions, one after the other; `best` holds what was taken so far."""
        max_typos, enough = check_max_typos(self.max_typos), min(k, ENOUGH)
        yield self._ranked(asked, self._forms.matching_range(prefix))
        looks_for_errors = max_typos != 0 and len(best) < enough
        if self.inner_words:
            yield self._ranked_with_words(asked, prefix, k, 0)
        if looks_for_errors:
            yield self._corrected(asked, prefix, max_typos)
        if self.inner_words and max_typos != 0 and len(best) < enough:
            yield self._ranked_with_words(asked, prefix, k, max_typos)
        if self.inner_words and not best:
            yield self._ranked_with_words(asked, prefix, k, max_typos, may_lack=True)

    def _corrected(self, asked, prefix, max_typos):
        def weighed(correction):
            for position, score in self._ranked(asked, (correction.start, correction.stop)):
                yield position, score * correction.weight

        corrections = self._corrector.corrections(prefix, max_typos)
        return merge(*map(weighed, corrections), key=itemgetter(1), reverse=True)

    def _ranked_with_words(self, asked, prefix, k, max_typos, may_lack=False):
        # Twice as many: those that start with the prefix are among them.
        scored = []
        for position, n in zip(*self._with_words(prefix, 2 * k, max_typos, may_lack), strict=True):
            _, score = next(self._ranked(asked, (position, position + 1)))
            scored.append((position, score * WORDS_WEIGHT * LACKING_WEIGHT**n))
        return sorted(scored, key=itemgetter(1), reverse=True)

    def _ranked(self, previous, matching):
        """Yield positions of a range and their scores, best first; a position may come twice."""
        for position in self._top.ranked(*matching):
            yield position, float(self.counts_[position]) / self._total


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

    Parameters
    ----------
    normalizer : callable or None, default=None
        Gives the form by which texts are compared, logged and typed ones alike, such as
        :func:`~sklearn_xmr.datasets.normalize_query`. Suggestions come as they were logged most
        often. None compares character by character. Read by ``fit``; ``partial_fit`` keeps it.
    max_typos : {0, 1, 2, "auto"}, default=0
        Most errors of typing that are corrected in a prefix: a letter more, less, another, or two
        swapped, where spaces are letters, too; never more than half of the letters typed. "auto"
        for none up to two letters, one up to five, then two. Queries that start with a correction
        follow those that start with the prefix, where these are fewer than three. Read at
        prediction.
    inner_words : bool, default=False
        Whether queries follow that do not start with what was typed, but have words that begin as
        those typed do, in any order. They come before queries that start with a correction. Where
        all this finds none, those follow that lack some of the words, as few as possible, but have
        the last one and one other.
    merge_variants : bool, default=False
        Whether misspelt queries give way to what they misspell, where that is asked ten times as
        often, and near-duplicates (plural, order of words, spaces) to the most frequent of them.
        See the :ref:`User Guide <merged_variants>`.
    half_life : float or None, default=None
        The seconds after which a session counts half, where sessions have times. None for no
        fading.

    Attributes
    ----------
    queries_ : sequence of str
        The queries seen in training, sorted by code points in the form by which they are compared.
        Kept as bytes, made on demand.
    counts_ : ndarray of int64 or float64 of shape (n_queries,)
        How often each was asked; int64 where that is a whole number for all.
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

    def _counted_of(self, rows):
        return rows

    def _use(self, log, shown):
        super()._use(log, shown)
        # Row by row, the positions of those that followed in ascending order.
        self._previous, _, counts = shown.pairs
        self._row_starts, self._followers = counts.indptr, counts.indices
        self._cell_counts, self._row_totals = counts.data, np.asarray(counts.sum(axis=1)).ravel()
        self._cells_top = RangeTop(counts.data)

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
            share = float(self._cell_counts[cell] / self._row_totals[row])
            yield followers[cell], 1 + share
