"""Ranked labels and the true ones as what metrics of scores take: an indicator and scores."""

from collections.abc import Mapping

import numpy as np
from scipy.sparse import csr_array, issparse

from .._checks import as_list
from .._frames import by_index
from .._sparse import indptr_of

COLLECTIONS = list, tuple, set, frozenset


def as_indicator_and_scores(y_true, y_score, name="y_score"):
    """Turn label sets and ranked labels into what metrics of scores take.

    Parameters
    ----------
    y_true : sequence of label sets or of labels, or an indicator
    y_score : array of labels of shape (n_samples, k), best first, or scores
    name : str
        What messages call the latter.

    Returns
    -------
    y_true, y_score
        As they are, if `y_true` is no sequence of label sets. Otherwise CSR with a column for each
        label that occurs.
    labels : list or None
        These labels.

    Raises
    ------
    ValueError
        If `y_score` holds one label for each row, as `predict` gives them, or scores beside label
        sets, or not as many rows as `y_true`.
    """
    ranked = _ranked(y_score, name)
    if ranked is None or not _are_sets(y_true, ranked):
        return y_true, y_score, None
    if ranked.dtype.kind == "f" and (np.isfinite(ranked) & (np.floor(ranked) != ranked)).any():
        raise ValueError(
            f"{name} must have labels, as rank returns them, where y_true holds label sets, got "
            "scores."
        )
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
    return Y, scores, labels


def values_of_labels(values, labels, default, name):
    """What a dict {label: number}, or a Series indexed by labels, has for each label, as an array.

    Raises
    ------
    TypeError, ValueError
        If it is neither, or an entry of the index comes twice.
    """
    values = by_index(values, name)
    if not isinstance(values, Mapping):
        raise TypeError(
            f"{name} must be a dict {{label: {name}}} where y_true holds label sets, got "
            f"{type(values).__name__}."
        )
    return np.array([values.get(label, default) for label in labels])


def _ranked(y_score, name):
    # The second argument as an array of labels, None if it can only hold scores.
    if issparse(y_score) or not hasattr(y_score, "__len__"):
        return None
    try:
        ranked = np.asarray(y_score)
    except ValueError:
        return None
    if ranked.ndim == 1 and ranked.dtype.kind in "iuUO":
        raise ValueError(
            f"{name} must have scores, or labels as rank returns them, for each row of y_true, got "
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
