"""From ranked labels to what scikit-learn calls predictions, in the container that y came in."""

import warnings

import numpy as np
import scipy.sparse as sp
from scipy.special import expit, softmax
from sklearn.metrics import accuracy_score
from sklearn.utils import check_consistent_length

from ._checks import check_count, check_number, check_weights, naming
from ._label_sets import equal_sets, label_sets
from ._sparse import canonical_csr
from ._targets import of_plain_dtype, to_dense, to_sparse

# So much above 0, the logarithm of a probability is what rounding has made of 0.
ROUNDING = 1e-3


def label_probabilities(paths, in_logs):
    """Each label's own probability, by scores in the log domain or margins."""
    paths = paths.astype(np.float64)
    return np.exp(np.minimum(paths, 0)) if in_logs else expit(paths)


def class_probabilities(positions, paths, n_classes):
    """Probabilities of classes, of which one is right; all alike where none was reached."""
    unreached = positions[:, 0] < 0
    paths = np.where(unreached[:, None], 0, paths.astype(np.float64))
    probabilities = to_dense(positions, softmax(paths, axis=1), n_classes, 0.0)
    probabilities[unreached] = 1 / n_classes
    return probabilities


def check_probabilities(paths, in_logs):
    """Refuse scores in the log domain that are no logarithms of probabilities."""
    if in_logs and paths.max(initial=0) > ROUNDING:
        raise ValueError(
            f"A matcher or ranker makes a label score {paths.max():g} in the log domain, but "
            "logarithms of probabilities are at most 0. Let it subtract the most that it adds, "
            "or use decision_function."
        )


def check_choice(threshold, min_labels):
    """Check the parameters that say which labels of a row are predicted."""
    check_number(threshold, "threshold", least=0, most=1)
    if min_labels != "auto":
        check_count(min_labels, "min_labels", least=0)


def least_labels(min_labels, form, n_labels):
    """How many labels a row gets in any case: "auto" is 1 if each row of training had one."""
    return int(form.always_labelled) if min_labels == "auto" else min(min_labels, n_labels)


def chosen(positions, probabilities, threshold, n_least):
    """The positions of labels that are probable enough or among the `n_least` best, else -1."""
    is_chosen = probabilities >= threshold
    is_chosen[:, :n_least] = True
    return np.where(is_chosen, positions, -1)


def share_right(kind, y, predicted, sample_weight):
    """The share of rows whose class, or whole set of labels, is right."""
    if sample_weight is not None:
        sample_weight = check_weights(sample_weight, predicted)
    if sp.issparse(y):
        y = canonical_csr(y, "y")  # SciPy, which compares, would trust its indices
    if kind != "sets":
        with warnings.catch_warnings():
            # Scikit-learn 1.7 takes many classes for a mistake.
            warnings.filterwarnings("ignore", message="The number of unique classes")
            with naming("y", "classes or an indicator, as in fit"):
                return float(
                    accuracy_score(of_plain_dtype(y), predicted, sample_weight=sample_weight)
                )
    check_consistent_length(predicted, y, sample_weight)
    return float(np.average(equal_sets(y, predicted), weights=sample_weight))


def predicted_labels(positions, classes, form):
    """Labels at positions in `classes`, -1 for none, as an indicator or label sets as y was."""
    if form.kind == "sets":
        return label_sets(np.sort(positions, axis=1), classes)
    ones = np.ones(positions.shape, dtype=form.dtype)
    if form.kind == "sparse":
        return to_sparse(positions, ones, len(classes), form.matrix)
    return to_dense(positions, ones, len(classes), 0)


def scores_of_labels(positions, scores, n_labels, form, floor):
    """Scores in a column for each label: dense, or CSR that stores what was found."""
    if form.is_dense:
        return to_dense(positions, scores, n_labels, floor)
    return to_sparse(positions, scores, n_labels, form.matrix)


def floor_of_rows(positions, scores, is_exponential):
    """What labels score that were not found: below those of the row that were.

    It is 0 for exponentials. Otherwise it is the row's lowest score less 1, near enough for what
    computes with scores.
    """
    if is_exponential:
        return np.zeros(len(scores))
    lowest = np.min(scores, axis=1, where=positions >= 0, initial=np.inf)
    return np.where(lowest < np.inf, lowest, 0) - 1
