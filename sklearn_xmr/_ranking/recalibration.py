"""Log-odds that are right for the pairs that people look at."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from .._kernels.match_scores import CERTAIN
from .pair_logistic import PairLogistic

# So many pairs of each query are what people look at.
LOOKED_AT = 10


def recalibrated(model, features, terms, pairs, is_relevant, cold_share):
    """A model of pairs whose log-odds are right for the best pairs of each query.

    Nearly all pairs are of labels far down a shortlist, and a model of all of them is right for
    those; of the best, which are so by chance, too, it is too sure. And it looks at each pair
    alone, while a label is the less probable the better the others are. So the log-odds z become
    ``u = a z + b``, and in the end ``u + w log(1 + the odds exp(u) of all others together)``, as it
    fits the best. The order of a query's labels stays as it is.

    Shortlists out of fold have more queries for labels without rows than are to come, since some
    labels had lost theirs. Queries are weighed so that there are as many as expected.

    Parameters
    ----------
    model : PairLogistic
    features, terms, is_relevant
        As `fit_pair_logistic` takes them, query by query.
    pairs : Pairs
        Their labels.
    cold_share : float
        How many of the relevant pairs to come are expected to have a label without rows.

    Returns
    -------
    model : PairLogistic
        Of the log-odds u.
    others_weight : float
        The weight w, at most 0.
    """
    coef, term_weights, intercept = model
    log_odds = features @ coef + terms @ term_weights + intercept
    queries = pairs.queries
    order = np.lexsort((-log_odds, queries))
    best = order[np.arange(len(order)) - pairs.indptr[queries] < LOOKED_AT]
    targets = is_relevant[best]
    if targets.all() or not targets.any():
        return model, 0.0
    weights = _query_weights(pairs, is_relevant, cold_share)[queries[best]]
    found = _fitted(log_odds, queries, best, targets, weights)
    slope, shift, others_weight = found.x
    if slope <= 0 or found.fun < np.log(2) * weights.min():
        # In the second case none is on the wrong side: the steeper the better, without end.
        return model, 0.0
    scaled = PairLogistic(slope * coef, slope * term_weights, float(slope * intercept + shift))
    return scaled, float(others_weight)


def _fitted(log_odds, queries, best, targets, weights):
    # The minimum of the best pairs' log loss, over slope, shift and weight of the others.
    sign, of_best, queries_of_best = np.where(targets, 1.0, -1.0), log_odds[best], queries[best]

    def loss_and_gradient(parameters):
        slope, shift, others_weight = parameters
        odds = np.exp(np.minimum(slope * log_odds + shift, CERTAIN))
        totals, moments = (np.bincount(queries, part) for part in (odds, odds * log_odds))
        others = totals[queries_of_best] - odds[best]
        moments = moments[queries_of_best] - odds[best] * of_best
        log_others = np.log1p(others)
        margins = sign * (slope * of_best + shift + others_weight * log_others)
        slopes = -sign * weights * expit(-margins)
        gradient = [
            slopes @ (of_best + others_weight * moments / (1 + others)),
            slopes @ (1 + others_weight * others / (1 + others)),
            slopes @ log_others,
        ]
        return weights @ np.logaddexp(0, -margins), np.array(gradient)

    bounds = [(0, None), (None, None), (None, 0)]
    return minimize(loss_and_gradient, [1, 0, 0], jac=True, method="L-BFGS-B", bounds=bounds)


def _query_weights(pairs, is_relevant, cold_share):
    # Queries whose relevant labels have no rows get another weight than those whose labels have.
    n_queries, queries = len(pairs.indptr) - 1, pairs.queries
    is_cold = is_relevant & (pairs.label_counts == 0)
    n_relevant = np.bincount(queries, weights=is_relevant, minlength=n_queries)
    share = is_cold.sum() / is_relevant.sum()
    if share in (0, 1):
        return np.ones(n_queries)
    of_query = np.bincount(queries, weights=is_cold, minlength=n_queries) / np.maximum(
        n_relevant, 1
    )
    weights = of_query * cold_share / share + (1 - of_query) * (1 - cold_share) / (1 - share)
    return np.where(n_relevant > 0, weights, 1)
