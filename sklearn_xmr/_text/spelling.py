"""Words that a misspelt word may stand for."""

from itertools import combinations
from typing import NamedTuple
from zlib import crc32

import numpy as np

from .._growing import appended, are_few, inserted
from .._kernels.edit_distance import edit_distances, words_of_keys
from .._saving.stored_arrays import check_array, check_indices, check_pointers
from .._sparse import indptr_of

# Shorter words have too many neighbours. From six letters on, two edits are corrected.
LEAST_LETTERS = 4
TWO_EDITS_FROM = 6
# Only this much of a word is looked up: edits further back are left to the comparison.
PREFIX = 7


class Deletions(NamedTuple):
    """What is left of words after a few deletions.

    Attributes
    ----------
    keys : ndarray of uint32 of shape (n_keys,)
        Hashes of what is left, increasing.
    word_of : ndarray of int32 of shape (n_keys,)
        The word of each, by number.
    """

    keys: np.ndarray
    word_of: np.ndarray

    @classmethod
    def of(cls, words, first=0):
        """Those of words, numbered from `first`."""
        keys, word_of = [], []
        for number, word in enumerate(words, first):
            if _is_correctable(word):
                found = _keys(word)
                keys += found
                word_of += [number] * len(found)
        keys, word_of = np.array(keys, dtype=np.uint32), np.array(word_of, dtype=np.int32)
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], word_of[order])

    def joined(self, others):
        """These and those of other words."""
        places = np.searchsorted(self.keys, others.keys, "right").tolist()
        keys = inserted(self.keys, places, others.keys)
        return Deletions(keys, inserted(self.word_of, places, others.word_of))


class SpellingIndex(NamedTuple):
    """Words by what is left of them after a few deletions.

    Two words that are k edits apart become equal by at most k deletions in each [1]_. So deletions
    lead to few words, which are then compared one by one.

    Attributes
    ----------
    deletions : Deletions
    later : Deletions
        Of a few words that came later.
    starts : ndarray of int64 of shape (n_words + 1,)
        Where each word starts in `text`.
    text : ndarray of uint32
        The words' code points, one after the other.
    counts : ndarray of shape (n_words,)
        How frequent the words are.

    References
    ----------
    .. [1] T. Bocek, E. Hunt, B. Stiller, "Fast Similarity Search in Large Dictionaries", 2007.

    Examples
    --------
    >>> from sklearn_xmr._text.spelling import SpellingIndex
    >>> words = ["faucet", "filter", "hose"]
    >>> index = SpellingIndex.of(words, [9, 5, 7])
    >>> [words[number] for number in index.corrections("fuacet")]
    ['faucet']
    """

    deletions: Deletions
    later: Deletions
    starts: np.ndarray
    text: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, words, counts):
        """The index of distinct words and how frequent each is."""
        starts = indptr_of([len(word) for word in words])
        text = _code_points("".join(words))
        return cls(Deletions.of(words), Deletions.of([]), starts, text, np.asarray(counts))

    def changed(self, words, counts):
        """The same with further words, numbered on, and new counts of all: without any, it is none.

        Parameters
        ----------
        words : list of str
        counts : ndarray of shape (n_words + n_further,)
        """
        if not words:
            return self._replace(counts=counts)
        deletions, later = self.deletions, self.later
        later = later.joined(Deletions.of(words, len(self.counts)))
        if not are_few(len(later.keys), len(deletions.keys)):
            deletions, later = deletions.joined(later), Deletions.of([])
        ends = self.starts[-1] + np.cumsum([len(word) for word in words])
        text = appended(self.text, _code_points("".join(words)))
        return SpellingIndex(deletions, later, appended(self.starts, ends), text, counts)

    def check(self):
        """Refuse arrays from a file that would lead a look-up astray.

        Raises
        ------
        ValueError
            If there are some.
        """
        check_array(self.text, "text", np.uint32, (None,))
        check_pointers(self.starts, "starts", len(self.text))
        n_words = len(self.starts) - 1
        check_array(self.counts, "counts", np.int64, (n_words,))
        for keys, word_of in (self.deletions, self.later):
            check_array(keys, "keys", np.uint32, (None,))
            check_array(word_of, "word_of", np.int32, keys.shape)
            check_indices(word_of, "word_of", n_words)

    def word(self, number):
        """A word by its number."""
        start, stop = self.starts[number : number + 2]
        return self.text[start:stop].tobytes().decode("utf-32-le", "surrogatepass")

    def corrections(self, word, k=1):
        """The numbers of at most `k` words that a word may stand for.

        Words of fewer than four characters, or with others than letters, have none. One edit is
        corrected, from six letters on two: a letter more, less, another, or two swapped.

        Returns
        -------
        list of int
            Fewest edits first, of equally many the most frequent word first, then by the alphabet.
        """
        if not _is_correctable(word):
            return []
        keys = np.array(_keys(word), dtype=np.uint32)
        found = words_of_keys([self.deletions, self.later], keys)
        distances, most = np.empty(len(found), dtype=np.int32), _most_edits(word)
        edit_distances(_code_points(word), self.starts, self.text, found, most, distances)
        pairs = zip(distances.tolist(), self.counts[found].tolist(), found.tolist(), strict=True)
        near = sorted(
            (distance, -count, self.word(number), number)
            for distance, count, number in pairs
            if distance <= most and count > 0
        )
        return [number for *_, number in near[:k]]


def _is_correctable(word):
    return len(word) >= LEAST_LETTERS and word.isalpha()


def _most_edits(word):
    return 1 if len(word) < TWO_EDITS_FROM else 2


def _keys(word):
    # Hashes of what is left of the word's start after none, one or two deletions.
    letters = [letter.encode("utf-8", "surrogatepass") for letter in word[:PREFIX]]
    left = {b"".join(letters)}
    for n_deleted in range(1, _most_edits(word) + 1):
        left.update(map(b"".join, combinations(letters, len(letters) - n_deleted)))
    return list(map(crc32, left))


def _code_points(text):
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
