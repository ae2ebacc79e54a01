"""Arrays that grow at their end: what was there is not copied, and whoever has it keeps it.

What is gone stays in them until it is much: then what is left is stored anew.
"""

from itertools import pairwise
from threading import Lock

import numpy as np

# Room for so many times what there is, so that values are copied a few times each, however many
# come one by one.
GROWTH = 1.25
# So few values are inserted one by one, and numbers shifted for so few places.
FEW = 64
FEW_PLACES = 16
# Of what is gone, an array, an index or a model is cleared once it is so much of the whole, and so
# many.
MOST_GONE = 0.25
LEAST_CLEARED = 100


class Room(np.ndarray):
    """An array of which the first `n_used` rows are taken; what grows is a view of these."""

    n_used = 0
    lock = None

    @classmethod
    def of(cls, array, n_rows):
        """Room for so many rows that starts with those of an array."""
        room = cls((n_rows, *array.shape[1:]), dtype=array.dtype)
        room[: len(array)] = array
        room.n_used, room.lock = len(array), Lock()
        return room

    def take(self, array, values):
        """Put values behind an array if that is all that is taken: whether it was."""
        with self.lock:
            start, stop = len(array), len(array) + len(values)
            if start != self.n_used or stop > len(self) or not starts_with(self, array):
                return False
            self[start:stop] = values
            self.n_used = stop
            return True


def appended(array, values):
    """An array and, behind it, values, as a plain array.

    Both of them may share memory: the longer one has what comes behind the shorter, which stays as
    it is, and cannot be written to. Values cost their own size, in the mean.

    Parameters
    ----------
    array, values : ndarray of the same dtype
        Equal in shape but for the first axis.

    Returns
    -------
    ndarray
    """
    if not len(values):
        return array
    n_rows = len(array) + len(values)
    room = getattr(array.base, "base", None)  # of a view of the room as a plain array
    if not isinstance(room, Room) or not room.take(array, values):
        room = Room.of(array, int(GROWTH * n_rows) + 1)
        room.take(room[: len(array)], values)
    longer = room.view(np.ndarray)[:n_rows]
    longer.flags.writeable = False  # others see what is in it
    return longer


def starts_with(room, array):
    """Whether an array is the beginning of the room."""
    return (
        array.ctypes.data == room.ctypes.data
        and array.dtype == room.dtype
        and array.strides == room.strides
    )


def inserted(array, places, values):
    """An array with values before some of its places, which increase, as `np.insert` makes it.

    For a few values that is several times as fast.
    """
    if len(places) > FEW:
        return np.insert(array, places, values)
    bounds, parts = [0, *places, len(array)], []
    for number, (start, stop) in enumerate(pairwise(bounds)):
        parts += [array[start:stop], values[number : number + 1]]
    return np.concatenate(parts)


def shifted(numbers, places):
    """Where things are that had these numbers, once others come before some, which increase.

    Parameters
    ----------
    numbers : ndarray of int32
        -1 stays.
    places : list of int
        Without any, the numbers themselves are given back.
    """
    if len(places) > FEW_PLACES:
        return numbers + np.searchsorted(places, numbers, side="right").astype(np.int32)
    for place in reversed(places):
        numbers = numbers + (numbers >= place)
    return numbers


def are_many(n_gone, n_all):
    """Whether so much is gone that what is left is to be stored anew."""
    return n_gone >= max(MOST_GONE * n_all, LEAST_CLEARED)
