"""Numbers of n-grams, against Python strings in a dict."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels.ngrams import (
    PrefixWeighting,
    build_table,
    count_ngrams,
    find_ngrams,
    learn_ngrams,
)
from sklearn_xmr._kernels.text_spans import Analyzer
from sklearn_xmr._text.ngram_counts import Terms, Vocabulary

UNWEIGHTED = PrefixWeighting.UNWEIGHTED
CHARACTERS = st.sampled_from("abcé文🎉\0\ud800\U0010ffff")
SPANS = st.lists(st.lists(st.text(CHARACTERS, min_size=1, max_size=12), max_size=4), max_size=6)
RANGES = st.tuples(st.integers(1, 6), st.integers(0, 4)).map(lambda t: (t[0], t[0] + t[1]))


def flatten(strings):
    codes = np.array([ord(character) for character in "".join(strings)], dtype=np.uint32)
    ends = np.cumsum([0] + [len(string) for string in strings])
    return codes, np.column_stack((ends[:-1], ends[1:]))


def arrays(documents, analyzer):
    """Codes, spans and pointers; behind a word there is a space that is no part of its span."""
    span_ptr = np.cumsum([0] + [len(document) for document in documents])
    gap = " " if analyzer == Analyzer.WORD else ""
    codes, spans = flatten([span + gap for document in documents for span in document])
    return codes, spans - [0, len(gap)], span_ptr


def room(spans, span_ptr, analyzer, min_n, max_n, weighting):
    size = count_ngrams(spans, span_ptr, analyzer, min_n, max_n)
    ids = np.empty(size, dtype=np.int32)
    return np.empty(len(span_ptr), dtype=np.int64), ids, np.empty(size if weighting else 0)


def learn(documents, min_n, max_n, weighting=UNWEIGHTED, analyzer=Analyzer.CHAR_WB):
    codes, *spans = arrays(documents, analyzer)
    options = analyzer, min_n, max_n, weighting
    ptr, ids, weights = room(*spans, *options)
    terms = np.empty((len(ids), 2), dtype=np.int64)
    n_terms = learn_ngrams(codes, *spans, *options, ptr, ids, weights, terms)
    strings = ["".join(map(chr, codes[start:stop])) for start, stop in terms[:n_terms]]
    return ptr, ids, weights, strings


def find(documents, min_n, max_n, terms, order=None, analyzer=Analyzer.CHAR_WB):
    codes, *spans = arrays(documents, analyzer)
    options = analyzer, min_n, max_n, UNWEIGHTED
    ptr, ids, weights = room(*spans, *options)
    n_slots = 1 << (2 * len(terms)).bit_length()
    slots = np.zeros(n_slots, dtype=np.uint64), np.zeros(n_slots, dtype=np.int32)
    order = np.arange(len(terms)) if order is None else order
    build_table(*flatten(terms), order, *slots)
    vocabulary = Vocabulary(Terms(*flatten(terms)), *slots)
    find_ngrams(codes, *spans, *options, vocabulary, ptr, ids, weights)
    return ptr, ids


def naive_ngrams(spans, min_n, max_n, weighting=UNWEIGHTED):
    """The n-grams of one document and their weights, order by order."""
    ngrams, weights = [], []
    for n in range(min_n, max_n + 1):
        place = 0
        for span in spans:
            if weighting == PrefixWeighting.BY_SPAN:
                place = 0
            if len(span) >= n:
                emitted = [span[i : i + n] for i in range(len(span) - n + 1)]
            else:
                emitted = [span] if n == min_n else []
            for ngram in emitted:
                place += 1
                ngrams.append(ngram)
                weights.append(1 / place if weighting else 1)
    return ngrams, weights


def naive_word_ngrams(words, min_n, max_n):
    """The n-grams of one document, by their first word."""
    return [
        " ".join(words[i : i + n])
        for i in range(len(words))
        for n in range(min_n, max_n + 1)
        if i + n <= len(words)
    ]


@given(SPANS, RANGES, st.sampled_from(list(PrefixWeighting)))
@settings(deadline=None)
def test_learn_equals_naive_twin(documents, ngram_range, weighting):
    ptr, ids, weights, terms = learn(documents, *ngram_range, weighting)
    number, expected_ids, expected_weights, expected_ptr = {}, [], [], [0]
    for spans in documents:
        ngrams, w = naive_ngrams(spans, *ngram_range, weighting)
        expected_ids += [number.setdefault(ngram, len(number)) for ngram in ngrams]
        expected_weights += w
        expected_ptr.append(len(expected_ids))
    assert ptr.tolist() == expected_ptr
    assert ids.tolist() == expected_ids
    assert terms == list(number)
    assert weights.tolist() == (expected_weights if weighting else [])


@given(SPANS, RANGES, st.data())
@settings(deadline=None)
def test_find_equals_naive_twin(documents, ngram_range, data):
    ngrams = [naive_ngrams(spans, *ngram_range)[0] for spans in documents]
    met = sorted({ngram for document in ngrams for ngram in document})
    terms = data.draw(st.lists(st.sampled_from([*met, "", "abab", "zz"]), unique=True, min_size=1))
    order = np.array(data.draw(st.permutations(range(len(terms)))))
    ptr, ids = find(documents, *ngram_range, terms, order)
    number = {term: i for i, term in enumerate(terms)}
    assert ids.tolist() == [number.get(ngram, -1) for document in ngrams for ngram in document]
    assert ptr.tolist() == np.cumsum([0] + [len(document) for document in ngrams]).tolist()


@given(SPANS, RANGES, st.data())
@settings(deadline=None)
def test_terms_of_a_later_table_are_numbered_on(documents, ngram_range, data):
    ngrams = [naive_ngrams(spans, *ngram_range)[0] for spans in documents]
    met = sorted({ngram for document in ngrams for ngram in document})
    terms = data.draw(st.lists(st.sampled_from([*met, "abab", "zz"]), unique=True, min_size=2))
    n_first = data.draw(st.integers(1, len(terms) - 1))
    first, later = (
        Vocabulary.from_terms(Terms.from_strings(part))
        for part in (terms[:n_first], terms[n_first:])
    )
    codes, *spans = arrays(documents, Analyzer.CHAR_WB)
    options = Analyzer.CHAR_WB, *ngram_range, UNWEIGHTED
    ptr, ids, weights = room(*spans, *options)
    find_ngrams(codes, *spans, *options, first._replace(later=later), ptr, ids, weights)
    number = {term: i for i, term in enumerate(terms)}
    assert ids.tolist() == [number.get(ngram, -1) for document in ngrams for ngram in document]


@given(SPANS, RANGES, st.data())
@settings(deadline=None)
def test_words_equal_naive_twin(documents, ngram_range, data):
    ngrams = [naive_word_ngrams(words, *ngram_range) for words in documents]
    flat = [ngram for document in ngrams for ngram in document]
    ends = np.cumsum([0] + [len(document) for document in ngrams]).tolist()
    ptr, ids, _, terms = learn(documents, *ngram_range, analyzer=Analyzer.WORD)
    assert ptr.tolist() == ends
    assert [terms[i] for i in ids] == flat
    assert terms == list(dict.fromkeys(flat))
    known = data.draw(st.lists(st.sampled_from([*terms, "", "ab c"]), unique=True, min_size=1))
    ptr, ids = find(documents, *ngram_range, known, analyzer=Analyzer.WORD)
    number = {term: i for i, term in enumerate(known)}
    assert ptr.tolist() == ends
    assert ids.tolist() == [number.get(ngram, -1) for ngram in flat]


def test_table_grows():
    rng = np.random.default_rng(0)
    text = "".join(map(chr, rng.integers(33, 3000, 20_000)))
    _, ids, _, terms = learn([[text]], 2, 5)
    ngrams, _ = naive_ngrams([text], 2, 5)
    assert [terms[i] for i in ids] == ngrams
    assert len(terms) == len(set(ngrams)) > 40_000
    assert find([[text]], 2, 5, terms)[1].tolist() == ids.tolist()


@pytest.mark.parametrize("multiplier", [0xD6E8FEB86659FD93, 3, 2**61 - 1])
def test_equal_hashes_are_told_apart(multiplier):
    # A Thue-Morse word and its complement collide in a polynomial hash modulo 2**64, whatever the
    # (odd) multiplier.
    bits = [i.bit_count() % 2 for i in range(2048)]
    words = ["".join("ab"[bit] for bit in bits), "".join("ba"[bit] for bit in bits)]
    hashes = [0, 0]
    for i, word in enumerate(words):
        for character in word:
            hashes[i] = (hashes[i] * multiplier + ord(character) + 1) % 2**64
    assert hashes[0] == hashes[1]
    _, ids, _, terms = learn([[word] for word in words], 2048, 2048)
    assert ids.tolist() == [0, 1]
    assert terms == words
    assert find([[words[1]], [words[0]]], 2048, 2048, words[:1])[1].tolist() == [-1, 0]
    assert find([[words[1]], [words[0]]], 2048, 2048, words)[1].tolist() == [1, 0]


def test_range_far_beyond_the_text():
    ptr, ids, _, terms = learn([["ab"], ["abc", "d"]], 1, 2**31 - 1)
    assert terms == ["a", "b", "ab", "c", "d", "bc", "abc"]
    assert ids.tolist() == [0, 1, 2, 0, 1, 3, 4, 2, 5, 6]
    assert ptr.tolist() == [0, 3, 10]
    assert learn([["ab"], ["ab"]], 2**31 - 1, 2**31 - 1)[1].tolist() == [0, 0]
    ptr, _, _, terms = learn([["ab", "c"], ["d"]], 1, 2**31 - 1, analyzer=Analyzer.WORD)
    assert terms == ["ab", "ab c", "c", "d"]
    assert ptr.tolist() == [0, 3, 4]
    assert learn([["ab"]], 2**31 - 1, 2**31 - 1, analyzer=Analyzer.WORD)[1].size == 0
