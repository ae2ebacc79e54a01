"""What was meant, if what was typed has errors in it: further ranges of the sorted texts."""

from typing import NamedTuple

import numpy as np

from .._kernels.near_prefixes import MOST_EDITS, MOST_LETTERS, near_prefixes, shared_lengths
from .._saving.stored_arrays import check_array
from .._sklearn import Options, StrOptions

# What the parameter `max_typos` of completers may be.
MAX_TYPOS = [Options(int, set(range(MOST_EDITS + 1))), StrOptions({"auto"})]

# How likely a beginning is to be typed with 0, 1 and 2 edits: what decides which are looked at.
EDIT_WEIGHTS = 1.0, 1e-2, 1e-4

# What the score of a suggestion counts for each edit. It stands behind what starts as typed anyway.
SCORE_WEIGHT = 1e-5

# Where so many are found as typed, nothing is corrected: it was no error. Of prefixes with an error
# in the word that is being typed, 1 in 400 leads to the right query by a correction alone though
# it has three or more without; of those with an error in a word before, none.
ENOUGH = 3

# So many corrections are looked at, the likeliest. Twice as many find hardly more.
MOST_CORRECTIONS = 6


class Correction(NamedTuple):
    """What a person may have meant to type.

    Attributes
    ----------
    prefix : str
    start, stop : int
        The texts that begin with it: ``start .. stop - 1`` of the sorted ones.
    weight : float
        What the scores of these texts count.
    """

    prefix: str
    start: int
    stop: int
    weight: float


class PrefixCorrector:
    """Finds the likeliest corrections of a prefix among the beginnings of sorted texts.

    A correction is a beginning that is an edit or two away (a letter more, less, another, or two
    swapped, the first one and spaces like any other); how likely it is depends on the edits and on
    how frequent the texts are that begin so. They are found by one walk through the texts, which
    are a trie (see the kernel): it needs a byte for each text, takes some ten microseconds for one
    edit, and meets nothing but beginnings of texts that exist. Of two edits, no more than one is in
    the first three letters: others are rare, and would take most of the time.

    Parameters
    ----------
    texts : SortedTexts
    counts : ndarray of shape (n_texts,)
        How frequent each is.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_xmr._completion.sorted_texts import SortedTexts
    >>> from sklearn_xmr._completion.typos import PrefixCorrector
    >>> texts = SortedTexts(["garden hose", "lawn mower", "white paint"])
    >>> corrector = PrefixCorrector(texts, np.array([3, 1, 2]))
    >>> [correction.prefix for correction in corrector.corrections("gadren h", 1)]
    ['garden h']
    """

    def __init__(self, texts, counts):
        self.texts = texts
        self.shared = np.empty(len(texts), dtype=np.uint8)
        shared_lengths(texts.data, texts.offsets, self.shared)
        self.mass = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])

    def __setstate__(self, state):
        self.__dict__.update(state)
        check_array(self.shared, "shared", np.uint8, (len(self.texts),))
        check_array(self.mass, "mass", np.float64, (len(self.texts) + 1,))

    def corrections(self, prefix, max_typos):
        """Return what may have been meant by `prefix`, the likeliest first.

        Parameters
        ----------
        prefix : str
        max_typos : {0, 1, 2, "auto"}
            Most edits, at most half as many as there are letters; "auto" for one edit from three
            letters on, and two from six. The second is looked for where nothing is found without.

        Returns
        -------
        list of Correction
        """
        for edits in range(1, most_edits(len(prefix), max_typos) + 1):
            found = self._nearest(prefix, edits)
            if found:
                return found
            start, stop = self.texts.prefix_range(prefix)
            if start < stop:
                break
        return []

    def _nearest(self, prefix, edits):
        found = np.empty((MOST_CORRECTIONS, 4), dtype=np.int32)
        letters = np.frombuffer(prefix.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        weights = np.array(EDIT_WEIGHTS[: edits + 1])
        n_found = near_prefixes(
            *(self.texts.data, self.texts.offsets, self.shared, self.mass),
            *(letters, weights, found, np.empty(MOST_CORRECTIONS)),
        )
        return [self._correction(*row) for row in found[:n_found].tolist()]

    def _correction(self, start, stop, edits, n_bytes):
        prefix = self.texts.beginning(start, n_bytes)
        if prefix.endswith(" "):  # then the query that ends before the space matches, too
            start, stop = self.texts.matching_range(prefix)
        return Correction(prefix, start, stop, SCORE_WEIGHT**edits)


def check_max_typos(max_typos):
    """Return `max_typos` as it is, if it may be that."""
    if max_typos != "auto" and max_typos not in range(MOST_EDITS + 1):
        raise ValueError(f"max_typos must be 0, 1, 2 or 'auto', got {max_typos!r}.")
    return max_typos


def most_edits(n_letters, max_typos):
    """Return how many edits are looked for."""
    if n_letters > MOST_LETTERS:
        return 0
    if max_typos == "auto":
        return min(MOST_EDITS, n_letters // 3)
    return min(max_typos, n_letters // 2)
