"""Labels without rows: whether that is chance, and what is learned from them."""

import numpy as np
import pytest

from sklearn_xmr._ranking.unseen_labels import (
    expected_cold_share,
    pairs_to_learn_from,
    share_due_to_chance,
)


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ([3, 2, 1], 0.0),  # each has rows
        ([0, 0, 2, 5], 0.0),  # none has a single one
        ([0, 1, 2, 2], 0.0),  # one alone tells nothing
        ([0] * 12 + [1] * 4 + [2], 0.25),  # 4 * 3 / (2 * 2) of 12
        ([0, 1, 1, 1], 1.0),  # never more than there are
    ],
)
def test_share_is_that_of_chao(totals, expected):
    assert share_due_to_chance(np.array(totals, dtype=float)) == expected


def test_share_of_labels_drawn_at_random():
    # What is drawn 3000 times from 2000 equal labels misses exp(-1.5) of them; as many are new.
    rng = np.random.default_rng(0)
    totals = np.bincount(rng.integers(0, 2000, 3000), minlength=2000)
    n_missed = np.count_nonzero(totals == 0)
    totals = np.append(totals, np.zeros(n_missed))
    assert share_due_to_chance(totals) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ([3, 2, 2], 0.0),
        ([4, 2, 1, 1], 2 / 8),  # pairs of labels that have one row
        ([0, 0, 2, 2], 0.25),  # half as good as the others
        ([0, 0, 0, 1, 5], 1 - 5 / 6 * 7 / 10),  # one in six by chance, half of three in five else
        ([0, 0], 0.5),
    ],
)
def test_expected_share_of_labels_without_rows(totals, expected):
    assert expected_cold_share(np.array(totals)) == pytest.approx(expected)


def test_expected_share_comes_true():
    # Labels as frequent as words are: how many of 20,000 rows to come have a label not yet seen.
    rng = np.random.default_rng(0)
    chances = 1 / np.arange(1, 20_001)
    draw = rng.choice(20_000, 40_000, p=chances / chances.sum())
    totals = np.bincount(draw[:20_000], minlength=20_000)
    # As if the catalogue held what was ever drawn, and nothing else.
    known = np.unique(draw)
    share = np.count_nonzero(totals == 1) / 20_000
    assert np.mean(totals[draw[20_000:]] == 0) == pytest.approx(share, abs=0.01)
    assert expected_cold_share(totals[known]) == pytest.approx(share, abs=0.01)


def test_half_of_what_is_missing_by_chance_is_kept():
    totals = np.array([0, 0, 1, 1, 1])
    labels = np.array([0, 2, 1, 0, 3, 1, 0])
    kept = pairs_to_learn_from(labels, totals)
    np.testing.assert_array_equal(kept, [True, True, False, True, True, False, True])
    assert pairs_to_learn_from(np.array([], dtype=int), totals).shape == (0,)


def test_what_is_new_is_left_out():
    totals = np.array([0, 0, 4, 5])
    kept = pairs_to_learn_from(np.array([0, 2, 1, 3]), totals)
    np.testing.assert_array_equal(kept, [False, True, False, True])
