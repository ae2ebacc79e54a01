"""Restrict a search to candidate labels: which nodes of each layer still lead to one."""

import weakref
from collections.abc import Iterator, Mapping, Set, ValuesView
from copy import deepcopy

import numpy as np
import scipy.sparse as sp

from .._checks import described, naming
from .._frames import by_columns, has_own_index
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
        self._given = deepcopy(names_or_mask(candidates))
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


def names_or_mask(candidates):
    """Candidates of whatever holds them, as a list or an array; other things as they are.

    What a boolean Series chooses by an index of its own, or a dict of booleans by its keys, are
    names.

    Raises
    ------
    ValueError
        If it is a mask of which an entry is missing.
    """
    if isinstance(candidates, Mapping) and _are_booleans(candidates.values()):
        return [name for name, is_allowed in candidates.items() if is_allowed]
    if isinstance(candidates, (Set, Mapping, ValuesView, Iterator)):
        return list(candidates)
    if not _is_mask_for_all(candidates):
        return candidates
    with naming("candidates", "names or a mask without missing entries"):
        mask = np.asarray(candidates, dtype=bool)
    return candidates.index[mask].tolist() if has_own_index(candidates) else mask


def _is_mask_for_all(candidates):
    # Where entries were missing for a while, booleans are objects.
    dtype = getattr(candidates, "dtype", None)
    if dtype is None or getattr(candidates, "ndim", 0) != 1 or sp.issparse(candidates):
        return False
    return dtype.kind == "b" or (dtype.kind == "O" and _are_booleans(candidates))


def _are_booleans(values):
    return len(values) > 0 and all(isinstance(value, (bool, np.bool_)) for value in values)


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
    candidates = by_columns(names_or_mask(candidates), classes_and_filler[:-1], "candidates")
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
