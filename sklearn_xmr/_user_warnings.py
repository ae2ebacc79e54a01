"""Warnings that point at the user's line, whatever lies between it and here."""

import warnings
from inspect import currentframe
from weakref import WeakKeyDictionary

# What calls us on the user's behalf.
_PACKAGES = {"sklearn_xmr", "sklearn", "joblib"}
_PACKAGES |= {"concurrent", "contextlib", "copyreg", "functools", "pickle", "threading"}
_warned_in = WeakKeyDictionary()  # searches, and the call in which they were last warned of


def warn_user(message, category=UserWarning, *, once_per_search=False):
    """Warn of the line on which the user called.

    Parameters
    ----------
    message : str
    category : type
    once_per_search : bool
        Whether a search of scikit-learn's over many fits warns once at most, whatever the messages
        are. Its fits in other threads and processes don't warn: the refit of the best does.
    """
    frame, is_of_search = currentframe(), False
    while frame.f_back is not None and _is_between(frame):
        if once_per_search and frame.f_code.co_name == "_fit_and_score":
            is_of_search = frame.f_locals.get("candidate_progress") is not None
        if once_per_search and frame.f_code.co_name == "fit":
            search = frame.f_locals.get("self")
            if hasattr(type(search), "_run_search"):
                if _warned_in.get(search) == id(frame):
                    return
                _warned_in[search] = id(frame)
                is_of_search = False
        frame = frame.f_back
    if is_of_search:  # which is on the stack of another thread or process
        return
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__", "<unknown>"),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )


def _is_between(frame):
    return frame.f_globals.get("__name__", "").partition(".")[0] in _PACKAGES
