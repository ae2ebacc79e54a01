"""Words that a misspelt word may stand for, against a look at all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.edit_distance import naive_distance
from sklearn_xmr._text.spelling import SpellingIndex

WORDS = ["faucet", "facet", "filter", "hose", "hoses", "nose", "3/4", "ab", "vacuum", "größe"]
COUNTS = [9, 1, 5, 7, 2, 8, 4, 9, 3, 6]
INDEX = SpellingIndex.of(WORDS, COUNTS)


def corrections(word, k=1):
    return [WORDS[number] for number in INDEX.corrections(word, k)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("fuacet", ["faucet"]),  # two letters swapped
        ("faucett", ["faucet"]),
        ("fawcet", ["faucet"]),
        ("vacuuum", ["vacuum"]),
        ("groeße", ["größe"]),
        ("vacuuumm", ["vacuum"]),  # two edits of a long word
    ],
)
def test_corrects(typed, meant):
    assert corrections(typed) == meant


@pytest.mark.parametrize("typed", ["abc", "3/5", "", "zzzzzz", "hsoee"])
def test_leaves_short_words_numbers_and_what_is_too_far(typed):
    assert corrections(typed) == []


def test_fewest_edits_first_then_the_most_frequent():
    assert corrections("hose", 3) == ["hose", "nose", "hoses"]
    assert corrections("zose", 3) == ["nose", "hose"]


def test_words_by_number():
    assert [INDEX.word(number) for number in range(len(WORDS))] == WORDS


def test_of_no_words():
    assert SpellingIndex.of([], []).corrections("faucet") == []


@given(
    st.lists(st.text("abc", min_size=4, max_size=9), unique=True, max_size=30),
    st.text("abc", min_size=4, max_size=9),
)
def test_finds_all_whose_start_is_within_reach(words, typed):
    found = SpellingIndex.of(words, np.ones(len(words))).corrections(typed, len(words))
    most = 1 if len(typed) < 6 else 2
    for number, word in enumerate(words):
        least = 1 if len(word) < 6 else 2
        is_near = naive_distance(typed, word) <= min(most, least)
        assert number in found or not is_near or len(word) > 7 or len(typed) > 7
    assert all(naive_distance(typed, words[number]) <= most for number in found)


@pytest.mark.parametrize("n_few", [0, 60, 1000])
def test_words_that_come_later_are_found_as_those_before(monkeypatch, n_few):
    monkeypatch.setattr("sklearn_xmr._growing.LEAST_LATER", n_few)
    monkeypatch.setattr("sklearn_xmr._growing.TIMES_LATER", 1000)
    grown, snapshots = SpellingIndex.of(WORDS[:1], np.array(COUNTS[:1])), []
    for stop in range(2, len(WORDS) + 1):
        grown = grown.changed(WORDS[stop - 1 : stop], np.array(COUNTS[:stop]))
        snapshots.append(grown)
    for n_words, index in enumerate(snapshots, 2):
        at_once = SpellingIndex.of(WORDS[:n_words], COUNTS[:n_words])
        for typed in ("fuacet", "fawcet", "hosse", "vacuuumm", "groeße", "nosse"):
            assert index.corrections(typed, 9) == at_once.corrections(typed, 9)
        assert [index.word(number) for number in range(n_words)] == WORDS[:n_words]
