"""Log-odds of the best pairs: those of scikit-learn's logistic regression of the model's own."""

from itertools import pairwise

import numpy as np
import pytest
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


def test_best_pairs_of_each_query(pairs):
    model, features, terms, lists = pairs
    before = log_odds(model, features, terms)
    truth = np.random.default_rng(1).random(len(before)) < expit(0.5 * before - 1)
    found = recalibrated(model, features, terms, lists, truth, 0.0)
    indptr = lists.indptr
    best = np.concatenate(
        [start + np.argsort(-before[start:stop])[:LOOKED_AT] for start, stop in pairwise(indptr)]
    )
    peer = LogisticRegression().fit(before[best, None], truth[best])
    after = log_odds(found, features, terms)
    np.testing.assert_allclose(after, peer.decision_function(before[:, None]), rtol=1e-6)
    np.testing.assert_allclose(after, 0.5 * before - 1, atol=0.5)


@pytest.mark.parametrize("kind", ["all", "none", "the wrong way round"])
def test_nothing_to_learn(pairs, kind):
    model, features, terms, lists = pairs
    before = log_odds(model, features, terms)
    truth = {
        "all": np.ones(len(before), bool),
        "none": np.zeros(len(before), bool),
        "the wrong way round": before < 0,
    }[kind]
    assert recalibrated(model, features, terms, lists, truth, 0.0) is model


def test_queries_for_labels_without_rows_count_as_expected(pairs):
    # Each query has one label; every second one has no rows, and is right less often.
    model, features, terms, _ = pairs
    n = len(features)
    is_cold = np.arange(n) % 2 == 1
    before = log_odds(model, features, terms)
    rng = np.random.default_rng(1)
    truth = rng.random(n) < expit(before - 2 * is_cold)
    singles = Pairs(np.arange(n + 1), np.arange(n, dtype=np.int32), np.zeros(n), 1.0 * ~is_cold)
    found = recalibrated(model, features, terms, singles, truth, 0.1)
    # Of those right, one in ten is to be of a label without rows; nothing is known of the others.
    share = np.mean(is_cold[truth])
    weight = np.where(is_cold, 0.1 / share, 0.9 / (1 - share))
    weight[~truth] = 1
    peer = LogisticRegression().fit(before[:, None], truth, sample_weight=weight)
    after = log_odds(found, features, terms)
    np.testing.assert_allclose(after, peer.decision_function(before[:, None]), rtol=1e-6)
