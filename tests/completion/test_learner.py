"""How completers learn: normalised texts, weights, fading, and more of a log later."""

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter, QueryAutocompleter
from sklearn_xmr._completion.typos import PrefixCorrector
from sklearn_xmr.datasets import normalize_query

COUNTING = [MostFrequentCompleter(), CooccurrenceCompleter()]
COMPLETERS = [*COUNTING, QueryAutocompleter(random_state=0)]
counting = pytest.mark.parametrize("completer", COUNTING, ids=lambda c: type(c).__name__)
every = pytest.mark.parametrize("completer", COMPLETERS, ids=lambda c: type(c).__name__)

SESSIONS = [["birds", "bird song"], ["bird song", "nests"], ["music", "bass"]] * 4
PAINT = [["Paint", "White  Paint"], ["paint", "white paint"], ["Paint", "White  Paint"]]
MORE = [["birds", "bird watching"], ["birds", "bird watching"], ["cars", "bonnet"]]
WORDS = ["a", "ab", "abc", "b", "bc"]
sessions_of_words = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), min_size=1)


def suggested(model, *args, **options):
    return [query for query, _ in model.complete(*args, **options)]


def same(first, second):
    """Whether two completers answer alike, whatever is asked."""
    assert first.queries_ == second.queries_
    assert_array_equal(first.counts_, second.counts_)
    X = [(previous, prefix) for previous in ("", "b", "ab", "z") for prefix in ("", "a", "ab", "b")]
    (labels, scores), (others, other_scores) = first.rank(X), second.rank(X)
    assert_array_equal(labels, others)
    assert_allclose(scores, other_scores, rtol=1e-6)


class TestNormalizer:
    @every
    def test_meets_in_one_form_and_answers_as_logged_most_often(self, completer):
        model = clone(completer).set_params(normalizer=normalize_query).fit_sessions(PAINT)
        assert sorted(model.queries_) == ["Paint", "White  Paint"]
        assert sorted(model.counts_) == [3, 3]
        for typed in ("w", "WHITE", " white ", "white\tp", "White  Paint", "white paint "):
            assert suggested(model, "PAINT", typed) == ["White  Paint"]
        assert suggested(model, "PAINT ", "") == ["White  Paint"]
        assert suggested(model, "", "", exclude=["WHITE paint"]) == ["Paint"]
        blocked = model.prepare_exclusion(["WHITE paint"])
        assert suggested(model, "", "", exclude=blocked) == ["Paint"]
        assert suggested(model, "", "whitepaint") == []

    @every
    def test_on_rows(self, completer):
        X = [("PAINT", "W"), (None, "whi"), ("paint", "white pain")]
        y = ["white paint", "White Paint", "white paint"]
        model = clone(completer).set_params(normalizer=normalize_query).fit(X, y)
        assert model.queries_ == ["white paint"]
        assert suggested(model, "Paint", "WH") == ["white paint"]

    @every
    def test_set_after_fit_counts_from_the_next_fit_on(self, completer):
        model = clone(completer).set_params(normalizer=normalize_query).fit_sessions(PAINT)
        model.set_params(normalizer=None)
        assert suggested(model, "PAINT", "WHITE") == ["White  Paint"]
        assert suggested(model, "", "", exclude=["WHITE paint"]) == ["Paint"]
        model.partial_fit([("", "W")], ["WHITE PAINT"]).partial_fit_sessions([["WHITE PAINT"]])
        assert sorted(model.counts_) == [3, 5]
        model.fit_sessions([["Paint"], ["WHITE PAINT"]]).set_params(normalizer=str.lower)
        assert suggested(model, "", "WH") == ["WHITE PAINT"]

    @every
    def test_unicode_forms_meet(self, completer):
        sessions = [["cre\u0300me"], ["cr\u00e8me noir"]] * 3
        model = clone(completer).fit_sessions(sessions)
        assert suggested(model, "", "cr\u00e8me") == ["cr\u00e8me noir"]
        model = clone(completer).set_params(normalizer=normalize_query).fit_sessions(sessions)
        for typed in ("cr\u00e8me", "cre\u0300me", "CRE\u0300ME"):
            assert len(suggested(model, "", typed)) == 2
        assert suggested(model, "", "creme") == []
        plain = partial(normalize_query, strip_accents=True)
        model = clone(completer).set_params(normalizer=plain).fit_sessions(sessions)
        assert set(suggested(model, "", "creme")) == {"cre\u0300me", "cr\u00e8me noir"}

    @every
    def test_korean_while_it_is_typed(self, completer):
        split = partial(normalize_query, split_syllables=True)
        model = clone(completer).set_params(normalizer=split).fit_sessions([["하나"], ["한국"]] * 3)
        for typed in ("ㅎ", "하", "한"):
            assert set(suggested(model, "", typed)) == {"하나", "한국"}
        assert suggested(model, "", "하나") == ["하나"]
        assert suggested(model, "", "한ㄱ") == ["한국"]

    @every
    def test_of_spellings_logged_as_often_the_first(self, completer):
        model = clone(completer).set_params(normalizer=str.lower)
        assert model.fit_sessions([["b"], ["B"]]).queries_ == ["B"]
        assert model.fit_sessions([["b"], ["B"], ["b"]]).queries_ == ["b"]
        assert model.fit_sessions([["b"], ["B"]], sample_weight=[2, 1]).queries_ == ["b"]
        model.fit_sessions([["b"], ["B"]]).partial_fit_sessions([["b"]])
        assert model.queries_ == ["b"]

    @every
    def test_what_is_nothing_does_not_count(self, completer):
        model = clone(completer).set_params(normalizer=str.strip)
        assert model.fit_sessions([["a", " ", "a"], [" "]]).queries_ == ["a"]
        assert model.counts_.tolist() == [1]
        assert model.fit([(" ", "a"), ("", "")], ["a", " "]).counts_.tolist() == [1]
        with pytest.raises(ValueError, match="must hold a query that counts"):
            model.fit_sessions([[" "]])

    @every
    def test_wrong_ones(self, completer):
        model = clone(completer).set_params(normalizer="lower")
        with pytest.raises(ValueError, match="normalizer"):
            model.fit_sessions(SESSIONS)
        with pytest.raises(TypeError, match="normalizer must return a str, got None"):
            model.set_params(normalizer=lambda _: None).fit_sessions(SESSIONS)


@every
def test_names_of_columns_that_are_no_texts_change_nothing(completer):
    model = clone(completer).fit_sessions(SESSIONS)
    before = pickle.dumps(model)
    table = pd.DataFrame([["a", "b"]]).set_axis([0, "prefix"], axis=1)
    with pytest.raises(TypeError, match="names"):
        model.fit(table, ["bb"])
    assert pickle.dumps(model) == before


class TestAskedWhileItLearns:
    """By another thread, at the worst moment: a hook stands for it, so that the moment is sure."""

    QUESTIONS = (("birds", "b"), ("", ""), ("cars", "bo"), ("music", ""))

    @every
    @pytest.mark.parametrize("method", ["fit_sessions", "partial_fit_sessions"])
    def test_answers_as_before_until_all_is_known(self, completer, method, monkeypatch):
        model = clone(completer).fit_sessions(SESSIONS)
        before, asked = [model.complete(*question) for question in self.QUESTIONS], []

        def corrector(texts, counts):  # is made when the new queries are there, and more is not
            asked.append([model.complete(*question) for question in self.QUESTIONS])
            return PrefixCorrector(texts, counts)

        monkeypatch.setattr("sklearn_xmr._completion.completer.PrefixCorrector", corrector)
        getattr(model, method)(MORE * 9)
        assert asked == [before]
        assert suggested(model, "", "bonn") == ["bonnet"]

    @every
    def test_an_answer_is_of_one_state(self, completer):
        model = clone(completer)
        learns = []

        def normalizer(text):
            if learns:
                model.partial_fit_sessions(learns.pop())
            return text

        model.set_params(normalizer=normalizer).fit_sessions(SESSIONS)
        before = [model.complete(*question) for question in self.QUESTIONS]
        learns.append(MORE)
        assert model.complete(*self.QUESTIONS[0]) == before[0]
        assert suggested(model, "", "bonn") == ["bonnet"]


class TestWeights:
    @settings(deadline=None, max_examples=30)
    @given(st.data(), sessions_of_words)
    def test_equal_to_repeating(self, data, sessions):
        weights = data.draw(
            st.lists(st.integers(0, 3), min_size=len(sessions), max_size=len(sessions))
        )
        repeated = [s for s, n in zip(sessions, weights, strict=True) for _ in range(n)]
        for completer in COUNTING:
            model = clone(completer)
            if not repeated:
                with pytest.raises(ValueError, match=r"[Ss]ample|must hold"):
                    model.fit_sessions(sessions, weights)
                continue
            same(model.fit_sessions(sessions, weights), clone(completer).fit_sessions(repeated))

    @every
    def test_rows_of_an_aggregated_log(self, completer):
        X, y = [("x", "q"), ("x", "q"), ("", "q")], ["query a", "query b", "query c"]
        model = clone(completer).fit(X, y, sample_weight=[1, 40, 0])
        assert model.queries_ == ["query a", "query b"]
        assert model.counts_.tolist() == [1, 40]
        assert suggested(model, "", "query") == ["query b", "query a"]
        model.fit(X, y, sample_weight=[0.5, 0.25, 0.25])
        assert model.counts_.tolist() == [0.5, 0.25, 0.25]
        assert suggested(model, "x", "query")[0] == "query a"

    @every
    def test_weights_that_are_no_float32(self, completer):
        sessions = [["birds", "bird song"], ["music", "violin"], ["birds", "bass"]]
        model = clone(completer).fit_sessions(sessions, sample_weight=[1, 1e-60, 1])
        scores = [score for _, score in model.complete("music", "")]
        assert len(scores) == 4
        assert np.isfinite(scores).all()

    @every
    def test_wrong_ones_change_nothing(self, completer):
        model = clone(completer).fit_sessions(SESSIONS)
        before = pickle.dumps(model)
        for weights in ([1], [[1]] * 12, [-1] * 12, ["a"] * 12, [np.nan] * 12, [0] * 12):
            for call in (model.fit_sessions, model.partial_fit_sessions):
                with pytest.raises(ValueError, match=r"[Ss]ample|must|could not convert|NaN"):
                    call(SESSIONS, weights)
        for times in ([1], [np.nan] * 12, [[1]] * 12, ["soon"] * 12):
            for call in (model.fit_sessions, model.partial_fit_sessions):
                with pytest.raises(ValueError, match=r"time"):
                    call(SESSIONS, times=times)
        assert pickle.dumps(model) == before


class TestHalfLife:
    @every
    def test_halves(self, completer):
        model = clone(completer).set_params(half_life=10)
        model.fit_sessions([["a"], ["b"], ["b"], ["c"]], times=[30, 20, 20, 0])
        assert dict(zip(model.queries_, model.counts_, strict=True)) == {"a": 1, "b": 1, "c": 1 / 8}
        assert suggested(model, "", "")[-1] == "c"
        moments = np.array([30, 20, 20, 0], dtype="datetime64[s]")
        model.fit_sessions([["a"], ["b"], ["b"], ["c"]], sample_weight=[2, 1, 1, 4], times=moments)
        assert model.counts_.tolist() == [2, 1, 0.5]

    @every
    def test_nothing_fades_without_times_or_half_life(self, completer):
        sessions = [["a"], ["b"], ["b"]]
        plain = clone(completer).fit_sessions(sessions)
        same(clone(completer).set_params(half_life=1).fit_sessions(sessions), plain)
        same(clone(completer).fit_sessions(sessions, times=[9, 0, 0]), plain)

    @counting
    def test_parts_of_a_log_in_any_order(self, completer):
        sessions, times = [["a", "ab"], ["b"], ["ab", "b"], ["abc"]], [0, 5, 7, 12]
        model = clone(completer).set_params(half_life=3)
        whole = clone(model).fit_sessions(sessions, times=times)
        for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
            parts = clone(model)
            for i in order:
                parts.partial_fit_sessions([sessions[i]], times=[times[i]])
            assert_allclose(parts.counts_, whole.counts_)
            assert suggested(parts, "", "") == suggested(whole, "", "")

    @every
    def test_what_is_very_old_can_still_be_found(self, completer):
        model = clone(completer).set_params(half_life=1)
        model.fit_sessions([["old", "older"], ["a"], ["b"]], times=[0, 500, 500])
        assert set(suggested(model, "old", "")) == {"older", "a", "b"}
        model.partial_fit_sessions([["new"]], times=[5000])
        assert suggested(model, "", "")[0] == "new"
        assert suggested(model, "old", "olde") == ["older"]

    @every
    @pytest.mark.parametrize("half_life", [0, -1, "day", np.nan])
    def test_wrong_ones(self, completer, half_life):
        with pytest.raises(ValueError, match="half_life"):
            clone(completer).set_params(half_life=half_life).fit_sessions(SESSIONS)


class TestMoreOfALog:
    @settings(deadline=None, max_examples=30)
    @given(sessions_of_words, sessions_of_words)
    def test_counting_twice_is_counting_all(self, sessions, more):
        for completer in COUNTING:
            twice = clone(completer).partial_fit_sessions(sessions).partial_fit_sessions(more)
            same(twice, clone(completer).fit_sessions(sessions + more))

    @every
    def test_rows(self, completer):
        X, y = [("birds", "b"), ("birds", "")], ["bird song", "nests"]
        model = clone(completer).partial_fit(X, y)
        same(model, clone(completer).fit(X, y))
        assert model.partial_fit([("birds", "n"), ("birds", "n")], ["nuts", "nuts"]) is model
        assert model.queries_ == ["bird song", "nests", "nuts"]
        assert model.counts_.tolist() == [1, 1, 2]
        assert suggested(model, "birds", "nu") == ["nuts"]
        with pytest.raises(ValueError, match="must"):
            model.partial_fit([("a", "b", "c")], ["d"])

    @every
    def test_new_queries_are_suggested_at_once(self, completer):
        model = clone(completer).fit_sessions(SESSIONS)
        blocked = model.prepare_exclusion(["bass"])
        known = set(model.queries_)
        model.partial_fit_sessions(MORE).partial_fit_sessions([["boats", "birdhouse"]])
        assert set(model.queries_) == known | {
            "bird watching",
            "cars",
            "bonnet",
            "boats",
            "birdhouse",
        }
        found = suggested(model, "birds", "bird")
        assert set(found) == {"bird song", "bird watching", "birdhouse"}
        assert found[-1] == "birdhouse"
        assert suggested(model, "cars", "bon") == ["bonnet"]
        assert suggested(model, "bird watching", "bird w") == []
        assert set(suggested(model, "", "", k=40)) == set(model.queries_)
        assert set(suggested(model, "", "b", exclude=["boats"])) == {
            *("bird song", "bass", "bonnet", "bird watching", "birds", "birdhouse")
        } & set(model.queries_)
        assert "bass" not in suggested(model, "music", "b", exclude=blocked)
        labels, scores = model.rank([("birds", "bird"), ("music", "x")], k=4)
        assert labels.tolist() == [[*found, ""], [""] * 4]
        assert np.all(np.diff(scores[0, :3]) <= 0)
        copy = pickle.loads(pickle.dumps(model))
        assert copy.complete("birds", "b") == model.complete("birds", "b")

    def test_the_graph_grows(self):
        model = QueryAutocompleter(random_state=0).fit_sessions(SESSIONS)
        before = dict(model.complete("cars", "b"))
        model.partial_fit_sessions([["cars", "bass"]] * 20)
        after = dict(model.complete("cars", "b"))
        assert after["bass"] / after["bird song"] > 2 * before["bass"] / before["bird song"]

    def test_filled_up_with_new_ones(self):
        model = QueryAutocompleter(fill_up=True, random_state=0).fit_sessions(SESSIONS)
        model.partial_fit_sessions(MORE)
        found = suggested(model, "birds", "bass", k=20)
        assert found[0] == "bass"
        assert set(found) == set(model.queries_) - {"birds"}
