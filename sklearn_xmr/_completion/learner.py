"""How every query completer is fitted: to rows, to sessions, and to more of either."""

from functools import wraps

from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from .._sklearn import fit_context
from .counted_log import CountedLog
from .normalization import Normalizer
from .training_rows import TrainingRows
from .variants import find_variants


def at_once(learn):
    """Let a method learn on a copy, whose knowledge the completer takes over at the end.

    What fails changes nothing, and other threads are answered meanwhile.
    """

    @wraps(learn)
    def learn_at_once(self, *args, **options):
        new = object.__new__(type(self))
        new.__dict__ = self.__dict__.copy()
        learn(new, *args, **options)
        self.__dict__ = new.__dict__
        return self

    return learn_at_once


class LearnerMixin:
    """Fits a completer to a query log.

    It has the parameters `normalizer`, `merge_variants` and `half_life`, and two methods:
    ``_learn(rows, rng)`` takes `TrainingRows` and forgets what it knew, ``_learn_more(rows)`` adds
    to that. Both call ``_use``. The normalizer stays that of the last fit, in ``_normalizer``, as
    all forms are its.
    """

    def _as_it_is(self):
        """The completer for one answer, whatever another thread has it learn meanwhile."""
        now = object.__new__(type(self))
        now.__dict__ = self.__dict__
        return now

    @fit_context(prefer_skip_nested_validation=False)
    @at_once
    def fit(self, X, y, sample_weight=None):
        """Learn which queries follow.

        Parameters
        ----------
        X : array-like of str of shape (n_samples, 2)
            Rows of (previous query, prefix): a list of pairs, an array of objects or a DataFrame.
            None and NaN read as "", no query. In place of the previous query, a row may hold a
            sequence of the last few, the newest last.
        y : array-like of str of shape (n_samples,)
            The query that followed.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row came, where the log is aggregated. None for once.

        Returns
        -------
        object
            The fitted completer itself.

        Raises
        ------
        ValueError
            If `X` does not hold pairs, `y` not queries, there are no rows, the three differ in
            length, or a weight is negative or all are 0.
        TypeError
            If `X` or `y` hold something other than text.
        """
        self._normalizer = self.normalizer
        rows = TrainingRows.of(X, y, sample_weight, Normalizer(self._normalizer))
        validate_data(self, X, skip_check_array=True)
        self._learn(rows, check_random_state(self.random_state))
        return self

    @fit_context(prefer_skip_nested_validation=False)
    @at_once
    def fit_sessions(self, sessions, sample_weight=None, *, times=None):
        """Learn which queries follow in sessions.

        Parameters
        ----------
        sessions : iterable of iterables of str
            The queries of each session in the order in which they were asked. The first follows
            ``""``; one that repeats the query before it does not count.
        sample_weight : array-like of shape (n_sessions,), default=None
            How often each session came, where the log is aggregated. None for once.
        times : array-like of shape (n_sessions,), default=None
            When each session was: seconds, or ``datetime64``. With `half_life`, older ones count
            less.

        Returns
        -------
        object
            The fitted completer itself.

        Raises
        ------
        ValueError
            If a query is empty, there are none, `sample_weight` or `times` have another length than
            `sessions`, or a weight is negative or all are 0.
        TypeError
            If a session or a query is of the wrong type.
        """
        self._normalizer = self.normalizer
        rows = self._session_rows(sessions, sample_weight, times)
        validate_data(self, [["", ""]], skip_check_array=True)
        self._learn(rows, check_random_state(self.random_state))
        return self

    @fit_context(prefer_skip_nested_validation=False)
    @at_once
    def partial_fit(self, X, y, sample_weight=None):
        """Learn from more rows, and forget nothing.

        What is counted is as if all rows had been there at once; new queries are suggested from
        now on. The notes on the class say what else a new fit learns.

        Parameters
        ----------
        X : array-like of str of shape (n_samples, 2)
            Rows of (previous query, prefix), as `fit` takes them.
        y : array-like of str of shape (n_samples,)
            The query that followed.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row came. None for once.

        Returns
        -------
        object
            The completer itself, fitted to these rows if it was not fitted before.

        Raises
        ------
        ValueError
            As `fit` raises it.
        TypeError
            If `X` or `y` hold something other than text.
        """
        if not hasattr(self, "queries_"):
            return self.fit(X, y, sample_weight)
        rows = TrainingRows.of(X, y, sample_weight, Normalizer(self._normalizer))
        validate_data(self, X, reset=False, skip_check_array=True)
        self._learn_more(rows)
        return self

    @fit_context(prefer_skip_nested_validation=False)
    @at_once
    def partial_fit_sessions(self, sessions, sample_weight=None, *, times=None):
        """Learn from more sessions, and forget nothing.

        Parameters
        ----------
        sessions : iterable of iterables of str
            The queries of each session, as `fit_sessions` takes them.
        sample_weight : array-like of shape (n_sessions,), default=None
            How often each session came. None for once.
        times : array-like of shape (n_sessions,), default=None
            When each session was. With `half_life`, what is known from before fades.

        Returns
        -------
        object
            The completer itself, fitted to these sessions if it was not fitted before.

        Raises
        ------
        ValueError
            As `fit_sessions` raises it.
        TypeError
            If a session or a query is of the wrong type.
        """
        if not hasattr(self, "queries_"):
            return self.fit_sessions(sessions, sample_weight, times=times)
        rows = self._session_rows(sessions, sample_weight, times)
        self._learn_more(rows)
        return self

    def _session_rows(self, sessions, sample_weight, times):
        normalizer = Normalizer(self._normalizer)
        return TrainingRows.of_sessions(sessions, sample_weight, times, self.half_life, normalizer)

    def _counted(self, rows):
        # All that has been counted, these rows included.
        return self._log.plus(CountedLog.of(rows), self.half_life)

    def _shown(self, log, stay=()):
        # A log with variants merged; some queries stay what they are.
        if not self.merge_variants:
            return log
        leads = find_variants(log.queries, log.counts())
        return log.merged({query: leads[query] for query in leads.keys() - set(stay)})

    def _use(self, log, shown):
        """Suggest the queries of a log from now on, as it is shown.

        Their texts, sorted in the form by which they are compared, are in ``_forms``; `queries_`
        has them in the same order as they are suggested.
        """
        self._log = log
        self._forms = shown.queries
        self.queries_ = shown.spelled()
        self.counts_ = shown.counts()
