"""Metrics of rankings against hand-worked values, scikit-learn's own and naive Python twins."""

from functools import partial
from math import inf, log2, nan

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import metrics as sk_metrics

from helpers.score_matrices import CONTAINERS, shortlist
from sklearn_xmr.metrics import _topk, ndcg_at_k, precision_at_k, psndcg_at_k, psp_at_k, recall_at_k


def uniform_psp(y_true, y_score, k=5):
    return psp_at_k(y_true, y_score, k, propensity=np.full(np.shape(y_true)[1], 0.5))


def uniform_psndcg(y_true, y_score, k=5):
    return psndcg_at_k(y_true, y_score, k, propensity=np.full(np.shape(y_true)[1], 0.5))


METRICS = [precision_at_k, recall_at_k, ndcg_at_k, uniform_psp, uniform_psndcg]

# Worked by hand. Rows: two of three true labels in the top 3; a tie that the lower column wins;
# nothing true; a true label that was not retrieved.
Y_TRUE = np.array([[1, 1, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]])
Y_SCORE = np.array(
    [
        [0.9, 0.1, 0.8, 0.7],
        [0.5, 0.5, 0.5, 0.1],
        [0.4, 0.3, 0.2, 0.1],
        [-inf, -2.0, -1.0, -inf],
    ]
)
PROPENSITY = np.array([0.5, 0.25, 1.0, 0.2])  # gains 2, 4, 1, 5
BEST_3 = 1 + 1 / log2(3) + 1 / 2


@pytest.mark.parametrize("scores", [np.asarray, shortlist])
@pytest.mark.parametrize("truth", CONTAINERS)
@pytest.mark.parametrize(
    ("metric", "k", "expected"),
    [
        (precision_at_k, 1, (1 + 0 + 0 + 0) / 4),
        (precision_at_k, 3, (2 / 3 + 1 / 3 + 0 + 0) / 4),
        (precision_at_k, 4, (3 / 4 + 1 / 4 + 0 + 0) / 4),
        (precision_at_k, 10, (3 / 10 + 1 / 10 + 0 + 0) / 4),
        (recall_at_k, 1, (1 / 3 + 0 + 0 + 0) / 4),
        (recall_at_k, 3, (2 / 3 + 1 + 0 + 0) / 4),
        (recall_at_k, 10, (1 + 1 + 0 + 0) / 4),
        (ndcg_at_k, 1, (1 + 0 + 0 + 0) / 4),
        (ndcg_at_k, 3, ((1 + 1 / 2) / BEST_3 + 1 / log2(3) + 0 + 0) / 4),
        (ndcg_at_k, 10, ((1 + 1 / 2 + 1 / log2(5)) / BEST_3 + 1 / log2(3) + 0 + 0) / 4),
        (partial(psp_at_k, propensity=PROPENSITY), 1, 2 / (5 + 4 + 2)),
        (partial(psp_at_k, propensity=PROPENSITY), 2, (2 + 4) / (5 + 4 + 4 + 2)),
        (partial(psp_at_k, propensity=PROPENSITY), 10, (2 + 5 + 4 + 4) / (5 + 4 + 2 + 4 + 2)),
        (partial(psndcg_at_k, propensity=PROPENSITY), 1, 2 / (5 + 4 + 2)),
        (
            partial(psndcg_at_k, propensity=PROPENSITY),
            3,
            ((2 + 5 / 2) / BEST_3 + 4 / log2(3)) / ((5 + 4 / log2(3) + 2 / 2) / BEST_3 + 4 + 2),
        ),
    ],
)
def test_hand_worked_values(metric, k, expected, truth, scores):
    result = metric(truth(Y_TRUE), scores(Y_SCORE), k)
    assert type(result) is float
    assert_allclose(result, expected, rtol=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_default_k_is_5(metric):
    rng = np.random.default_rng(0)
    Y, S = rng.integers(0, 2, (20, 12)), rng.random((20, 12))
    assert metric(Y, S) == metric(Y, S, k=5) != metric(Y, S, k=6)


@pytest.mark.parametrize("metric", METRICS)
def test_explicit_zero_is_retrieved_and_absent_is_not(metric):
    y_true = [[0, 1, 0]]
    stored = sp.csr_array(([-1.0, 0.0], [0, 1], [0, 2]), shape=(1, 3))
    absent = sp.csr_array(([-1.0], [0], [0, 1]), shape=(1, 3))
    assert metric(y_true, stored, k=1) == 1
    assert metric(y_true, absent, k=3) == 0
    stored_minus_infinity = sp.csr_array(([-1.0, -inf], [0, 1], [0, 2]), shape=(1, 3))
    assert metric(y_true, stored_minus_infinity, k=3) == 0


def test_explicit_zero_in_the_truth_is_not_true():
    y_true = sp.csr_array(([1, 0], [0, 1], [0, 2]), shape=(1, 3))
    assert recall_at_k(y_true, [[0.3, 0.2, 0.1]], k=1) == 1


@pytest.mark.parametrize("metric", METRICS)
def test_infinite_score_is_the_best(metric):
    assert metric([[0, 1]], [[1e300, inf]], k=1) == 1


@pytest.mark.parametrize("metric", METRICS)
def test_nothing_true_or_nothing_retrieved_is_0(metric):
    assert metric(sp.csr_array((3, 4)), np.ones((3, 4))) == 0
    assert metric(np.ones((3, 4)), sp.csr_array((3, 4))) == 0
    assert metric(np.ones((3, 4)), np.full((3, 4), -inf)) == 0


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("k", [4, 5, 10**6, 10**30])
def test_k_beyond_the_columns(metric, k):
    """A divisor of precision apart, larger k changes nothing once every label is in."""
    factor = k / 4 if metric is precision_at_k else 1
    assert_allclose(metric(Y_TRUE, Y_SCORE, k) * factor, metric(Y_TRUE, Y_SCORE, 4))


# ---------------------------------------------------------------- scikit-learn and naive twins


@pytest.mark.parametrize("k", [1, 3, 10, 25])
def test_ndcg_equals_scikit_learn_without_ties(k):
    rng = np.random.default_rng(k)
    Y = rng.integers(0, 2, (40, 20))
    S = rng.permuted(np.tile(np.arange(20.0), (40, 1)), axis=1)
    assert_allclose(ndcg_at_k(Y, S, k), sk_metrics.ndcg_score(Y, S, k=k))


@pytest.mark.parametrize("k", [1, 2, 4])
def test_recall_of_one_class_per_row_is_top_k_accuracy(k):
    rng = np.random.default_rng(k)
    y, S = rng.integers(0, 6, 50), rng.random((50, 6))
    expected = sk_metrics.top_k_accuracy_score(y, S, k=k, labels=np.arange(6))
    assert_allclose(recall_at_k(np.eye(6)[y], S, k), expected)


def naive_top(scores, k):
    retrieved = [j for j in range(len(scores)) if scores[j] > -inf]
    return sorted(retrieved, key=lambda j: (-scores[j], j))[:k]


def naive_precision(Y, S, k):
    return sum(sum(y[j] for j in naive_top(s, k)) / k for y, s in zip(Y, S, strict=True)) / len(Y)


def naive_recall(Y, S, k):
    total = 0.0
    for y, s in zip(Y, S, strict=True):
        if sum(y):
            total += sum(y[j] for j in naive_top(s, k)) / sum(y)
    return total / len(Y)


def naive_ndcg(Y, S, k):
    total = 0.0
    for y, s in zip(Y, S, strict=True):
        if sum(y):
            dcg = sum(y[j] / log2(r + 2) for r, j in enumerate(naive_top(s, k)))
            total += dcg / sum(1 / log2(r + 2) for r in range(min(k, sum(y))))
    return total / len(Y)


def naive_psp(Y, S, k, propensity):
    reached = best = 0.0
    for y, s in zip(Y, S, strict=True):
        reached += sum(y[j] / propensity[j] for j in naive_top(s, k))
        best += sum(sorted((t / p for t, p in zip(y, propensity, strict=True)), reverse=True)[:k])
    return reached / best if best else 0.0


def naive_psndcg(Y, S, k, propensity):
    def mean_gain(orders):
        total = 0.0
        for y, order in zip(Y, orders, strict=True):
            if sum(y):
                gains = [y[j] / propensity[j] / log2(r + 2) for r, j in enumerate(order[:k])]
                total += sum(gains) / sum(1 / log2(r + 2) for r in range(min(k, sum(y))))
        return total / len(Y)

    rarest_first = [sorted(np.flatnonzero(y), key=lambda j: propensity[j]) for y in Y]
    best = mean_gain(rarest_first)
    return mean_gain([naive_top(s, k) for s in S]) / best if best else 0.0


# Few distinct values, so that most rows have ties, also across the k-th place.
score_value = st.sampled_from([-inf, -1.0, -0.0, 0.0, 0.25, 1.0, inf])


@st.composite
def rankings(draw):
    n_samples, n_labels = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    matrix = partial(st.lists, min_size=n_samples, max_size=n_samples)
    row = partial(st.lists, min_size=n_labels, max_size=n_labels)
    Y = draw(matrix(row(st.integers(0, 1))))
    S = draw(matrix(row(score_value)))
    return Y, S, draw(st.integers(1, 11)), draw(row(st.floats(0.01, 1.0)))


@settings(deadline=None, max_examples=150)
@given(rankings(), st.sampled_from([np.float32, np.float64]), st.sampled_from([1, 2, 10**6]))
def test_equal_to_the_naive_twins(ranking, dtype, rows_per_block):
    Y, S, k, propensity = ranking
    scores = np.array(S, dtype=dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_topk, "BLOCK_CELLS", rows_per_block * scores.shape[1])
        for truth in (Y, sp.csr_array(Y)):
            for y_score in (scores, shortlist(scores)):
                assert_allclose(precision_at_k(truth, y_score, k), naive_precision(Y, S, k))
                assert_allclose(recall_at_k(truth, y_score, k), naive_recall(Y, S, k))
                assert_allclose(ndcg_at_k(truth, y_score, k), naive_ndcg(Y, S, k))
                for metric, naive in ((psp_at_k, naive_psp), (psndcg_at_k, naive_psndcg)):
                    result = metric(truth, y_score, k, propensity=propensity)
                    assert_allclose(result, naive(Y, S, k, propensity))


# ---------------------------------------------------------------- containers


def read_only(matrix):
    for part in (matrix.data, matrix.indices, matrix.indptr):
        part.flags.writeable = False
    return matrix


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("index_dtype", [np.int32, np.int64])
def test_unsorted_read_only_input_with_duplicates(metric, index_dtype):
    """Duplicates add up, as everywhere in SciPy, and the caller's arrays stay as they are."""
    indices = np.array([3, 0, 3, 2, 1], dtype=index_dtype)
    indptr = np.array([0, 3, 5], dtype=index_dtype)
    S = sp.csr_matrix((2, 4))
    S.data, S.indices, S.indptr = np.array([0.3, 0.5, 0.4, 0.1, 0.2]), indices, indptr
    Y = sp.csr_matrix((2, 4))
    Y.data, Y.indices = np.ones(3), indices[[0, 1, 3]]
    Y.indptr = np.array([0, 2, 3], dtype=index_dtype)
    before = [a.copy() for M in (Y, S) for a in (M.data, M.indices, M.indptr)]

    dense = np.array([[0.5, -inf, -inf, 0.7], [-inf, 0.2, 0.1, -inf]])
    for k in (1, 2):
        expected = metric(np.array([[1, 0, 0, 1], [0, 0, 1, 0]]), dense, k)
        assert metric(read_only(Y), read_only(S), k) == expected
    after = [a for M in (Y, S) for a in (M.data, M.indices, M.indptr)]
    for old, new in zip(before, after, strict=True):
        assert_array_equal(old, new)
        assert old.dtype == new.dtype


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.longdouble, bool])
@pytest.mark.parametrize("container", CONTAINERS)
def test_score_and_truth_dtypes(dtype, container):
    S = container(np.array([[2, 3, 1]]).astype(dtype))
    assert recall_at_k(container(np.array([[0, 1, 0]]).astype(dtype)), S, k=2) == 1
    assert recall_at_k(np.array([[0, 1, 0]], dtype=dtype), S, k=1) == (dtype is not bool)


def test_dataframes():
    pd = pytest.importorskip("pandas")
    assert precision_at_k(pd.DataFrame(Y_TRUE), pd.DataFrame(Y_SCORE), 1) == 1 / 4


def test_sparse_input_is_never_made_dense():
    n_samples, n_labels = 1000, 10**9  # dense: terabytes
    Y = sp.csr_array((np.ones(n_samples), np.arange(n_samples), np.arange(n_samples + 1)))
    Y.resize(n_samples, n_labels)
    assert precision_at_k(Y, Y * 0.5, k=1) == recall_at_k(Y, Y * 0.5) == ndcg_at_k(Y, Y * 0.5) == 1


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("container", [np.asarray, sp.csr_array])
class TestRefusals:
    def test_nan(self, metric, container):
        S = container(np.array([[0.5, nan], [0.1, 0.2]]))
        with pytest.raises(ValueError, match="y_score must not contain NaN"):
            metric([[1, 0], [0, 1]], S)

    @pytest.mark.parametrize("shape", [(2, 3), (3, 2)])
    def test_shapes_differ(self, metric, container, shape):
        with pytest.raises(ValueError, match=rf"same shape, got \(2, 2\) and \({shape[0]}, "):
            metric(np.eye(2), container(np.ones(shape)))

    @pytest.mark.parametrize("value", [2, -1, 0.5, nan, inf])
    def test_truth_is_no_indicator(self, metric, container, value):
        with pytest.raises(ValueError, match=r"y_true must be a label indicator of 0 and 1, got"):
            metric(container(np.array([[1, value], [0, 1]])), np.ones((2, 2)))

    @pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
    def test_empty(self, metric, container, shape):
        empty = container(np.zeros(shape))
        with pytest.raises(ValueError, match=r"y_true must have shape \(n_samples, n_labels\)"):
            metric(empty, empty)

    @pytest.mark.parametrize("k", [0, -3])
    def test_k_below_1(self, metric, container, k):
        with pytest.raises(ValueError, match=f"k must be an integer of at least 1, got {k}"):
            metric(container(np.eye(2)), np.eye(2), k)

    @pytest.mark.parametrize("k", [1.0, "5", None, True])
    def test_k_no_integer(self, metric, container, k):
        with pytest.raises(ValueError, match="k must be an integer of at least 1, got"):
            metric(container(np.eye(2)), np.eye(2), k)


@pytest.mark.parametrize("metric", [precision_at_k, recall_at_k, ndcg_at_k])
def test_class_labels_in_place_of_an_indicator(metric):
    with pytest.raises(ValueError, match=r"y_true must have shape .* got shape \(3,\)"):
        metric([0, 1, 1], np.ones((3, 2)))


@pytest.mark.parametrize("make", [sp.csr_array, sp.csc_array])
@pytest.mark.parametrize("bad", [-1, 2, 2**31 - 1])
def test_index_out_of_range(make, bad):
    S = make(np.eye(2))
    S.indices[0] = bad
    with pytest.raises(ValueError, match=r"indices|index values"):
        precision_at_k(np.eye(2), S)
    with pytest.raises(ValueError, match=r"indices|index values"):
        precision_at_k(S, np.eye(2))


@pytest.mark.parametrize("indptr", [[0, 50_000_000, 50_000_000, 0], [0, 5, 1, 2], [1, 1, 1, 2]])
def test_pointers_that_are_none(indptr):
    S = sp.csr_array(([0.5, 0.7], [0, 1], [0, 1, 1, 2]), shape=(3, 3))
    S.indptr = np.array(indptr, dtype=np.int32)
    for metric in (precision_at_k, recall_at_k, ndcg_at_k):
        with pytest.raises(ValueError, match="y_score is not a valid CSR matrix"):
            metric(np.eye(3), S)
        with pytest.raises(ValueError, match="y_true is not a valid CSR matrix"):
            metric(S, np.eye(3))


def test_duplicates_in_the_truth_add_up_to_no_indicator():
    Y = sp.csr_array(([1, 1], [0, 0], [0, 2]), shape=(1, 2))
    with pytest.raises(ValueError, match="label indicator"):
        recall_at_k(Y, [[1, 0]])
