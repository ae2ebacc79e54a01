"""Scorers: a metric of the top of a ranking as scikit-learn's model selection calls it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature

import numpy as np
from scipy.sparse import csr_array, issparse
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import column_or_1d

from .._label_sets import are_label_sets
from .._rank import rank
from .._user_warnings import warn_user
from ._completion import bleu_reciprocal_rank, mean_reciprocal_rank
from ._propensity import psndcg_at_k, psp_at_k
from ._ranking import ndcg_at_k, precision_at_k, recall_at_k
from ._topk import check_k, check_scores, retrieved


def make_topk_scorer(metric, k=5, **metric_params):
    """Make a scorer for scikit-learn's model selection from a metric of this module.

    For a metric of scores, the scorer ranks the labels by the estimator's `predict_proba` or, where
    there is none, its `decision_function` or its `rank`; sparse scores stay sparse. It takes `y` as
    the estimator does:

    - a label indicator, dense or sparse, with the columns of the training data;
    - label sets, lists or sets of names in each row: they are compared with the labels that
      :func:`sklearn_xmr.rank` returns;
    - 1-D, numbers or strings: one true class per row, found in ``estimator.classes_``. A class that
      training never saw is a true label that is never retrieved. A `propensity` is then a dict of
      all classes, as which of them training sees may vary from split to split.

    For a metric of ranked texts, it calls :func:`sklearn_xmr.rank`, and `y` holds a text per row.

    Parameters
    ----------
    metric : callable or str
        The name of a metric of this module, "precision_at_k" or "precision", say; or a function,
        called as ``metric(y_true, y_score, k, **metric_params)``, such as :func:`recall_at_k`; or,
        if it has a parameter named `ranked`, as ``metric(y_true, ranked, k, **metric_params)``,
        such as :func:`mean_reciprocal_rank`.
    k : int, default=5
        Number of labels looked at in each row.
    **metric_params : dict
        Further keyword arguments of `metric`, such as `propensity`.

    Returns
    -------
    callable
        ``scorer(estimator, X, y) -> float``, higher is better, for the `scoring` of
        :class:`~sklearn.model_selection.GridSearchCV` and its like.

    Raises
    ------
    ValueError
        If `k` is not an integer of at least 1, or `metric` is no name of a metric.
    TypeError
        If `metric` is neither callable nor a name.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn_xmr.metrics import make_topk_scorer
    >>> X, y = load_iris(return_X_y=True)
    >>> search = GridSearchCV(
    ...     LogisticRegression(max_iter=1000),
    ...     {"C": [0.1, 1]},
    ...     scoring=make_topk_scorer("recall", k=2),
    ... )
    >>> search.fit(X, y).best_score_
    np.float64(1.0)
    """
    if isinstance(metric, str):
        metric = _metric_of(metric)
    if not callable(metric):
        raise TypeError(f"metric must be callable or a name, got {metric!r}.")
    return _TopKScorer(metric, check_k(k), metric_params)


_METRICS = {
    function.__name__: function
    for function in (
        bleu_reciprocal_rank,
        mean_reciprocal_rank,
        ndcg_at_k,
        precision_at_k,
        psndcg_at_k,
        psp_at_k,
        recall_at_k,
    )
}


def _metric_of(name):
    for candidate in (name, f"{name}_at_k"):
        if candidate in _METRICS:
            return _METRICS[candidate]
    raise ValueError(f"metric must be callable or one of {sorted(_METRICS)}, got {name!r}.")


@dataclass(frozen=True, eq=False)
class _TopKScorer:
    """What `make_topk_scorer` returns: a class, so that it can be pickled."""

    metric: Callable
    k: int
    metric_params: dict

    def __call__(self, estimator, X, y):
        if _takes_ranked(self.metric) or are_label_sets(y):
            ranked, _ = rank(estimator, X, self.k)
            return self.metric(y, ranked, self.k, **self.metric_params)
        is_indicator = issparse(y) or (np.ndim(y) == 2 and np.shape(y)[1] > 1)
        y_score = _response(estimator, X, self.k)
        if is_indicator:
            y_true = y
        else:
            if np.ndim(y_score) == 1:  # two classes: the score of the second
                y_score = np.column_stack((-y_score, y_score))
            y_true, y_score, classes = _align_classes(y, y_score, estimator.classes_, self.k)
            if "propensity" in self.metric_params:
                aligned = _propensity_of(classes, self.metric_params["propensity"])
                params = {**self.metric_params, "propensity": aligned}
                return self.metric(y_true, y_score, self.k, **params)
        return self.metric(y_true, y_score, self.k, **self.metric_params)


def _takes_ranked(metric):
    try:
        return "ranked" in signature(metric).parameters
    except ValueError:  # a builtin that tells nothing of its parameters
        return False


def _response(estimator, X, k):
    for method in ("predict_proba", "decision_function"):
        if hasattr(estimator, method):
            response = getattr(estimator, method)(X)
            if isinstance(response, list):
                raise ValueError(
                    f"{method} of {estimator!r} must return one array with a column per label, "
                    f"got a list of {len(response)} arrays. OneVsRestClassifier returns one array."
                )
            return response
    if hasattr(estimator, "rank") and hasattr(estimator, "classes_"):
        return _ranked_scores(*rank(estimator, X, k), estimator.classes_)
    raise TypeError(
        "The estimator must have predict_proba or decision_function, or rank and classes_, got "
        f"{estimator!r}."
    )


def _ranked_scores(labels, scores, classes):
    """CSR over `classes` that stores the scores of the labels that were found."""
    column_of = {label: column for column, label in enumerate(np.asarray(classes).tolist())}
    rows, ranks = np.nonzero(scores > -np.inf)
    columns = np.array([column_of[label] for label in labels[rows, ranks].tolist()], dtype=np.int64)
    shape = len(scores), len(classes)
    return csr_array((scores[rows, ranks], (rows, columns)), shape=shape)


def _align_classes(y, y_score, classes, k):
    """Indicator of 1-D `y` over `classes`, the scores to go with it, and the class of each column.

    Classes of `y` that are not in `classes` have further columns, which nothing retrieves.
    """
    check_consistent_length(y, y_score)
    y, classes = column_or_1d(y).tolist(), np.asarray(classes).tolist()
    if isinstance(y[0], str) != isinstance(classes[0], str):
        raise ValueError(
            f"y and the classes seen in training must be both strings or both not, got {y[0]!r} "
            f"in y and {classes[0]!r} in training."
        )
    n_samples = len(y)
    seen = set(classes)
    unseen = [value for value in dict.fromkeys(y) if value not in seen]
    if len(unseen) == len(set(y)):
        warn_user(
            f"None of the {n_samples} rows has a class that training saw, so that nothing can be "
            "found. Where classes have a single row, no split makes sense, unless the model knows "
            "them otherwise: see label_prior and ProductRetriever.",
            once_per_search=True,
        )
    if unseen:
        y_score = retrieved(check_scores(y_score), k)
        y_score.resize(n_samples, len(classes) + len(unseen))
        classes = classes + unseen
    column_of = {value: column for column, value in enumerate(classes)}
    columns = np.array([column_of[value] for value in y])
    y_true = csr_array(
        (np.ones(n_samples), columns, np.arange(n_samples + 1)), shape=(n_samples, len(classes))
    )
    return y_true, y_score, classes


def _propensity_of(classes, propensity):
    if not isinstance(propensity, Mapping):
        raise TypeError(
            "propensity must be a dict {class: propensity} where y is 1-D, got "
            f"{type(propensity).__name__}."
        )
    missing = [value for value in classes if value not in propensity]
    if missing:
        raise ValueError(
            f"propensity must have an entry for every class; it has none for {missing[0]!r}."
        )
    return np.array([propensity[value] for value in classes], dtype=float)
