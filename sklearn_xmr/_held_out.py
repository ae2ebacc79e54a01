"""Rankings of rows that a classifier was not fitted to, as a calibration is fitted to them."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.parallel import Parallel, delayed

from ._fitted_state import fitted_model, rows_for, search_settings
from ._label_ranker import LabelRankerMixin
from ._pipelines import transform, unwrapped
from ._ranking.ranked_labels import RankedLabels, margins_of, widened
from ._sklearn import routes_metadata, take_rows
from ._threads import workers_for


class HeldOut(NamedTuple):
    """The rankings of some rows.

    Attributes
    ----------
    ranking : RankedLabels
    is_true : ndarray of bool of shape (n_rows, n_listed)
    weights : ndarray of float64 of shape (n_rows,)
        Of the rows, above 0.
    n_true : float
        The weight of the right labels that the rows have, listed or not.
    """

    ranking: RankedLabels
    is_true: np.ndarray
    weights: np.ndarray
    n_true: float


class Fitted(NamedTuple):
    """What is inside a fitted estimator that ranks.

    Attributes
    ----------
    steps : list of transformers
    classifier : XRLinearClassifier
    model : FittedModel
    """

    steps: list
    classifier: LabelRankerMixin
    model: object

    @classmethod
    def of(cls, estimator):
        """What is inside this one."""
        steps, classifier = unwrapped(estimator)
        return cls(steps, classifier, fitted_model(classifier))

    def rows(self, X):
        """X as the model takes it."""
        return rows_for(self.classifier, transform(self.steps, X), may_be_empty=True)

    def ranking(self, rows, label_counts, *, k=1, candidates=None, beam_width=None):
        """Rank at least `k` labels of each row, and no fewer than the classifier lists.

        Returns
        -------
        positions : ndarray of int32 of shape (n_rows, n_found)
        ranking : RankedLabels
        """
        settings = search_settings(self.classifier, beam_width)
        n_listed = self.model.n_listed(settings)
        restrictions = self.model.restrictions(candidates, rows.shape[0])
        size = max(k, n_listed)
        if rows.shape[0] == 0:
            positions, paths = np.empty((0, size), np.int32), np.empty((0, size), np.float32)
        else:
            positions, paths = self.model.search(rows, size, settings, restrictions)
        margins = margins_of(paths, settings.score_transform)
        counts, sizes = label_counts[positions], np.diff(rows.indptr)
        return positions, RankedLabels.of(margins, positions, counts, sizes, n_listed)


def steps_to_ranker(estimator):
    """The names of the steps that lead through pipelines to what ranks, of an unfitted estimator.

    Raises
    ------
    TypeError
        If it is no `XRLinearClassifier`, and does not end in one.
    """
    names = []
    while not isinstance(estimator, LabelRankerMixin):
        if isinstance(estimator, Pipeline):
            name, estimator = estimator.steps[-1]
            names.append(name)
        elif hasattr(estimator, "estimator") and hasattr(estimator, "refit"):
            estimator = estimator.estimator
        else:
            raise TypeError(
                "estimator must be an XRLinearClassifier, or a Pipeline or search that ends in "
                f"one, got {type(estimator).__name__}."
            )
    return names


def fitted_copy(estimator, X, y, sample_weight=None):
    """A clone, fitted to rows with weights: they go to what ranks in a pipeline or search."""
    if sample_weight is None:
        return clone(estimator).fit(X, y)
    path = [] if routes_metadata() else steps_to_ranker(estimator)
    name = "__".join([*path, "sample_weight"])
    return clone(estimator).fit(X, y, **{name: sample_weight})


def weights_of(Y, sample_weight):
    """The weight of each row of Y, 1 by default."""
    return np.ones(Y.shape[0]) if sample_weight is None else sample_weight


def rank_out_of_fold(estimator, X, y, Y, classes, splits, n_jobs, sample_weight=None):
    """Rank the labels of rows by an estimator that was fitted to others.

    Parameters
    ----------
    estimator : estimator
        Cloned for each split.
    X, y
        As it takes them.
    Y : csr_array of shape (n_rows, n_labels)
        The indicator of y.
    classes : ndarray of shape (n_labels,)
        The labels of all rows.
    splits : list of (ndarray of int, ndarray of int)
        Numbers of the rows to fit to, and of those to rank.
    n_jobs : int or None
        As joblib's active backend takes it.
    sample_weight : ndarray of float64 of shape (n_rows,) or None
        Rows of weight 0 are not ranked.

    Returns
    -------
    HeldOut
    """
    folds = Parallel(n_jobs=workers_for(len(splits), n_jobs))(
        delayed(_rank_held_out)(estimator, X, y, Y, classes, train, test, sample_weight)
        for train, test in splits
    )
    width = max(fold.is_true.shape[1] for fold in folds)
    rankings = [fold.ranking.widened(width) for fold in folds]
    is_true = [widened(fold.is_true, width) for fold in folds]
    weights = np.concatenate([fold.weights for fold in folds])
    n_true = sum(fold.n_true for fold in folds)
    return HeldOut(RankedLabels.joined(rankings), np.concatenate(is_true), weights, n_true)


def _rank_held_out(estimator, X, y, Y, classes, train, test, sample_weight):
    weights = weights_of(Y, sample_weight)
    of_train = None if sample_weight is None else weights[train]
    test = test[weights[test] > 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what there is to warn of, the fit to all rows will
        rows = take_rows(X, train), take_rows(y, train)
        fitted = Fitted.of(fitted_copy(estimator, *rows, of_train))
    # Some classes may have no row among those fitted to.
    column_of = np.searchsorted(classes, fitted.model.classes)
    # As many as there would be among all rows, as the map is used.
    scale = weights.sum() / weights[train].sum()
    label_counts = scale * (weights[train] @ Y[train])[column_of]
    positions, ranking = fitted.ranking(fitted.rows(take_rows(X, test)), label_counts)
    ranking = ranking._replace(labels=column_of[positions])
    rows, ranks = np.nonzero(positions >= 0)
    is_true = np.zeros(positions.shape, dtype=bool)
    columns = column_of[positions[rows, ranks]]
    is_true[rows, ranks] = np.asarray(Y[test[rows], columns]).ravel() > 0
    n_true = float(weights[test] @ np.diff(Y.indptr)[test])
    return HeldOut(ranking, is_true, weights[test], n_true)
