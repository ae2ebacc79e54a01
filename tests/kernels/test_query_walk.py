"""Walks of one and two steps against powers of the dense matrix of steps."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose

from sklearn_xmr._kernels.query_walk import walk


def walk_twin(counts, starts, targets):
    """Multiply matrices."""
    totals = counts.sum(axis=1, keepdims=True)
    steps = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    present = (starts[:, None] >= 0) & (targets >= 0)
    ends = starts[:, None], targets
    return np.where(present, steps[ends], 0), np.where(present, (steps @ steps)[ends], 0)


@pytest.mark.parametrize(("n", "density"), [(1, 1.0), (7, 0.5), (60, 0.05), (300, 0.3)])
def test_equal_to_the_twin(n, density):
    rng = np.random.default_rng(n)
    counts = rng.integers(1, 6, size=(n, n)) * (rng.random((n, n)) < density)
    counts[0] += 3 * (rng.random(n) < 0.9)  # one row is much longer than the others
    counts = (counts + counts.T).astype(np.float64)
    matrix = sp.csr_array(counts)
    starts = rng.integers(-1, n, size=50).astype(np.int32)
    targets = rng.integers(-1, n, size=(50, 9)).astype(np.int32)
    one_step, two_steps = np.full((2, 50, 9), np.nan)
    walk(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float32),
        counts.sum(axis=1),
        starts,
        targets,
        one_step,
        two_steps,
    )
    expected = walk_twin(counts, starts, targets)
    assert_allclose(one_step, expected[0], rtol=1e-12)
    assert_allclose(two_steps, expected[1], rtol=1e-12, atol=1e-300)
