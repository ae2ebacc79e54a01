"""A ranker with `fit_shortlists` learns from shortlists that were made without its rows."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.preprocessing import normalize

from sklearn_xmr import XRLinearClassifier
from sklearn_xmr._ranking.text_match_ranker import TextMatchRanker
from sklearn_xmr.metrics import precision_at_k

N_LABELS, N_COLUMNS = 40, 60


class Recorder(BaseEstimator):
    """Keeps what it is given and leaves scores as they are."""

    def __init__(self, cv=3):
        self.cv = cv

    def fit_shortlists(self, X, labels, scores, Y, label_counts):
        self.seen = X, labels, scores, Y, label_counts
        return self

    def rescore(self, X, labels, scores):
        return scores


class Plain(BaseEstimator):
    """Takes no more than every ranker does."""

    def fit_shortlists(self, X, labels, scores, Y):
        self.shape = labels.shape
        return self

    def rescore(self, X, labels, scores):
        return scores


class Eager(BaseEstimator):
    """An indexer that must not be asked."""

    def fit(self, *args):
        raise AssertionError("A tree is grown before the ranker is checked.")


def problem(n_rows=300, seed=0):
    """Rows are parts of their label's vector, with something of another's."""
    rng = np.random.default_rng(seed)
    Z = rng.random((N_LABELS, N_COLUMNS)) * (rng.random((N_LABELS, N_COLUMNS)) < 0.2)
    of_row = rng.integers(0, N_LABELS, n_rows)
    other = rng.integers(0, N_LABELS, n_rows)
    X = Z[of_row] * (rng.random((n_rows, N_COLUMNS)) < 0.6) + 0.3 * Z[other]
    Y = sp.csr_array((np.ones(n_rows), (np.arange(n_rows), of_row)), shape=(n_rows, N_LABELS))
    return X / np.linalg.norm(X, axis=1, keepdims=True), Y, Z


def test_shortlists_are_made_without_the_rows():
    X, Y, _ = problem(N_LABELS)
    Y = sp.csr_array(np.eye(N_LABELS))  # each label has one row, which the model must not know
    model = XRLinearClassifier(ranker=Recorder(), shortlist_size=N_LABELS, beam_width=N_LABELS)
    seen_X, labels, scores, seen_Y, counts = model.fit(X, Y).ranker_.seen
    assert_array_equal(seen_X.toarray(), X.astype(np.float32))
    assert_array_equal(seen_Y.toarray(), Y.toarray())
    assert labels.shape == scores.shape == counts.shape == (N_LABELS, N_LABELS)
    is_own = labels == np.arange(N_LABELS)[:, None]
    assert is_own.any()
    assert (counts[is_own] == 0).all()
    assert 0 < counts[labels >= 0].mean() < 2 / 3


def test_equal_rows_stay_together():
    X, _, _ = problem(N_LABELS)
    X, Y = np.repeat(X, 4, axis=0), sp.csr_array(np.repeat(np.eye(N_LABELS), 4, axis=0))
    model = XRLinearClassifier(ranker=Recorder(), shortlist_size=N_LABELS, beam_width=N_LABELS)
    _, labels, _, _, counts = model.fit(X, Y).ranker_.seen
    is_own = labels == np.repeat(np.arange(N_LABELS), 4)[:, None]
    assert (counts[is_own] == 0).all()


@pytest.mark.parametrize("params", [{}, {"n_trees": 2}, {"score_transform": "noop"}])
def test_the_model_itself_is_trained_on_everything(params):
    X, Y, _ = problem()
    ranked = XRLinearClassifier(ranker=Plain(), random_state=0, **params).fit(X, Y)
    plain = XRLinearClassifier(random_state=0, **params).fit(X, Y)
    assert ranked.ranker_.shape == (300, 20)
    for found, expected in zip(ranked.rank(X), plain.rank(X), strict=True):
        assert_array_equal(found, expected)


def test_weights_and_relevance_go_along():
    X, Y, _ = problem()
    weights, relevance = np.full(300, 2.0), Y * 3
    model = XRLinearClassifier(ranker=Plain(), random_state=0)
    weighted = model.fit(X, Y, sample_weight=weights, relevance=relevance)
    assert weighted.ranker_.shape == (300, 20)


def test_text_matches_help():
    X, Y, Z = problem()
    train, test = slice(80), slice(80, None)
    precisions = []
    for ranker in (None, TextMatchRanker(label_vectors=Z)):
        model = XRLinearClassifier(ranker=ranker, beam_width=40, shortlist_size=40, random_state=0)
        scores = model.fit(X[train], Y[train]).decision_function(X[test])
        precisions.append(precision_at_k(Y[test], scores, k=1))
    assert precisions[1] > precisions[0] + 0.1


def test_the_prior_s_vectors_are_those_that_texts_are_compared_with():
    X, Y, Z = problem()
    train, test = slice(80), slice(80, None)
    options = {"label_prior": 2 * Z, "prior_strength": 0.1, "random_state": 0}
    options |= {"beam_width": 40, "shortlist_size": 40}
    ranker = TextMatchRanker()
    plain = XRLinearClassifier(**options).fit(X[train], Y[train])
    ranked = XRLinearClassifier(ranker=ranker, **options).fit(X[train], Y[train])
    precisions = [
        precision_at_k(Y[test], m.decision_function(X[test]), k=1) for m in (plain, ranked)
    ]
    assert precisions[1] > precisions[0] + 0.1
    assert ranker.label_vectors is None
    assert_allclose(ranked.ranker_.label_vectors.toarray(), normalize(Z), rtol=1e-6)
    own = XRLinearClassifier(ranker=TextMatchRanker(label_vectors=Z), **options)
    own.fit(X[train], Y[train])
    assert_array_equal(own.ranker_.label_vectors, Z)
    # Vectors count by their directions alone, up to rounding.
    found, expected = (model.decision_function(X[test][:9]) for model in (ranked, own))
    assert_array_equal(found.indices, expected.indices)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "^label_vectors must be given where the classifier has no label_prior, got None"),
        ({"label_vectors": np.eye(3)}, "^X must have the label vectors' 3 columns, got"),
        ({"label_vectors": problem()[2], "views": []}, "^views must be at least one slice"),
        ({"label_vectors": problem()[2], "cv": 1}, "^cv must be"),
    ],
)
def test_a_ranker_that_cannot_learn_is_refused_before_any_work(params, message):
    X, Y, _ = problem()
    model = XRLinearClassifier(Eager(), ranker=TextMatchRanker(**params))
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y)


def test_a_ranker_must_learn_one_way_or_the_other():
    X, Y, _ = problem()

    class Untaught:
        def rescore(self, X, labels, scores):
            return scores

    with pytest.raises(ValueError, match="The 'ranker' parameter"):
        XRLinearClassifier(ranker=Untaught()).fit(X, Y)
