"""Is one ranking better than another, or just luckier with these rows?"""

import numpy as np
from sklearn.utils import Bunch, check_random_state

from .._checks import check_count, check_number
from ._ranked_labels import as_indicator_and_scores
from ._topk import check_evaluation


def paired_bootstrap(
    metric,
    y_true,
    y_score,
    y_score_other,
    k=5,
    *,
    n_resamples=2000,
    confidence=0.95,
    random_state=None,
    **metric_params,
):
    """Compare two rankings of the same rows, with an interval for the difference.

    Both are evaluated on the same resampled rows, again and again, so that what makes a row easy or
    hard for both does not blur their difference.

    Parameters
    ----------
    metric : callable
        Called as ``metric(y_true, y_score, k, **metric_params)`` for one row at a time; its value
        for many rows must be the mean over the rows, as with :func:`recall_at_k`.
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels), or sequence of label sets
        Label indicator: 1 where the label is true, else 0. Or the labels of each row, with ranked
        labels as both scores: lists or sets; or one label for each row.
    y_score, y_score_other : {array-like, sparse matrix} of shape (n_samples, n_labels), or \
array of labels
        The scores of both rankings, as `metric` takes them. Or, with label sets, labels of shape
        (n_samples, any number), best first, as ``ProductRetriever.rank`` returns them; `metric` is
        then given an indicator and scores.
    k : int, default=5
        Number of labels looked at in each row.
    n_resamples : int, default=2000
        How many times rows are drawn.
    confidence : float, default=0.95
        Share of the resampled differences that lie in the interval, between 0 and 1.
    random_state : int, RandomState instance or None, default=None
        Decides which rows are drawn.
    **metric_params : dict
        Further keyword arguments of `metric`.

    Returns
    -------
    Bunch
        Numbers:

        score, score_other : float
            The metric of both rankings, over all rows.
        difference : float
            The first minus the second.
        low, high : float
            Ends of the interval of the difference. If it lies above 0, the first ranking is better
            by more than the choice of rows explains.

    Raises
    ------
    ValueError
        If the shapes differ, `y_true` holds neither label sets nor an indicator, scores hold NaN,
        or a number is out of range.
    TypeError
        If `metric` is not callable.

    References
    ----------
    .. [1] B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993.

    Examples
    --------
    >>> from sklearn_xmr.metrics import paired_bootstrap, precision_at_k
    >>> y_true = [[1, 0], [0, 1]] * 20
    >>> good, poor = [[0.9, 0.1], [0.2, 0.8]] * 20, [[0.9, 0.1], [0.8, 0.2]] * 20
    >>> found = paired_bootstrap(precision_at_k, y_true, good, poor, k=1, random_state=0)
    >>> found.difference
    0.5
    >>> bool(0 < found.low < 0.5 < found.high < 1)
    True
    """
    n_resamples = check_count(n_resamples, "n_resamples", most=10**6)
    confidence = check_number(confidence, "confidence", least=0, most=1)
    rankings = [
        _checked(metric, y_true, ranking, k, name)
        for ranking, name in ((y_score, "y_score"), (y_score_other, "y_score_other"))
    ]
    scores = [_row_scores(metric, *ranking, metric_params) for ranking in rankings]
    differences = scores[0] - scores[1]
    rng = check_random_state(random_state)
    # Which rows are drawn how often is all that counts.
    n_rows = len(differences)
    means = [differences[rng.randint(n_rows, size=n_rows)].mean() for _ in range(n_resamples)]
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Bunch(
        score=float(scores[0].mean()),
        score_other=float(scores[1].mean()),
        difference=float(differences.mean()),
        low=float(low),
        high=float(high),
    )


def _checked(metric, y_true, y_score, k, name):
    y_true, y_score, _ = as_indicator_and_scores(y_true, y_score, name)
    return check_evaluation(metric, y_true, y_score, k, name)


def _row_scores(metric, Y, S, k, metric_params):
    rows = range(Y.shape[0])
    return np.array([metric(Y[[i]], S[[i]], k, **metric_params) for i in rows], dtype=float)
