"""What a user says of new labels, and rows of them and of known ones, checked."""

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_consistent_length

from .._checks import is_missing, naming, shown
from .._frames import by_columns
from .._label_sets import are_label_sets
from .._sparse import array_of_numbers, check_csr
from .._targets import encode_targets
from .label_places import NewRows
from .priors import check_label_prior


def read_label_rows(model, X, Y, classes, label_prior, strength):
    """The rows of labels that a model is to learn, and the classes that it then has.

    Parameters
    ----------
    model : FittedModel
    X, Y, classes, label_prior
        As `surgery.add_labels` takes them.
    strength : float
        Of the prior.

    Returns
    -------
    rows : NewRows
    classes : ndarray of shape (n_labels,)

    Raises
    ------
    TypeError, ValueError
        As `surgery.add_labels` says.
    """
    if (X is None) != (Y is None):
        raise ValueError("X and Y must be given together, or neither, got one of them.")
    Y, names = _columns(model, Y, classes, label_prior)
    X = sp.csr_array((0, model.n_features), dtype=np.float32) if X is None else check_csr(X)
    if X.shape[1] != model.n_features:
        raise ValueError(
            f"X must have the {model.n_features} features of the classifier, got {X.shape[1]}."
        )
    check_consistent_length(X, Y)
    is_new = ~np.isin(names, model.classes)
    together = np.concatenate([model.classes, names[is_new]])
    order = np.argsort(together, kind="stable")
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    n_old, grown = len(model.classes), together[order]
    columns = np.empty(len(names), dtype=np.int64)
    columns[is_new] = position[n_old:]
    columns[~is_new] = position[np.searchsorted(model.classes, names[~is_new])]
    new = np.sort(position[n_old:])
    vectors = sp.csr_array((len(new), model.n_features), dtype=np.float32)
    if label_prior is not None:
        vectors = check_label_prior(
            label_prior, names[is_new], model.target_form, model.n_features
        )[np.argsort(position[n_old:])]
    rows = NewRows(X, _moved(Y, columns, len(grown)), position[:n_old], new, vectors, strength)
    _check_known(rows, grown)
    return rows, grown


def _columns(model, Y, classes, label_prior):
    # The indicator, and the labels that its columns are.
    has_names, names = model.target_form.has_names, None
    has_own = Y is not None and (are_label_sets(Y) or (not sp.issparse(Y) and np.ndim(Y) == 1))
    if has_own:
        if not has_names:
            raise ValueError("Y must be an indicator, as the classifier was fitted to, got names.")
        if classes is not None:
            raise ValueError("classes must be None where Y names them itself.")
        Y, classes, _ = encode_targets(Y)
        classes = _with_others(classes, label_prior)
    elif has_names and classes is None:
        classes = getattr(Y, "columns", None)
        if classes is None:
            classes = _with_others(model.classes[:0], label_prior)
    if classes is not None:
        names = _checked_names(classes, model.classes)
    if Y is not None and not has_own:
        Y = Y if names is None else by_columns(Y, names, "Y")
        # As a sparse one, a single column is an indicator, too.
        Y = Y if sp.issparse(Y) else sp.csr_array(array_of_numbers(Y, "Y"))
        Y, *_ = encode_targets(Y)
    if names is None:
        if Y is not None:
            n_labels = Y.shape[1]
        else:
            n_labels = 0 if label_prior is None else np.shape(label_prior)[0]
        names = _checked_names(model.classes.max() + 1 + np.arange(n_labels), model.classes)
    if Y is None:
        Y = sp.csr_array((0, len(names)), dtype=np.float32)
    if Y.shape[1] < len(names) and has_names:  # others have a prior alone
        Y = sp.csr_array((Y.data, Y.indices, Y.indptr), shape=(Y.shape[0], len(names)))
    if Y.shape[1] != len(names):
        raise ValueError(
            f"classes must have a name for each of the {Y.shape[1]} columns of Y, got {len(names)}."
        )
    return Y, names


def _with_others(classes, label_prior):
    # Of a dict further labels, which have no rows.
    if not isinstance(label_prior, dict):
        return classes
    known = set(classes.tolist())
    others = [name for name in label_prior if name not in known]
    return np.array([*classes.tolist(), *others], dtype=classes.dtype if not others else None)


def _checked_names(classes, known):
    with naming("classes", "a list of labels"):
        names = np.asarray(classes, dtype=object if known.dtype == object else None)
    if known.dtype.kind == "U" and all(isinstance(name, str) for name in names.flat):
        names = names.astype(str)  # an Index of pandas holds objects
    kinds = {"u": "i"}
    if names.ndim != 1 or len(names) == 0:
        raise ValueError(
            "classes must be a list of at least one label, where Y or label_prior does not say "
            f"how many there are, got shape {names.shape}."
        )
    kind, expected = (kinds.get(of.dtype.kind, of.dtype.kind) for of in (names, known))
    if kind != expected or not _have_an_order([*known[:1], *names]):
        example = known[:1].tolist()[0]
        raise ValueError(
            f"classes must be of the kind of the known ones, such as {example!r}, got "
            f"{shown(classes)}."
        )
    if any(map(is_missing, names.tolist())):
        raise ValueError(f"classes must hold no missing label, got {shown(classes)}.")
    if len(set(names.tolist())) < len(names):
        raise ValueError("classes must name each column once, got one twice.")
    return names


def _have_an_order(labels):
    try:
        sorted(labels)
    except TypeError:
        return False
    return True


def _moved(Y, columns, n_labels):
    # The same with columns at other places.
    parts = Y.data, columns[Y.indices], Y.indptr
    moved = sp.csr_array(parts, shape=(Y.shape[0], n_labels))
    moved.sort_indices()
    return moved


def _check_known(rows, classes):
    counts = np.bincount(rows.Y.indices, minlength=len(classes))[rows.new]
    unknown = (counts == 0) & (np.diff(rows.vectors.indptr) == 0)
    if unknown.any():
        raise ValueError(
            f"label_prior must have a row, not zero, for each new label without rows in Y, got "
            f"none for {classes[rows.new[unknown]][0]!r}."
        )
    if len(rows.new) == 0 and rows.X.shape[0] == 0:
        raise ValueError("Y must have rows, or name new labels, got neither.")
