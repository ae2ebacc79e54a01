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
FEW = 16
FEW_PLACES = 16
# What came later lies apart from all else as long as there is so many times as much of that, or as
# long as it is so little.
TIMES_LATER = 16
LEAST_LATER = 1024
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
            if start != self.n_used or stop > len(self):
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
    # The base of what was made here is the room's beginning; that of a part of it is no room.
    room = array.base.base if isinstance(array.base, Room) else None
    if room is None or not room.take(array, values):
        room = Room.of(array, int(GROWTH * n_rows) + 1)
        room.take(array, values)
    longer = room[:n_rows].view(np.ndarray)
    longer.flags.writeable = False  # others see what is in it
    return longer


def inserted(array, places, values):
    """An array with values before some of its places, which increase, as `np.insert` makes it.

    For a few values that is several times as fast; behind all others they are `appended`.
    """
    if not len(places) or places[0] == len(array):
        return appended(array, values)
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


class Numbering:
    """Numbers of distinct keys, from 0, in the order in which they came.

    One that follows another shares its dict, in which the other does not see the further keys.
    """

    def __init__(self, keys=()):
        self._number_of = {key: number for number, key in enumerate(keys)}
        self._size, self._lock = len(self._number_of), Lock()

    def __len__(self):
        return self._size

    def __iter__(self):
        return iter(list(self._number_of)[: self._size])

    def __getstate__(self):
        return {"keys": list(self)}

    def __setstate__(self, state):
        self.__init__(state["keys"])

    def get(self, key, default=None):
        """The number of a key."""
        number = self._number_of.get(key, self._size)
        return number if number < self._size else default

    def numbers(self, keys):
        """The numbers of some keys, -1 for those that it does not have: a list."""
        number_of, size = self._number_of, self._size
        numbers = [number_of.get(key, size) for key in keys]
        return [number if number < size else -1 for number in numbers]

    def followed_by(self, keys):
        """The same with keys that it does not have, numbered on."""
        longer = Numbering()
        with self._lock:
            if len(self._number_of) == self._size:
                longer._number_of, longer._lock = self._number_of, self._lock
            else:
                longer._number_of = {key: number for number, key in enumerate(self)}
            longer._size = self._size + len(keys)
            longer._number_of.update(zip(keys, range(self._size, longer._size), strict=True))
        return longer


def are_few(n_later, n_others):
    """Whether what came later still lies apart."""
    return n_later <= max(n_others // TIMES_LATER, LEAST_LATER)


def are_many(n_gone, n_all):
    """Whether so much is gone that what is left is to be stored anew."""
    return n_gone >= max(MOST_GONE * n_all, LEAST_CLEARED)
