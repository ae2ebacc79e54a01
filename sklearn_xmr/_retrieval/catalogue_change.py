"""What becomes of a catalogue when products come and go."""

from dataclasses import dataclass

import numpy as np

from .._growing import inserted, shifted


@dataclass(frozen=True, eq=False)
class Change:
    """What becomes of a catalogue.

    Attributes
    ----------
    old, new : Catalogue
        The new one stores texts as the old one does and, behind them, those of `anew`.
    anew : ndarray of int of shape (n_anew,)
        Positions, in the new one, of products that have a new text, increasing.
    stale : ndarray of int
        Positions, in the old one, of products whose text is gone.
    places : list of int
        The old positions before which new products come, increasing.
    positions : ndarray of int32 of shape (n_old,) or None
        Where each product is in the new one, -1 if it is gone; None where `places` say it all.
    """

    old: object
    new: object
    anew: np.ndarray
    stale: np.ndarray
    places: list = ()
    positions: np.ndarray | None = None

    @property
    def moves(self):
        """Whether a product that stays gets another position, or some are gone."""
        # What comes behind all moves none.
        return self.positions is not None or any(place < len(self.old) for place in self.places)

    def at(self, positions):
        """Where products at old positions are in the new catalogue: -1 for -1, and what is gone."""
        if not self.moves:
            return positions
        if self.positions is None:
            return shifted(positions, self.places)
        return np.append(self.positions, np.int32(-1))[positions]

    def with_text_at(self, positions):
        """The same, and -1 for what has another text."""
        found = self.at(positions)
        if not len(self.stale):
            return found
        return np.where(np.isin(positions, self.stale), np.int32(-1), found)

    def values(self, values):
        """Values of the products of the new catalogue, given those of the old one: 0 for others."""
        if self.positions is not None:
            return values[self.positions >= 0]
        return inserted(values, self.places, np.zeros(len(self.places), dtype=values.dtype))
