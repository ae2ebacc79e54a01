"""Log-odds of the best pairs: those of scikit-learn's logistic regression of the model's own."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from helpers.matrices import random_csr
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
    return model, features, terms, indptr


def log_odds(model, features, terms):
    return features @ model.coef + terms @ model.term_weights + model.intercept


def test_best_pairs_of_each_query(pairs):
    model, features, terms, indptr = pairs
    before = log_odds(model, features, terms)
    truth = np.random.default_rng(1).random(len(before)) < expit(0.5 * before - 1)
    found = recalibrated(model, features, terms, indptr, truth)
    best = np.concatenate(
        [start + np.argsort(-before[start:stop])[:LOOKED_AT] for start, stop in pairwise(indptr)]
    )
    peer = LogisticRegression().fit(before[best, None], truth[best])
    after = log_odds(found, features, terms)
    np.testing.assert_allclose(after, peer.decision_function(before[:, None]), rtol=1e-6)
    np.testing.assert_allclose(after, 0.5 * before - 1, atol=0.5)


@pytest.mark.parametrize("kind", ["all", "none", "the wrong way round"])
def test_nothing_to_learn(pairs, kind):
    model, features, terms, indptr = pairs
    before = log_odds(model, features, terms)
    truth = {
        "all": np.ones(len(before), bool),
        "none": np.zeros(len(before), bool),
        "the wrong way round": before < 0,
    }[kind]
    assert recalibrated(model, features, terms, indptr, truth) is model
