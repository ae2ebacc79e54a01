"""QueryAutocompleter: what it promises of every suggestion, and what it learns."""

from enum import Enum
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_xmr import (
    HierarchicalKMeansIndexer,
    QueryAutocompleter,
    TrieHybridIndexer,
    XRLinearClassifier,
)
from sklearn_xmr.datasets import load_subject_sessions
from sklearn_xmr.metrics import mean_reciprocal_rank

TOPICS = {
    "birds": ["bird song", "bird migration", "nests", "feathers"],
    "fishes": ["fish farming", "bait", "nets", "rivers"],
    "music": ["bass", "violin", "songs", "rhythm"],
}


def topic_rows(seed=0, n_rows=300):
    """Rows of (topic, prefix of one of its queries)."""
    rng = np.random.default_rng(seed)
    X, y = [], []
    for _ in range(n_rows):
        topic = str(rng.choice(list(TOPICS)))
        query = str(rng.choice(TOPICS[topic]))
        X.append((topic, query[: rng.integers(1, len(query) + 1)]))
        y.append(query)
    return X, y


@pytest.fixture(scope="module")
def completer():
    return QueryAutocompleter(random_state=0).fit(*topic_rows())


def suggested(completer, previous, prefix, k=10):
    return [query for query, _ in completer.complete(previous, prefix, k)]


def test_previous_query_decides_between_queries_that_begin_alike(completer):
    assert set(suggested(completer, "birds", "b")[:2]) == {"bird song", "bird migration"}
    assert suggested(completer, "music", "b")[0] == "bass"
    assert suggested(completer, "fishes", "b")[0] == "bait"
    assert suggested(completer, "birds", "ne")[0] == "nests"
    assert suggested(completer, "fishes", "ne")[0] == "nets"


def test_without_a_prefix_what_followed_comes_first(completer):
    for topic, queries in TOPICS.items():
        assert set(suggested(completer, topic, "", k=4)) == set(queries)


def test_without_a_previous_query_the_prefix_alone_answers(completer):
    assert set(suggested(completer, "", "bird")) == {"bird song", "bird migration"}
    assert suggested(completer, None, "vio") == ["violin"]
    assert suggested(completer, "never heard of", "vio") == ["violin"]
    assert len(suggested(completer, "", "")) == 10


def test_no_query_with_the_prefix(completer):
    assert completer.complete("birds", "zebra") == []
    labels, scores = completer.rank([("birds", "zebra")], k=3)
    assert labels.tolist() == [["", "", ""]]
    assert np.all(scores == -np.inf)
    assert completer.predict([("birds", "zebra")]).tolist() == [""]


def test_prefixes_are_exact_characters(completer):
    assert completer.complete("birds", "Bird") == []


@pytest.mark.filterwarnings("ignore:All weights below:UserWarning")
@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.text(max_size=6), st.text(alphabet="ab\x00\U0001f600\ud800", min_size=1, max_size=5)
        ),
        min_size=1,
        max_size=30,
    ),
    st.text(alphabet="ab\x00\U0001f600\ud800", max_size=3),
)
def test_suggestions_start_with_the_prefix_and_differ(rows, prefix):
    X = [(previous, query[:1]) for previous, query in rows]
    y = [query for _, query in rows]
    completer = QueryAutocompleter(random_state=0).fit(X, y)
    for previous in ("", X[0][0]):
        found = suggested(completer, previous, prefix, k=40)
        expected = {query for query in y if query.startswith(prefix)} - {previous}
        assert sorted(found) == sorted(expected)


def walk_by_hand(X, y, previous, queries):
    """Shares of the queries, and their probabilities one and two steps from `previous`."""
    texts = sorted({text for pair in zip((a for a, _ in X), y, strict=True) for text in pair})
    counts = np.zeros((len(texts), len(texts)))
    for (a, _), b in zip(X, y, strict=True):
        counts[texts.index(a), texts.index(b)] += 1
        counts[texts.index(b), texts.index(a)] += 1
    steps = counts / counts.sum(axis=1, keepdims=True)
    start = np.eye(len(texts))[texts.index(previous)]
    ends = [texts.index(query) for query in queries]
    return (start @ steps)[ends], (start @ steps @ steps)[ends]


@pytest.mark.parametrize("own", [None, 1])
def test_threads_are_those_of_the_completer_unless_the_classifier_has_its_own(own):
    X, y = topic_rows(1)
    classifier = XRLinearClassifier(n_jobs=own)
    completer = QueryAutocompleter(classifier=classifier, n_jobs=2, random_state=0).fit(X, y)
    assert completer.classifier_.n_jobs == (own or 2)
    assert classifier.n_jobs == own
    completer = QueryAutocompleter(n_jobs=2, random_state=0).fit(X, y)
    assert completer.classifier_.n_jobs == 2
    plain = QueryAutocompleter(random_state=0).fit(X, y)
    assert completer.rank(X)[1].tobytes() == plain.rank(X)[1].tobytes()


@pytest.mark.parametrize("weight", [0, 0.6, 2])
def test_equals_ranking_all_candidates_by_hand(weight):
    X, y = topic_rows(1)
    classifier = XRLinearClassifier(
        HierarchicalKMeansIndexer(branching_factor=2, max_leaf_size=3), beam_width=100
    )
    completer = QueryAutocompleter(classifier=classifier, random_state=0).fit(X, y)
    assert completer.prior_weight == 0.6
    completer.set_params(prior_weight=weight)
    counts = np.array([y.count(query) for query in completer.queries_])
    np.testing.assert_array_equal(completer.counts_, counts)
    model = completer.classifier_.set_params(score_transform="log_l3_hinge")
    for previous, prefix in [("birds", "b"), ("fishes", ""), ("music", "s"), ("unseen", "n")]:
        rows = completer._features.transform([previous], [prefix])
        X_row = (rows.data, rows.indices, rows.indptr)
        allowed = np.array([query.startswith(prefix) for query in completer.queries_])
        positions, paths = model.rank(
            csr_array(X_row, shape=rows.shape), k=int(allowed.sum()), candidates=allowed
        )
        prior = counts[positions[0]] / len(y)
        queries = [completer.queries_[p] for p in positions[0]]
        if previous != "unseen":
            one, two = walk_by_hand(X, y, previous, queries)
            prior = 0.1 * prior + 0.5 * one + 0.4 * two
        scores = np.exp(paths[0]) * prior**weight
        order = np.argsort(-scores, kind="stable")
        found = completer.complete(previous, prefix, k=20)
        assert [query for query, _ in found] == [queries[i] for i in order]
        np.testing.assert_allclose([score for _, score in found], scores[order], rtol=1e-5)


def test_what_is_asked_near_neighbours_comes_first():
    # Nobody went from birds to bats, but from both to caves and woods.
    pairs = [("birds", "caves"), ("birds", "woods"), ("bats", "caves"), ("bats", "woods")]
    pairs += [("caves", "bats"), ("caves", "birds"), ("music", "bars"), ("songs", "bars")]
    X = [(previous, query) for previous, query in pairs]
    completer = QueryAutocompleter(random_state=0).fit(X, [query for _, query in pairs])
    assert suggested(completer, "birds", "ba")[0] == "bats"
    assert suggested(completer, "music", "ba")[0] == "bars"


def test_of_queries_with_the_same_evidence_the_popular_one_comes_first():
    X = [("x", "q")] * 12
    y = ["query a"] * 2 + ["query b"] * 10
    completer = QueryAutocompleter(random_state=0).fit(X, y)
    assert suggested(completer, "", "query") == ["query b", "query a"]


def test_the_prefix_steers_even_the_narrowest_beam():
    queries = [f"{a}{b} query" for a in "abcdefgh" for b in "abcdefgh"]
    X = [("", query[:3]) for query in queries]
    classifier = XRLinearClassifier(TrieHybridIndexer(1, max_leaf_size=2), beam_width=1)
    completer = QueryAutocompleter(classifier=classifier, random_state=0).fit(X, queries)
    for query in queries:
        assert query in suggested(completer, "", query)


class TestFillUp:
    def test_others_follow_behind(self):
        X, y = topic_rows(2)
        exact = QueryAutocompleter(random_state=0).fit(X, y)
        filled = clone(exact).set_params(fill_up=True).fit(X, y)
        found = suggested(filled, "birds", "bird", k=6)
        assert found[:2] == suggested(exact, "birds", "bird")
        assert len(found) == len(set(found)) == 6
        assert not any(query.startswith("bird") for query in found[2:])

    def test_misspelt(self):
        X, y = topic_rows(2)
        completer = QueryAutocompleter(fill_up=True, random_state=0).fit(X, y)
        assert suggested(completer, "music", "violim")[0] == "violin"

    def test_no_more_than_there_are(self):
        completer = QueryAutocompleter(fill_up=True).fit([("", "a"), ("", "b")], ["aa", "bb"])
        assert suggested(completer, "", "a", k=5) == ["aa", "bb"]


def test_rank_and_predict_agree_with_complete(completer):
    X, _ = topic_rows(3, n_rows=50)
    labels, scores = completer.rank(X, k=4)
    assert labels.shape == scores.shape == (50, 4)
    assert scores.dtype == np.float32
    for (previous, prefix), row, row_scores in zip(X, labels, scores, strict=True):
        expected = completer.complete(previous, prefix, k=4)
        assert [query for query in row if query] == [query for query, _ in expected]
        found = row_scores[: len(expected)].tolist()
        np.testing.assert_array_equal(found, np.float32([score for _, score in expected]))
    np.testing.assert_array_equal(completer.predict(X), labels[:, 0])


def test_containers_of_pairs(completer):
    expected = completer.predict([("birds", "f"), ("", "v")])
    pairs = np.array([["birds", "f"], [None, "v"]], dtype=object)
    np.testing.assert_array_equal(completer.predict(pairs), expected)
    frame = pd.DataFrame({"previous": ["birds", np.nan], "prefix": ["f", "v"]})
    fitted = QueryAutocompleter(random_state=0).fit(
        pd.DataFrame(topic_rows()[0], columns=["previous", "prefix"]), topic_rows()[1]
    )
    np.testing.assert_array_equal(fitted.predict(frame), expected)
    assert fitted.feature_names_in_.tolist() == ["previous", "prefix"]


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "\x00\x01\x7f", "\ud800", " \t\n ", "word " * 20_000]
)
def test_odd_texts_are_answered(completer, text):
    assert completer.complete("birds", text) == []
    assert suggested(completer, text, "vio") == ["violin"]


def test_queries_stay_python_strings():
    y = ["end\x00", "end", "end\x00\x00"]
    completer = QueryAutocompleter(random_state=0).fit([("", "e")] * 3, y)
    found = suggested(completer, "", "end")
    assert sorted(found) == sorted(y)
    assert all(type(query) is str for query in found)


def test_sessions_make_their_own_prefixes():
    sessions = [[topic, query] for topic, queries in TOPICS.items() for query in queries] * 10
    completer = QueryAutocompleter(random_state=0).fit_sessions(sessions)
    assert suggested(completer, "birds", "ne")[0] == "nests"
    assert suggested(completer, "fishes", "ne")[0] == "nets"
    # First queries of a session are learned, too: without a query before them.
    assert set(suggested(completer, "", "", k=3)) == set(TOPICS)


def test_more_prefixes_for_each_query_help_short_ones():
    X, y = topic_rows(4, n_rows=60)
    X = [(previous, query) for (previous, _), query in zip(X, y, strict=True)]  # typed in full
    test_rows = [(topic, query[:1]) for topic, queries in TOPICS.items() for query in queries]
    test_y = [query for queries in TOPICS.values() for query in queries]
    one = QueryAutocompleter(random_state=0).fit(X, y)
    many = QueryAutocompleter(prefixes_per_query=8, random_state=0).fit(X, y)
    np.testing.assert_array_equal(one.counts_, many.counts_)
    assert many.score(test_rows, test_y) >= one.score(test_rows, test_y)


def test_beats_popularity_on_subject_sessions():
    sessions = load_subject_sessions()
    completer = QueryAutocompleter(random_state=0).fit_sessions(sessions.train_sessions[:8000])
    pairs = [
        (a, b[:1], b) for session in sessions.test_sessions[:500] for a, b in pairwise(session)
    ]
    y = [query for *_, query in pairs]
    counts = dict(zip(completer.queries_, completer.counts_, strict=True))
    popular = sorted(counts, key=lambda query: (-counts[query], query))
    ranked = [[q for q in popular if q.startswith(prefix)][:10] for _, prefix, _ in pairs]
    X = [(previous, prefix) for previous, prefix, _ in pairs]
    assert completer.score(X, y) > 1.5 * mean_reciprocal_rank(y, ranked)


class TestScikitLearn:
    def test_grid_search_over_a_pipeline(self):
        model = Pipeline([("completer", QueryAutocompleter(random_state=0))])
        classifiers = [XRLinearClassifier(TrieHybridIndexer(1), C=C) for C in (0.1, 1)]
        search = GridSearchCV(model, {"completer__classifier": classifiers}, cv=2)
        search.fit(*topic_rows(n_rows=100))
        assert search.best_score_ > 0.5

    def test_other_parts(self):
        completer = QueryAutocompleter(
            previous_vectorizer=TfidfVectorizer(),
            prefix_vectorizer=TfidfVectorizer(analyzer="char", ngram_range=(1, 2)),
            classifier=XRLinearClassifier(HierarchicalKMeansIndexer(max_leaf_size=4)),
            random_state=0,
        ).fit(*topic_rows())
        assert suggested(completer, "fishes", "ne")[0] == "nets"
        assert not hasattr(completer.previous_vectorizer, "vocabulary_")
        assert completer.classifier.label_text is None

    def test_same_seed_same_model(self):
        X, y = topic_rows()
        scores = [
            QueryAutocompleter(prefixes_per_query=2, random_state=3).fit(X, y).rank(X)[1]
            for _ in range(2)
        ]
        np.testing.assert_array_equal(*scores)


class TestErrors:
    @pytest.mark.parametrize(
        ("X", "y"),
        [
            ([("a", "b")], ["bb", "cc"]),
            ([], []),
            ([("a", "b", "c")], ["bb"]),
            ([("a", "b")], [""]),
            ("ab", ["bb"]),
        ],
    )
    def test_wrong_rows(self, X, y):
        with pytest.raises(ValueError, match=r"X|y|samples"):
            QueryAutocompleter().fit(X, y)

    def test_wrong_texts(self, completer):
        with pytest.raises(TypeError, match="previous"):
            completer.complete(3, "a")
        with pytest.raises(TypeError, match="prefix"):
            completer.complete("a", b"a")
        with pytest.raises(ValueError, match=r"\bk\b"):
            completer.complete("a", "a", k=0)

    @pytest.mark.parametrize(
        "params",
        [
            {"classifier": "linear"},
            {"prefixes_per_query": 0},
            {"prefixes_per_query": 10**400},
            {"prior_weight": -1},
            {"previous_vectorizer": 1},
        ],
    )
    def test_wrong_parameters(self, params):
        with pytest.raises(ValueError, match=next(iter(params))):
            QueryAutocompleter(**params).fit([("a", "b")], ["bb"])

    def test_a_failed_fit_changes_nothing(self):
        completer = QueryAutocompleter(random_state=0).fit(*topic_rows())
        before = completer.complete("birds", "b")
        with pytest.raises(TypeError):
            completer.fit([("a", "b")], [3])
        assert completer.complete("birds", "b") == before


class Shifty(TransformerMixin, BaseEstimator):
    """A vectorizer that returns something else when it transforms than when it was fitted."""

    def __init__(self, found):
        self.found = found

    def fit_transform(self, texts, y=None):
        return np.ones((len(texts), 4), dtype=np.float32)

    def transform(self, texts):
        return self.found


@pytest.mark.parametrize("name", ["previous_vectorizer", "prefix_vectorizer"])
@pytest.mark.parametrize(
    ("found", "message"),
    [
        (np.ones((1, 5)), r"shape \(1, 4\), got \(1, 5\)"),
        (csr_array((1, 60_000_000), dtype=np.float32), r"shape \(1, 4\)"),
        (csr_array(([1.0], ([0], [59_999_999])), shape=(1, 60_000_000)), r"shape \(1, 4\)"),
        (np.ones((2, 4)), r"shape \(1, 4\), got \(2, 4\)"),
        (np.full((1, 4), np.nan), "NaN"),
        (np.ones(4), "2D array"),
    ],
)
def test_vectorizers_that_change_their_mind(name, found, message):
    completer = QueryAutocompleter(random_state=0, **{name: Shifty(found)}).fit(*topic_rows())
    with pytest.raises(ValueError, match=message) as raised:
        completer.complete("birds", "b")
    assert name in str(raised.value) or "2D" in str(raised.value)


@pytest.mark.parametrize("index_dtype", [np.int32, np.int64])
def test_vectorizers_may_return_any_matrix(index_dtype):
    class Other(TfidfVectorizer):
        def transform(self, raw_documents):
            X = super().transform(raw_documents)
            X.indices, X.indptr = X.indices.astype(index_dtype), X.indptr.astype(index_dtype)
            return X

    rows, y = topic_rows()
    own = QueryAutocompleter(previous_vectorizer=Other(), random_state=0).fit(rows, y)
    usual = QueryAutocompleter(previous_vectorizer=TfidfVectorizer(), random_state=0).fit(rows, y)
    assert own.complete("birds", "b") == usual.complete("birds", "b")


def test_without_any_prefix_the_likeliest_next_queries():
    rows, y = topic_rows()
    completer = QueryAutocompleter(random_state=0).fit([(topic, "") for topic, _ in rows], y)
    assert set(suggested(completer, "birds", "", 4)) == set(TOPICS["birds"])
    assert suggested(completer, "music", "vi") == ["violin"]


class Colour(str, Enum):
    """Members are strings, but `str` of one is its name."""

    RED = "red"
    BLUE = "blue"


def test_texts_are_what_they_are_made_of():
    completer = QueryAutocompleter(random_state=0).fit(
        [(Colour.RED, Colour.BLUE), ("red", "r")] * 5, [Colour.BLUE, Colour.RED] * 5
    )
    assert list(completer.queries_) == ["blue", "red"]
    assert suggested(completer, Colour.RED, Colour.BLUE) == ["blue"]
    sessions = QueryAutocompleter(random_state=0).fit_sessions([[Colour.RED, Colour.BLUE]] * 5)
    assert list(sessions.queries_) == ["blue", "red"]


@pytest.mark.parametrize("y", [{"a", "b"}, {"a": 1, "b": 2}])
def test_queries_without_an_order_are_refused(y):
    with pytest.raises(ValueError, match="y must have one query for each sample"):
        QueryAutocompleter().fit([("x", "a"), ("x", "b")], y)


def test_more_suggestions_than_there_are_queries(completer):
    assert len(completer.complete("birds", "", 10**12)) == 12


def test_own_vectorizer_and_a_log_without_previous_queries():
    rows, queries = [("", "b"), ("", "c")], ["birds", "cats"]
    completer = QueryAutocompleter(previous_vectorizer=TfidfVectorizer())
    with pytest.raises(ValueError, match="previous_vectorizer must be None where the log has no"):
        completer.fit(rows, queries)


def test_a_vectorizer_may_have_no_features():
    nothing = FunctionTransformer(lambda texts: csr_array((len(texts), 0), dtype=np.float32))
    X, y = topic_rows(5)
    model = QueryAutocompleter(prefix_vectorizer=nothing, random_state=0).fit(X, y)
    assert suggested(model, "music", "b")[0] == "bass"
