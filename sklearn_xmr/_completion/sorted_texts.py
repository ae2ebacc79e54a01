"""Many texts in two arrays, which load and memory-map at once, unlike Python strings."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from .._kernels.sorted_texts import find, find_newest, matching_ranges, prefix_range, take
from .._saving.stored_arrays import check_array, check_pointers
from .._sparse import indptr_of


class Texts(Sequence):
    """A sequence of str that are made on demand.

    Parameters
    ----------
    texts : iterable of str
        Any texts. Lone surrogates and NULs are kept.

    Attributes
    ----------
    data : ndarray of uint8 of shape (n_bytes,)
        The texts in UTF-8, one after the other.
    offsets : ndarray of int64 of shape (n_texts + 1,)
        Text i is ``data[offsets[i]:offsets[i + 1]]``.
    """

    def __init__(self, texts):
        encoded = [_encode(text) for text in texts]
        self.data = np.frombuffer(b"".join(encoded), dtype=np.uint8)
        self.offsets = indptr_of([len(text) for text in encoded])

    @classmethod
    def of_codes(cls, codes, spans):
        """Make the texts ``codes[start:stop]`` of all spans, which follow each other."""
        texts = cls.__new__(cls)
        text = codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        texts.data = np.frombuffer(_encode(text), dtype=np.uint8)
        n_bytes = 1 + (codes > 0x7F) + (codes > 0x7FF) + (codes > 0xFFFF)
        texts.offsets = indptr_of(n_bytes)[np.append(spans[:, 0], len(codes))]
        return texts

    def codes(self):
        """Return the code points of all texts, and where each begins, and the last ends."""
        text = _decode(self.data.tobytes()).encode("utf-32-le", "surrogatepass")
        return np.frombuffer(text, dtype="<u4").astype(np.uint32), self._n_letters()[self.offsets]

    def _n_letters(self):
        # How many letters are before each byte: each has one byte that starts it.
        return indptr_of(self.data & 0xC0 != 0x80)

    def beginning(self, i, n_bytes):
        """Return the first letters of text i, so many bytes of UTF-8."""
        start = self.offsets[i]
        return _decode(self.data[start : start + n_bytes].tobytes())

    def __setstate__(self, state):
        self.__dict__.update(state)
        check_array(self.data, "data", np.uint8, (None,))
        check_pointers(self.offsets, "offsets", len(self.data))

    def __len__(self):
        return len(self.offsets) - 1

    def __getitem__(self, item):
        if isinstance(item, slice):
            return [self[i] for i in range(len(self))[item]]
        i = range(len(self))[item]  # negative ones count from the end
        return _decode(self.data[self.offsets[i] : self.offsets[i + 1]].tobytes())

    def take(self, positions):
        """Return the texts at some positions, an array of int32, up to the first negative one."""
        return take(self.data, self.offsets, positions)

    def __iter__(self):
        text = _decode(self.data.tobytes())  # at once
        for start, stop in pairwise(self._n_letters()[self.offsets].tolist()):
            yield text[start:stop]

    def __eq__(self, other):
        if not isinstance(other, (Texts, list)):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None

    def __repr__(self):
        shown = [repr(text) for text in self[:3]] + ["..."] * (len(self) > 3)
        return f"<{len(self)} texts: {', '.join(shown)}>"


class SortedTexts(Texts):
    """Different texts in the order of their code points.

    Parameters
    ----------
    texts : iterable of str
        All different, in any order.
    """

    def __init__(self, texts):
        super().__init__(sorted(texts))

    def __contains__(self, text):
        return isinstance(text, str) and self.find(text) >= 0

    def prefix_range(self, prefix):
        """Return start and stop of the texts that begin with `prefix`, in logarithmic time."""
        return prefix_range(self.data, self.offsets, prefix)

    def matching_ranges(self, prefixes):
        """Return ranges as `prefix_range` does, and with each the text that is just finished.

        A space that ends a prefix says that the last word is complete: the text without it is meant
        as well. It stands right before those that go on, unless some of them hold a control
        character in the space's place.

        Parameters
        ----------
        prefixes : list of str

        Returns
        -------
        ranges : ndarray of int32 of shape (n_prefixes, 2)
        n_texts : int
            How many there are in all ranges.
        """
        ranges = np.empty((len(prefixes), 2), dtype=np.int32)
        return ranges, matching_ranges(self.data, self.offsets, prefixes, ranges)

    def matching_range(self, prefix):
        """Return that of one prefix: start and stop."""
        ranges, _ = self.matching_ranges([prefix])
        return ranges[0].tolist()

    def find(self, text):
        """Return the position of `text`, -1 if it is not there; in logarithmic time."""
        return find(self.data, self.offsets, text)

    def find_newest(self, contexts, most=1):
        """Look up the last texts of each context.

        Parameters
        ----------
        contexts : list of str or tuple of length n_contexts
        most : int
            How many of each.

        Returns
        -------
        ndarray of int32 of shape (n_contexts, most)
            Their positions, the very last text first; -1 where there is none, or it is not here.
        """
        positions = np.empty((len(contexts), most), dtype=np.int32)
        find_newest(self.data, self.offsets, contexts, positions)
        return positions


def _encode(text):
    return text.encode("utf-8", "surrogatepass")


def _decode(data):
    return data.decode("utf-8", "surrogatepass")
