"""Checks of single parameters, all in one voice."""

from numbers import Integral, Real

import numpy as np


def check_count(value, name, *, least=1, most=None):
    """Return a whole number as an int.

    Parameters
    ----------
    value : object
    name : str
        What messages call it.
    least, most : int or None
        The smallest and the largest number that is accepted.

    Raises
    ------
    ValueError
        If it is not a whole number between the two; booleans are none.
    """
    is_count = isinstance(value, Integral) and not isinstance(value, bool | np.bool_)
    if not is_count or value < least or (most is not None and value > most):
        span = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} must be an integer {span}, got {value!r}.")
    return int(value)


def check_number(value, name, *, least=-np.inf, most=np.inf):
    """Return a real number as a float; NaN and booleans are none.

    Raises
    ------
    ValueError
        If it is not a number between `least` and `most`.
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    if not is_number or not least <= value <= most:
        span = "" if (least, most) == (-np.inf, np.inf) else f" from {least:g} to {most:g}"
        raise ValueError(f"{name} must be a number{span}, got {value!r}.")
    return float(value)
