"""Matchers and rankers such as users write them, and classifiers to try them in."""

import numpy as np
import scipy.sparse as sp
from numpy.testing import assert_allclose
from scipy.special import log_softmax
from sklearn.base import BaseEstimator
from sklearn.preprocessing import normalize

from helpers.reference import TREES, Reference
from sklearn_xmr import HierarchicalKMeansIndexer, LabelTree, XRLinearClassifier

N_LABELS = 12
INDEXER = HierarchicalKMeansIndexer(2, max_leaf_size=2)


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


class Replay:
    """Finds the nodes that the search of a classifier goes through. No estimator."""

    def __init__(self, model):
        self.model = model

    def fit(self, X, M):
        pass

    def match(self, X, k):
        reference = Reference(self.model)
        lowest = reference._lowest_labels()
        nodes = np.full((X.shape[0], k), -1)
        scores = np.full((X.shape[0], k), -np.inf)
        for row, x in enumerate(X.toarray()):
            paths = reference.paths(x, self.model.score_transform)
            beam = [0]
            for depth, parents in enumerate(reference.parents[:-1]):
                children = [
                    node
                    for node in np.flatnonzero(np.isin(parents, beam))
                    if lowest[depth][node] is not None
                ]
                children.sort(key=lambda node: (-paths[depth][node], lowest[depth][node]))
                beam = children[: self.model.beam_width]
            nodes[row, : len(beam)] = beam
            scores[row, : len(beam)] = paths[-2][beam]
        return nodes, scores


class Table(BaseEstimator):
    """Answers what it has been told."""

    def __init__(self, *, nodes=None, scores=None):
        self.nodes = nodes
        self.scores = scores

    def fit(self, X, M):
        self.fitted_on_ = X, M
        return self

    def match(self, X, k):
        self.asked_for_ = k
        return self.nodes, self.scores

    def rescore(self, X, labels, scores):
        self.asked_for_ = labels, scores
        return self.scores


class Rule:
    """A ranker that is one function of labels and scores."""

    def __init__(self, function):
        self.function = function

    def fit(self, X, Y):
        pass

    def rescore(self, X, labels, scores):
        return self.function(labels, scores)


def keep(labels, scores):
    return scores


def classifier(indexer, **params):
    params = {"random_state": 0, "beam_width": 3, "shortlist_size": 5} | params
    if isinstance(indexer, str):
        indexer = LabelTree.from_parents(TREES[indexer])
    return XRLinearClassifier(indexer, **params)


def assert_same_predictions(model, expected, X, exact=False):
    found, wanted = model.predict(X), expected.predict(X)
    assert type(found) is type(wanted)
    assert (found != wanted).sum() == 0
    for name in ("predict_proba", "decision_function"):
        found, wanted = getattr(model, name)(X), getattr(expected, name)(X)
        assert type(found) is type(wanted)
        if sp.issparse(found):
            found, wanted = found.toarray(), wanted.toarray()
        assert_allclose(found, wanted, rtol=0 if exact else 2e-5, atol=0 if exact else 1e-6)


def kinds_of_y(Y):
    yield Y
    yield sp.csr_array(Y)
    codes = Y.argmax(axis=1)
    codes[:N_LABELS] = range(N_LABELS)
    yield np.array([f"class {i:02d}" for i in range(N_LABELS)])[codes]
