"""CalibratedRanker: probabilities and thresholds for rankings, learned out of fold."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.model_selection import KFold, check_cv
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from ._checks import MAX_INT32, check_count, check_min_score, check_splits, check_weights
from ._default_parts import DefaultParts
from ._fitted_state import search_settings
from ._held_out import Fitted, fitted_copy, rank_out_of_fold, steps_to_ranker, weights_of
from ._predictions import chosen, least_labels, predicted_labels, scores_of_labels, share_right
from ._ranking.calibration import METHODS, Calibration
from ._ranking.ranked_labels import margins_of
from ._ranking.thresholds import check_threshold, choose_threshold
from ._saving.versions import VersionedState
from ._sklearn import HasMethods, Interval, StrOptions, fit_context
from ._targets import as_rows, encode_targets, leave_out_below
from ._xr_linear import XRLinearClassifier


class CalibratedRanker(
    DefaultParts, VersionedState, MetaEstimatorMixin, ClassifierMixin, BaseEstimator
):
    """Probabilities and thresholds for the rankings of a classifier.

    What :class:`~sklearn.calibration.CalibratedClassifierCV` and
    :class:`~sklearn.model_selection.TunedThresholdClassifierCV` are for few classes, for rankings
    of many labels. The rows are cut into folds; the labels of each fold are ranked by a model of
    the others, and one map from a ranked label to the probability that it is right is fitted to
    all. A threshold can be chosen on them, too. Then the classifier is fitted to all rows. Labels
    keep the order that it gives them.

    Parameters
    ----------
    estimator : XRLinearClassifier, Pipeline, search or None, default=None
        What ranks: a classifier, or a pipeline or search that ends in one. It is copied. None is an
        `XRLinearClassifier` with its defaults.
    method : {"logistic", "isotonic"}, default="logistic"
        How log-odds become probabilities. Both weigh the label's margin, its share among those
        listed, its lead if it is the best, its rank, how many rows the label has and how many
        features the row has, alone and in pairs, and what the label has shown so far. "logistic"
        takes what comes of it as it is, "isotonic" by the growing function that fits best.
    threshold : float, "f1", ("precision", p) or ("recall", r), default=0.5
        For an indicator or label sets, :meth:`predict` gives the labels of at least this
        probability. Or how to choose it on the folds, over all pairs of a row and a label: for the
        best micro-F1, the lowest that has a precision of p, or the highest that has a recall of r.
        A number is read at prediction.
    min_labels : int or "auto", default=0
        How many of a row's best labels :meth:`predict` gives in any case; "auto" as
        `XRLinearClassifier` has it. Read at prediction.
    cv : int or cross-validation splitter, default=3
        The folds; of a number, rows are shuffled.
    n_jobs : int or None, default=None
        How many folds are fitted at the same time, each in a process. The estimator has an `n_jobs`
        of its own.
    random_state : int, RandomState instance or None, default=None
        Shuffles the rows, if `cv` is a number; and that of the default estimator.

    Attributes
    ----------
    estimator_ : estimator
        The copy, fitted to all rows.
    calibration_ : object
        The fitted map, of plain arrays.
    threshold_ : float
        The threshold that :meth:`predict` takes.
    classes_ : ndarray of shape (n_labels,)
        The labels, as the estimator has them.
    n_features_in_, feature_names_in_
        As the estimator has them, if it has.

    See Also
    --------
    XRLinearClassifier : The classifier.
    sklearn_xmr.metrics.calibration_error_at_k : How far probabilities are off.

    References
    ----------
    .. [1] J. Platt, "Probabilistic Outputs for Support Vector Machines and Comparisons to
       Regularized Likelihood Methods", 1999.
    .. [2] N. Ullah, E. Schultheis, J. Zhang and R. Babbar, "How Well Calibrated are Extreme
       Multi-label Classifiers? An Empirical Analysis", KDD 2025.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_xmr import CalibratedRanker, WordNgramTfidf, XRLinearClassifier, top_labels
    >>> titles = ["bird song", "bird migration", "river fish", "sea fish", "birds of the sea"] * 3
    >>> topics = [["birds"], ["birds"], ["fish"], ["fish"], ["birds", "sea"]] * 3
    >>> pipeline = make_pipeline(WordNgramTfidf(), XRLinearClassifier(random_state=0))
    >>> model = CalibratedRanker(pipeline, threshold="f1", random_state=0).fit(titles, topics)
    >>> model.predict(["a song of birds", "fish"])
    [['birds'], ['fish']]
    >>> [(label, round(score, 1)) for label, score in top_labels(model, "fish", k=1)]
    [('fish', 1.0)]
    """

    def __init__(
        self,
        estimator=None,
        *,
        method="logistic",
        threshold=0.5,
        min_labels=0,
        cv=3,
        n_jobs=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.method = method
        self.threshold = threshold
        self.min_labels = min_labels
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state

    _parameter_constraints = {  # noqa: RUF012 (scikit-learn's name and form)
        "estimator": [HasMethods(["fit"]), None],
        "method": [StrOptions(set(METHODS))],
        "threshold": [Interval(Real, 0, 1, closed="both"), str, tuple],
        "min_labels": [Interval(Integral, 0, None, closed="left"), StrOptions({"auto"})],
        "cv": [Interval(Integral, 2, None, closed="left"), HasMethods(["split"]), list],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def _default_parts(self):
        return {"estimator": lambda: XRLinearClassifier(random_state=self.random_state)}

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, *, sample_weight=None):
        """Fit the map to rankings out of fold, and the classifier to all rows.

        Parameters
        ----------
        X : array-like, sparse matrix or sequence of shape (n_samples, ...)
            Whatever the estimator takes.
        y : array-like, sparse matrix or label sets
            As :meth:`XRLinearClassifier.fit` takes it.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            How much each row counts: to the classifier, to the map and to a threshold that is
            chosen. None is 1.

        Returns
        -------
        CalibratedRanker
            The fitted ranker.

        Raises
        ------
        TypeError
            If the estimator is no `XRLinearClassifier` and ends in none.
        ValueError
            If a parameter is invalid, X and y differ in length, there are fewer rows than folds, or
            weights are negative, not finite, all zero, or of another number.

        Warns
        -----
        UserWarning
            If no threshold reaches what `threshold` asks for.
        """
        if y is None:
            raise ValueError("CalibratedRanker requires y to be passed, but the target y is None.")
        check_threshold(self.threshold)
        default = self._default_parts()["estimator"]()
        estimator = default if self.estimator is None else self.estimator
        steps_to_ranker(estimator)  # it must lead to one
        X, y = as_rows(X, y)
        Y, classes, form = encode_targets(y)
        splits = list(self._splitter(Y.shape[0]).split(X, y))
        sample_weight = None if sample_weight is None else check_weights(sample_weight, Y)
        held_out = rank_out_of_fold(estimator, X, y, Y, classes, splits, self.n_jobs, sample_weight)
        ranking, is_true, weights, n_true = held_out
        calibration = Calibration.fit(self.method, ranking, is_true, len(classes), weights)
        threshold = self.threshold
        if not isinstance(threshold, Real):
            probabilities = np.where(ranking.found, calibration.descending(ranking), -np.inf)
            goal = n_true, least_labels(self.min_labels, form, len(classes)), weights
            threshold = choose_threshold(threshold, probabilities, is_true, *goal)
        self.estimator_ = fitted_copy(estimator, X, y, sample_weight)
        self.calibration_, self._chosen_threshold = calibration, float(threshold)
        self._label_counts = weights_of(Y, sample_weight) @ Y
        return self

    @property
    def classes_(self):
        """The labels: values of a 1-D y, names, or column numbers."""
        return self._fitted().model.classes

    @property
    def threshold_(self):
        """The threshold that predictions take."""
        self._fitted()
        return float(self.threshold) if isinstance(self.threshold, Real) else self._chosen_threshold

    @property
    def n_features_in_(self):
        """The number of features, if the estimator has it."""
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self):
        """Their names, if the estimator has them."""
        return self.estimator_.feature_names_in_

    def rank(self, X, k=10, *, candidates=None, min_score=None, beam_width=None):
        """Rank the best labels of each row.

        Parameters
        ----------
        X : array-like, sparse matrix or sequence of shape (n_samples, ...)
            The rows.
        k : int, default=10
            How many labels to return for each row.
        candidates : array-like, sparse matrix or PreparedCandidates, default=None
            The labels allowed, as :meth:`XRLinearClassifier.rank` takes them. Ranks and shares are
            then those among them.
        min_score : float or None, default=None
            Labels that are less probable are left out.
        beam_width : int or None, default=None
            Nodes that this search keeps on each layer, instead of the classifier's.

        Returns
        -------
        labels : ndarray of shape (n_samples, k)
            Values of ``classes_`` in the order of the classifier's own scores, as
            :meth:`XRLinearClassifier.rank` returns them.
        scores : ndarray of float32 of shape (n_samples, k)
            Their probabilities, each lower than those before; -inf for fillers.

        Raises
        ------
        NotFittedError
            If it is not fitted.
        ValueError
            As :meth:`XRLinearClassifier.rank` raises it.
        """
        min_score, k = check_min_score(min_score), check_count(k, "k", most=MAX_INT32)
        options = {"candidates": candidates, "beam_width": beam_width}
        model, positions, probabilities = self._search(X, k, **options)
        positions, probabilities = positions[:, :k], probabilities[:, :k]
        leave_out_below(min_score, positions, probabilities)
        return model.classes_and_filler[positions], probabilities

    def score_pairs(self, X, labels):
        """Estimate the probabilities of given labels of each row.

        Parameters
        ----------
        X : array-like, sparse matrix or sequence of shape (n_samples, ...)
            The rows.
        labels : array-like of shape (n_samples, k) or (k,)
            Values of ``classes_`` for each row, or for all rows alike, in any order. The fillers of
            :meth:`rank` may be among them.

        Returns
        -------
        ndarray of float32 of shape (n_samples, k)
            Those of :meth:`rank` for labels that a search lists; others count as ranked behind
            these. -inf for fillers, and for labels that the classifier cannot score.

        Raises
        ------
        NotFittedError
            If it is not fitted.
        ValueError
            As :meth:`XRLinearClassifier.score_pairs` raises it.
        """
        fitted = self._fitted()
        rows, settings = fitted.rows(X), search_settings(fitted.classifier)
        asked = fitted.model.positions_of(labels, rows.shape[0])
        paths = fitted.model.pair_paths(rows, asked, settings)
        positions, ranking = fitted.ranking(rows, self._label_counts)
        listed = self.calibration_.descending(ranking)
        others = ranking.followed_by(
            margins_of(paths, settings.score_transform), asked, self._label_counts[asked]
        )
        lowest = np.min(listed, axis=1, where=positions >= 0, initial=1)
        scores = np.minimum(self.calibration_.predict(others), lowest[:, None])
        is_same = positions[:, None, :] == asked[:, :, None]
        place = is_same.argmax(axis=2)
        scores = np.where(is_same.any(axis=2), np.take_along_axis(listed, place, axis=1), scores)
        return np.where(paths > -np.inf, scores, -np.inf).astype(np.float32)

    def predict_proba(self, X):
        """Estimate the probability of labels.

        Parameters
        ----------
        X : array-like, sparse matrix or sequence of shape (n_samples, ...)
            The rows.

        Returns
        -------
        ndarray or sparse matrix of float64 of shape (n_samples, n_labels)
            The probabilities of the labels listed, 0 for others, in the container of
            :meth:`XRLinearClassifier.predict_proba`. For classes, those of a row are scaled to a
            sum of 1.

        Raises
        ------
        NotFittedError
            If it is not fitted.
        ValueError
            If X does not fit the estimator.
        """
        model, positions, probabilities = self._search(X)
        form, n_labels = model.target_form, len(model.classes)
        probabilities = probabilities.astype(np.float64)
        if form.kind != "classes":
            return scores_of_labels(positions, probabilities, n_labels, form, 0.0)
        probabilities[positions < 0] = 0
        totals = probabilities.sum(axis=1, keepdims=True)
        probabilities /= np.where(totals > 0, totals, 1)
        return scores_of_labels(positions, probabilities, n_labels, form, (totals == 0) / n_labels)

    def predict(self, X):
        """Predict the class, or all labels, of each row.

        Parameters
        ----------
        X : array-like, sparse matrix or sequence of shape (n_samples, ...)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples,), ndarray or sparse matrix of shape (n_samples, n_labels), or \
list of list of str
            The best class; or the labels of at least ``threshold_`` and the `min_labels` best, as
            :meth:`XRLinearClassifier.predict` returns them.

        Raises
        ------
        NotFittedError
            If it is not fitted.
        ValueError
            If X does not fit the estimator.
        """
        model = self._fitted().model
        n_least = least_labels(self.min_labels, model.target_form, len(model.classes))
        _, positions, probabilities = self._search(X, max(n_least, 1))
        if model.target_form.kind == "classes":
            return model.classes[np.maximum(positions[:, 0], 0)]
        positions = chosen(positions, probabilities, self.threshold_, n_least)
        return predicted_labels(positions, model.classes, model.target_form)

    def score(self, X, y, sample_weight=None):
        """The share of rows that are predicted right: the class, or exactly the set of labels.

        Parameters
        ----------
        X : array-like, sparse matrix or sequence of shape (n_samples, ...)
            The rows.
        y : array-like, sparse matrix or label sets
            What is right for them, as :meth:`fit` takes it.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            How much each row counts.

        Returns
        -------
        float
            Between 0 and 1.

        Raises
        ------
        ValueError
            If X does not fit the estimator, or y is of another kind or length.
        """
        return share_right(self._fitted().model.target_form.kind, y, self.predict(X), sample_weight)

    def _splitter(self, n_rows):
        if not isinstance(self.cv, Integral):
            return check_cv(check_splits(self.cv))
        if n_rows < self.cv:
            raise ValueError(f"cv must be at most n_samples = {n_rows}, got {self.cv}.")
        return KFold(self.cv, shuffle=True, random_state=self.random_state)

    def _fitted(self):
        if not hasattr(self, "estimator_"):
            check_is_fitted(self)  # it raises, and takes longer than a search
        return Fitted.of(self.estimator_)

    def _search(self, X, k=1, **options):
        # The model, positions and probabilities of at least k labels, and of all that are listed.
        fitted = self._fitted()
        positions, ranking = fitted.ranking(fitted.rows(X), self._label_counts, k=k, **options)
        probabilities = self.calibration_.descending(ranking)
        probabilities[positions < 0] = -np.inf
        return fitted.model, positions, probabilities

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = XRLinearClassifier() if self.estimator is None else self.estimator
        tags.input_tags = get_tags(inner).input_tags
        tags.classifier_tags.multi_label = True
        return tags
