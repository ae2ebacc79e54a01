"""Shortlists to learn from as a ranker will meet them: of rows, and labels, unknown to the model.

Scores of rows that a model was trained on teach a ranker to trust them blindly. So each row gets
its shortlist from a model of other rows; and since there are labels without rows, or will be, some
labels lose theirs in each fold.
"""

from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from .._checks import check_count

# The share of the labels that lose their rows in a fold.
COLD_SHARE = 0.25


class Shortlists(NamedTuple):
    """Labels found for rows, all arrays of shape (n_rows, n_shortlist).

    Attributes
    ----------
    labels : ndarray of int
        -1 for none.
    scores : ndarray of float32
        -inf where there is no label, or none that the model scored.
    label_counts : ndarray of float64
        How many rows each label had in the model that found it.
    """

    labels: np.ndarray
    scores: np.ndarray
    label_counts: np.ndarray


def out_of_fold_shortlists(fit_and_search, Y, *, cv=3, groups=None, random_state=None):
    """Find labels for each row with models that saw neither it nor the rows of some labels.

    Parameters
    ----------
    fit_and_search : callable
        Given numbers of rows to fit to, their label indicator (CSR, as many columns as Y) and
        numbers of other rows, it returns labels and scores for the latter, two arrays of shape
        (n_other, n_shortlist), -1 for no label. Labels may have lost all their rows.
    Y : csr_array of shape (n_rows, n_labels)
        Label indicator.
    cv : int
        In how many parts the rows are cut.
    groups : ndarray of shape (n_rows,) or None
        Rows with equal entries fall into the same part, such as rows of one text. By default, each
        row is a group.
    random_state : int, RandomState or None

    Returns
    -------
    Shortlists
        In the order of the rows.

    Raises
    ------
    ValueError
        If there are fewer groups than parts.
    """
    cv, rng = check_count(cv, "cv", least=2), check_random_state(random_state)
    parts = _parts(Y.shape[0] if groups is None else groups, cv, rng)
    found = []
    for part in range(cv):
        others = np.flatnonzero(parts != part)
        is_cold = rng.random_sample(Y.shape[1]) < COLD_SHARE
        known = _without_labels(Y[others], is_cold)
        if known.nnz == 0:  # of few labels, all may be cold
            known = Y[others]
        # A row that lost all its labels would be a negative of them.
        is_kept = (np.diff(known.indptr) > 0) | (np.diff(Y.indptr)[others] == 0)
        rows, known = others[is_kept], known[is_kept]
        held_out = np.flatnonzero(parts == part)
        labels, scores = fit_and_search(rows, known, held_out)
        counts = np.bincount(known.indices, minlength=Y.shape[1])
        found.append((held_out, labels, scores, counts))
    return _in_order_of_rows(found, Y.shape[0])


def _parts(groups, cv, rng):
    # The part of each row: whole groups, dealt out in random order.
    if np.ndim(groups):
        groups, of_row = np.unique(groups, return_inverse=True)
        n_groups = len(groups)
    else:
        n_groups, of_row = groups, slice(None)
    if n_groups < cv:
        raise ValueError(f"cv must be at most the number of distinct rows, {n_groups}, got {cv}.")
    return rng.permutation(n_groups)[of_row] % cv


def _without_labels(Y, is_dropped):
    Y = Y.copy()
    Y.data[is_dropped[Y.indices]] = 0
    Y.eliminate_zeros()
    return Y


def _in_order_of_rows(found, n_rows):
    width = max(labels.shape[1] for _, labels, _, _ in found)
    pooled = Shortlists(
        np.full((n_rows, width), -1),
        np.full((n_rows, width), -np.inf, dtype=np.float32),
        np.zeros((n_rows, width)),
    )
    for rows, labels, scores, counts in found:
        columns = np.arange(labels.shape[1])
        pooled.labels[np.ix_(rows, columns)] = labels
        pooled.scores[np.ix_(rows, columns)] = scores
        pooled.label_counts[np.ix_(rows, columns)] = np.where(labels >= 0, counts[labels], 0)
    return pooled
