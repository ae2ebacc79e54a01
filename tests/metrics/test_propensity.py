"""Propensities, and metrics that weigh by them, against the repository that defines them."""

from math import inf, log, log2, nan

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from helpers.score_matrices import CONTAINERS
from sklearn_xmr.metrics import precision_at_k, propensities, psndcg_at_k, psp_at_k

# ---------------------------------------------------------------- propensities


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(("A", "B"), [(0.55, 1.5), (0.6, 2.6), (0.5, 0.4), (0, 1)])
def test_propensities_follow_the_formula(container, A, B):
    rng = np.random.default_rng(0)
    Y = rng.integers(0, 2, (30, 7))
    Y[:, 3] = 0
    C = (log(30) - 1) * (B + 1) ** A
    expected = [1 / (1 + C * np.exp(-A * log(n + B))) for n in Y.sum(axis=0)]
    result = propensities(container(Y), A, B)
    assert_allclose(result, expected, rtol=1e-12)
    assert result.dtype == np.float64


def test_propensities_defaults_and_range():
    Y = np.tri(50, 20, dtype=int)
    p = propensities(Y)
    assert_array_equal(p, propensities(Y, A=0.55, B=1.5))
    assert np.all((p > 0) & (p <= 1))
    assert np.all(np.diff(p) < 0), "a rarer label is the more likely to be overlooked"


def test_propensities_refusals():
    with pytest.raises(ValueError, match=r"Y must have at least 3 rows.* got 2"):
        propensities(np.eye(2))
    with pytest.raises(ValueError, match="Y must be a label indicator"):
        propensities(2 * np.eye(4))
    for bad in (-1, nan, inf):
        with pytest.raises(ValueError, match=f"A must be .* got {bad}"):
            propensities(np.eye(4), A=bad)
        with pytest.raises(ValueError, match=f"B must be .* got {bad}"):
            propensities(np.eye(4), B=bad)
    with pytest.raises(ValueError, match="B must be"):
        propensities(np.eye(4), B=0)


@pytest.mark.parametrize("metric", [psp_at_k, psndcg_at_k])
def test_refuses_what_is_no_propensity(metric):
    with pytest.raises(ValueError, match=r"each of 2 labels, got shape \(3,\)"):
        metric(np.eye(2), np.eye(2), propensity=[0.5, 0.5, 0.5])
    for bad in (0, -0.1, 1.5, nan, inf):
        with pytest.raises(ValueError, match="propensity must lie above 0 and not above 1"):
            metric(np.eye(2), np.eye(2), propensity=[0.5, bad])


# The Extreme Classification Repository's own evaluation (pyxclib, xclib.evaluation.xc_metrics:
# compute_inv_propesity, psprecision, psndcg) on a small example, and the same worked by hand. It
# computes nDCG in float32.
REFERENCE_TRUE = np.array([[1, 1, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]])
REFERENCE_SCORE = np.array([[0.9, 0.1, 0.8, 0.7], [0.5, 0.4, 0.3, 0.1], [0.4, 0.3, 0.2, 0.1]])
REFERENCE_GAIN = np.array([2.0, 4.0, 1.0, 5.0])


def test_psp_equals_the_repositorys():
    # Labels by score: 0 2 3 1, 0 1 2 3, 0 1 2 3; true ones by gain: 3 1 0, 1, 2.
    by_hand = [
        (2 + 0 + 0) / (5 + 4 + 1),
        (2 + 4 + 0) / (9 + 4 + 1),
        (7 + 4 + 1) / (11 + 4 + 1),
        (11 + 4 + 1) / (11 + 4 + 1),
    ]
    theirs = [0.2, 0.42857143, 0.75, 1]
    ours = [
        psp_at_k(REFERENCE_TRUE, REFERENCE_SCORE, k, propensity=1 / REFERENCE_GAIN)
        for k in (1, 2, 3, 4)
    ]
    assert_allclose(ours, by_hand)
    assert_allclose(ours, theirs)


def test_psndcg_equals_the_repositorys():
    l3, l5 = log2(3), log2(5)
    best_2, best_3 = 1 + 1 / l3, 1 + 1 / l3 + 1 / 2
    by_hand = [
        (2 + 0 + 0) / (5 + 4 + 1),
        (2 / best_2 + 4 / l3 + 0) / ((5 + 4 / l3) / best_2 + 4 + 1),
        ((2 + 5 / 2) / best_3 + 4 / l3 + 1 / 2) / ((5 + 4 / l3 + 2 / 2) / best_3 + 4 + 1),
        ((2 + 5 / 2 + 4 / l5) / best_3 + 4 / l3 + 1 / 2) / ((5 + 4 / l3 + 2 / 2) / best_3 + 4 + 1),
    ]
    theirs = [0.20000002, 0.39009213, 0.57060814, 0.66043359]
    ours = [
        psndcg_at_k(REFERENCE_TRUE, REFERENCE_SCORE, k, propensity=1 / REFERENCE_GAIN)
        for k in (1, 2, 3, 4)
    ]
    assert_allclose(ours, by_hand)
    assert_allclose(ours, theirs, rtol=1e-6)


def test_propensities_equal_the_repositorys():
    # Labels on 1, 2, 1 and 1 of 3 rows: inverse 1 + C (n + 1.5)^-0.55, C = (log 3 - 1) 2.5^0.55.
    C = (log(3) - 1) * 2.5**0.55
    once, twice = 1 + C / 2.5**0.55, 1 + C / 3.5**0.55
    theirs = [1.0986123, 1.0819522, 1.0986123, 1.0986123]
    ours = 1 / propensities(REFERENCE_TRUE)
    assert_allclose(ours, [once, twice, once, once])
    assert_allclose(ours, theirs)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_psndcg_is_1_for_the_rarest_first_and_below_for_another_order(k):
    rng = np.random.default_rng(k)
    Y, p = rng.integers(0, 2, (30, 8)), rng.uniform(0.1, 1, 8)
    assert_allclose(psndcg_at_k(Y, Y / p, k, propensity=p), 1)
    assert psndcg_at_k(Y, Y * p, k, propensity=p) < 1
    if k == 5:
        everything = psp_at_k(Y, Y * p, 8, propensity=p)
        assert_allclose(everything, 1, err_msg="PSP does not look at the order")


def test_psp_with_equal_propensities_is_precision_over_the_best_precision():
    rng = np.random.default_rng(0)
    Y, S = rng.integers(0, 2, (30, 9)), rng.random((30, 9))
    assert_allclose(
        psp_at_k(Y, S, 3, propensity=np.full(9, 0.3)),
        precision_at_k(Y, S, 3) / precision_at_k(Y, Y, 3),
    )
