"""The weights of a ranker that has nothing to learn from, and to which others are drawn."""

import numpy as np

from .default_weights import WEIGHTS

# The views whose features have default weights.
DEFAULT_VIEWS = ("words", "pairs", "characters")
# What the classifier's scores weigh until there are clicks to learn it from: a little.
SCORE_WEIGHTS = {"gap to best score": -0.2}


def default_coef(features):
    """The default weights of `MatchFeatures`, None where there are none."""
    if list(features.views) != list(DEFAULT_VIEWS):
        return None
    weights = WEIGHTS | SCORE_WEIGHTS
    return np.array([weights.get(name, 0.0) for name in features.names])
