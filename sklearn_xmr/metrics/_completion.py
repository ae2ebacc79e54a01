"""Metrics of query completion: how far up the list stands the query that was meant?"""

from collections import Counter
from math import exp, log
from numbers import Real

import numpy as np
from scipy.special import digamma

from .._checks import as_list
from ._topk import check_k

MAX_ORDER = 4  # of the n-grams that BLEU counts
EPSILON = 0.1  # what smoothing method 1 takes for "no n-gram of this order in common"


def mean_reciprocal_rank(y_true, ranked, k=10, *, average="mean"):
    """Mean of 1 / rank of the true text among the first k suggestions.

    The first suggestion has rank 1. A row without the true text among its first `k` suggestions
    counts 0.

    Parameters
    ----------
    y_true : array-like of str of shape (n_samples,)
        The query that was meant, for each row.
    ranked : sequence of n_samples sequences
        The suggestions of each row, best first: texts, ``(text, score)`` pairs as `complete`
        returns them, or the labels that `rank` returns. ``""`` stands for no suggestion. Rows may
        differ in length.
    k : int, default=10
        Number of suggestions looked at in each row.
    average : {"mean", None}, default="mean"
        None gives the value of each row, to be grouped by prefix length, say.

    Returns
    -------
    float or ndarray of float64 of shape (n_samples,)
        Between 0 and 1.

    Raises
    ------
    ValueError
        If `k` is not an integer of at least 1, there are no rows, or `y_true` and `ranked` differ
        in length.
    TypeError
        If what should be a text or a list of texts is something else.

    See Also
    --------
    bleu_reciprocal_rank : Gives credit to suggestions that are close.

    Examples
    --------
    >>> from sklearn_xmr.metrics import mean_reciprocal_rank
    >>> y_true = ["data mining", "databases"]
    >>> ranked = [["databases", "data mining"], ["databases", "data transfer"]]
    >>> mean_reciprocal_rank(y_true, ranked)
    0.75
    >>> mean_reciprocal_rank(y_true, ranked, average=None)
    array([0.5, 1. ])
    """
    rows = _check_rows(y_true, ranked, check_k(k))
    return averaged([_reciprocal_rank(truth, texts) for truth, texts in rows], average)


def bleu_reciprocal_rank(y_true, ranked, k=10, *, average="mean"):
    r"""Mean BLEU of the first k suggestions, each weighted by 1 / rank.

    For a true text q and suggestions :math:`q_1, q_2, \ldots` a row counts

    .. math::

        \sum_{i=1}^{k} \frac{\mathrm{BLEU}(q, q_i)}{i} \; / \; \sum_{i=1}^{k} \frac{1}{i},

    a missing suggestion 0: the divisor is the same for every row. BLEU is that of one sentence with
    n-grams of up to 4 words, smoothed by method 1 of [3]_ as NLTK has it; words are what white
    space separates.

    Parameters
    ----------
    y_true : array-like of str of shape (n_samples,)
        The query that was meant, for each row.
    ranked : sequence of n_samples sequences
        The suggestions of each row, best first: texts, ``(text, score)`` pairs as `complete`
        returns them, or the labels that `rank` returns. ``""`` stands for no suggestion. Rows may
        differ in length.
    k : int, default=10
        Number of suggestions looked at in each row.
    average : {"mean", None}, default="mean"
        None gives the value of each row, to be grouped by prefix length, say.

    Returns
    -------
    float or ndarray of float64 of shape (n_samples,)
        Between 0 and 1.

    Raises
    ------
    ValueError
        If `k` is not an integer of at least 1, there are no rows, or `y_true` and `ranked` differ
        in length.
    TypeError
        If what should be a text or a list of texts is something else.

    See Also
    --------
    mean_reciprocal_rank : Gives credit to the true text alone.

    Notes
    -----
    BLEU [1]_ is :math:`\min(1, e^{1 - r/c}) (p_1 p_2 p_3 p_4)^{1/4}`, with r words in the true text
    and c in the suggestion, and :math:`p_n` the share of the suggestion's n-grams that the true
    text has, too, each as often at most as there. Where it has none of them, smoothing puts 0.1 for
    their number, and 1 for the number of n-grams in a suggestion shorter than n words. A suggestion
    without any word of the true text scores 0. So a text of fewer than four words does not reach 1
    against itself: one, two and three words score 0.178, 0.316 and 0.562. The measure is that of
    [2]_; compare systems by it on the same rows only.

    References
    ----------
    .. [1] K. Papineni, S. Roukos, T. Ward and W.-J. Zhu, "BLEU: a Method for Automatic Evaluation
       of Machine Translation", ACL 2002.
    .. [2] N. Yadav, R. Sen, D. N. Hill, A. Mazumdar and I. S. Dhillon, "Session-Aware Query
       Auto-completion using Extreme Multi-label Ranking", KDD 2021.
    .. [3] B. Chen and C. Cherry, "A Systematic Comparison of Smoothing Techniques for
       Sentence-Level BLEU", WMT 2014.

    Examples
    --------
    >>> from sklearn_xmr.metrics import bleu_reciprocal_rank
    >>> ranked = [["history of the middle ages", "history of the book"]]
    >>> round(bleu_reciprocal_rank(["history of the book"], ranked, k=2), 3)
    0.511
    """
    k = check_k(k)
    values = []
    for truth, texts in _check_rows(y_true, ranked, k):
        reference = _ngram_counts(truth)
        values.append(
            sum(_bleu(reference, _ngram_counts(text)) / i for i, text in enumerate(texts, 1))
        )
    # The sum of 1 / i, for any k at once.
    harmonic_number = digamma(min(k, 10**300) + 1.0) + np.euler_gamma
    return averaged(np.array(values) / harmonic_number, average)


def _reciprocal_rank(truth, texts):
    return 1 / (texts.index(truth) + 1) if truth and truth in texts else 0.0


def _ngram_counts(text):
    """Counts of the text's words, pairs of words and so on."""
    words = text.split()
    return [
        Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
        for n in range(1, MAX_ORDER + 1)
    ]


def _bleu(reference, hypothesis):
    """BLEU of a hypothesis against one reference, from the n-gram counts of both."""
    n_words, n_words_reference = hypothesis[0].total(), reference[0].total()
    log_precisions = 0.0
    for order, (found, wanted) in enumerate(zip(hypothesis, reference, strict=True), 1):
        n_common = sum(min(count, wanted[ngram]) for ngram, count in found.items())
        if order == 1 and n_common == 0:
            return 0.0
        log_precisions += log((n_common or EPSILON) / max(1, n_words - order + 1))
    return exp(min(0.0, 1 - n_words_reference / n_words) + log_precisions / MAX_ORDER)


def averaged(values, average):
    """Return the mean of the rows' values, or with None the values."""
    if average not in ("mean", None):
        raise ValueError(f"average must be 'mean' or None, got {average!r}.")
    return np.asarray(values) if average is None else float(np.mean(values))


def _check_rows(y_true, ranked, k):
    """Pairs of the true text and the list of the first k suggested, one pair for each row."""
    truths, rows = as_list(y_true, "y_true", "texts"), as_list(ranked, "ranked", "lists of texts")
    if len(truths) != len(rows) or not rows:
        raise ValueError(
            f"y_true and ranked must have the same number of rows, at least 1, got {len(truths)} "
            f"and {len(rows)}."
        )
    for i, truth in enumerate(truths):
        if not isinstance(truth, str):
            raise TypeError(f"y_true must hold texts, got {truth!r} in row {i}.")
    suggested = [_check_suggestions(row, i)[:k] for i, row in enumerate(rows)]
    return list(zip(truths, suggested, strict=True))


def _check_suggestions(row, i):
    texts = [
        item[0]
        if isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], Real)
        else item
        for item in as_list(row, f"ranked[{i}]", "texts")
    ]
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(
                f"ranked must hold texts or (text, score) pairs, got {text!r} in row {i}."
            )
    return texts
