"""Scores of given labels: where they stand in `classes_`, and the paths that lead to them."""

from collections.abc import Hashable

import numpy as np
import scipy.sparse as sp

from .beam_search import AllowedNodes, search
from .tree_layout import positive_nodes


def label_positions(labels, classes_and_filler, name="labels"):
    """Positions in ``classes_`` of an array of labels; -1 for fillers.

    Parameters
    ----------
    labels : array-like
    classes_and_filler : ndarray of shape (n_labels + 1,)
        As `with_filler` makes it.
    name : str
        What messages call the labels.

    Raises
    ------
    ValueError
        If a label is neither a class nor the filler.
    """
    classes, filler = classes_and_filler[:-1], classes_and_filler[-1]
    try:
        labels = np.asarray(labels, dtype=object if classes.dtype == object else None)
    except ValueError as error:
        raise ValueError(f"{name} is no array: {error}") from error
    if labels.ndim == 0:
        raise ValueError(f"{name} must be an array of classes, got {labels.item()!r}.")
    positions = _positions(labels, classes)
    for label in labels[positions < 0].tolist():
        # Of the fillers, NaN is unlike itself.
        if label != filler and (label == label or filler == filler):
            raise ValueError(f"{name} has {label!r}, which is not among the classes.")
    return positions


def _positions(labels, classes):
    # -1 where a label is no class.
    if labels.dtype == object and not isinstance(classes[0], str):
        position_of = {label: position for position, label in enumerate(classes.tolist())}
        found = [
            position_of.get(label, -1) if isinstance(label, Hashable) else -1
            for label in labels.ravel().tolist()
        ]
        return np.array(found, dtype=np.int64).reshape(labels.shape)
    if labels.dtype == object:
        # Classes are sorted, so all of them are strings. What is none has no place among them.
        is_text = np.frompyfunc(lambda label: isinstance(label, str), 1, 1)(labels).astype(bool)
        positions = np.full(labels.shape, -1)
        positions[is_text] = _positions_among(classes, labels[is_text])
        return positions
    if labels.size and (labels.dtype.kind == "U") != (classes.dtype.kind == "U"):
        return np.full(labels.shape, -1)
    return _positions_among(classes, labels)


def _positions_among(classes, labels):
    positions = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
    return np.where(classes[positions] == labels, positions, -1)


def score_paths(layers, X, positions, path_score, n_jobs=None, start=None):
    """Log-domain scores of given labels of each query.

    It is a search that is restricted to them and has room for all: the features of a query are
    looked up once in each node that leads to any.

    Parameters
    ----------
    layers : list of Layer
        Those of a tree, or just the last ones.
    X : csr_array of float32 of shape (n_queries, n_features)
        Canonical.
    positions : ndarray of int of shape (n_queries, k)
        Label positions, in any order and any number of times; -1 for none.
    path_score : PathScore
    n_jobs : int, optional
    start : (beam, scores), optional
        As `search` takes it.

    Returns
    -------
    ndarray of float32 of shape (n_queries, k)
        Scores of the paths, -inf where there is no label, or no way to it from `start`.
    """
    n_labels = len(layers[-1].node_of)
    given = positions >= 0
    rows, labels = np.nonzero(given)[0], positions[given]
    indicator = sp.csr_array((np.ones(len(rows)), (rows, labels)), shape=(len(positions), n_labels))
    indicator.sum_duplicates()
    width = max(int(np.diff(indicator.indptr).max(initial=0)), 1)
    allowed = AllowedNodes.of(positive_nodes(indicator, layers))
    found, paths = search(layers, X, width, width, path_score, allowed, n_jobs, start)
    # Row and label as one number: those found, sorted, with one behind all others at the end.
    found_rows, places = np.nonzero(found >= 0)
    keys = found_rows * n_labels + found[found_rows, places]
    order = np.argsort(keys)
    keys = np.append(keys[order], len(positions) * n_labels)
    entries = np.append(paths[found_rows, places][order], np.float32(-np.inf))
    wanted = rows * n_labels + labels
    place = np.searchsorted(keys, wanted)
    scores = np.full(positions.shape, -np.inf, dtype=np.float32)
    scores[given] = np.where(keys[place] == wanted, entries[place], -np.inf)
    return scores
