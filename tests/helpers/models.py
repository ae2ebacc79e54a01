"""Trees, fitted models that tests share, and what a model has learned."""

import copy
from functools import cache

import numpy as np
from numpy.testing import assert_array_equal

from helpers.reference import TREES, make_problem
from sklearn_xmr import LabelTree, XRLinearClassifier

TIGHT = {"tol": 1e-4, "max_iter": 5000, "prune_threshold": 0}
FLAT = LabelTree.flat(len(TREES["flat"][0]))
SCATTERED = LabelTree.from_parents(TREES["scattered siblings"])


def weights(model):
    return [(layer.coef_.toarray(), layer.intercept_) for layer in model.layers_]


def assert_same_weights(model, other):
    for (coef, intercept), (other_coef, other_intercept) in zip(
        weights(model), weights(other), strict=True
    ):
        assert_array_equal(coef.view(np.int32), other_coef.view(np.int32))
        assert_array_equal(intercept.view(np.int32), other_intercept.view(np.int32))


def state(model):
    """All that a fit has learned, to compare before and after."""
    return [
        model.classes_.tolist(),
        [parents.tolist() for parents in model.label_tree_.parents],
        [(coef.tolist(), intercept.tolist()) for coef, intercept in weights(model)],
        model.n_iter_.tolist(),
        model.n_features_in_,
        sorted(vars(model)),
    ]


N_LABELS = 12


def make_model(tree, **params):
    tree = tree if isinstance(tree, LabelTree) else LabelTree.from_parents(TREES[tree])
    return XRLinearClassifier(tree, random_state=0, **{"prune_threshold": 0.02, **params})


@cache
def indicator_model(tree):
    # Labels 7 and 9 copy others, so that scores tie; 4 is never seen.
    X, Y = make_problem()
    Y[:, 7], Y[:, 9], Y[:, 4] = Y[:, 3], Y[:, 1], 0
    return make_model(tree).fit(X, Y)


@cache
def class_model(tree="scattered siblings"):
    X, Y = make_problem()
    y = np.array([f"label {j:02}" for j in range(N_LABELS)])[
        np.where(np.arange(len(Y)) < N_LABELS, np.arange(len(Y)) % N_LABELS, Y.argmax(axis=1))
    ]
    return make_model(tree).fit(X, y)


def with_params(model, **params):
    """A copy, still fitted, of a model that other tests share."""
    return copy.copy(model).set_params(**params)
