"""Lists merged and filled up, against dictionaries."""

import numpy as np
import pytest

from sklearn_xmr._kernels.shortlists import fill_up


def random_lists(rng, n_lists, k, n=12):
    positions = np.array([rng.permutation(n)[:k] for _ in range(n_lists)], dtype=np.int32)
    positions = positions.reshape(n_lists, k)
    scores = np.sort(rng.random(size=positions.shape), axis=1)[:, ::-1].copy()
    n_found = rng.integers(0, k + 1, size=(n_lists, 1))
    positions[np.arange(k) >= n_found] = -1
    return positions, np.where(positions < 0, -np.inf, scores)


def as_dict(positions, scores):
    """The entries of lists and their scores, each of the best."""
    pairs = zip(positions.ravel().tolist(), scores.ravel().tolist(), strict=True)
    return dict(sorted((pair for pair in pairs if pair[0] >= 0), key=lambda pair: pair[1]))


def fill_up_twin(rows, list_ptr, others, other_scores, positions, scores):
    """Put what is new in order of scores behind what is there."""
    k = positions.shape[1]
    for row, first, last in zip(rows, list_ptr[:-1], list_ptr[1:], strict=True):
        found = as_dict(positions[row], scores[row])
        kept = [i for i in positions[row].tolist() if i >= 0]
        new = as_dict(others[first:last], other_scores[first:last])
        kept += sorted(new.keys() - found.keys(), key=lambda i: (-new[i], i))
        kept = kept[:k]
        positions[row] = kept + [-1] * (k - len(kept))
        new |= found
        scores[row] = [new[i] for i in kept] + [-np.inf] * (k - len(kept))


@pytest.mark.parametrize("seed", range(40))
def test_equal_to_the_twin(seed):
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(rng.random(6) < 0.7)
    list_ptr = np.cumsum([0, *rng.integers(0, 4, size=len(rows))])
    others = random_lists(rng, list_ptr[-1], 8)
    found, expected = random_lists(rng, 6, 5), None
    expected = [array.copy() for array in found]
    fill_up(rows, list_ptr, *others, *found)
    fill_up_twin(rows, list_ptr, *others, *expected)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def test_of_equal_scores_the_lower_position_comes_first():
    positions, scores = np.full((1, 3), -1, dtype=np.int32), np.full((1, 3), -np.inf)
    others = np.array([[5, 3], [4, 3]], dtype=np.int32)
    parts = np.array([0]), np.array([0, 2]), others, np.ones((2, 2))
    fill_up(*parts, positions, scores)
    assert positions.tolist() == [[4, 3, 5]]
    assert scores.tolist() == [[1.0, 1.0, 1.0]]
