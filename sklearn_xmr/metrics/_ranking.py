"""Precision, recall and nDCG of each row's k best-scored labels."""

import numpy as np

from ._ranked_labels import as_indicator_and_scores
from ._topk import check_indicator, check_k, hit_ranks


def precision_at_k(y_true, y_score, k=5):
    """Share of the k best-scored labels that are true, averaged over rows.

    The divisor is always `k`: a row with fewer than `k` true labels, or with fewer than `k` labels
    retrieved, cannot reach 1.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels), or sequence of label sets
        Label indicator: 1 where the label is true, else 0. Or the labels of each row, with ranked
        labels as `y_score`: lists or sets; or one label for each row.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels), or array of labels
        Scores, higher is better. Or, with label sets, labels of shape (n_samples, any number), best
        first, as :func:`sklearn_xmr.rank` returns them, fillers included. A label was not retrieved
        if its score is ``-inf`` or, in a sparse matrix, if it is not stored; a stored 0 is a score
        like any other. Of equal scores, the lower column ranks first.
    k : int, default=5
        Number of labels looked at in each row.

    Returns
    -------
    float
        Mean over all rows, between 0 and 1. A row without true labels counts 0.

    Raises
    ------
    ValueError
        If `k` is not an integer of at least 1, `y_true` holds values other than 0 and 1, `y_score`
        holds NaN, or the shapes differ.

    References
    ----------
    .. [1] K. Bhatia et al., "The Extreme Classification Repository: Multi-label Datasets and
       Code", 2016. http://manikvarma.org/downloads/XC/XMLRepository.html

    Examples
    --------
    >>> from sklearn_xmr.metrics import precision_at_k
    >>> y_true = [[1, 0, 1, 0], [0, 1, 0, 0]]
    >>> y_score = [[0.9, 0.8, 0.1, 0.0], [0.2, 0.7, 0.3, 0.1]]
    >>> precision_at_k(y_true, y_score, k=2)
    0.5
    >>> precision_at_k([{"birds", "song"}, {"fish"}], [["birds", "owls"], ["owls", ""]], k=2)
    0.25
    """
    k = check_k(k)
    y_true, y_score, _ = as_indicator_and_scores(y_true, y_score)
    Y = check_indicator(y_true, "y_true")
    return hit_ranks(Y, y_score, k).nnz / (Y.shape[0] * k)


def recall_at_k(y_true, y_score, k=5, *, capped=False):
    """Share of the true labels that are among the k best-scored, averaged over rows.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels), or sequence of label sets
        Label indicator: 1 where the label is true, else 0. Or the labels of each row, with ranked
        labels as `y_score`: lists or sets; or one label for each row.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels), or array of labels
        Scores, higher is better. Or, with label sets, labels of shape (n_samples, any number), best
        first, as :func:`sklearn_xmr.rank` returns them, fillers included. A label was not retrieved
        if its score is ``-inf`` or, in a sparse matrix, if it is not stored; a stored 0 is a score
        like any other. Of equal scores, the lower column ranks first.
    k : int, default=5
        Number of labels looked at in each row.
    capped : bool, default=False
        Divide by `k` where a row has more true labels than that, so that 1 can be reached.

    Returns
    -------
    float
        Mean over all rows, between 0 and 1. A row without true labels counts 0.

    Raises
    ------
    ValueError
        If `k` is not an integer of at least 1, `y_true` holds values other than 0 and 1, `y_score`
        holds NaN, or the shapes differ.

    Examples
    --------
    >>> from sklearn_xmr.metrics import recall_at_k
    >>> y_true = [[1, 0, 1, 0], [0, 1, 0, 0]]
    >>> y_score = [[0.9, 0.8, 0.1, 0.0], [0.2, 0.7, 0.3, 0.1]]
    >>> recall_at_k(y_true, y_score, k=2)
    0.75
    """
    k = check_k(k)
    y_true, y_score, _ = as_indicator_and_scores(y_true, y_score)
    Y = check_indicator(y_true, "y_true")
    n_hits = np.diff(hit_ranks(Y, y_score, k).indptr)
    n_true = np.diff(Y.indptr)
    if capped:
        n_true = np.minimum(n_true, min(k, Y.shape[1]))
    return float(np.mean(n_hits / np.maximum(n_true, 1)))


def ndcg_at_k(y_true, y_score, k=5):
    r"""Normalised discounted cumulative gain of the k best-scored labels, averaged over rows.

    A true label at rank r (the best is 1) gains :math:`1 / \log_2(r + 1)`. The sum is divided by
    the largest that the row allows, its true labels at ranks 1 to min(k, number of true labels).

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels), or sequence of label sets
        Label indicator: 1 where the label is true, else 0. Or the labels of each row, with ranked
        labels as `y_score`: lists or sets; or one label for each row.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels), or array of labels
        Scores, higher is better. Or, with label sets, labels of shape (n_samples, any number), best
        first, as :func:`sklearn_xmr.rank` returns them, fillers included. A label was not retrieved
        if its score is ``-inf`` or, in a sparse matrix, if it is not stored; a stored 0 is a score
        like any other. Of equal scores, the lower column ranks first.
    k : int, default=5
        Number of labels looked at in each row.

    Returns
    -------
    float
        Mean over all rows, between 0 and 1. A row without true labels counts 0.

    Raises
    ------
    ValueError
        If `k` is not an integer of at least 1, `y_true` holds values other than 0 and 1, `y_score`
        holds NaN, or the shapes differ.

    Notes
    -----
    The definition is that of [1]_. :func:`sklearn.metrics.ndcg_score` averages over the orders of
    equal scores instead of taking the lower column first; without ties the two agree.

    References
    ----------
    .. [1] K. Bhatia et al., "The Extreme Classification Repository: Multi-label Datasets and
       Code", 2016. http://manikvarma.org/downloads/XC/XMLRepository.html

    Examples
    --------
    >>> from sklearn_xmr.metrics import ndcg_at_k
    >>> y_true = [[1, 0, 1, 0], [0, 1, 0, 0]]
    >>> y_score = [[0.9, 0.8, 0.1, 0.0], [0.2, 0.7, 0.3, 0.1]]
    >>> round(ndcg_at_k(y_true, y_score, k=2), 4)
    0.8066
    """
    k = check_k(k)
    y_true, y_score, _ = as_indicator_and_scores(y_true, y_score)
    Y = check_indicator(y_true, "y_true")
    gains = hit_ranks(Y, y_score, k).astype(np.float64)
    gains.data = discount(gains.data)
    return float(np.mean(gains.sum(axis=1) / ideal_dcg(Y, k)))


def discount(ranks):
    """What a true label gains by its rank, which counts from 1."""
    return 1 / np.log2(ranks + 1)


def ideal_dcg(Y, k):
    """The most that each row's k best labels can gain; for a row without true labels 1."""
    n_ranks = np.clip(np.diff(Y.indptr), 1, min(k, Y.shape[1]))
    return np.cumsum(discount(np.arange(1, n_ranks.max() + 1)))[n_ranks - 1]
