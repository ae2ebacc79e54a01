"""The counting completers: against naive twins, and as scikit-learn's users expect."""

import pickle
from collections import Counter
from itertools import islice

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter, rank
from sklearn_xmr._completion.range_top import RangeTop
from sklearn_xmr.datasets import make_prefix_pairs
from sklearn_xmr.metrics import (
    bleu_reciprocal_rank,
    make_topk_scorer,
    mean_reciprocal_rank,
    recall_at_k,
)

COMPLETERS = [MostFrequentCompleter, CooccurrenceCompleter]
both = pytest.mark.parametrize("completer", COMPLETERS)

# previous, next, how often
COUNTS = [
    ("birds", "bird song", 3),
    ("birds", "biology", 3),
    ("birds", "birch", 1),
    ("music", "bird song", 2),
    ("music", "birds", 4),
    ("", "birch", 5),
    ("", "violin", 1),
]
X = [[previous, ""] for previous, _, n in COUNTS for _ in range(n)]
Y = [query for _, query, n in COUNTS for _ in range(n)]
N = 19

ODD = [
    " ",
    "\0",
    "a\0",
    "a",
    "\ud800",
    "\ud800x",
    "\udfff",
    "\U0010ffff",
    "\U0010ffffx",
    "x" * 100_000,
]


def naive_suggestions(completer, X, y, previous, prefix, k):
    """Sort all that match the prefix but the previous query, co-occurring ones first."""
    n_asked, n_followed = Counter(y), Counter()
    if completer is CooccurrenceCompleter:
        n_followed.update(q for (p, _), q in zip(X, y, strict=True) if p == previous)
    total = n_followed.total()
    score = {
        query: 1 + n_followed[query] / total if n_followed[query] else n / len(y)
        for query, n in n_asked.items()
        if query != previous and (query.startswith(prefix) or query + " " == prefix)
    }
    tiers = {
        query: (-n_followed[query], -n_asked[query] * (not n_followed[query])) for query in score
    }
    return [(query, score[query]) for query in sorted(score, key=lambda q: (*tiers[q], q))[:k]]


def test_most_frequent_by_hand():
    completer = MostFrequentCompleter().fit(X, Y)
    assert completer.queries_ == ["biology", "birch", "bird song", "birds", "violin"]
    assert completer.counts_.tolist() == [3, 6, 5, 4, 1]
    expected = [("birch", 6 / N), ("bird song", 5 / N), ("birds", 4 / N), ("biology", 3 / N)]
    assert completer.complete("music", "bi") == expected
    assert completer.complete(None, "bi", k=2) == expected[:2]
    assert completer.complete("", "bird") == expected[1:3]
    assert completer.complete("", "bird song") == expected[1:2]
    assert completer.complete("", "Bi") == []
    assert completer.complete("", "bird songs") == []
    assert completer.complete("", "") == [*expected, ("violin", 1 / N)]


def test_cooccurrence_by_hand():
    completer = CooccurrenceCompleter().fit(X, Y)
    after_birds = [("biology", 1 + 3 / 7), ("bird song", 1 + 3 / 7), ("birch", 1 + 1 / 7)]
    assert completer.complete("birds", "bi") == after_birds  # but not birds again
    assert completer.complete("birds", "bi", k=2) == after_birds[:2]
    assert completer.complete("music", "bird") == [
        ("birds", 1 + 4 / 6),
        ("bird song", 1 + 2 / 6),
    ]
    assert completer.complete("birds", "v") == [("violin", 1 / N)]
    assert completer.complete("birds", "x") == []
    # First queries follow none; those after an unknown query are not among them.
    assert completer.complete(None, "b", k=1) == [("birch", 1 + 5 / 6)]
    assert completer.complete("unknown", "b", k=1) == [("birch", 6 / N)]


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.text("ab", min_size=1)), min_size=1),
    st.sampled_from(["", "a", "b", "c"]),
    st.text("ab", max_size=2),
    st.integers(1, 5),
)
def test_equal_to_naive_twins(rows, previous, prefix, k):
    X = [(p, "") for p, _ in rows]
    y = [query for _, query in rows]
    for completer in COMPLETERS:
        expected = naive_suggestions(completer, X, y, previous, prefix, k)
        assert completer().fit(X, y).complete(previous, prefix, k) == [
            (query, pytest.approx(score)) for query, score in expected
        ]


@both
def test_suggestions_on_sessions(completer):
    """On a vocabulary with many equal beginnings: what holds for any suggestion."""
    rng = np.random.RandomState(0)
    words = ["".join(rng.choice(list("abc"), size=n)) for n in rng.randint(1, 6, size=200)]
    sessions = [[words[i] for i in rng.zipf(1.5, size=5) % 200] for _ in range(400)]
    X, y = make_prefix_pairs(sessions, include_first=True, random_state=0)
    model = completer().fit_sessions(sessions)
    labels, scores = model.rank(X[:200], k=7)
    for row, (previous, prefix) in enumerate(X[:200].tolist()):
        expected = naive_suggestions(completer, X.tolist(), y.tolist(), previous, prefix, 7)
        suggestions = model.complete(previous, prefix, 7)
        assert [query for query, _ in suggestions] == [query for query, _ in expected]
        n = len(suggestions)
        assert labels[row].tolist() == [query for query, _ in suggestions] + [""] * (7 - n)
        assert_allclose(scores[row, :n], [score for _, score in suggestions], rtol=1e-6)
        assert (scores[row, n:] == -np.inf).all()
        assert (np.diff(scores[row, :n]) <= 0).all()
        assert len({query for query, _ in suggestions}) == n
        assert all(query.startswith(prefix) for query, _ in suggestions)
        assert previous not in {query for query, _ in suggestions}
    assert labels.dtype == object
    assert scores.dtype == np.float32


@both
def test_odd_texts(completer):
    y = ODD * 2
    X = [[query, ""] for query in ODD] + [["", ""]] * len(ODD)
    model = completer().fit(X, y)
    for previous in ["", None, float("nan"), "unknown" * 20_000, *ODD]:
        for prefix in ["", None, *ODD, "x" * 99_999, "x" * 100_001, "\udc00", "\0\0"]:
            for k in (1, 3, 10**6):
                expected = naive_suggestions(
                    completer, X, y, previous if isinstance(previous, str) else "", prefix or "", k
                )
                found = model.complete(previous, prefix, k)
                assert [query for query, _ in found] == [query for query, _ in expected]
    labels, _ = model.rank([["", query] for query in ODD], k=1)
    assert all(map(str.startswith, labels[:, 0], ODD))
    assert {type(label) for label in labels[:, 0]} == {str}


@both
def test_one_query(completer):
    model = completer().fit([("", "b")], ["b"])
    assert [query for query, _ in model.complete("x", "", k=3)] == ["b"]
    assert model.predict([("x", "b"), ("b", "b"), ("x", "c")]).tolist() == ["b", "", ""]


@both
def test_predict_and_score(completer):
    model = completer().fit(X, Y)
    rows = [["birds", "v"], ["music", "birds"], ["", "x"]]
    predicted = model.predict(rows)
    assert predicted.tolist() == ["violin", "birds", ""]
    assert predicted.dtype == object
    # birch comes first, and violin last of all five.
    truths = ["violin", "birds", "x"]
    assert model.score(rows, truths) == pytest.approx(2 / 3)
    assert model.score([["unknown", ""]], ["violin"]) == pytest.approx(1 / 5)


@both
def test_every_container(completer):
    rows = [["birds", "b"], [None, "b"], ["music", np.nan], ["", ""]]
    frame = pd.DataFrame(X, columns=["previous", "prefix"])
    model = completer().fit(X, Y)
    expected = model.rank(rows, k=3)
    fitted = [
        completer().fit(np.array(X, dtype=object), np.array(Y, dtype=object)),
        completer().fit(np.array(X), np.array(Y)),
        completer().fit(list(map(tuple, X)), pd.Series(Y, index=range(N, 0, -1))),
        clone(model).fit(X, Y),
        pickle.loads(pickle.dumps(model)),
    ]
    for other in fitted:
        for form in (rows, tuple(map(tuple, rows)), np.array(rows, dtype=object)):
            labels, scores = other.rank(form, k=3)
            assert_array_equal(labels, expected[0])
            assert_array_equal(scores, expected[1])
    model.fit(frame, pd.Series(Y))
    assert model.feature_names_in_.tolist() == ["previous", "prefix"]
    labels, _ = model.rank(pd.DataFrame(rows, columns=frame.columns), k=3)
    assert_array_equal(labels, expected[0])
    with pytest.raises(ValueError, match="feature names"):
        model.rank(pd.DataFrame(rows, columns=["prefix", "previous"]))
    assert not hasattr(model.fit_sessions([["a"]]), "feature_names_in_")


@both
def test_sessions_count_first_queries_and_no_repeats(completer):
    model = completer().fit_sessions([["a", "a", "b"], ["c"], []])
    assert dict(zip(model.queries_, model.counts_, strict=True)) == {"a": 1, "b": 1, "c": 1}
    assert [query for query, _ in model.complete("a", "")] == ["b", "c"]


@both
@pytest.mark.parametrize(
    "scorer",
    [
        make_topk_scorer(mean_reciprocal_rank, k=3),
        make_topk_scorer(bleu_reciprocal_rank, k=3),
        None,
    ],
)
def test_model_selection(completer, scorer):
    """In a search, in a pipeline, on rows of any container."""
    lower = FunctionTransformer(np.char.lower)
    pipeline = make_pipeline(lower, completer())
    rows = np.array(
        [[previous.upper(), query[:2].upper()] for (previous, _), query in zip(X, Y, strict=True)]
    )
    search = GridSearchCV(
        pipeline, {"functiontransformer": [lower, "passthrough"]}, scoring=scorer, cv=2
    )
    search.fit(rows, Y)
    assert search.best_params_ == {"functiontransformer": lower}
    best = "biology" if completer is CooccurrenceCompleter else "birch"
    assert search.predict(rows[:1]).tolist() == [best]
    labels, _ = rank(search, rows, k=2)
    assert_array_equal(labels, rank(pipeline.fit(rows, Y), rows, k=2)[0])
    assert cross_val_score(completer(), pd.DataFrame(X), Y, scoring=scorer, cv=2).min() >= 0


def test_scorer_equals_metric():
    model = CooccurrenceCompleter().fit(X, Y)
    for metric in (mean_reciprocal_rank, bleu_reciprocal_rank):
        scorer = pickle.loads(pickle.dumps(make_topk_scorer(metric, k=2)))
        assert scorer(model, X, Y) == metric(Y, model.rank(X, k=2)[0], k=2)
        per_row = make_topk_scorer(metric, k=2, average=None)(model, X, Y)
        assert per_row.shape == (N,)
    assert model.score(X, Y) == make_topk_scorer(mean_reciprocal_rank, k=10)(model, X, Y)
    with pytest.raises(TypeError, match="predict_proba or decision_function"):
        make_topk_scorer(recall_at_k)(model, X, Y)


@both
def test_tags_and_parameters(completer):
    model = completer()
    defaults = {
        "half_life": None,
        "inner_words": False,
        "max_typos": 0,
        "merge_variants": False,
        "normalizer": None,
    }
    assert model.get_params() == defaults
    tags = get_tags(model)
    assert tags.input_tags.string
    assert tags.target_tags.required


@both
def test_wrong_arguments(completer):
    model = completer().fit(X, Y)
    before = pickle.dumps(model)
    for fit in (
        lambda: model.fit(["ab"], ["b"]),
        lambda: model.fit([("a", "b")], ["b", "c"]),
        lambda: model.fit([("a", "b")], [""]),
        lambda: model.fit([], []),
        lambda: model.fit_sessions([]),
        lambda: model.fit_sessions([["a", ""]]),
        lambda: model.rank([]),
        lambda: model.rank([("a", "b")], k=0),
        lambda: model.complete("a", "b", k=0),
        lambda: model.score([("a", "b")], ["b", "c"]),
    ):
        with pytest.raises(ValueError, match=r"must|inconsistent"):
            fit()
    for fit in (
        lambda: model.fit([("a", 1)], ["b"]),
        lambda: model.fit([("a", "b")], [1]),
        lambda: model.fit([("a", "b")], [None]),
        lambda: model.fit_sessions(["abc"]),
        lambda: model.complete(1, "b"),
        lambda: model.complete("a", b"b"),
        lambda: model.complete("a", "b", k="c"),
        lambda: model.rank([("a", "b")], k=1.0),
    ):
        with pytest.raises(TypeError, match="must"):
            fit()
    assert pickle.dumps(model) == before


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.data())
def test_best_of_a_range(counts, data):
    start = data.draw(st.integers(0, len(counts)))
    stop = data.draw(st.integers(start, len(counts)))
    k = data.draw(st.integers(1, 45))
    expected = sorted(range(start, stop), key=lambda i: (-counts[i], i))[:k]
    assert list(islice(RangeTop(np.array(counts)).ranked(start, stop), k)) == expected
