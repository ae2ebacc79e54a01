"""Lists merged and filled up, against dictionaries."""

import numpy as np
import pytest

from sklearn_xmr._completion.shortlists import appended, merged


def random_lists(rng, n_lists, k, n=12):
    positions = np.array([rng.permutation(n)[:k] for _ in range(n_lists)], dtype=np.int32)
    scores = np.sort(rng.integers(-5, 0, size=positions.shape) / 2, axis=1)[:, ::-1]
    n_found = rng.integers(0, k + 1, size=(n_lists, 1))
    positions[np.arange(k) >= n_found] = -1
    return positions, np.where(positions < 0, -np.inf, scores)


@pytest.mark.parametrize("seed", range(20))
def test_merged(seed):
    rng = np.random.default_rng(seed)
    n_rows, k = 4, 5
    owners = np.sort(rng.integers(0, n_rows, size=7))
    positions, scores = random_lists(rng, 7, k)
    found, found_scores = merged(owners, n_rows, positions, scores)
    for row in range(n_rows):
        best = {}
        for position, score in zip(
            positions[owners == row].ravel(), scores[owners == row].ravel(), strict=True
        ):
            if position >= 0:
                best[position] = max(score, best.get(position, -np.inf))
        expected = sorted(best, key=lambda position: (-best[position], position))[:k]
        assert found[row].tolist() == expected + [-1] * (k - len(expected))
        assert found_scores[row, : len(expected)].tolist() == [best[i] for i in expected]
        assert np.all(found_scores[row, len(expected) :] == -np.inf)


@pytest.mark.parametrize("seed", range(20))
def test_appended(seed):
    rng = np.random.default_rng(seed)
    k = 5
    positions, scores = random_lists(rng, 6, k)
    others, other_scores = random_lists(rng, 6, 8)
    found, found_scores = appended(positions, scores, others, other_scores)
    for row in range(6):
        first, score_of = positions[row][positions[row] >= 0].tolist(), {}
        behind = [i for i in others[row].tolist() if i >= 0 and i not in first]
        expected = (first + behind)[:k]
        score_of = dict(zip(others[row].tolist(), other_scores[row].tolist(), strict=True))
        score_of |= dict(zip(positions[row].tolist(), scores[row].tolist(), strict=True))
        assert found[row].tolist() == expected + [-1] * (k - len(expected))
        assert found_scores[row, : len(expected)].tolist() == [score_of[i] for i in expected]
