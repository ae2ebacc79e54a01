"""Metrics that weigh a hit by the rarity of its label, and the propensities that say how much."""

import numpy as np

from .._checks import as_floats, check_number
from ._ranked_labels import as_indicator_and_scores, values_of_labels
from ._ranking import discount, ideal_dcg
from ._topk import check_indicator, check_k, hit_ranks, top_ranks


def psp_at_k(y_true, y_score, k=5, *, propensity):
    """Propensity-scored precision at k, which weighs a hit by the rarity of its label.

    A true label among the k best-scored counts the inverse of its propensity, the probability that
    an annotator would have noticed that it applies. The sum over all rows is divided by the largest
    sum possible, that of the `k` true labels with the lowest propensities in each row.

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
    propensity : array-like of shape (n_labels,), or dict of {label: propensity}
        Probability, above 0 and at most 1, that a label which applies has been given. See
        :func:`propensities`. For label sets a dict of all of their labels.

    Returns
    -------
    float
        Ratio of sums over all rows, between 0 and 1; 0 if no row has a true label.

    Raises
    ------
    ValueError
        If `k` is not an integer of at least 1, `y_true` holds values other than 0 and 1, `y_score`
        holds NaN, the shapes differ, or `propensity` is not a probability above 0 for each label.

    See Also
    --------
    psndcg_at_k : Asks for the rarest labels to come first, too.

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
    Y, y_score, gain = _with_gains(y_true, y_score, propensity)

    best = gain[_best_ranks(Y, gain, k).indices].sum()
    reached = gain[hit_ranks(Y, y_score, k).indices].sum()
    return float(reached / best) if best > 0 else 0.0


def psndcg_at_k(y_true, y_score, k=5, *, propensity):
    r"""Propensity-scored nDCG at k, in which a rare label gains more, and more if it comes first.

    A true label l at rank r (the best is 1) gains :math:`1 / (p_l \log_2(r + 1))`, where
    :math:`p_l` is its propensity. The mean over rows is divided by the largest mean possible, that
    of the true labels ranked by rising propensity.

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
    propensity : array-like of shape (n_labels,), or dict of {label: propensity}
        Probability, above 0 and at most 1, that a label which applies has been given. See
        :func:`propensities`. For label sets a dict of all of their labels.

    Returns
    -------
    float
        Ratio of means over all rows, between 0 and 1; 0 if no row has a true label.

    Raises
    ------
    ValueError
        If `k` is not an integer of at least 1, `y_true` holds values other than 0 and 1, `y_score`
        holds NaN, the shapes differ, or `propensity` is not a probability above 0 for each label.

    See Also
    --------
    psp_at_k : Does not look at the order of the first k.

    Notes
    -----
    With :math:`s_i` and :math:`t_i` the labels of row i by falling score and its true ones by
    rising propensity, :math:`Y_i` all its true ones and :math:`D(n) = \sum_{r=1}^n 1 /
    \log_2(r + 1)`,

    .. math::

        \mathrm{PSnDCG@}k = \frac{\sum_i g_i(s_i)}{\sum_i g_i(t_i)}, \qquad
        g_i(s) = \frac{1}{D(\min(k, |Y_i|))}
        \sum_{r=1}^{k} \frac{[s_r \in Y_i]}{p_{s_r} \log_2(r + 1)}.

    The first factor of :math:`g_i`, which weighs rows by how many true labels they have, is in the
    evaluation code of [2]_ and therefore in the figures published there.

    References
    ----------
    .. [1] H. Jain, Y. Prabhu and M. Varma, "Extreme Multi-label Loss Functions for Recommendation,
       Tagging, Ranking & Other Missing Label Applications", KDD 2016.
    .. [2] K. Bhatia et al., "The Extreme Classification Repository: Multi-label Datasets and
       Code", 2016. http://manikvarma.org/downloads/XC/XMLRepository.html

    Examples
    --------
    Both true labels are found, but the common one before the rare one:

    >>> from sklearn_xmr.metrics import psndcg_at_k, psp_at_k
    >>> y_true, y_score = [[1, 1, 0]], [[0.3, 0.9, 0.1]]
    >>> psp_at_k(y_true, y_score, k=2, propensity=[0.25, 0.5, 0.5])
    1.0
    >>> round(psndcg_at_k(y_true, y_score, k=2, propensity=[0.25, 0.5, 0.5]), 4)
    0.8597
    """
    k = check_k(k)
    Y, y_score, gain = _with_gains(y_true, y_score, propensity)

    best = _discounted_sum(_best_ranks(Y, gain, k), gain, Y, k)
    reached = _discounted_sum(hit_ranks(Y, y_score, k), gain, Y, k)
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
        If `Y` holds values other than 0 and 1 or has fewer than 3 rows, `A` or `B` is out of range,
        or they are so extreme that a propensity would be 0.

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
    A = check_number(A, "A", least=0, closed="left")
    B = check_number(B, "B", least=0, closed="neither")
    Y = check_indicator(Y, "Y")
    n_samples, n_labels = Y.shape
    if n_samples < 3:
        raise ValueError(
            f"Y must have at least 3 rows, as propensities are defined for log(n_samples) > 1, "
            f"got {n_samples}."
        )
    frequency = np.bincount(Y.indices, minlength=n_labels)
    # (B + 1) ** A alone would be too large for constants whose propensities are not.
    with np.errstate(over="ignore"):
        odds_against = np.exp(A * (np.log(B + 1) - np.log(frequency + B)))
        propensity = 1 / (1 + (np.log(n_samples) - 1) * odds_against)
    if not propensity.all():
        raise ValueError(
            f"A must be smaller or B larger: with A={A:g} and B={B:g} the propensity of a label "
            f"that {frequency[propensity == 0][0]} rows have is too small for a float."
        )
    return propensity


def _with_gains(y_true, y_score, propensity):
    """The indicator of the true labels, the scores, and what each label gains."""
    y_true, y_score, labels = as_indicator_and_scores(y_true, y_score)
    Y = check_indicator(y_true, "y_true")
    if labels is not None:
        propensity = values_of_labels(propensity, labels, None, "propensity")
        is_missing = np.array([value is None for value in propensity.tolist()])
        for column in Y.indices[is_missing[Y.indices]]:
            raise ValueError(
                f"propensity must have an entry for every label, but not {labels[column]!r}."
            )
        propensity[is_missing] = 1  # of labels that are nowhere true
    return Y, y_score, 1 / _check_propensity(propensity, Y.shape[1])


def _best_ranks(Y, gain, k):
    """CSR that holds the ranks, from 1, of each row's k true labels of the largest gains."""
    gains = Y.astype(np.float64)
    gains.data = gain[gains.indices]
    return top_ranks(gains, k)


def _discounted_sum(ranks, gain, Y, k):
    """What the labels with a rank gain, in proportion to their rows' largest unweighted gain."""
    ideal = np.repeat(ideal_dcg(Y, k), np.diff(ranks.indptr))
    return np.sum(gain[ranks.indices] * discount(ranks.data) / ideal)


def _check_propensity(propensity, n_labels):
    propensity = as_floats(propensity, "propensity")
    if propensity.shape != (n_labels,):
        raise ValueError(
            f"propensity must have one entry for each of {n_labels} labels, got shape "
            f"{propensity.shape}."
        )
    is_probability = (propensity > 0) & (propensity <= 1)
    if not is_probability.all():
        raise ValueError(
            f"propensity must lie above 0 and not above 1, got {propensity[~is_probability][0]} "
            f"(inverse propensities are computed inside)."
        )
    return propensity
