"""A fitted model's rankings as scikit-learn's kinds of prediction."""

import numpy as np

from ._fitted_model import FittedModel
from ._fitted_state import fitted_model, rows_for, search_settings
from ._matching.candidates import PreparedCandidates
from ._predictions import (
    check_choice,
    check_probabilities,
    chosen,
    class_probabilities,
    floor_of_rows,
    label_probabilities,
    least_labels,
    predicted_labels,
    scores_of_labels,
    share_right,
)
from ._targets import to_dense


class LabelRankerMixin:
    """Ranks and predicts with a `FittedModel`, which :meth:`fit` leaves in ``_model``.

    The estimator has the parameters of `SearchSettings`. What it has learned are views of the
    model.
    """

    _model: FittedModel

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_model")

    @property
    def classes_(self):
        """The labels: values of a 1-D y, or column numbers."""
        return fitted_model(self).classes

    @property
    def trees_(self):
        """The trees of the ensemble, ``label_tree_`` and ``layers_`` of each."""
        return list(fitted_model(self).trees)

    @property
    def label_tree_(self):
        """The first tree."""
        return fitted_model(self).trees[0].label_tree

    @property
    def layers_(self):
        """The models of the first tree, layer by layer."""
        return fitted_model(self).trees[0].layers

    @property
    def n_iter_(self):
        """The most passes that a node of each layer took."""
        return fitted_model(self).n_iter

    @property
    def matcher_(self):
        """The fitted matcher of the first tree, None if there is none."""
        matching = fitted_model(self).trees[0].matching
        return None if matching is None else matching.matcher

    @property
    def ranker_(self):
        """The fitted ranker, None if there is none."""
        return fitted_model(self).ranker

    def rank(self, X, k=10, *, candidates=None, min_score=None, beam_width=None):
        """Rank the best labels of each row.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            The rows, any number of them. Quickest for CSR of float32 with sorted indices.
        k : int, default=10
            How many labels to return for each row. It does not widen the beam.
        candidates : array-like of shape (n_candidates,), array-like of bool of shape (n_labels,), \
array-like or sparse matrix of shape (n_samples, n_labels), or what \
:meth:`prepare_candidates` made, default=None
            The labels allowed: values of ``classes_``, each once; or, in the order of ``classes_``,
            one boolean mask for all rows, or a mask for each, nonzero where allowed. A boolean
            Series is read by its index, unless that is 0, 1, ..., a dict of booleans by its keys,
            and a DataFrame whose columns are the labels by these. The beam goes only to nodes that
            lead to one; the ranking is exact whenever the allowed nodes of each layer fit into the
            beam.
        min_score : float or None, default=None
            Labels that score less are left out, on the scale of `score_transform`.
        beam_width : int or None, default=None
            Nodes that this search keeps on each layer, instead of the parameter `beam_width`.

        Returns
        -------
        labels : ndarray of shape (n_samples, k)
            Values of ``classes_``, best first; among equal scores, which are compared before their
            exponential is taken, the first in ``classes_`` first. Where fewer than `k` labels are
            reached, a filler follows: -1 for whole numbers, nan for floats, "" for strings, None
            otherwise.
        scores : ndarray of float32 of shape (n_samples, k)
            Their scores as `score_transform` says, -inf for fillers, which only this tells apart.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If X does not fit the classifier, `k` or `beam_width` is not positive, `candidates` has
            another shape, or a name that is unknown or there twice, or `min_score` is no number.
        """
        rows, settings = rows_for(self, X, may_be_empty=True), search_settings(self, beam_width)
        return fitted_model(self).rank(
            rows, k, settings, candidates=candidates, min_score=min_score
        )

    def prepare_candidates(self, candidates):
        """Read candidates of many searches once.

        To read a mask takes longer than a search.

        Parameters
        ----------
        candidates : array-like of shape (n_candidates,) or array-like of bool of shape (n_labels,)
            The labels allowed, as :meth:`rank` takes them for all rows alike.

        Returns
        -------
        PreparedCandidates
            What :meth:`rank` takes as `candidates`, with the same result. Of another classifier, of
            one that was fitted again, or in another process, it is read again by each search.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If `candidates` has another shape, or a name that is unknown or there twice.

        Examples
        --------
        >>> from sklearn_xmr import XRLinearClassifier
        >>> X, y = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], ["red", "green", "blue"]
        >>> model = XRLinearClassifier(random_state=0).fit(X, y)
        >>> in_stock = model.prepare_candidates(["red", "blue"])
        >>> model.rank([[0.1, 1.0]], 2, candidates=in_stock)[0]
        array([['blue', 'red']], dtype='<U5')
        """
        return PreparedCandidates(candidates, fitted_model(self))

    def score_pairs(self, X, labels):
        """Score given labels of each row, without a search.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            The rows.
        labels : array-like of shape (n_samples, k) or (k,)
            Values of ``classes_`` for each row, or for all rows alike, in any order. The fillers of
            :meth:`rank` may be among them.

        Returns
        -------
        ndarray of float32 of shape (n_samples, k)
            The labels' scores as `score_transform` says: those of :meth:`rank` with a beam that
            loses nothing, in ensembles their mean over the trees. A ranker scores the given labels
            as one shortlist. -inf for fillers, and for labels below nodes that a matcher does not
            give even if asked for all.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If X does not fit the classifier, `labels` has another shape, or there is something in
            it that is not in ``classes_``.

        Examples
        --------
        >>> from sklearn_xmr import XRLinearClassifier
        >>> X, y = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], ["red", "green", "blue"]
        >>> model = XRLinearClassifier(random_state=0).fit(X, y)
        >>> labels, scores = model.rank(X, k=3)
        >>> bool((model.score_pairs(X, labels) == scores).all())
        True
        >>> model.score_pairs(X, ["red", "blue"]).shape
        (3, 2)
        """
        return fitted_model(self).score_pairs(rows_for(self, X), labels, search_settings(self))

    def decision_function(self, X):
        """Score labels.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples,) or ndarray or sparse matrix of shape (n_samples, n_labels)
            For two classes, how much the second one's score exceeds the first one's in the log
            domain. Otherwise the scores of :meth:`rank` for the `shortlist_size` best labels of
            each row: for a sparse y or label sets CSR that stores these alone, for other y a dense
            array. There, all others have the lowest score of their row less 1; or 0, if scores
            are exponentials.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If X does not fit the classifier.
        """
        model, rows, settings = fitted_model(self), rows_for(self, X), search_settings(self)
        form, n_labels = model.target_form, len(model.classes)
        if form.kind == "classes" and n_labels == 2:
            positions, paths = model.search(rows, 2, settings)
            both = to_dense(positions, paths, 2, floor_of_rows(positions, paths, False))
            return both[:, 1].astype(np.float64) - both[:, 0]
        positions, paths = model.search(rows, model.n_listed(settings), settings)
        scores = settings.scores(paths)
        floor = floor_of_rows(positions, scores, settings.is_exponential)
        return scores_of_labels(positions, scores, n_labels, form, floor)

    def predict_proba(self, X):
        """Estimate the probability of labels.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray or sparse matrix of float64 of shape (n_samples, n_labels)
            For classes, the softmax of the scores' logarithms over the `shortlist_size` best ones,
            0 for others. For an indicator, each label's own probability: the exponential of the
            score's logarithm, or with "noop" the sigmoid of the margin. A sparse y or label sets
            give CSR that stores the shortlist alone, zeros included; a dense one values between 0
            and 1, both excluded. A row for which a matcher or ranker leaves no label gets equal
            probabilities of all classes.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If X does not fit the classifier, or, for an indicator, if a matcher or ranker gives
            scores above 0 in the log domain, which are no logarithms of probabilities.
        """
        model, rows, settings = fitted_model(self), rows_for(self, X), search_settings(self)
        form, n_labels = model.target_form, len(model.classes)
        positions, paths = model.search(rows, model.n_listed(settings), settings)
        if form.kind == "classes":
            return class_probabilities(positions, paths, n_labels)
        check_probabilities(paths, settings.in_logs)
        probabilities = label_probabilities(paths, settings.in_logs)
        probabilities = scores_of_labels(positions, probabilities, n_labels, form, 0.0)
        if not form.is_dense:
            return probabilities
        smallest, largest = np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0)
        return np.clip(probabilities, smallest, largest, out=probabilities)

    def predict(self, X):
        """Predict the class, or all labels, of each row.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples,), ndarray or sparse matrix of shape (n_samples, n_labels), or \
list of list of str
            The best class, the first one where none was reached. For an indicator or label sets,
            the labels with a probability of at least `threshold`, and in any case the `min_labels`
            best, none of which are more than a search finds: an indicator in the container and
            dtype of y, or a list of names for each row, sorted.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If X does not fit the classifier, or `threshold` or `min_labels` is out of range.
        """
        model, rows, settings = fitted_model(self), rows_for(self, X), search_settings(self)
        form = model.target_form
        if form.kind == "classes":
            positions, _ = model.search(rows, 1, settings)
            return model.classes[np.maximum(positions[:, 0], 0)]
        check_choice(self.threshold, self.min_labels)
        n_least = least_labels(self.min_labels, form, len(model.classes))
        positions, paths = model.search(rows, max(model.n_listed(settings), n_least), settings)
        probabilities = label_probabilities(paths, settings.in_logs)
        positions = chosen(positions, probabilities, self.threshold, n_least)
        return predicted_labels(positions, model.classes, form)

    def score(self, X, y, sample_weight=None):
        """The share of rows that are predicted right: the class, or exactly the set of labels.

        To judge a ranking, take a metric of :mod:`sklearn_xmr.metrics` instead.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
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
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If X does not fit the classifier, or y is of another kind or length.
        """
        kind = fitted_model(self).target_form.kind
        return share_right(kind, y, self.predict(X), sample_weight)
