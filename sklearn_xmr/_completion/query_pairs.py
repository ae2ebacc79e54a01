"""What query completion is trained on and asked: texts, checked before any work starts.

A row of X is a pair of the previous query and the prefix typed so far, its target the query that
followed. Texts stay Python strings, any of them: NumPy's would lose a NUL at the end.
"""

from collections.abc import Mapping, Set

import numpy as np

from .._checks import described, is_missing
from ..datasets._prefix_pairs import check_query
from .contexts import as_context


def check_pairs(X):
    """Return the previous queries and the prefixes of the rows of X: two lists.

    None and NaN read as "". A sequence of previous queries is made a context.
    """
    if isinstance(X, (list, tuple)):
        for i, row in enumerate(X):
            is_sequence = isinstance(row, (list, tuple)) or getattr(row, "ndim", 0) == 1
            if not is_sequence or len(row) != 2:
                raise ValueError(
                    f"X must hold pairs of (previous query, prefix), got {described(row)} in row "
                    f"{i}."
                )
        rows = X
    else:
        rows = np.asarray(X, dtype=object)
        if rows.ndim != 2 or rows.shape[1] != 2:
            raise ValueError(
                "X must have a row (previous query, prefix) for each sample, got "
                f"{type(X).__name__} of shape {rows.shape}."
            )
        rows = rows.tolist()
    if len(rows) == 0:
        raise ValueError("X must have at least 1 row, got 0.")
    previous, prefixes = zip(*rows, strict=True)
    return _each(check_previous, previous, 0), _each(check_text, prefixes, 1)


def check_previous(value, name):
    """Return what was asked before as a context: a query, or a sequence of them, newest last."""
    if type(value) is str:  # as a rule
        return value
    if isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) == 1:
        return as_context([check_text(query, f"{name}[{i}]") for i, query in enumerate(value)])
    return check_text(value, name)


def check_text(value, name):
    """Return one text as a str; None and NaN read as ""."""
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if is_missing(value):
        return ""
    raise TypeError(f"{name} must be a text, or None for no text, got {described(value)}.")


def check_queries(y):
    """Return y, the query that followed for each row, as a list of str, none of them empty."""
    is_text = isinstance(y, (str, bytes))
    is_unordered = isinstance(y, (Set, Mapping))
    if is_text or is_unordered or not hasattr(y, "__iter__") or getattr(y, "ndim", 1) != 1:
        raise ValueError(f"y must have one query for each sample, got {described(y)}.")
    queries = list(y)
    for i, query in enumerate(queries):
        check_query(query, "y", f"row {i}")
    return list(map(str.__str__, queries))


def _each(check, values, column):
    if set(map(type, values)) == {str}:
        return list(values)
    return [check(value, f"X[{i}][{column}]") for i, value in enumerate(values)]
