"""What a query completer spares the person who types."""

import numpy as np
from sklearn.utils import check_consistent_length

from .._checks import as_list
from .._rank import rank
from ._completion import averaged
from ._topk import check_k


def keystrokes_saved(estimator, X, y, k=10, *, average="mean"):
    """Share of the keystrokes that suggestions save.

    Each query is typed letter by letter, from none on, until it is among the first k suggestions.
    What has been typed by then is what it costs; to choose from the list costs nothing.

    Parameters
    ----------
    estimator : query completer, Pipeline or search
        Fitted; what :func:`sklearn_xmr.rank` takes.
    X : array-like of str of shape (n_samples, 2)
        Rows of (previous query, prefix). The prefixes are not used.
    y : array-like of str of shape (n_samples,)
        The query that was meant, for each row.
    k : int, default=10
        Number of suggestions looked at.
    average : {"mean", None}, default="mean"
        None gives the share of each row.

    Returns
    -------
    float or ndarray of float64 of shape (n_samples,)
        Between 0, every query had to be typed to its end, and 1, each was suggested before its
        first letter.

    Raises
    ------
    ValueError
        If `k` is not an integer of at least 1, `X` does not hold pairs, there are no rows, a query
        is empty or `X` and `y` differ in length.
    TypeError
        If what should be a text is something else.

    See Also
    --------
    mean_reciprocal_rank : Looks at one prefix of each query, and at how far up it is found.

    Notes
    -----
    It is a scorer as it is: ``cross_val_score(completer, X, y, scoring=keystrokes_saved)``. Each
    letter typed takes a call of the completer, some ten for each row.

    Examples
    --------
    >>> from sklearn_xmr import MostFrequentCompleter
    >>> from sklearn_xmr.metrics import keystrokes_saved
    >>> completer = MostFrequentCompleter().fit_sessions([["birds"], ["birds"], ["bikes"]])
    >>> keystrokes_saved(completer, [("", ""), ("", "")], ["birds", "bikes"], k=1)
    0.7
    """
    k = check_k(k)
    previous, queries = _check_rows(X, y)
    typed = np.array([len(query) for query in queries])
    n_letters, waiting = typed.copy(), np.arange(len(queries))
    for length in range(max(n_letters)):
        waiting = waiting[n_letters[waiting] > length]
        if not len(waiting):
            break
        rows = [(previous[i], queries[i][:length]) for i in waiting.tolist()]
        labels, _ = rank(estimator, np.array(rows, dtype=object), k)
        meant = np.array([[queries[i]] for i in waiting.tolist()], dtype=object)
        is_found = (labels == meant).any(axis=1)
        typed[waiting[is_found]] = length
        waiting = waiting[~is_found]
    return averaged(1 - typed / n_letters, average)


def _check_rows(X, y):
    rows = np.asarray(X, dtype=object)
    if rows.ndim != 2 or rows.shape[1] != 2 or len(rows) == 0:
        raise ValueError(
            f"X must have rows (previous query, prefix), at least 1, got shape {rows.shape}."
        )
    queries = as_list(y, "y", "texts")
    check_consistent_length(rows, queries)
    for i, query in enumerate(queries):
        if not isinstance(query, str):
            raise TypeError(f"y must hold queries, which are texts, got {query!r} in row {i}.")
        if not query:
            raise ValueError(f"y must hold queries that are not empty, got '' in row {i}.")
    return rows[:, 0].tolist(), queries
