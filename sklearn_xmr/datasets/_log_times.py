"""When queries were asked, in seconds since 1970."""

import re
from datetime import datetime, timezone
from math import isfinite
from numbers import Real

import numpy as np

from .._checks import as_float, naming, shown

UTC = timezone.utc
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds of the year 5138: nobody has asked then, and in milliseconds it is 1973.
FAR_FUTURE = 1e11


def as_seconds(times, name="the times of log"):
    """Times of any kind as float64 seconds, or an error that says what is wrong."""
    with naming(name, "in one dimension"):
        array = np.asarray(times)
    if array.ndim != 1:
        raise ValueError(f"{name} must be in one dimension, got shape {array.shape}.")
    if array.dtype.kind == "M":
        seconds = (array - np.datetime64(0, "s")) / np.timedelta64(1, "s")
    elif array.dtype.kind in "iuf":
        seconds = array.astype(np.float64)
    else:  # text or datetimes, with a time zone, say
        seconds = np.array([moment_of(time, name) for time in array.tolist()])
    if not np.isfinite(seconds).all():
        row = np.flatnonzero(~np.isfinite(seconds))[0]
        raise ValueError(f"{name} must be finite, none missing, got {array[row]!r} in row {row}.")
    check_seconds(seconds)
    return seconds


def check_seconds(seconds):
    """Refuse times that must be of a finer unit: most of them are past the year 5000."""
    if not len(seconds) or np.median(np.abs(seconds)) < FAR_FUTURE:
        return
    typical = float(np.median(np.abs(seconds)))
    units = [("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9)]
    unit, factor = next((u for u in units if typical < u[1] * FAR_FUTURE), units[-1])
    raise ValueError(
        f"times must be seconds since 1970, got {typical:.0f}, which looks like {unit}: divide "
        f"them by {factor:g}."
    )


# What Python 3.10 does not read yet: Z for UTC, no separators, any number of decimals.
_BASIC = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d)(?::?(\d\d))?(?::?(\d\d))?(?:[.,](\d+))?)?(Z|[+-].*)?"
)


def _parsed(text):
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        match = _BASIC.fullmatch(text)
        if match is None:
            raise
        year, month, day, hour, minute, second, decimals, zone = match.groups(default="")
        time = f"{hour or '00'}:{minute or '00'}:{second or '00'}.{decimals:0<6.6}"
        zone = "+00:00" if zone == "Z" else zone
        return datetime.fromisoformat(f"{year}-{month}-{day}T{time}{zone}")


def moment_of(time, name):
    """Seconds since 1970-01-01 UTC of a number, a datetime or text of ISO 8601."""
    moment = time
    if isinstance(moment, np.datetime64):
        moment = (moment - np.datetime64(0, "s")) / np.timedelta64(1, "s")
    if isinstance(moment, str):
        try:
            moment = _parsed(moment)
        except ValueError as error:
            raise ValueError(f"{name} must be numbers or of ISO 8601, got {time!r}.") from error
    if isinstance(moment, datetime):
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment = (moment - EPOCH).total_seconds()
    if not isinstance(moment, Real):
        raise TypeError(
            f"{name} must be seconds, datetimes or text of ISO 8601, got {shown(time)}."
        )
    moment = as_float(moment)
    if not isfinite(moment):
        raise ValueError(f"{name} must be finite, none missing, got {shown(time)}.")
    return moment
