"""`rank`: through pipelines, searches and unions."""

import inspect

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, KFold, RandomizedSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, Normalizer

from helpers.reference import TREES, assert_same_ranking, candidate_rows, make_problem, queries
from helpers.sklearn_config import sparse_interface
from sklearn_xmr import (
    CharNgramTfidf,
    LabelTree,
    MostFrequentCompleter,
    WordNgramTfidf,
    XRLinearClassifier,
    rank,
)


@pytest.fixture(scope="module", params=["flat", "scattered siblings", "childless nodes", "deep"])
def model(request):
    tree = LabelTree.from_parents(TREES[request.param])
    X, Y = make_problem()
    return XRLinearClassifier(tree, random_state=0, score_transform="log_l3_hinge").fit(X, Y)


@pytest.fixture(scope="module")
def X():
    return queries(n_queries=20)


TITLES = [
    "the birds of the sea",
    "sea birds and their songs",
    "songs of the birds",
    "river fishes",
    "fishes of the sea",
    "fishes of rivers and lakes",
    "trees of the north",
    "northern trees",
    "forests and trees of the north",
] * 3
SUBJECTS = np.repeat(["birds", "fishes", "trees"], 3).tolist() * 3


@pytest.fixture(scope="module")
def pipeline():
    return make_pipeline(TfidfVectorizer(), XRLinearClassifier(random_state=0)).fit(
        TITLES, SUBJECTS
    )


class TestRankFunction:
    def test_signature(self):
        for function in (rank, XRLinearClassifier.rank):
            parameters = inspect.signature(function).parameters
            assert parameters["k"].default == 10
            assert parameters["candidates"].default is None
            assert parameters["candidates"].kind is inspect.Parameter.KEYWORD_ONLY

    def test_classifier(self, model, X):
        for kwargs in ({}, {"k": 3}, {"k": 3, "candidates": candidate_rows()}):
            assert_same_ranking(rank(model, X, **kwargs), model.rank(X, **kwargs))

    def test_pipeline(self, pipeline):
        queries = ["songs of birds", "lakes", "zzz"]
        X = pipeline[0].transform(queries)
        for kwargs in ({}, {"k": 2}, {"candidates": np.array([True, False, True])}):
            found = rank(pipeline, queries, **kwargs)
            expected = pipeline[-1].rank(X, **kwargs)
            assert_array_equal(found[0], expected[0])
            assert_array_equal(found[1], expected[1])
        assert_array_equal(rank(pipeline, queries[:2], 1)[0], [["birds"], ["fishes"]])

    @pytest.mark.parametrize(
        "wrap",
        [
            lambda model: Pipeline([("classifier", model)]),
            lambda model: make_pipeline("passthrough", model),
            lambda model: make_pipeline(Normalizer(norm="max"), model),
            lambda model: make_pipeline(MaxAbsScaler(), FunctionTransformer(), model),
            lambda model: make_pipeline(make_pipeline(MaxAbsScaler()), model),
            lambda model: make_pipeline(MaxAbsScaler(), Pipeline([("inner", model)])),
            lambda model: GridSearchCV(model, {"C": [0.5]}, cv=2),
            lambda model: RandomizedSearchCV(model, {"C": [0.5]}, n_iter=1, cv=2),
            lambda model: GridSearchCV(make_pipeline(MaxAbsScaler(), model), {}, cv=2),
            lambda model: make_pipeline(MaxAbsScaler(), GridSearchCV(model, {}, cv=2)),
        ],
    )
    def test_wrapped(self, wrap):
        X, Y = make_problem()
        X = MaxAbsScaler().fit_transform(X)
        model = XRLinearClassifier(LabelTree.from_parents(TREES["flat"]), random_state=0)
        wrapped = wrap(model).fit(X, sp.csr_matrix(Y))
        labels, scores = rank(wrapped, X, 3)
        assert labels.shape == scores.shape == (X.shape[0], 3)
        if "Normalizer" not in str(wrapped):
            assert_same_ranking((labels, scores), model.fit(X, sp.csr_matrix(Y)).rank(X, 3))

    def test_frozen(self, pipeline):
        frozen = FrozenEstimator(pipeline[-1])
        found = rank(make_pipeline(FrozenEstimator(pipeline[0]), frozen), TITLES[:2], 1)
        assert_array_equal(found[0], [["birds"], ["birds"]])

    def test_hashed_texts(self):
        # A first step that has nothing to fit.
        model = make_pipeline(HashingVectorizer(n_features=64), XRLinearClassifier(random_state=0))
        assert_array_equal(rank(model.fit(TITLES, SUBJECTS), ["river fishes"], 1)[0], [["fishes"]])

    @pytest.mark.parametrize(
        "estimator",
        [
            XRLinearClassifier(),
            make_pipeline(TfidfVectorizer(), XRLinearClassifier()),
            GridSearchCV(XRLinearClassifier(), {}),
            GridSearchCV(make_pipeline(TfidfVectorizer(), XRLinearClassifier()), {}),
        ],
    )
    def test_not_fitted(self, estimator):
        with pytest.raises(NotFittedError):
            rank(estimator, np.ones((2, 3)))

    @pytest.mark.parametrize(
        "estimator",
        [
            None,
            3,
            "model",
            LogisticRegression().fit([[0], [1]], [0, 1]),
            make_pipeline(LogisticRegression()).fit([[0], [1]], [0, 1]),
            make_pipeline(MaxAbsScaler()).fit([[0], [1]]),
            make_pipeline(MaxAbsScaler(), "passthrough").fit([[0], [1]]),
            XRLinearClassifier,
            GridSearchCV(XRLinearClassifier(), {}, refit=False, cv=2).fit(
                [[0.0], [1.0]] * 2, [0, 1] * 2
            ),
        ],
    )
    def test_nothing_that_ranks(self, estimator):
        with pytest.raises(TypeError):
            rank(estimator, np.ones((2, 1)))

    @pytest.mark.parametrize("wrap", [lambda completer: completer, make_pipeline, FrozenEstimator])
    @pytest.mark.parametrize(
        "options", [{"candidates": np.ones(2, dtype=bool)}, {"min_score": 0.5}]
    )
    def test_options_that_a_completer_does_not_take(self, wrap, options):
        X = [("birds", "b"), ("music", "v")]
        estimator = wrap(MostFrequentCompleter().fit(X, ["bird song", "violin"]))
        assert rank(estimator, X, 1)[0].tolist() == [["bird song"], ["violin"]]
        (name,) = options
        with pytest.raises(TypeError, match=f"ranks without {name}"):
            rank(estimator, X, 1, **options)

    def test_options_of_other_estimators(self):
        class Ranker:
            def rank(self, X, k, **options):
                return X, k, options

        assert rank(Ranker(), [0], 1, min_score=0.5) == ([0], 1, {"min_score": 0.5})

    def test_errors_of_the_classifier(self, pipeline):
        with pytest.raises(ValueError, match="k must be"):
            rank(pipeline, TITLES, 0)
        with pytest.raises(ValueError, match="candidates"):
            rank(pipeline, TITLES, candidates=np.ones(2, dtype=bool))


class TestSearches:
    def test_string_classes(self):
        model = Pipeline(
            [
                (
                    "features",
                    FeatureUnion(
                        [
                            ("words", TfidfVectorizer()),
                            ("characters", TfidfVectorizer(analyzer="char", ngram_range=(2, 3))),
                        ]
                    ),
                ),
                ("classifier", XRLinearClassifier(random_state=0)),
            ]
        )
        search = GridSearchCV(
            model,
            {
                "features__words__ngram_range": [(1, 1), (1, 2)],
                "classifier__beam_width": [1, 5],
                "classifier__prune_threshold": [0, 0.05],
            },
            cv=3,
            error_score="raise",
        )
        search.fit(TITLES, SUBJECTS)
        assert len(search.cv_results_["params"]) == 8
        assert search.best_score_ > 0.9
        labels, scores = rank(search, ["birds sing", "lakes"], 2)
        assert_array_equal(labels[:, 0], ["birds", "fishes"])
        assert_same_ranking((labels == "birds", scores), _by_hand(search, ["birds sing", "lakes"]))

    @pytest.mark.parametrize("container", [np.asarray, sp.csr_array, sp.csr_matrix])
    def test_indicator(self, container):
        Y = np.array([[s == "birds", s == "fishes", s == "trees", "sea" in t, "north" in t]
                      for s, t in zip(SUBJECTS, TITLES, strict=True)], dtype=int)  # fmt: skip
        search = GridSearchCV(
            make_pipeline(CountVectorizer(dtype=np.float32), XRLinearClassifier(random_state=0)),
            {"xrlinearclassifier__beam_width": [1, 2], "xrlinearclassifier__C": [0.1, 1]},
            scoring=make_scorer(f1_score, average="micro"),
            cv=KFold(3),
            error_score="raise",
        )
        search.fit(TITLES, container(Y))
        assert search.best_score_ > 0.9
        labels, _ = rank(search, TITLES, 2)
        # The first title is of birds, and of the sea.
        assert set(labels[0]) == {0, 3}
        predicted = search.predict(TITLES)
        assert type(predicted) is type(container(Y))

    def test_texts_of_labels_that_a_fold_lacks(self):
        search = GridSearchCV(
            XRLinearClassifier(
                label_text={"birds": "b", "fishes": "f", "trees": "t", "stones": "s"},
                random_state=0,
            ),
            {"C": [1, 2]},
            cv=KFold(3),
            error_score="raise",
        )
        X = TfidfVectorizer().fit_transform(TITLES[:9])
        search.fit(X, SUBJECTS[:9])
        assert rank(search, X, 1)[0].shape == (9, 1)


def _by_hand(search, texts):
    best = search.best_estimator_
    labels, scores = best[-1].rank(best[:-1].transform(texts), 2)
    return labels == "birds", scores


class _Echo(BaseEstimator):
    """Ranks nothing, and returns what it is given."""

    def rank(self, X, k):
        return X


class TestUnions:
    """What `rank` does itself is what scikit-learn's union and pipeline would have done."""

    TEXTS = ("birds sing", "Lakes and a sea", "")

    @pytest.mark.parametrize(
        "features",
        [
            FeatureUnion(
                [
                    ("words", TfidfVectorizer()),
                    ("letters", TfidfVectorizer(analyzer="char")),
                    ("none", "drop"),
                ],
                transformer_weights={"letters": 0.25},
            ),
            FeatureUnion(
                [
                    ("scaled", make_pipeline(TfidfVectorizer(), Normalizer(norm="l1"))),
                    ("union", FeatureUnion([("letters", TfidfVectorizer(analyzer="char"))])),
                ]
            ),
            make_pipeline(
                TfidfVectorizer(),
                FeatureUnion([("as is", "passthrough"), ("scaled", MaxAbsScaler())]),
                None,
                "passthrough",
            ),
        ],
        ids=["weights and drop", "nested", "passthrough"],
    )
    def test_texts(self, features):
        model = make_pipeline(features, XRLinearClassifier(random_state=0)).fit(TITLES, SUBJECTS)
        expected = model[-1].rank(model[:-1].transform(self.TEXTS), 3)
        assert_same_ranking(rank(model, self.TEXTS, 3), expected)

    @pytest.mark.parametrize("interface", ["spmatrix", "sparray"])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("weights", [None, {"letters": 0.25}])
    def test_rows(self, interface, dtype, weights):
        parts = [("words", WordNgramTfidf(dtype=dtype)), ("letters", CharNgramTfidf(dtype=dtype))]
        union = FeatureUnion(parts, transformer_weights=weights).fit(TITLES)
        with sparse_interface(interface):
            expected = union.transform(self.TEXTS)
            rows = rank(make_pipeline(union, _Echo()), self.TEXTS)
        assert type(rows) is type(expected)
        assert rows.shape == expected.shape
        for name in ("indptr", "indices", "data"):
            assert_array_equal(getattr(rows, name), getattr(expected, name), strict=True)

    @pytest.mark.parametrize("output", ["default", "pandas"])
    def test_dense(self, output):
        X = pd.DataFrame(queries(n_queries=60).toarray(), columns=[f"x{i}" for i in range(25)])
        y = np.arange(60) % 4
        union = FeatureUnion([("scaled", MaxAbsScaler()), ("unit", Normalizer())])
        union.set_output(transform=output)
        model = make_pipeline(union, XRLinearClassifier(random_state=0)).fit(X, y)
        expected = model[-1].rank(model[:-1].transform(X[:5]), 3)
        assert_same_ranking(rank(model, X[:5], 3), expected)

    def test_not_fitted(self):
        model = make_pipeline(FeatureUnion([("words", TfidfVectorizer())]), XRLinearClassifier())
        with pytest.raises(NotFittedError):
            rank(model, self.TEXTS)


def test_a_single_text_is_one_row():
    titles = ["bird song", "bird migration", "river fish", "sea fish"]
    model = make_pipeline(TfidfVectorizer(), XRLinearClassifier(random_state=0))
    model.fit(titles, ["birds", "birds", "fishes", "fishes"])
    for found, expected in zip(rank(model, "a fish", 2), rank(model, ["a fish"], 2), strict=True):
        assert_array_equal(found, expected)
