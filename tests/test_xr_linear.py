"""XRLinearClassifier: the trees that it asks indexers for, its parameters and its errors."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError

from helpers.models import FLAT, SCATTERED, state, weights
from helpers.reference import make_problem
from sklearn_xmr import HierarchicalKMeansIndexer, LabelTree, XRLinearClassifier


class Recorder(BaseEstimator):
    """An indexer that hands out a given tree and tells what it was fitted on."""

    calls = []  # noqa: RUF012

    def __init__(self, tree=None, returns_self=True):
        self.tree = tree
        self.returns_self = returns_self

    def fit(self, *args):
        self.calls.append(args)
        self.tree_ = self.tree
        return self if self.returns_self else None


@pytest.fixture
def calls():
    Recorder.calls.clear()
    return Recorder.calls


class TestIndexers:
    def test_default_is_k_means(self):
        X, Y = make_problem(n_labels=300, n_samples=200)
        model = XRLinearClassifier(random_state=0).fit(X, Y)
        assert model.label_tree_.n_labels == 300
        assert model.label_tree_.n_layers == 2
        assert model.indexer is None

    def test_k_means(self, problem):
        indexer = HierarchicalKMeansIndexer(2, max_leaf_size=2, random_state=0)
        model = XRLinearClassifier(indexer, random_state=0).fit(*problem)
        assert not hasattr(indexer, "tree_")
        features = np.array(
            [
                ((problem[1] / np.sqrt(np.maximum(problem[1].sum(axis=1), 1))[:, None])[:, j])
                @ problem[0].toarray()
                for j in range(12)
            ]
        )
        assert clone(indexer).fit(features).tree_ == model.label_tree_
        assert model.label_tree_.n_layers > 2

    def test_what_an_indexer_is_given(self, problem, calls):
        X, Y = problem
        indexer = Recorder(SCATTERED)
        model = XRLinearClassifier(indexer, random_state=0).fit(X, Y)
        assert model.label_tree_ == SCATTERED
        assert not hasattr(indexer, "tree_")
        (Z, texts), = calls  # fmt: skip
        assert texts is None
        v = (Y / np.sqrt(Y.sum(axis=1).clip(1))[:, None]).T @ X.toarray()
        Z = Z.toarray() if sp.issparse(Z) else Z
        assert_allclose(Z, v / np.linalg.norm(v, axis=1)[:, None], rtol=1e-5, atol=1e-6)

    def test_given_label_features(self, problem, calls):
        for Z in (np.eye(12), sp.csr_array(np.eye(12)), np.eye(12).tolist()):
            XRLinearClassifier(Recorder(SCATTERED), label_features=Z).fit(*problem)
            found, _ = calls.pop()
            assert_array_equal(found.toarray() if sp.issparse(found) else found, np.eye(12))
        indexer = HierarchicalKMeansIndexer(2, max_leaf_size=6, random_state=0)
        Z = np.tile(np.eye(2), (6, 1)) + 0.1 * np.random.default_rng(0).random((12, 2))
        tree = XRLinearClassifier(indexer, label_features=Z).fit(*problem).label_tree_
        clusters = tree.parents[-1]
        assert len(set(clusters[::2])) == len(set(clusters[1::2])) == 1
        assert clusters[0] != clusters[1]

    def test_texts(self, problem, calls):
        X, Y = problem
        texts = [f"text {j}" for j in range(12)]
        for given_ in (texts, tuple(texts), np.array(texts), pd.Series(texts)):
            XRLinearClassifier(Recorder(SCATTERED), label_text=given_).fit(X, sp.csr_array(Y))
            assert list(calls.pop()[1]) == texts
        y = Y[:, :3].argmax(axis=1)
        tree = LabelTree.from_parents([[0, 0, 0]])
        XRLinearClassifier(Recorder(tree)).fit(X, y)
        assert calls.pop()[1] is None
        by_class = {2: "c", 0: "a", 1: "b", 77: "never seen"}
        XRLinearClassifier(Recorder(tree), label_text=by_class).fit(X, y)
        assert list(calls.pop()[1]) == ["a", "b", "c"]
        named = np.array(["z", "y", "x"])[y]
        for classes in (named, named.astype(object)):
            XRLinearClassifier(Recorder(tree)).fit(X, classes)
            assert list(calls.pop()[1]) == ["x", "y", "z"]
        XRLinearClassifier(Recorder(tree), label_text={"x": "1", "y": "2", "z": "3"}).fit(X, named)
        assert list(calls.pop()[1]) == ["1", "2", "3"]

    def test_fit_may_return_nothing(self, problem):
        model = XRLinearClassifier(Recorder(SCATTERED, returns_self=False), random_state=0)
        assert model.fit(*problem).label_tree_ == SCATTERED

    @pytest.mark.parametrize("tree", [None, [[0] * 12]])
    def test_no_tree(self, problem, tree):
        with pytest.raises((TypeError, ValueError), match="tree_"):
            XRLinearClassifier(Recorder(tree)).fit(*problem)

    @pytest.mark.parametrize("indexer", ["k-means", 3, LabelTree, [[0, 0]], object()])
    def test_no_indexer(self, problem, indexer):
        with pytest.raises((TypeError, ValueError), match=r"indexer|clone"):
            XRLinearClassifier(indexer).fit(*problem)

    @pytest.mark.parametrize("y", ["dense", "sparse", "classes"])
    @pytest.mark.parametrize(
        "params",
        [
            {"indexer": LabelTree.from_parents([[0] * 7])},
            {"indexer": Recorder(LabelTree.from_parents([[0] * 7]))},
            {"label_features": np.eye(7)},
            {"label_features": sp.eye_array(7, format="csr")},
            {"label_text": ["a"] * 7},
            {"indexer": SCATTERED, "label_features": np.eye(7)},
        ],
        ids=lambda params: " ".join(f"{k} {type(v).__name__}" for k, v in params.items()),
    )
    def test_another_number_of_labels(self, problem, params, y):
        X, Y = problem
        if y == "classes":
            if "label_text" in params:
                params = {"label_text": dict.fromkeys(range(7), "a")}
            Y = np.arange(100) % 12
        elif y == "sparse":
            Y = sp.csr_array(Y)
        model = XRLinearClassifier(**params)
        name = next(reversed(params))
        with pytest.raises(ValueError, match=rf"{name}.*\b[57]\b.*\b12\b"):
            model.fit(X, Y)
        assert not hasattr(model, "classes_")

    @pytest.mark.parametrize("sparse", [False, True])
    def test_dict_of_texts_for_an_indicator(self, problem, sparse):
        X, Y = problem
        texts = dict.fromkeys(range(12), "a")
        with pytest.raises((TypeError, ValueError), match="label_text"):
            XRLinearClassifier(label_text=texts).fit(X, sp.csr_array(Y) if sparse else Y)

    def test_set_of_texts_for_an_indicator(self, problem):
        with pytest.raises(TypeError, match=r"label_text must be a sequence .* got a set"):
            XRLinearClassifier(label_text=set("abcdefghijkl")).fit(*problem)

    def test_sequence_of_texts_for_classes(self, problem):
        with pytest.raises((TypeError, ValueError), match="label_text"):
            XRLinearClassifier(label_text=["a", "b"]).fit(problem[0], problem[1][:, 0])

    @pytest.mark.parametrize("texts", [[3] * 12, [None] * 12, [b"a"] * 12, ["a"] * 11 + [np.nan]])
    def test_texts_that_are_none(self, problem, texts):
        with pytest.raises((TypeError, ValueError), match="label_text"):
            XRLinearClassifier(label_text=texts).fit(*problem)

    @pytest.mark.parametrize(
        "features", ["pifas", None, 3, np.full((12, 2), np.nan), np.ones(12), np.ones((12, 0))]
    )
    def test_wrong_label_features(self, problem, features):
        with pytest.raises((TypeError, ValueError), match=r"label_features|feature"):
            XRLinearClassifier(label_features=features).fit(*problem)

    @pytest.mark.parametrize("made", [None, np.ones(12), np.full((12, 2), np.nan), np.ones((7, 2))])
    def test_wrong_label_features_made(self, problem, made):
        with pytest.raises(ValueError, match="label_features"):
            XRLinearClassifier(label_features=lambda X, Y: made).fit(*problem)

    def test_half_precision_indicator(self, problem):
        X, Y = problem
        model = XRLinearClassifier(random_state=0).fit(X, Y.astype(np.float16))
        assert model.predict(X).dtype == np.float16
        assert_array_equal(
            model.predict(X), XRLinearClassifier(random_state=0).fit(X, Y).predict(X)
        )


class TestParameters:
    @pytest.mark.parametrize(
        "params",
        [
            {"loss": "squared"},
            {"C": 0},
            {"C": -1.0},
            {"C": np.nan},
            {"C": "1"},
            {"positive_weight": 0},
            {"positive_weight": np.inf},
            {"intercept_scaling": 0},
            {"tol": 0},
            {"tol": -1},
            {"max_iter": 0},
            {"max_iter": 1.5},
            {"negatives": "all"},
            {"prune_threshold": -0.1},
            {"prune_threshold": np.nan},
            {"max_weights": 0},
            {"max_weights": 2.5},
            {"beam_width": 0},
            {"shortlist_size": 0},
            {"score_transform": "l3"},
            {"fit_intercept": "yes"},
            {"hide_unseen": "yes"},
            {"n_trees": 0},
            {"n_trees": 1.5},
            {"n_trees": 2**31},
            {"memory": 3},
            {"n_jobs": "two"},
            {"random_state": "zero"},
            {"verbose": -1},
        ],
        ids=str,
    )
    def test_invalid(self, problem, params):
        with pytest.raises(ValueError, match=next(iter(params))):
            XRLinearClassifier(**params).fit(*problem)

    def test_defaults(self):
        assert XRLinearClassifier().get_params() == {
            "indexer": None,
            "label_features": "pifa",
            "label_text": None,
            "label_prior": None,
            "prior_strength": 2.0,
            "loss": "squared_hinge",
            "C": 0.5,
            "positive_weight": 1.0,
            "fit_intercept": True,
            "intercept_scaling": 1.0,
            "tol": 0.3,
            "max_iter": 100,
            "negatives": "tfn",
            "prune_threshold": 0.05,
            "max_weights": None,
            "beam_width": 10,
            "shortlist_size": 20,
            "score_transform": "l3_hinge",
            "ancestor_weight": 1.0,
            "n_trees": 1,
            "matcher": None,
            "ranker": None,
            "threshold": 0.1,
            "min_labels": "auto",
            "hide_unseen": False,
            "memory": None,
            "n_jobs": None,
            "random_state": None,
            "verbose": 0,
        }

    def test_only_the_indexer_is_positional(self):
        with pytest.raises(TypeError):
            XRLinearClassifier(None, "pifa")

    @pytest.mark.parametrize(
        "C",
        [
            1e-30,
            1e-12,
            1e12,
            1e39,
        ],
    )
    @pytest.mark.filterwarnings("ignore:All weights below")
    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_extreme_costs(self, problem, C):
        X = problem[0].toarray()
        X[5] = 0
        model = XRLinearClassifier(SCATTERED, C=C, fit_intercept=False, prune_threshold=0)
        model.fit(X, problem[1])
        assert all(np.isfinite(a).all() and np.isfinite(b).all() for a, b in weights(model))

    def test_not_fitted(self, problem):
        model = XRLinearClassifier()
        for method in (model.rank, model.predict, model.predict_proba, model.decision_function):
            with pytest.raises(NotFittedError):
                method(problem[0])

    @pytest.mark.parametrize(
        "change",
        [
            lambda model, X, Y: model.fit(X[:50], Y),
            lambda model, X, Y: model.fit(X * np.float32(np.nan), Y),
            lambda model, X, Y: model.fit(X, 2 * Y),
            lambda model, X, Y: model.set_params(C=-1).fit(X, Y),
            lambda model, X, Y: model.fit(X, Y[:, :5]),
            lambda model, X, Y: model.set_params(indexer=None, label_text=["a"]).fit(X, Y),
            lambda model, X, Y: model.set_params(indexer=Recorder(FLAT.parents)).fit(X, Y),
            # Warnings are errors here.
            lambda model, X, Y: model.set_params(max_iter=1, tol=1e-9).fit(X[:, :20], Y),
            lambda model, X, Y: model.fit(pd.DataFrame(X.toarray(), columns=[*range(24), "a"]), Y),
        ],
    )
    def test_a_failed_fit_changes_nothing(self, problem, change):
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        before = state(model)
        with pytest.raises(Exception):  # noqa: B017, PT011
            change(model, *problem)
        assert state(model) == before
        model.set_params(**XRLinearClassifier(SCATTERED, random_state=0).get_params())
        assert_array_equal(model.predict(problem[0]), model.predict(problem[0].toarray()))
