"""Checks of single parameters, all in one voice: ``NAME must be ..., got VALUE.``"""

import re
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from numbers import Integral, Real
from pathlib import Path

import numpy as np

from ._sklearn import InvalidParameterError, validate_sample_weight

# The types of numbers. Python's own come first: it takes longer to ask whether others are numbers.
WHOLE = int, Integral
REAL = float, int, Real

# Kernels number labels, features and rows with 32 bits.
MAX_INT32 = 2**31 - 1
# What holds its items in no order of the user's.
UNORDERED = set, frozenset, Mapping
FLOAT32_RANGE = np.finfo(np.float32).min, np.finfo(np.float32).max


def check_count(value, name, *, least=1, most=None):
    """Return a whole number as an int.

    Parameters
    ----------
    value : object
        NumPy's integers will do; booleans will not.
    name : str
        What messages call it.
    least, most : int or None
        The smallest and the largest number that is accepted.

    Raises
    ------
    InvalidParameterError
        If it is not a whole number between the two. It is a ValueError and a TypeError, as that of
        scikit-learn's own parameters is.
    """
    if isinstance(value, WHOLE) and not isinstance(value, bool):
        number = int(value)
        if least <= number and (most is None or number <= most):
            return number
    span = f"of at least {least}" if most is None else f"from {least} to {most}"
    raise InvalidParameterError(f"{name} must be an integer {span}, got {shown(value)}.")


def check_number(value, name, *, least=-np.inf, most=np.inf, closed="both"):
    """Return a real number as a float; NaN and booleans are refused.

    Parameters
    ----------
    value : object
    name : str
        What messages call it.
    least, most : float
        Where the accepted numbers begin and end.
    closed : {"left", "right", "both", "neither"}
        Which of the two are accepted themselves.

    Raises
    ------
    InvalidParameterError
        If it is not such a number.
    """
    is_left_closed, is_right_closed = closed in ("left", "both"), closed in ("right", "both")
    if isinstance(value, REAL) and not isinstance(value, bool):
        number = as_float(value)
        is_within = least <= number <= most
        if is_within and (is_left_closed or number > least) and (is_right_closed or number < most):
            return number
    span = ""
    if (least, most) != (-np.inf, np.inf):
        span = f" in {'(['[is_left_closed]}{least:g}, {most:g}{')]'[is_right_closed]}"
    raise InvalidParameterError(f"{name} must be a number{span}, got {shown(value)}.")


def check_path(value, name):
    """Return a path. A number is not taken for an open file, which would be closed in the end."""
    if isinstance(value, str) or hasattr(value, "__fspath__"):
        return Path(value)
    raise TypeError(f"{name} must be a str or path-like, got {shown(value)}.")


def check_splits(cv):
    """Return `cv`, masks of rows as their numbers.

    Raises
    ------
    TypeError, ValueError
        If it is a text, or a list of something else than pairs of rows to fit and to try, or none.
    """
    if isinstance(cv, (str, bytes)):  # which have a method split
        raise TypeError(f"cv must be a number of folds, a splitter or splits, got {shown(cv)}.")
    if isinstance(cv, list):
        if not cv:
            raise ValueError("cv must hold pairs of rows to fit and rows to try, got none.")
        for split in cv:
            if not isinstance(split, (tuple, list)) or len(split) != 2:
                raise ValueError(
                    f"cv must hold pairs of rows to fit and rows to try, got {shown(split)}."
                )
        return [(_row_numbers(rows_to_fit), _row_numbers(others)) for rows_to_fit, others in cv]
    return cv


def _row_numbers(rows):
    is_mask = getattr(getattr(rows, "dtype", None), "kind", None) == "b"
    return np.flatnonzero(rows) if is_mask else rows


def check_min_score(value):
    """Return the lowest score asked for as a float32, None for None.

    Raises
    ------
    InvalidParameterError
        If it is no number.
    """
    if value is None:
        return None
    return np.float32(np.clip(check_number(value, "min_score"), *FLOAT32_RANGE))


def as_float(value):
    """A real number as a float: infinity for an integer too large for one."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def as_floats(values, name):
    """Return numbers of any shape as an array of float64.

    Raises
    ------
    TypeError, ValueError
        If there is something else among them, or they are not of one shape.
    """
    with naming(name, f"numbers, got {shown(values)}"):
        return np.asarray(values, dtype=np.float64)


def as_list(values, name, items, *, in_any_order=False):
    """Return what can be iterated over as a list.

    Parameters
    ----------
    values : object
    name, items : str
        What messages call it, and what it holds.
    in_any_order : bool
        Whether a set or the keys of a dict will do, too.

    Raises
    ------
    TypeError
        If it is a single text, or such a set or dict, or cannot be iterated over.
    """
    if type(values) is list:
        return values.copy()
    unfit = (str, bytes) if in_any_order else (str, bytes, *UNORDERED)
    if not isinstance(values, unfit):
        to_list = getattr(values, "tolist", None) or getattr(values, "to_pylist", None)  # pyarrow's
        with suppress(TypeError):
            values = list(values) if to_list is None else to_list()
    if isinstance(values, list):
        return values
    raise TypeError(f"{name} must be a list of {items}, got {described(values)}.")


def check_weights(weights, rows, name="sample_weight", *, dtype=np.float64):
    """Return a weight for each row, all finite and at least 0, and some above it.

    Parameters
    ----------
    weights : array-like of shape (n_rows,), number or None
        A number is the weight of all rows, None is 1.
    rows : array-like or sparse matrix
        As many as there are weights.
    name : str
        What messages call the weights.
    dtype : dtype or None
        What they are returned as; None leaves float32 as it is.

    Raises
    ------
    TypeError, ValueError
        If they are not such numbers.
    """
    with naming(name, "a number of at least 0 for each row"):
        weights = validate_sample_weight(weights, rows, dtype=dtype, ensure_non_negative=True)
        if not np.isfinite(weights).all():  # a single number is not looked at before
            raise ValueError("it is NaN or infinity")
        if weights.size and not weights.any():  # scikit-learn looks since 1.8
            raise ValueError("it must contain at least one non-zero number")
    return weights


def is_missing(value):
    """Whether it is None, NaN, or pandas' NA or NaT."""
    if type(value) in (str, int):  # as most are, of a million
        return False
    if value is None or type(value).__name__ in ("NAType", "NaTType"):  # pandas may be missing
        return True
    return isinstance(value, (*REAL, np.datetime64, np.timedelta64)) and value != value


@contextmanager
def naming(name, expected):
    """Give the errors of others' checks the name of the parameter, where they lack it."""
    try:
        yield
    except (TypeError, ValueError, OverflowError) as error:
        if re.search(rf"\b{name}\b", str(error)):
            raise
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name} must be {expected}: {error}") from error


def shown(value):
    """A value in a message: short, whatever it is."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def described(value):
    """A value of a wrong type in a message."""
    return f"{shown(value)} of type {type(value).__name__}"
