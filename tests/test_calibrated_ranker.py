"""CalibratedRanker: the rankings of its classifier, with probabilities for scores."""

import pickle
from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from helpers.models import FLAT
from helpers.reference import make_problem, queries
from sklearn_xmr import CalibratedRanker, WordNgramTfidf, XRLinearClassifier, rank, top_labels
from sklearn_xmr.metrics import brier_score_at_k, calibration_error_at_k, precision_at_k

NAMES = np.array([f"label {number:02}" for number in range(12)])
KINDS = {
    "dense": np.asarray,
    "sparse": sp.csr_array,
    "sets": lambda Y: [set(NAMES[row > 0].tolist()) for row in Y],
    "classes": lambda Y: NAMES[np.argmax(Y, axis=1)],
}


@cache
def problem():
    X, Y = make_problem(n_samples=400)
    Y[::5] = 0
    return X, Y


@cache
def fitted(kind="dense", **params):
    X, Y = problem()
    classifier = XRLinearClassifier(random_state=0, shortlist_size=8)
    return CalibratedRanker(classifier, random_state=0, **params).fit(X, KINDS[kind](Y))


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
@pytest.mark.parametrize("kind", KINDS)
class TestRankings:
    def test_labels_keep_their_order(self, kind, method):
        model, Q = fitted(kind, method=method), queries()
        for k in (1, 4, 12):
            labels, scores = model.rank(Q, k)
            expected, paths = model.estimator_.rank(Q, k)
            assert_array_equal(labels, expected)
            assert_array_equal(scores == -np.inf, paths == -np.inf)
            found = scores[:, 1:] > -np.inf
            assert (scores[:, 1:] < scores[:, :-1])[found].all()
            assert ((scores > 0) & (scores <= 1) | (scores == -np.inf)).all()
            # How many are wanted changes nothing.
            assert_array_equal(scores[:, :8], model.rank(Q, 8)[1][:, :k])
        assert_array_equal(model.classes_, model.estimator_.classes_)

    def test_options(self, kind, method):
        model, Q = fitted(kind, method=method), queries()
        candidates = np.arange(len(model.classes_)) % 2 == 0
        for given in (
            candidates,
            model.classes_[candidates],
            model.estimator_.prepare_candidates(candidates),
        ):
            labels, _ = model.rank(Q, 3, candidates=given)
            assert_array_equal(labels, model.estimator_.rank(Q, 3, candidates=candidates)[0])
        labels, scores = model.rank(Q, 5, min_score=0.2)
        expected, all_scores = model.rank(Q, 5)
        assert_array_equal(scores, np.where(all_scores >= 0.2, all_scores, -np.inf))
        assert_array_equal(labels[scores > 0], expected[all_scores >= 0.2])
        labels, _ = model.rank(Q, 5, beam_width=1)
        assert_array_equal(labels, model.estimator_.rank(Q, 5, beam_width=1)[0])
        assert model.rank(Q[:0], 3)[0].shape == (0, 3)

    def test_pairs(self, kind, method):
        model, Q = fitted(kind, method=method), queries()
        labels, scores = model.rank(Q, 8)
        assert_array_equal(model.score_pairs(Q, labels), scores)
        assert_array_equal(model.score_pairs(Q, labels[:, ::-1]), scores[:, ::-1])
        every = model.score_pairs(Q, model.classes_)
        assert every.shape == (40, len(model.classes_))
        # What is not listed is below what is.
        assert_array_equal(np.sort(every, axis=1)[:, ::-1][:, :8], scores)

    def test_predictions(self, kind, method):
        model, Q = fitted(kind, method=method), queries()
        labels, scores = model.rank(Q, 8)
        probabilities = model.predict_proba(Q)
        if kind == "classes":
            totals = np.where(scores > 0, scores, 0).sum(axis=1, dtype=float)
            assert_allclose(probabilities.sum(axis=1), 1)
            assert_allclose(probabilities.max(axis=1), scores[:, 0] / totals)
            assert_array_equal(model.predict(Q), labels[:, 0])
            return
        dense = probabilities.toarray() if sp.issparse(probabilities) else probabilities
        columns = np.searchsorted(model.classes_, labels)
        assert_array_equal(np.take_along_axis(dense, columns, axis=1), scores)
        assert_array_equal((dense > 0).sum(axis=1), 8)
        predicted = model.predict(Q)
        if kind == "sets":
            predicted = [[name in row for name in model.classes_] for row in predicted]
        elif kind == "sparse":
            predicted = predicted.toarray()
        assert_array_equal(predicted, dense >= 0.5)


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_probabilities_come_true(method):
    X, Y = make_problem(n_samples=2000)
    classifier = XRLinearClassifier(random_state=0)
    model = CalibratedRanker(classifier, method=method, random_state=0).fit(X[:1000], Y[:1000])
    plain = model.estimator_
    scores, plain_scores = model.predict_proba(X[1000:]), plain.predict_proba(X[1000:])
    for k in (1, 10):
        found, before = (
            calibration_error_at_k(Y[1000:], s, k).error for s in (scores, plain_scores)
        )
        assert found < max(0.5 * before, 0.04)
        brier = brier_score_at_k(Y[1000:], scores, k)
        assert brier.score < 0.9 * brier.base_rate
        precision = precision_at_k(Y[1000:], scores, k)
        assert precision == precision_at_k(Y[1000:], plain_scores, k)


class TestThresholds:
    def test_f1_beats_a_half(self):
        X, Y = problem()
        tuned = fitted(threshold="f1")
        predicted = tuned.predict(X)
        assert f1_score(Y, predicted, average="micro") > 0.6
        assert 0.1 < tuned.threshold_ < 0.6
        assert_array_equal(predicted, tuned.predict_proba(X) >= tuned.threshold_)

    def test_more_precision_is_a_higher_threshold(self):
        precise = [fitted(threshold=("precision", p)).threshold_ for p in (0.5, 0.7, 0.9)]
        assert precise == sorted(precise)
        recalls = [fitted(threshold=("recall", r)).threshold_ for r in (0.5, 0.7, 0.9)]
        assert recalls == sorted(recalls, reverse=True)

    def test_numbers_are_read_at_prediction(self):
        X, _ = problem()
        model = pickle.loads(pickle.dumps(fitted()))
        assert model.threshold_ == 0.5
        assert model.set_params(threshold=0.9).threshold_ == 0.9
        assert_array_equal(model.predict(X), model.predict_proba(X) >= 0.9)
        model.set_params(min_labels=2)
        assert (model.predict(X).sum(axis=1) >= 2).all()

    @pytest.mark.parametrize(
        "params",
        [{"threshold": "f2"}, {"threshold": ("precision", 2)}, {"method": "platt"}, {"cv": 1}],
    )
    def test_wrong_parameters(self, params):
        with pytest.raises(ValueError, match=next(iter(params))):
            CalibratedRanker(**params).fit(*problem())


def test_folds_are_those_given():
    # The map is fitted to rankings of models that saw other rows: what a plain loop makes.
    X, Y = problem()
    classifier = XRLinearClassifier(FLAT, random_state=0, score_transform="noop", shortlist_size=12)
    folds = KFold(4)
    model = CalibratedRanker(classifier, method="isotonic", cv=folds).fit(X, Y)
    margins, truth = [], []
    for train, test in folds.split(X):
        part = clone(classifier).fit(X[train], Y[train])
        margins.append(part.decision_function(X[test]).ravel())
        truth.append(Y[test].ravel())
    margins, truth = np.concatenate(margins), np.concatenate(truth)
    order = np.argsort(margins)
    found = np.interp(margins[order], model.calibration_.margins, model.calibration_.probabilities)
    # An isotonic regression has the means of the truth, and grows.
    assert (np.diff(found) >= 0).all()
    for value in np.unique(found)[::10]:
        if np.sum(found == value) > 1:
            assert truth[order][found == value].mean() == pytest.approx(value, abs=0.02)


class TestWeights:
    def test_of_zero_are_no_rows(self):
        X, Y = problem()
        weights = np.tile([0.0, 1.0, 1.0, 1.0], 100)
        kept = np.flatnonzero(weights)
        number = np.cumsum(weights > 0) - 1
        folds = [(np.arange(400)[i::2], np.arange(400)[1 - i :: 2]) for i in (0, 1)]
        folds_kept = [[number[part[weights[part] > 0]] for part in fold] for fold in folds]
        classifier = XRLinearClassifier(FLAT, random_state=0, tol=1e-6, max_iter=10_000)
        model = CalibratedRanker(classifier, threshold="f1", cv=folds)
        found = clone(model).fit(X, Y, sample_weight=weights)
        expected = clone(model).set_params(cv=folds_kept).fit(X[kept], Y[kept])
        assert_allclose(found.predict_proba(X), expected.predict_proba(X), atol=0.01)
        assert found.threshold_ == pytest.approx(expected.threshold_, abs=0.02)

    @pytest.mark.parametrize("kind", ["pipeline", "search", "search in pipeline"])
    def test_reach_what_ranks(self, kind):
        X, Y = problem()
        estimator = XRLinearClassifier(FLAT, random_state=0, max_iter=1000)
        weights = np.random.default_rng(0).integers(1, 4, 400).astype(float)
        expected = clone(estimator).fit(X, Y, sample_weight=weights).rank(X, 3)
        if kind != "pipeline":
            estimator = GridSearchCV(estimator, {"C": [0.5]}, cv=2)
        if kind != "search":
            estimator = make_pipeline("passthrough", estimator)
        model = CalibratedRanker(estimator, cv=2, random_state=0)
        model.fit(X, Y, sample_weight=weights)
        for found, array in zip(rank(model.estimator_, X, 3), expected, strict=True):
            assert_array_equal(found, array)

    def test_are_routed(self):
        X, Y = problem()
        weights = np.random.default_rng(0).integers(1, 4, 400).astype(float)
        with config_context(enable_metadata_routing=True):
            classifier = XRLinearClassifier(FLAT, random_state=0)
            classifier.set_fit_request(sample_weight=True)
            expected = clone(classifier).fit(X, Y, sample_weight=weights).rank(X, 3)
            model = CalibratedRanker(make_pipeline("passthrough", classifier), cv=2)
            model.fit(X, Y, sample_weight=weights)
        for found, array in zip(rank(model.estimator_, X, 3), expected, strict=True):
            assert_array_equal(found, array)

    def test_that_are_wrong(self):
        X, Y = problem()
        for weights in (np.ones(3), -np.ones(400), np.zeros(400), np.full(400, np.nan)):
            with pytest.raises(ValueError, match="sample_weight"):
                CalibratedRanker().fit(X, Y, sample_weight=weights)


def test_pipelines_and_searches():
    texts = ["bird song", "bird migration", "river fish", "sea fish", "birds at sea"] * 4
    topics = ["birds", "birds", "fish", "fish", "birds"] * 4
    pipeline = make_pipeline(WordNgramTfidf(), XRLinearClassifier(random_state=0))
    model = CalibratedRanker(pipeline, random_state=0).fit(texts, topics)
    assert model.predict(["a fish", "some bird"]).tolist() == ["fish", "birds"]
    labels, scores = rank(model, "a fish", 2)
    assert labels.tolist() == [["fish", "birds"]]
    assert top_labels(model, "a fish", 1) == [("fish", float(scores[0, 0]))]
    search = GridSearchCV(pipeline, {"xrlinearclassifier__C": [0.5, 1.0]}, cv=2)
    assert CalibratedRanker(search, random_state=0).fit(texts, topics).predict(["fish"]) == ["fish"]
    around = GridSearchCV(model, {"method": ["logistic", "isotonic"]}, cv=2).fit(texts, topics)
    assert around.predict(["fish"]) == ["fish"]
    assert cross_val_score(model, texts, topics, cv=2).mean() > 0.5


def test_processes_make_the_same_model():
    X, Y = problem()
    model = clone(fitted()).set_params(n_jobs=2).fit(X, Y)
    assert_array_equal(model.predict_proba(X), fitted().predict_proba(X))


def test_folds_are_pairs():
    for cv, shown in ([1], "1"), ([], "none"):
        with pytest.raises(ValueError, match=rf"cv must hold pairs .* got {shown}\."):
            CalibratedRanker(cv=cv).fit([[0.0], [1.0], [2.0]], ["a", "b", "a"])


def test_what_does_not_rank():
    for estimator in (LinearSVC(), make_pipeline(WordNgramTfidf(), LinearSVC())):
        with pytest.raises(TypeError, match="must be an XRLinearClassifier, or a Pipeline or sear"):
            CalibratedRanker(estimator).fit(*problem())


def test_rare_classes():
    # Some are in no training part, and one row has all that is right.
    X, y = np.eye(6), np.array([0, 0, 0, 1, 2, 2])
    model = CalibratedRanker(XRLinearClassifier(random_state=0), random_state=0).fit(X, y)
    assert_array_equal(model.classes_, [0, 1, 2])
    assert_allclose(model.predict_proba(X).sum(axis=1), 1)
