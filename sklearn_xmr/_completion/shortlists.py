"""Lists of suggestions for many rows: a row of positions, -1 behind the last, and one of scores."""

import numpy as np


def nothing(n_rows, k):
    """Lists without suggestions."""
    return np.full((n_rows, k), -1, dtype=np.int32), np.full((n_rows, k), -np.inf)


def reordered(order, *arrays):
    """Put the entries of each row in an order of its own."""
    rows = np.arange(len(order))[:, None]
    return tuple(array[rows, order] for array in arrays)


def merged(owners, n_rows, positions, scores):
    """Join lists that belong to the same row, each position once with its best score.

    Parameters
    ----------
    owners : ndarray of int of shape (n_lists,)
        The row that each list belongs to.
    n_rows : int
    positions, scores : ndarrays of shape (n_lists, k)

    Returns
    -------
    positions, scores : ndarrays of shape (n_rows, k)
        Best first; of equal scores, the lower position.
    """
    k = positions.shape[1]
    if len(owners) == n_rows == 1:
        return positions, scores
    places = np.flatnonzero(positions >= 0)
    rows, entries, values = owners[places // k], positions.flat[places], scores.flat[places]
    order = np.lexsort((-values, entries, rows))
    rows, entries, values = rows[order], entries[order], values[order]
    is_first = np.ones(len(rows), dtype=bool)
    is_first[1:] = (rows[1:] != rows[:-1]) | (entries[1:] != entries[:-1])
    rows, entries, values = rows[is_first], entries[is_first], values[is_first]
    order = np.lexsort((-values, rows))
    columns = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = columns < k
    order, places = order[kept], (rows[kept], columns[kept])
    best = np.full((n_rows, k), -1, dtype=positions.dtype)
    best_scores = np.full((n_rows, k), -np.inf, dtype=scores.dtype)
    best[places], best_scores[places] = entries[order], values[order]
    return best, best_scores


def appended(positions, scores, others, other_scores):
    """Fill lists up with those of others that are not in them.

    Parameters
    ----------
    positions, scores : ndarrays of shape (n_rows, k)
    others, other_scores : ndarrays of shape (n_rows, n_others)
        In the order in which they are to follow; at least k.

    Returns
    -------
    positions, scores : ndarrays of shape (n_rows, k)
    """
    k = positions.shape[1]
    if positions.max() < 0:
        return others[:, :k], other_scores[:, :k]
    is_known = (others[:, :, None] == positions[:, None, :]).any(axis=2)
    others, other_scores = np.where(is_known, -1, others), np.where(is_known, -np.inf, other_scores)
    positions, scores = np.hstack([positions, others]), np.hstack([scores, other_scores])
    order = np.argsort(positions < 0, axis=1, kind="stable")[:, :k]
    return reordered(order, positions, scores)
