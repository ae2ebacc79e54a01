"""How often one text came with another, in a form to which more can be added."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .sorted_texts import SortedTexts


class PairCounts(NamedTuple):
    """Counts of pairs of texts.

    Attributes
    ----------
    firsts, seconds : SortedTexts
        The texts that come first in a pair, and those that come second.
    counts : csr_array of float64 of shape (n_firsts, n_seconds)
        How often each pair came; columns are sorted.
    """

    firsts: SortedTexts
    seconds: SortedTexts
    counts: sp.csr_array

    @classmethod
    def of(cls, firsts, seconds, weights=None):
        """Count pairs: two lists of texts, and how often each pair came, once by default."""
        weights = np.ones(len(firsts)) if weights is None else weights
        firsts, rows = _numbered(firsts)
        seconds, columns = _numbered(seconds)
        return cls(firsts, seconds, _summed(weights, rows, columns, firsts, seconds))

    def plus(self, other):
        """Add the counts of other pairs."""
        firsts = SortedTexts({*self.firsts, *other.firsts})
        seconds = SortedTexts({*self.seconds, *other.seconds})
        row_of, column_of = numbers(firsts), numbers(seconds)
        rows, columns, weights = [], [], []
        for part in (self, other):
            entries = part.counts.tocoo()
            rows.append(positions(part.firsts, row_of)[entries.row])
            columns.append(positions(part.seconds, column_of)[entries.col])
            weights.append(entries.data)
        rows, columns, weights = map(np.concatenate, (rows, columns, weights))
        return PairCounts(firsts, seconds, _summed(weights, rows, columns, firsts, seconds))

    def times(self, factor, least):
        """Multiply all counts, but not to less than some number."""
        counts = self.counts.copy()
        np.maximum(counts.data * factor, least, out=counts.data)
        return self._replace(counts=counts)

    def merged(self, leads):
        """Count for a second text what another one of `leads`, a dict, leads to it."""
        seconds = SortedTexts(set(self.seconds) - leads.keys())
        texts = [leads.get(text, text) for text in self.seconds]
        entries = self.counts.tocoo()
        columns = positions(texts, numbers(seconds))[entries.col]
        counts = _summed(entries.data, entries.row, columns, self.firsts, seconds)
        return PairCounts(self.firsts, seconds, counts)

    def totals(self):
        """How often each second text came, whatever came first."""
        return np.asarray(self.counts.sum(axis=0)).ravel()


def numbers(texts):
    """The number of each text, a dict."""
    return {text: number for number, text in enumerate(texts)}


def positions(texts, number_of):
    """The numbers of some of these texts, an array."""
    return np.array([number_of[text] for text in texts], dtype=np.int32)


def _numbered(texts):
    distinct = SortedTexts(set(texts))
    return distinct, positions(texts, numbers(distinct))


def _summed(weights, rows, columns, firsts, seconds):
    matrix = sp.coo_array((weights, (rows, columns)), shape=(len(firsts), len(seconds))).tocsr()
    matrix.sort_indices()
    return matrix
