"""All that completers count of a query log."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .contexts import newest
from .pair_counts import PairCounts
from .sorted_texts import Texts
from .training_rows import LEAST_WEIGHT, fading


class CountedLog(NamedTuple):
    """A query log, counted.

    Attributes
    ----------
    pairs : PairCounts
        How often each query followed each other one.
    spellings : PairCounts or None
        How often each query was logged in each spelling; None where there is only one.
    newest : float or None
        The time up to which counts have faded; None where they have not.
    leads : dict of str to str
        Queries that are counted for another one, and for which.
    """

    pairs: PairCounts
    spellings: PairCounts | None
    newest: float | None
    leads: dict

    @classmethod
    def of(cls, rows):
        """Count `TrainingRows`."""
        pairs = PairCounts.of(newest(rows.previous), rows.following, rows.weights)
        spellings = None
        if rows.spellings is not None:
            spellings = PairCounts.of(rows.following, rows.spellings, rows.weights)
        return cls(pairs, spellings, rows.newest, {})

    def plus(self, other, half_life):
        """Add another log; where both have times, the older one fades."""
        old, new = self, other
        newest = [log.newest for log in (old, new) if log.newest is not None]
        if half_life is not None and len(newest) == 2:
            old, new = (log.faded(max(newest) - log.newest, half_life) for log in (old, new))
        spellings = None
        if old.spellings is not None:
            spellings = old.spellings.plus(new.spellings)
        return CountedLog(old.pairs.plus(new.pairs), spellings, max(newest, default=None), {})

    def faded(self, age, half_life):
        """The same some time later."""
        left = fading(age, half_life), LEAST_WEIGHT
        spellings = None if self.spellings is None else self.spellings.times(*left)
        return CountedLog(self.pairs.times(*left), spellings, self.newest, {})

    def merged(self, leads):
        """Count some queries for others: a dict of str to str."""
        return self._replace(pairs=self.pairs.merged(leads), leads=leads)

    @property
    def queries(self):
        """The queries that followed another one, or none, in the form that is compared."""
        return self.pairs.seconds

    def spelled(self):
        """The queries as they were logged most often; of equally many, the first by code points."""
        if self.spellings is None:
            return self.queries
        queries, spellings, counts = self.spellings
        best = [
            counts.indices[start + np.argmax(counts.data[start:stop])]
            for query, (start, stop) in zip(queries, pairwise(counts.indptr.tolist()), strict=True)
            if query not in self.leads
        ]
        return Texts([spellings[i] for i in best])

    def counts(self):
        """How often each query was asked: int64, or float64 where counts are not whole."""
        counts = self.pairs.totals()
        whole = np.rint(counts)
        return whole.astype(np.int64) if np.array_equal(whole, counts) else counts
