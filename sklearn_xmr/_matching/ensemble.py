"""One ranking from those of several trees."""

import numpy as np

from .._kernels.merge import merge


def merged(rankings, k, in_logs):
    """Merge rankings of the same queries by the mean of the labels' scores.

    Parameters
    ----------
    rankings : list of (positions, paths)
        A ranking per tree, as `search` returns them, all of the same shape.
    k : int
    in_logs : bool
        Whether a path's score is the exponential of what the search adds up, 0 where a label is
        not in a ranking. Otherwise it is a margin, and the ranking's last one stands in.

    Returns
    -------
    positions : ndarray of int32 of shape (n_queries, k)
        Best first, lower positions before higher of the same score; -1 where there are no more.
    paths : ndarray of float32 of shape (n_queries, k)
        Scores, or their logarithms if `in_logs`; -inf where there are no more.
    """
    positions = np.hstack([found for found, _ in rankings])
    floor = 0.0
    if in_logs:
        values = np.hstack([paths for _, paths in rankings]).astype(np.float64)
    else:
        values, floor = _above_last([paths for _, paths in rankings])
    best = np.empty((len(positions), k), dtype=np.int32)
    # Where there are no more labels, nothing is written; what memory held might warn when added to.
    scores = np.zeros((len(positions), k), dtype=np.float32)
    merge(positions, values, len(rankings), in_logs, best, scores)
    scores = (scores + floor).astype(np.float32, copy=False)
    scores[best < 0] = -np.inf
    return best, scores


def mean_paths(paths, in_logs):
    """The mean over the trees of given labels' scores, on the scale of `merged`.

    Parameters
    ----------
    paths : list of ndarray of float32 of shape (n_queries, k)
        A tree's scores of the paths to the labels, -inf where there is none.
    in_logs : bool
        As `merged` takes it.
    """
    if len(paths) == 1:
        return paths[0]
    paths = np.array(paths, dtype=np.float64)
    if in_logs:
        # From the largest one, so that the sum of small scores is not 0.
        largest = paths.max(axis=0)
        largest[largest == -np.inf] = 0
        with np.errstate(divide="ignore"):
            mean = np.log(np.mean(np.exp(paths - largest), axis=0)) + largest
    else:
        mean = paths.mean(axis=0)
    return mean.astype(np.float32)


def _above_last(paths):
    # What margins exceed the last one of their ranking by, and the mean of the last ones.
    paths = [path.astype(np.float64) for path in paths]
    lasts = [np.min(path, axis=1, initial=np.inf, where=path > -np.inf) for path in paths]
    lasts = [np.where(np.isinf(last), 0, last)[:, None] for last in lasts]
    return np.hstack([path - last for path, last in zip(paths, lasts, strict=True)]), np.mean(
        lasts, axis=0
    )
