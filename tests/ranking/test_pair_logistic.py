"""The logistic model of pairs, against scikit-learn's and closed forms."""

import numpy as np
import scipy.sparse as sp
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from helpers.matrices import random_csr
from sklearn_xmr._ranking.pair_logistic import fit_pair_logistic


def problem(n_pairs=400, n_terms=30):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(n_pairs, 4)) * [1, 100, 0.01, 0] + [0, -50, 3, 7]
    terms = random_csr(rng, (n_pairs, n_terms), 0.1)
    margin = features[:, 0] + terms @ rng.normal(size=n_terms) * 3
    return features, terms, margin + rng.logistic(size=n_pairs) > 0.5


def test_equals_sklearn():
    features, terms, y = problem()
    scaler = StandardScaler()
    together = np.hstack([scaler.fit_transform(features), terms.toarray()])
    for C in (0.1, 10):
        model = fit_pair_logistic(features, terms, y, C=C, tol=1e-7, max_iter=10_000)
        reference = LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(together, y)
        coef = reference.coef_[0, :4] / scaler.scale_
        np.testing.assert_allclose(model.coef, coef, rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(model.term_weights, reference.coef_[0, 4:], atol=1e-5)
        found = features @ model.coef + terms @ model.term_weights + model.intercept
        np.testing.assert_allclose(found, reference.decision_function(together), atol=1e-5)


def test_without_anything_to_tell_pairs_apart_the_base_rate_is_left():
    y = np.arange(10) < 3
    model = fit_pair_logistic(np.full((10, 2), 0.1), sp.csr_array((10, 0)), y, tol=1e-6)
    np.testing.assert_allclose(model.coef, 0, atol=1e-12)
    np.testing.assert_allclose(model.intercept, logit(0.3), atol=1e-5)


def test_weights_are_drawn_to_a_center():
    features, terms, y = problem()
    features = features[:, :3]
    center = np.array([0.5, -0.01, 20.0])
    drawn = fit_pair_logistic(features, terms, y, center=center, C=1e-9, tol=1e-9)
    np.testing.assert_allclose(drawn.coef, center, rtol=1e-4)
    free = fit_pair_logistic(features, terms, y, center=center, C=1e6, tol=1e-7, max_iter=10_000)
    expected = fit_pair_logistic(features, terms, y, C=1e6, tol=1e-7, max_iter=10_000)
    np.testing.assert_allclose(free.coef, expected.coef, rtol=1e-3)


def test_features_that_are_much_alike_take_few_steps():
    features, terms, y = problem()
    alike = np.column_stack([features[:, 0], features[:, 0] + 1e-3 * features[:, 2]])
    few = fit_pair_logistic(alike, terms, y, C=100, max_iter=30)
    many = fit_pair_logistic(alike, terms, y, C=100, tol=1e-7, max_iter=10_000)
    found, expected = (alike @ m.coef + terms @ m.term_weights + m.intercept for m in (few, many))
    np.testing.assert_allclose(found, expected, atol=0.02)
