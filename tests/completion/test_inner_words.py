"""Queries found by words that they do not start with."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter, QueryAutocompleter
from sklearn_xmr._completion.inner_words import InnerWords
from sklearn_xmr._completion.sorted_texts import SortedTexts

SESSIONS = [
    *[["white paint", "paint brush", "garden hose"]] * 3,
    *[["white spray paint", "fan"], ["ceiling fan", "mini fridge"]] * 2,
    *[["hose reel", "cordless drill"], ["white chair", "pants white"]],
]
# Typed, and what is found: first what starts so, then what has the words, by how often it is asked.
FOUND = [
    ("hose", ["hose reel", "garden hose"]),
    ("paint wh", ["white paint", "white spray paint"]),
    ("wh paint", ["white paint", "white spray paint"]),
    ("pa wh", ["white paint", "white spray paint", "pants white"]),
    ("fri", ["mini fridge"]),
    ("drill cor", ["cordless drill"]),
    ("  drill   cor ", ["cordless drill"]),
    ("fan", ["fan", "ceiling fan"]),
    ("fan fan", []),
    ("white white", []),
    ("oor", []),
    ("x", []),
]
COMPLETERS = [MostFrequentCompleter(), CooccurrenceCompleter(), QueryAutocompleter(random_state=0)]
every = pytest.mark.parametrize("completer", COMPLETERS, ids=lambda c: type(c).__name__)


def suggested(completer, prefix, previous=""):
    return [query for query, _ in completer.complete(previous, prefix)]


@every
def test_words_anywhere_in_any_order(completer):
    completer = clone(completer).set_params(inner_words=True, max_typos=0)
    completer.fit_sessions(SESSIONS)
    for typed, expected in FOUND:
        assert suggested(completer, typed) == expected
    labels, _ = completer.rank([("", typed) for typed, _ in FOUND], k=5)
    for found, (_, expected) in zip(labels.tolist(), FOUND, strict=True):
        assert [label for label in found if label] == expected
    assert suggested(completer, "hose", "garden hose") == ["hose reel"]
    assert completer.complete("", "drill", exclude=["cordless drill"]) == []


@every
def test_misspelt_words(completer):
    completer = clone(completer).set_params(inner_words=True, max_typos="auto")
    completer.fit_sessions(SESSIONS)
    assert suggested(completer, "paimt wh") == ["white paint", "white spray paint"]
    assert suggested(completer, "drlil cord") == ["cordless drill"]
    # Words that are right come before corrections.
    assert suggested(completer, "hose")[:2] == ["hose reel", "garden hose"]


@every
def test_off_unless_asked_for(completer):
    completer = clone(completer).set_params(inner_words=False, max_typos=0)
    completer.fit_sessions(SESSIONS)
    assert suggested(completer, "wh paint") == []
    with pytest.raises(ValueError, match="inner_words must be True when the completer is fitted"):
        completer.set_params(inner_words=True).complete("", "wh paint")


def test_filling_up():
    completer = QueryAutocompleter(fill_up=True, random_state=0).fit_sessions(SESSIONS)
    n_queries = len(completer.queries_)
    for typed, first in [("hose", ["hose reel", "garden hose"]), ("ceilng f", ["ceiling fan"])]:
        found = [query for query, _ in completer.complete("", typed, k=20)]
        assert found[: len(first)] == first
        assert len(found) == len(set(found)) == n_queries
    with pytest.raises(ValueError, match="fill_up must be True when"):
        completer.set_params(fill_up=False).fit_sessions(SESSIONS).set_params(
            fill_up=True
        ).complete("", "wh")


@every
def test_queries_that_lack_words_where_none_has_all(completer):
    completer = clone(completer).set_params(inner_words=True, max_typos="auto")
    completer.fit_sessions(SESSIONS)
    assert suggested(completer, "white garden pai") == ["white paint", "white spray paint"]
    assert suggested(completer, "mini white paint br") == ["paint brush"]
    # The word that is being typed is there, and so is another one.
    assert suggested(completer, "white garden x") == suggested(completer, "blue chair") == []
    # The more words the better, then whatever is more likely.
    (found,) = completer.complete("", "garden white paint sp")
    (with_all,) = completer.complete("", "white paint sp")
    assert found == (with_all[0], pytest.approx(1e-5 * with_all[1]))
    assert suggested(completer, "spray ceiling paint wh") == ["white spray paint", "white paint"]
    # They are not suggested against the exclusion, nor what was just asked.
    assert (
        completer.complete("white paint", "white garden pai", exclude=["white spray paint"]) == []
    )


def has_words(text, beginnings):
    return any(
        all(word.startswith(start) for word, start in zip(words, beginnings, strict=True))
        for words in permutations(text.split(), len(beginnings))
    )


@pytest.mark.parametrize("seed", range(5))
def test_equal_to_looking_at_all_texts(seed):
    rng = np.random.default_rng(seed)
    words = ["a", "ab", "abc", "b", "bc", "é", "éa"]
    texts = {" ".join(rng.choice(words, size=rng.integers(1, 5))) for _ in range(100)}
    texts = SortedTexts(texts)
    counts = rng.integers(1, 5, size=len(texts))
    index = InnerWords(texts, counts)
    for _ in range(50):
        beginnings = rng.choice(["a", "ab", "b", "é", "bc", "x"], size=rng.integers(1, 4)).tolist()
        order = np.argsort(-counts, kind="stable")
        expected = [i for i in order.tolist() if has_words(texts[i], beginnings)]
        assert index.find(" ".join(beginnings), 7, 0)[0] == expected[:7]


def test_words_are_what_white_space_parts():
    texts = SortedTexts(["a\u2003 b\ud800 a", "\x1f\0b# a", "\x85", "\ue000 \U0001f600\u3000é"])
    index = InnerWords(texts, np.array([2, 3, 1, 4]))
    expected = [texts[i].split() for i in (3, 1, 0, 2)]
    vocabulary = sorted({word for words in expected for word in words})
    assert index.vocabulary == vocabulary
    words = [vocabulary[i] for i in index.words]
    ptr = index.text_ptr.tolist()
    assert [words[start:stop] for start, stop in pairwise(ptr)] == expected
    ptr = index.word_ptr.tolist()
    of_words = [set(index.texts[start:stop].tolist()) for start, stop in pairwise(ptr)]
    assert of_words == [{i for i, of in enumerate(expected) if word in of} for word in vocabulary]


def test_no_words():
    index = InnerWords(SortedTexts([" ", "\t"]), np.array([1, 1]))
    for typed in ("a", "", "a a", "a " * 99):
        for may_lack in (False, True):
            assert index.find(typed, 5, "auto", may_lack) == ([], [])
