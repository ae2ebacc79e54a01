"""Metrics of ranked labels against label sets, beside those of the same as matrices."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr.metrics import (
    by_label_frequency,
    ndcg_at_k,
    paired_bootstrap,
    precision_at_k,
    propensities,
    psndcg_at_k,
    psp_at_k,
    recall_at_k,
    warm_and_cold,
)

NAMES = np.array(["a", "b", "c", "d", "e"])
PROPENSITY = dict(zip(NAMES.tolist(), [0.1, 0.3, 0.5, 0.7, 1.0], strict=True))
ROWS = st.lists(
    st.tuples(st.sets(st.integers(0, 4)), st.permutations(range(5)), st.integers(0, 4)),
    min_size=1,
    max_size=6,
)
METRICS = [
    precision_at_k,
    recall_at_k,
    partial(recall_at_k, capped=True),
    ndcg_at_k,
]


def as_matrices(rows):
    # Indicator and scores of all five labels; those past the row's number were not retrieved.
    Y, scores = np.zeros((len(rows), 5)), np.full((len(rows), 5), -np.inf)
    for row, (true, order, n_found) in enumerate(rows):
        Y[row, list(true)] = 1
        scores[row, order[:n_found]] = -np.arange(n_found)
    return Y, scores


def as_labels(rows, names, filler):
    found = np.full((len(rows), 4), filler, dtype=names.dtype if names.dtype != int else int)
    for row, (_, order, n_found) in enumerate(rows):
        found[row, :n_found] = names[order[:n_found]]
    return [set(names[list(true)].tolist()) for true, _, _ in rows], found


@given(rows=ROWS, k=st.integers(1, 5))
@settings(deadline=None, max_examples=25)
def test_equal_those_of_matrices(rows, k):
    Y, scores = as_matrices(rows)
    for names, filler in [(NAMES, ""), (np.arange(5) + 10, -1), (NAMES.astype(object), None)]:
        sets, ranked = as_labels(rows, names, filler)
        for metric in METRICS:
            assert metric(sets, ranked, k) == pytest.approx(metric(Y, scores, k))
    sets, ranked = as_labels(rows, NAMES, "")
    for metric in (psp_at_k, psndcg_at_k):
        found = metric(sets, ranked, k, propensity=PROPENSITY)
        expected = metric(Y, scores, k, propensity=list(PROPENSITY.values()))
        assert found == pytest.approx(expected)


@given(rows=ROWS, seen=st.lists(st.integers(0, 3), min_size=5, max_size=5))
@settings(deadline=None, max_examples=25)
def test_warm_and_cold_rows_equal_those_of_matrices(rows, seen):
    Y, scores = as_matrices(rows)
    sets, ranked = as_labels(rows, NAMES, "")
    # What is in no training row need not be named.
    frequency = {name: rows for name, rows in zip(NAMES.tolist(), seen, strict=True) if rows}
    expected = warm_and_cold(recall_at_k, Y, scores, 2, frequency=seen, capped=True)
    for given_as in (frequency, pd.Series(frequency, dtype=float)):
        found = warm_and_cold(recall_at_k, sets, ranked, 2, frequency=given_as, capped=True)
        for group in ("all", "warm", "cold"):
            assert found[group].n_samples == expected[group].n_samples
            assert found[group].score == pytest.approx(expected[group].score, nan_ok=True)


def test_the_bootstrap_equals_that_of_matrices():
    rng = np.random.RandomState(0)
    true = [{int(label)} for label in rng.randint(5, size=30)]
    one, other = ([(labels, rng.permutation(5), 4) for labels in true] for _ in range(2))
    (Y, scores), (_, other_scores) = as_matrices(one), as_matrices(other)
    (sets, ranked), (_, other_ranked) = as_labels(one, NAMES, ""), as_labels(other, NAMES, "")
    expected = paired_bootstrap(recall_at_k, Y, scores, other_scores, 2, random_state=0)
    found = paired_bootstrap(recall_at_k, sets, ranked, other_ranked, 2, random_state=0)
    assert found == expected


@pytest.mark.parametrize(
    "y_true",
    [
        [["a", "b"], ["c"]],
        [("a", "b"), {"c"}],
        [np.array(["a", "b"]), ["c"]],
        np.array([["a", "b"], ["c"]], dtype=object),
        [["a", "b", "b"], ["c"]],
    ],
)
def test_kinds_of_label_sets(y_true):
    ranked = np.array([["b", "x", "a"], ["x", "c", ""]])
    assert recall_at_k(y_true, ranked, 2) == 0.75
    assert recall_at_k(y_true, ranked.tolist(), 3) == 1
    assert precision_at_k(y_true, ranked, 2) == 0.5


@pytest.mark.parametrize(
    ("y_true", "ranked"),
    [
        (["b", "c"], [["b", "a"], ["a", "b"]]),
        ([2, 3], [[2, 1], [1, 2]]),
        ([[2], [3, 1]], [[2, 5], [6, 7]]),
    ],
)
def test_one_label_a_row_and_numbers(y_true, ranked):
    assert recall_at_k(y_true, np.array(ranked), 2) == 0.5


def test_a_label_that_comes_again_counts_once():
    assert precision_at_k([{"a"}], [["a", "a"]], 2) == 0.5


def test_an_indicator_where_label_sets_do_not_do():
    sets, ranked = [{"a"}, {"b", "c"}], [["a", "b"], ["c", "a"]]
    frequency = {"frequency": np.ones(3)}
    calls = [
        lambda: by_label_frequency(recall_at_k, sets, ranked, **frequency),
        lambda: recall_at_k(sets, sp.csr_array(np.eye(2))),
        lambda: propensities(sets),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"must be a label indicator .* got label sets"):
            call()


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"for each row of ranked labels.* got 1 for 2"):
        recall_at_k([{"a"}], [["a"], ["b"]])
    for predicted in (np.array(["a", "b"]), ["a", "b"], [1, 2], np.array([{"a"}, {"b"}])):
        with pytest.raises(ValueError, match=r"y_score must have .* got shape \(2,\)"):
            recall_at_k(["a", "b"], predicted)
    with pytest.raises(ValueError, match=r"y_score must have labels, as rank returns.* got scores"):
        recall_at_k([{"a"}, {"b"}], [[0.5, 0.1], [0.2, -np.inf]])
    with pytest.raises(ValueError, match="y_score_other must have labels"):
        paired_bootstrap(recall_at_k, [{"a"}, {"b"}], [["a"], ["c"]], [[0.5], [0.2]])
    with pytest.raises(TypeError, match=r"frequency must be a dict .* where y_true"):
        warm_and_cold(recall_at_k, [{"a"}], [["a"]], frequency=[1])
    twice = pd.Series([1, 2], index=["a", "a"])
    with pytest.raises(ValueError, match="frequency must have each entry of its index once"):
        warm_and_cold(recall_at_k, [{"a"}], [["a"]], frequency=twice)
    with pytest.raises(TypeError, match=r"propensity must be a dict .* where y_true holds label"):
        psp_at_k([{"a"}], [["a"]], propensity=[0.5])
    with pytest.raises(ValueError, match="propensity must have an entry for every label, but not"):
        psp_at_k([{"a"}], [["a"]], propensity={"b": 0.5})
