"""Metrics of the top of a ranking, for dense and for sparse scores, and scorers made from them.

A sparse score matrix holds a shortlist per row: what is stored was retrieved, even at score 0, and
what is absent was not. Sparse input is never made dense. Metrics of query completion take ranked
texts instead.
"""

import numpy as np

from ._completion_metrics import bleu_reciprocal_rank, mean_reciprocal_rank
from ._scorer import make_topk_scorer
from ._topk import check_indicator, check_k, check_scores, retrieved, top_ranks

__all__ = [
    "bleu_reciprocal_rank",
    "make_topk_scorer",
    "mean_reciprocal_rank",
    "ndcg_at_k",
    "precision_at_k",
    "propensities",
    "psp_at_k",
    "recall_at_k",
]


def precision_at_k(y_true, y_score, k=5):
    """Share of the k best-scored labels that are true, averaged over rows.

    The divisor is always `k`: a row with fewer than `k` true labels, or with fewer than `k` labels
    retrieved, cannot reach 1.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Label indicator: 1 where the label is true, else 0.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Scores, higher is better. A label was not retrieved if its score is ``-inf`` or, in a sparse
        matrix, if it is not stored; a stored 0 is a score like any other. Of equal scores, the
        lower column ranks first.
    k : int, default=5
        Number of labels looked at in each row.

    Returns
    -------
    float
        Mean over all rows, between 0 and 1. A row without true labels counts 0.

    Raises
    ------
    ValueError
        If `k` is below 1, `y_true` holds values other than 0 and 1, `y_score` holds NaN, or the
        shapes differ.
    TypeError
        If `k` is not an integer.

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
    """
    k = check_k(k)
    Y = check_indicator(y_true, "y_true")
    return _hit_ranks(Y, y_score, k).nnz / (Y.shape[0] * k)


def recall_at_k(y_true, y_score, k=5):
    """Share of the true labels that are among the k best-scored, averaged over rows.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Label indicator: 1 where the label is true, else 0.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Scores, higher is better. A label was not retrieved if its score is ``-inf`` or, in a sparse
        matrix, if it is not stored; a stored 0 is a score like any other. Of equal scores, the
        lower column ranks first.
    k : int, default=5
        Number of labels looked at in each row.

    Returns
    -------
    float
        Mean over all rows, between 0 and 1. A row without true labels counts 0.

    Raises
    ------
    ValueError
        If `k` is below 1, `y_true` holds values other than 0 and 1, `y_score` holds NaN, or the
        shapes differ.
    TypeError
        If `k` is not an integer.

    Examples
    --------
    >>> from sklearn_xmr.metrics import recall_at_k
    >>> y_true = [[1, 0, 1, 0], [0, 1, 0, 0]]
    >>> y_score = [[0.9, 0.8, 0.1, 0.0], [0.2, 0.7, 0.3, 0.1]]
    >>> recall_at_k(y_true, y_score, k=2)
    0.75
    """
    k = check_k(k)
    Y = check_indicator(y_true, "y_true")
    n_hits = np.diff(_hit_ranks(Y, y_score, k).indptr)
    return float(np.mean(n_hits / np.maximum(np.diff(Y.indptr), 1)))


def ndcg_at_k(y_true, y_score, k=5):
    r"""Normalised discounted cumulative gain of the k best-scored labels, averaged over rows.

    A true label at rank r (the best is 1) gains :math:`1 / \log_2(r + 1)`. The sum is divided by
    the largest that the row allows, its true labels at ranks 1 to min(k, number of true labels).

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Label indicator: 1 where the label is true, else 0.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Scores, higher is better. A label was not retrieved if its score is ``-inf`` or, in a sparse
        matrix, if it is not stored; a stored 0 is a score like any other. Of equal scores, the
        lower column ranks first.
    k : int, default=5
        Number of labels looked at in each row.

    Returns
    -------
    float
        Mean over all rows, between 0 and 1. A row without true labels counts 0.

    Raises
    ------
    ValueError
        If `k` is below 1, `y_true` holds values other than 0 and 1, `y_score` holds NaN, or the
        shapes differ.
    TypeError
        If `k` is not an integer.

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
    Y = check_indicator(y_true, "y_true")
    gains = _hit_ranks(Y, y_score, k).astype(np.float64)
    gains.data = 1 / np.log2(gains.data + 1)

    n_ranks = np.minimum(np.diff(Y.indptr), min(k, Y.shape[1]))
    ideal = np.cumsum(1 / np.log2(np.arange(2, max(n_ranks.max(), 1) + 2)))
    return float(np.mean(gains.sum(axis=1) / ideal[np.maximum(n_ranks, 1) - 1]))


def psp_at_k(y_true, y_score, k=5, *, propensity):
    """Propensity-scored precision at k, which weighs a hit by the rarity of its label.

    A true label among the k best-scored counts the inverse of its propensity, the probability that
    an annotator would have noticed that it applies. The sum over all rows is divided by the largest
    sum possible, that of the `k` true labels with the lowest propensities in each row.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Label indicator: 1 where the label is true, else 0.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Scores, higher is better. A label was not retrieved if its score is ``-inf`` or, in a sparse
        matrix, if it is not stored; a stored 0 is a score like any other. Of equal scores, the
        lower column ranks first.
    k : int, default=5
        Number of labels looked at in each row.
    propensity : array-like of shape (n_labels,)
        Probability, above 0 and at most 1, that a label which applies has been given. See
        :func:`propensities`.

    Returns
    -------
    float
        Ratio of sums over all rows, between 0 and 1; 0 if no row has a true label.

    Raises
    ------
    ValueError
        If `k` is below 1, `y_true` holds values other than 0 and 1, `y_score` holds NaN, the
        shapes differ, or `propensity` is not a probability above 0 for each label.
    TypeError
        If `k` is not an integer.

    References
    ----------
    .. [1] H. Jain, Y. Prabhu and M. Varma, "Extreme Multi-label Loss Functions for Recommendation,
       Tagging, Ranking & Other Missing Label Applications", KDD 2016.

    Examples
    --------
    The first row's rare label and the second row's common one are found:

    >>> from sklearn_xmr.metrics import psp_at_k
    >>> y_true = [[1, 1, 0], [0, 1, 1]]
    >>> y_score = [[0.9, 0.1, 0.0], [0.1, 0.8, 0.2]]
    >>> psp_at_k(y_true, y_score, k=1, propensity=[0.25, 0.5, 0.25])
    0.75
    """
    k = check_k(k)
    Y = check_indicator(y_true, "y_true")
    gain = 1 / _check_propensity(propensity, Y.shape[1])

    possible = Y.astype(np.float64)
    possible.data = gain[possible.indices]
    best = gain[top_ranks(possible, k).indices].sum()
    reached = gain[_hit_ranks(Y, y_score, k).indices].sum()
    return float(reached / best) if best > 0 else 0.0


def propensities(Y, A=0.55, B=1.5):
    r"""Estimate how likely each label is to be given to a row that it applies to.

    Annotators overlook rare labels more often than common ones. The model fitted to that in [1]_
    gives a label with :math:`N_l` of the N training rows the propensity

    .. math::

        p_l = \frac{1}{1 + C e^{-A \log(N_l + B)}}, \qquad C = (\log N - 1)(B + 1)^A.

    Parameters
    ----------
    Y : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Label indicator of the training rows: 1 where the label was given, else 0. The formula
        holds for 3 rows and more, where log N > 1.
    A : float, default=0.55
        How fast the propensity grows with the label's frequency; not negative. The authors use 0.6
        for Amazon's data sets, 0.5 for Wikipedia's and 0.55 for others.
    B : float, default=1.5
        Shift of the label's frequency; positive. The authors use 2.6 for Amazon's data sets, 0.4
        for Wikipedia's and 1.5 for others.

    Returns
    -------
    ndarray of shape (n_labels,), float64
        Propensities, above 0 and at most 1.

    Raises
    ------
    ValueError
        If `Y` holds values other than 0 and 1 or has fewer than 3 rows, or `A` or `B` is out of
        range.

    References
    ----------
    .. [1] H. Jain, Y. Prabhu and M. Varma, "Extreme Multi-label Loss Functions for Recommendation,
       Tagging, Ranking & Other Missing Label Applications", KDD 2016.

    Examples
    --------
    >>> from sklearn_xmr.metrics import propensities
    >>> propensities([[1, 0], [1, 0], [1, 1], [1, 0]]).round(3)
    array([0.8  , 0.721])
    """
    if not 0 <= A < np.inf:
        raise ValueError(f"A must be a finite number, 0 or more; got {A!r}.")
    if not 0 < B < np.inf:
        raise ValueError(f"B must be a finite number above 0; got {B!r}.")
    Y = check_indicator(Y, "Y")
    n_samples, n_labels = Y.shape
    if n_samples < 3:
        raise ValueError(
            f"Y must have at least 3 rows, as propensities are defined for log(n_samples) > 1; "
            f"got {n_samples}."
        )
    frequency = np.bincount(Y.indices, minlength=n_labels)
    C = (np.log(n_samples) - 1) * (B + 1) ** A
    return 1 / (1 + C * np.exp(-A * np.log(frequency + B)))


def _hit_ranks(Y, y_score, k):
    """CSR that holds, for each true label among the row's k best, its rank (the best is 1)."""
    y_score = check_scores(y_score)
    if Y.shape != y_score.shape:
        raise ValueError(
            f"y_true and y_score must have the same shape; got {Y.shape} and {y_score.shape}."
        )
    return Y.multiply(top_ranks(retrieved(y_score, k), k)).tocsr()


def _check_propensity(propensity, n_labels):
    propensity = np.asarray(propensity, dtype=np.float64)
    if propensity.shape != (n_labels,):
        raise ValueError(
            f"propensity must have one entry for each of {n_labels} labels; got shape "
            f"{propensity.shape}."
        )
    is_probability = (propensity > 0) & (propensity <= 1)
    if not is_probability.all():
        raise ValueError(
            f"propensity must lie above 0 and not above 1; got {propensity[~is_probability][0]} "
            f"(inverse propensities are computed inside)."
        )
    return propensity
