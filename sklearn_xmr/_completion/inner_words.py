"""Texts by the words in them, wherever they are, while the words are being typed."""

import numpy as np
import scipy.sparse as sp

from .._kernels.word_search import MOST_WORDS, texts_with_words
from .._saving.stored_arrays import check_array, check_indices, check_pointers
from .._sparse import Csr
from .._text.ngram_counts import spaced_words
from .sorted_texts import SortedTexts
from .typos import PrefixCorrector

# What the score of a query counts that does not start with the words typed, but has them. It stands
# behind those that do anyway.
WORDS_WEIGHT = 1e-5

# What it counts for each of the words that it lacks.
LACKING_WEIGHT = 1e-5


class InnerWords:
    """Finds the most frequent texts that have words with given beginnings, in any order.

    Conjunctive search as in [1]_, but that every word may be unfinished, not the last one alone:
    sorted words make a beginning a range, whose inverted lists are looked through for texts that
    have the other words, too.

    Parameters
    ----------
    texts : SortedTexts
        Their words are what white space parts.
    counts : ndarray of shape (n_texts,)
        How frequent each is.

    Attributes
    ----------
    by_rank : ndarray of int32 of shape (n_texts,)
        Positions of the texts, the most frequent first. This is how they are numbered here.
    vocabulary : SortedTexts
        All words.
    text_ptr, words : ndarrays of int64 and int32
        The words of each text.
    word_ptr, texts : ndarrays of int64 and int32
        The texts of each word, increasing.

    References
    ----------
    .. [1] S. Gog, G. E. Pibiri, R. Venturini, "Efficient and Effective Query Auto-Completion",
       SIGIR 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_xmr._completion.inner_words import InnerWords
    >>> from sklearn_xmr._completion.sorted_texts import SortedTexts
    >>> texts = SortedTexts(["garden hose", "white paint", "white spray paint"])
    >>> index = InnerWords(texts, np.array([5, 1, 2]))
    >>> positions, _ = index.find("paint wh", k=10, max_typos=0)
    >>> [texts[position] for position in positions]
    ['white spray paint', 'white paint']
    """

    def __init__(self, texts, counts):
        self.by_rank = np.argsort(-counts, kind="stable").astype(np.int32)
        vocabulary, ptr, words = spaced_words(*texts.codes())
        self.vocabulary = SortedTexts.of_codes(*vocabulary)
        entries = np.ones(len(words), dtype=bool), words, ptr
        by_text = sp.csr_array(entries, shape=(len(texts), len(self.vocabulary)))[self.by_rank]
        self.text_ptr, self.words, *_ = Csr.of(by_text)
        self.word_ptr, self.texts, *_ = Csr.of(by_text.tocsc())
        self._corrector = PrefixCorrector(self.vocabulary, np.diff(self.word_ptr))

    def __setstate__(self, state):
        self.__dict__.update(state)
        n_texts, n_words = len(self.by_rank), len(self.vocabulary)
        check_array(self.by_rank, "by_rank", np.int32, (None,))
        check_array(self.words, "words", np.int32, (None,))
        check_array(self.texts, "texts", np.int32, self.words.shape)
        check_array(self.text_ptr, "text_ptr", np.int64, (n_texts + 1,))
        check_array(self.word_ptr, "word_ptr", np.int64, (n_words + 1,))
        for pointers, name in ((self.text_ptr, "text_ptr"), (self.word_ptr, "word_ptr")):
            check_pointers(pointers, name, len(self.words))
        for numbers, name in ((self.by_rank, "by_rank"), (self.texts, "texts")):
            check_indices(numbers, name, n_texts)

    def find(self, prefix, k, max_typos, may_lack=False):
        """Find up to `k` texts with words that begin as those of `prefix` do.

        Parameters
        ----------
        prefix : str
        k : int
        max_typos : {0, 1, 2, "auto"}
            Most edits in a word that no word begins with.
        may_lack : bool
            Whether texts may lack words of `prefix`, but for the last one, which is being typed,
            and for one other.

        Returns
        -------
        positions, n_lacking : lists of int
            Of the texts, and how many words each lacks. Those that lack the fewest come first, then
            the most frequent; of equally frequent ones, the lower position.
        """
        beginnings = prefix.split(maxsplit=MOST_WORDS)
        if not may_lack < len(beginnings) <= MOST_WORDS:
            return [], []
        ranges = [self._range(beginning, max_typos) for beginning in beginnings]
        narrowest_first = sorted(ranges, key=lambda words: words[1] - words[0])
        needed = narrowest_first.index(ranges[-1]) if may_lack else -1
        found, n_lacking = np.empty((2, min(k, len(self.by_rank))), dtype=np.int32)
        index = self.word_ptr, self.texts, self.text_ptr, self.words
        ranges = np.array(narrowest_first, dtype=np.int32)
        n_found = texts_with_words(*index, ranges, needed, found, n_lacking)
        return self.by_rank[found[:n_found]].tolist(), n_lacking[:n_found].tolist()

    def _range(self, beginning, max_typos):
        words = self.vocabulary.prefix_range(beginning)
        if words[0] == words[1] and max_typos != 0:
            corrections = self._corrector.corrections(beginning, max_typos)
            words = corrections[0][1:3] if corrections else words
        return words
