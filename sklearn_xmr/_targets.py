"""From y to a label indicator, and from scores back to the container that y came in."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array, column_or_1d, indexable
from sklearn.utils.multiclass import check_classification_targets

from ._checks import described, is_missing, naming
from ._label_sets import are_label_sets, encode_label_sets, is_sequence_of_objects
from ._sparse import canonical_csr, indptr_of
from ._user_warnings import warn_user

# What separates labels within a text. A comma is a part of many a name, too.
SEPARATORS = "; ", ";", " | ", "|", ", ", ","


@dataclass(frozen=True)
class TargetForm:
    """How y was given.

    Attributes
    ----------
    kind : {"classes", "dense", "sparse", "sets"}
        A 1-D array of classes, an indicator, dense or sparse, or label sets.
    dtype : dtype
        Of y; of indicators made of label sets.
    matrix : bool
        Whether a sparse y was a SciPy matrix, not an array.
    always_labelled : bool
        Whether each row had a label.
    """

    kind: str
    dtype: np.dtype
    matrix: bool = False
    always_labelled: bool = True

    @property
    def has_names(self):
        """Whether labels are values of y, and not numbers of its columns."""
        return self.kind in ("classes", "sets")

    @property
    def is_dense(self):
        """Whether scores of all labels come in a dense array."""
        return self.kind in ("classes", "dense")


def as_rows(X, y):
    """Return X and y as scikit-learn takes rows of them, as many of one as of the other."""
    for matrix, name in (X, "X"), (y, "y"):
        if sp.issparse(matrix):
            canonical_csr(matrix, name)  # SciPy, which takes rows, trusts indices
    with naming("X", "rows"):
        indexable(X)
    with naming("y", "rows, as many as X has"):
        return indexable(X, y)


def encode_targets(y):
    """Read y.

    Returns
    -------
    Y : csr_array of float32 of shape (n_samples, n_labels)
        Canonical indicator, ones only; it shares the indices of a canonical y.
    classes : ndarray of shape (n_labels,)
        The values of a 1-D y, the names in label sets, or the column numbers of an indicator.
    form : TargetForm

    Raises
    ------
    TypeError, ValueError
        If y is none of these.

    Warns
    -----
    UserWarning
        If a 1-D y looks like several labels in one text.
    """
    given, y = y, of_plain_dtype(y)
    if getattr(y, "ndim", 1) == 0:  # of a single label, a set or a generator
        raise TypeError(
            f"y must be a list of classes, a label indicator or label sets, got {described(given)}."
        )
    if are_label_sets(y):
        Y, classes = encode_label_sets(y)
        form = TargetForm("sets", np.dtype(np.int64))
    elif sp.issparse(y) or _is_sparse_frame(y):
        y = y if sp.issparse(y) else sp.csr_array(y.sparse.to_coo())
        form = TargetForm("sparse", y.dtype, matrix=isinstance(y, sp.spmatrix))
        Y = check_array(canonical_csr(y, "y"), accept_sparse="csr", dtype=None, input_name="y")
        Y, classes = _checked_indicator(Y), np.arange(y.shape[1])
    else:
        _check_labels(y)
        with naming("y", "classes, a label indicator or label sets"):
            y = check_array(y, ensure_2d=False, dtype=None, ensure_min_samples=0, input_name="y")
        if y.ndim != 2 or y.shape[1] == 1:
            return _encode_classes(column_or_1d(y, warn=True))
        Y, classes, form = _dense_indicator(y), np.arange(y.shape[1]), TargetForm("dense", y.dtype)
    return Y, classes, replace(form, always_labelled=bool(np.diff(Y.indptr).all()))


def of_plain_dtype(y):
    """Labels as an array of NumPy's usual types, but lists, tuples, sparse and most of pandas'.

    Of pandas' nullable integers scikit-learn would make floats. NumPy's StringDType it does not
    know, nor what is missing in columns of other libraries.
    """
    dtype = getattr(y, "dtype", None)
    kind = getattr(dtype, "kind", None)
    if kind == "T":
        return np.asarray(y).astype(object)
    if kind is None and not (isinstance(y, (list, tuple)) or sp.issparse(y) or hasattr(y, "iloc")):
        return np.asarray(y)
    if kind not in ("b", "i", "u") or isinstance(dtype, np.dtype):
        return y
    labels = np.asarray(y, dtype=object)
    return labels if any(map(is_missing, labels)) else labels.astype(dtype.numpy_dtype)


def _check_labels(y):
    # NumPy would make texts of what is missing among texts, and of numbers.
    are_times = getattr(getattr(y, "dtype", None), "kind", None) in ("m", "M")
    if not (are_times or is_sequence_of_objects(y)):
        return
    for row, label in enumerate(y):
        if is_missing(label):
            raise ValueError(
                f"y must have a label for each row, got {described(label)} in row {row}."
            )
    n_texts = sum(isinstance(label, str) for label in y)
    if 0 < n_texts < len(y):
        other = next(label for label in y if not isinstance(label, str))
        raise ValueError(f"y must have classes of one kind, got texts and {described(other)}.")


def _is_sparse_frame(y):
    # A DataFrame whose columns are all sparse: only then does pandas give it `sparse`.
    return hasattr(y, "iloc") and hasattr(y, "sparse") and y.ndim == 2


def _dense_indicator(y):
    check_classification_targets(y)
    if y.dtype.kind not in "biuf":
        raise ValueError(_not_an_indicator(f"dtype {y.dtype}"))
    # SciPy has no float16.
    return _checked_indicator(sp.csr_array(y.astype(np.float32) if y.dtype == np.float16 else y))


def _encode_classes(y):
    with naming("y", "classes that can be sorted"):
        # Of whole numbers and texts, scikit-learn would warn that they are many.
        if y.dtype.kind not in "iubU" and not all(isinstance(label, str) for label in y):
            check_classification_targets(y)
        classes, codes = np.unique(y, return_inverse=True)
    n = len(y)
    if 2 * len(classes) > n > 1:
        _warn_of_separators(classes.tolist(), all_differ=len(classes) == n)
    parts = np.ones(n, dtype=np.float32), codes.astype(np.int32), np.arange(n + 1, dtype=np.int32)
    return sp.csr_array(parts, shape=(n, len(classes))), classes, TargetForm("classes", y.dtype)


def _warn_of_separators(classes, all_differ):
    for separator in SEPARATORS:
        texts = [text for text in classes if isinstance(text, str) and separator in text]
        if 2 * len(texts) <= len(classes):
            continue
        if _parts_recur(texts, separator) or (all_differ and "," not in separator):
            warn_user(
                f"y has {len(classes)} classes, and most of them hold {separator!r}, such as "
                f"{texts[0]!r}. If these are several labels of a row, give lists: "
                f"[text.split({separator!r}) for text in y]."
            )
            return


def _parts_recur(texts, separator):
    # Whether more than half of the parts are those of other texts, too.
    counts = Counter(part for text in texts for part in text.split(separator))
    return 2 * sum(n for n in counts.values() if n > 1) > counts.total()


def _checked_indicator(Y):
    if Y.shape[1] == 0:
        raise ValueError("y must have at least one label, got an indicator without columns.")
    others = (Y.data != 0) & (Y.data != 1)
    if others.any():
        raise ValueError(_not_an_indicator(f"{Y.data[others][0].item()!r}"))
    if not Y.data.all():
        Y = Y.copy()
        Y.eliminate_zeros()
    return sp.csr_array((np.ones(Y.nnz, dtype=np.float32), Y.indices, Y.indptr), shape=Y.shape)


def _not_an_indicator(found):
    return f"A two-dimensional y must be a label indicator, of values 0 and 1 only, got {found}."


def leave_out_below(min_score, positions, scores):
    """Replace by fillers, in place, what scores less than `min_score`, if that is not None."""
    if min_score is not None:
        is_low = scores < min_score
        positions[is_low], scores[is_low] = -1, -np.inf


def with_filler(classes):
    """The classes and, last, what stands where no more were found: position -1 leads to it."""
    kind = classes.dtype.kind
    if kind == "i":
        filler, dtype = -1, classes.dtype
    elif kind in "ub":
        fits = kind == "b" or classes[-1] <= np.iinfo(np.int64).max
        filler, dtype = -1, np.int64 if fits else object
    elif kind == "f":
        filler, dtype = np.nan, classes.dtype
    elif kind == "U" or (kind == "O" and all(isinstance(c, str) for c in classes)):
        filler, dtype = "", classes.dtype
    else:
        filler, dtype = None, object
    filled = np.empty(len(classes) + 1, dtype=dtype)
    # One by one, NumPy's dates stay what they are.
    filled[:-1] = list(classes) if kind in "mM" else classes
    filled[-1] = filler
    return filled


def to_dense(positions, scores, n_labels, floor):
    """Spread ranked scores over a dense array.

    `floor` is what labels have that were not found: a number, or one for each row.
    """
    dense = np.empty((len(positions), n_labels), dtype=scores.dtype)
    dense[:] = np.reshape(floor, (-1, 1))
    rows, columns = np.nonzero(positions >= 0)
    dense[rows, positions[rows, columns]] = scores[rows, columns]
    return dense


def to_sparse(positions, scores, n_labels, matrix):
    """The same as CSR that stores just the labels found, those of score 0 too."""
    found = positions >= 0
    indptr = indptr_of(found.sum(axis=1))
    container = sp.csr_matrix if matrix else sp.csr_array
    parts = scores[found], positions[found], indptr
    ranked = container(parts, shape=(len(positions), n_labels))
    ranked.sort_indices()
    return ranked
