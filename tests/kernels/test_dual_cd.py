"""The lockstep solver against plain loops over children, rows and features."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from sklearn_xmr._kernels import dual_cd
from sklearn_xmr._kernels.dual_cd import LANES, State
from sklearn_xmr._sparse import Csr
from sklearn_xmr._training.solver import Positives


def naive_pass(loss, X, Y, C, order, weights, biases, alphas, active, bias_feature):
    """One pass of dual coordinate descent (Hsieh et al., 2008), one child at a time.

    Steps of the squared hinge loss are over-relaxed (Mangasarian and Musicant, 1999).
    """
    relaxation = 1.25 if loss == "squared_hinge" else 1
    gradients = np.zeros((2, weights.shape[1]))
    for c in np.flatnonzero(active):
        for i in order:
            sign = 1 if Y[i, c] else -1
            ridge, bound = (0.5 / C[i, c], np.inf) if loss == "squared_hinge" else (0, C[i, c])
            margin = X[i] @ weights[:, c] + bias_feature * biases[c]
            gradient = sign * margin - 1 + ridge * alphas[i, c]
            projected = gradient
            if alphas[i, c] <= 0:
                projected = min(projected, 0)
            if alphas[i, c] >= bound:
                projected = max(projected, 0)
            gradients[0, c] = max(gradients[0, c], projected)
            gradients[1, c] = min(gradients[1, c], projected)
            curvature = max(X[i] @ X[i] + bias_feature**2 + ridge, 1e-30)
            raised = min(max(alphas[i, c] - relaxation * gradient / curvature, 0), bound)
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


class Training:
    """The kernel's arrays for a problem; `column_of` says where each child's column is."""

    def __init__(
        self, loss, X, Y, row_C, positive_C=None, *, column_of=None, active=None, bias=1.0
    ):
        n_children = Y.shape[1]
        width = -(-n_children // LANES) * LANES
        rows, positives = sp.csr_array(X), sp.csr_array(Y)
        self.number, first_dual = dual_cd.LOSSES[loss]
        self.bias = bias

        def costs(C):
            return (0.5 / C if loss == "squared_hinge" else C).astype(np.float32)

        if column_of is None:
            column_of = np.arange(n_children, dtype=np.int32)
        self.column_of = column_of
        self.problem = (
            Csr.of(rows),
            np.sum(X**2, axis=1, dtype=np.float32),
            costs(row_C),
            Positives(*Csr.of(positives)[:2], None),
            None if positive_C is None else costs(positive_C[Y]),
        )
        self.weights = np.zeros((X.shape[1], width), dtype=np.float32)
        self.duals = np.full((len(X), width), first_dual, dtype=np.float32)
        self.state = np.zeros((State.N_STATE_ROWS, width), dtype=np.float32)
        self.biases, self.signs = self.state[State.BIASES], self.state[State.SIGNS]
        self.gradients = self.state[[State.HIGHEST, State.LOWEST]]
        self.state[State.ACTIVE, :n_children] = 1 if active is None else active
        self.signs[:] = -1

    def run_pass(self, order):
        self.state[[State.HIGHEST, State.LOWEST]] = 0
        order = np.asarray(order, dtype=np.int32)
        dual_cd.run_pass(*self.problem, order, self, self.bias, self.number)
        self.gradients = self.state[[State.HIGHEST, State.LOWEST]]


def draw_costs(rng, Y, weighted):
    """Costs of rows and of positives (or None), and the two in one array."""
    # Exact in float32, so that bounds are the same in both precisions.
    row_C = rng.integers(1, 50, size=len(Y)) / 16 if weighted else np.ones(len(Y))
    positive_C = rng.integers(1, 50, size=Y.shape) / 16 if weighted else None
    return row_C, positive_C, np.where(Y & weighted, positive_C, row_C[:, None]).astype(float)


problems = given(
    seed=st.integers(0, 2**32 - 1),
    n_rows=st.integers(1, 30),
    n_features=st.integers(0, 12),
    n_children=st.integers(1, 45),
    bias=st.sampled_from([0.0, 1.0, 2.5]),
    weighted=st.booleans(),
)


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
@settings(deadline=None, max_examples=40)
@problems
def test_passes_equal_plain_loops(loss, seed, n_rows, n_features, n_children, bias, weighted):
    X, Y, rng = problem(seed, n_rows, n_features, n_children)
    row_C, positive_C, C = draw_costs(rng, Y, weighted)
    # Some children are frozen, the columns of the rest are shuffled.
    column_of = rng.permutation(n_children).astype(np.int32)
    active = rng.random(n_children) < 0.8
    training = Training(
        loss, X, Y, row_C, positive_C, column_of=column_of, active=active, bias=bias
    )
    arrays = training.weights, training.biases, training.duals
    twin = [array.astype(np.float64) for array in arrays]
    children = np.argsort(column_of)
    bounds = np.inf if loss == "squared_hinge" else C[:, children]

    def at_bound(alphas):
        return np.array([alphas[:, :n_children] <= 0, alphas[:, :n_children] >= bounds])

    for _ in range(3):
        order = rng.permutation(n_rows)
        # A variable that rounding has put beside a bound has another projected gradient.
        same = np.all(at_bound(training.duals) == at_bound(twin[2]), axis=(0, 1))
        trained = np.flatnonzero(active & same)
        training.run_pass(order)
        expected = naive_pass(
            loss, X.astype(float), Y[:, children], C[:, children], order, *twin, active, bias
        )
        np.testing.assert_allclose(
            training.gradients[:, trained], expected[:, trained], rtol=1e-4, atol=1e-4
        )
    for array, expected in zip(arrays, twin, strict=True):
        np.testing.assert_allclose(array, expected, rtol=1e-4, atol=1e-4)
    assert np.all(training.signs == -1)


@settings(deadline=None, max_examples=40)
@problems
def test_steps_of_the_log_loss(seed, n_rows, n_features, n_children, bias, weighted):
    # The optimality condition of a coordinate: its logit is minus its margin.
    X, Y, rng = problem(seed, n_rows, n_features, n_children)
    row_C, positive_C, C = draw_costs(rng, Y, weighted)
    active = rng.random(n_children) < 0.8
    training = Training("log_loss", X, Y, row_C, positive_C, active=active, bias=bias)
    signs = np.where(Y, 1.0, -1.0)
    trained = np.flatnonzero(active)

    def margins(row):
        sums = X[row].astype(float) @ training.weights + bias * training.biases
        return signs[row, trained] * sums[trained]

    for row in np.concatenate([rng.permutation(n_rows) for _ in range(3)]):
        frozen = np.flatnonzero(~active)
        before = training.duals[row, trained] + margins(row)
        training.run_pass([row])
        np.testing.assert_allclose(training.gradients[0, trained], np.maximum(before, 0), atol=1e-4)
        np.testing.assert_allclose(training.gradients[1, trained], np.minimum(before, 0), atol=1e-4)
        after = training.duals[row, trained] + margins(row)
        assert np.all(np.abs(after) <= np.abs(before) / 8 + 1e-4)
    alphas = C * expit(training.duals[:, :n_children].astype(float)) * signs
    alphas[:, frozen] = 0
    np.testing.assert_allclose(training.weights[:, :n_children], X.T @ alphas, atol=2e-5)
    np.testing.assert_allclose(training.biases[:n_children], bias * alphas.sum(axis=0), atol=2e-5)
    assert np.all(training.duals[:, frozen] == dual_cd.LOSSES["log_loss"][1])


@pytest.mark.parametrize("C", [1e-20, 1.0, 1e10, 1e30])
@pytest.mark.parametrize("scale", [0.0, 1e-20, 1e-3, 1e4, 1e18])
@pytest.mark.parametrize("loss", dual_cd.LOSSES)
def test_extremes_stay_finite(loss, scale, C):
    X, Y, rng = problem(1, 12, 5, 11)
    training = Training(loss, np.float32(scale) * X, Y, np.full(12, C), bias=0.0)
    for _ in range(20):
        training.run_pass(rng.permutation(12))
    for array in (training.weights, training.duals, training.state):
        assert np.isfinite(array).all()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", dual_cd.LOSSES)
def test_a_child_does_not_depend_on_its_neighbours(loss, weighted):
    X, Y, rng = problem(0, 60, 20, 48)
    row_C, positive_C, _ = draw_costs(rng, Y, weighted)

    def train(children):
        costs = positive_C[:, children] if weighted else None
        training = Training(loss, X, Y[:, children], row_C, costs)
        for _ in range(5):
            training.run_pass(np.arange(60))
        return training.weights[:, : len(children)]

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
