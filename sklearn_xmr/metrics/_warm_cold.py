"""Any metric of a ranking, separately for rows whose labels training has seen, and for others."""

import numpy as np
from sklearn.utils import Bunch

from ._frequency import check_frequency, frequency_of_labels
from ._ranked_labels import as_indicator_and_scores
from ._topk import check_evaluation


def warm_and_cold(metric, y_true, y_score, k=5, *, frequency, **metric_params):
    """Evaluate rows separately by whether training has seen any of their labels.

    In a shop most products have no clicks. A system that learns from clicks alone does well on the
    others only, and one figure over all rows hides it.

    Parameters
    ----------
    metric : callable
        Called as ``metric(y_true, y_score, k, **metric_params)``, such as :func:`recall_at_k`.
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels), or sequence of label sets
        Label indicator: 1 where the label is true, else 0. Or the labels of each row, with ranked
        labels as `y_score`: lists or sets; or one label for each row.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels), or array of labels
        Scores, as `metric` takes them. Or, with label sets, labels of shape (n_samples, any
        number), best first, as ``ProductRetriever.rank`` returns them; `metric` is then given an
        indicator and scores.
    k : int, default=5
        Number of labels looked at in each row.
    frequency : array-like of shape (n_labels,) or dict
        In how many training rows each label occurred: ``Y_train.sum(axis=0)``. With label sets, a
        dict {label: rows} or a pandas Series indexed by labels; others have none.
    **metric_params : dict
        Further keyword arguments of `metric`.

    Returns
    -------
    Bunch
        For all rows (`all`), those with a label that has a training row (`warm`) and those with
        labels, none of which has one (`cold`), a Bunch of

        n_samples : int
            Number of rows.
        score : float
            The metric over these rows; nan where there are none.

    Raises
    ------
    ValueError
        If `frequency` does not hold a number of 0 or more for each label, `y_true` holds neither
        label sets nor an indicator, `y_score` holds NaN, or the shapes differ.
    TypeError
        If `metric` is not callable, or `frequency` has no names of labels beside label sets.

    See Also
    --------
    by_label_frequency : Evaluates labels separately, not rows.
    paired_bootstrap : Tells whether one ranking is better than another.

    Examples
    --------
    The second row's label has no training row, and it is not found:

    >>> from sklearn_xmr.metrics import recall_at_k, warm_and_cold
    >>> y_true, y_score = [[1, 0, 0], [0, 1, 0]], [[0.9, 0.1, 0.0], [0.5, 0.1, 0.4]]
    >>> found = warm_and_cold(recall_at_k, y_true, y_score, k=1, frequency=[7, 0, 2])
    >>> found.all.score, found.warm.score, found.cold.score
    (0.5, 1.0, 0.0)

    The same, of labels by name:

    >>> y_true, ranked = ["hose", "reel"], [["hose", "can"], ["hose", "can"]]
    >>> found = warm_and_cold(recall_at_k, y_true, ranked, k=1, frequency={"hose": 7, "can": 2})
    >>> found.all.score, found.warm.score, found.cold.score
    (0.5, 1.0, 0.0)
    """
    y_true, y_score, labels = as_indicator_and_scores(y_true, y_score)
    Y, top, k = check_evaluation(metric, y_true, y_score, k)
    known = check_frequency(frequency_of_labels(frequency, labels), Y.shape[1]) > 0
    has_known = Y @ known.astype(np.float64) > 0
    has_labels = np.diff(Y.indptr) > 0
    rows_of = {
        "all": np.ones(Y.shape[0], dtype=bool),
        "warm": has_known,
        "cold": has_labels & ~has_known,
    }
    return Bunch(
        **{
            name: Bunch(
                n_samples=int(rows.sum()),
                score=float(metric(Y[rows], top[rows], k, **metric_params))
                if rows.any()
                else float("nan"),
            )
            for name, rows in rows_of.items()
        }
    )
