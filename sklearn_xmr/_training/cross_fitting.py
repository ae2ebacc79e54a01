"""A ranker that learns from shortlists of trees that saw neither its rows nor all labels'."""

from inspect import signature

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from .._checks import check_count
from .._fitted_model import FittedModel
from .._ranking.out_of_fold import out_of_fold_shortlists
from .._ranking.ranker_inputs import checked_examples, match_features
from .._ranking.text_match_ranker import TextMatchRanker
from .._user_objects import own_copy


def check_cross_fitting(ranker, data):
    """Refuse a ranker that could not learn from shortlists, before the work of making them.

    Parameters
    ----------
    ranker : object
    data : TrainingData

    Raises
    ------
    TypeError, ValueError
        If its `cv` is no number of parts, or a `TextMatchRanker` has no label vectors to compare
        the rows with.
    """
    check_count(_n_parts(ranker), "cv", least=2)
    if isinstance(ranker, TextMatchRanker):
        ranker = _with_vectors(clone(ranker), data)
        features = match_features(ranker.label_vectors, ranker.views)
        checked_examples(data.X, data.Y, features)


def cross_fitted_ranker(ranker, data, fit, settings, random_state):
    """Fit a copy of a ranker to shortlists out of fold.

    Parameters
    ----------
    ranker : object
        With `fit_shortlists`; its `cv` says in how many parts rows are cut, 3 where it has none. If
        its `label_vectors` are None, the copy gets the labels' prior vectors.
    data : TrainingData
    fit : callable
        ``fit(data)`` returns trees.
    settings : SearchSettings
        Those that shortlists will be made with.
    random_state : int, RandomState or None

    Returns
    -------
    object
        The fitted copy.
    """
    rng = check_random_state(random_state)
    ranker = _with_vectors(own_copy(ranker, rng.randint(2**31)), data)

    def fit_and_search(rows, Y, held_out):
        shape = {"n_features": data.X.shape[1], "n_iter": None}
        trees = fit(_with_labels(data, rows, Y))
        model = FittedModel.of(trees, np.arange(Y.shape[1]), None, **shape)
        return model.search(data.X[held_out], model.n_listed(settings), settings)

    found = out_of_fold_shortlists(
        fit_and_search,
        data.Y,
        cv=_n_parts(ranker),
        groups=_equal_rows(data.X),
        random_state=rng,
    )
    # Beside the arguments that every ranker takes.
    takes_counts = "label_counts" in signature(ranker.fit_shortlists).parameters
    counts = {"label_counts": found.label_counts} if takes_counts else {}
    ranker.fit_shortlists(data.X, found.labels, found.scores, data.Y, **counts)
    return ranker


def _n_parts(ranker):
    return getattr(ranker, "cv", 3)


def _with_vectors(ranker, data):
    if data.prior is not None and getattr(ranker, "label_vectors", ranker) is None:
        ranker.set_params(label_vectors=data.prior.vectors)
    return ranker


def _with_labels(data, rows, Y):
    # Some of the rows, with what is left of their labels.
    relevance = data.relevance
    return data._replace(
        X=data.X[rows],
        Y=Y,
        sample_weight=None if data.sample_weight is None else data.sample_weight[rows],
        relevance=None if relevance is None else relevance[rows].multiply(Y).tocsr(),
        negatives=data.negatives.rows(rows),
    )


def _equal_rows(X):
    # A number for each row, the same for equal rows.
    number_of = {}
    bounds = zip(X.indptr[:-1], X.indptr[1:], strict=True)
    rows = (X.indices[a:b].tobytes() + X.data[a:b].tobytes() for a, b in bounds)
    return np.array([number_of.setdefault(row, len(number_of)) for row in rows])
