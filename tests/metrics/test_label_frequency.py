"""Metrics by how often labels occurred in training, against loops and by hand."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_xmr.metrics import (
    by_label_frequency,
    ndcg_at_k,
    precision_at_k,
    propensities,
    psndcg_at_k,
    psp_at_k,
    recall_at_k,
)

# Labels seen 0, 1, 9, 10, 99 and 100 times.
FREQUENCY = np.array([0, 1, 9, 10, 99, 100])
Y_TRUE = np.array([[1, 0, 1, 1, 0, 1], [0, 0, 1, 0, 0, 1], [0, 0, 0, 0, 0, 1], [0] * 6])
# Top 3: labels 5, 3, 0; 5, 4, 2; 0, 1, 2; 0, 1, 2.
Y_SCORE = np.array(
    [
        [0.7, 0.0, 0.1, 0.8, 0.2, 0.9],
        [0.1, 0.2, 0.7, 0.0, 0.8, 0.9],
        [0.9, 0.8, 0.7, 0.3, 0.2, 0.1],
        [0.9, 0.8, 0.7, 0.3, 0.2, 0.1],
    ]
)


def test_worked_by_hand():
    recall = by_label_frequency(recall_at_k, Y_TRUE, Y_SCORE, 3, frequency=FREQUENCY)
    assert_array_equal(recall.low, [0, 1, 10, 100])
    assert_array_equal(recall.high, [1, 10, 100, np.inf])
    assert_array_equal(recall.n_labels, [1, 2, 2, 1])
    assert_array_equal(recall.n_samples, [1, 2, 1, 3])
    assert_allclose(recall.score, [1, (0 + 1) / 2, 1, (1 + 1 + 0) / 3])

    precision = by_label_frequency(precision_at_k, Y_TRUE, Y_SCORE, 3, frequency=FREQUENCY)
    assert_allclose(precision.score, [1 / 3, (0 + 1) / 3 / 2, 1 / 3, (1 + 1 + 0) / 3 / 3])

    # Labels of other buckets keep their ranks: label 0 is third in its row, label 2 in the second.
    ndcg = by_label_frequency(ndcg_at_k, Y_TRUE, Y_SCORE, 3, frequency=FREQUENCY)
    assert_allclose(ndcg.score, [1 / 2, (0 + 1 / 2) / 2, 1 / np.log2(3), 2 / 3])


def naive(metric, Y, S, k, frequency, boundaries, **params):
    edges = [0, *boundaries, np.inf]
    scores = []
    for low, high in pairwise(edges):
        inside = [low <= f < high for f in frequency]
        truth = [[int(t and i) for t, i in zip(y, inside, strict=True)] for y in Y]
        rows = [i for i, y in enumerate(truth) if any(y)]
        scores.append(
            metric([truth[i] for i in rows], [S[i] for i in rows], k, **params) if rows else np.nan
        )
    return scores


@st.composite
def rankings(draw):
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=8))
    return (
        draw(hnp.arrays(np.int8, shape, elements=st.integers(0, 1))),
        draw(hnp.arrays(np.float64, shape, elements=st.sampled_from([-np.inf, -1.0, 0.0, 2.0]))),
        draw(st.integers(1, 9)),
        draw(hnp.arrays(np.int64, shape[1], elements=st.integers(0, 12))),
        sorted(draw(st.sets(st.integers(1, 12), max_size=4))),
    )


@settings(deadline=None, max_examples=60)
@given(rankings())
def test_equal_to_the_naive_twin(ranking):
    Y, S, k, frequency, boundaries = ranking
    row, column = np.nonzero(~np.isneginf(S))
    indptr = np.searchsorted(row, np.arange(len(S) + 1))
    shortlist = sp.csr_array((S[row, column], column, indptr), shape=S.shape)
    params = {"frequency": frequency, "boundaries": boundaries}
    for metric in (recall_at_k, precision_at_k, ndcg_at_k):
        expected = naive(metric, Y.tolist(), S.tolist(), k, frequency, boundaries)
        for truth, scores in ((Y, S), (sp.csr_matrix(Y), shortlist), (Y, shortlist.tocsc())):
            got = by_label_frequency(metric, truth, scores, k, **params)
            assert_allclose(got.score, expected)
    p = 1 / (1 + np.arange(Y.shape[1]))
    for metric in (psp_at_k, psndcg_at_k):
        expected = naive(metric, Y.tolist(), S.tolist(), k, frequency, boundaries, propensity=p)
        assert_allclose(by_label_frequency(metric, Y, S, k, propensity=p, **params).score, expected)


def random_ranking():
    rng = np.random.default_rng(0)
    return rng.random((80, 30)) < 0.1, rng.random((80, 30)), rng.integers(0, 300, 30)


def test_precision_adds_up_over_the_buckets():
    Y, S, frequency = random_ranking()
    buckets = by_label_frequency(precision_at_k, Y, S, 4, frequency=frequency)
    total = np.nansum(buckets.score * buckets.n_samples) / len(Y)
    assert_allclose(total, precision_at_k(Y, S, 4))


@pytest.mark.parametrize("metric", [recall_at_k, precision_at_k, ndcg_at_k])
def test_one_bucket_is_the_metric_over_rows_with_a_true_label(metric):
    Y, S, frequency = random_ranking()
    whole = by_label_frequency(metric, Y, S, frequency=frequency, boundaries=[])
    assert whole.score == metric(Y[Y.any(axis=1)], S[Y.any(axis=1)])
    assert whole.n_samples == Y.any(axis=1).sum() < len(Y)
    assert whole.n_labels == 30


def test_frequencies_as_a_sparse_matrix_sums_them():
    Y, S, _ = random_ranking()
    expected = by_label_frequency(recall_at_k, Y, S, frequency=Y.sum(axis=0), boundaries=[6, 9])
    summed = sp.csr_matrix(Y).sum(axis=0)
    assert summed.shape == (1, 30)
    got = by_label_frequency(recall_at_k, Y, S, frequency=summed, boundaries=[6, 9])
    assert_array_equal(got.score, expected.score)


def test_makes_a_data_frame():
    pd = pytest.importorskip("pandas")
    Y, S, frequency = random_ranking()
    frame = pd.DataFrame(by_label_frequency(recall_at_k, Y, S, frequency=frequency))
    assert frame.columns.tolist() == ["low", "high", "n_labels", "n_samples", "score"]
    assert len(frame) == 4


def test_input_stays_as_it_is():
    Y, S, frequency = random_ranking()
    Y, S = sp.csr_array(Y), sp.csr_array(S)
    before = Y.toarray(), S.toarray()
    by_label_frequency(psp_at_k, Y, S, frequency=frequency, propensity=propensities(Y))
    assert_array_equal(Y.toarray(), before[0])
    assert_array_equal(S.toarray(), before[1])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"metric": "recall"}, TypeError, "metric must be callable, got 'recall'"),
        ({"k": 0}, ValueError, "k must be an integer of at least 1, got 0"),
        ({"y_true": 2 * np.eye(3)}, ValueError, "y_true must be a label indicator"),
        ({"y_score": np.full((3, 3), np.nan)}, ValueError, "y_score must not contain NaN"),
        ({"y_score": np.eye(2)}, ValueError, r"same shape, got \(3, 3\) and \(2, 2\)"),
        ({"frequency": [1, 2]}, ValueError, r"frequency must have .* of 3 labels, got shape \(2,"),
        (
            {"frequency": [1, -2, 0]},
            ValueError,
            r"frequency must hold numbers of 0 or more, got -2",
        ),
        ({"frequency": [1, np.nan, 0]}, ValueError, r"frequency must hold numbers of .* got nan"),
        ({"boundaries": [10, 10]}, ValueError, "boundaries must be positive, finite and incr"),
        ({"boundaries": [0, 10]}, ValueError, "boundaries must be positive, finite and incr"),
        ({"boundaries": [1, np.inf]}, ValueError, "boundaries must be positive, finite"),
        ({"boundaries": [np.nan]}, ValueError, "boundaries must be positive, finite"),
        ({"boundaries": 10}, ValueError, r"boundaries must be 1-D, got shape \(\)"),
    ],
)
def test_refusals(change, error, message):
    arguments = {
        "metric": recall_at_k,
        "y_true": np.eye(3),
        "y_score": np.eye(3),
        "frequency": [1, 2, 3],
    }
    with pytest.raises(error, match=message):
        by_label_frequency(**(arguments | change))
