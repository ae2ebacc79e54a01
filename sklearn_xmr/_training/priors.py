"""What is known of labels before any row: vectors that weights start at and are drawn towards."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from .._frames import rows_by_index
from .._sparse import Csr, array_of_numbers, check_csr, indptr_of

# Where intercepts start: a label is wrong until something speaks for it.
INTERCEPT = -1.0
# A node above the labels has so many times the strength: it must be generous, since a label that
# its search drops is lost, where the label's own weights can still correct what it lets through.
INNER_STRENGTH = 2.0
# For the same reason, negatives cost so little there: a row that has no label below the node, as
# far as is known, may well want one that has no rows yet.
INNER_NEGATIVES = 0.05


class Prior(NamedTuple):
    """The labels' vectors, and how much they weigh.

    Attributes
    ----------
    vectors : csr_array of float32 of shape (n_labels, n_features)
        At unit length, or zero for a label of which nothing is known.
    strength : float
        What a label's weights are: so many times its vector.
    """

    vectors: sp.csr_array
    strength: float

    def weights_of_layers(self, layouts):
        """The weights that the nodes of each layer start at, a `Csr` in the order of `LayerLayout`.

        A node's vector has in each feature the largest value of its labels' vectors (with negative
        values, the sum of the largest and the smallest): what speaks for one of its labels speaks
        for the node as much. It is scaled so that its inner product with these vectors is 1 in the
        mean, as that of a label's vector with itself is.
        """
        pooled = sp.csr_array(self.vectors[layouts[-1].node_of])
        sums, sizes = pooled, np.diff(pooled.indptr) > 0
        found = [_scaled(pooled, self.strength, layouts[-1])]
        zero = np.float32(0)  # SciPy before 1.17 makes float64 of the maximum with an int
        highest, lowest = sp.csr_array(pooled.maximum(zero)), sp.csr_array(pooled.minimum(zero))
        for layout, below in zip(layouts[-2::-1], layouts[:0:-1], strict=True):
            starts = below.child_indptr
            highest = pool_rows(highest, starts, np.maximum)
            lowest = pool_rows(lowest, starts, np.minimum)
            pooled = sp.csr_array(highest + lowest)
            sums, sizes = pool_rows(sums, starts, np.add), np.diff(indptr_of(sizes)[starts])
            products = pooled.multiply(sums).sum(axis=1) / np.maximum(sizes, 1)
            # At least 1 where no value is negative.
            scales = INNER_STRENGTH * self.strength / np.maximum(products, 1)
            found.append(_scaled(pooled, scales, layout))
        return found[::-1]


class Start(NamedTuple):
    """Where the weights of siblings start, which is what they are drawn towards.

    Attributes
    ----------
    weights : Csr of shape (n_nodes, n_features)
    intercepts : ndarray of float32 of shape (n_nodes,) or None
        None for `INTERCEPT` everywhere.
    """

    weights: Csr
    intercepts: np.ndarray | None = None


def check_label_prior(vectors, classes, form, n_features):
    """The labels' vectors at unit length, in the order of `classes`.

    Parameters
    ----------
    vectors : array-like, sparse matrix, or dict of {class: row}
        As `XRLinearClassifier` has it for `label_prior`.
    classes : ndarray of shape (n_labels,)
    form : TargetForm
    n_features : int
        Of X.

    Returns
    -------
    csr_array of float32 of shape (n_labels, n_features)

    Raises
    ------
    TypeError
        If a dict is given where y is an indicator.
    ValueError
        If it has other labels or features, or holds NaN or infinity.
    """
    vectors = rows_by_index(vectors, classes, "label_prior")
    if isinstance(vectors, dict):
        vectors = _rows_of_classes(vectors, classes.tolist(), form, n_features)
    vectors = check_csr(vectors, name="label_prior")
    if vectors.shape[0] != len(classes):
        raise ValueError(
            f"label_prior must have a row for each of the {len(classes)} labels, got "
            f"{vectors.shape[0]} rows."
        )
    if vectors.shape[1] != n_features:
        raise ValueError(
            f"label_prior must have the {n_features} features of X, got {vectors.shape[1]}."
        )
    return sp.csr_array(normalize(vectors))


def _rows_of_classes(rows, classes, form, n_features):
    if not form.has_names:
        raise TypeError(
            "label_prior must be a matrix with a row for each column of y where y is an "
            "indicator, got a dict."
        )
    missing = [c for c in classes if c not in rows]
    if missing:
        raise ValueError(
            f"label_prior must have a row for each of the {len(classes)} classes, got none for "
            f"{len(missing)} of them, {missing[0]!r} for one."
        )
    found = []
    for c in classes:
        row = array_of_numbers(rows[c], "label_prior")
        row = row.reshape(1, -1) if row.ndim < 2 else row
        if row.shape != (1, n_features):
            raise ValueError(
                f"label_prior must have one row of the {n_features} features of X for each class, "
                f"got shape {row.shape} for {c!r}."
            )
        found.append(row)
    if any(map(sp.issparse, found)):
        return sp.vstack(found, format="csr")
    return np.concatenate(found)


def rows_between(prior, first, last):
    """Rows ``first .. last - 1`` of a `Csr`."""
    indptr, indices, data, n_columns = prior
    entries = slice(indptr[first], indptr[last])
    return Csr(indptr[first : last + 1] - indptr[first], indices[entries], data[entries], n_columns)


def on_features(prior, features):
    """A `Csr` with just these columns, different ones in any order, numbered from 0."""
    indptr, indices, data, _ = prior
    order = np.argsort(features).astype(np.int32)
    places = np.searchsorted(features[order], indices)
    kept = np.append(features[order], -1)[places] == indices
    parts = indptr_of(kept)[indptr], order[places[kept]], data[kept]
    return Csr(*parts, len(features))


def pool_rows(matrix, starts, pool):
    """Join consecutive rows of a CSR matrix.

    Parameters
    ----------
    matrix : csr_array of shape (n_rows, n_columns)
    starts : ndarray of int64 of shape (n_groups + 1,)
        Where each group's rows start.
    pool : {np.maximum, np.minimum, np.add}
        What becomes of the entries of a column.

    Returns
    -------
    csr_array of shape (n_groups, n_columns)
    """
    indptr, n_columns = matrix.indptr[starts].astype(np.int64), matrix.shape[1]
    groups = np.repeat(np.arange(len(starts) - 1), np.diff(indptr))
    places = groups * n_columns + matrix.indices
    order = np.argsort(places, kind="stable")
    places = places[order]
    first = np.flatnonzero(np.diff(places, prepend=-1))
    values = pool.reduceat(matrix.data[order], first) if len(first) else matrix.data[:0]
    groups, columns = np.divmod(places[first], n_columns)
    indptr = indptr_of(np.bincount(groups, minlength=len(starts) - 1))
    return sp.csr_array((values, columns, indptr), shape=(len(starts) - 1, n_columns))


def _scaled(vectors, scales, layout):
    # An only child has no model.
    scales = np.where(has_siblings(layout), scales, 0).astype(np.float32)
    weights = sp.csr_array(sp.diags_array(scales) @ vectors)
    weights.eliminate_zeros()
    weights.sort_indices()
    return Csr.of(weights)


def has_siblings(layout):
    """Whether each node of a layer has any."""
    n_children = np.diff(layout.child_indptr)
    return np.repeat(n_children, n_children) > 1


def unseen_labels(Y, prior):
    """Positions of labels that have neither rows nor a prior.

    Parameters
    ----------
    Y : csr_array of shape (n_rows, n_labels)
        Label indicator.
    prior : Prior or None
    """
    is_seen = np.bincount(Y.indices, minlength=Y.shape[1]) > 0
    if prior is not None:
        is_seen |= np.diff(prior.vectors.indptr) > 0
    return np.flatnonzero(~is_seen)
