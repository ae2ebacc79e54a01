"""Pieces of a packed layer that came after it, in place of those that it has.

The slots and entries of a node's children lie in one piece and do not depend on where. So children
that change get a new piece, behind all others, in arrays that have room; the layer's own stay as
they are, perhaps in a file, and are not copied.
"""

from typing import NamedTuple

import numpy as np

from .._growing import appended
from .._sparse import Csr, rows_of_two


class Later(NamedTuple):
    """Where the pieces of a layer are, and those that came later.

    Attributes
    ----------
    places : ndarray of int64 of shape (n_parents, 2)
        Where the slots and entries of each parent's children start: in the layer's arrays or, past
        their end, in the following.
    slots, entries : ndarrays
        As those of the layer.
    rows : ndarray of int64 of shape (n_nodes,)
        Where that is which a node has learned: in the layer's `learned` or, past its end, in the
        following.
    learned : Csr or None
        As that of the layer, if it has one.
    """

    places: np.ndarray
    slots: np.ndarray
    entries: np.ndarray
    rows: np.ndarray
    learned: Csr | None

    @classmethod
    def of(cls, layer):
        """Those of a layer; nothing yet, if it has none."""
        if layer.later is not None:
            return layer.later
        learned, rows = layer.learned, np.arange(len(layer.node_of))
        if learned is not None:
            learned = Csr.of(learned[:0])
        return cls(layer.nodes[:-1, 1:], layer.slots[:0], layer.entries[:0], rows, learned)

    def with_part(self, layer, part):
        """The same with the pieces of another layer behind all."""
        learned = self.learned
        if learned is not None:
            learned = learned.followed_by(Csr.of(part.learned))
        return self._replace(
            slots=appended(self.slots, part.slots),
            entries=appended(self.entries, part.entries),
            learned=learned,
        )

    def pieces(self, layer, first, last):
        """Slots and entries of consecutive parents, one piece after the other."""
        sizes = np.diff(layer.nodes[first : last + 1, 1:], axis=0)
        found = []
        for column, (own, later) in enumerate(
            [(layer.slots, self.slots), (layer.entries, self.entries)]
        ):
            spans = zip(
                self.places[first:last, column].tolist(), sizes[:, column].tolist(), strict=True
            )
            parts = [
                own[place : place + size]
                if place < len(own)
                else later[place - len(own) : place - len(own) + size]
                for place, size in spans
            ]
            found.append(np.concatenate([own[:0], *parts]))
        return tuple(found)

    def learned_of(self, layer, nodes):
        """What some nodes have learned, csr_array."""
        return rows_of_two(layer.learned, self.learned.to_scipy(), self.rows[nodes])
