"""`TextMatchRanker`: scores the labels of a shortlist by how their text matches the query."""

import numpy as np
from scipy.special import logit
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError

from .._growing import are_many
from .._kernels.match_scores import odds_of_others, weighted_sums
from .._saving.stored_arrays import copied
from .._saving.versions import VersionedState
from .default_coef import default_coef, default_model
from .match_features import Pairs, common_terms
from .pair_logistic import fit_pair_logistic
from .ranker_inputs import (
    are_stored,
    check_estimator,
    checked_examples,
    checked_rows,
    checked_shortlists,
    match_features,
)
from .recalibration import recalibrated
from .unseen_labels import expected_cold_share, pairs_to_learn_from

# With fewer queries, weights are the more drawn to default ones: what they say of thirty weights is
# little, and they don't know how little.
ENOUGH = 1000
# The last feature of a pair: how much the others of its query are worth, the log of 1 + their odds.
OTHERS = "odds of the others"


class TextMatchRanker(VersionedState, BaseEstimator):
    """Score the labels of a shortlist by how their text matches the query.

    A logistic model of about thirty features of a query and a label: how much of the one's vector
    the other covers, their cosine, how far it is below the best one of the shortlist, what the
    classifier says, how many training rows the label has. Beside these, each term that both have
    has a weight of its own: a learned inverse document frequency. A label is the less probable the
    better the others of its shortlist are; that changes no order.

    With views of words, pairs of words and characters, weights are drawn to defaults that were
    learned on other data, the more, the fewer rows there are, so that few clicks do no harm.

    It learns from shortlists as they come at prediction, of rows that the classifier was not
    trained on. As ``ranker`` of an :class:`XRLinearClassifier`, it gets them from its ``fit``.

    Parameters
    ----------
    estimator : classifier or None, default=None
        What scores pairs, given their features as they are: a classifier with
        ``decision_function`` or ``predict_proba``. By default, logistic regression of standardised
        features and of common terms.

    label_vectors : {array, sparse matrix} of shape (n_labels, n_features) or None, default=None
        The labels' own vectors in the space of X. By default, the ``label_prior`` of the classifier
        of which this is the ranker.

    views : dict of str to slice, sequence of slice, or None, default=None
        Blocks of columns, such as those of words and those of characters, to be compared each on
        its own; the terms of the first one are weighted. By default, a single one of all columns.

    cv : int, default=3
        In how many parts the rows are cut to make shortlists out of fold.

    Attributes
    ----------
    estimator_ : classifier or None
        The fitted `estimator`, if one was given.

    feature_names_ : list of str
        What the features of a pair are. The last one, only without an `estimator`, is the log of
        1 + the odds that the shortlist's other labels would have, were they alone.

    coef_ : ndarray of shape (n_features,)
        Their weights; only without an `estimator`.

    intercept_ : float
        Log-odds of a pair whose features are 0; only without an `estimator`.

    term_weights_ : ndarray of shape (n_columns,)
        Weights of the columns of X up to the end of the first view; only without an `estimator`.

    See Also
    --------
    XRLinearClassifier : Takes it as ``ranker``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_xmr import TextMatchRanker
    >>> label_vectors = np.eye(3)
    >>> X = np.array([[1.0, 0.1, 0.0], [0.0, 1.0, 0.1], [0.2, 0.0, 1.0]])
    >>> shortlists = np.tile(np.arange(3), (3, 1))
    >>> scores = np.zeros((3, 3))
    >>> ranker = TextMatchRanker(label_vectors=label_vectors)
    >>> ranker = ranker.fit_shortlists(X, shortlists, scores, np.eye(3, dtype=int))
    >>> ranker.rescore(X, shortlists, scores).argmax(axis=1)
    array([0, 1, 2])
    """

    def __init__(self, estimator=None, *, label_vectors=None, views=None, cv=3):
        self.estimator = estimator
        self.label_vectors = label_vectors
        self.views = views
        self.cv = cv

    def fit_shortlists(
        self, X, labels, scores, Y, *, label_counts=None, words=None, label_words=None
    ):
        """Learn from shortlists that were made without the rows' own labels.

        Parameters
        ----------
        X : {array, sparse matrix} of shape (n_samples, n_features)
            The rows, as the classifier takes them.
        labels : ndarray of int of shape (n_samples, n_shortlist)
            Labels' positions, -1 for none.
        scores : ndarray of shape (n_samples, n_shortlist)
            Their scores so far, in the log domain; -inf for a label found in another way.
        Y : {array, sparse matrix} of shape (n_samples, n_labels)
            Their labels, an indicator.
        label_counts : ndarray of shape (n_samples, n_shortlist) or None, default=None
            How many training rows each label had in the model that made the shortlist. By default,
            how many it has in Y.
        words, label_words : Words or None, default=None
            The rows' and the labels' words in order, for features of them.

        Returns
        -------
        TextMatchRanker
            The fitted ranker.

        Raises
        ------
        ValueError
            If there are no label vectors, shapes don't agree, or the shortlists hold no relevant
            label or nothing else.
        TypeError
            If `estimator` is no classifier that scores.
        """
        check_estimator(self.estimator)
        features = match_features(self.label_vectors, self.views, label_words)
        vectors, Y = checked_examples(X, Y, features)
        n_labels = features.label_vectors.n_rows
        labels, scores = checked_shortlists(labels, scores, vectors.n_rows, n_labels)
        totals = np.bincount(Y.indices, minlength=n_labels).astype(np.float64)
        label_counts = totals[labels] if label_counts is None else np.asarray(label_counts)
        if label_counts.shape != labels.shape:
            raise ValueError(
                f"label_counts must be of shape {labels.shape}, got {label_counts.shape}."
            )
        pairs = Pairs.of(labels, scores, label_counts)
        is_relevant = are_stored(Y, pairs)
        if is_relevant.all() or not is_relevant.any():
            raise ValueError(
                "labels must hold relevant labels and others to learn from, got "
                f"{is_relevant.sum()} and {(~is_relevant).sum()}."
            )
        kept = pairs_to_learn_from(pairs.labels, totals)
        if is_relevant[kept].all():  # no label that has rows is wrong
            kept[:] = True
        table = features.of(vectors, pairs, words=words)
        if self.estimator is None:
            terms = common_terms(vectors, features.label_vectors, pairs, features.first_view)
            center = default_coef(features)
            known = table[kept], terms[kept], is_relevant[kept]
            C = 1.0 if center is None else min(1.0, vectors.n_rows / ENOUGH) ** 2
            model = fit_pair_logistic(*known, center=center, C=C)
            cold_share = expected_cold_share(totals)
            model, others_weight = recalibrated(model, table, terms, pairs, is_relevant, cold_share)
            self._keep(features, model, others_weight)
        else:
            self.estimator_ = clone(self.estimator).fit(table[kept], is_relevant[kept])
            self._features, self.feature_names_ = features, features.names
        self._label_counts = totals
        return self

    def fit_defaults(self, *, label_words=None):
        """Take weights learned on other data: for labels whose text is all there is.

        Parameters
        ----------
        label_words : Words or None, default=None
            The labels' words in order, for features of them.

        Returns
        -------
        TextMatchRanker
            The fitted ranker.

        Raises
        ------
        ValueError
            If there are no label vectors.
        """
        features = match_features(self.label_vectors, self.views, label_words)
        self._keep(features, *default_model(features))
        self._label_counts = np.zeros(features.label_vectors.n_rows)
        return self

    def with_labels(self, row_of, vectors, words, label_counts, word_numbers=None):
        """Give a copy of the fitted ranker other labels; its weights stay.

        Parameters
        ----------
        row_of : ndarray of int32 of shape (n_labels,)
            Where each label's row is: rows so far, and behind them those of the new labels.
        vectors : Csr of shape (n_new, n_features)
            Those of new labels.
        words : Words
            Those of new labels, if the ranker was fitted with some.
        label_counts : ndarray of float64 of shape (n_labels,)
            How many training rows each label has.
        word_numbers : ndarray of int32 of shape (n_words,) or None, default=None
            The number that each word gets in place of its own, -1 for none.

        Returns
        -------
        TextMatchRanker
            The fitted copy.
        """
        ranker = copied(self)
        features = self._features.with_labels(row_of, vectors, words).renumbered(word_numbers)
        # Given once, they would be stored twice: in another order, and without those that are new.
        ranker.label_vectors = None
        n_rows = features.n_rows
        is_full = are_many(n_rows - features.n_labels, n_rows)
        ranker._features = features.tidied() if is_full else features
        ranker._label_counts = label_counts
        return ranker

    def vectors_of(self, labels):
        """Take the vectors of some labels.

        Parameters
        ----------
        labels : ndarray of int of shape (n_some,)
            Their positions.

        Returns
        -------
        csr_array of float32 of shape (n_some, n_features)
            The vectors.
        """
        return self._features.vectors_of(labels)

    def has_vector(self):
        """Tell which labels have a vector that is not zero.

        Returns
        -------
        ndarray of bool of shape (n_labels,)
            True where there is something to compare with.
        """
        return self._features.has_vector()

    def rescore(self, X, labels, scores, *, words=None):
        """Estimate the log-odds that labels are relevant.

        Parameters
        ----------
        X : {array, sparse matrix} of shape (n_samples, n_features)
            The rows, as the classifier takes them.
        labels : ndarray of int of shape (n_samples, n_shortlist)
            Labels' positions, -1 for none.
        scores : ndarray of shape (n_samples, n_shortlist)
            Their scores so far, in the log domain.
        words : Words or None, default=None
            The rows' words, if the ranker was fitted with some.

        Returns
        -------
        ndarray of float32 of shape (n_samples, n_shortlist)
            -inf where there is no label.
        """
        vectors, labels, scores = self._checked(X, labels, scores)
        out = np.full(labels.shape, -np.inf, dtype=np.float32)
        out[labels >= 0] = self.log_odds(vectors, self.pairs_of(labels, scores), words=words)
        return out

    def pairs_of(self, labels, scores):
        """Put shortlists into the form that `log_odds` takes, unchecked.

        Parameters
        ----------
        labels : ndarray of int of shape (n_samples, n_shortlist)
            Labels' positions, -1 for none.
        scores : ndarray of shape (n_samples, n_shortlist)
            Their scores so far, in the log domain.

        Returns
        -------
        Pairs
            The labels, row by row.
        """
        return Pairs.of(labels, scores, self._label_counts)

    def log_odds(self, vectors, pairs, *, words=None):
        """Score pairs as `rescore` does, unchecked.

        Parameters
        ----------
        vectors : Csr
            A row for each query.
        pairs : Pairs
            Labels of these queries.
        words : Words or None, default=None
            The queries' words, if the ranker was fitted with some.

        Returns
        -------
        ndarray of float64 of shape (n_pairs,)
            The log-odds that each is relevant.
        """
        if not len(pairs.labels):
            return np.empty(0)
        if self.estimator_ is None:
            alone, others = self._alone_and_others(self._table(vectors, pairs, words), pairs)
            return alone + self.coef_[-1] * others
        table = self._features.of(vectors, pairs, words=words)
        if hasattr(self.estimator_, "decision_function"):
            return self.estimator_.decision_function(table).astype(np.float64)
        probabilities = self.estimator_.predict_proba(table)[:, 1].astype(np.float64)
        return logit(np.clip(probabilities, 1e-12, 1 - 1e-12))

    def contributions(self, X, labels, scores, *, words=None):
        """Take the log-odds of pairs apart: what each feature adds.

        Parameters
        ----------
        X : {array, sparse matrix} of shape (n_samples, n_features)
            The rows.
        labels : ndarray of int of shape (n_samples, n_shortlist)
            Labels' positions, -1 for none.
        scores : ndarray of shape (n_samples, n_shortlist)
            Their scores so far, in the log domain.
        words : Words or None, default=None
            The rows' words, if the ranker was fitted with some.

        Returns
        -------
        values : ndarray of shape (n_pairs, n_features)
            Features of the pairs, in the order of `feature_names_`; pairs come row by row.
        products : ndarray of shape (n_pairs, n_features)
            The same times `coef_`; with `intercept_` they add up to a pair's log-odds.

        Raises
        ------
        ValueError
            If the ranker has an `estimator` of the user.
        """
        vectors, labels, scores = self._checked(X, labels, scores)
        if self.estimator_ is not None:
            raise ValueError(
                f"estimator must be None where scores are taken apart, got {self.estimator_!r}."
            )
        pairs = self.pairs_of(labels, scores)
        table = self._table(vectors, pairs, words)
        table = np.column_stack([table, self._alone_and_others(table, pairs)[1]])
        return table, table * self.coef_

    def _table(self, vectors, pairs, words):
        return self._features.of(vectors, pairs, words=words, term_weights=self.term_weights_)

    def _alone_and_others(self, table, pairs):
        # The log-odds of pairs as if each were the only one, and what the others are worth.
        alone, others = np.empty(len(table)), np.empty(len(table))
        weighted_sums(table, self.coef_, self.intercept_, alone)
        odds_of_others(pairs.indptr, alone, others)
        return alone, others

    def _checked(self, X, labels, scores):
        if not hasattr(self, "feature_names_"):
            raise NotFittedError("This TextMatchRanker is not fitted; call fit_shortlists first.")
        vectors = checked_rows(X, self._features)
        n_labels = self._features.n_labels
        return vectors, *checked_shortlists(labels, scores, vectors.n_rows, n_labels)

    def _keep(self, features, model, others_weight=0.0):
        # The weighted cosine is the sum of the terms' weights: it counts as it is.
        self.estimator_ = None
        self._features, self.feature_names_ = features, [*features.names, OTHERS]
        view = features.first_view
        self.term_weights_ = np.zeros(view.stop)
        self.term_weights_[view] = model.term_weights
        self.coef_ = np.append(model.coef, others_weight)
        self.coef_[features.weighted_cosine] = 1
        self.intercept_ = model.intercept
