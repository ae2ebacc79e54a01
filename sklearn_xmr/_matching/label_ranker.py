"""How a fitted classifier ranks labels, and its rankings as scikit-learn's kinds of prediction."""

from numbers import Integral, Real

import numpy as np
from scipy.special import expit, softmax
from sklearn.utils.validation import check_is_fitted, validate_data

from .._sparse import check_csr, is_canonical
from .._targets import to_dense, to_sparse
from .beam_search import TRANSFORMS, search
from .candidates import allowed_nodes
from .ensemble import ENSEMBLES, RANK, FittedTree, mean_paths, merged
from .label_pairs import label_positions, score_paths
from .stages import ranked_anew, rescored

# Exponentials of more are no float32. A matcher or ranker may score as it likes.
LARGEST_LOG = np.nextafter(np.log(np.finfo(np.float32).max), np.float32(0))
MAX_K = 2**31
# So much above 0, the logarithm of a probability is what rounding has made of 0.
ROUNDING = 1e-3


class LabelRankerMixin:
    """Ranks and predicts with packed layers.

    The estimator has the parameters `beam_width`, `shortlist_size`, `score_transform` and `n_jobs`
    and, when fitted, ``label_tree_``, ``layers_``, ``classes_``, ``n_features_in_``,
    ``_classes_and_filler`` and ``_target_form``; as an ensemble `ensemble` and ``_further_trees``,
    too; with a matcher ``_matchings``, a `Matching` or None for each tree, and with a ranker
    ``ranker_``.
    """

    _further_trees = ()
    _matchings = ()
    ranker_ = None

    @property
    def trees_(self):
        """The trees of the ensemble, ``label_tree_`` and ``layers_`` of each."""
        return [FittedTree(self.label_tree_, self.layers_), *self._further_trees]

    @property
    def matcher_(self):
        """The fitted matcher of the first tree, None if there is none."""
        first = next(iter(self._matchings), None)
        return None if first is None else first.matcher

    def rank(self, X, k=10, *, candidates=None, min_score=None):
        """Rank the best labels of each row.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            The rows. Quickest for CSR of float32 with sorted indices.
        k : int, default=10
            How many labels to return for each row. It does not widen the beam.
        candidates : array-like or sparse matrix of shape (n_labels,) or (n_samples, n_labels), \
default=None
            The labels allowed, in the order of ``classes_``: one boolean mask for all rows, or a
            mask for each, nonzero where allowed. The beam goes only to nodes that lead to one; the
            ranking is exact whenever the allowed nodes of each layer fit into the beam.
        min_score : float or None, default=None
            Labels that score less are left out, on the scale of `score_transform`.

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
            If X does not fit the classifier, `k` is not positive, `candidates` has another shape or
            `min_score` is no number.
        """
        rows = self._checked_rows(X)
        _check_min_score(min_score)
        if not isinstance(k, Integral) or isinstance(k, bool) or not 1 <= k < MAX_K:
            raise ValueError(f"k must be an integer from 1 to {MAX_K - 1}, got {k!r}.")
        allowed = [
            allowed_nodes(candidates, tree.layers, rows.shape[0], len(self.classes_))
            for tree in self.trees_
        ]
        positions, paths = self._search(rows, int(k), allowed)
        scores = self._scores(paths)
        if min_score is not None:
            low = scores < min_score
            positions[low], scores[low] = -1, -np.inf
        return self._classes_and_filler[positions], scores

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
            If X does not fit the classifier, `labels` has another shape, there is something in it
            that is not in ``classes_``, or it is an ensemble by rank.

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
        rows = self._checked_rows(X)
        positions = label_positions(labels, self._classes_and_filler)
        n_rows = rows.shape[0]
        if positions.ndim not in (1, 2) or (positions.ndim == 2 and len(positions) != n_rows):
            raise ValueError(
                f"labels must have shape (k,) or ({n_rows}, k), got {positions.shape}."
            )
        positions = np.broadcast_to(positions, (n_rows, positions.shape[-1]))
        self._check_search_parameters()
        transform, _ = TRANSFORMS[self.score_transform]
        if self._ranks_by_rank:
            raise ValueError(
                "ensemble='rank' has no score for a label alone: set ensemble='mean' for those of "
                "given labels."
            )
        paths = [
            score_paths(tree.layers, rows, positions, transform, self.n_jobs, start)
            for tree, start in zip(self.trees_, self._starts(rows), strict=True)
        ]
        paths = mean_paths(paths, self.score_transform != "noop")
        if self.ranker_ is not None:
            positions = np.where(paths == -np.inf, -1, positions)
            paths = rescored(self.ranker_, rows, positions, paths)
        return self._scores(paths)

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
            each row: for a sparse y CSR that stores these alone, for other y a dense array with the
            lowest float32 for all others.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If X does not fit the classifier.
        """
        rows = self._checked_rows(X)
        kind, n_labels = self._target_form.kind, len(self.classes_)
        floor = np.finfo(np.float32).min
        if kind == "classes" and n_labels == 2:
            positions, paths = self._search(rows, 2)
            both = to_dense(positions, paths.astype(np.float64), 2, floor)
            return both[:, 1] - both[:, 0]
        positions, paths = self._search(rows, self._most_listed)
        scores = self._scores(paths)
        if kind == "sparse":
            return to_sparse(positions, scores, n_labels, self._target_form.matrix)
        return to_dense(positions, scores, n_labels, floor)

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
            score's logarithm, or with "noop" the sigmoid of the margin. A sparse y gives CSR that
            stores the shortlist alone, zeros included; a dense one values between 0 and 1, both
            excluded. A row for which a matcher or ranker leaves no label gets equal probabilities
            of all classes.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If X does not fit the classifier, or, for an indicator, if a matcher or ranker gives
            scores above 0 in the log domain, which are no logarithms of probabilities.
        """
        positions, paths = self._search(self._checked_rows(X), self._most_listed)
        if self._target_form.kind == "classes":
            return _class_probabilities(positions, paths, len(self.classes_))
        if self._is_in_logs and paths.max() > ROUNDING:
            raise ValueError(
                f"A matcher or ranker makes a label score {paths.max():g} in the log domain, but "
                "logarithms of probabilities are at most 0. Let it subtract the most that it adds, "
                "or use decision_function."
            )
        probabilities = self._label_probabilities(paths)
        if self._target_form.kind == "sparse":
            form = self._target_form
            return to_sparse(positions, probabilities, len(self.classes_), form.matrix)
        dense = to_dense(positions, probabilities, len(self.classes_), 0.0)
        return np.clip(dense, np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0), out=dense)

    def predict(self, X):
        """Predict the class, or all labels, of each row.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples,) or ndarray or sparse matrix of shape (n_samples, n_labels)
            The best class, the first one where none was reached; or an indicator, in the container
            and dtype of y, of the labels with a probability of at least 0.5.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If X does not fit the classifier.
        """
        rows = self._checked_rows(X)
        if self._target_form.kind == "classes":
            positions, _ = self._search(rows, 1)
            return self.classes_[np.maximum(positions[:, 0], 0)]
        positions, paths = self._search(rows, self._most_listed)
        positions[self._label_probabilities(paths) < 0.5] = -1
        ones = np.ones(positions.shape, dtype=self._target_form.dtype)
        if self._target_form.kind == "sparse":
            return to_sparse(positions, ones, len(self.classes_), self._target_form.matrix)
        return to_dense(positions, ones, len(self.classes_), 0)

    def _checked_rows(self, X):
        check_is_fitted(self, "layers_")
        if not hasattr(self, "feature_names_in_") and is_canonical(X, self.n_features_in_):
            return X
        rows = check_csr(X, estimator=self)
        validate_data(self, X, reset=False, skip_check_array=True)
        return rows

    @property
    def _most_listed(self):
        # Labels retrieved for a row: there may be fewer than are asked for.
        self._check_search_parameters()
        return min(self.shortlist_size, len(self.classes_))

    @property
    def _is_in_logs(self):
        # Whether paths are logarithms of scores, as those of ranks are in any case.
        return self.score_transform != "noop" or self._ranks_by_rank

    @property
    def _ranks_by_rank(self):
        return self.ensemble == RANK and len(self._further_trees) > 0

    def _search(self, rows, k, restrictions=None):
        # `restrictions` has one for each tree.
        self._check_search_parameters()
        if self.ranker_ is None:
            return self._matched(rows, k, restrictions)
        shortlist = self._matched(rows, max(k, self._most_listed), restrictions)
        return ranked_anew(self.ranker_, rows, *shortlist, k)

    def _matched(self, rows, k, restrictions):
        transform, _ = TRANSFORMS[self.score_transform]
        trees = self.trees_
        restrictions = restrictions or [None] * len(trees)
        size = k if len(trees) == 1 else max(k, self._most_listed)
        starts = self._starts(rows, self.beam_width)
        rankings = [
            search(
                tree.layers, rows, self.beam_width, size, transform, restriction, self.n_jobs, start
            )
            for tree, restriction, start in zip(trees, restrictions, starts, strict=True)
        ]
        if len(trees) == 1:
            return rankings[0]
        return merged(rankings, k, self.ensemble, self.score_transform != "noop")

    def _starts(self, rows, k=None):
        # Where the search of each tree starts: at the nodes of a matcher, or at the root (None).
        matchings = self._matchings or [None] * len(self.trees_)
        return [None if matching is None else matching.start(rows, k) for matching in matchings]

    def _check_search_parameters(self):
        # They may have been set since the model was fitted. The full validation takes longer than
        # a search.
        counts = self.beam_width, self.shortlist_size
        are_counts = all(isinstance(count, Integral) and count >= 1 for count in counts)
        are_counts = are_counts and (self.n_jobs is None or isinstance(self.n_jobs, Integral))
        names = (self.score_transform, TRANSFORMS), (self.ensemble, ENSEMBLES)
        known = all(isinstance(name, str) and name in names_known for name, names_known in names)
        if not known or not are_counts:
            self._validate_params()

    def _scores(self, paths):
        _, exponential = TRANSFORMS[self.score_transform]
        if not exponential and not (self._ranks_by_rank and self.score_transform == "noop"):
            return paths
        scores = np.exp(np.minimum(paths, LARGEST_LOG))
        scores[paths == -np.inf] = -np.inf
        return scores

    def _label_probabilities(self, paths):
        paths = paths.astype(np.float64)
        return np.exp(np.minimum(paths, 0)) if self._is_in_logs else expit(paths)


def _class_probabilities(positions, paths, n_classes):
    # All alike where no class was reached.
    unreached = positions[:, 0] < 0
    paths = np.where(unreached[:, None], 0, paths.astype(np.float64))
    probabilities = to_dense(positions, softmax(paths, axis=1), n_classes, 0.0)
    probabilities[unreached] = 1 / n_classes
    return probabilities


def _check_min_score(min_score):
    is_number = isinstance(min_score, Real) and not isinstance(min_score, bool)
    if min_score is not None and (not is_number or np.isnan(min_score)):
        raise ValueError(f"min_score must be a number or None, got {min_score!r}.")
