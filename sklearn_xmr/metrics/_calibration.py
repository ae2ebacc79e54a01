"""Whether scores are probabilities: calibration error and Brier score of each row's best labels.

Over all labels, nearly all of which are wrong and score nothing, both come out small whatever the
scores. So only the pairs of a row and one of its k best labels count, and beside each figure stands
that of the base rate: how often the label at that rank is right, the same for all rows. Scores that
tell no more than that are calibrated, too.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse

from ._topk import check_indicator, check_k, check_same_shape, check_scores, retrieved, top_ranks

N_BINS = 15


class CalibrationError(NamedTuple):
    """What `calibration_error_at_k` returns.

    Attributes
    ----------
    error : float
        The expected calibration error, between 0 and 1.
    base_rate : float
        That of the base rate by rank.
    noise_floor : float
        What is expected of perfect probabilities, from so many pairs.
    """

    error: float
    base_rate: float
    noise_floor: float


class BrierScore(NamedTuple):
    """What `brier_score_at_k` returns.

    Attributes
    ----------
    score : float
        The Brier score, between 0 and 1; lower is better.
    base_rate : float
        That of the base rate by rank.
    """

    score: float
    base_rate: float


def calibration_error_at_k(y_true, y_score, k=5):
    """How far probabilities of each row's k best labels are from what comes true.

    The expected calibration error [1]_: pairs of a row and a label among its `k` best are sorted by
    their probability and cut into 15 bins of equal size. In each, the mean probability is compared
    to the share of labels that are true.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Label indicator: 1 where the label is true, else 0.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Probabilities. A label was not retrieved if its score is ``-inf`` or, in a sparse matrix, if
        it is not stored, and such labels count for nothing. Of equal scores, the lower column ranks
        first.
    k : int, default=5
        Number of labels looked at in each row.

    Returns
    -------
    CalibrationError
        A named tuple: the mean absolute difference, as `error`; that of the base rate by rank, as
        `base_rate`: each label's probability is the share of rows whose label at its rank is true;
        and what chance alone makes of perfect probabilities, as `noise_floor`. An error near that
        is none.

    Raises
    ------
    ValueError
        If `k` is not an integer of at least 1, `y_true` holds values other than 0 and 1, `y_score`
        holds NaN or what is no probability, nothing was retrieved, or the shapes differ.

    See Also
    --------
    brier_score_at_k : Tells good probabilities from those that are calibrated but say nothing.
    sklearn_xmr.inspection.plot_reliability : Draws the bins.

    References
    ----------
    .. [1] M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining Well Calibrated Probabilities
       Using Bayesian Binning", AAAI 2015.
    .. [2] N. Ullah, E. Schultheis, J. Zhang and R. Babbar, "How Well Calibrated are Extreme
       Multi-label Classifiers? An Empirical Analysis", KDD 2025.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_xmr.metrics import calibration_error_at_k
    >>> rng = np.random.default_rng(0)
    >>> probabilities = rng.random((5000, 3))
    >>> y_true = (rng.random((5000, 3)) < probabilities).astype(int)
    >>> found = calibration_error_at_k(y_true, probabilities, k=1)
    >>> bool(found.error < 2 * found.noise_floor)
    True
    >>> calibration_error_at_k(y_true, probabilities**2, k=1).error > 0.1
    True
    """
    probabilities, is_true, ranks = top_pairs(y_true, y_score, k)
    predicted, observed, sizes = calibration_bins(probabilities, is_true)
    return CalibrationError(
        _error(predicted, observed, sizes),
        _error(*calibration_bins(_base_rate(is_true, ranks), is_true)),
        _error(_noise(predicted, sizes), 0, sizes),
    )


def brier_score_at_k(y_true, y_score, k=5):
    """Mean squared error of the probabilities of each row's k best labels.

    It is a proper score: the true probabilities have the lowest one.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Label indicator: 1 where the label is true, else 0.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Probabilities. A label was not retrieved if its score is ``-inf`` or, in a sparse matrix, if
        it is not stored, and such labels count for nothing. Of equal scores, the lower column ranks
        first.
    k : int, default=5
        Number of labels looked at in each row.

    Returns
    -------
    BrierScore
        A named tuple: the mean over all pairs of a row and a label among its `k` best, as `score`;
        and that of the base rate by rank, as `base_rate`: each label's probability is the share of
        rows whose label at its rank is true.

    Raises
    ------
    ValueError
        If `k` is not an integer of at least 1, `y_true` holds values other than 0 and 1, `y_score`
        holds NaN or what is no probability, nothing was retrieved, or the shapes differ.

    See Also
    --------
    calibration_error_at_k : How far probabilities are off in the mean.

    References
    ----------
    .. [1] G. W. Brier, "Verification of Forecasts Expressed in Terms of Probability", Monthly
       Weather Review 78, 1950.

    Examples
    --------
    >>> from sklearn_xmr.metrics import brier_score_at_k
    >>> y_true = [[1, 0, 0], [0, 1, 0]]
    >>> y_score = [[0.9, 0.2, 0.1], [0.5, 0.3, 0.1]]
    >>> found = brier_score_at_k(y_true, y_score, k=1)
    >>> round(found.score, 2), found.base_rate
    (0.13, 0.25)
    """
    probabilities, is_true, ranks = top_pairs(y_true, y_score, k)
    return BrierScore(
        float(np.mean((probabilities - is_true) ** 2)),
        float(np.mean((_base_rate(is_true, ranks) - is_true) ** 2)),
    )


def top_pairs(y_true, y_score, k):
    """The pairs of a row and one of its `k` best labels.

    Returns
    -------
    probabilities : ndarray of float64 of shape (n_pairs,)
    is_true : ndarray of bool of shape (n_pairs,)
    ranks : ndarray of int of shape (n_pairs,)
        The best label of a row has 1.
    """
    k = check_k(k)
    Y, y_score = check_indicator(y_true, "y_true"), check_scores(y_score)
    check_same_shape(Y, y_score)
    stored = y_score.data if issparse(y_score) else y_score
    outside = (stored > 1) | ((stored < 0) & (stored > -np.inf))
    if outside.any():
        raise ValueError(f"y_score must hold probabilities, from 0 to 1, got {stored[outside][0]}.")
    S = retrieved(y_score, k)
    ranks = top_ranks(S, k)
    if not ranks.nnz:
        raise ValueError("y_score must hold a label that was retrieved, got none.")
    rows = np.repeat(np.arange(S.shape[0]), np.diff(ranks.indptr))
    is_true = np.asarray(Y[rows, ranks.indices]).ravel() > 0
    probabilities = np.asarray(S[rows, ranks.indices], dtype=np.float64).ravel()
    return probabilities, is_true, ranks.data


def calibration_bins(probabilities, is_true, n_bins=N_BINS):
    """Bins of equally many pairs, by probability.

    Returns
    -------
    predicted, observed, sizes : ndarrays of shape (n_bins,)
        Their mean probability, the share of true pairs, and how many pairs; of fewer pairs than
        bins, each has one.
    """
    order = np.argsort(probabilities, kind="stable")
    starts = np.linspace(0, len(order), min(n_bins, len(order)) + 1).astype(np.int64)[:-1]
    sizes = np.diff(np.append(starts, len(order)))
    pairs = np.stack((probabilities, is_true), dtype=np.float64, casting="unsafe")[:, order]
    predicted, observed = np.add.reduceat(pairs, starts, axis=1) / sizes
    return predicted, observed, sizes


def _base_rate(is_true, ranks):
    # The share of true pairs at the rank of each.
    return (np.bincount(ranks, is_true) / np.maximum(np.bincount(ranks), 1))[ranks]


def _error(predicted, observed, sizes):
    return float(np.average(np.abs(predicted - observed), weights=sizes))


def _noise(predicted, sizes):
    # The mean deviation of a bin's share of true pairs, which is about normal.
    return np.sqrt(2 / np.pi * predicted * (1 - predicted) / sizes)
