"""Balanced 2-means against a twin that keeps nothing from pass to pass, and against hand."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.matrices import random_csr
from sklearn_xmr._kernels.bisect import (
    SAMPLE_FROM,
    SAMPLE_STEP,
    STOP_SHARE,
    bisect_rows,
)


def bisect(Z, n_left, starts, max_iter=20, spherical=True):
    n_rows, n_features = Z.shape
    side = np.empty(n_rows, dtype=np.int8)
    bisect_rows(
        Z.indptr.astype(np.int64),
        Z.indices.astype(np.int32),
        Z.data.astype(np.float32),
        n_left,
        np.asarray(starts, dtype=np.int64),
        spherical,
        max_iter,
        np.full(2 * n_features, np.nan),  # scratch may hold anything
        np.full(n_features, np.nan, dtype=np.float32),
        np.empty(n_rows, dtype=np.uint64),
        side,
    )
    return side


def twin(Z, n_left, starts, max_iter=20, spherical=True):
    dense = Z.toarray()
    first, *others = starts
    likeness = twin_scores(Z[others], dense[first])
    if not spherical:
        halves = [(row * row / np.float32(2))[np.flatnonzero(row)] for row in dense[others]]
        likeness -= [half.sum(dtype=np.float64) for half in halves]
    direction = dense[others[np.argmin(likeness)]] - dense[first]
    if len(dense) >= SAMPLE_FROM:
        n_sampled = len(dense[::SAMPLE_STEP])
        cut = n_left * n_sampled // len(dense)
        _, direction = twin_passes(Z[::SAMPLE_STEP], cut, direction, max_iter, spherical)
    return twin_passes(Z, n_left, direction, max_iter, spherical)[0]


def twin_passes(Z, n_left, direction, max_iter, spherical):
    dense = Z.toarray().astype(np.float64)
    right = None
    for _ in range(max_iter):
        before = right
        order = np.argsort(twin_scores(Z, direction), kind="stable")
        right = np.ones(len(dense), dtype=bool)
        right[order[:n_left]] = False
        if before is not None and (right != before).sum() * STOP_SHARE < len(dense):
            break
        if spherical:
            centres = [unit(dense[~right].sum(axis=0)), unit(dense[right].sum(axis=0))]
        else:
            centres = [
                dense[side].sum(axis=0) * (1 / max(1, side.sum())) for side in (~right, right)
            ]
        direction = (centres[1] - centres[0]).astype(np.float32)
    return right, direction


def unit(x):
    norm = np.sqrt(np.cumsum(x * x)[-1])  # one after another, as the kernel adds
    return x * (1 / norm) if norm > 0 else x


def twin_scores(Z, direction):
    """Inner products in single precision, in four interleaved sums."""
    scores = np.zeros(Z.shape[0], dtype=np.float32)
    for i in range(Z.shape[0]):
        row = slice(Z.indptr[i], Z.indptr[i + 1])
        products = Z.data[row] * direction[Z.indices[row]]
        whole = len(products) // 4 * 4
        lanes = products[:whole].reshape(-1, 4).cumsum(axis=0, dtype=np.float32)
        a, b, c, d = lanes[-1] if whole else np.zeros(4, dtype=np.float32)
        for product in products[whole:]:
            a += product
        scores[i] = (a + b) + (c + d)
    return scores


def random_rows(rng, n_rows, n_features, density):
    """Rows on the grid on which sums are exact, some of them zero, some repeated."""
    Z = random_csr(rng, (n_rows, n_features), density, data_sampler=rng.normal)
    Z = Z[rng.integers(0, n_rows, size=n_rows)]
    Z.data = (np.rint(Z.data * 2**10) / 2**14).astype(np.float32)
    return Z.astype(np.float32)


@given(
    seed=st.integers(0, 2**32 - 1), max_iter=st.sampled_from([1, 2, 20]), spherical=st.booleans()
)
@settings(max_examples=120, deadline=None)
def test_equals_twin(seed, max_iter, spherical):
    rng = np.random.default_rng(seed)
    n_rows = int(rng.integers(2, 60))
    Z = random_rows(rng, n_rows, int(rng.integers(1, 30)), rng.choice([0.05, 0.3, 1.0]))
    n_left = int(rng.integers(1, n_rows))
    starts = rng.integers(0, n_rows, size=int(rng.integers(2, 9)))
    side = bisect(Z, n_left, starts, max_iter, spherical)
    np.testing.assert_array_equal(side, twin(Z, n_left, starts, max_iter, spherical))
    assert (side == 0).sum() == n_left


@pytest.mark.parametrize("n_rows", [SAMPLE_FROM - 1, SAMPLE_FROM, SAMPLE_FROM + 5])
def test_many_rows_equal_twin(n_rows):
    rng = np.random.default_rng(n_rows)
    Z = random_rows(rng, n_rows, 40, 0.1)
    n_left = n_rows // 3
    for spherical in (True, False):
        found = bisect(Z, n_left, [0, 1], spherical=spherical)
        np.testing.assert_array_equal(found, twin(Z, n_left, [0, 1], spherical=spherical))


@pytest.mark.parametrize("n_rows", [10, SAMPLE_FROM])
def test_ties_go_by_position(n_rows):
    same = sp.csr_array(np.ones((n_rows, 2), dtype=np.float32))
    nothing = sp.csr_array((n_rows, 2), dtype=np.float32)
    for Z in (same, nothing):
        assert bisect(Z, 4, [0, 1]).tolist() == [0] * 4 + [1] * (n_rows - 4)


def test_zeros_of_both_signs_tie():
    # Products with the direction (-1, 1): 0.0, -0.0 (from -0.0 * 1), and those of the centres.
    Z = sp.csr_array(np.array([[1, 0], [0, 1], [1, 1], [1, 1]], dtype=np.float32))
    Z.data[2:4] = [0.0, 0.0]
    Z.data[4:6] = [0.0, -0.0]
    assert bisect(Z, 2, [0, 1], max_iter=1).tolist() == [0, 1, 0, 1]


def test_first_pass_by_hand():
    # Direction z_3 - z_0 = (-1, 1): scores -1, -0.2, 0.2, 1.
    Z = sp.csr_array(np.array([[1, 0], [0.6, 0.4], [0.4, 0.6], [0, 1]], dtype=np.float32))
    assert bisect(Z, 1, [0, 3], max_iter=1).tolist() == [0, 1, 1, 1]
    assert bisect(Z, 3, [0, 3], max_iter=1).tolist() == [0, 0, 0, 1]
    assert bisect(Z, 3, [3, 0], max_iter=1).tolist() == [1, 0, 0, 0]


def test_leaves_a_poor_start():
    # Both centres start in the cluster of even rows: only later passes can find the other one.
    rng = np.random.default_rng(0)
    centres = np.array([[1, 0, 0], [0, 1, 0]])
    dense = centres[np.arange(40) % 2] + 0.1 * rng.random((40, 3))
    side = bisect(sp.csr_array(dense.astype(np.float32)), 20, [0, 2])
    assert len(set(side[::2])) == 1
    assert len(set(side[1::2])) == 1


def test_starts_from_the_row_least_like_the_first():
    Z = sp.csr_array(np.array([[1, 0], [0.8, 0.6], [1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32))
    # From rows 0 and 3, the scores are -1, -0.2, -1, 1, 0.2; from 0 and 2 they would all tie.
    assert bisect(Z, 3, [0, 2, 3, 1], max_iter=1).tolist() == [0, 0, 0, 1, 1]
    assert bisect(Z, 2, [0, 2, 3, 1], max_iter=1).tolist() == [0, 1, 0, 1, 1]
    assert bisect(Z, 2, [0, 2], max_iter=1).tolist() == [0, 0, 1, 1, 1]


def test_euclidean_halves_are_the_best_ones():
    # On a line, the best halves are the lower and the upper one, and no other start is stable.
    rng = np.random.default_rng(0)
    line = rng.permutation(np.arange(1, 21))
    Z = sp.csr_array((line[:, None] / 32).astype(np.float32))
    for starts in ([0, 1], [3, 4, 5], [7, 2]):
        side = bisect(Z, 10, starts, spherical=False)
        assert sorted(map(sorted, (line[side == 0], line[side == 1]))) == [
            list(range(1, 11)),
            list(range(11, 21)),
        ]
