"""How `QueryAutocompleter` finds its suggestions: by a search that the prefix steers."""

from typing import NamedTuple

import numpy as np

from .._checks import check_number
from .._fitted_state import fitted_model, search_settings
from .._kernels.shortlists import fill_up
from .._matching.beam_search import LabelRanges
from .._sparse import indptr_of
from .completer import CompleterMixin
from .inner_words import LACKING_WEIGHT, WORDS_WEIGHT
from .typos import ENOUGH, check_max_typos

# The model finds at least this many suggestions, and the prior then helps to choose among them.
# What the model leaves out here cannot be saved: on validation sessions, 50, 100, 200 and 400 have
# MRR@10 of .730, .732, .734 and .734, of .391, .398, .403 and .406 for short prefixes. 200 take a
# tenth longer than 50.
SHORTLIST = 200
# So many of those that have the words typed compete by their prior.
WORDS_SHORTLIST = 50

# The model's score of a query that it does not know: that of the label which it ranks here.
NEWCOMERS_RANK = 10


class Typed(NamedTuple):
    """What was typed in many rows, and what was asked before.

    Attributes
    ----------
    previous : list of str or tuple
        The contexts.
    prefixes : list of str
    asked : ndarray of int32 of shape (n_rows, 1)
        The position of the query just asked, which is not suggested; -1 where it is unknown.
    starts : tuple of arrays
        Where random walks begin: see `QueryPrior.starts`.
    """

    previous: list
    prefixes: list
    asked: np.ndarray
    starts: tuple

    def take(self, rows, prefixes=None):
        """Some of the rows, by an array of their numbers; or other prefixes in their contexts."""
        numbers = rows.tolist()
        if prefixes is None:
            prefixes = [self.prefixes[row] for row in numbers]
        nodes, weights = self.starts
        previous = [self.previous[row] for row in numbers]
        return Typed(previous, prefixes, self.asked[rows], (nodes[rows], weights))


class SteeredSearchMixin(CompleterMixin):
    """Searches a model of queries, and what stands behind where it finds too few."""

    def _best(self, previous, prefixes, k, exclusion):
        asked = self._forms.find_newest(previous)
        typed = Typed(previous, prefixes, asked, self._prior.starts(previous))
        max_typos = self._checked_max_typos()
        found, corrected = self._as_typed_and_corrected(typed, k, exclusion, max_typos)
        if max_typos != 0 or self.inner_words:
            self._put_behind(found, corrected, typed, k, exclusion, max_typos)
        positions, paths = found
        return positions, np.exp(paths)

    def _checked_max_typos(self):
        max_typos = check_max_typos(self.max_typos)
        return "auto" if self.fill_up and max_typos == 0 else max_typos

    def _as_typed_and_corrected(self, typed, k, exclusion, max_typos):
        # What starts as typed, and what starts with a correction, by one search.
        ranges, n_matching = self._forms.matching_ranges(typed.prefixes)
        corrections = []
        if max_typos != 0:
            corrections = self._corrections(typed, k, exclusion, ranges, max_typos)
        if not any(corrections):
            if n_matching == 0:
                return _nothing(len(ranges), k), None
            return self._most_likely(typed, k, exclusion, ranges), None
        flat = [correction for of_row in corrections for correction in of_row]
        n_rows, list_ptr = len(ranges), indptr_of(list(map(len, corrections)))
        rows = np.repeat(np.arange(n_rows), np.diff(list_ptr))
        typed = typed.take(
            np.concatenate([np.arange(n_rows), rows]),
            typed.prefixes + [correction.prefix for correction in flat],
        )
        further = [(correction.start, correction.stop) for correction in flat]
        ranges = np.concatenate([ranges, further], dtype=np.int32)
        # Twice as many: those that are found already may be among them.
        positions, paths = self._most_likely(typed, 2 * k, exclusion, ranges)
        paths[n_rows:] += np.log([[correction.weight] for correction in flat])
        found = positions[:n_rows, :k].copy(), paths[:n_rows, :k].copy()
        return found, (list_ptr, positions[n_rows:], paths[n_rows:])

    def _corrections(self, typed, k, exclusion, ranges, max_typos):
        # For each row those of the prefix, if not enough is left that starts as typed.
        enough = min(k, ENOUGH)
        return [
            self._corrector.corrections(prefix, max_typos)
            if stop - start - (start <= asked < stop) - exclusion.count(start, stop) < enough
            else []
            for prefix, (asked,), (start, stop) in zip(
                typed.prefixes, typed.asked.tolist(), ranges.tolist(), strict=True
            )
        ]

    def _put_behind(self, found, corrected, typed, k, exclusion, max_typos):
        # What fills up the lists that are not full.
        def fill_up_with(more, enough=k, **options):
            short = np.flatnonzero(found[0][:, enough - 1] < 0)
            if len(short):
                fill_up(short, *more(typed.take(short), 2 * k, exclusion, **options), *found)

        has_words = self.inner_words or self.fill_up
        if has_words:
            fill_up_with(self._having_words, max_typos=0)
        if corrected is not None:
            fill_up(np.arange(len(found[0])), *corrected, *found)
        if has_words and max_typos != 0:
            fill_up_with(self._having_words, enough=min(k, ENOUGH), max_typos=max_typos)
        if has_words:
            fill_up_with(self._having_words, enough=1, max_typos=max_typos, may_lack=True)
        if self.fill_up:
            fill_up_with(self._anything)

    def _having_words(self, typed, k, exclusion, max_typos, may_lack=False):
        # The most frequent that have the words typed, by their prior.
        options = max(WORDS_SHORTLIST, k), max_typos, may_lack
        lists = [self._with_words(prefix, *options) for prefix in typed.prefixes]
        list_ptr, longest = np.arange(len(lists) + 1), max(len(found) for found, _ in lists)
        if longest == 0:
            return list_ptr, *_nothing(len(lists), k)
        positions = np.full((len(lists), longest), -1, dtype=np.int32)
        paths = np.zeros(positions.shape, dtype=np.float32)
        for row, (found, n_lacking) in enumerate(lists):
            positions[row, : len(found)] = found
            paths[row, : len(found)] = np.log(LACKING_WEIGHT) * np.array(n_lacking)
        positions, paths = self._reranked(typed, k, exclusion, positions, paths)
        return list_ptr, positions, paths + np.log(WORDS_WEIGHT)

    def _anything(self, typed, k, exclusion):
        # The best of all.
        found = self._most_likely(typed, k, exclusion, ranges=None)
        return np.arange(len(typed.prefixes) + 1), *found

    def _most_likely(self, typed, k, exclusion, ranges):
        # The best k of each row, in its range of positions if there are ranges.
        rows = self._features.transform(typed.previous, typed.prefixes)
        # What is excluded may take the place of what is not: then look at more.
        width = max(SHORTLIST, k + 1)
        while True:
            found, paths = self._search(rows, width, ranges)
            best = self._reranked(typed, k, exclusion, found, paths)
            if not len(exclusion.positions):
                return best
            found_all = (found[:, width - 1] < 0) | (width >= len(self.queries_))
            if np.all(found_all | (best[0][:, -1] >= 0)):
                return best
            width *= 4

    def _search(self, rows, width, ranges):
        # What the model finds, and what it does not know.
        model, settings = fitted_model(self.classifier_), search_settings(self.classifier_)
        found, paths = model.search(rows, width, settings, self._restrictions(ranges))
        if self._newcomers is not None:
            found, paths = self._with_newcomers(found, paths, ranges)
        return found, paths

    def _restrictions(self, ranges):
        if ranges is None:
            return None
        if self._newcomers is not None:
            ranges = self._newcomers.label_ranges(ranges)
        return [LabelRanges(ranges, below) for below in self._labels_below]

    def _with_newcomers(self, labels, paths, ranges):
        # Of what the model does not know, it is supposed to think as of the least of the best.
        if ranges is None:
            ranges = np.tile([0, len(self.queries_)], (len(labels), 1))
        labels, others = self._newcomers.positions(labels), self._newcomers.candidates(ranges)
        if others.shape[1] == 0:
            return labels, paths
        path = paths[:, :NEWCOMERS_RANK]
        path = np.where(path > -np.inf, path, 0).min(axis=1, keepdims=True)
        other_paths = np.where(others < 0, -np.inf, path)
        return np.hstack([labels, others]), np.hstack([paths, other_paths])

    def _reranked(self, typed, k, exclusion, positions, paths):
        weight = check_number(self.prior_weight, "prior_weight", least=0)
        return self._prior.best(typed, k, positions, paths, weight, exclusion.positions)


def _nothing(n_lists, k):
    """Lists without suggestions."""
    return np.full((n_lists, k), -1, dtype=np.int32), np.full((n_lists, k), -np.inf)
