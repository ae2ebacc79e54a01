"""A walk through sorted texts against comparing all their beginnings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from helpers.edit_distance import naive_distance
from sklearn_xmr._completion.sorted_texts import SortedTexts
from sklearn_xmr._kernels.near_prefixes import FIRST_LETTERS, near_prefixes, shared_lengths

# Letters of one to four bytes, some of which begin alike.
LETTERS = "ab äå€😀😁"
TEXTS = st.text(LETTERS, min_size=1, max_size=6)


def shared_twin(texts):
    """Bytes of the letters that each text and the one before begin with."""
    out = [0] * len(texts)
    for i in range(1, len(texts)):
        n = 0
        while texts[i][: n + 1] == texts[i - 1][: n + 1] and n < len(texts[i - 1]):
            n += 1
        out[i] = len(texts[i][:n].encode())
    return out


def starts_alike(typed, beginning):
    """Whether the first letters, however many, can be typed with one edit."""
    starts = [typed[:n] for n in range(len(typed) + 1)]
    return all(
        min(naive_distance(start, beginning[:n]) for start in starts) <= 1
        for n in range(min(len(beginning), FIRST_LETTERS) + 1)
    )


def near_prefixes_twin(texts, counts, typed, weights):
    """Compare every beginning of every text; return (worth, start, stop, edits, n_bytes)."""
    found = []
    beginnings = {text[:n] for text in texts for n in range(len(text) + 1)}
    edits_of = {beginning: naive_distance(typed, beginning) for beginning in beginnings}
    for beginning in sorted(beginnings):
        edits = edits_of[beginning]
        shorter = [edits_of[beginning[:n]] for n in range(len(beginning))]
        if not 0 < edits < min([*shorter, len(weights)]) or not starts_alike(typed, beginning):
            continue
        inside = [i for i, text in enumerate(texts) if text.startswith(beginning)]
        worth = sum(counts[i] for i in inside) * weights[edits]
        found.append((worth, inside[0], inside[-1] + 1, edits, len(beginning.encode())))
    return sorted(found, key=lambda entry: -entry[0])


def run(texts, counts, typed, weights, n_found):
    sorted_texts = SortedTexts(texts)
    shared = np.empty(len(texts), dtype=np.uint8)
    shared_lengths(sorted_texts.data, sorted_texts.offsets, shared)
    found, worth = np.empty((n_found, 4), dtype=np.int32), np.empty(n_found)
    n = near_prefixes(
        sorted_texts.data,
        sorted_texts.offsets,
        shared,
        np.cumsum([0.0, *counts]),
        np.array([ord(letter) for letter in typed], dtype=np.uint32),
        np.array(weights, dtype=np.float64),
        found,
        worth,
    )
    return shared.tolist(), worth[:n], found[:n].tolist()


@settings(deadline=None)
@given(
    st.sets(TEXTS, min_size=1, max_size=30),
    TEXTS,
    st.sampled_from([(1, 0.5), (1, 0.1, 0.01)]),
    st.integers(1, 20),
    st.integers(0, 99),
)
def test_equal_to_the_twin(texts, typed, weights, n_found, seed):
    texts = sorted(texts)
    counts = np.random.default_rng(seed).integers(1, 9, size=len(texts))
    shared, worth, found = run(texts, counts, typed, weights, n_found)
    assert shared == shared_twin(texts)
    # Of equal worth, the beginning that comes first in the order of texts comes first.
    expected = near_prefixes_twin(texts, counts.tolist(), typed, weights)[:n_found]
    assert_allclose(worth, [entry[0] for entry in expected])
    assert found == [list(entry[1:]) for entry in expected]


@pytest.mark.parametrize(
    ("typed", "edits"), [("lawnmo", 1), ("lwan m", 1), ("lawn m", 0), ("awn mo", 1), ("lan nm", 2)]
)
def test_splits_swaps_and_first_letters(typed, edits):
    texts = ["hose", "lawn edger", "lawn mower"]
    _, _, found = run(texts, [5, 1, 4], typed, (1, 0.1, 0.01), 20)
    reached = [row[2] for row in found if row[:2] == [2, 3]]
    assert min(reached, default=0) == edits


def test_texts_that_share_more_than_is_told_apart():
    texts = sorted(["a" * 300 + "b", "a" * 300 + "c", "€" * 120 + "a", "€" * 120 + "b"])
    shared, _, found = run(texts, [1] * 4, "b" + "a" * 58, (1, 0.1, 0.01), 3)
    assert shared == [0, 255, 0, 255]
    assert found[0] == [0, 2, 1, 58]
