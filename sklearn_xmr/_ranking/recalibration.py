"""Log-odds that are right for the pairs that people look at."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from .pair_logistic import PairLogistic

# So many pairs of each query are what people look at.
LOOKED_AT = 10


def recalibrated(model, features, terms, pairs, is_relevant, cold_share):
    """A model of pairs whose log-odds are right for the best pairs of each query.

    Nearly all pairs are of labels far down a shortlist, and a model of all of them is right for
    those; of the best, which are so by chance, too, it is too sure. The log-odds z become
    ``a z + b`` as it fits the best, which leaves their order as it is.

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
    PairLogistic
    """
    coef, term_weights, intercept = model
    log_odds = features @ coef + terms @ term_weights + intercept
    queries = pairs.queries
    order = np.lexsort((-log_odds, queries))
    best = order[np.arange(len(order)) - pairs.indptr[queries] < LOOKED_AT]
    targets = is_relevant[best]
    if targets.all() or not targets.any():
        return model
    weights = _query_weights(pairs, is_relevant, cold_share)[queries[best]]
    line = LogisticRegression().fit(log_odds[best, None], targets, sample_weight=weights)
    slope, shift = line.coef_[0, 0], line.intercept_[0]
    if slope <= 0:
        return model
    return PairLogistic(slope * coef, slope * term_weights, float(slope * intercept + shift))


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
