"""From sessions to training rows: the query before, and as much of the next as one has typed."""

from itertools import pairwise

import numpy as np
from sklearn.utils import check_random_state

from .._checks import UNORDERED, as_list, check_count, described


def make_prefix_pairs(
    sessions, *, prefixes_per_query=1, include_first=False, n_previous=1, random_state=None
):
    """Make rows of (previous query, typed prefix) and the query that followed, out of sessions.

    Each query of a session that differs from the one before it makes `prefixes_per_query` rows,
    with prefixes of it whose lengths are random, uniformly from 1 character to all of them.

    Parameters
    ----------
    sessions : iterable of iterables of str
        The queries of each session in the order in which they were asked.
    prefixes_per_query : int, default=1
        Rows made for each query, each with a prefix of its own.
    include_first : bool, default=False
        Whether the first query of a session makes rows, too, with ``""`` for the previous query.
    n_previous : int, default=1
        How many queries before it a row holds. With more than one they are a tuple, the newest
        last; at the beginning of a session they are fewer.
    random_state : int, RandomState instance or None, default=None
        Seed of the prefix lengths.

    Returns
    -------
    X : ndarray of object of shape (n_rows, 2)
        Previous query, or tuple of them, and prefix, in the order of the sessions.
    y : ndarray of object of shape (n_rows,)
        The query that followed.

    Raises
    ------
    ValueError
        If a query is empty, no query makes a row, or `prefixes_per_query` or `n_previous` is not an
        integer of at least 1.
    TypeError
        If a session or a query is of the wrong type.

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
    >>> X, y = make_prefix_pairs([["birds", "nests", "eggs"]], n_previous=2, random_state=0)
    >>> X.tolist()
    [[('birds',), 'nests'], [('birds', 'nests'), 'eggs']]
    """
    prefixes_per_query = check_count(prefixes_per_query, "prefixes_per_query", most=2**31)
    n_previous = check_count(n_previous, "n_previous")
    rng = check_random_state(random_state)
    previous, following = _adjacent_queries(sessions, include_first, n_previous)
    if not following:
        needed = "a query" if include_first else "two different queries in a row"
        raise ValueError(f"sessions must hold {needed}, to make any pair.")
    y = np.repeat(object_array(following), prefixes_per_query)
    X = np.empty((len(y), 2), dtype=object)
    X[:, 0] = np.repeat(object_array(previous), prefixes_per_query)
    X[:, 1] = random_prefixes(y, rng)
    return X, y


def _adjacent_queries(sessions, include_first, n_previous):
    # Queries that differ from the one before, and what was asked before each.
    previous, following = [], []
    for session in check_sessions(sessions):
        before = ["", *session] if include_first else session
        for i, (query, next_query) in enumerate(pairwise(before), 1):
            if query != next_query:
                asked = tuple(filter(None, before[max(0, i - n_previous) : i]))
                previous.append(query if n_previous == 1 else asked)
                following.append(next_query)
    return previous, following


def random_prefixes(queries, rng):
    """Return a prefix of each query, its length uniform on 1, ..., len(query)."""
    lengths = rng.randint(1, [len(query) + 1 for query in queries])
    return [query[:length] for query, length in zip(queries, lengths.tolist(), strict=True)]


def check_sessions(sessions):
    """Return sessions as a list of lists of str, none of them empty."""
    sessions = as_list(sessions, "sessions", "lists of queries")
    checked = []
    for i, session in enumerate(sessions):
        is_in_order = not isinstance(session, (str, bytes, *UNORDERED))
        if not is_in_order or not hasattr(session, "__iter__"):
            raise TypeError(
                f"sessions must be a list of lists of queries, got {described(session)} for "
                f"session {i}."
            )
        queries = list(session)
        for query in queries:
            check_query(query, "sessions", f"session {i}")
        checked.append(list(map(str.__str__, queries)))
    return checked


def object_array(values):
    """Return a 1-D object array of the values, strings and tuples as they are."""
    return np.fromiter(values, dtype=object, count=len(values))


def check_query(query, name, place):
    """Refuse what is not a text, or is empty; messages say that it is in `place` of `name`."""
    if not isinstance(query, str):
        raise TypeError(
            f"{name} must hold queries, which are texts, got {described(query)} in {place}."
        )
    if not query:
        raise ValueError(f"{name} must hold queries that are not empty, got '' in {place}.")
