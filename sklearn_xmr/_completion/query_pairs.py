"""What query completion is trained on and asked: texts, checked before any work starts.

A row of X is a pair of the previous query and the prefix typed so far, its target the query that
followed. Texts stay Python strings, any of them: NumPy's would lose a NUL at the end.
"""

from collections.abc import Mapping, Set
from itertools import pairwise
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state


def make_prefix_pairs(sessions, *, prefixes_per_query=1, include_first=False, random_state=None):
    """Make rows of (previous query, typed prefix) and the query that followed, out of sessions.

    Each query of a session that differs from the one before it makes `prefixes_per_query` rows,
    with prefixes of it as long as chance will have it, uniformly from 1 character to all of them.

    Parameters
    ----------
    sessions : iterable of iterables of str
        The queries of each session in the order in which they were asked.
    prefixes_per_query : int, default=1
        Rows made for each query, with a prefix of its own each.
    include_first : bool, default=False
        Whether the first query of a session makes rows, too, with ``""`` for the previous query.
    random_state : int, RandomState instance or None, default=None
        Seed of the prefix lengths.

    Returns
    -------
    X : ndarray of object of shape (n_rows, 2)
        Previous query and prefix, in the order of the sessions.
    y : ndarray of object of shape (n_rows,)
        The query that followed.

    Raises
    ------
    ValueError
        If a query is empty, no query makes a row, or `prefixes_per_query` is below 1.
    TypeError
        If a session or a query is of the wrong type, or `prefixes_per_query` is not an integer.

    See Also
    --------
    cut_sessions : Makes sessions from a query log.

    Examples
    --------
    >>> from sklearn_xmr.datasets import make_prefix_pairs
    >>> sessions = [["data mining", "databases"], ["birds", "bird song", "bird song"]]
    >>> X, y = make_prefix_pairs(sessions, random_state=0)
    >>> X.tolist()
    [['data mining', 'databa'], ['birds', 'b']]
    >>> y.tolist()
    ['databases', 'bird song']
    """
    _check_count(prefixes_per_query, "prefixes_per_query")
    rng = check_random_state(random_state)
    previous, following = adjacent_queries(sessions, include_first=include_first)
    if not following:
        needed = "a query" if include_first else "two different queries in a row"
        raise ValueError(f"sessions must hold {needed}, to make any pair.")
    y = np.repeat(object_array(following), prefixes_per_query)
    X = np.empty((len(y), 2), dtype=object)
    X[:, 0] = np.repeat(object_array(previous), prefixes_per_query)
    X[:, 1] = random_prefixes(y, rng)
    return X, y


def adjacent_queries(sessions, *, include_first=False):
    """Return two lists: queries, and those that followed them in a session and differ from them.

    With `include_first`, the first query of each session follows ``""``.
    """
    previous, following = [], []
    for session in check_sessions(sessions):
        before = ["", *session] if include_first else session
        for query, next_query in pairwise(before):
            if query != next_query:
                previous.append(query)
                following.append(next_query)
    return previous, following


def random_prefixes(queries, rng):
    """Return a prefix of each query, its length uniform on 1, ..., len(query)."""
    lengths = rng.randint(1, [len(query) + 1 for query in queries])
    return [query[:length] for query, length in zip(queries, lengths.tolist(), strict=True)]


def check_pairs(X):
    """Return the previous queries and the prefixes of the rows of X: two lists of str.

    None and NaN read as "".
    """
    if isinstance(X, (list, tuple)):
        for i, row in enumerate(X):
            is_sequence = isinstance(row, (list, tuple)) or getattr(row, "ndim", 0) == 1
            if not is_sequence or len(row) != 2:
                raise ValueError(
                    f"X must hold pairs of (previous query, prefix); got {_shown(row)} in row {i}."
                )
        rows = X
    else:
        rows = np.asarray(X, dtype=object)
        if rows.ndim != 2 or rows.shape[1] != 2:
            raise ValueError(
                "X must have a row (previous query, prefix) for each sample; got "
                f"{type(X).__name__} of shape {rows.shape}."
            )
        rows = rows.tolist()
    if len(rows) == 0:
        raise ValueError("X must have at least 1 row; got 0.")
    previous, prefixes = zip(*rows, strict=True)
    return _texts_or_missing(previous, 0), _texts_or_missing(prefixes, 1)


def check_text(value, name):
    """Return one text as a str; None and NaN read as ""."""
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if _is_missing(value):
        return ""
    raise TypeError(f"{name} must be a text, or None for no text; got {_shown(value)}.")


def check_queries(y):
    """Return y, the query that followed for each row, as a list of str, none of them empty."""
    is_text = isinstance(y, (str, bytes))
    is_unordered = isinstance(y, (Set, Mapping))
    if is_text or is_unordered or not hasattr(y, "__iter__") or getattr(y, "ndim", 1) != 1:
        raise ValueError(f"y must have one query for each sample; got {_shown(y)}.")
    queries = list(y)
    for i, query in enumerate(queries):
        _check_query(query, "y", f"row {i}")
    return list(map(str.__str__, queries))


def check_sessions(sessions):
    """Return sessions as a list of lists of str, none of them empty."""
    if isinstance(sessions, (str, bytes)) or not hasattr(sessions, "__iter__"):
        raise TypeError(f"sessions must be a list of lists of queries; got {_shown(sessions)}.")
    checked = []
    for i, session in enumerate(sessions):
        if isinstance(session, (str, bytes)) or not hasattr(session, "__iter__"):
            raise TypeError(
                f"sessions must be a list of lists of queries; got {_shown(session)} for session "
                f"{i}."
            )
        queries = list(session)
        for query in queries:
            _check_query(query, "sessions", f"session {i}")
        checked.append(list(map(str.__str__, queries)))
    return checked


def object_array(values):
    """Return a 1-D object array of the values, strings as they are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _check_query(query, name, place):
    if not isinstance(query, str):
        raise TypeError(
            f"{name} must hold queries, which are texts; got {_shown(query)} in {place}."
        )
    if not query:
        raise ValueError(f"{name} must hold queries that are not empty; got '' in {place}.")


def _texts_or_missing(values, column):
    if set(map(type, values)) == {str}:
        return list(values)
    return [check_text(value, f"X[{i}][{column}]") for i, value in enumerate(values)]


def _is_missing(value):
    if value is None or type(value).__name__ == "NAType":  # pandas.NA, which equals nothing
        return True
    return isinstance(value, Real) and value != value


def _check_count(value, name):
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be an integer; got {value!r}.")
    if value < 1:
        raise ValueError(f"{name} must be at least 1; got {value}.")


def _shown(value):
    """What to say of a wrong value: short, whatever it is."""
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} of type {type(value).__name__}"
