"""Python strings, and where their characters lie: what kernels read without a copy."""

from itertools import pairwise

import numpy as np

from .._kernels.strings import locate, read
from .._threads import threads_here

# Documents are worked on in chunks of about that many characters.
CHUNK_SIZE = 2**20


class Strings:
    """A list of str, and the address, length and bytes per character of each.

    Parameters
    ----------
    strings : list of str
        Not to be changed: it keeps the characters where they are.
    places : ndarray of int64 of shape (n_strings, 3)
    """

    def __init__(self, strings, places):
        self.strings = strings
        self.places = places

    @classmethod
    def of(cls, strings):
        """Find the characters of a list of str; None if there is anything else in it."""
        places = np.empty((len(strings), 3), dtype=np.int64)
        return cls(strings, places) if locate(strings, places) == len(strings) else None

    def __len__(self):
        return len(self.strings)

    def chunks(self, n_jobs):
        """Cut into parts of equal size, at most `CHUNK_SIZE`, as many for each thread."""
        if len(self) < 2:
            return [self]
        ends = np.cumsum(self.places[:, 1])
        size = int(ends[-1])
        if size <= CHUNK_SIZE:
            return [self]
        n_threads = threads_here(n_jobs)
        n_chunks = n_threads * -(-size // (n_threads * CHUNK_SIZE))
        bounds = np.searchsorted(ends, size / n_chunks * np.arange(1, n_chunks)) + 1
        return [
            Strings(self.strings[start:stop], self.places[start:stop])
            for start, stop in pairwise(np.unique([0, *bounds, len(self)]).tolist())
        ]

    def encode(self, lowercase=False):
        """The code points of all in one array, and where each begins, and the last ends."""
        codes = np.empty(int(self.places[:, 1].sum()), dtype=np.uint32)
        ptr = np.empty(len(self) + 1, dtype=np.int64)
        if not read(self.places, lowercase, codes, ptr):
            # Some lower case depends on its neighbours, or is two characters: str.lower knows.
            return Strings.of([str.lower(string) for string in self.strings]).encode()
        return codes, ptr
