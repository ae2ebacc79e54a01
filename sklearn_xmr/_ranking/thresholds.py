"""Thresholds of probabilities that reach a goal on rows out of fold."""

import warnings

import numpy as np

from .._checks import check_number, shown


def check_threshold(threshold):
    """Refuse what is neither a probability nor a goal.

    Raises
    ------
    ValueError
        If it is another.
    """
    if isinstance(threshold, str):
        if threshold == "f1":
            return
    elif isinstance(threshold, tuple):
        if len(threshold) == 2 and threshold[0] in ("precision", "recall"):
            check_number(threshold[1], f"threshold's {threshold[0]}", least=0, most=1)
            return
    else:
        check_number(threshold, "threshold", least=0, most=1)
        return
    raise ValueError(
        'threshold must be a number in [0, 1], "f1", ("precision", p) or ("recall", r), got '
        f"{shown(threshold)}."
    )


def choose_threshold(goal, probabilities, is_true, n_true, n_least, weights=None):
    """The threshold that reaches a goal, over all pairs of a row and a label.

    Parameters
    ----------
    goal : "f1", ("precision", p) or ("recall", r)
    probabilities : ndarray of shape (n_rows, n_listed)
        Along the ranking, -inf for no label.
    is_true : ndarray of bool of that shape
    n_true : float
        How many right labels there are, found or not; with weights, their weight.
    n_least : int
        So many labels of a row are given whatever the threshold.
    weights : ndarray of float64 of shape (n_rows,) or None
        Of the rows, above 0; None is 1.

    Returns
    -------
    float
        Of those that reach a precision the lowest, of those that reach a recall the highest. If
        none does, what comes nearest.

    Warns
    -----
    UserWarning
        If none does.
    """
    found = probabilities > -np.inf
    counted = found if weights is None else found * weights[:, None]
    judged = found.copy()
    judged[:, :n_least] = False
    order = np.argsort(-probabilities[judged], kind="stable")
    thresholds = probabilities[judged][order]
    if not len(thresholds):
        return 0.5
    is_hit, always = counted * is_true, counted[:, :n_least].sum()
    hits = is_hit[:, :n_least].sum() + np.cumsum(is_hit[judged][order])
    n_given = always + np.cumsum(counted[judged][order])
    is_last = np.append(thresholds[1:] < thresholds[:-1], True)  # of those that are equal
    thresholds, hits, n_given = thresholds[is_last], hits[is_last], n_given[is_last]
    if goal == "f1":
        return float(thresholds[np.argmax(2 * hits / (n_given + n_true))])
    name, wanted = goal
    reached = hits / n_given if name == "precision" else hits / (n_true or 1)
    good = np.flatnonzero(reached >= wanted)
    if not len(good):
        best = int(np.argmax(reached))
        warnings.warn(
            f"No threshold reaches a {name} of {wanted:g} out of fold: the best is "
            f"{reached[best]:.3g}, at {thresholds[best]:.3g}.",
            UserWarning,
            stacklevel=4,
        )
        return float(thresholds[best])
    return float(thresholds[good[-1 if name == "precision" else 0]])
