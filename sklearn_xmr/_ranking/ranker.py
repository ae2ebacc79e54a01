"""A ranker, which scores a shortlist of labels once more: how it is fitted and asked."""

import numpy as np
from sklearn.utils import check_random_state

from .._user_objects import answered_scores, batches_of_rows, own_copy


def fit_ranker(ranker, X, Y, random_state):
    """Fit a copy of a ranker, if there is one."""
    if ranker is None:
        return None
    ranker = own_copy(ranker, check_random_state(random_state).randint(2**31))
    ranker.fit(X, Y)
    return ranker


def rescored(ranker, X, positions, paths):
    """What a ranker scores labels.

    Parameters
    ----------
    ranker : object
    X : CSR of float32 of shape (n_rows, n_features)
    positions : ndarray of int of shape (n_rows, n_shortlist)
        Label positions, -1 for none.
    paths : ndarray of float32 of shape (n_rows, n_shortlist)
        Their scores so far, in the log domain.

    Returns
    -------
    ndarray of float32 of shape (n_rows, n_shortlist)
        -inf where there is no label.
    """
    scores = np.empty(positions.shape, dtype=np.float32)
    for rows, batch in batches_of_rows(X):
        labels = positions[rows]
        answer = ranker.rescore(batch, labels.copy(), paths[rows].copy())
        scores[rows] = answered_scores(answer, labels.shape, labels >= 0, "ranker: rescore")
    scores[positions < 0] = -np.inf
    return scores


def ranked_anew(ranker, X, positions, paths, k):
    """The `k` labels of each shortlist that a ranker scores best, as `search` returns them."""
    scores = rescored(ranker, X, positions, paths)
    positions = np.where(scores == -np.inf, np.int32(-1), positions)
    order = np.lexsort((positions, -scores), axis=1)[:, :k]
    return np.take_along_axis(positions, order, axis=1), np.take_along_axis(scores, order, axis=1)
