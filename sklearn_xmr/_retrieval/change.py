"""What becomes of a catalogue when products come and go."""

from typing import NamedTuple

import numpy as np


class Change(NamedTuple):
    """What becomes of a catalogue.

    Attributes
    ----------
    old, new : Catalogue
    positions : ndarray of int of shape (n_old,)
        Where each product is in the new one, -1 if it is gone.
    anew : ndarray of int of shape (n_anew,)
        Positions, in the new one, of products that have a new text.
    stale : ndarray of int
        Positions, in the old one, of products whose text is gone.
    """

    old: object
    new: object
    positions: np.ndarray
    anew: np.ndarray
    stale: np.ndarray

    @classmethod
    def between(cls, old, new):
        """What makes one catalogue of another, found by comparing them."""
        position_of, texts = new.position_of, old.texts
        positions = np.array([position_of.get(product, -1) for product in texts])
        anew = [
            position
            for position, (product, text) in enumerate(new.texts.items())
            if texts.get(product) != text
        ]
        is_stale = (positions < 0) | np.isin(positions, anew)
        return cls(old, new, positions, np.array(anew, dtype=np.int64), np.flatnonzero(is_stale))

    @property
    def sources(self):
        """Where each product's text is: in the old catalogue or, behind that, in `anew`."""
        sources = np.empty(len(self.new), dtype=np.int64)
        kept = np.flatnonzero(self.positions >= 0)
        sources[self.positions[kept]] = kept
        sources[self.anew] = len(self.positions) + np.arange(len(self.anew))
        return sources

    def moved(self, numbers):
        """Positions in the new catalogue of what had numbers, None being those of all in the old.

        Returns
        -------
        of_number : ndarray of int of shape (n_numbers,)
            -1 for what is gone, or has another text.
        stale : ndarray of int
            The numbers that have become -1.
        """
        positions = self.positions
        if len(self.stale):
            positions = positions.copy()
            positions[self.stale] = -1
        if numbers is None:
            return positions, self.stale
        old = numbers.of_number[:-1]
        of_number = np.append(positions, -1)[old]
        if not len(self.stale):
            return of_number, self.stale
        return of_number, np.flatnonzero((old >= 0) & (of_number < 0))
