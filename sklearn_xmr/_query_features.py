"""What a query model sees: the words of the previous query beside the letters typed so far."""

import re
from collections import Counter
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin, clone

from ._char_ngram import CharNgramTfidf

WORD = re.compile(r"\w+")

# Weight of the prefix's block, the previous query's being 1. Search is steered by the prefix
# anyway: it must be less heard than what was asked before.
PREFIX_WEIGHT = 0.5


class PreviousQueryTfidf(TransformerMixin, BaseEstimator):
    """Tf-idf of a query's words, and the query as a whole as one more feature.

    What follows a query often hangs on the very query. Both parts have unit length, words or
    queries that training did not see count nothing. It is short where it matters, on single texts.
    """

    def fit(self, texts, y=None):
        """Learn words, their idf and whole queries."""
        words = [WORD.findall(text.lower()) for text in texts]
        frequencies = Counter(word for found in words for word in set(found))
        n_texts = len(words)
        self.idf_ = {
            word: 1 + np.log((1 + n_texts) / (1 + frequency)).item()
            for word, frequency in frequencies.items()
        }
        self.word_columns_ = {word: i for i, word in enumerate(sorted(frequencies))}
        queries = sorted({text for text in texts if text})
        first = len(self.word_columns_)
        self.query_columns_ = {query: i for i, query in enumerate(queries, start=first)}
        return self

    def transform(self, texts):
        """Return the features of each text, CSR of float32."""
        indptr, indices, data = [0], [], []
        for text in texts:
            counts = Counter(WORD.findall(text.lower()))
            columns = sorted(
                (self.word_columns_[word], count * self.idf_[word])
                for word, count in counts.items()
                if word in self.word_columns_
            )
            norm = sum(weight * weight for _, weight in columns) ** 0.5
            indices += [column for column, _ in columns]
            data += [weight / norm for _, weight in columns]
            if text in self.query_columns_:
                indices.append(self.query_columns_[text])
                data.append(1.0)
            indptr.append(len(indices))
        parts = (
            np.array(data, dtype=np.float32),
            np.array(indices, dtype=np.int32),
            np.array(indptr, dtype=np.int32),
        )
        shape = (len(indptr) - 1, len(self.word_columns_) + len(self.query_columns_))
        return sp.csr_array(parts, shape=shape)


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
            prefix_vectorizer = CharNgramTfidf(
                (1, 3), analyzer="char", prefix_weighting="string", lowercase=False
            )
        self.previous = clone(previous_vectorizer)
        self.prefix = clone(prefix_vectorizer)

    def fit_transform(self, previous, prefixes):
        """Learn both vectorizers; return the features of the rows, a csr_array."""
        rows = _beside(self.previous.fit_transform(previous), self.prefix.fit_transform(prefixes))
        return sp.csr_array((rows.data, rows.indices, rows.indptr), shape=rows.shape)

    def transform(self, previous, prefixes):
        """Return the features of each row."""
        return _beside(self.previous.transform(previous), self.prefix.transform(prefixes))


class FeatureRows(NamedTuple):
    """CSR rows of float32 for the search, without what SciPy takes to make a matrix of them."""

    indptr: np.ndarray
    indices: np.ndarray
    data: np.ndarray
    shape: tuple


def _beside(left, right):
    # A quick hstack of two CSR matrices, the right one weighted, each row scaled to unit length.
    left, right = (_canonical(block) for block in (left, right))
    in_left, in_right = np.diff(left.indptr), np.diff(right.indptr)
    indptr = left.indptr + right.indptr
    from_left = np.arange(left.nnz) + np.repeat(right.indptr[:-1], in_left)
    from_right = np.arange(right.nnz) + np.repeat(left.indptr[1:], in_right)
    indices = np.empty(indptr[-1], dtype=np.int32)
    indices[from_left] = left.indices
    indices[from_right] = right.indices + left.shape[1]
    data = np.empty(indptr[-1], dtype=np.float32)
    data[from_left] = left.data
    data[from_right] = right.data * np.float32(PREFIX_WEIGHT)
    row_of = np.repeat(np.arange(len(in_left)), in_left + in_right)
    norms = np.sqrt(np.bincount(row_of, data * data, minlength=len(in_left)))
    data /= norms.astype(np.float32)[row_of]
    return FeatureRows(indptr, indices, data, (left.shape[0], left.shape[1] + right.shape[1]))


def _canonical(block):
    if sp.issparse(block) and block.format == "csr" and block.dtype == np.float32:
        return block
    block = sp.csr_array(block).astype(np.float32)
    block.sum_duplicates()
    return block
