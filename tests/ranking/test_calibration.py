"""Margins, the map, and thresholds against plain definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import f1_score, precision_score, recall_score

from helpers.reference import TRANSFORMS, combine
from sklearn_xmr._ranking.calibration import (
    PRIOR_INFORMATION,
    Calibration,
    _label_log_odds,
    features_of,
)
from sklearn_xmr._ranking.ranked_labels import RankedLabels, margins_of
from sklearn_xmr._ranking.thresholds import check_threshold, choose_threshold

N_LABELS = 10


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_margins_of_one_layer(transform):
    z = np.linspace(-5, 0.9, 50, dtype=np.float32)
    paths = combine(np.zeros(1, dtype=np.float32), z, transform)
    assert_allclose(margins_of(paths, transform), z, rtol=1e-4, atol=1e-4)
    assert margins_of(np.float32([-np.inf]), transform)[0] == -np.inf


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_margins_grow_with_any_scores(transform):
    # Rankers may give scores above 0, too.
    paths = np.float32([-1e30, -1e3, -3, -1, -1e-3, 0, 1, 1e3])
    margins = margins_of(paths, transform)
    assert np.isfinite(margins).all()
    assert (np.diff(margins) >= 0).all()


def make_ranking(n_rows=600, width=5, seed=0):
    """Rankings whose labels are right as often as a logistic model of the margin says."""
    rng = np.random.default_rng(seed)
    margins = -np.sort(-rng.normal(-1, 1, (n_rows, width)), axis=1)
    counts = rng.integers(1, 100, margins.shape)
    labels = rng.integers(0, N_LABELS, margins.shape)
    is_true = rng.random(margins.shape) < expit(2 * margins + 0.5)
    margins[rng.random(n_rows) < 0.2, -1] = -np.inf
    ranking = RankedLabels.of(margins, labels, counts, rng.integers(1, 20, n_rows), width)
    return ranking, is_true & ranking.found


def fit(method, ranking, is_true, weights=None):
    return Calibration.fit(method, ranking, is_true, N_LABELS, weights)


def log_odds_of(calibration, ranking):
    """What probabilities are made of, pair by pair and feature by feature."""
    features = features_of(ranking, calibration.margins, calibration.probabilities)
    out = np.empty(ranking.margins.shape)
    for place in np.ndindex(out.shape):
        values = [*np.clip(features[place], *calibration.bounds), 1.0]
        out[place] = calibration.label_log_odds[ranking.labels[place]]
        for i, value in enumerate(values):
            for j, other in enumerate(values):
                out[place] += calibration.pair_weights[i, j] * value * other
    return out


def test_the_first_feature_is_scikit_learn_s_isotonic_regression():
    ranking, is_true = make_ranking()
    calibration = fit("logistic", ranking, is_true)
    peer = IsotonicRegression(out_of_bounds="clip")
    peer.fit(ranking.margins[ranking.found], is_true[ranking.found])
    expected = logit(np.clip(peer.predict(ranking.margins[ranking.found]), 1e-4, 1 - 1e-4))
    found = features_of(ranking, calibration.margins, calibration.probabilities)[ranking.found]
    assert_allclose(found[:, 0], expected, atol=1e-12)


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_log_odds_are_sums_over_pairs_of_features(method):
    ranking, is_true = make_ranking(60)
    calibration = fit(method, ranking, is_true)
    log_odds, found = log_odds_of(calibration, ranking), calibration.predict(ranking)
    if method == "logistic":
        assert_allclose(found, expit(log_odds))
        return
    # What has the same probability has the truth's mean; and it grows.
    assert_allclose(found, np.interp(log_odds, *calibration.steps))
    assert (np.diff(calibration.steps[1]) >= 0).all()
    assert found[ranking.found].mean() == pytest.approx(is_true[ranking.found].mean(), abs=0.02)


def test_labels_log_odds_are_a_penalised_maximum():
    rng = np.random.default_rng(0)
    log_odds, labels = rng.normal(-2, 2, 3000), rng.integers(0, 30, 3000)
    weights, surplus = rng.integers(1, 4, 3000).astype(float), rng.normal(0, 2, 30)
    targets = rng.random(3000) < expit(log_odds + surplus[labels])
    shown, held_out = _label_log_odds(log_odds, labels, targets, 31, weights)
    for label in range(30):
        own = labels == label
        left = weights[own] * (targets[own] - expit(log_odds[own] + shown[label]))
        assert left.sum() == pytest.approx(PRIOR_INFORMATION * shown[label], abs=1e-3)
    assert shown[30] == 0
    assert np.corrcoef(shown[:30], surplus)[0, 1] > 0.9
    # Without a pair, its label has shown about this.
    for pair in range(5):
        kept = np.arange(3000) != pair
        parts = log_odds[kept], labels[kept], targets[kept], 31, weights[kept]
        assert held_out[pair] == pytest.approx(_label_log_odds(*parts)[0][labels[pair]], abs=0.01)


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_weights_are_numbers_of_rows(method):
    ranking, is_true = make_ranking(200)
    weights = np.random.default_rng(1).integers(1, 4, 200)
    repeated = RankedLabels(*(np.repeat(values, weights, axis=0) for values in ranking))
    expected = fit(method, repeated, np.repeat(is_true, weights, axis=0)).predict(ranking)
    found = fit(method, ranking, is_true, weights.astype(float)).predict(ranking)
    assert np.abs(found - expected).mean() < 0.02  # all copies of a pair are left out, or one is


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_the_truth_is_found(method):
    ranking, is_true = make_ranking(4000)
    calibration = fit(method, ranking, is_true)
    other, _ = make_ranking(1000, seed=1)
    truth = expit(2 * other.margins + 0.5)
    errors = np.abs(calibration.predict(other) - truth)[other.found]
    assert errors.mean() < 0.03


def test_what_is_beyond_counts_as_the_edge():
    ranking, is_true = make_ranking()
    calibration = fit("logistic", ranking, is_true)
    largest = ranking._replace(sizes=np.full(600, ranking.sizes.max()))
    beyond = ranking._replace(sizes=np.full(600, 10**9))
    assert_array_equal(calibration.predict(beyond), calibration.predict(largest))


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_probabilities_descend(method):
    ranking, is_true = make_ranking()
    probabilities = fit(method, ranking, is_true).descending(ranking)
    assert probabilities.dtype == np.float32
    assert (np.diff(probabilities, axis=1) < 0).all()
    assert (probabilities > 0).all()
    assert (probabilities <= 1).all()


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_all_alike(method, value):
    ranking, _ = make_ranking(10)
    calibration = fit(method, ranking, np.full(ranking.margins.shape, value))
    n_pairs = ranking.found.sum()
    share = (n_pairs * value + 1) / (n_pairs + 2)
    assert_allclose(calibration.predict(ranking), share)


def test_features_of_a_ranking():
    margins = np.array([[2.0, 1.0, -1.0], [0.5, -np.inf, -np.inf]])
    labels, counts = np.array([[1, 2, 0], [4, -1, -1]]), np.array([[3, 2, 1], [5, 0, 0]])
    ranking = RankedLabels.of(margins, labels, counts, np.array([7, 3]), 2)
    assert_allclose(ranking.totals, np.log([np.exp(2) + np.exp(1), np.exp(0.5)]))
    assert_allclose(ranking.leads, [[1, 0, 0], [10, 0, 0]])
    assert_array_equal(ranking.ranks, [[1, 2, 3], [1, 2, 3]])
    others = ranking.followed_by(np.array([[-2.0], [-1.0]]), *[np.array([[1], [1]])] * 2)
    assert_array_equal(others.ranks, [[4], [2]])
    assert_array_equal(others.totals, ranking.totals)
    features = features_of(ranking, np.array([-1.0, 2.0]), np.array([0.25, 0.75]))
    assert_allclose(
        features[0, 1],
        [logit(0.25 + 1 / 3), 1 - ranking.totals[0], 0, np.log(2), np.log(3), np.log(8)],
    )


def flat(probabilities, is_true, threshold, n_least, n_true):
    """Truth and prediction of all pairs, with right labels that no search found at the end."""
    given_ = probabilities >= threshold
    given_[:, :n_least] |= probabilities[:, :n_least] > -np.inf
    n_lost = n_true - is_true.sum()
    return np.append(is_true.ravel(), np.ones(n_lost)), np.append(given_.ravel(), np.zeros(n_lost))


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_least=st.integers(0, 2),
    goal=st.sampled_from(["f1", ("precision", 0.5), ("precision", 0.8), ("recall", 0.4)]),
)
@pytest.mark.filterwarnings("ignore:No threshold reaches")
def test_thresholds_are_the_best(seed, n_least, goal):
    rng = np.random.default_rng(seed)
    probabilities = -np.sort(-rng.integers(1, 20, (12, 4)) / 20, axis=1)
    is_true = rng.random((12, 4)) < probabilities
    probabilities[0, 2:], is_true[0, 2:] = -np.inf, False
    n_true = is_true.sum() + 3
    chosen = choose_threshold(goal, probabilities, is_true, n_true, n_least)
    candidates = np.unique(probabilities[:, n_least:][probabilities[:, n_least:] > 0])
    pairs = [flat(probabilities, is_true, t, n_least, n_true) for t in candidates]
    own = flat(probabilities, is_true, chosen, n_least, n_true)
    if goal == "f1":
        assert f1_score(*own) == pytest.approx(max(f1_score(*pair) for pair in pairs))
        return
    name, wanted = goal
    metric = {"precision": precision_score, "recall": recall_score}[name]
    reached = np.array([metric(*pair) for pair in pairs])
    good = candidates[reached >= wanted]
    if len(good):
        assert chosen == (good.min() if name == "precision" else good.max())
    else:
        assert metric(*own) == pytest.approx(reached.max())


def test_weights_count_as_rows():
    rng = np.random.default_rng(0)
    probabilities = -np.sort(-rng.random((30, 4)), axis=1)
    is_true, weights = rng.random((30, 4)) < probabilities, rng.integers(1, 4, 30)
    repeated = (np.repeat(values, weights, axis=0) for values in (probabilities, is_true))
    repeated = [*repeated, weights @ is_true.sum(axis=1)]
    for goal in ("f1", ("precision", 0.7), ("recall", 0.7)):
        for n_least in (0, 1):
            expected = choose_threshold(goal, *repeated, n_least)
            given_ = probabilities, is_true, repeated[-1], n_least, weights.astype(float)
            assert choose_threshold(goal, *given_) == expected


def test_goals_out_of_reach():
    probabilities, is_true = np.array([[0.9, 0.1]]), np.array([[False, True]])
    with pytest.warns(UserWarning, match=r"precision of 0.9 out of fold: the best is 0.5, at 0.1"):
        assert choose_threshold(("precision", 0.9), probabilities, is_true, 1, 0) == 0.1
    with pytest.warns(UserWarning, match=r"recall of 1 out of fold: the best is 0.5, at 0.1"):
        assert choose_threshold(("recall", 1.0), probabilities, is_true, 2, 0) == 0.1
    assert choose_threshold("f1", np.empty((0, 2)), np.empty((0, 2), bool), 0, 0) == 0.5


@pytest.mark.parametrize(
    "threshold",
    ["f2", ("f1",), ("precision",), ("precision", 2), ("accuracy", 0.5), 1.5, -1, None, ["f1"]],
)
def test_wrong_thresholds(threshold):
    with pytest.raises(ValueError, match="threshold"):
        check_threshold(threshold)
