"""How much a prior should weigh: chosen by what is found of labels whose rows are held back."""

import warnings

import numpy as np

from .._fitted_model import FittedModel
from .._ranking.unseen_labels import expected_cold_share

STRENGTHS = 1.0, 2.0, 4.0
DEFAULT = 2.0
# In each fold one label of five loses all of its rows, and one row of five is held back beside.
N_FOLDS, N_PARTS = 3, 5
K = 10


def choose_strength(data, fit, settings, random_state):
    """The strength that finds most of the labels of rows held back.

    Labels that have no rows left count for as much as labels without rows will at prediction.

    Parameters
    ----------
    data : TrainingData
        With a prior.
    fit : callable
        ``fit(data)`` returns trees.
    settings : SearchSettings
    random_state : RandomState

    Returns
    -------
    float
        One of `STRENGTHS`, the lowest of equals; `DEFAULT` if there are too few rows to tell.
    """
    n_rows, n_labels = data.Y.shape
    part_of_label = random_state.permutation(n_labels) % N_PARTS
    part_of_row = random_state.permutation(n_rows) % N_PARTS
    has_labels = np.diff(data.Y.indptr) > 0
    # Of labels with rows, and of those without: what was found, and what could be.
    found, most = np.zeros((len(STRENGTHS), 2)), np.zeros(2)
    for fold in range(N_FOLDS):
        loses_rows = (part_of_label == fold).astype(np.float32)
        is_held_back = (data.Y @ loses_rows > 0) | (part_of_row == fold)
        train, test = data.rows(~is_held_back), data.rows(is_held_back & has_labels)
        if train.Y.nnz == 0 or test.Y.nnz == 0:
            continue
        is_cold = np.bincount(train.Y.indices, minlength=n_labels) == 0
        most += _sums(_worth(test.Y), is_cold[test.Y.indices])
        for number, strength in enumerate(STRENGTHS):
            model = _fitted(fit, train.at_strength(strength))
            found[number] += _found(model, test, is_cold, settings)
    cold_share = expected_cold_share(np.bincount(data.Y.indices, minlength=n_labels))
    recalls = found / np.maximum(most, 1e-12) @ [1 - cold_share, cold_share]
    return STRENGTHS[recalls.argmax()] if recalls.any() else DEFAULT


def _fitted(fit, data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what there is to warn of, the fit to all rows will
        trees = fit(data)
    shape = {"n_features": data.X.shape[1], "n_iter": None}
    return FittedModel.of(trees, np.arange(data.Y.shape[1]), None, **shape)


def _found(model, data, is_cold, settings):
    # The worth of the labels found, of those that have rows and of those that have none.
    labels, _ = model.search(data.X, K, settings)
    rows, ranks = np.nonzero(labels >= 0)
    labels = labels[rows, ranks]
    worth = data.Y.copy()
    worth.data = _worth(data.Y)
    return _sums(np.asarray(worth[rows, labels]).ravel(), is_cold[labels])


def _worth(Y):
    # Of each entry: those of a row add up to at most 1 among the K best, as recall has it.
    sizes = np.diff(Y.indptr)
    return np.repeat(1 / np.minimum(np.maximum(sizes, 1), K), sizes)


def _sums(worth, is_cold):
    return np.array([worth[~is_cold].sum(), worth[is_cold].sum()])
