"""From a query log to sessions: who asked what and when, cut where somebody paused.

A log is three columns of the same length: users, times and queries. `QueryLog` holds them, and
every function takes any other triple as well, such as three columns of a DataFrame.
"""

from datetime import UTC, datetime
from itertools import pairwise
from math import isfinite, nan
from numbers import Real
from typing import NamedTuple

import numpy as np

from .._checks import check_count, check_number
from ._normalize_query import normalize_query
from ._text_files import decoded, line_error, open_binary

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class QueryLog(NamedTuple):
    """Queries, who asked them and when.

    Parameters
    ----------
    users : sequence of length n_queries
        The user, or the session where the log has such. Any hashable values.
    times : sequence of length n_queries
        Seconds since 1970-01-01 UTC, or ``datetime64``.
    queries : sequence of str of length n_queries
        What was asked.

    Examples
    --------
    >>> from sklearn_xmr.datasets import QueryLog
    >>> log = QueryLog(users=["ann", "bob"], times=[0, 60], queries=["birds", "databases"])
    >>> log.queries
    ['birds', 'databases']
    """

    users: list
    times: np.ndarray
    queries: list


def read_query_log(path, *, columns=(0, 1, 2), header=False):
    """Read a query log from a text file with tab-separated columns.

    Parameters
    ----------
    path : str or path-like
        The file: UTF-8, a query per line, plain or compressed by gzip. Blank lines are skipped.
    columns : tuple of 3 int, default=(0, 1, 2)
        Where user (or session), time and query stand in a line, counting from 0.
    header : bool, default=False
        Whether the first line names the columns.

    Returns
    -------
    QueryLog
        Users (list of str), times (ndarray of float64, seconds since 1970-01-01 UTC) and queries
        (list of str), in the order of the file.

    Raises
    ------
    ValueError
        If a line, which the message names, is not UTF-8, has another number of columns than the
        first or a time that cannot be read; if the file is broken or has no queries; or if
        `columns` are not three different numbers, 0 or more.
    OSError
        If the file cannot be opened.

    See Also
    --------
    cut_sessions : Makes sessions from the log.
    split_by_time : Splits the log into training and test.

    Notes
    -----
    A time is either a number, seconds since 1970-01-01 UTC, or a date and time of ISO 8601, such as
    ``2006-03-01 07:17:12`` or ``2006-03-01T07:17:12.5+02:00``, in UTC unless it says otherwise.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_xmr.datasets import read_query_log
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "log.tsv"
    ...     _ = path.write_text("ann\\t2006-03-01 07:17:12\\tbirds\\nbob\\t1141197500\\tviolin\\n")
    ...     log = read_query_log(path)
    >>> log.users, log.times.tolist(), log.queries
    (['ann', 'bob'], [1141197432.0, 1141197500.0], ['birds', 'violin'])
    """
    user_column, time_column, query_column = _check_columns(columns)
    users, times, queries = [], [], []
    n_columns = None
    with open_binary(path) as file:
        for number, line in enumerate(file, 1):
            text = decoded(line, path, number)
            if not text.strip() or (header and number == 1):
                continue
            fields = text.split("\t")
            n_columns = n_columns or max(len(fields), max(columns) + 1)
            if len(fields) != n_columns:
                raise line_error(
                    path,
                    number,
                    f"expected {n_columns} columns, separated by tabs, got {len(fields)}",
                )
            users.append(fields[user_column])
            times.append(_seconds(fields[time_column], path, number))
            queries.append(fields[query_column])
    if not queries:
        raise ValueError(f"{path}: no queries.")
    return QueryLog(users, np.array(times), queries)


def split_by_time(log, at):
    """Split a query log in two: what was asked before some moment, and what from then on.

    Train on the past and test on the future, as it will be when the model is used. Sessions that
    span the moment are cut in two by this.

    Parameters
    ----------
    log : QueryLog or tuple of (users, times, queries)
        The log, in any order.
    at : float, datetime or str
        The moment: seconds since 1970-01-01 UTC, a datetime, or ISO 8601 text; both are in UTC
        unless they say otherwise. ``numpy.quantile(log.times, 0.9)`` puts a tenth of the queries
        into the second part.

    Returns
    -------
    before : QueryLog
        What was asked before, in the order of `log`, with times in seconds; may be empty.
    after : QueryLog
        What was asked at that moment or later; likewise.

    Raises
    ------
    ValueError
        If the columns of the log differ in length, or a time cannot be read.
    TypeError
        If `at` is of another type.

    See Also
    --------
    cut_sessions : Makes sessions from each part.

    Examples
    --------
    >>> from sklearn_xmr.datasets import QueryLog, split_by_time
    >>> log = QueryLog(["ann", "bob", "bob"], [0, 60, 90], ["birds", "databases", "data mining"])
    >>> train, test = split_by_time(log, 90)
    >>> train.queries, test.queries
    (['birds', 'databases'], ['data mining'])
    """
    users, times, queries = _check_log(log)
    is_before = times < _moment(at)
    parts = []
    for kept in (is_before, ~is_before):
        rows = np.flatnonzero(kept).tolist()
        parts.append(QueryLog([users[i] for i in rows], times[kept], [queries[i] for i in rows]))
    return tuple(parts)


def cut_sessions(
    log, *, gap=30 * 60, normalize=normalize_query, collapse_typed=None, return_times=False
):
    """Cut each user's queries into sessions, wherever the user paused.

    Queries are put in order of time; of those asked at the same time, the first in the log comes
    first. Queries that are empty once normalised are left out, and so is a query that repeats the
    one before it in the session. Both still count as signs of life when pauses are measured.

    Parameters
    ----------
    log : QueryLog or tuple of (users, times, queries)
        The log, in any order.
    gap : float, default=1800
        A pause longer than this, in seconds, begins a new session. ``numpy.inf`` makes one session
        of all that a user, or what stands for one, has asked.
    normalize : callable or None, default=normalize_query
        Called with each query. None leaves queries as they are.
    collapse_typed : float or None, default=None
        For logs of what a box sends while somebody types: a query is left out if another follows
        within so many seconds, and either it begins with this one, or the query that came before,
        within so many seconds, does. The first goes on typing, the second takes letters back. None
        keeps all.
    return_times : bool, default=False
        Whether to return when sessions began, too.

    Returns
    -------
    sessions : list of list of str
        The sessions, by the time of their first query. None is empty.
    times : ndarray of float64 of shape (n_sessions,)
        The time of each session's first query in seconds, whether or not that was left out. Only
        with ``return_times=True``.

    Raises
    ------
    ValueError
        If the columns of the log differ in length, a time cannot be read, or `gap` or
        `collapse_typed` is negative or NaN.
    TypeError
        If a query is not a str, before or after `normalize`.

    See Also
    --------
    make_prefix_pairs : Makes training rows from sessions.

    Examples
    --------
    >>> from sklearn_xmr.datasets import QueryLog, cut_sessions
    >>> log = QueryLog(
    ...     users=["ann", "ann", "bob", "ann", "ann"],
    ...     times=[0, 10, 20, 30, 5000],
    ...     queries=["Birds", "birds ", "databases", "bird song", "violin"],
    ... )
    >>> cut_sessions(log)
    [['birds', 'bird song'], ['databases'], ['violin']]
    >>> log = QueryLog(["ann"] * 4, [0, 1, 2, 60], ["bi", "bird", "birds", "birds of prey"])
    >>> cut_sessions(log, collapse_typed=5)
    [['birds', 'birds of prey']]
    """
    gap = check_number(gap, "gap", least=0)
    if collapse_typed is not None:
        collapse_typed = check_number(collapse_typed, "collapse_typed", least=0)
    users, times, queries = _check_log(log)
    queries = [_normalized(query, normalize, i) for i, query in enumerate(queries)]
    user_codes = {}
    users = np.array([user_codes.setdefault(user, len(user_codes)) for user in users], dtype=int)
    order = np.lexsort((times, users))  # stable: the order of the log where times are equal
    users, times = users[order], times[order]
    is_start = np.ones(len(order), dtype=bool)
    is_start[1:] = (np.diff(users) != 0) | (np.diff(times) > gap)
    starts = np.flatnonzero(is_start)
    queries = [queries[i] for i in order.tolist()]
    sessions = []
    for start, stop in pairwise([*starts.tolist(), len(queries)]):
        asked = _without_repeats(queries[start:stop], times[start:stop].tolist())
        if collapse_typed is not None:
            asked = _finished(asked, collapse_typed)
        sessions.append([query for query, _, _ in asked])
    by_start = np.argsort(times[starts], kind="stable")
    by_start = [i for i in by_start.tolist() if sessions[i]]
    sessions = [sessions[i] for i in by_start]
    return (sessions, times[starts[by_start]]) if return_times else sessions


def _without_repeats(queries, times):
    # Each query with when it was asked first and last, before another one was.
    asked = []
    for query, time in zip(queries, times, strict=True):
        if asked and query == asked[-1][0]:
            asked[-1] = query, asked[-1][1], time
        elif query:
            asked.append((query, time, time))
    return asked


def _finished(asked, within):
    # Without what was asked on the way to something longer, and on the way back from it.
    never = "", nan, nan  # no comparison holds
    finished = []
    for before, this, after in zip([never, *asked], asked, [*asked[1:], never], strict=False):
        query, first, last = this
        is_shortened = first - before[2] <= within and before[0].startswith(query)
        goes_on = after[1] - last <= within and (after[0].startswith(query) or is_shortened)
        if not goes_on and not (finished and query == finished[-1][0]):
            finished.append(this)
    return finished


def _normalized(query, normalize, i):
    if not isinstance(query, str):
        raise TypeError(f"log must hold queries of type str, got {query!r} in row {i}.")
    if normalize is None:
        return query
    normalized = normalize(query)
    if not isinstance(normalized, str):
        raise TypeError(f"normalize must return a str, got {normalized!r} for {query!r}.")
    return normalized


def _check_log(log):
    """Users and queries as lists, times as float64 seconds, all of the same length."""
    try:
        users, times, queries = log
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"log must be a QueryLog or a tuple (users, times, queries), got {type(log).__name__}."
        ) from error
    users, queries, times = list(users), list(queries), as_seconds(times)
    if not len(users) == len(times) == len(queries):
        raise ValueError(
            "log must have as many users as times and queries, got "
            f"{len(users)}, {len(times)} and {len(queries)}."
        )
    return users, times, queries


def as_seconds(times):
    array = np.asarray(times)
    if array.ndim != 1:
        raise ValueError(f"log must have one time for each query, got shape {array.shape}.")
    if array.dtype.kind == "M":
        seconds = (array - np.datetime64(0, "s")) / np.timedelta64(1, "s")
    elif array.dtype.kind in "iuf":
        seconds = array.astype(np.float64)
    else:  # text or datetimes, with a time zone, say
        seconds = np.array([_moment(time) for time in array.tolist()], dtype=np.float64)
    if not np.isfinite(seconds).all():
        row = np.flatnonzero(~np.isfinite(seconds))[0]
        raise ValueError(
            f"log must have finite times, none missing, got {array[row]!r} in row {row}."
        )
    return seconds


def _moment(time):
    """Seconds since 1970-01-01 UTC of a number, a datetime or text of ISO 8601."""
    moment = time
    if isinstance(moment, np.datetime64):
        moment = (moment - np.datetime64(0, "s")) / np.timedelta64(1, "s")
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError as error:
            raise ValueError(f"A text must be a time of ISO 8601, got {time!r}.") from error
    if isinstance(moment, datetime):
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment = (moment - EPOCH).total_seconds()
    if not isinstance(moment, Real):
        raise TypeError(f"A time must be seconds, a datetime or text of ISO 8601, got {time!r}.")
    if not isfinite(moment):
        raise ValueError(f"A time must be finite and not missing, got {time!r}.")
    return float(moment)


def _seconds(text, path, number):
    try:
        return _moment(_number(text))
    except ValueError as error:
        problem = f"time must be a finite number of seconds or ISO 8601, got {text!r}"
        raise line_error(path, number, problem) from error


def _number(text):
    """The number that a text holds, or else the text."""
    try:
        return float(text)
    except ValueError:
        return text


def _check_columns(columns):
    columns = [check_count(column, "columns", least=0) for column in columns]
    if len(columns) != 3 or len(set(columns)) != 3:
        raise ValueError(
            f"columns must be three different numbers of columns, 0 or more, got {columns!r}."
        )
    return columns
