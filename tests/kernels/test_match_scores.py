"""Scores of pairs as features, and sums of features, against twins in NumPy."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sklearn_xmr._kernels.match_scores import (
    CERTAIN,
    ScoreFeature,
    list_pairs,
    match_scores,
    odds_of_others,
    times_column,
    weighted_sums,
)
from sklearn_xmr._ranking.match_features import Pairs
from sklearn_xmr._sparse import indptr_of


def twin(scores, counts):
    """The features of one query's pairs."""
    scores, counts = np.array(scores), np.array(counts, dtype=float)
    has_none = np.isneginf(scores)
    filled = np.where(has_none, scores[~has_none].min() if not has_none.all() else 0, scores)
    gap = filled.max() - filled
    trained = counts > 0
    return np.column_stack([filled, gap, gap * trained, has_none, np.log1p(counts), trained])


pair = st.tuples(st.floats(-50, 50) | st.just(-np.inf), st.integers(0, 5))


@given(queries=st.lists(st.lists(pair, max_size=5), max_size=4))
def test_scores_equal_the_twin(queries):
    flat = np.array([pair for query in queries for pair in query], dtype=float).reshape(-1, 2)
    scores, counts = flat.T.copy()
    out = np.full((len(flat), ScoreFeature.N_SCORE_FEATURES + 2), np.nan)
    ptr, labels = indptr_of([len(query) for query in queries]), np.zeros(len(flat), dtype=np.int32)
    match_scores(Pairs(ptr, labels, scores, counts), 1, out)
    expected = [twin(*zip(*query, strict=True)) for query in queries if query]
    if expected:
        np.testing.assert_allclose(out[:, 1:-1], np.concatenate(expected), rtol=1e-14)
    assert np.isnan(out[:, [0, -1]]).all()


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_pairs_equal_the_twin(seed, by_label):
    rng = np.random.default_rng(seed)
    shape = rng.integers(0, 5, size=2)
    labels = rng.integers(-1, 9, size=shape).astype(np.int32)
    scores, counts = rng.normal(size=shape), rng.normal(size=9 if by_label else shape)
    is_label = labels >= 0
    pair_counts = counts[labels[is_label]] if by_label else counts[is_label]
    expected = indptr_of(is_label.sum(axis=1)), labels[is_label], scores[is_label], pair_counts
    for array, twin in zip(list_pairs(labels, scores, counts), expected, strict=True):
        np.testing.assert_array_equal(array, twin)
        assert array.dtype == twin.dtype


def log_odds_of_others(log_odds):
    """What all pairs of a query but one are worth together, for each of them."""
    odds = np.exp(np.minimum(log_odds, CERTAIN))
    return [np.log1p(np.delete(odds, pair).sum()) for pair in range(len(odds))]


@given(queries=st.lists(st.lists(st.floats(-1e9, 1e9), max_size=5), max_size=4))
def test_odds_of_others_equal_the_twin(queries):
    flat = np.array([value for query in queries for value in query])
    out = np.full(len(flat), np.nan)
    odds_of_others(indptr_of([len(query) for query in queries]), flat, out)
    expected = [value for query in queries for value in log_odds_of_others(np.array(query))]
    # What is left of a sum when its largest part is taken off is not exact.
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-2)
    small = np.exp(np.minimum(flat, CERTAIN)) < 100
    np.testing.assert_allclose(out[small], np.array(expected)[small], rtol=1e-12, atol=1e-12)


@given(log_odds=st.lists(st.floats(-50, 50), min_size=1, max_size=20))
def test_the_better_a_pair_the_less_are_the_others_worth(log_odds):
    log_odds = np.sort(log_odds)
    out = np.empty(len(log_odds))
    odds_of_others(np.array([0, len(log_odds)]), log_odds, out)
    assert (np.diff(out) <= 0).all()


def test_sums_do_not_depend_on_other_rows():
    rng = np.random.default_rng(0)
    features, weights = rng.normal(size=(23, 41)), rng.normal(size=41)
    together, alone = np.empty(23), np.empty(23)
    weighted_sums(features, weights, -0.5, together)
    for row in range(23):
        weighted_sums(features[row : row + 1], weights, -0.5, alone[row : row + 1])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_allclose(together, features @ weights - 0.5, rtol=1e-12)


def test_products_of_columns():
    table = np.random.default_rng(0).normal(size=(7, 6))
    expected = table.copy()
    expected[:, 4:] = table[:, [2, 0]] * table[:, [1]]
    times_column(np.array([2, 0]), 1, 4, table)
    np.testing.assert_array_equal(table, expected)
