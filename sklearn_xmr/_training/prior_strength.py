"""How much a prior should weigh: chosen by what is found of labels whose rows are held back."""

import warnings

import numpy as np

from .._fitted_model import FittedModel

STRENGTHS = 1.0, 2.0, 4.0
DEFAULT = 2.0
# In each fold one label of five loses all of its rows, and one row of five is held back beside.
N_FOLDS, N_PARTS = 3, 5
K = 10


def choose_strength(data, fit, settings, random_state):
    """The strength that finds most of the labels of rows held back.

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
    recalls = np.zeros(len(STRENGTHS))
    for fold in range(N_FOLDS):
        is_cold = data.Y @ (part_of_label == fold).astype(np.float32) > 0
        is_held_back = is_cold | (part_of_row == fold)
        train, test = data.rows(~is_held_back), data.rows(is_held_back & has_labels)
        if train.Y.nnz == 0 or test.Y.nnz == 0:
            continue
        recalls += [
            _recall(_fitted(fit, train.at_strength(strength)), test, settings)
            for strength in STRENGTHS
        ]
    return STRENGTHS[recalls.argmax()] if recalls.any() else DEFAULT


def _fitted(fit, data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what there is to warn of, the fit to all rows will
        trees = fit(data)
    shape = {"n_features": data.X.shape[1], "n_iter": None}
    return FittedModel.of(trees, np.arange(data.Y.shape[1]), None, **shape)


def _recall(model, data, settings):
    # The sum over the rows of the share of labels found, of those that could be.
    found, _ = model.search(data.X, K, settings)
    rows, ranks = np.nonzero(found >= 0)
    hits = np.zeros(found.shape)
    hits[rows, ranks] = data.Y[rows, found[rows, ranks]]
    return np.sum(hits.sum(axis=1) / np.minimum(np.diff(data.Y.indptr), K))
