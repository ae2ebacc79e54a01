"""Label sets: for each row a list, tuple or set of label names."""

from itertools import chain, count

import numpy as np
import scipy.sparse as sp

from ._checks import described
from ._sparse import indptr_of

COLLECTIONS = list, tuple, set, frozenset, np.ndarray


def are_label_sets(y):
    """Whether y is a sequence of label sets: some row is a set, or holds a string.

    Rows of numbers are those of an indicator, if all have as many, and some.
    """
    if not is_sequence_of_objects(y):
        return False
    rows = [row for row in y if isinstance(row, COLLECTIONS) and getattr(row, "ndim", 1)]
    sizes = set(map(len, rows))
    return (
        len(sizes) > 1
        or sizes == {0}
        or any(isinstance(row, (set, frozenset)) for row in rows)
        or any(isinstance(label, str) for row in rows for label in row)
    )


def is_sequence_of_objects(y):
    """Whether y is a list, a tuple, or one-dimensional and not of numbers or texts of NumPy's."""
    is_column = getattr(getattr(y, "dtype", None), "kind", None) == "O" and np.ndim(y) == 1
    return is_column or isinstance(y, (list, tuple))


def encode_label_sets(y):
    """Read label sets.

    Parameters
    ----------
    y : sequence of collections of str
        Names that come twice in a row count once.

    Returns
    -------
    Y : csr_array of float32 of shape (n_samples, n_labels)
        Canonical indicator.
    classes : ndarray of object of shape (n_labels,)
        The names, sorted. They stay str: NumPy's strings drop NULs at the end.

    Raises
    ------
    ValueError
        If a row is no collection, a label no str, or there are no labels.
    """
    rows = [_names(labels, row) for row, labels in enumerate(y)]
    classes = sorted(set(chain.from_iterable(rows)))
    if not classes:
        raise ValueError("y must have at least one label, got empty label sets only.")
    position_of = {name: position for position, name in enumerate(classes)}
    indices = [sorted(position_of[name] for name in names) for names in rows]
    indptr = indptr_of([len(positions) for positions in indices])
    indices = np.fromiter(chain.from_iterable(indices), dtype=np.int32, count=int(indptr[-1]))
    parts = np.ones(len(indices), dtype=np.float32), indices, indptr
    return sp.csr_array(parts, shape=(len(rows), len(classes))), as_objects(classes)


def as_objects(values):
    """A list as a one-dimensional array of object."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def label_sets(positions, classes):
    """The names at positions in `classes`, -1 for none, as a list for each row."""
    return [classes[row[row >= 0]].tolist() for row in positions]


def equal_sets(y, others):
    """Which rows of y, as `encode_label_sets` takes it, hold the labels of others: bool."""
    pairs = zip(map(_names, y, count()), others, strict=True)
    return np.array([labels == set(other) for labels, other in pairs], dtype=bool)


def _names(labels, row):
    if not isinstance(labels, COLLECTIONS):
        raise ValueError(
            "y must hold a list, tuple or set of label names for each row where it does for some, "
            f"got {described(labels)} in row {row}."
        )
    for label in labels:
        if not isinstance(label, str):
            raise ValueError(
                f"y must hold label sets of str, got {described(label)} in row {row}. For other "
                "labels, make an indicator of it with MultiLabelBinarizer(sparse_output=True)."
            )
    return set(map(str, labels))
