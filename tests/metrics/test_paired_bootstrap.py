"""Two rankings on the same rows: the difference, and its interval."""

import numpy as np
import pytest
import scipy.stats

from sklearn_xmr.metrics import paired_bootstrap, precision_at_k, recall_at_k


def random_rankings(seed, n_rows=60, n_labels=8):
    rng = np.random.RandomState(seed)
    Y = (rng.rand(n_rows, n_labels) < 0.3).astype(int)
    return Y, rng.rand(n_rows, n_labels) + 0.5 * Y, rng.rand(n_rows, n_labels)


def test_scores_are_the_metric_of_all_rows():
    Y, good, poor = random_rankings(0)
    found = paired_bootstrap(recall_at_k, Y, good, poor, k=3, random_state=0)
    assert found.score == pytest.approx(recall_at_k(Y, good, k=3))
    assert found.score_other == pytest.approx(recall_at_k(Y, poor, k=3))
    assert found.difference == pytest.approx(found.score - found.score_other)


def test_interval_agrees_with_scipys_percentile_bootstrap():
    Y, good, poor = random_rankings(1, n_rows=200)
    found = paired_bootstrap(precision_at_k, Y, good, poor, k=2, n_resamples=4000, random_state=0)
    differences = [
        precision_at_k(Y[[i]], good[[i]], k=2) - precision_at_k(Y[[i]], poor[[i]], k=2)
        for i in range(len(Y))
    ]
    expected = scipy.stats.bootstrap(
        (differences,), np.mean, n_resamples=4000, method="percentile", random_state=1
    ).confidence_interval
    assert found.low == pytest.approx(expected.low, abs=0.02)
    assert found.high == pytest.approx(expected.high, abs=0.02)


def test_a_ranking_does_not_differ_from_itself():
    Y, good, _ = random_rankings(2)
    found = paired_bootstrap(recall_at_k, Y, good, good, k=3, random_state=0)
    assert (found.difference, found.low, found.high) == (0, 0, 0)


def test_metric_parameters_are_passed_on():
    Y, good, poor = random_rankings(3)
    found = paired_bootstrap(recall_at_k, Y, good, poor, k=1, random_state=0, capped=True)
    assert found.score == pytest.approx(recall_at_k(Y, good, k=1, capped=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_resamples": 0}, "n_resamples must be an integer from 1 to 1000000, got 0"),
        ({"confidence": 1.5}, r"confidence must be a number in \[0, 1\], got 1.5"),
    ],
)
def test_bad_arguments(arguments, message):
    Y, good, poor = random_rankings(4)
    with pytest.raises(ValueError, match=message):
        paired_bootstrap(recall_at_k, Y, good, poor, **arguments)


def test_shapes_must_agree():
    Y, good, poor = random_rankings(5)
    with pytest.raises(ValueError, match="same shape"):
        paired_bootstrap(recall_at_k, Y, good, poor[:, :3])
