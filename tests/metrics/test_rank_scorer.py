"""Scores of estimators that rank, and do no more."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import BaseEstimator

from sklearn_xmr.metrics import make_topk_scorer, recall_at_k


class FixedRanker(BaseEstimator):
    """Ranks all rows alike."""

    def __init__(self, classes, best):
        self.classes_ = np.array(classes)
        self.best = best

    def rank(self, X, k=10):
        """The same labels for each row."""
        labels = np.array([self.best[:k]] * len(X))
        scores = np.tile(np.arange(len(self.best[:k]), 0, -1.0), (len(X), 1))
        return labels, scores

    def fit(self, X, y):
        """Nothing to learn."""
        return self


@pytest.mark.parametrize("container", [np.array, sp.csr_array])
def test_indicators(container):
    Y = container([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    scorer = make_topk_scorer(recall_at_k, k=2)
    assert scorer(FixedRanker([0, 1, 2], [2, 0, 1]), ["a", "b", "c"], Y) == pytest.approx(2 / 3)


def test_names_seen_and_unseen():
    ranker = FixedRanker(["apple", "pear", "plum"], ["plum", "apple", "pear"])
    scorer = make_topk_scorer(recall_at_k, k=2)
    assert scorer(ranker, ["x"] * 4, ["plum", "pear", "apple", "fig"]) == pytest.approx(0.5)


def test_what_cannot_rank_is_refused():
    with pytest.raises(TypeError, match="predict_proba or decision_function, or rank"):
        make_topk_scorer(recall_at_k)(BaseEstimator(), ["x"], [[1, 0]])
