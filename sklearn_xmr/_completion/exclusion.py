"""What must not be suggested: queries named by the caller, and the query just asked."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from .._checks import described
from .sorted_texts import SortedTexts


class Exclusion(NamedTuple):
    """Queries that are not suggested, looked up once: what `prepare_exclusion` returns.

    Attributes
    ----------
    queries : SortedTexts or None
        The completer's queries when they were looked up.
    names : frozenset of str
        The excluded ones, as the completer compares queries.
    positions : ndarray of int32
        Where they are among `queries`, sorted.
    """

    queries: SortedTexts
    names: frozenset
    positions: np.ndarray

    @classmethod
    def of(cls, names, queries):
        """Look names up among queries; those that are not there cannot be suggested anyway."""
        names = frozenset(names)
        positions = {queries.find(name) for name in names} - {-1}
        return cls(queries, names, np.array(sorted(positions), dtype=np.int32))

    def among(self, queries):
        """The same for these queries, which a later fit may have changed."""
        return self if queries is self.queries else Exclusion.of(self.names, queries)

    def forbids(self, position):
        """Return whether the query at a position is excluded."""
        place = bisect_left(self.positions, position)
        return place < len(self.positions) and self.positions[place] == position

    def count(self, start, stop):
        """How many are from `start` to before `stop`."""
        if not len(self.positions):
            return 0
        first, last = np.searchsorted(self.positions, (start, stop)).tolist()
        return last - first


NO_EXCLUSION = Exclusion(None, frozenset(), np.empty(0, dtype=np.int32))


def check_names(names):
    """Return the queries that a caller excludes: a collection of texts."""
    is_text = isinstance(names, (str, bytes))
    if is_text or not isinstance(names, Iterable) or getattr(names, "ndim", 1) == 0:
        raise TypeError(f"exclude must be a collection of queries, got {described(names)}.")
    names = list(names)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"exclude must hold queries, which are texts, got {described(name)}.")
    return list(map(str.__str__, names))
