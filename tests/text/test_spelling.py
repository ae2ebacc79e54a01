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
