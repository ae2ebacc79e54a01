"""The kernel that merges rankings against a dictionary."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_xmr._kernels.merge import merge


def naive(labels, values, n_rankings, in_logs, k):
    """Labels and means, best first, of one query."""
    said = {}
    for label, value in zip(labels.tolist(), values.tolist(), strict=True):
        if label >= 0:
            said.setdefault(label, []).append(value)
    if in_logs:
        means = {
            label: max(v) + math.log(math.fsum(math.exp(x - max(v)) for x in v) / n_rankings)
            for label, v in said.items()
        }
    else:
        means = {label: math.fsum(v) / n_rankings for label, v in said.items()}
    best = sorted(means, key=lambda label: (-np.float32(means[label]), label))[:k]
    return best, [means[label] for label in best]


def run(labels, values, n_rankings, in_logs, k):
    best = np.empty((len(labels), k), dtype=np.int32)
    scores = np.empty((len(labels), k), dtype=np.float32)
    merge(labels, values, n_rankings, in_logs, best, scores)
    return best, scores


@settings(deadline=None, max_examples=100)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_rankings=st.integers(1, 4),
    size=st.integers(1, 8),
    n_labels=st.integers(8, 30),
    k=st.integers(1, 40),
    in_logs=st.booleans(),
)
def test_equals_dictionary(seed, n_rankings, size, n_labels, k, in_logs):
    rng = np.random.default_rng(seed)
    # Whole numbers make exact ties.
    labels = np.hstack(
        [[rng.permutation(n_labels)[:size] for _ in range(5)] for _ in range(n_rankings)]
    ).astype(np.int32)
    labels[rng.random(labels.shape) < 0.2] = -1
    values = rng.integers(-3, 1, size=labels.shape).astype(np.float64)
    found, scores = run(labels, values, n_rankings, in_logs, k)
    for row in range(5):
        best, means = naive(labels[row], values[row], n_rankings, in_logs, k)
        if not in_logs:
            assert_array_equal(found[row, : len(best)], best)
        # The order of sums may split or make ties of the last bit.
        assert_allclose(scores[row, : len(best)], means, rtol=1e-6, atol=1e-6)
        assert sorted(found[row, : len(best)]) == sorted(set(found[row, : len(best)]))
        assert (found[row, len(best) :] == -1).all()
        assert (np.diff(scores[row, : len(best)]) <= 0).all()


def test_logarithms_neither_overflow_nor_vanish():
    labels = np.array([[4, 7, 4, 9]], dtype=np.int32)
    values = np.array([[-1e30, -800.0, -1e30, 700.0]])
    found, scores = run(labels, values, 2, True, 3)
    assert_array_equal(found, [[9, 7, 4]])
    assert_allclose(scores, [[700 - np.log(2), -800 - np.log(2), -1e30]], rtol=1e-6)


def test_equal_rankings_keep_their_scores():
    values = np.array([[-0.3, -1.7, -2.9e5]])
    labels = np.array([[5, 2, 8]], dtype=np.int32)
    for n in (1, 2, 3, 7):
        found, scores = run(np.tile(labels, n), np.tile(values, n), n, True, 3)
        assert_array_equal(found, labels)
        assert_array_equal(scores, values.astype(np.float32))


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (3, 4)])
def test_nothing_found(shape):
    labels = np.full(shape, -1, dtype=np.int32)
    found, _ = run(labels, np.zeros(shape), 2, True, 3)
    assert_array_equal(found, np.full((shape[0], 3), -1))


def test_labels_that_share_a_slot():
    labels = np.arange(0, 2**31 - 1, 2**24, dtype=np.int32)[None, :]
    values = -np.arange(labels.shape[1], dtype=np.float64)[None, :]
    found, scores = run(np.hstack([labels, labels]), np.hstack([values, values]), 2, False, 128)
    assert_array_equal(found, labels)
    assert_array_equal(scores, values)
