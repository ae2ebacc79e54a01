"""The spans of documents, against `re` and `str.split`."""

import re
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels.text_spans import Analyzer, Kind, drop_words, split_documents
from sklearn_xmr._text.spans import KINDS

DOCUMENTS = st.lists(
    st.text(st.sampled_from("ab #_9é²\u0301文🎉\t\n\x1c\x85\xa0\u2003\u3000\0\ud800"))
)


def codes_of(text):
    return np.array([ord(character) for character in text], dtype=np.uint32)


def split(documents, analyzer, min_n=1):
    ptr = np.cumsum([0] + [len(document) for document in documents])
    text = codes_of("".join(documents))
    codes = np.empty(len(text) + 2 * len(documents), dtype=np.uint32)
    spans = np.empty(((len(text) + len(documents)) // 2, 2), dtype=np.int64)
    span_ptr = np.empty(len(ptr), dtype=np.int64)
    n_spans = split_documents(text, ptr, KINDS, analyzer, min_n, codes, spans, span_ptr)
    return codes, spans[:n_spans], span_ptr


def read(codes, spans, span_ptr):
    assert span_ptr[-1] == len(spans)
    strings = ["".join(map(chr, codes[start:stop])) for start, stop in spans]
    return [strings[first:last] for first, last in pairwise(span_ptr)]


def assert_one_space_between(codes, spans, span_ptr):
    for first, last in pairwise(span_ptr):
        for s in range(first, last - 1):
            assert spans[s + 1, 0] == spans[s, 1] + 1
            assert codes[spans[s, 1]] == ord(" ")


def naive_split(documents, analyzer, min_n):
    if analyzer == Analyzer.CHAR:
        texts = [re.sub(r"\s\s+", " ", document) for document in documents]
        return [[text] if len(text) >= min_n else [] for text in texts]
    if analyzer == Analyzer.WORD:
        return [re.findall(r"(?u)\b\w\w+\b", document) for document in documents]
    before, after = (" ", " ") if analyzer == Analyzer.CHAR_WB else ("", "#")
    return [[before + word + after for word in document.split()] for document in documents]


@given(DOCUMENTS, st.sampled_from(list(Analyzer)), st.integers(1, 4))
@settings(deadline=None)
def test_equals_naive_twin(documents, analyzer, min_n):
    text = split(documents, analyzer, min_n)
    assert read(*text) == naive_split(documents, analyzer, min_n)
    if analyzer == Analyzer.WORD:
        assert_one_space_between(*text)


@given(DOCUMENTS, st.sets(st.sampled_from(["aa", "ab", "ba", "文a", "__"])))
@settings(deadline=None)
def test_dropped_words_equal_naive_twin(documents, stop_words):
    words = read(*split(documents, Analyzer.WORD))
    codes, spans, span_ptr = split(documents, Analyzer.WORD)
    flat = [word for document in words for word in document]
    found = np.array([0 if word in stop_words else -1 for word in flat], dtype=np.int32)
    spans = spans[: drop_words(found, codes, spans, span_ptr)]
    kept = [[word for word in document if word not in stop_words] for document in words]
    assert read(codes, spans, span_ptr) == kept
    assert_one_space_between(codes, spans, span_ptr)


@pytest.mark.parametrize("analyzer", list(Analyzer))
@pytest.mark.parametrize(
    "document", ["", " ", "   ", "a b c d e", " a b c ", "a" * 50, "aa bb cc", "aa  bb "]
)
def test_output_fits_the_promised_room(analyzer, document):
    # `split` gives exactly that much room, and the debug build checks every access.
    documents = [document] * 3
    assert read(*split(documents, analyzer)) == naive_split(documents, analyzer, 1)


def test_knows_all_white_space_of_python():
    white = [code for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    assert np.flatnonzero(KINDS == Kind.WHITE).tolist() == white
    assert re.fullmatch(r"\s+", "".join(map(chr, white)))


def test_knows_all_characters_of_words_of_python():
    characters = [chr(code) for code in range(sys.maxunicode + 1)]
    text = " ".join(2 * character for character in characters)
    [words] = read(*split([text], Analyzer.WORD))
    assert words == [2 * character for character in characters if re.match(r"\w", character)]
