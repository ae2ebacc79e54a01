"""The spans of documents, against `re` and `str.split`."""

import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels.text_spans import Analyzer, split_documents
from sklearn_xmr._ngram_counts import _IS_SPACE

DOCUMENTS = st.lists(st.text(st.sampled_from("ab #é文🎉\t\n\x1c\x85\xa0\u2003\u3000\0\ud800")))


def codes_of(text):
    return np.array([ord(character) for character in text], dtype=np.uint32)


def split(documents, analyzer, min_n):
    ptr = np.cumsum([0] + [len(document) for document in documents])
    text = codes_of("".join(documents))
    codes = np.empty(len(text) + 2 * len(documents), dtype=np.uint32)
    spans = np.empty(((len(text) + len(documents)) // 2, 2), dtype=np.int64)
    span_ptr = np.empty(len(ptr), dtype=np.int64)
    n_spans = split_documents(text, ptr, _IS_SPACE, analyzer, min_n, codes, spans, span_ptr)
    assert span_ptr[-1] == n_spans
    strings = ["".join(map(chr, codes[start:stop])) for start, stop in spans[:n_spans]]
    return [strings[span_ptr[d] : span_ptr[d + 1]] for d in range(len(documents))]


def naive_split(documents, analyzer, min_n):
    if analyzer == Analyzer.CHAR:
        texts = [re.sub(r"\s\s+", " ", document) for document in documents]
        return [[text] if len(text) >= min_n else [] for text in texts]
    before, after = (" ", " ") if analyzer == Analyzer.CHAR_WB else ("", "#")
    return [[before + word + after for word in document.split()] for document in documents]


@given(DOCUMENTS, st.sampled_from(list(Analyzer)), st.integers(1, 4))
@settings(deadline=None)
def test_equals_naive_twin(documents, analyzer, min_n):
    assert split(documents, analyzer, min_n) == naive_split(documents, analyzer, min_n)


@pytest.mark.parametrize("analyzer", list(Analyzer))
@pytest.mark.parametrize("document", ["", " ", "   ", "a b c d e", " a b c ", "a" * 50])
def test_output_fits_the_promised_room(analyzer, document):
    # `split` gives exactly that much room, and the debug build checks every access.
    documents = [document] * 3
    assert split(documents, analyzer, 1) == naive_split(documents, analyzer, 1)


def test_knows_all_white_space_of_python():
    white = [code for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    assert np.flatnonzero(_IS_SPACE).tolist() == white
    assert re.fullmatch(r"\s+", "".join(map(chr, white)))
