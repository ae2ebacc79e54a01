"""From a query log to sessions: who asked what and when, cut where somebody paused.

A log is three columns of the same length: users, times and queries. `QueryLog` holds them, and
every function takes any other triple as well, and a DataFrame of three columns.
"""

from itertools import pairwise
from math import nan
from typing import NamedTuple

import numpy as np

from .._checks import as_list, check_count, check_number, described
from ._log_times import as_seconds, check_seconds, moment_of
from ._normalize_query import normalize_query
from ._text_files import check_delimiter, line_error, read_lines, rows_of


class QueryLog(NamedTuple):
    """Queries, who asked them and when.

    Parameters
    ----------
    users : sequence of length n_queries
        The user, or the session where the log has such. Any hashable values; None, "" and NaN stand
        for somebody unknown, another one in each row.
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


def read_query_log(
    path, *, columns=(0, 1, 2), header=False, delimiter="\t", encoding="utf-8", errors="strict"
):
    """Read a query log from a text file with columns.

    Parameters
    ----------
    path : str or path-like
        The file: a query per line, plain or compressed by gzip. Blank lines are skipped.
    columns : tuple of 3 int or 3 str, default=(0, 1, 2)
        Where user (or session), time and query stand in a line, counting from 0; or what the first
        line calls them.
    header : bool, default=False
        Whether the first line names the columns. It does if `columns` are names.
    delimiter : str, default="\\t"
        The character between columns. Beside any but a tab, fields may be quoted as in CSV.
    encoding : str, default="utf-8"
        How the file encodes text.
    errors : str, default="strict"
        What to do about bytes that are no text, as :meth:`bytes.decode` takes it: "replace", say.

    Returns
    -------
    QueryLog
        Users (list of str), times (ndarray of float64, seconds since 1970-01-01 UTC) and queries
        (list of str), in the order of the file.

    Raises
    ------
    ValueError
        If a line, which the message names, is not text, has another number of columns than the
        first or a time that cannot be read; if times are milliseconds; if the file is broken or has
        no queries; or if `columns` are not three different numbers, 0 or more, or names.
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
    if not isinstance(header, (bool, np.bool_)):
        raise TypeError(f"header must be True or False, got {described(header)}.")
    columns = _check_columns(columns)
    by_name = isinstance(columns[0], str)
    users, times, queries = [], [], []
    n_columns = None
    lines = read_lines(path, encoding, errors)
    for number, fields in rows_of(lines, check_delimiter(delimiter)):
        if number == 1 and (header or by_name):
            columns = _named_columns(columns, fields, path) if by_name else columns
            continue
        n_columns = n_columns or max(len(fields), max(columns) + 1)
        if len(fields) != n_columns:
            between = _DELIMITERS.get(delimiter, delimiter)
            problem = f"expected {n_columns} columns, separated by {between}, got {len(fields)}"
            raise line_error(path, number, problem)
        user, time, query = (fields[column] for column in columns)
        users.append(user)
        times.append(_seconds(time, path, number))
        queries.append(query)
    if not queries:
        raise ValueError(f"{path}: no queries.")
    times = np.array(times)
    try:
        check_seconds(times)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return QueryLog(users, times, queries)


def split_by_time(log, at):
    """Split a query log in two: what was asked before some moment, and what from then on.

    Train on the past and test on the future, as it will be when the model is used. Sessions that
    span the moment are cut in two by this.

    Parameters
    ----------
    log : QueryLog, tuple of (users, times, queries) or DataFrame of these three columns
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
    is_before = times < moment_of(at, "at")
    parts = []
    for kept in (is_before, ~is_before):
        rows = np.flatnonzero(kept).tolist()
        parts.append(QueryLog([users[i] for i in rows], times[kept], [queries[i] for i in rows]))
    return tuple(parts)


def cut_sessions(
    log, *, gap=30 * 60, normalize=normalize_query, collapse_typed=None, return_times=False
):
    """Cut each user's queries into sessions, wherever the user paused.

    A query of which the log does not know the user (None, "" or NaN) is a session of its own.
    Queries are put in order of time; of those asked at the same time, the first in the log comes
    first. Queries that are empty once normalised are left out, and so is a query that repeats the
    one before it in the session. Both still count as signs of life when pauses are measured.

    Parameters
    ----------
    log : QueryLog, tuple of (users, times, queries) or DataFrame of these three columns
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
    codes = {}
    users = [row if _is_nobody(user) else (user,) for row, user in enumerate(users)]
    users = np.array([codes.setdefault(user, len(codes)) for user in users], dtype=int)
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
    if hasattr(log, "columns") and hasattr(log, "iloc"):  # a DataFrame, whose items are its names
        log = [log.iloc[:, column] for column in range(log.shape[1])]
    try:
        users, times, queries = log
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"log must be a QueryLog or a tuple (users, times, queries), got {type(log).__name__}."
        ) from error
    users, queries = as_list(users, "log[0]", "users"), as_list(queries, "log[2]", "queries")
    times = as_seconds(times)
    if not len(users) == len(times) == len(queries):
        raise ValueError(
            "log must have as many users as times and queries, got "
            f"{len(users)}, {len(times)} and {len(queries)}."
        )
    return users, times, queries


def _seconds(text, path, number):
    try:
        return moment_of(_number(text), "time")
    except ValueError as error:
        problem = f"time must be a finite number of seconds or ISO 8601, got {text!r}"
        raise line_error(path, number, problem) from error


def _number(text):
    """The number that a text holds, or else the text."""
    try:
        return float(text)
    except ValueError:
        return text


# What messages call them.
_DELIMITERS = {"\t": "tabs", ",": "commas", ";": "semicolons", " ": "spaces", "|": "bars"}


def _check_columns(columns):
    columns = list(columns) if isinstance(columns, str) else as_list(columns, "columns", "columns")
    if not all(isinstance(column, str) for column in columns):
        columns = [check_count(column, "columns", least=0) for column in columns]
    if len(columns) != 3 or len(set(columns)) != 3:
        raise ValueError(
            "columns must be three different numbers of columns, 0 or more, or three names, got "
            f"{columns!r}."
        )
    return columns


def _named_columns(names, fields, path):
    for name in names:
        if name not in fields:
            raise line_error(path, 1, f"there is no column {name!r} among {fields}")
    return [fields.index(name) for name in names]


def _is_nobody(user):
    # What a log has where it does not know who asked: another person in each row.
    try:
        return user is None or user == "" or bool(user != user)
    except TypeError:  # pandas.NA, which is not even equal to itself
        return True
