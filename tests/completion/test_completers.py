"""What holds for every query completer: scikit-learn's own checks have numbers for X."""

import pickle
import pickletools

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter, QueryAutocompleter, rank
from sklearn_xmr.metrics import make_topk_scorer, mean_reciprocal_rank

COMPLETERS = [MostFrequentCompleter(), CooccurrenceCompleter(), QueryAutocompleter(random_state=0)]
every = pytest.mark.parametrize("completer", COMPLETERS, ids=lambda c: type(c).__name__)

X = [["birds", "b"], ["birds", "ne"], ["music", "bas"], ["music", ""], ["", "v"], ["", "bird"]] * 4
Y = ["bird song", "nests", "bass", "violin", "violin", "bird song"] * 4
SESSIONS = [["paint", "white paint", "white paint brush"], ["white paint", "white chair"]] * 4
ODD = ["", " ", "\t\n", "\0", "\x01\x7f", "\ud800", "\U0010ffff", "x" * 100_000, "a b " * 25_000]


@every
@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_mixin_order,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
)
def test_estimator_checks_that_fit_nothing(completer, check):
    check(type(completer).__name__, clone(completer))


@every
def test_not_fitted(completer):
    for call in (
        lambda model: model.rank([("a", "b")]),
        lambda model: model.predict([("a", "b")]),
        lambda model: model.complete("a", "b"),
        lambda model: model.score([("a", "b")], ["b"]),
    ):
        with pytest.raises(NotFittedError):
            call(clone(completer))


@every
def test_fit_leaves_parameters_and_input_alone(completer):
    rows, queries = np.array(X, dtype=object), np.array(Y, dtype=object)
    rows.flags.writeable = queries.flags.writeable = False
    model = clone(completer)
    before = model.get_params()
    assert model.fit(rows, queries) is model
    model.rank(rows)
    assert model.get_params() == before
    assert rows.tolist() == X
    assert queries.tolist() == Y


@every
def test_a_new_fit_forgets_the_old_one(completer):
    model = clone(completer).fit([["x", "z"], ["zoo", "ze"]], ["zoo", "zebra"]).fit(X, Y)
    fresh = clone(completer).fit(X, Y)
    for found, expected in zip(model.rank(X), fresh.rank(X), strict=True):
        assert_array_equal(found, expected)
    assert model.complete("x", "z") == []
    assert_array_equal(model.queries_, sorted(set(Y)))


@every
def test_a_clone_of_a_fitted_one_is_not_fitted(completer):
    with pytest.raises(NotFittedError):
        clone(clone(completer).fit(X, Y)).predict(X)


@every
def test_copies_answer_alike(completer, tmp_path):
    model = clone(completer).fit(X, Y)
    joblib.dump(model, tmp_path / "model")
    copies = [pickle.loads(pickle.dumps(model))]
    copies += [joblib.load(tmp_path / "model", mmap_mode=mode) for mode in (None, "r")]
    for copy in copies:
        for found, expected in zip(copy.rank(X), model.rank(X), strict=True):
            assert_array_equal(found, expected)
        assert copy.complete("birds", "b") == model.complete("birds", "b")


@every
def test_the_strings_in_a_pickle_do_not_grow_with_the_queries(completer):
    """One by one they are slow to load, and there may be a million."""

    def n_strings(n_queries):
        queries = [f"query {i}" for i in range(n_queries)]
        rows = [[f"previous {query}", query[:7]] for query in queries]
        model = clone(completer).fit(rows, queries)
        operations = pickletools.genops(pickle.dumps(model))
        return sum("UNICODE" in code.name for code, _, _ in operations)

    assert n_strings(60) == n_strings(20)


@every
def test_names_and_number_of_columns(completer):
    frame = pd.DataFrame(X, columns=["previous", "typed"])
    model = clone(completer).fit(frame, pd.Series(Y))
    assert model.n_features_in_ == 2
    assert model.feature_names_in_.tolist() == ["previous", "typed"]
    assert_array_equal(model.predict(frame), clone(completer).fit(X, Y).predict(X))
    with pytest.raises(ValueError, match="feature names"):
        model.rank(frame.rename(columns={"typed": "prefix"}))
    with pytest.raises(ValueError, match="X must"):
        model.rank([["birds", "b", "c"]])
    assert not hasattr(model.fit(X, Y), "feature_names_in_")


@every
@pytest.mark.parametrize("k", [1, 3, 7])
def test_ranks_have_k_columns_however_few_queries_there_are(completer, k):
    model = clone(completer).fit(X, Y)
    labels, scores = model.rank(X, k=k)
    assert labels.shape == scores.shape == (len(X), k)
    for (_, prefix), row, row_scores in zip(X, labels, scores, strict=True):
        found = [query for query in row if query]
        assert len(set(found)) == len(found)
        assert set(found) <= {query for query in Y if query.startswith(prefix)}
        assert len(found) == min(k, sum(query.startswith(prefix) for query in set(Y)))
        assert_array_equal(row_scores > -np.inf, row != "")
        assert np.all(np.diff(row_scores[: len(found)]) <= 0)


@every
@pytest.mark.parametrize("k", [0, 2**31, 2**63])
def test_numbers_of_columns_that_no_array_has(completer, k):
    with pytest.raises(ValueError, match="k must be an integer from 1 to 2147483647"):
        clone(completer).fit(X, Y).rank(X, k=k)


@every
@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts_are_learned_and_answered(completer, text):
    query = "x" + text
    model = clone(completer).fit([*X, [text, query], [query, query[:1]]], [*Y, query, "xylophone"])
    assert query in [found for found, _ in model.complete(text, "x")]
    assert query in [found for found, _ in model.complete(text, query)]
    for previous, prefix in [(text, "bi"), (text + text, "bi"), ("birds", text), ("birds", "é")]:
        assert all(found.startswith(prefix) for found, _ in model.complete(previous, prefix))
    assert model.complete(text, "bi")[0][0] == "bird song"


@every
def test_reciprocal_rank_chooses_in_a_search_over_a_pipeline(completer):
    lower = FunctionTransformer(np.char.lower)
    rows = np.array(
        [[previous.upper(), query[:2].upper()] for (previous, _), query in zip(X, Y, strict=True)]
    )
    scorer = make_topk_scorer(mean_reciprocal_rank, k=3)
    search = GridSearchCV(
        make_pipeline(lower, clone(completer)),
        {"functiontransformer": [lower, "passthrough"]},
        scoring=scorer,
        cv=2,
    ).fit(rows, Y)
    assert search.best_params_ == {"functiontransformer": lower}
    labels, _ = rank(search, rows, k=3)
    assert scorer(search.best_estimator_, rows, Y) == mean_reciprocal_rank(Y, labels, k=3)


def suggested(completer, *args, **options):
    return [query for query, _ in completer.complete(*args, **options)]


@every
def test_the_query_just_asked_is_not_suggested_again(completer):
    model = clone(completer).fit_sessions(SESSIONS)
    assert set(suggested(model, "", "white")) == {"white paint", "white paint brush", "white chair"}
    for k in (1, 2, 10, 60):
        found = suggested(model, "white paint", "white", k)
        assert set(found) <= {"white paint brush", "white chair"}
        assert len(found) == min(k, 2)
    labels, _ = model.rank([("white paint", "white p"), ("paint", "white p")], k=2)
    assert labels[0].tolist() == ["white paint brush", ""]
    assert set(labels[1]) == {"white paint", "white paint brush"}
    assert suggested(model, "white chair", "white c") == []


@every
def test_what_is_excluded_is_never_suggested(completer):
    queries = [f"query {i}" for i in range(300)]
    model = clone(completer).fit([(f"topic {i % 7}", "q") for i in range(300)], queries)
    blocked = {query for i, query in enumerate(queries) if i % 100}
    prepared = model.prepare_exclusion(blocked | {"no query at all"})
    expected = set(queries) - blocked
    for exclude in (blocked, sorted(blocked), dict.fromkeys(blocked), iter(blocked), prepared):
        assert set(suggested(model, "topic 3", "query", exclude=exclude)) == expected
        assert set(suggested(model, "topic 3", "query", exclude=prepared, k=2)) <= expected
    labels, scores = model.rank([("topic 3", "q"), ("query 0", "")], k=5, exclude=prepared)
    assert set(labels[0]) == expected | {""}
    assert set(labels[1]) == expected - {"query 0"} | {""}
    assert_array_equal(scores > -np.inf, labels != "")
    assert suggested(model, "", "query 1", exclude=queries) == []
    assert suggested(model, "", "query 1") == suggested(model, "", "query 1", exclude=[])


@every
def test_an_exclusion_outlives_another_fit(completer):
    model = clone(completer).fit_sessions(SESSIONS)
    blocked = model.prepare_exclusion(["white chair", "violin"])
    model.fit(X, Y)
    assert "violin" not in suggested(model, "music", "", exclude=blocked)
    assert "violin" in suggested(model, "music", "")


@every
@pytest.mark.parametrize("exclude", ["birds", b"birds", 7, [b"birds"], [None]])
def test_what_cannot_be_excluded(completer, exclude):
    model = clone(completer).fit(X, Y)
    for call in (
        lambda: model.complete("", "b", exclude=exclude),
        lambda: model.rank([("", "b")], exclude=exclude),
        lambda: model.prepare_exclusion(exclude),
    ):
        with pytest.raises(TypeError, match=r"exclude must (be a collection|hold)"):
            call()


@every
def test_a_space_behind_a_finished_word(completer):
    model = clone(completer).fit_sessions(SESSIONS)
    assert set(suggested(model, "", "white paint ")) == {"white paint", "white paint brush"}
    assert suggested(model, "white paint", "white paint ") == ["white paint brush"]
    assert suggested(model, "", "white chair ") == ["white chair"]
    assert suggested(model, "", "white chai ") == []
    assert suggested(model, "", "white chair  ") == []
    assert suggested(model, "", " ") == []
