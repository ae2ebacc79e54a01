"""Calibration error and Brier score against plain loops, and where the truth is known."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose
from sklearn.metrics import brier_score_loss

from sklearn_xmr.metrics import brier_score_at_k, calibration_error_at_k


def make_scores(n_samples=83, n_labels=9, seed=0):
    rng = np.random.default_rng(seed)
    probabilities = rng.beta(0.5, 2, (n_samples, n_labels))
    return (rng.random((n_samples, n_labels)) < probabilities).astype(int), probabilities


def pairs(y_true, y_score, k):
    for row, scores in enumerate(y_score):
        best = sorted(range(len(scores)), key=lambda label: (-scores[label], label))[:k]
        for rank, label in enumerate(best):
            if scores[label] > -np.inf:
                yield scores[label], y_true[row, label], rank


def plain_error(probabilities, truth):
    ordered = sorted(zip(probabilities, truth, strict=True), key=lambda pair: pair[0])
    total, n_bins = 0, min(15, len(ordered))
    for number in range(n_bins):
        first, last = (len(ordered) * end // n_bins for end in (number, number + 1))
        of_bin = np.array(ordered[first:last])
        total += len(of_bin) * abs(of_bin[:, 0].mean() - of_bin[:, 1].mean())
    return total / len(ordered)


@pytest.mark.parametrize("k", [1, 3, 9, 20])
@pytest.mark.parametrize("container", [np.asarray, sp.csr_array, sp.csc_matrix])
def test_plain_loops(k, container):
    y_true, y_score = make_scores()
    p, y, ranks = map(np.array, zip(*pairs(y_true, y_score, k), strict=True))
    base = np.array([y[ranks == rank].mean() for rank in range(min(k, 9))])[ranks]
    found = calibration_error_at_k(container(y_true), container(y_score), k)
    assert found.error == pytest.approx(plain_error(p, y))
    assert found.base_rate == pytest.approx(plain_error(base, y))
    found = brier_score_at_k(container(y_true), container(y_score), k)
    assert found.score == pytest.approx(brier_score_loss(y, p))
    assert found.base_rate == pytest.approx(brier_score_loss(y, base))


def test_what_was_not_retrieved_does_not_count():
    y_true, y_score = make_scores()
    dense = np.where(y_score > 0.3, y_score, -np.inf)
    kept = y_score > 0.3
    sparse = sp.csr_array(np.where(kept, y_score, 0))
    for metric in (calibration_error_at_k, brier_score_at_k):
        assert_allclose(metric(y_true, dense, 4), metric(y_true, sparse, 4))
    p, y, _ = zip(*pairs(y_true, dense, 4), strict=True)
    assert brier_score_at_k(y_true, dense, 4).score == pytest.approx(brier_score_loss(y, p))


def test_a_stored_zero_counts():
    y_score = sp.csr_array((np.array([0.0, 0.5]), [0, 1], [0, 2]), shape=(1, 3))
    assert brier_score_at_k([[1, 0, 0]], y_score, 3).score == pytest.approx((1 + 0.25) / 2)


def test_the_noise_floor_is_what_true_probabilities_have():
    found = [calibration_error_at_k(*make_scores(600, 4, seed), k=2) for seed in range(40)]
    error, _, noise_floor = np.mean(found, axis=0)
    assert error == pytest.approx(noise_floor, rel=0.1)


def test_probabilities_that_are_off():
    y_true, y_score = make_scores(5000, 3)
    true = calibration_error_at_k(y_true, y_score, 3)
    shifted = calibration_error_at_k(y_true, np.minimum(y_score + 0.2, 1), 3)
    assert true.error < 0.02 < 0.15 < shifted.error < 0.2
    # The base rate is calibrated, but says less than the truth does.
    brier = brier_score_at_k(y_true, y_score, 3)
    assert true.base_rate < 0.02
    assert brier.score < 0.9 * brier.base_rate


@pytest.mark.parametrize("metric", [calibration_error_at_k, brier_score_at_k])
@pytest.mark.parametrize(
    ("y_true", "y_score", "k", "message"),
    [
        ([[1, 0]], [[0.5, 1.5]], 1, "y_score must hold probabilities, from 0 to 1, got 1.5"),
        ([[1, 0]], [[0.5, -0.5]], 1, "y_score must hold probabilities, from 0 to 1, got -0.5"),
        ([[1, 0]], [[0.5, np.nan]], 1, "NaN"),
        ([[1, 0]], [[-np.inf, -np.inf]], 1, "a label that was retrieved, got none"),
        ([[1, 0]], sp.csr_array((1, 2)), 1, "a label that was retrieved, got none"),
        ([[1, 2]], [[0.5, 0.5]], 1, "y_true must be a label indicator"),
        ([[1, 0]], [[0.5, 0.5]], 0, "k must be an integer"),
        ([[1, 0]], [[0.5, 0.5, 0]], 1, "same shape"),
    ],
)
def test_wrong_input(metric, y_true, y_score, k, message):
    with pytest.raises(ValueError, match=message):
        metric(y_true, y_score, k)
