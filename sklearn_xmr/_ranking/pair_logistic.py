"""A logistic model of pairs: standardised features, and a weight for each term that both have."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit
from sklearn.utils import gen_batches

# Pairs whose features are copied at once.
BATCH = 20_000


class PairLogistic(NamedTuple):
    """A fitted model: a pair's log-odds are ``features @ coef + terms @ term_weights + intercept``.

    Attributes
    ----------
    coef : ndarray of float64 of shape (n_features,)
    term_weights : ndarray of float64 of shape (n_terms,)
    intercept : float
    """

    coef: np.ndarray
    term_weights: np.ndarray
    intercept: float


def fit_pair_logistic(features, terms, is_relevant, *, center=None, C=1.0, max_iter=200, tol=0.01):
    """Minimise the log loss of all pairs plus half the squared weights over C.

    That is scikit-learn's LogisticRegression of standardised features beside the terms as they are.
    The weights returned are those of the features as they are.

    The features are few and much alike, which makes for many small steps. So the search goes along
    directions in which the loss has curvature 1 where it starts, terms taken one by one: a dozen
    steps instead of hundreds.

    Parameters
    ----------
    features : ndarray of float64 of shape (n_pairs, n_features)
    terms : csr_array of float64 of shape (n_pairs, n_terms)
    is_relevant : ndarray of bool of shape (n_pairs,)
        Some are, and some are not.
    center : ndarray of float64 of shape (n_features,) or None
        What the features' weights are drawn to, as weights of the features as they are. None is 0.
    C : float
        Inverse strength of the penalty. The intercept has none.
    max_iter : int
    tol : float
        Stop where no direction has a steeper slope. One of slope s would gain s**2 / 2.

    Returns
    -------
    PairLogistic
    """
    n_features = features.shape[1]
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale <= 1e-12 * np.abs(mean)] = 1  # a constant, up to rounding
    center = np.zeros(n_features) if center is None else center
    terms_transposed = terms.T.tocsr()
    sign = np.where(is_relevant, 1.0, -1.0)
    # Of the weights and, last, of the log-odds at the features' mean.
    penalty = np.append(scale**2 / C, 0)
    start, curvature = _start(features @ center, is_relevant)
    root = _curvature_root(features, mean, curvature, penalty)
    term_scale = 1 / np.sqrt(terms_transposed.power(2) @ curvature + 1 / C)

    def moves(steps):
        dense, sparse = np.split(steps, [n_features + 1])
        return solve_triangular(root, dense, lower=True, trans="T"), term_scale * sparse

    def model(moved, term_weights):
        coef = center + moved[:-1]
        return PairLogistic(coef, term_weights, start + moved[-1] - mean @ moved[:-1])

    def loss_and_gradient(steps):
        moved, term_weights = moves(steps)
        coef, _, intercept = model(moved, term_weights)
        margins = sign * (features @ coef + terms @ term_weights + intercept)
        slopes = -sign * expit(-margins)
        total = slopes.sum()
        gradient = np.append(slopes @ features - mean * total, total) + penalty * moved
        term_gradient = terms_transposed @ slopes + term_weights / C
        loss = np.logaddexp(0, -margins).sum() + penalty @ moved**2 / 2
        loss += term_weights @ term_weights / C / 2
        gradient = solve_triangular(root, gradient, lower=True)
        return loss, np.r_[gradient, term_scale * term_gradient]

    none = np.zeros(n_features + 1 + terms.shape[1])
    options = {"maxiter": max_iter, "gtol": tol, "ftol": 0}
    found = minimize(loss_and_gradient, none, jac=True, method="L-BFGS-B", options=options)
    coef, term_weights, intercept = model(*moves(found.x))
    return PairLogistic(coef, term_weights, float(intercept))


def _start(log_odds, is_relevant):
    # The intercept with which as many pairs are expected as are relevant, and their curvatures.
    def excess(intercept):
        return np.mean(expit(log_odds + intercept)) - rate

    rate = np.mean(is_relevant)
    bounds = logit(rate) - log_odds.max() - 1, logit(rate) - log_odds.min() + 1
    intercept = brentq(excess, *bounds, xtol=1e-3)
    expected = expit(log_odds + intercept)
    return intercept, expected * (1 - expected)


def _curvature_root(features, mean, curvature, penalty):
    # The Cholesky factor of the loss's second derivatives, of centred features and of their mean.
    hessian = np.diag(penalty)
    for batch in gen_batches(len(features), BATCH):
        centered = np.column_stack([features[batch] - mean, np.ones(batch.stop - batch.start)])
        hessian += (centered * curvature[batch, None]).T @ centered
    return cholesky(hessian, lower=True)
