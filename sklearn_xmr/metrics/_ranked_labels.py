"""Ranked labels and the true ones as what metrics of scores take: an indicator and scores."""

from collections.abc import Mapping

import numpy as np
from scipy.sparse import csr_array, issparse

from .._checks import as_list
from .._sparse import indptr_of

COLLECTIONS = list, tuple, set, frozenset


def as_indicator_and_scores(y_true, y_score, propensity=None):
    """Turn label sets and ranked labels into what metrics of scores take.

    Parameters
    ----------
    y_true : sequence of label sets or of labels, or an indicator
    y_score : array of labels of shape (n_samples, k), best first, or scores
    propensity : dict of {label: propensity}, array-like or None

    Returns
    -------
    y_true, y_score, propensity
        As they are, if `y_true` is no sequence of label sets. Otherwise CSR with a column for each
        label that occurs, and the propensities of these.

    Raises
    ------
    TypeError, ValueError
        If `y_score` holds one label for each row, as `predict` gives them, or the arguments do not
        fit each other.
    """
    ranked = _ranked(y_score)
    if ranked is None or not _are_sets(y_true, ranked):
        return y_true, y_score, propensity
    sets = [_labels(row) for row in as_list(y_true, "y_true", "label sets")]
    if len(sets) != len(ranked) or not sets:
        raise ValueError(
            "y_true must hold a label set for each row of ranked labels, at least 1, got "
            f"{len(sets)} for {len(ranked)}."
        )
    rows = [list(dict.fromkeys(row)) for row in ranked.tolist()]  # without what comes again
    labels = list(dict.fromkeys(label for row in [*sets, *rows] for label in row)) or [None]
    column_of = {label: column for column, label in enumerate(labels)}
    Y = _csr([[column_of[label] for label in row] for row in sets], len(labels))
    scores = _csr([[column_of[label] for label in row] for row in rows], len(labels))
    scores.data = -np.concatenate([np.arange(len(row), dtype=np.float64) for row in rows])
    for matrix in (Y, scores):
        matrix.sort_indices()
    if propensity is not None:
        propensity = _of_labels(propensity, labels, set().union(*sets))
    return Y, scores, propensity


def _ranked(y_score):
    # The second argument as an array of labels, None if it can only hold scores.
    if issparse(y_score) or not hasattr(y_score, "__len__"):
        return None
    try:
        ranked = np.asarray(y_score)
    except ValueError:
        return None
    if ranked.ndim == 1 and ranked.dtype.kind in "iuUO":
        raise ValueError(
            "y_score must have scores, or labels as rank returns them, for each row of y_true, got "
            f"shape {ranked.shape}."
        )
    return ranked if ranked.ndim == 2 else None


def _are_sets(y_true, ranked):
    if issparse(y_true) or not hasattr(y_true, "__iter__") or isinstance(y_true, (str, bytes)):
        return False
    if isinstance(y_true, np.ndarray) and y_true.ndim != 1:
        return False
    rows = as_list(y_true, "y_true", "label sets")
    if not any(isinstance(row, (*COLLECTIONS, np.ndarray)) for row in rows):
        return bool(rows) and ranked.dtype.kind in "iuUO"  # one label for each row
    if any(isinstance(row, (set, frozenset)) for row in rows):
        return True
    lists = [list(row) for row in rows if isinstance(row, (*COLLECTIONS, np.ndarray))]
    # Rows of numbers, all of one length, are those of an indicator.
    return len({len(row) for row in lists}) > 1 or any(
        isinstance(label, str) for row in lists for label in row
    )


def _labels(row):
    if isinstance(row, (*COLLECTIONS, np.ndarray)):
        row = row.tolist() if isinstance(row, np.ndarray) else row
        return list(dict.fromkeys(row))
    return [row]


def _csr(rows, n_columns):
    indptr = indptr_of([len(row) for row in rows])
    columns = np.array([column for row in rows for column in row], dtype=np.int64)
    return csr_array((np.ones(len(columns)), columns, indptr), shape=(len(rows), n_columns))


def _of_labels(propensity, labels, true_labels):
    if not isinstance(propensity, Mapping):
        raise TypeError(
            "propensity must be a dict {label: propensity} where y_true holds label sets, got "
            f"{type(propensity).__name__}."
        )
    missing = [label for label in labels if label in true_labels and label not in propensity]
    if missing:
        raise ValueError(f"propensity must have an entry for every label, but not {missing[0]!r}.")
    return np.array([propensity.get(label, 1.0) for label in labels])
