"""Terms that vocabularies lack, against sets of strings."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels.text_spans import Analyzer
from sklearn_xmr._kernels.tfidf_rows import Norm, TermFrequency
from sklearn_xmr._kernels.unseen_terms import unseen_terms
from sklearn_xmr._text.ngram_counts import Terms, Vocabulary, Weighting
from sklearn_xmr._text.spans import KINDS, Analysis, split
from sklearn_xmr._text.strings import Strings
from sklearn_xmr._text.tfidf_rows import View

DOCUMENTS = st.lists(st.text(st.sampled_from("aABé_ \t文"), max_size=12), max_size=5)
WORDS = Analysis(int(Analyzer.WORD), 1, 2, lowercase=True)
CHARACTERS = Analysis(int(Analyzer.CHAR_END), 2, 3, lowercase=True)


def naive_words(text):
    words = re.findall(r"\w\w+", text.lower())
    return {*words, *(" ".join(pair) for pair in pairwise(words))}


def naive_characters(text):
    words = [f"{word}#" for word in text.lower().split()]
    return {word[i : i + n] for word in words for n in (2, 3) for i in range(len(word) - n + 1)}


def view(documents, terms, analysis, n_later=0, is_cut=False):
    strings = Strings.of(documents)
    parts = terms[: len(terms) - n_later], terms[len(terms) - n_later :]
    first, later = (Vocabulary.from_terms(Terms.from_strings(part)) for part in parts)
    weighting = Weighting(int(TermFrequency.COUNT), np.empty(0), int(Norm.NO_NORM))
    text = split(strings, analysis) if is_cut else None
    vocabulary = first._replace(later=later) if n_later else first
    return View(strings, text, analysis, vocabulary, weighting)


@given(DOCUMENTS, st.booleans(), st.data())
@settings(deadline=None)
def test_equals_naive_twin(documents, is_cut, data):
    views, expected = [], []
    for analysis, naive in ((WORDS, naive_words), (CHARACTERS, naive_characters)):
        met = set().union(*map(naive, documents))
        known = data.draw(st.lists(st.sampled_from(sorted({*met, "zz"})), unique=True, min_size=1))
        n_later = data.draw(st.integers(0, len(known) - 1))
        views.append(view(documents, known, analysis, n_later, is_cut))
        expected.append(sorted(met - set(known)))
    assert [Terms(*terms).to_strings() for terms in unseen_terms(views, KINDS)] == expected


def test_many_terms_need_a_larger_table():
    document = " ".join(map(str, range(100, 4000)))
    [terms] = unseen_terms([view([document], ["100"], WORDS._replace(max_n=1))], KINDS)
    assert Terms(*terms).to_strings() == sorted(document.split()[1:])


@pytest.mark.parametrize("text", ["AΣ", "İ"])
def test_lower_case_that_is_up_to_python(text):
    seen = view(["ab", text], ["ab"], WORDS)
    assert unseen_terms([seen], KINDS) is None
    [terms] = unseen_terms([seen.lowered()], KINDS)
    assert Terms(*terms).to_strings() == sorted(naive_words(text))
