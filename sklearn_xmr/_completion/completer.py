"""What every query completer offers on top of its own way of ranking."""

import numpy as np
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from .._checks import MAX_INT32, check_count
from ..datasets._prefix_pairs import object_array
from ..metrics._completion import mean_reciprocal_rank
from .exclusion import NO_EXCLUSION, Exclusion, check_names
from .inner_words import InnerWords
from .learner import LearnerMixin
from .normalization import Normalizer
from .query_pairs import check_pairs, check_previous, check_queries, check_text
from .typos import PrefixCorrector


class CompleterMixin(LearnerMixin):
    """Suggestions, prediction and score of a completer.

    It has the texts in ``queries_``, those that are compared in ``_forms``, and a method
    ``_best(previous, prefixes, k, exclusion)`` that takes contexts, prefixes and an `Exclusion`,
    and returns positions in ``queries_`` and scores, both of shape (n_samples, k). Behind the last
    suggestion of a row, positions are -1, and scores mean nothing.
    """

    def complete(self, previous, prefix, k=10, *, exclude=None):
        """Suggest queries that start with what has been typed.

        Parameters
        ----------
        previous : str, sequence of str or None
            The query asked before, ``""`` or None if there was none. Or the last few, the newest
            last: see the notes on the class for what is made of more than one.
        prefix : str or None
            What has been typed so far, which may be ``""``.
        k : int, default=10
            Most suggestions to return.
        exclude : collection of str or prepared exclusion, default=None
            Queries not to suggest, or what :meth:`prepare_exclusion` made of them.

        Returns
        -------
        list of (str, float)
            Up to `k` different queries and their scores, best first; `previous` is not among them.
            All start with `prefix`, character by character or in the form that `normalizer` gives
            both; where that ends in a space, the query without the space is one of them, too. Those
            that `inner_words`, `max_typos` and `fill_up` ask for stand behind them, in this order.
            The notes on the class say what a score is: those of two completers cannot be compared.

        Raises
        ------
        NotFittedError
            If the completer is not fitted.
        ValueError
            If `k` is not an integer of at least 1.
        TypeError
            If `previous` or `prefix` is not text, or `exclude` not a collection of texts.
        """
        self = self._as_it_is()
        if not hasattr(self, "queries_"):  # which takes less time than to check
            check_is_fitted(self)
        pair = [check_previous(previous, "previous")], [check_text(prefix, "prefix")]
        k = min(check_count(k, "k"), len(self.queries_))
        positions, scores = self._best(*self._compared(*pair), k, self._exclusion(exclude))
        texts = self.queries_.take(positions[0])
        return list(zip(texts, scores[0].tolist(), strict=False))

    def rank(self, X, k=10, *, exclude=None):
        """Suggest queries for many rows.

        Parameters
        ----------
        X : array-like of str of shape (n_samples, 2)
            Rows of (previous query, prefix). None and NaN read as "".
        k : int, default=10
            How many suggestions to return for each row.
        exclude : collection of str or prepared exclusion, default=None
            Queries not to suggest in any row, or what :meth:`prepare_exclusion` made of them.

        Returns
        -------
        labels : ndarray of object of shape (n_samples, k)
            The queries that `complete` suggests, best first, then ``""``.
        scores : ndarray of float32 of shape (n_samples, k)
            Their scores as `complete` gives them, -inf where there is no suggestion.

        Raises
        ------
        NotFittedError
            If the completer is not fitted.
        ValueError
            If `X` does not hold pairs or has no rows, or `k` is not an integer from 1 to
            2147483647.
        TypeError
            If `X` holds something other than text, or `exclude` is not a collection of texts.
        """
        check_is_fitted(self)
        k = check_count(k, "k", most=MAX_INT32)
        pairs = check_pairs(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        self = self._as_it_is()
        positions, scores = self._best(*self._compared(*pairs), k, self._exclusion(exclude))
        found, place = np.unique(positions, return_inverse=True)
        texts = [self.queries_[i] if i >= 0 else "" for i in found.tolist()]
        scores = np.where(positions < 0, -np.inf, scores).astype(np.float32)
        return object_array(texts)[place].reshape(positions.shape), scores

    def prepare_exclusion(self, queries):
        """Look up queries that must not be suggested, once for many calls.

        Parameters
        ----------
        queries : collection of str
            The queries, a list of what offends, say. Those the completer does not know are no
            error: it cannot suggest them.

        Returns
        -------
        Exclusion
            What `complete` and `rank` take as `exclude`. After another fit it holds still, but is
            looked up anew in each call: then prepare it again.

        Raises
        ------
        NotFittedError
            If the completer is not fitted.
        TypeError
            If `queries` is not a collection of texts.

        Examples
        --------
        >>> from sklearn_xmr import MostFrequentCompleter
        >>> completer = MostFrequentCompleter().fit_sessions([["birds"], ["birds"], ["bikes"]])
        >>> blocked = completer.prepare_exclusion(["birds"])
        >>> [query for query, _ in completer.complete("", "bi", exclude=blocked)]
        ['bikes']
        """
        check_is_fitted(self)
        return self._exclusion(queries)

    def _use(self, log, shown):
        super()._use(log, shown)
        self._corrector = PrefixCorrector(self._forms, self.counts_)
        has_index = self.inner_words or self.fill_up
        self._inner_words = InnerWords(self._forms, self.counts_) if has_index else None

    def _with_words(self, prefix, k, max_typos, may_lack=False):
        """The most frequent queries with the words of a prefix: see `InnerWords.find`."""
        if self._inner_words is None:
            name = "inner_words" if self.inner_words else "fill_up"
            raise ValueError(f"{name} must be True when the completer is fitted, got False then.")
        return self._inner_words.find(prefix, k, max_typos, may_lack)

    def _exclusion(self, queries):
        if queries is None:  # as a rule
            return NO_EXCLUSION
        if isinstance(queries, Exclusion):
            return queries.among(self._forms)
        names = Normalizer(self._normalizer).queries(check_names(queries))
        return Exclusion.of(names, self._forms)

    def _compared(self, previous, prefixes):
        if self._normalizer is None:  # as a rule
            return previous, prefixes
        normalizer = Normalizer(self._normalizer)
        return normalizer.contexts(previous), normalizer.prefixes(prefixes)

    def predict(self, X):
        """Predict the query that each row is most likely to become.

        Parameters
        ----------
        X : array-like of str of shape (n_samples, 2)
            Rows of (previous query, prefix). None and NaN read as "".

        Returns
        -------
        ndarray of object of shape (n_samples,)
            The best suggestion of each row, ``""`` where there is none.

        Raises
        ------
        NotFittedError
            If the completer is not fitted.
        ValueError
            If `X` does not hold pairs, or has no rows.
        TypeError
            If `X` holds something other than text.
        """
        labels, _ = self.rank(X, k=1)
        return labels[:, 0]

    def score(self, X, y):
        """Mean reciprocal rank of the true queries among the first ten suggestions.

        Parameters
        ----------
        X : array-like of str of shape (n_samples, 2)
            Rows of (previous query, prefix). None and NaN read as "".
        y : array-like of str of shape (n_samples,)
            The query that followed.

        Returns
        -------
        float
            Between 0 and 1, higher is better. See
            :func:`~sklearn_xmr.metrics.mean_reciprocal_rank`.

        Raises
        ------
        NotFittedError
            If the completer is not fitted.
        ValueError
            If `X` does not hold pairs, `y` not queries, there are no rows, or the two differ in
            length.
        TypeError
            If `X` or `y` hold something other than text.
        """
        queries = check_queries(y)
        check_consistent_length(X, queries)
        labels, _ = self.rank(X, k=10)
        return mean_reciprocal_rank(queries, labels)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.target_tags.required = True
        return tags
