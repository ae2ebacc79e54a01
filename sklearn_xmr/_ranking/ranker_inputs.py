"""What `TextMatchRanker` is given, checked."""

from collections.abc import Mapping

import numpy as np

from .._checks import as_list
from .._sparse import Csr, array_of_numbers, check_csr, is_canonical, marked
from .._user_objects import check_is_object
from .match_features import MatchFeatures


def named_views(views, n_columns):
    """Views by name, as slices with both ends.

    Raises
    ------
    ValueError
        If they are no slices of the columns, or there are none.
    """
    if views is None:
        views = {"vector": slice(None)}
    if not isinstance(views, Mapping):
        views = enumerate(as_list(views, "views", "slices of columns"))
        views = {f"view {number}": view for number, view in views}
    bounds = {}
    for name, view in views.items():
        start, stop, step = view.indices(n_columns) if isinstance(view, slice) else (0, 0, 0)
        if step != 1 or start >= stop:
            raise ValueError(
                f"views must be slices of the {n_columns} columns, each of at least one column and "
                f"step 1, got {view!r}."
            )
        bounds[name] = slice(start, stop)
    if not bounds:
        raise ValueError("views must be at least one slice of columns, got none.")
    return bounds


def check_estimator(estimator):
    """Refuse what cannot score pairs, before it is trained.

    Raises
    ------
    TypeError
        If it is neither None nor a classifier.
    """
    check_is_object(estimator, "estimator")
    methods = "fit", "decision_function", "predict_proba"
    can_fit, *can_score = (hasattr(estimator, method) for method in methods)
    if estimator is not None and not (can_fit and any(can_score)):
        raise TypeError(
            "estimator must be None or a classifier with decision_function or predict_proba, got "
            f"{estimator!r}."
        )


def match_features(label_vectors, views, label_words=None):
    """The features of pairs, of what a `TextMatchRanker` is given.

    Raises
    ------
    ValueError
        If there are no label vectors, or `views` are no slices of their columns.
    """
    if label_vectors is None:
        raise ValueError(
            "label_vectors must be given where the classifier has no label_prior, got None."
        )
    vectors = check_csr(label_vectors, "label_vectors")
    return MatchFeatures(Csr.of(vectors), named_views(views, vectors.shape[1]), label_words)


def checked_examples(X, Y, features):
    """X as a `Csr`, and Y as an indicator with a column for each label vector.

    Raises
    ------
    ValueError
        If they have other shapes.
    """
    Y = marked(array_of_numbers(Y, "Y"), "Y")
    vectors = checked_rows(X, features)
    n_labels = features.label_vectors.n_rows
    if Y.shape != (vectors.n_rows, n_labels):
        raise ValueError(
            f"Y must have a row for each of the {vectors.n_rows} rows of X and a column for each "
            f"of the {n_labels} label vectors, got shape {Y.shape}."
        )
    return vectors, Y


def checked_rows(X, features):
    """X as a `Csr` with the columns of the label vectors.

    Raises
    ------
    ValueError
        If it has others.
    """
    n_columns = features.label_vectors.n_columns
    X = X if is_canonical(X, n_columns) else check_csr(X)
    if X.shape[1] != n_columns:
        raise ValueError(f"X must have the label vectors' {n_columns} columns, got {X.shape[1]}.")
    return Csr.of(X)


def checked_shortlists(labels, scores, n_rows, n_labels):
    """Labels and scores of shortlists as arrays.

    Raises
    ------
    ValueError
        If they are of other shapes, no such numbers, or no labels.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    if labels.dtype.kind not in "iu" or labels.ndim != 2 or len(labels) != n_rows:
        raise ValueError(
            f"labels must be integers of shape ({n_rows}, n_shortlist), got dtype {labels.dtype} "
            f"and shape {labels.shape}."
        )
    if scores.dtype.kind not in "iuf" or scores.shape != labels.shape:
        raise ValueError(
            f"scores must be numbers of shape {labels.shape}, got dtype {scores.dtype} and shape "
            f"{scores.shape}."
        )
    outside = (labels < -1) | (labels >= n_labels)
    if outside.any():
        raise ValueError(
            f"labels must lie between -1 and {n_labels - 1}, got {labels[outside][0]}."
        )
    bad = (labels >= 0) & ~(scores < np.inf)
    if bad.any():
        raise ValueError(f"scores must be finite or -inf, got {scores[bad][0]}.")
    return labels, scores


def are_stored(Y, pairs):
    """Whether each pair's label is one of its row's in Y, canonical CSR."""
    # By the number of the cell.
    cells = np.repeat(np.arange(Y.shape[0]), np.diff(Y.indptr)) * Y.shape[1] + Y.indices
    return np.isin(pairs.queries * Y.shape[1] + pairs.labels, cells)
