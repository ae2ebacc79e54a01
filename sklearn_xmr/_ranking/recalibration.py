"""Log-odds that are right for the pairs that people look at."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from .pair_logistic import PairLogistic

# So many pairs of each query are what people look at.
LOOKED_AT = 20


def recalibrated(model, features, terms, indptr, is_relevant):
    """A model of pairs whose log-odds are right for the best pairs of each query.

    Nearly all pairs are of labels far down a shortlist, and a model of all of them is right for
    those; of the best, which are so by chance, too, it is too sure. The log-odds z become
    ``a z + b`` as it fits the best, with a below 1, which leaves their order as it is.

    Parameters
    ----------
    model : PairLogistic
    features, terms, is_relevant
        As `fit_pair_logistic` takes them, query by query.
    indptr : ndarray of int64 of shape (n_queries + 1,)
        Where the pairs of each query start.

    Returns
    -------
    PairLogistic
    """
    coef, term_weights, intercept = model
    log_odds = features @ coef + terms @ term_weights + intercept
    queries = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    order = np.lexsort((-log_odds, queries))
    best = order[np.arange(len(order)) - indptr[queries] < LOOKED_AT]
    targets = is_relevant[best]
    if targets.all() or not targets.any():
        return model
    line = LogisticRegression().fit(log_odds[best, None], targets)
    slope, shift = line.coef_[0, 0], line.intercept_[0]
    if not 0 < slope < 1:  # not too sure of them
        return model
    return PairLogistic(slope * coef, slope * term_weights, float(slope * intercept + shift))
