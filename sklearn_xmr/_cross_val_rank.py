"""Rankings of rows by models that have not seen them."""

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.model_selection import KFold, check_cv
from sklearn.utils.parallel import Parallel, delayed

from ._checks import as_list, check_count, check_splits, described, naming
from ._label_sets import are_label_sets, encode_label_sets
from ._rank import rank
from ._sklearn import take_rows
from ._targets import as_rows
from ._threads import workers_for
from ._user_warnings import warn_user


def cross_val_rank(estimator, X, y, k=10, *, cv=5, n_jobs=None):
    """Rank the labels of each row by a model that was trained without it.

    What :func:`~sklearn.model_selection.cross_val_predict` is for predictions: it takes a sparse y
    and label sets, and returns rankings, to be evaluated by the metrics or to train on.

    Parameters
    ----------
    estimator : estimator
        What :func:`rank` takes, fitted or not; clones of it are fitted.
    X : array-like, sparse matrix or list of str of n_samples rows
        The rows.
    y : array-like, sparse matrix or list of label sets of n_samples rows
        Classes, a label indicator or label sets.
    k : int, default=10
        How many labels to return for each row.
    cv : int, splitter or iterable of (train, test), default=5
        How to split; each row must be tested once. An integer is a number of folds, shuffled, not
        stratified.
    n_jobs : int or None, default=None
        How many folds to work on at a time.

    Returns
    -------
    labels : ndarray of shape (n_samples, k)
        As :func:`rank` returns them, in the order of the rows.
    scores : ndarray of float32 of shape (n_samples, k)
        Their scores. Those of different folds come from different models.

    Raises
    ------
    ValueError
        If X and y differ in length, `cv` does not test each row once, or no label has two rows: a
        model that was trained without a row cannot know its label.

    Warns
    -----
    UserWarning
        If that is so for more than half of the rows.

    See Also
    --------
    rank : Ranks by a fitted model.
    sklearn_xmr.metrics.make_topk_scorer : Scores in scikit-learn's model selection.

    Examples
    --------
    >>> from sklearn_xmr import XRLinearClassifier, cross_val_rank
    >>> from sklearn_xmr.metrics import precision_at_k
    >>> X = [[1.0, 0.0], [0.0, 1.0], [0.9, 0.1], [0.1, 0.9]] * 3
    >>> y = ["red", "green", "red", "green"] * 3
    >>> labels, scores = cross_val_rank(XRLinearClassifier(random_state=0), X, y, k=1, cv=3)
    >>> precision_at_k(y, labels, k=1)
    1.0
    """
    if not hasattr(estimator, "fit"):
        raise TypeError(f"estimator must have a method fit, got {described(estimator)}.")
    X, y = as_rows(X, y)
    if isinstance(cv, (int, np.integer)) and not isinstance(cv, bool):
        cv = KFold(check_count(cv, "cv", least=2), shuffle=True, random_state=0)
    elif cv is not None and not hasattr(cv, "split"):
        cv = as_list(cv, "cv", "splits")
    splits = list(check_cv(check_splits(cv), classifier=False).split(X, y))
    tested = np.concatenate([test for _, test in splits])
    n_rows = X.shape[0] if hasattr(X, "shape") else len(X)
    if not np.array_equal(np.sort(tested), np.arange(n_rows)):
        raise ValueError("cv must test each row once, got some more often, or not at all.")
    with naming("y", "classes, an indicator or label sets"):
        _check_labels_come_again(y)
    found = Parallel(n_jobs=workers_for(len(splits), n_jobs))(
        delayed(_fit_and_rank)(clone(estimator), X, y, train, test, k) for train, test in splits
    )
    order = np.argsort(tested)
    labels, scores = (np.concatenate(parts)[order] for parts in zip(*found, strict=True))
    return labels, scores


def _fit_and_rank(estimator, X, y, train, test, k):
    estimator.fit(take_rows(X, train), take_rows(y, train))
    return rank(estimator, take_rows(X, test), k)


def _check_labels_come_again(y):
    """Refuse, or warn of, rows all of whose labels have no other row."""
    if are_label_sets(y):
        Y, _ = encode_label_sets(y)
    elif sp.issparse(y) or np.ndim(y) == 2:
        Y = sp.csr_array(y)
    else:
        _, classes = np.unique(np.asarray(y), return_inverse=True)
        Y = sp.csr_array((np.ones(len(classes)), classes, np.arange(len(classes) + 1)))
    counts = np.bincount(Y.indices, minlength=Y.shape[1])
    most = np.zeros(Y.shape[0])
    np.maximum.at(most, np.repeat(np.arange(Y.shape[0]), np.diff(Y.indptr)), counts[Y.indices])
    n_labelled, n_lost = int((most > 0).sum()), int((most == 1).sum())
    problem = (
        f"{n_lost} of {n_labelled} rows have no label that another row has, too. A model that is "
        "trained without such a row cannot find its labels, unless it knows them otherwise: see "
        "label_prior and ProductRetriever. Split rows of the same label, or evaluate on other rows."
    )
    if n_lost and n_lost == n_labelled:
        raise ValueError(f"y must have labels of more than one row, to be split: {problem}")
    if 2 * n_lost > n_labelled:
        warn_user(problem)
