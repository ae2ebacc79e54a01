"""Words that may be near another one, and their distance, against naive twins."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from helpers.edit_distance import naive_distance
from sklearn_xmr._kernels.edit_distance import edit_distances, words_of_keys
from sklearn_xmr._text.spelling import Deletions

WORDS = st.text("abcñ", max_size=8)


def code_points(text):
    return np.array([ord(character) for character in text], dtype=np.uint32)


@given(WORDS, st.lists(WORDS, min_size=1, max_size=5), st.integers(0, 9))
def test_edit_distances(word, others, most):
    starts = np.cumsum([0, *map(len, others)])
    numbers = np.arange(len(others), dtype=np.int32)[::-1].copy()
    out = np.empty(len(others), dtype=np.int32)
    edit_distances(code_points(word), starts, code_points("".join(others)), numbers, most, out)
    assert out.tolist() == [min(naive_distance(word, other), most + 1) for other in others[::-1]]


def test_no_other_words():
    edit_distances(
        code_points("a"),
        np.zeros(1, int),
        code_points(""),
        np.empty(0, "i4"),
        2,
        np.empty(0, "i4"),
    )


KEYS = st.lists(st.integers(0, 9) | st.integers(2**32 - 3, 2**32 - 1), max_size=9)


@given(st.lists(KEYS, max_size=3), KEYS)
def test_words_of_keys(keys, wanted):
    deletions, expected = [], set()
    for some in keys:
        word_of = np.arange(len(some), dtype=np.int32) % 5
        deletions.append(Deletions(np.array(sorted(some), dtype=np.uint32), word_of))
        pairs = zip(sorted(some), word_of.tolist(), strict=True)
        expected.update(word for key, word in pairs if key in wanted)
    found = words_of_keys(deletions, np.array(wanted, dtype=np.uint32))
    assert found.dtype == np.int32
    assert found.tolist() == sorted(expected)
