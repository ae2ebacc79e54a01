"""What is made of a query before it is compared with products."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from .._checks import as_list
from .._growing import Numbering, are_many
from .._pipelines import transform
from .._ranking.match_features import Words
from .._sparse import Csr, check_csr, indptr_of, is_canonical
from .._text.spelling import SpellingIndex
from .._text.strings import Strings
from .._text.word_forms import folded_words
from .click_log import normalized
from .text_views import TextViews

# So many words of a query are compared in order. Nobody types as many; of a document that was
# pasted, comparing each word with each of a title's would take a second.
MOST_WORDS = 100


class Queries(NamedTuple):
    """Queries as the stages take them.

    Attributes
    ----------
    vectors : Csr of shape (n_queries, n_features)
    words : Words
    """

    vectors: Csr
    words: Words

    @property
    def matrix(self):
        """The vectors as SciPy has them."""
        return self.vectors.to_scipy()

    def rows(self, rows):
        """Some of them, by number."""
        starts, stops = self.words.indptr[rows], self.words.indptr[rows + 1]
        kept = np.concatenate([np.arange(*span) for span in zip(starts, stops, strict=True)])
        words = Words(indptr_of(stops - starts), self.words.words[kept], self.words.is_number[kept])
        return Queries(Csr.of(self.matrix[rows]), words)


class QueryReader(NamedTuple):
    """Makes vectors and words of texts.

    Attributes
    ----------
    vectorizer : transformer
    number_of : Numbering
        Of the words of titles, those that no title has any more among them.
    spelling : SpellingIndex
        Of the same words; counts say how many titles have each.
    synonyms : dict of str to list of str
        By folded word.
    """

    vectorizer: object
    number_of: Numbering
    spelling: SpellingIndex
    synonyms: dict

    @classmethod
    def of(cls, vectorizer, titles, synonyms):
        """The reader of queries that are to find titles."""
        counts = Counter(word for title in titles for word in set(folded_words(title)))
        words = sorted(counts)
        counts = np.array([counts[word] for word in words], dtype=np.int64)
        spelling = SpellingIndex.of(words, counts)
        return cls(vectorizer, Numbering(words), spelling, synonyms)

    def changed(self, vectorizer, added, removed):
        """The reader for titles of which some were added and some removed, given their words."""
        changes = Counter(word for title in added for word in set(title))
        new = sorted(word for word in changes if self.number_of.get(word) is None)
        changes.subtract(word for title in removed for word in set(title))
        number_of = self.number_of.followed_by(new)
        counts = np.concatenate([self.spelling.counts, np.zeros(len(new), dtype=np.int64)])
        for word, change in changes.items():
            counts[number_of.get(word)] += change
        spelling = self.spelling.changed(new, counts)
        return QueryReader(vectorizer, number_of, spelling, self.synonyms)

    def tidied(self):
        """The reader without words that no title has any more, and the new number of each word.

        The reader itself and None while these words are few.
        """
        counts, is_left = self.spelling.counts, self.spelling.counts > 0
        if not are_many(np.count_nonzero(~is_left), len(counts)):
            return self, None
        words = [word for word, left in zip(self.number_of, is_left, strict=True) if left]
        numbers = np.where(is_left, np.cumsum(is_left) - 1, -1).astype(np.int32)
        spelling = SpellingIndex.of(words, counts[is_left])
        return self._replace(number_of=Numbering(words), spelling=spelling), numbers

    def read(self, texts):
        """`Queries` of normalised texts.

        What a misspelt word may stand for, and synonyms, are added to the text. Among the words in
        order, the correction takes the place of what was typed; these are the first `MOST_WORDS`.
        """
        expanded, words = zip(*map(self.expanded, texts), strict=True)
        words = Words.of([listed[:MOST_WORDS] for listed in words], self.number_of)
        return Queries(vectors_of(self.vectorizer, expanded), words)

    def expanded(self, text):
        """A text with all that it is also searched for, and its words, corrected."""
        typed = folded_words(text)
        corrected = self._corrected(typed)
        as_typed = set(typed)
        added = [word for word in corrected if word not in as_typed]
        if self.synonyms:
            for word in [*typed, *added]:
                added += self.synonyms.get(word, ())
        return " ".join([text, *added]) if added else text, corrected

    def _corrected(self, words):
        # Each word, or what it may stand for where no title has it.
        counts, corrected = self.spelling.counts, list(words)
        for place, number in enumerate(self.number_of.numbers(words)):
            if number < 0 or not counts[number]:
                found = self.spelling.corrections(words[place])
                if found:
                    corrected[place] = self.spelling.word(found[0])
        return corrected


def read_titles(titles, number_of):
    """The words of titles as the ranker takes them."""
    return Words.of([folded_words(title) for title in titles], number_of)


def vectors_of(vectorizer, texts):
    """The vectors of texts as `Csr`."""
    if isinstance(vectorizer, TextViews):
        return vectorizer.rows(Strings.of(list(texts)))
    X = transform([vectorizer], list(texts))
    vectors = Csr.of(X if is_canonical(X) else check_csr(X, "vectorizer: what it makes of texts"))
    lowest = vectors.data.min(initial=0)
    if lowest < 0:
        raise ValueError(f"vectorizer must make vectors that are not negative, got {lowest}.")
    return vectors


def check_synonyms(synonyms):
    """Return synonyms by folded word.

    Raises
    ------
    ValueError
        If a word is none, or several.
    TypeError
        If they are no dict of a str to a str, or to a sequence of them.
    """
    if synonyms is None:
        return {}
    if not isinstance(synonyms, Mapping):
        raise TypeError(
            f"synonyms must be a dict of words to words, got {type(synonyms).__name__}."
        )
    folded = {}
    for word, others in synonyms.items():
        others = [others] if isinstance(others, str) else others
        others = as_list(others, f"synonyms[{word!r}]", "str", in_any_order=True)
        if not all(isinstance(text, str) for text in [word, *others]):
            raise TypeError(f"synonyms must hold str, got {word!r}: {others!r}.")
        words = folded_words(word)
        if len(words) != 1:
            raise ValueError(f"synonyms must be of single words, got {word!r}.")
        folded.setdefault(words[0], []).extend(map(normalized, others))
    return folded
