"""Scorers made of the metrics, in scikit-learn's searches and for any y."""

import pickle
from math import inf

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose
from sklearn import metrics as sk_metrics
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_classification, make_multilabel_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, train_test_split
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from helpers.matrices import random_csr
from helpers.score_matrices import CONTAINERS, shortlist
from sklearn_xmr import XRLinearClassifier, metrics, rank
from sklearn_xmr.metrics import make_topk_scorer, ndcg_at_k, precision_at_k, psp_at_k, recall_at_k

# ---------------------------------------------------------------- scorers


class SparseScores(ClassifierMixin, BaseEstimator):
    """A classifier that answers with a sparse shortlist, its training labels at random scores."""

    def __init__(self, size=3):
        self.size = size

    def fit(self, X, Y):
        self.classes_ = np.arange(Y.shape[1])
        return self

    def predict_proba(self, X):
        rng = np.random.default_rng(0)
        scores = rng.random((X.shape[0], len(self.classes_)))
        scores[rng.permuted(scores, axis=1) < 0.5] = -inf
        return shortlist(scores)


def test_scorer_of_1d_y_is_top_k_accuracy():
    X, y = make_classification(200, n_features=8, n_informative=6, n_classes=4, random_state=0)
    y = np.array(["d", "a", "cc", "b"], dtype=object)[y]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)
    for k in (1, 2, 3):
        expected = sk_metrics.top_k_accuracy_score(y_test, model.predict_proba(X_test), k=k)
        for y_form in (y_test, y_test.tolist(), y_test.astype(str), y_test.reshape(-1, 1)):
            assert_allclose(make_topk_scorer(recall_at_k, k)(model, X_test, y_form), expected)
        assert_allclose(make_topk_scorer(precision_at_k, k)(model, X_test, y_test), expected / k)


@pytest.mark.parametrize("labels", [[0, 1], [-1, 1], ["no", "yes"], [False, True]])
@pytest.mark.parametrize("Model", [LogisticRegression, LinearSVC])
def test_scorer_of_binary_y(Model, labels):
    X, y = make_classification(200, flip_y=0.3, random_state=0)
    y = np.array(labels)[y]
    model = Model().fit(X, y)
    assert_allclose(make_topk_scorer(precision_at_k, 1)(model, X, y), model.score(X, y))
    assert make_topk_scorer(recall_at_k, 2)(model, X, y) == 1


@pytest.mark.parametrize("Model", [LogisticRegression, LinearSVC])
@pytest.mark.parametrize("classes", [["a", "b"], ["a", "b", "c"]])
def test_classes_never_seen_in_training_are_misses(Model, classes):
    rng = np.random.default_rng(0)
    X = rng.random((60, 5))
    y = rng.choice(classes, 60)
    model = Model().fit(X, y)
    n_seen = 45
    y_test = np.where(np.arange(60) < n_seen, y, np.where(np.arange(60) % 2, "new", "other"))
    for metric in (precision_at_k, recall_at_k, ndcg_at_k):
        for k in (1, 2, 5):
            scorer = make_topk_scorer(metric, k)
            expected = scorer(model, X[:n_seen], y[:n_seen]) * n_seen / 60
            assert_allclose(scorer(model, X, y_test), expected)
    with pytest.warns(UserWarning, match="has a class that training saw"):
        assert make_topk_scorer(recall_at_k, 5)(model, X[n_seen:], y_test[n_seen:]) == 0


def test_unseen_class_with_sparse_scores():
    """One class per row, scores sparse: the new class is a miss, the others keep their ranks."""
    model = SparseScores().fit(None, np.empty((0, 6)))
    X, y = np.zeros((8, 1)), np.array([0, 1, 2, 3, 4, 5, 77, -3])
    S = model.predict_proba(X)
    truth = np.eye(8)[:, :6]
    assert_allclose(make_topk_scorer(ndcg_at_k, 2)(model, X, y), ndcg_at_k(truth, S, 2))


@pytest.mark.parametrize("container", CONTAINERS)
def test_scorer_of_an_indicator(container):
    X, Y = make_multilabel_classification(100, n_classes=6, random_state=0)
    model = OneVsRestClassifier(GaussianNB()).fit(X, Y)
    expected = ndcg_at_k(Y, model.predict_proba(X), 3)
    assert_allclose(make_topk_scorer(ndcg_at_k, 3)(model, X, container(Y)), expected)
    svm = OneVsRestClassifier(LinearSVC()).fit(X, Y)
    expected = recall_at_k(Y, svm.decision_function(X), 2)
    assert_allclose(make_topk_scorer(recall_at_k, 2)(svm, X, container(Y)), expected)


def test_scorer_passes_sparse_scores_and_parameters_on():
    Y = random_csr(np.random.default_rng(0), (20, 9), 0.4)
    Y.data[:] = 1
    propensity = np.linspace(0.1, 0.9, 9)
    model = SparseScores().fit(None, Y)
    scorer = make_topk_scorer(psp_at_k, 3, propensity=propensity)
    S = model.predict_proba(np.zeros((20, 1)))
    assert scorer(model, np.zeros((20, 1)), Y) == psp_at_k(Y, S, 3, propensity=propensity)


def test_scorer_pickles_and_clones():
    X, y = make_classification(100, random_state=0)
    model = LogisticRegression().fit(X, y)
    scorer = make_topk_scorer(ndcg_at_k, k=1)
    search = clone(GridSearchCV(LogisticRegression(), {"C": [1]}, scoring=scorer))
    for copy in (pickle.loads(pickle.dumps(scorer)), search.scoring):
        assert copy(model, X, y) == scorer(model, X, y)
    assert "ndcg_at_k" in repr(scorer)
    assert "k=1" in repr(scorer)


def test_grid_search_over_a_pipeline_with_string_classes():
    words = {"fruit": "apple pear plum fig", "metal": "iron zinc tin lead", "bird": "owl tit jay"}
    rng = np.random.default_rng(0)
    y = rng.choice(list(words), 60)
    X = [" ".join(rng.choice(words[c].split(), 2)) for c in y]
    scoring = {"r": make_topk_scorer(recall_at_k, 1), "p": make_topk_scorer(precision_at_k, 3)}
    search = GridSearchCV(
        make_pipeline(TfidfVectorizer(), MultinomialNB()),
        {"tfidfvectorizer__vocabulary": [None, ["nothing"]]},
        scoring=scoring,
        refit="r",
        cv=3,
        error_score="raise",
    ).fit(X, y)
    assert search.best_params_ == {"tfidfvectorizer__vocabulary": None}
    assert search.best_score_ == 1
    assert_allclose(search.cv_results_["mean_test_p"], 1 / 3)  # all three classes are retrieved
    assert search.score(X, y) == scoring["r"](search, X, y) == 1


@pytest.mark.parametrize("container", [np.asarray, sp.csr_matrix])
def test_grid_search_over_indicators(container):
    X, Y = make_multilabel_classification(90, n_classes=5, random_state=0)
    search = GridSearchCV(
        OneVsRestClassifier(GaussianNB()),
        {"estimator__var_smoothing": [1e6, 1e-9]},
        scoring=make_topk_scorer(ndcg_at_k, 3),
        cv=3,
        error_score="raise",
    ).fit(X, container(Y))
    low, high = search.cv_results_["mean_test_score"]
    assert 0 < low < high < 1


def test_one_class():
    model = DummyClassifier().fit(np.zeros((3, 1)), ["a"] * 3)
    assert make_topk_scorer(recall_at_k, 5)(model, np.zeros((2, 1)), ["a", "b"]) == 0.5


def test_scorer_refusals():
    X, Y = make_multilabel_classification(50, n_classes=3, random_state=0)
    scorer = make_topk_scorer(recall_at_k)
    with pytest.raises(ValueError, match="k must be an integer of at least 1, got 0"):
        make_topk_scorer(recall_at_k, 0)
    with pytest.raises(TypeError, match="metric must be callable or a name, got 3"):
        make_topk_scorer(3)
    with pytest.raises(ValueError, match=r"metric must be callable or one of .*, got 'precise'"):
        make_topk_scorer("precise")
    with pytest.raises(TypeError, match="or rank and classes_, got StandardScaler"):
        scorer(StandardScaler(), X, Y)
    with pytest.raises(ValueError, match="got a list of 3 arrays"):
        scorer(RandomForestClassifier(2).fit(X, Y), X, Y)
    model = GaussianNB().fit(X, np.arange(50) % 3)
    with pytest.raises(ValueError, match="both strings or both not, got '0' in y and"):
        scorer(model, X, (np.arange(50) % 3).astype(str))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        scorer(model, X, [0, 1])
    with pytest.raises(ValueError, match=r"same shape, got \(50, 2\) and \(50, 3\)"):
        scorer(model, X, Y[:, :2])


@pytest.mark.parametrize("Model", [LogisticRegression, XRLinearClassifier])
def test_propensities_of_classes_go_by_their_names(Model):
    rng = np.random.default_rng(0)
    X, seen = rng.random((30, 3)), np.array(list("bcd"))[np.arange(30) % 3]
    model = Model(random_state=0).fit(X, seen)
    y = seen.copy()
    y[::4] = "a"  # never seen
    propensity = {"a": 0.1, "b": 0.5, "c": 0.9, "d": 0.3}
    found = make_topk_scorer(psp_at_k, 1, propensity=propensity)(model, X, y)
    hits = model.predict(X) == y
    expected = sum(hits[i] / propensity[y[i]] for i in range(30)) / sum(
        1 / propensity[name] for name in y
    )
    assert found == pytest.approx(expected)
    with pytest.raises(TypeError, match="propensity must be a dict"):
        make_topk_scorer(psp_at_k, 1, propensity=[0.5, 0.9, 0.3])(model, X, seen)
    with pytest.raises(ValueError, match="none for 'a'"):
        make_topk_scorer(psp_at_k, 1, propensity={"b": 0.5, "c": 0.5, "d": 0.1})(model, X, y)


@pytest.mark.parametrize("name", ["precision", "recall_at_k", "ndcg", "mean_reciprocal_rank"])
def test_metrics_by_name(name):
    function = getattr(metrics, name, None) or getattr(metrics, f"{name}_at_k")
    texts = ["red apple", "green apple", "red car", "fast car"] * 3
    y = ["fruit", "fruit", "vehicle", "vehicle"] * 3
    model = make_pipeline(TfidfVectorizer(), XRLinearClassifier(random_state=0)).fit(texts, y)
    found = make_topk_scorer(name, 2)(model, texts, y)
    assert found == make_topk_scorer(function, 2)(model, texts, y) > 0


def test_label_sets_in_model_selection():
    texts = ["red apple", "green apple", "red car", "fast car"] * 3
    y = [["fruit", "red"], ["fruit"], {"red", "vehicle"}, ("vehicle",)] * 3
    model = make_pipeline(TfidfVectorizer(), XRLinearClassifier(random_state=0)).fit(texts, y)
    search = GridSearchCV(
        model,
        {"xrlinearclassifier__C": [1.0]},
        scoring=make_topk_scorer("recall", 2),
        cv=KFold(3),
    ).fit(texts, y)
    folds = []
    for train, test in KFold(3).split(texts):
        fold = clone(model).set_params(xrlinearclassifier__C=1.0)
        fold.fit([texts[i] for i in train], [y[i] for i in train])
        labels, _ = rank(fold, [texts[i] for i in test], 2)
        found = [len(set(row) & set(y[i])) / len(y[i]) for row, i in zip(labels, test, strict=True)]
        folds.append(np.mean(found))
    assert search.best_score_ == pytest.approx(np.mean(folds))


def test_a_split_without_known_classes_is_explained():
    texts, y = [f"text {i}" for i in range(8)], [f"class {i}" for i in range(8)]
    model = make_pipeline(TfidfVectorizer(), XRLinearClassifier(random_state=0))
    search = GridSearchCV(
        model,
        {"xrlinearclassifier__C": [0.5, 1.0]},
        cv=KFold(2),
        scoring=make_topk_scorer("recall", 1),
    )
    with pytest.warns(
        UserWarning, match="None of the 4 rows has a class that training saw"
    ) as found:
        search.fit(texts, y)
    assert len(found) == 1
