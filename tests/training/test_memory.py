"""The parameter `memory`: fewer trainings, and nothing else that differs."""

import warnings

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from helpers.reference import TREES, make_problem, queries
from sklearn_xmr import HierarchicalKMeansIndexer, LabelTree, XRLinearClassifier
from sklearn_xmr._training import fit_trees

INDEXER = HierarchicalKMeansIndexer(2, max_leaf_size=2)


@pytest.fixture
def trainings(monkeypatch):
    """A list that grows by each training."""
    train, calls = fit_trees.fit_matcher, []

    def counted(*args):
        calls.append(args)
        return train(*args)

    monkeypatch.setattr(fit_trees, "fit_matcher", counted)
    return calls


def packed(model):
    """Every array of the model, with its dtype."""
    return [
        (name, np.asarray(array).dtype, np.asarray(array).tobytes())
        for _, layers in model.trees_
        for layer in layers
        for name, array in vars(layer).items()
    ]


def fit(memory=None, X=None, Y=None, **params):
    problem = make_problem()
    X, Y = problem[0] if X is None else X, problem[1] if Y is None else Y
    params = {"indexer": INDEXER, "random_state": 0} | params
    return XRLinearClassifier(memory=memory, **params).fit(X, Y)


SHARED = [
    {},
    {"beam_width": 2},
    {"shortlist_size": 3},
    {"score_transform": "sigmoid"},
    {"prune_threshold": 0.3},
    {"prune_threshold": 0.01},
    {"max_weights": 4},
    {"prune_threshold": 0.2, "max_weights": 3},
    {"n_jobs": 2},
]


def test_candidates_share_a_training(tmp_path, trainings):
    for params in SHARED:
        with_memory = fit(str(tmp_path), **params)
        assert len(trainings) == 1
        assert with_memory.label_tree_.n_labels == 12
    for params in SHARED:
        without = fit(**params)
        with_memory = fit(str(tmp_path), **params)
        assert packed(with_memory) == packed(without)
        assert with_memory.label_tree_ == without.label_tree_
        assert_array_equal(with_memory.n_iter_, without.n_iter_)
        for found, expected in zip(
            with_memory.rank(queries()), without.rank(queries()), strict=True
        ):
            assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "params",
    [
        {"C": 2.0},
        {"tol": 0.01},
        {"max_iter": 5000},
        {"fit_intercept": False},
        {"intercept_scaling": 2.0},
        {"random_state": 1},
        {"negatives": "tfn+man"},
        {"label_features": np.random.default_rng(0).random((12, 4))},
        {"indexer": HierarchicalKMeansIndexer(3, max_leaf_size=2)},
        {"indexer": LabelTree.from_parents(TREES["flat"])},
        {"prune_threshold": 0.005},
        {"X": queries(n_queries=100)},
        {"Y": 1 - make_problem()[1]},
    ],
    ids=str,
)
def test_all_else_is_trained_anew(tmp_path, trainings, params):
    fit(str(tmp_path))
    model = fit(str(tmp_path), **params)
    assert len(trainings) == 2
    assert packed(model) == packed(fit(**params))


@pytest.mark.parametrize(
    "given",
    [
        {"sample_weight": np.linspace(0.5, 2, 100)},
        {"relevance": sp.csr_array(2.0 * make_problem()[1])},
        {"negatives": sp.csr_array(np.eye(100, 12))},
    ],
    ids=lambda given: next(iter(given)),
)
def test_arguments_of_fit_belong_to_the_key(tmp_path, trainings, given):
    fit(str(tmp_path))
    for n_jobs in (1, 2):
        model = XRLinearClassifier(INDEXER, random_state=0, memory=str(tmp_path), n_jobs=n_jobs)
        model.fit(*make_problem(), **given)
        assert len(trainings) == 2
    fresh = XRLinearClassifier(INDEXER, random_state=0).fit(*make_problem(), **given)
    assert packed(model) == packed(fresh)


@pytest.mark.parametrize(
    "params",
    [
        {"beam_width": 1},
        {"score_transform": "sigmoid"},
        {"prune_threshold": 0.3},
        {"max_weights": 2},
    ],
    ids=str,
)
def test_search_for_negatives_belongs_to_the_key(tmp_path, trainings, params):
    fit(str(tmp_path), negatives="man")
    model = fit(str(tmp_path), negatives="man", **params)
    assert len(trainings) == 2
    assert packed(model) == packed(fit(negatives="man", **params))
    again = fit(str(tmp_path), negatives="man", shortlist_size=7, **params)
    assert len(trainings) == 3
    assert packed(again) == packed(model)


def test_trees_are_kept_one_by_one(tmp_path, trainings):
    fit(str(tmp_path), n_trees=2)
    assert len(trainings) == 2
    three = fit(str(tmp_path), n_trees=3)
    assert len(trainings) == 3
    assert packed(three) == packed(fit(n_trees=3))


def test_what_a_cache_holds_is_left_as_it_is(trainings):
    class Cache:
        def __init__(self):
            self.found = []

        def cache(self, function, ignore):
            def cached(*args):
                if not self.found:
                    self.found.append(function(*args))
                return self.found[0]

            return cached

    cache = Cache()
    models = [packed(fit(cache)) for _ in range(2)]
    assert len(trainings) == 1
    assert models[0] == models[1] == packed(fit())


def test_same_data_in_another_container(tmp_path, trainings):
    X, Y = make_problem()
    for container in (sp.csr_matrix, sp.csc_array, sp.coo_array, lambda X: X.toarray()):
        fit(str(tmp_path), X=container(X), Y=sp.csr_array(Y))
    assert len(trainings) == 1


def test_grid_search_trains_once_for_each_fold(tmp_path, trainings):
    X, Y = make_problem()
    grid = {"beam_width": [1, 3], "prune_threshold": [0.1, 0.3], "max_weights": [None, 3]}
    searches = [
        GridSearchCV(
            XRLinearClassifier(INDEXER, random_state=0, memory=memory),
            grid,
            cv=3,
            scoring=lambda model, X, y: -float(np.abs(model.predict_proba(X) - y).mean()),
        ).fit(X, Y)
        for memory in (joblib.Memory(tmp_path, verbose=0), None)
    ]
    # Three folds, and the best one on all rows; without memory every candidate on each fold.
    assert len(trainings) == (3 + 1) + (3 * 8 + 1)
    kept, fresh = searches
    assert_array_equal(kept.cv_results_["mean_test_score"], fresh.cv_results_["mean_test_score"])
    assert kept.best_params_ == fresh.best_params_
    assert packed(kept.best_estimator_) == packed(fresh.best_estimator_)


def warned(**params):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = fit(**params)
    return model, sorted((w.category.__name__, str(w.message)) for w in caught)


def test_warnings_and_passes_are_those_of_a_fresh_fit(tmp_path, trainings):
    seen = set()
    for params in [
        {"max_iter": 1, "tol": 1e-6},
        {"max_iter": 1, "tol": 1e-6, "prune_threshold": 50.0},
        {"max_iter": 1, "tol": 1e-6, "prune_threshold": 1.0},
    ]:
        fresh, expected = warned(**params)
        for _ in range(2):
            model, messages = warned(memory=str(tmp_path), **params)
            assert messages == expected
            assert_array_equal(model.n_iter_, fresh.n_iter_)
        seen |= {category for category, _ in expected}
    assert seen == {ConvergenceWarning.__name__, UserWarning.__name__}
    assert len(trainings) == 3 + 1


def test_errors_are_not_kept(tmp_path):
    for _ in range(2):
        with pytest.raises(ValueError, match="12 labels"):
            fit(
                str(tmp_path),
                Y=make_problem()[1][:, :5],
                indexer=LabelTree.from_parents([[0] * 12]),
            )
    with pytest.raises(ValueError, match="negatives"):
        fit(str(tmp_path), negatives=["tfn"])


def test_nameless_functions_are_refused(tmp_path):
    X, Y = make_problem()
    model = XRLinearClassifier(
        label_features=lambda X, Y: np.ones((12, 2)), random_state=0, memory=str(tmp_path)
    )
    with pytest.raises(ValueError, match="With memory, label_features, indexer and matcher must"):
        model.fit(X, Y)
