"""What was meant, if what was typed has errors in it: further ranges of the sorted texts."""

from typing import NamedTuple

import numpy as np

from .._kernels.near_prefixes import MOST_EDITS, near_prefixes, shared_lengths
from .._sklearn import Options, StrOptions

# What the parameter `max_typos` of completers may be.
MAX_TYPOS = [Options(int, set(range(MOST_EDITS + 1))), StrOptions({"auto"})]

# How likely a beginning is to be typed with 0, 1 and 2 edits: what decides which are looked at.
EDIT_WEIGHTS = 1.0, 1e-2, 1e-4

# What the score of a suggestion counts for each edit. Much less, or clean prefixes would lose: the
# largest of some powers of ten with which the MRR of those stays within .001, of all completers.
SCORE_WEIGHT = 1e-5

# So many corrections are looked at, the likeliest. Twice as many find hardly more.
MOST_CORRECTIONS = 6

# Where so many texts begin with what was typed, a correction must be as likely as all of them.
ENOUGH = 10


class Reading(NamedTuple):
    """What a person may have meant to type.

    Attributes
    ----------
    prefix : str
    start, stop : int
        The texts that begin with it: ``start .. stop - 1`` of the sorted ones.
    weight : float
        What the scores of these texts count, 1 for what was typed itself.
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
    edit, and meets nothing but beginnings of texts that exist.

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
    >>> [reading.prefix for reading in corrector.readings("gadren h", 1)]
    ['gadren h', 'garden h']
    """

    def __init__(self, texts, counts):
        self.texts = texts
        self.shared = np.empty(len(texts), dtype=np.uint8)
        shared_lengths(texts.data, texts.offsets, self.shared)
        self.mass = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])

    def readings(self, prefix, max_typos):
        """Return what `prefix` may mean, first as it is, then corrected, the likeliest first.

        Parameters
        ----------
        prefix : str
        max_typos : {0, 1, 2, "auto"}
            Most edits, at most half as many as there are letters; "auto" for one edit from three
            letters on, and two from six. The second is looked for where nothing is found without.

        Returns
        -------
        list of Reading
        """
        exact = Reading(prefix, *self.texts.matching_range(prefix), 1.0)
        found = []
        for edits in range(1, most_edits(len(prefix), max_typos) + 1):
            found = self._corrections(prefix, edits, exact)
            if found or exact.start < exact.stop:
                break
        return [exact, *found]

    def _corrections(self, prefix, edits, exact):
        least = 0.0
        if exact.stop - exact.start >= ENOUGH:
            least = float(self.mass[exact.stop] - self.mass[exact.start])
        found = np.empty((MOST_CORRECTIONS, 4), dtype=np.int32)
        letters = np.frombuffer(prefix.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        weights = np.array(EDIT_WEIGHTS[: edits + 1])
        n_found = near_prefixes(
            *(self.texts.data, self.texts.offsets, self.shared, self.mass),
            *(letters, weights, least, found, np.empty(MOST_CORRECTIONS)),
        )
        return [self._reading(*row) for row in found[:n_found].tolist()]

    def _reading(self, start, stop, edits, n_bytes):
        prefix = self.texts.beginning(start, n_bytes)
        if prefix.endswith(" "):  # then the query that ends before the space matches, too
            start, stop = self.texts.matching_range(prefix)
        return Reading(prefix, start, stop, SCORE_WEIGHT**edits)


def most_edits(n_letters, max_typos):
    """Return how many edits are looked for."""
    if max_typos == "auto":
        return min(MOST_EDITS, n_letters // 3)
    if max_typos not in range(MOST_EDITS + 1):
        raise ValueError(f"max_typos must be 0, 1, 2 or 'auto', got {max_typos!r}.")
    return min(max_typos, n_letters // 2)
