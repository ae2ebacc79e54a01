"""The weights of a ranker that has nothing to learn from, and to which others are drawn."""

import numpy as np

from .default_weights import INTERCEPT, WEIGHTS
from .match_features import VECTOR_FEATURES
from .pair_logistic import PairLogistic

# The views that the default weights were learned with.
DEFAULT_VIEWS = ("words", "pairs", "characters")
# What the classifier's scores weigh until there are clicks to learn it from: a little.
SCORE_WEIGHTS = {"gap to best score": -0.2}
# How alike texts are to vectors that nobody has seen is not known. With this weight of the others'
# odds, the probabilities of a query's labels add up to 1 at most.
OTHERS_WEIGHT = -1.0


def default_coef(features):
    """The default weights of `MatchFeatures` with the default views, None for other views."""
    if list(features.views) != list(DEFAULT_VIEWS):
        return None
    return _weights(features, WEIGHTS | SCORE_WEIGHTS)


def default_model(features):
    """What a ranker knows before it has learned: other views share the weights of the default ones.

    Parameters
    ----------
    features : MatchFeatures

    Returns
    -------
    model : PairLogistic
    others_weight : float
        What the log of 1 + the odds of a query's other labels weighs.
    """
    coef, others_weight = default_coef(features), 0.0
    if coef is None:
        coef, others_weight = _weights(features, _shared(features.views)), OTHERS_WEIGHT
    no_terms = np.zeros(features.first_view.stop - features.first_view.start)
    return PairLogistic(coef, no_terms, INTERCEPT), others_weight


def _weights(features, weights):
    return np.array([weights.get(name, 0.0) for name in features.names])


def _shared(views):
    # In all, each feature weighs as much as in the default views.
    shared = WEIGHTS | SCORE_WEIGHTS
    for name in (*VECTOR_FEATURES, "gap to best cosine"):
        total = sum(WEIGHTS[f"{view}: {name}"] for view in DEFAULT_VIEWS)
        shared |= {f"{view}: {name}": total / len(views) for view in views}
    return shared
