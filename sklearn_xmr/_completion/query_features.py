"""What a query model sees: the words of the previous query beside the letters typed so far."""

import re
from collections import Counter

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import norm
from sklearn.base import BaseEstimator, TransformerMixin, clone

from .._kernels.query_words import query_words
from .._kernels.row_norms import normalize_rows
from .._saving.versions import VersionedState
from .._sparse import Csr, check_csr, is_canonical, join_rows
from .._text.char_ngram import CharNgramTfidf
from .._text.ngram_tfidf import transformed
from .._text.strings import Strings
from .contexts import levels, n_levels
from .sorted_texts import SortedTexts

WORD = re.compile(r"\w+")

# Weight of the prefix's block, that of the previous query being 1. The prefix steers the search
# anyway: as a feature, it must count less than what was asked before.
PREFIX_WEIGHT = 0.25

NAMES = "previous_vectorizer", "prefix_vectorizer"


class PreviousQueryTfidf(TransformerMixin, VersionedState, BaseEstimator):
    """Tf-idf of a query's words, and the query as a whole as one more feature.

    What follows a query often depends on that very query. Both parts have unit length; words and
    queries that training did not see count nothing.
    """

    def fit(self, texts, y=None):
        """Learn words, their idf and whole queries."""
        frequencies = Counter(word for text in texts for word in set(_words(text)))
        self.words_ = SortedTexts(frequencies)
        frequencies = np.array([frequencies[word] for word in self.words_])
        self.idf_ = 1 + np.log((1 + len(texts)) / (1 + frequencies))
        self.queries_ = SortedTexts({text for text in texts if text})
        return self

    def transform(self, texts):
        """Return the features of each text, CSR of float32."""
        return self.rows(texts).to_scipy()

    def rows(self, texts):
        """The same as a `Csr`: for one text, SciPy takes longer to make its matrix."""
        size = sum(map(len, texts)) + len(texts)
        indptr = np.empty(len(texts) + 1, dtype=np.int64)
        indices, data = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.float32)
        known = self.words_, self.idf_, self.queries_
        size = query_words(texts, *known, indptr, indices, data)
        n_features = len(self.words_) + len(self.queries_)
        return Csr(indptr, indices[:size], data[:size], n_features)


def _words(text):
    return WORD.findall(text.lower())


def default_prefix_vectorizer():
    """What turns prefixes into features, unless told otherwise."""
    return CharNgramTfidf((1, 3), analyzer="char", prefix_weighting="string", lowercase=False)


class QueryFeatures:
    """The vectorizers of previous query and prefix, and how their features are put together.

    Parameters
    ----------
    previous_vectorizer, prefix_vectorizer : transformer or None
        What turns texts into features; they are cloned. None for the defaults.
    """

    def __init__(self, previous_vectorizer, prefix_vectorizer):
        if previous_vectorizer is None:
            previous_vectorizer = PreviousQueryTfidf()
        if prefix_vectorizer is None:
            prefix_vectorizer = default_prefix_vectorizer()
        self.previous = clone(previous_vectorizer)
        self.prefix = clone(prefix_vectorizer)

    def fit_transform(self, previous, prefixes):
        """Learn both vectorizers; return the features of the rows, a csr_array."""
        texts = [text for _, texts in levels(previous) for text in texts]
        block = _checked(self._fit_previous(texts), NAMES[0], len(texts))
        self.widths = [block.n_columns]
        blocks = [self._of_contexts(previous) if n_levels(previous) > 1 else block]
        if any(prefixes):
            blocks.append(_checked(self.prefix.fit_transform(prefixes), NAMES[1], len(prefixes)))
        else:
            self.prefix = None  # there is nothing to learn from
        self.widths = [block.n_columns for block in blocks]
        return _beside(blocks).to_scipy()

    def _fit_previous(self, texts):
        try:
            return self.previous.fit_transform(texts)
        except ValueError as error:
            if any(texts):
                raise
            raise ValueError(
                "previous_vectorizer must be None where the log has no previous queries: "
                f"{type(self.previous).__name__} has nothing to learn from ({error})."
            ) from error

    def transform(self, previous, prefixes):
        """Return the features of each row."""
        of_previous = self._of_contexts if n_levels(previous) > 1 else self._of_queries
        blocks = [of_previous(previous)]
        if self.prefix is not None:
            blocks.append(self._of_prefixes(prefixes))
        return _beside(blocks)

    def _of_prefixes(self, prefixes):
        if type(self.prefix) is CharNgramTfidf and self.prefix.dtype == np.float32:
            return transformed(self.prefix, Strings.of(prefixes))
        return _checked(self.prefix.transform(prefixes), NAMES[1], len(prefixes), self.widths[1])

    def _of_queries(self, texts):
        if type(self.previous) is PreviousQueryTfidf:
            return self.previous.rows(texts)
        return _checked(self.previous.transform(texts), NAMES[0], len(texts), self.widths[0])

    def _of_contexts(self, contexts):
        # The weighted sum of each context's queries, as long as the longest of their vectors.
        total, longest = 0.0, 0.0
        for weight, texts in levels(contexts):
            rows = self._of_queries(texts).to_scipy()
            total = total + weight * rows
            longest = np.maximum(longest, norm(rows, axis=1))
        scale = longest / np.maximum(norm(total, axis=1), np.finfo(np.float32).tiny)
        total = (sp.diags_array(scale) @ total).tocsr().astype(np.float32)
        total.sort_indices()
        return Csr.of(total)


def _beside(blocks):
    # Rows side by side, those of the prefix weighted, at unit length.
    rows = join_rows(blocks, [1, PREFIX_WEIGHT][: len(blocks)])
    normalize_rows(rows.indptr, rows.data, rows.data)
    return rows


def _checked(block, name, n_rows, n_features=None):
    # What a vectorizer has returned, as the kernels take it: they trust it, and it may be the
    # user's own.
    if not is_canonical(block):
        block = check_csr(block, f"The matrix of {name}")
    n_features = block.shape[1] if n_features is None else n_features
    if block.shape != (n_rows, n_features):
        raise ValueError(
            f"The matrix of {name} must have shape {(n_rows, n_features)}, got {block.shape}."
        )
    return Csr.of(block)
