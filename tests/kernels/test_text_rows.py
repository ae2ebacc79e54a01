"""Rows of texts, against strings in dicts."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels.ngrams import PrefixWeighting
from sklearn_xmr._kernels.text_rows import text_rows
from sklearn_xmr._kernels.text_spans import Analyzer
from sklearn_xmr._kernels.tfidf_rows import Norm, TermFrequency
from sklearn_xmr._text.ngram_counts import Terms, Vocabulary, Weighting
from sklearn_xmr._text.spans import KINDS, Analysis, split
from sklearn_xmr._text.strings import Strings
from sklearn_xmr._text.tfidf_rows import View

DOCUMENTS = st.lists(st.text(st.sampled_from("aABé_ \t文"), max_size=12), max_size=5)
WORDS = Analysis(int(Analyzer.WORD), 1, 2, lowercase=True)
CHARACTERS = Analysis(int(Analyzer.CHAR_END), 2, 3, int(PrefixWeighting.BY_SPAN), lowercase=True)
SUBLINEAR = int(TermFrequency.SUBLINEAR), int(Norm.L2)
PLAIN = int(TermFrequency.COUNT), int(Norm.NO_NORM)


def naive_words(text):
    words = re.findall(r"\w\w+", text.lower())
    pairs = [" ".join(pair) for pair in pairwise(words)]
    return [(term, 1) for term in words + pairs]


def naive_characters(text):
    return [
        (word[i : i + n], 1 / (i + 1))
        for word in (f"{word}#" for word in text.lower().split())
        for n in (2, 3)
        for i in range(len(word) - n + 1)
    ]


def naive_row(ngrams, columns, idf, how, dtype):
    row = {}
    for term, count in ngrams:
        if term in columns:
            row[columns[term]] = dtype(row.get(columns[term], 0) + dtype(count))
    tf, norm = how
    if tf == TermFrequency.SUBLINEAR:
        row = {column: 1 + math.log(count) for column, count in row.items()}
    row = {column: value * float(idf[column]) for column, value in sorted(row.items())}
    scale = math.sqrt(sum(value**2 for value in row.values())) if norm == Norm.L2 else 1
    return {column: value / scale for column, value in row.items()}


def vocabulary(terms, n_later):
    parts = terms[: len(terms) - n_later], terms[len(terms) - n_later :]
    first, later = (Vocabulary.from_terms(Terms.from_strings(part)) for part in parts)
    return first._replace(later=later) if n_later else first


def view(documents, terms, analysis, how, idf, first_column=0, n_later=0, is_cut=False):
    strings = Strings.of(documents)
    text = split(strings, analysis) if is_cut else None
    weighting = Weighting(how[0], idf, how[1])
    return View(strings, text, analysis, vocabulary(terms, n_later), weighting, first_column)


def known(ngrams, data):
    met = sorted({term for row in ngrams for term, _ in row})
    return data.draw(st.lists(st.sampled_from([*met, "zz", "aa b"]), unique=True, min_size=1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(DOCUMENTS, st.booleans(), st.data())
@settings(deadline=None)
def test_equals_naive_twin(dtype, documents, is_cut, data):
    words, characters = (list(map(f, documents)) for f in (naive_words, naive_characters))
    terms = known(words, data), known(characters, data)
    idf = [np.linspace(1, 3, len(part)).astype(dtype) for part in terms]
    n_later = data.draw(st.integers(0, len(terms[1]) - 1))
    start = len(terms[0]) + 5
    views = [
        view(documents, terms[0], WORDS, SUBLINEAR, idf[0], is_cut=is_cut),
        view(documents, terms[1], CHARACTERS, PLAIN, idf[1], start, n_later),
    ]
    ptr, columns, weights = text_rows(views, np.array([1, 0.5], dtype=dtype), KINDS)
    assert len(ptr) == len(documents) + 1
    assert weights.dtype == dtype
    column_of = [{term: i for i, term in enumerate(part)} for part in terms]
    for d, (first, last) in enumerate(pairwise(ptr)):
        left = naive_row(words[d], column_of[0], idf[0], SUBLINEAR, dtype)
        right = naive_row(characters[d], column_of[1], idf[1], PLAIN, dtype)
        expected = left | {start + column: 0.5 * value for column, value in right.items()}
        assert columns[first:last].tolist() == list(expected)
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(weights[first:last], list(expected.values()), rtol=8 * eps)


def test_many_documents_are_summed_up_by_feature():
    documents, terms = ["ab ab cd", "cd"] * 400, ["ab", "cd", "ef"]
    idf = np.ones(3)
    views = [view(documents, terms, WORDS, PLAIN, idf)]
    ptr, columns, weights = text_rows(views, np.ones(1), KINDS)
    assert columns[: ptr[-1]].tolist() == [0, 1, 1] * 400
    assert weights[: ptr[-1]].tolist() == [2, 1, 1] * 400


@pytest.mark.parametrize("text", ["AΣ", "İ"])
def test_lower_case_that_is_up_to_python(text):
    views = [view(["ab", text], ["ab"], WORDS, PLAIN, np.ones(1))]
    assert text_rows(views, np.ones(1), KINDS) is None
    ptr, *_ = text_rows([views[0].lowered()], np.ones(1), KINDS)
    assert ptr.tolist() == [0, 1, 1]
