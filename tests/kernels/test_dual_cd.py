"""The lockstep solver against plain loops over children, rows and features."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels import dual_cd

LANES = 8


def naive_pass(X, Y, order, weights, biases, alphas, active, bias_feature, ridge):
    """One pass of dual coordinate descent (Hsieh et al., 2008), one child at a time."""
    gradients = np.zeros((2, weights.shape[1]))
    for c in np.flatnonzero(active):
        for i in order:
            sign = 1 if Y[i, c] else -1
            margin = X[i] @ weights[:, c] + bias_feature * biases[c]
            gradient = sign * margin - 1 + ridge * alphas[i, c]
            projected = gradient if alphas[i, c] > 0 else min(gradient, 0)
            gradients[0, c] = max(gradients[0, c], projected)
            gradients[1, c] = min(gradients[1, c], projected)
            curvature = X[i] @ X[i] + bias_feature**2 + ridge
            raised = max(alphas[i, c] - gradient / curvature, 0)
            step = (raised - alphas[i, c]) * sign
            alphas[i, c] = raised
            weights[:, c] += step * X[i]
            biases[c] += step * bias_feature
    return gradients


def problem(seed, n_rows, n_features, n_children):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features)) * (rng.random((n_rows, n_features)) < 0.4)
    Y = rng.random((n_rows, n_children)) < 0.3
    return X.astype(np.float32), Y, rng


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_rows=st.integers(1, 30),
    n_features=st.integers(0, 12),
    n_children=st.integers(1, 45),
    bias_feature=st.sampled_from([0.0, 1.0, 2.5]),
)
def test_passes_equal_plain_loops(seed, n_rows, n_features, n_children, bias_feature):
    X, Y, rng = problem(seed, n_rows, n_features, n_children)
    rows = sp.csr_array(X)
    positives = sp.csr_array(Y)
    width = -(-n_children // LANES) * LANES
    weights = np.zeros((n_features, width), dtype=np.float32)
    alphas = np.zeros((n_rows, width), dtype=np.float32)
    biases = np.zeros(width, dtype=np.float32)
    # Some children are frozen, the columns of the rest are shuffled.
    column_of = rng.permutation(n_children).astype(np.int32)
    active = np.zeros(width, dtype=np.float32)
    active[:n_children] = rng.random(n_children) < 0.8
    twin = [array.astype(np.float64) for array in (weights, biases, alphas)]
    signs = np.full(width, -1, dtype=np.float32)
    for _ in range(3):
        order = rng.permutation(n_rows).astype(np.int32)
        gradients = np.zeros((2, width), dtype=np.float32)
        dual_cd.run_pass(
            rows.indptr.astype(np.int64),
            rows.indices.astype(np.int32),
            rows.data,
            np.sum(X**2, axis=1, dtype=np.float32),
            positives.indptr.astype(np.int64),
            positives.indices.astype(np.int32),
            column_of,
            order,
            weights,
            biases,
            alphas,
            active,
            signs,
            gradients,
            bias_feature,
            0.5,
        )
        targets = np.zeros((n_rows, width), dtype=bool)
        targets[:, column_of] = Y
        expected = naive_pass(
            X.astype(np.float64), targets, order, *twin, active, bias_feature, 0.5
        )
        np.testing.assert_allclose(gradients[:, active > 0], expected[:, active > 0], atol=1e-4)
    np.testing.assert_allclose(weights, twin[0], atol=1e-4)
    np.testing.assert_allclose(biases, twin[1], atol=1e-4)
    np.testing.assert_allclose(alphas, twin[2], atol=1e-4)
    assert np.all(signs == -1)


def test_a_child_does_not_depend_on_its_neighbours():
    X, Y, _ = problem(0, 60, 20, 48)
    rows = sp.csr_array(X)

    def train(children):
        positives = sp.csr_array(Y[:, children])
        width = -(-len(children) // LANES) * LANES
        weights = np.zeros((20, width), dtype=np.float32)
        state = np.zeros(width, dtype=np.float32), np.zeros((60, width), dtype=np.float32)
        order = np.arange(60, dtype=np.int32)
        for _ in range(5):
            dual_cd.run_pass(
                rows.indptr.astype(np.int64),
                rows.indices.astype(np.int32),
                rows.data,
                np.sum(X**2, axis=1, dtype=np.float32),
                positives.indptr.astype(np.int64),
                positives.indices.astype(np.int32),
                np.arange(len(children), dtype=np.int32),
                order,
                weights,
                *state,
                (np.arange(width) < len(children)).astype(np.float32),
                np.full(width, -1, dtype=np.float32),
                np.zeros((2, width), dtype=np.float32),
                1.0,
                0.5,
            )
        return weights[:, : len(children)]

    together = train(np.arange(48))
    for children in (np.arange(48)[::-1], np.arange(5, 16), np.array([33])):
        np.testing.assert_array_equal(train(children), together[:, children])


@pytest.mark.parametrize("n", [0, 1, 2, 1000])
def test_shuffle_permutes(n):
    order = np.arange(n, dtype=np.int32)
    seed = dual_cd.shuffle(order, 42)
    assert sorted(order) == list(range(n))
    again = np.arange(n, dtype=np.int32)
    assert dual_cd.shuffle(again, 42) == seed
    np.testing.assert_array_equal(again, order)


def test_shuffle_is_uniform():
    counts = np.zeros((4, 4))
    seed = 1
    for _ in range(24_000):
        order = np.arange(4, dtype=np.int32)
        seed = dual_cd.shuffle(order, seed)
        counts[np.arange(4), order] += 1
    # Each count is binomial(24000, 1/4): five standard deviations are 335.
    assert np.abs(counts - 6000).max() < 335
