"""A logistic model of pairs: standardised features, and a weight for each term that both have."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit


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


def fit_pair_logistic(features, terms, is_relevant, *, center=None, C=1.0, max_iter=200, tol=1e-6):
    """Minimise the log loss of all pairs plus half the squared weights over C.

    That is scikit-learn's LogisticRegression of standardised features beside the terms as they are.
    The weights returned are those of the features as they are.

    Parameters
    ----------
    features : ndarray of float64 of shape (n_pairs, n_features)
    terms : csr_array of float64 of shape (n_pairs, n_terms)
    is_relevant : ndarray of bool of shape (n_pairs,)
    center : ndarray of float64 of shape (n_features,) or None
        What the features' weights are drawn to, as weights of the features as they are. None is 0.
    C : float
        Inverse strength of the penalty. The intercept has none.
    max_iter : int
    tol : float
        Stop where no entry of the mean loss's gradient is larger.

    Returns
    -------
    PairLogistic
    """
    n_pairs, n_features = features.shape
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale <= 1e-12 * np.abs(mean)] = 1  # a constant, up to rounding
    standardized = (features - mean) / scale
    terms_transposed = terms.T.tocsr()
    sign = np.where(is_relevant, 1.0, -1.0)
    penalty = np.append(np.full(n_features + terms.shape[1], 1 / C), 0)

    def loss_and_gradient(weights):
        coef, term_weights, intercept = np.split(weights, [n_features, len(weights) - 1])
        margins = sign * (standardized @ coef + terms @ term_weights + intercept)
        slopes = -sign * expit(-margins)
        gradient = np.r_[standardized.T @ slopes, terms_transposed @ slopes, slopes.sum()]
        moved = weights - start
        loss = np.logaddexp(0, -margins).sum() + penalty @ moved**2 / 2
        return loss / n_pairs, (gradient + penalty * moved) / n_pairs

    start = np.zeros(n_features + terms.shape[1] + 1)
    if center is not None:
        start[:n_features] = center * scale
    options = {"maxiter": max_iter, "gtol": tol, "ftol": 0}
    best = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", options=options).x
    coef = best[:n_features] / scale
    return PairLogistic(coef, best[n_features:-1], float(best[-1] - coef @ mean))
