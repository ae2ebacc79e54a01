"""Labels found in several ways, against dictionaries."""

import numpy as np
import pytest

from sklearn_xmr._kernels.found_labels import best_found, unite


def random_shortlists(rng, n_rows, n_found, n_labels=9):
    labels = rng.integers(-1, n_labels, size=(n_rows, n_found)).astype(np.int32)
    scores = rng.choice([-np.inf, -1.5, 0.0, 2.0], size=labels.shape).astype(np.float32)
    return labels, scores


def unite_twin(labels, scores):
    longest = 0
    for row, (row_labels, row_scores) in enumerate(
        zip(labels.tolist(), scores.tolist(), strict=True)
    ):
        first = {}
        for label, score in zip(row_labels, row_scores, strict=True):
            first.setdefault(label, score)
        first.pop(-1, None)
        labels[row], scores[row] = -1, -np.inf
        labels[row, : len(first)] = sorted(first)
        scores[row, : len(first)] = [first[label] for label in sorted(first)]
        longest = max(longest, len(first))
    return longest


def best_found_twin(labels, scores, log_odds, best, best_log_odds):
    best[:], best_log_odds[:] = -1, -np.inf
    for row in range(len(labels)):
        found = zip(-log_odds[row], -scores[row], labels[row], strict=True)
        found = sorted(key for key in found if key[2] >= 0)[: best.shape[1]]
        for place, (negative, _, label) in enumerate(found):
            best[row, place], best_log_odds[row, place] = label, -negative


@pytest.mark.parametrize("seed", range(30))
def test_unite_is_equal_to_the_twin(seed):
    rng = np.random.default_rng(seed)
    labels, scores = random_shortlists(rng, rng.integers(0, 4), rng.integers(0, 12))
    twin = labels.copy(), scores.copy()
    assert unite(labels, scores) == unite_twin(*twin)
    np.testing.assert_array_equal(labels, twin[0])
    np.testing.assert_array_equal(scores, twin[1])


@pytest.mark.parametrize("seed", range(30))
def test_best_found_is_equal_to_the_twin(seed):
    rng = np.random.default_rng(seed)
    n_rows, k = rng.integers(0, 4), rng.integers(1, 14)
    labels, scores = random_shortlists(rng, n_rows, 10, n_labels=50)
    log_odds = rng.choice([-np.inf, -2.0, 0.5, 0.75], size=labels.shape)
    out = np.empty((n_rows, k), dtype=np.int32), np.empty((n_rows, k))
    twin = np.empty((n_rows, k), dtype=np.int32), np.empty((n_rows, k))
    best_found(labels, scores, log_odds, *out)
    best_found_twin(labels, scores, log_odds, *twin)
    np.testing.assert_array_equal(out[0], twin[0])
    np.testing.assert_array_equal(out[1], twin[1])
