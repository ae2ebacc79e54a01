"""From texts to n-gram counts, in flat arrays: what `CharNgramTfidf` is made of.

A text is an array of code points. Terms are slices of one such array, a row of ``spans`` each, so
that a vocabulary is four arrays: it pickles and memory-maps without a Python string.
"""

import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ._kernels.char_ngram import build_table, count_ngrams, find_ngrams, learn_ngrams
from ._kernels.term_order import sort_terms
from ._kernels.text_spans import split_documents
from ._kernels.tfidf_rows import count_rows, tfidf_rows

_CODEC = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
# All white space there is lies at or below U+3000, the ideographic space.
_IS_SPACE = np.array([chr(code).isspace() for code in range(0x3001)], dtype=np.uint8)
_ONES = np.empty(0)  # counts that are all 1
_TFIDF_ROWS = {
    np.dtype(np.float32): tfidf_rows["float"],
    np.dtype(np.float64): tfidf_rows["double"],
}


class Analysis(NamedTuple):
    """How documents become n-grams; the constants are those of the kernels."""

    analyzer: int
    min_n: int
    max_n: int
    weighting: int
    lowercase: bool
    strip_accents: Callable | None


class Weighting(NamedTuple):
    """How counts become weights, of the type of ``idf``, which is empty where it isn't used."""

    tf: int
    idf: np.ndarray
    norm: int


class Ngrams(NamedTuple):
    """The n-grams of document d are ``ids[ptr[d]:ptr[d + 1]]``; an empty ``counts`` is all ones."""

    ptr: np.ndarray
    ids: np.ndarray
    counts: np.ndarray


class Terms(NamedTuple):
    """Term t is ``codes[spans[t, 0]:spans[t, 1]]``."""

    codes: np.ndarray
    spans: np.ndarray

    @classmethod
    def from_strings(cls, strings):
        codes, ptr = _encode(strings)
        return cls(codes, np.column_stack((ptr[:-1], ptr[1:])))

    def to_strings(self):
        text = self.codes.tobytes().decode(_CODEC, "surrogatepass")
        return [text[start:stop] for start, stop in self.spans.tolist()]

    def take(self, numbers):
        """The terms of these numbers, in that order, with no other characters kept."""
        starts, stops = self.spans[numbers].T
        ptr = np.concatenate(([0], np.cumsum(stops - starts)))
        source = np.repeat(starts - ptr[:-1], stops - starts) + np.arange(ptr[-1])
        return Terms(self.codes[source], np.column_stack((ptr[:-1], ptr[1:])))

    def order(self):
        """The numbers of the terms as their strings sort."""
        order = np.empty(len(self.spans), dtype=np.int32)
        sort_terms(self.codes, self.spans, order)
        return order


class Vocabulary(NamedTuple):
    """Terms, numbered by feature, and the hash table that finds them."""

    terms: Terms
    slot_keys: np.ndarray
    slot_ids: np.ndarray

    @classmethod
    def from_terms(cls, terms, frequencies=None):
        """Build the table; with frequencies, the frequent terms are found fastest."""
        n_terms = len(terms.spans)
        order = np.arange(n_terms)
        if frequencies is not None:
            order = np.argsort(-frequencies, kind="stable")
        n_slots = 1 << (2 * n_terms).bit_length()
        slot_keys = np.zeros(n_slots, dtype=np.uint64)
        slot_ids = np.zeros(n_slots, dtype=np.int32)
        build_table(*terms, order, slot_keys, slot_ids)
        return cls(terms, slot_keys, slot_ids)

    @property
    def n_features(self):
        return len(self.terms.spans)


def learn(documents, analysis):
    """The `Ngrams` of documents, numbered as they appear, and the `Terms` of these numbers."""
    codes, spans, span_ptr = _split(documents, analysis)
    ptr, ids, weights = _empty_ngrams(spans, span_ptr, analysis)
    terms = np.empty((len(ids), 2), dtype=np.int64)
    n_terms = learn_ngrams(codes, spans, span_ptr, *analysis[1:4], ptr, ids, weights, terms)
    return Ngrams(ptr, ids, weights), Terms(codes, terms[:n_terms])


def find(documents, analysis, vocabulary):
    """The `Ngrams` of documents, numbered by feature; -1 for those not in the vocabulary."""
    codes, spans, span_ptr = _split(documents, analysis)
    ptr, ids, weights = _empty_ngrams(spans, span_ptr, analysis)
    terms, slot_keys, slot_ids = vocabulary
    find_ngrams(
        codes, spans, span_ptr, *analysis[1:4], *terms, slot_keys, slot_ids, ptr, ids, weights
    )
    return Ngrams(ptr, ids, weights)


def unite(parts):
    """The distinct terms of several `Terms`, and for each part the new numbers of its terms."""
    start = np.cumsum([0] + [len(part.codes) for part in parts[:-1]])
    codes = np.concatenate([part.codes for part in parts])
    spans = np.concatenate([part.spans + shift for part, shift in zip(parts, start, strict=True)])
    # Each term is a span, and as n is the longest length, the span's only n-gram.
    n = int(np.max(spans[:, 1] - spans[:, 0], initial=1))
    span_ptr = np.array([0, len(spans)])
    ids = np.empty(len(spans), dtype=np.int32)
    terms = np.empty((len(spans), 2), dtype=np.int64)
    n_terms = learn_ngrams(
        codes, spans, span_ptr, n, n, 0, np.empty(2, np.int64), ids, _ONES, terms
    )
    stops = np.cumsum([len(part.spans) for part in parts[:-1]], dtype=np.int64)
    return Terms(codes, terms[:n_terms]), np.split(ids, stops)


def count(ngrams, n_terms):
    """`Ngrams` with none repeated in a document; document and term frequencies."""
    rows = _empty_rows(ngrams, np.float64)
    df = np.empty(n_terms, dtype=np.int64)
    tf = np.empty(n_terms, dtype=np.int64)
    n = count_rows(*ngrams, *rows, df, tf)
    return _cut(rows, n), df, tf


def weigh(ngrams, n_features, weighting):
    """The rows of the tf-idf matrix, as `Ngrams`; what has a negative number is dropped."""
    dtype = weighting.idf.dtype
    rows = _empty_rows(ngrams, dtype)
    n = _TFIDF_ROWS[dtype](*ngrams, n_features, *weighting, *rows)
    return _cut(rows, n)


def _split(documents, analysis):
    """The spans that n-grams are taken from: ``(codes, spans, span_ptr)``."""
    if analysis.lowercase:
        documents = [document.lower() for document in documents]
    if analysis.strip_accents is not None:
        documents = [analysis.strip_accents(document) for document in documents]
    text, ptr = _encode(documents)
    codes = np.empty(len(text) + 2 * len(documents), dtype=np.uint32)
    spans = np.empty(((len(text) + len(documents)) // 2, 2), dtype=np.int64)
    span_ptr = np.empty(len(ptr), dtype=np.int64)
    n_spans = split_documents(
        text, ptr, _IS_SPACE, analysis.analyzer, analysis.min_n, codes, spans, span_ptr
    )
    return codes, spans[:n_spans], span_ptr


def _encode(strings):
    """The code points of all strings in one array, and where each begins, and the last ends."""
    ptr = np.array([0, *map(len, strings)], dtype=np.int64).cumsum()
    data = "".join(strings).encode(_CODEC, "surrogatepass")
    return np.frombuffer(data, dtype=np.uint32), ptr


def _empty_ngrams(spans, span_ptr, analysis):
    n_ngrams = count_ngrams(spans, analysis.min_n, analysis.max_n)
    weights = np.empty(n_ngrams) if analysis.weighting else _ONES
    return np.empty(len(span_ptr), dtype=np.int64), np.empty(n_ngrams, dtype=np.int32), weights


def _empty_rows(ngrams, dtype):
    size = len(ngrams.ids)
    ptr = np.empty(len(ngrams.ptr), dtype=np.int64)
    return Ngrams(ptr, np.empty(size, dtype=np.int32), np.empty(size, dtype=dtype))


def _cut(rows, size):
    rows.ids.resize(size, refcheck=False)
    rows.counts.resize(size, refcheck=False)
    return rows
