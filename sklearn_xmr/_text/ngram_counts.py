"""From texts to n-gram counts, in flat arrays: what the vectorizers are made of.

A text is an array of code points. Terms are slices of one such array, a row of ``spans`` each, so
that a vocabulary is four arrays: it pickles and memory-maps without a Python string.
"""

import sys
from numbers import Integral
from typing import NamedTuple

import numpy as np

from .._growing import appended, are_few
from .._kernels.ngrams import build_table, count_ngrams, find_ngrams, learn_ngrams
from .._kernels.term_order import pack_heads, sort_ties
from .._kernels.text_spans import Analyzer, drop_words
from .._kernels.tfidf_rows import count_rows
from .._saving.stored_arrays import check_array, check_indices
from .._sparse import indptr_of
from .spans import Analysis, Text, split, split_codes
from .strings import Strings

_CODEC = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"

_ONES = np.empty(0)  # counts that are all 1
# The kernels for the types that counts and weights come in, by what Cython calls these.
C_TYPES = {np.dtype(np.float32): "float", np.dtype(np.float64): "double"}
_COUNT_ROWS = {dtype: count_rows[name] for dtype, name in C_TYPES.items()}

# Each span is one n-gram.
_EACH_SPAN = Analysis(int(Analyzer.WORD), min_n=1, max_n=1)


class Weighting(NamedTuple):
    """How counts become weights, of the type of ``idf``, which is empty where it isn't used."""

    tf: int
    idf: np.ndarray
    norm: int


class Ngrams(NamedTuple):
    """The n-grams of document d are ``ids[ptr[d]:ptr[d + 1]]``; an empty ``counts`` is all ones.

    Without repetitions, these are the rows of a CSR matrix.
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
        codes, ptr = Strings.of(strings).encode()
        return cls(codes, np.column_stack((ptr[:-1], ptr[1:])))

    def to_strings(self):
        text = self.codes.tobytes().decode(_CODEC, "surrogatepass")
        return [text[start:stop] for start, stop in self.spans.tolist()]

    def take(self, numbers):
        """The terms of these numbers, in that order, with no other characters kept."""
        starts, stops = self.spans[numbers].T
        ptr = indptr_of(stops - starts)
        source = np.repeat(starts - ptr[:-1], stops - starts) + np.arange(ptr[-1])
        return Terms(self.codes[source], np.stack((ptr[:-1], ptr[1:]), axis=1))

    def followed_by(self, others):
        """These terms and, behind them, others."""
        spans = appended(self.spans, others.spans + len(self.codes))
        return Terms(appended(self.codes, others.codes), spans)

    @property
    def n_terms(self):
        return len(self.spans)

    def order(self):
        """The numbers of the terms, in the order of their strings."""
        heads = np.empty(self.n_terms, dtype=np.uint64)
        pack_heads(*self, heads)
        # NumPy sorts numbers by vector instructions, and most terms are told apart by their heads.
        order = np.argsort(heads).astype(np.int32)
        sort_ties(*self, heads, order)
        return order


class Vocabulary(NamedTuple):
    """Terms, numbered by feature, and the hash table that finds them.

    A few that came later have a table of their own, and are numbered on: so a term more does not
    take a table of all.
    """

    terms: Terms
    slot_keys: np.ndarray
    slot_ids: np.ndarray
    later: "Vocabulary | None" = None

    @classmethod
    def from_terms(cls, terms, frequencies=None):
        """Build the table; with frequencies, the frequent terms are found fastest."""
        order = np.arange(terms.n_terms)
        if frequencies is not None:
            order = np.argsort(-frequencies, kind="stable")
        n_slots = _n_slots(terms)
        slot_keys = np.zeros(n_slots, dtype=np.uint64)
        slot_ids = np.zeros(n_slots, dtype=np.int32)
        build_table(*terms, order, slot_keys, slot_ids)
        return cls(terms, slot_keys, slot_ids)

    @property
    def n_features(self):
        return self.terms.n_terms + (0 if self.later is None else self.later.n_features)

    @property
    def all_terms(self):
        """The terms of all features."""
        return self.terms if self.later is None else self.terms.followed_by(self.later.terms)

    def followed_by(self, terms, idf):
        """The vocabulary with further terms, given the weights of all features, if they have some.

        They are put among the others once they are more than a few.
        """
        later = Vocabulary.from_terms(terms) if self.later is None else self.later._with(terms)
        if are_few(later.n_features, self.terms.n_terms):
            return self._replace(later=later)
        terms = self.terms.followed_by(later.terms)
        return Vocabulary.from_terms(terms, -idf if len(idf) else None)

    def _with(self, terms):
        # As `from_terms` makes it, from a copy of the table if that has slots enough.
        first, terms = self.terms.n_terms, self.terms.followed_by(terms)
        if _n_slots(terms) != len(self.slot_keys):
            return Vocabulary.from_terms(terms)
        slot_keys, slot_ids = self.slot_keys.copy(), self.slot_ids.copy()
        build_table(*terms, np.arange(first, terms.n_terms), slot_keys, slot_ids)
        return Vocabulary(terms, slot_keys, slot_ids)

    def check_structure(self):
        """Refuse arrays from a file that do not fit each other."""
        check_array(self.terms.codes, "codes", np.uint32, (None,))
        check_array(self.terms.spans, "spans", np.int64, (None, 2))
        n_slots = len(self.slot_keys)
        check_array(self.slot_keys, "slot_keys", np.uint64, (None,))
        check_array(self.slot_ids, "slot_ids", np.int32, (n_slots,))
        if n_slots < 2 or n_slots & (n_slots - 1):
            raise ValueError(f"The slots of a stored vocabulary are no power of 2 but {n_slots}.")
        if self.later is not None:
            self.later.check_structure()

    def check_contents(self):
        """Refuse indices from a file that lead out of the arrays, and searches without end."""
        codes, spans = self.terms
        check_indices(spans, "spans", len(codes) + 1)
        check_indices(self.slot_ids, "slot_ids", max(len(spans), 1))
        if (spans[:, 0] > spans[:, 1]).any() or self.slot_keys.all():
            raise ValueError("The terms of a stored vocabulary cannot be looked up.")
        if self.later is not None:
            self.later.check_contents()


def _n_slots(terms):
    return 1 << (2 * terms.n_terms).bit_length()


def learn(documents, analysis, dtype, with_tf):
    """Rows of counts, the `Terms` as they appear, and their document and term frequencies."""
    ngrams, terms = _learn(text_of(documents, analysis), analysis)
    rows, df, tf = _count(ngrams, terms.n_terms, dtype, with_tf)
    return rows, terms.take(slice(None)), df, tf


def count(documents, analysis, dtype, vocabulary):
    """Rows of counts, and the document frequencies of the vocabulary."""
    ngrams = _find(text_of(documents, analysis), analysis, vocabulary)
    rows, df, _ = _count(ngrams, vocabulary.n_features, dtype, with_tf=False)
    return rows, df


def text_of(documents, analysis):
    """The `Text` that n-grams are taken from, without stop words."""
    text = split(documents, analysis)
    if analysis.stop_words is None:
        return text
    codes, spans, span_ptr = text
    found = _find(text, _EACH_SPAN, analysis.stop_words)
    return Text(codes, spans[: drop_words(found.ids, codes, spans, span_ptr)], span_ptr)


def words(documents, analysis):
    """The set of words of the documents."""
    codes, spans, _ = text_of(Strings.of(documents), analysis)
    return set(Terms(codes, spans).take(slice(None)).to_strings())


def spaced_words(codes, ptr):
    """What white space parts in texts, given as `Strings.encode` gives them.

    Return the different words, sorted `Terms`, and the numbers of each text's words among them:
    indptr and indices as of a CSR matrix.
    """
    codes, spans, span_ptr = split_codes(codes, ptr, Analysis(int(Analyzer.CHAR_END), 1, 1))
    spans[:, 1] -= 1  # the mark at the end
    ngrams, terms = _learn(Text(codes, spans, span_ptr), _EACH_SPAN)
    order = terms.order()
    number_of = np.empty_like(order)
    number_of[order] = np.arange(len(order))
    return terms.take(order), span_ptr, number_of[ngrams.ids]


def unite(learned):
    """Merge what `learn` gave for each chunk.

    Return the distinct `Terms`, their document and term frequencies, the list of the rows of
    counts, and for each of them the numbers of its terms among all.
    """
    rows, parts, dfs, tfs = map(list, zip(*learned, strict=True))
    starts = indptr_of([len(part.codes) for part in parts])[:-1]
    codes = np.concatenate([part.codes for part in parts])
    spans = np.concatenate([part.spans + start for part, start in zip(parts, starts, strict=True)])
    ngrams, terms = _learn(Text(codes, spans, np.array([0, len(spans)])), _EACH_SPAN)
    ends = np.cumsum([part.n_terms for part in parts])
    numbers = np.split(ngrams.ids, ends[:-1])
    return terms, _total(dfs, numbers, terms), _total(tfs, numbers, terms), rows, numbers


def _total(frequencies, numbers, terms):
    total = np.zeros(terms.n_terms, dtype=np.int64)
    for of_chunk, chunk_numbers in zip(frequencies, numbers, strict=True):
        if len(of_chunk):
            total[chunk_numbers] += of_chunk
    return total


def select_terms(terms, df, tf, n_documents, *, min_df, max_df, max_features):
    """The numbers of the terms to keep, in the order of their strings."""
    lowest = min_df if isinstance(min_df, Integral) else min_df * n_documents
    highest = max_df if isinstance(max_df, Integral) else max_df * n_documents
    if highest < lowest:
        raise ValueError("max_df corresponds to < documents than min_df")
    kept = np.flatnonzero((df >= lowest) & (df <= highest))
    kept = kept[Terms(terms.codes, terms.spans[kept]).order()]
    if max_features is not None and len(kept) > max_features:
        # scikit-learn's very call: of equally frequent terms, it decides which ones stay.
        most_frequent = (-tf[kept].astype(np.float64)).argsort()[:max_features]
        kept = kept[np.sort(most_frequent)]
    if not len(kept):
        raise ValueError("After pruning, no terms remain. Try a lower min_df or a higher max_df.")
    return kept


def _learn(text, analysis):
    """The `Ngrams` of a text, and the `Terms` they are numbered by."""
    ngrams = _empty_ngrams(text, analysis)
    spans = np.empty((len(ngrams.ids), 2), dtype=np.int64)
    n_terms = learn_ngrams(*text, *analysis[:4], *ngrams, spans)
    return ngrams, Terms(text.codes, spans[:n_terms])


def _find(text, analysis, vocabulary):
    """The `Ngrams` of a text, numbered by feature; -1 for those not in the vocabulary."""
    ngrams = _empty_ngrams(text, analysis)
    find_ngrams(*text, *analysis[:4], vocabulary, *ngrams)
    return ngrams


def _count(ngrams, n_terms, dtype, with_tf):
    """Rows of counts, document frequencies and, if wanted, term frequencies."""
    rows = empty_rows(len(ngrams.ptr) - 1, len(ngrams.ids), dtype)
    df = np.empty(n_terms, dtype=np.int64)
    tf = np.empty(n_terms if with_tf else 0, dtype=np.int64)
    n_values = _COUNT_ROWS[dtype](*ngrams, *rows, df, tf)
    return shortened(rows, n_values), df, tf


def _empty_ngrams(text, analysis):
    size = count_ngrams(text.spans, text.span_ptr, *analysis[:3])
    ptr = np.empty(len(text.span_ptr), dtype=np.int64)
    counts = np.empty(size) if analysis.weighting else _ONES
    return Ngrams(ptr, np.empty(size, dtype=np.int32), counts)


def empty_rows(n_rows, size, dtype):
    """Room for rows of a CSR matrix, for at most so many entries."""
    ptr = np.empty(n_rows + 1, dtype=np.int64)
    return Ngrams(ptr, np.empty(size, dtype=np.int32), np.empty(size, dtype=dtype))


def shortened(rows, n_values):
    """The same with as many entries as there came to be."""
    rows.ids.resize(n_values, refcheck=False)
    rows.counts.resize(n_values, refcheck=False)
    return rows
