"""Labels without rows: whether that is chance, and what is learned from them."""

import numpy as np
import pytest

from sklearn_xmr._ranking.unseen_labels import pairs_to_learn_from, share_due_to_chance


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
