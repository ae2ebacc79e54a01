"""What a label looks like to an indexer: one vector per label.

Each function takes the rows, the label indicator and sample weights, and can be given to
`XRLinearClassifier` as `label_features`; its other parameters are set with
:func:`functools.partial`.
"""

from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_consistent_length

from ._checks import check_number, check_weights
from ._frames import has_own_index
from ._kernels.group_sums import count_columns, sum_rows
from ._kernels.row_norms import normalize_rows
from ._sparse import Csr, check_csr, even_bounds
from ._threads import map_in_threads, threads_here

__all__ = ["concatenation", "convex_combination", "pifa", "pii"]


def pifa(X, Y, sample_weight=None, *, n_jobs=None):
    """Positive instance feature aggregation: the direction of the mean of each label's rows.

    A row with many labels says less about each of them, so the rows of `Y` are l2-normalised
    first: a row with m labels counts ``1 / sqrt(m)`` for each, times its sample weight. With that
    weight w,

    .. math:: v_l = \\sum_{i: Y_{il} = 1} w_i x_i, \\qquad z_l = v_l / |v_l|.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_samples, n_features)
        The rows.
    Y : array-like or sparse matrix of shape (n_samples, n_labels)
        The label indicator. Every non-zero counts as one.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weights of the rows, not negative and not all 0; a row of weight 2 counts as two equal rows.
        None is 1 for all.
    n_jobs : int or None, default=None
        Number of threads: ``None`` is 1 unless inside a ``joblib.parallel_config``, ``-1``
        is all processors. The result does not depend on it.

    Returns
    -------
    csr_array of float32, of shape (n_labels, n_features)
        One unit vector per label, zeros for a label without rows; indices are sorted, and int32
        wherever SciPy can (fewer than 2 ** 31 non-zeros).

    Raises
    ------
    ValueError
        If `X`, `Y` and `sample_weight` differ in length, one of them is empty or holds NaN or
        infinity, or weights are negative or all 0.

    References
    ----------
    .. [1] Yu et al., "PECOS: Prediction for Enormous and Correlated Output Spaces", Journal of
       Machine Learning Research 23, 2022.

    Examples
    --------
    >>> from sklearn_xmr.label_features import pifa
    >>> pifa([[3.0, 0.0], [0.0, 4.0]], [[1, 0], [1, 0]]).toarray()
    array([[0.6, 0.8],
           [0. , 0. ]], dtype=float32)
    """
    X, Y = check_csr(X), _indicator(Y)
    check_consistent_length(X, Y)
    n_labels_of_row = np.diff(Y.indptr)
    row_weights = 1 / np.sqrt(np.maximum(n_labels_of_row, 1), dtype=np.float32)
    row_weights *= _relative_weights(sample_weight, Y)
    weights = np.repeat(row_weights, n_labels_of_row)
    rows_of_label = sp.csr_array((weights, Y.indices, Y.indptr), shape=Y.shape).T.tocsr()
    return _unit_sums(rows_of_label, X, threads_here(n_jobs))


def pii(X, Y, sample_weight=None):
    """Positive instance indices: the rows of each label, as their numbers.

    Labels are alike if they are on the same rows, whatever the rows look like:

    .. math:: z_{li} = Y_{il} / \\sqrt{n_l} \\quad\\text{for a label on } n_l \\text{ rows.}

    A row counts as the root of its sample weight, so that the cosines of labels are those of
    repeated rows.

    Parameters
    ----------
    X : Ignored
        Not used; here because label features are made from `X` and `Y`.
    Y : array-like or sparse matrix of shape (n_samples, n_labels)
        The label indicator. Every non-zero counts as one.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weights of the rows, not negative and not all 0; a row of weight 2 counts as two equal rows.
        None is 1 for all.

    Returns
    -------
    csr_array of float32, of shape (n_labels, n_samples)
        One unit vector per label, zeros for a label without rows.

    Raises
    ------
    ValueError
        If `Y` is empty, if it or `sample_weight` holds NaN or infinity, or if weights are negative,
        all 0, or not one for each row.

    References
    ----------
    .. [1] Yu et al., "PECOS: Prediction for Enormous and Correlated Output Spaces", Journal of
       Machine Learning Research 23, 2022.

    Examples
    --------
    >>> from sklearn_xmr.label_features import pii
    >>> pii(None, [[1, 0], [1, 1], [1, 0], [1, 0]]).toarray()
    array([[0.5, 0.5, 0.5, 0.5],
           [0. , 1. , 0. , 0. ]], dtype=float32)
    """
    Y = _indicator(Y)
    roots = np.sqrt(_relative_weights(sample_weight, Y))
    Y.data *= np.repeat(roots, np.diff(Y.indptr))
    return _at_unit_length(Y.T.tocsr())


def concatenation(X, Y, sample_weight=None, *, given, weight=0.5, n_jobs=None):
    """PIFA and given label features, side by side.

    With both at unit length, the cosine of two labels is the weighted mean of their cosines in
    either part:

    .. math:: z_l = [\\sqrt{\\omega}\\, z_l^\\text{PIFA},\\; \\sqrt{1 - \\omega}\\, g_l / |g_l|].

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_samples, n_features)
        The rows.
    Y : array-like or sparse matrix of shape (n_samples, n_labels)
        The label indicator. Every non-zero counts as one.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weights of the rows, not negative and not all 0; a row of weight 2 counts as two equal rows.
        None is 1 for all.
    given : array-like or sparse matrix of shape (n_labels, n_label_features)
        The other label features, such as vectors of the labels' descriptions.
    weight : float, default=0.5
        The weight of PIFA, between 0 and 1.
    n_jobs : int or None, default=None
        Number of threads for :func:`pifa`.

    Returns
    -------
    csr_array of float32, of shape (n_labels, n_features + n_label_features)
        The label features.

    Raises
    ------
    ValueError
        If `given` is for another number of labels or a DataFrame with an index of its own, if
        `weight` is not between 0 and 1, or if :func:`pifa` raises it.

    See Also
    --------
    convex_combination : Their sum, where both have the same features.

    Examples
    --------
    >>> from functools import partial
    >>> from sklearn_xmr import XRLinearClassifier
    >>> from sklearn_xmr.label_features import concatenation
    >>> X, Y = [[1.0, 0.0], [0.0, 1.0]], [[1, 0, 0], [0, 1, 1]]
    >>> given = [[2.0], [2.0], [0.0]]
    >>> concatenation(X, Y, given=given, weight=0.64).toarray()
    array([[0.8, 0. , 0.6],
           [0. , 0.8, 0.6],
           [0. , 0.8, 0. ]], dtype=float32)
    >>> features = partial(concatenation, given=given, weight=0.64)
    >>> model = XRLinearClassifier(label_features=features).fit(X, Y)
    """
    given = _checked_parts(Y, given, weight)
    parts = [
        np.float32(np.sqrt(weight)) * pifa(X, Y, sample_weight, n_jobs=n_jobs),
        np.float32(np.sqrt(1 - weight)) * given,
    ]
    return sp.hstack(parts, format="csr")


def convex_combination(X, Y, sample_weight=None, *, given, weight=0.5, n_jobs=None):
    """The weighted mean of PIFA and given label features.

    This is for labels whose descriptions are turned into vectors by the vectorizer of the rows: a
    label with few rows, or none, is then placed by its description.

    .. math:: z_l = v_l / |v_l|, \\qquad
              v_l = \\omega\\, z_l^\\text{PIFA} + (1 - \\omega)\\, g_l / |g_l|.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_samples, n_features)
        The rows.
    Y : array-like or sparse matrix of shape (n_samples, n_labels)
        The label indicator. Every non-zero counts as one.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weights of the rows, not negative and not all 0; a row of weight 2 counts as two equal rows.
        None is 1 for all.
    given : array-like or sparse matrix of shape (n_labels, n_features)
        The other label features, in the features of `X`.
    weight : float, default=0.5
        The weight of PIFA, between 0 and 1.
    n_jobs : int or None, default=None
        Number of threads for :func:`pifa`.

    Returns
    -------
    csr_array of float32, of shape (n_labels, n_features)
        The label features, at unit length.

    Raises
    ------
    ValueError
        If `given` is for another number of labels, has other features than `X` or is a DataFrame
        with an index of its own, if `weight` is not between 0 and 1, or if :func:`pifa` raises it.

    See Also
    --------
    concatenation : Both side by side, for features that differ.

    Examples
    --------
    >>> from functools import partial
    >>> from sklearn_xmr import XRLinearClassifier
    >>> from sklearn_xmr.label_features import convex_combination
    >>> X, Y = [[1.0, 0.0], [0.0, 1.0]], [[1, 0, 0], [0, 1, 0]]
    >>> given = [[3.0, 0.0], [4.0, 0.0], [0.0, 5.0]]
    >>> convex_combination(X, Y, given=given, weight=0.5).toarray().round(2)
    array([[1.  , 0.  ],
           [0.71, 0.71],
           [0.  , 1.  ]], dtype=float32)
    >>> features = partial(convex_combination, given=given, weight=0.5)
    >>> model = XRLinearClassifier(label_features=features).fit(X, Y)
    """
    given = _checked_parts(Y, given, weight)
    aggregated = pifa(X, Y, sample_weight, n_jobs=n_jobs)
    if given.shape[1] != aggregated.shape[1]:
        raise ValueError(
            f"given has {given.shape[1]} features, but X has {aggregated.shape[1]}: "
            "a convex combination needs the same ones."
        )
    return _at_unit_length(
        (np.float32(weight) * aggregated + np.float32(1 - weight) * given).tocsr()
    )


def _checked_parts(Y, given, weight):
    check_number(weight, "weight", least=0, most=1)
    if has_own_index(given):  # the names of the labels are not known here
        raise ValueError(
            "given must be a matrix with a row per label in their order, got a DataFrame with an "
            "index of its own: put its rows in that order, and give given.to_numpy()."
        )
    given = check_csr(given, "given")
    n_labels = _indicator(Y).shape[1]
    if given.shape[0] != n_labels:
        raise ValueError(f"given is for {given.shape[0]} labels, but Y has {n_labels}.")
    return _at_unit_length(given.copy())


def _indicator(Y):
    """`Y` as CSR of ones; no stored zeros."""
    Y = check_csr(Y, "Y")
    if not Y.data.all():
        Y = Y.copy()
        Y.eliminate_zeros()
    return sp.csr_array((np.ones_like(Y.data), Y.indices, Y.indptr), shape=Y.shape)


def _relative_weights(sample_weight, Y):
    """The weights of the rows, the largest 1: directions are wanted, so only their ratios count."""
    weights = check_weights(sample_weight, Y, dtype=None)
    return (weights / weights.max()).astype(np.float32)


def _unit_sums(rows_of_label, X, n_threads):
    """The product of two CSR matrices, rows at unit length; the same for any number of threads."""
    groups, rows = Csr.of(rows_of_label), Csr.of(X)
    shares = list(pairwise(even_bounds(groups.indptr, n_threads)))
    indptr = np.zeros(groups.n_rows + 1, dtype=np.int64)

    def count(share):
        start, end = share
        counts = indptr[1:][start:end]
        pointers = groups.indptr[start : end + 1]
        count_columns(pointers, groups.indices, *rows[:2], rows.n_columns, counts)

    map_in_threads(n_threads, count, shares)
    np.cumsum(indptr, out=indptr)
    indices, data = np.empty(indptr[-1], dtype=np.int32), np.empty(indptr[-1], dtype=np.float32)

    def add_up(share):
        start, end = share
        members = groups.indptr[start : end + 1], groups.indices, groups.data
        out = indptr[start : end + 1], indices, data
        sum_rows(*members, *rows, *out)
        normalize_rows(out[0], data, data)

    map_in_threads(n_threads, add_up, shares)
    return Csr(indptr, indices, data, rows.n_columns).to_scipy()


def _at_unit_length(Z):
    """Bring the rows to unit length, in place."""
    normalize_rows(Z.indptr.astype(np.int64), Z.data, Z.data)
    return Z
