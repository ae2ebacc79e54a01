"""Restrict a search to candidate labels: which nodes of each layer still lead to one."""

import weakref
from collections.abc import Mapping, Set, ValuesView
from copy import deepcopy

import numpy as np
import scipy.sparse as sp

from .._checks import chosen_by_index, described
from .._sparse import array_of_numbers, marked
from .beam_search import AllowedNodes
from .score_pairs import label_positions
from .tree_layout import positive_nodes


class PreparedCandidates:
    """Candidates of many searches, read once.

    Only the model that has read them knows what it has read. Others, and this one in another
    process, read again what was given.

    Parameters
    ----------
    candidates : object
        As the model takes them, for all queries alike.
    model : object
        Reads them: its `read_candidates` takes them and the number of queries, None.
    """

    def __init__(self, candidates, model):
        self._given = deepcopy(_without_views(candidates))
        self._read = model.read_candidates(self._given, None)
        self._model = weakref.ref(model)

    def read_by(self, model):
        """What the model's `read_candidates` makes of the candidates."""
        if self._model is not None and self._model() is model:
            return self._read
        return model.read_candidates(self._given, None)

    def __repr__(self):
        return f"PreparedCandidates({described(self._given)})"

    def __getstate__(self):
        return {"_given": self._given, "_read": None, "_model": None}


def candidate_labels(candidates, classes_and_filler, n_queries):
    """Candidates, by name or as a mask, as canonical CSR of ones.

    Parameters
    ----------
    candidates : object
        As `XRLinearClassifier.rank` takes them.
    classes_and_filler : ndarray of shape (n_labels + 1,)
        As `with_filler` makes it.
    n_queries : int or None
        None if they are for all queries alike.

    Returns
    -------
    csr_array of shape (n_queries or 1, n_labels)

    Raises
    ------
    ValueError
        If a mask has another shape or holds NaN, or a name is unknown or there twice.
    """
    n_labels = len(classes_and_filler) - 1
    if isinstance(candidates, str):
        raise ValueError(f"candidates must be a list of names or a mask, got {candidates!r}.")
    candidates = _without_views(candidates)
    if _are_names(candidates):
        return _of_names(candidates, classes_and_filler)
    mask = array_of_numbers(candidates, "candidates")
    shapes = [(n_labels,)] if n_queries is None else [(n_labels,), (n_queries, n_labels)]
    if mask.shape not in shapes:
        expected = " or ".join(map(str, shapes))
        raise ValueError(
            f"candidates must be names of labels, or a mask of shape {expected}, got shape "
            f"{mask.shape}."
        )
    return marked(mask, "candidates")


def allowed_nodes(labels, layers):
    """The nodes above labels, as a restriction of the search: see `candidate_labels`."""
    return AllowedNodes.of(positive_nodes(labels, layers))


def _without_views(candidates):
    # Sets, dicts, the keys or values of one, and what a Series chooses, are lists of names.
    candidates = chosen_by_index(candidates)
    are_names = isinstance(candidates, (Set, Mapping, ValuesView))
    return list(candidates) if are_names else candidates


def _are_names(candidates):
    # One axis of anything but booleans.
    if sp.issparse(candidates):
        return False
    try:
        array = np.asarray(candidates)
    except ValueError:  # lists of different lengths
        return False
    return array.ndim == 1 and array.dtype.kind != "b"


def _of_names(names, classes_and_filler):
    classes = classes_and_filler[:-1]
    if classes.dtype.kind in "iu" and np.asarray(names).dtype.kind == "f" and len(names):
        raise ValueError(
            f"candidates must be values of classes_, of dtype {classes.dtype}, or a mask of "
            f"booleans, got dtype {np.asarray(names).dtype}."
        )
    positions = label_positions(names, classes_and_filler, "candidates")
    if (positions < 0).any():
        unknown = list(names)[int(np.argmin(positions))]
        raise ValueError(f"candidates has {unknown!r}, which is not among the classes.")
    found = np.unique(positions).astype(np.int32)
    if len(found) < len(positions):
        raise ValueError("candidates must name each label once, got one twice.")
    parts = np.ones(len(found), dtype=bool), found, np.array([0, len(found)], dtype=np.int32)
    return sp.csr_array(parts, shape=(1, len(classes)))
