"""From texts to n-gram counts, in flat arrays: what `CharNgramTfidf` is made of.

A text is an array of code points. Terms are slices of one such array, a row of ``spans`` each, so that a
vocabulary is four arrays and pickles, memory-maps and hashes without building a Python string.
"""

import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ._kernels.char_ngram import (
    Places,
    build_table,
    count_ngrams,
    find_ngrams,
    learn_ngrams,
)
from ._kernels.term_order import sort_terms
from ._kernels.text_spans import Analyzer, split_documents
from ._kernels.tfidf_rows import Norm, TermFrequency, tfidf_rows

_CODEC = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
# All white space there is lies at or below U+3000, the ideographic space.
_IS_SPACE = np.array([chr(code).isspace() for code in range(0x3001)], dtype=np.uint8)
# By kind of weights, so that the kernel is not looked up for each call.
_TFIDF_ROWS = {
    np.dtype(np.float32): tfidf_rows["float"],
    np.dtype(np.float64): tfidf_rows["double"],
}


class Analysis(NamedTuple):
    """How documents become n-grams."""

    analyzer: Analyzer
    min_n: int
    max_n: int
    places: Places
    lowercase: bool
    strip_accents: Callable | None
    dtype: np.dtype


class Weighting(NamedTuple):
    """How counts become weights; ``idf`` is empty where there is none."""

    tf: TermFrequency
    idf: np.ndarray
    norm: Norm


class Ngrams(NamedTuple):
    """The n-grams of documents: those of document d are ``ids[ptr[d]:ptr[d + 1]]``.

    ``counts`` is what each counts; empty: 1. Also the rows of a matrix, where no n-gram is repeated.
    """

    ptr: np.ndarray
    ids: np.ndarray
    counts: np.ndarray


class Terms(NamedTuple):
    """Term t is ``codes[spans[t, 0]:spans[t, 1]]``."""

    codes: np.ndarray
    spans: np.ndarray

    @classmethod
    def from_strings(cls, strings):
        codes, ptr = encode(strings)
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
    def from_terms(cls, terms):
        n_slots = 1 << (2 * len(terms.spans)).bit_length()
        slot_keys = np.zeros(n_slots, dtype=np.uint64)
        slot_ids = np.zeros(n_slots, dtype=np.int32)
        build_table(terms.codes, terms.spans, slot_keys, slot_ids)
        return cls(terms, slot_keys, slot_ids)

    def __len__(self):
        return len(self.terms.spans)


def encode(strings):
    """Code points of all strings in one array, and where each begins; the last entry is the end."""
    ptr = np.zeros(len(strings) + 1, dtype=np.int64)
    ptr[1:] = list(map(len, strings))
    data = "".join(strings).encode(_CODEC, "surrogatepass")
    return np.frombuffer(data, dtype=np.uint32), ptr.cumsum()


def split(documents, analysis):
    """The spans that n-grams are taken from: ``(codes, spans, span_ptr)``, see the kernel."""
    if analysis.lowercase:
        documents = [document.lower() for document in documents]
    if analysis.strip_accents is not None:
        documents = [analysis.strip_accents(document) for document in documents]
    text, ptr = encode(documents)
    codes = np.empty(len(text) + 2 * len(documents), dtype=np.uint32)
    spans = np.empty(((len(text) + len(documents)) // 2, 2), dtype=np.int64)
    span_ptr = np.empty(len(ptr), dtype=np.int64)
    n_spans = split_documents(
        text, ptr, _IS_SPACE, analysis.analyzer, analysis.min_n, codes, spans, span_ptr
    )
    return codes, spans[:n_spans], span_ptr


def find(documents, analysis, vocabulary):
    """The `Ngrams` of documents, numbered by feature; -1 for those the vocabulary has not."""
    codes, spans, span_ptr = split(documents, analysis)
    ngrams, places = _room(spans, span_ptr, analysis)
    find_ngrams(
        codes, spans, span_ptr, analysis.min_n, analysis.max_n, analysis.places,
        vocabulary.slot_keys, vocabulary.slot_ids, *vocabulary.terms,
        ngrams.ptr, ngrams.ids, places,
    )  # fmt: skip
    return _with_counts(ngrams, places, analysis)


def learn(documents, analysis):
    """The `Ngrams` of documents, numbered as they appear, and the `Terms` of these numbers."""
    codes, spans, span_ptr = split(documents, analysis)
    ngrams, places = _room(spans, span_ptr, analysis)
    terms = np.empty((len(ngrams.ids), 2), dtype=np.int64)
    n_terms = learn_ngrams(
        codes,
        spans,
        span_ptr,
        analysis.min_n,
        analysis.max_n,
        analysis.places,
        *ngrams[:2],
        places,
        terms,
    )
    return _with_counts(ngrams, places, analysis), Terms(codes, terms[:n_terms])


def unite(parts):
    """Distinct `Terms` of several `Terms`, and for each part the new numbers of its terms."""
    start = np.cumsum([0] + [len(part.codes) for part in parts[:-1]])
    codes = np.concatenate([part.codes for part in parts])
    spans = np.concatenate([part.spans + shift for part, shift in zip(parts, start, strict=True)])
    # Each term is a span of its own, and with n past every length, its own and only n-gram.
    n = max(1, int(np.max(spans[:, 1] - spans[:, 0], initial=0)))
    ids = np.empty(len(spans), dtype=np.int32)
    terms = np.empty((len(spans), 2), dtype=np.int64)
    ptr = np.array([0, len(spans)])
    n_terms = learn_ngrams(
        codes, spans, ptr, n, n, Places.NO_PLACES, ptr.copy(), ids, ids[:0], terms
    )
    stops = np.cumsum([len(part.spans) for part in parts[:-1]])
    return Terms(codes, terms[:n_terms]), np.split(ids, stops)


def weigh(ngrams, n_features, weighting, dtype):
    """The canonical CSR rows of n-grams, as `Ngrams`; n-grams of negative number are dropped."""
    rows = Ngrams(
        np.empty(len(ngrams.ptr), dtype=np.int64),
        np.empty(len(ngrams.ids), dtype=np.int32),
        np.empty(len(ngrams.ids), dtype=dtype),
    )
    n = _TFIDF_ROWS[dtype](*ngrams, n_features, *weighting, *rows)
    rows.ids.resize(n, refcheck=False)
    rows.counts.resize(n, refcheck=False)
    return rows


def _room(spans, span_ptr, analysis):
    n_ngrams = count_ngrams(spans, analysis.min_n, analysis.max_n)
    places = np.empty(n_ngrams if analysis.places else 0, dtype=np.int32)
    ids = np.empty(n_ngrams, dtype=np.int32)
    return Ngrams(np.empty(len(span_ptr), dtype=np.int64), ids, None), places


def _with_counts(ngrams, places, analysis):
    """Prefix weighting: the i-th n-gram of its order counts 1 / (i + 1)."""
    return ngrams._replace(counts=np.reciprocal(places, dtype=analysis.dtype))
