"""Log-odds of the best pairs, against SciPy's minimiser and scikit-learn's logistic regression."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from helpers.matrices import random_csr
from sklearn_xmr._ranking.match_features import Pairs
from sklearn_xmr._ranking.pair_logistic import PairLogistic
from sklearn_xmr._ranking.recalibration import LOOKED_AT, recalibrated


@pytest.fixture
def pairs():
    rng = np.random.default_rng(0)
    sizes = rng.integers(0, 60, 300)
    indptr = np.append(0, np.cumsum(sizes))
    features = rng.standard_normal((indptr[-1], 3))
    terms = random_csr(rng, (indptr[-1], 4), density=0.3)
    model = PairLogistic(np.array([1.0, -2.0, 0.5]), np.array([1.0, 0.0, -1.0, 2.0]), -1.0)
    n_pairs = indptr[-1]
    labels, scores = np.arange(n_pairs, dtype=np.int32), np.zeros(n_pairs)
    return model, features, terms, Pairs(indptr, labels, scores, np.ones(n_pairs))


def log_odds(model, features, terms):
    return features @ model.coef + terms @ model.term_weights + model.intercept


def competing(log_odds, indptr, parameters):
    """Log-odds of pairs beside the others of their query."""
    slope, shift, weight = parameters
    alone = slope * log_odds + shift
    parts = [alone[start:stop] for start, stop in pairwise(indptr)]
    return np.concatenate(
        [part + weight * np.log1p(np.exp(part).sum() - np.exp(part)) for part in parts]
    )


def drawn(log_odds):
    return np.random.default_rng(1).random(len(log_odds)) < expit(log_odds)


def test_best_pairs_of_each_query(pairs):
    model, features, terms, lists = pairs
    before = log_odds(model, features, terms)
    truth = drawn(competing(before, lists.indptr, (0.8, 1.0, -0.5)))
    found, others_weight = recalibrated(model, features, terms, lists, truth, 0.0)
    indptr = lists.indptr
    best = np.concatenate(
        [start + np.argsort(-before[start:stop])[:LOOKED_AT] for start, stop in pairwise(indptr)]
    )

    def loss(parameters):
        after = competing(before, indptr, parameters)[best]
        return np.logaddexp(0, np.where(truth[best], -after, after)).sum()

    peer = minimize(
        loss, [1, 0, -0.1], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9}
    )
    after = log_odds(found, features, terms)
    np.testing.assert_allclose(after, peer.x[0] * before + peer.x[1], atol=1e-2)
    assert others_weight == pytest.approx(peer.x[2], abs=1e-3)


@pytest.mark.parametrize("kind", ["all", "none", "the wrong way round", "without a fault"])
def test_nothing_to_learn(pairs, kind):
    model, features, terms, lists = pairs
    before = log_odds(model, features, terms)
    truth = {
        "all": np.ones(len(before), bool),
        "none": np.zeros(len(before), bool),
        "the wrong way round": before < 0,
        "without a fault": before > 0,  # logistic regression would be certain
    }[kind]
    found, others_weight = recalibrated(model, features, terms, lists, truth, 0.0)
    assert found is model
    assert others_weight == 0


def test_others_never_help(pairs):
    # The probability of a pair grows with the others: that is not learned, it could turn the order.
    model, features, terms, lists = pairs
    before = log_odds(model, features, terms)
    truth = drawn(competing(before, lists.indptr, (1.0, -3.0, 0.5)))
    _, others_weight = recalibrated(model, features, terms, lists, truth, 0.0)
    assert others_weight == 0


def test_queries_for_labels_without_rows_count_as_expected(pairs):
    # Each query has one label; every second one has no rows, and is right less often.
    model, features, terms, _ = pairs
    n = len(features)
    is_cold = np.arange(n) % 2 == 1
    before = log_odds(model, features, terms)
    rng = np.random.default_rng(1)
    truth = rng.random(n) < expit(before - 2 * is_cold)
    singles = Pairs(np.arange(n + 1), np.arange(n, dtype=np.int32), np.zeros(n), 1.0 * ~is_cold)
    found, _ = recalibrated(model, features, terms, singles, truth, 0.1)
    # Of those right, one in ten is to be of a label without rows; nothing is known of the others.
    share = np.mean(is_cold[truth])
    weight = np.where(is_cold, 0.1 / share, 0.9 / (1 - share))
    weight[~truth] = 1
    peer = LogisticRegression(C=np.inf).fit(before[:, None], truth, sample_weight=weight)
    after = log_odds(found, features, terms)
    np.testing.assert_allclose(after, peer.decision_function(before[:, None]), atol=1e-3)
