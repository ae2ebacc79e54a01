"""Any metric of a ranking, by how often the labels occurred in training."""

import numpy as np
from sklearn.utils import Bunch

from .._checks import as_floats
from ._frequency import check_frequency
from ._topk import check_evaluation


def by_label_frequency(
    metric, y_true, y_score, k=5, *, frequency, boundaries=(1, 10, 100), **metric_params
):
    r"""Evaluate labels separately by how often they occurred in training.

    A metric over all labels says little of the rare ones, which are most of a large vocabulary. For
    each bucket of labels this gives the metric with the labels of that bucket alone as the true
    ones, over the rows that have one. Labels of other buckets keep their ranks.

    Parameters
    ----------
    metric : callable
        Called as ``metric(y_true, y_score, k, **metric_params)``, such as :func:`recall_at_k`.
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Label indicator: 1 where the label is true, else 0.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Scores, higher is better. A label was not retrieved if its score is ``-inf`` or, in a sparse
        matrix, if it is not stored; a stored 0 is a score like any other. Of equal scores, the
        lower column ranks first.
    k : int, default=5
        Number of labels looked at in each row.
    frequency : array-like of shape (n_labels,)
        How often each label occurred in training: ``Y_train.sum(axis=0)``, also in the shape
        (1, n_labels) that it has for a sparse matrix.
    boundaries : array-like of shape (n_buckets - 1,), default=(1, 10, 100)
        Where a bucket ends and the next one starts: the lowest frequencies of all buckets but the
        first, increasing and positive. The default makes buckets of labels never seen, seen up to 9
        times, up to 99 times, and more often.
    **metric_params : dict
        Further keyword arguments of `metric`, such as `propensity`.

    Returns
    -------
    Bunch
        Arrays with an entry for each bucket, the rarest labels first, which a data frame can be
        made of:

        low : ndarray of float64 of shape (n_buckets,)
            The lowest frequency of the bucket.
        high : ndarray of float64 of shape (n_buckets,)
            The frequency that it stays below; inf for the last one.
        n_labels : ndarray of int64 of shape (n_buckets,)
            Number of labels.
        n_samples : ndarray of int64 of shape (n_buckets,)
            Number of rows with a true label in the bucket.
        score : ndarray of float64 of shape (n_buckets,)
            The metric over these rows; nan where there are none.

    Raises
    ------
    ValueError
        If `frequency` does not hold a number of 0 or more for each label, `boundaries` are not
        increasing and positive, `y_true` holds values other than 0 and 1, `y_score` holds NaN, the
        shapes differ, or `k` is not an integer of at least 1.
    TypeError
        If `metric` is not callable.

    See Also
    --------
    psp_at_k : One number that weighs labels by their rarity.

    Notes
    -----
    With :math:`B` the labels of a bucket, :math:`Y_i` and :math:`S_i` the true labels and the
    scores of row i, the score is

    .. math:: \mathrm{metric}\left(\left\{(Y_i \cap B,\ S_i) : Y_i \cap B \ne \emptyset\right\}
       \right).

    For precision, ``score * n_samples`` divided by the number of all rows is what a bucket
    contributes to the precision over all labels: the contributions add up to it.

    Examples
    --------
    Labels 0 and 1 are common. They are found, the rare label 2 is not:

    >>> from sklearn_xmr.metrics import by_label_frequency, recall_at_k
    >>> y_true = [[1, 0, 1], [0, 1, 0], [1, 0, 0]]
    >>> y_score = [[0.9, 0.2, 0.1], [0.3, 0.8, 0.0], [0.7, 0.2, 0.4]]
    >>> buckets = by_label_frequency(
    ...     recall_at_k, y_true, y_score, k=1, frequency=[150, 20, 3], boundaries=[10]
    ... )
    >>> buckets.n_samples
    array([1, 3])
    >>> buckets.score
    array([0., 1.])
    """
    Y, top, k = check_evaluation(metric, y_true, y_score, k)
    frequency = check_frequency(frequency, Y.shape[1])
    boundaries = _check_boundaries(boundaries)

    bucket_of = np.searchsorted(boundaries, frequency, side="right")
    buckets = [
        _evaluate(metric, Y, top, k, bucket_of == bucket, metric_params)
        for bucket in range(len(boundaries) + 1)
    ]
    n_samples, scores = zip(*buckets, strict=True)
    return Bunch(
        low=np.concatenate(([0], boundaries)),
        high=np.concatenate((boundaries, [np.inf])),
        n_labels=np.bincount(bucket_of, minlength=len(buckets)),
        n_samples=np.array(n_samples),
        score=np.array(scores, dtype=np.float64),
    )


def _evaluate(metric, Y, S, k, in_bucket, metric_params):
    """Number of rows with a true label in the bucket, and the metric over them."""
    Y = Y.copy()
    Y.data *= in_bucket[Y.indices]
    Y.eliminate_zeros()
    rows = np.flatnonzero(np.diff(Y.indptr))
    return len(rows), metric(Y[rows], S[rows], k, **metric_params) if len(rows) else np.nan


def _check_boundaries(boundaries):
    boundaries = as_floats(boundaries, "boundaries")
    if boundaries.ndim != 1:
        raise ValueError(f"boundaries must be 1-D, got shape {boundaries.shape}.")
    if not (np.diff(boundaries, prepend=0) > 0).all() or not np.isfinite(boundaries).all():
        raise ValueError(f"boundaries must be positive, finite and increasing, got {boundaries}.")
    return boundaries
