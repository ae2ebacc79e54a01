"""Matchers and rankers such as users write them, for the tests."""

import numpy as np
from scipy.special import log_softmax
from sklearn.base import BaseEstimator
from sklearn.preprocessing import normalize


class CentroidMatcher(BaseEstimator):
    """The nodes whose rows have the nearest mean."""

    def __init__(self, scale=1.0):
        self.scale = scale

    def fit(self, X, M):
        self.centroids_ = normalize(M.T @ X)
        return self

    def match(self, X, k):
        scores = log_softmax(self.scale * (normalize(X) @ self.centroids_.T).toarray(), axis=1)
        nodes = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return nodes, np.take_along_axis(scores, nodes, axis=1)


class PopularityRanker(BaseEstimator):
    """Labels that have more rows score more."""

    def __init__(self, weight=0.5):
        self.weight = weight

    def fit(self, X, Y):
        counts = Y.sum(axis=0)
        self.log_shares_ = np.log((counts + 1) / (counts.sum() + len(counts)))
        return self

    def rescore(self, X, labels, scores):
        return scores + self.weight * self.log_shares_[labels]
