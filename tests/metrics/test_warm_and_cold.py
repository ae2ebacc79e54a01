"""Rows with and without a label that training knew."""

import numpy as np
import pytest
import scipy.sparse as sp

from sklearn_xmr.metrics import recall_at_k, warm_and_cold


def test_rows_are_told_apart():
    rng = np.random.RandomState(0)
    Y = sp.csr_array(rng.rand(50, 12) < 0.1)
    scores, frequency = rng.rand(50, 12), rng.randint(0, 3, size=12)
    found = warm_and_cold(recall_at_k, Y, scores, k=4, frequency=frequency)
    dense = Y.toarray()
    warm = [i for i in range(50) if any(dense[i] & (frequency > 0))]
    cold = [i for i in range(50) if dense[i].any() and i not in warm]
    assert (found.all.n_samples, found.warm.n_samples) == (50, len(warm))
    assert found.cold.n_samples == len(cold)
    assert found.all.score == pytest.approx(recall_at_k(Y, scores, k=4))
    assert found.warm.score == pytest.approx(recall_at_k(Y[warm], scores[warm], k=4))
    assert found.cold.score == pytest.approx(recall_at_k(Y[cold], scores[cold], k=4))


def test_no_row_is_cold():
    found = warm_and_cold(recall_at_k, [[1, 0]], [[0.1, 0.2]], k=1, frequency=[1, 1])
    assert found.cold.n_samples == 0
    assert np.isnan(found.cold.score)


@pytest.mark.parametrize("frequency", [[1], [1, -1], [1, np.nan]])
def test_bad_frequencies(frequency):
    with pytest.raises(ValueError, match="frequency must"):
        warm_and_cold(recall_at_k, [[1, 0]], [[0.1, 0.2]], frequency=frequency)


def test_capped_recall_can_reach_one():
    y_true, y_score = [[1, 1, 1, 0], [1, 0, 0, 0]], [[3, 2, 1, 0], [0, 3, 2, 1]]
    assert recall_at_k(y_true, y_score, k=2) == pytest.approx((2 / 3 + 0) / 2)
    assert recall_at_k(y_true, y_score, k=2, capped=True) == pytest.approx((1 + 0) / 2)
    assert recall_at_k(y_true, y_score, k=2**63, capped=True) == 1
