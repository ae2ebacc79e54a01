"""Labels found in several ways, against dictionaries."""

import numpy as np
import pytest
from scipy.special import expit

from sklearn_xmr._kernels.found_labels import best_found, unite


def random_shortlists(rng, n_rows, n_found, n_labels=9):
    labels = rng.integers(-1, n_labels, size=(n_rows, n_found)).astype(np.int32)
    scores = rng.choice([-np.inf, -1.5, 0.0, 2.0], size=labels.shape).astype(np.float32)
    return labels, scores


def unite_twin(ways):
    rows = []
    for row in range(len(ways[0][0])):
        first = {}
        for labels, scores in ways:
            scores = np.full(labels.shape, -np.inf) if scores is None else scores
            for label, score in zip(labels[row].tolist(), scores[row].tolist(), strict=True):
                first.setdefault(label, score)
        first.pop(-1, None)
        rows.append(sorted(first.items()))
    longest = max(map(len, rows), default=0)
    rows = [row + [(-1, -np.inf)] * (longest - len(row)) for row in rows]
    pairs = np.array(rows).reshape(len(rows), longest, 2)
    return pairs[:, :, 0], pairs[:, :, 1]


def best_found_twin(labels, scores, log_odds, best, probabilities):
    best[:], probabilities[:] = -1, -np.inf
    for row in range(len(labels)):
        found = zip(-log_odds[row], -scores[row], labels[row], strict=True)
        found = sorted(key for key in found if key[2] >= 0)[: best.shape[1]]
        for place, (negative, _, label) in enumerate(found):
            best[row, place], probabilities[row, place] = label, expit(-negative)
    return np.count_nonzero(best[:, 0] < 0)


@pytest.mark.parametrize("seed", range(30))
def test_unite_is_equal_to_the_twin(seed):
    rng = np.random.default_rng(seed)
    n_rows, n_labels = rng.integers(0, 4), rng.choice([1, 9, 70_000, 2**31 - 1])
    shortlists = [
        random_shortlists(rng, n_rows, rng.integers(0, 12), n_labels)
        for _ in range(rng.integers(1, 4))
    ]
    ways = [(labels, scores if rng.random() < 0.6 else None) for labels, scores in shortlists]
    labels, scores = unite(ways)
    twin = unite_twin(ways)
    np.testing.assert_array_equal(labels, twin[0])
    np.testing.assert_array_equal(scores, twin[1])


@pytest.mark.parametrize("seed", range(30))
def test_best_found_is_equal_to_the_twin(seed):
    rng = np.random.default_rng(seed)
    n_rows, k = rng.integers(0, 4), rng.integers(1, 14)
    labels, scores = random_shortlists(rng, n_rows, 10, n_labels=50)
    labels[rng.random(n_rows) < 0.3] = -1
    log_odds = rng.choice([-np.inf, -800.0, -2.0, 0.5, 0.75, 800.0], size=labels.shape)
    out = np.empty((n_rows, k), dtype=np.int32), np.empty((n_rows, k), dtype=np.float32)
    twin = np.empty((n_rows, k), dtype=np.int32), np.empty((n_rows, k), dtype=np.float32)
    found = best_found(labels, scores, log_odds, *out)
    assert found == best_found_twin(labels, scores, log_odds, *twin)
    np.testing.assert_array_equal(out[0], twin[0])
    np.testing.assert_allclose(out[1], twin[1], rtol=1e-6)
