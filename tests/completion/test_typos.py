"""Prefixes with errors in them, for every completer."""

from copy import copy

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter, QueryAutocompleter
from sklearn_xmr._completion.sorted_texts import SortedTexts
from sklearn_xmr._completion.typos import PrefixCorrector

SESSIONS = [
    *[["white paint", "paint brush", "garden hose"]] * 3,
    *[["lawn mower", "white chair"], ["ceiling fan", "ceiling light"]] * 2,
    *[["ünder sink", "whistle"], ["screen door", "screwdriver"]],
]
MISSPELT = [
    ("ceilng f", "ceiling fan"),  # a letter less
    ("whhite p", "white paint"),  # a letter more
    ("gadren ho", "garden hose"),  # two swapped
    ("lazn mo", "lawn mower"),  # another letter
    ("hwite pa", "white paint"),  # the first letters swapped
    ("arden h", "garden hose"),  # the first letter missing
    ("lawnmo", "lawn mower"),  # two words joined
    ("screw driv", "screwdriver"),  # a word split
    ("under si", "ünder sink"),  # a letter of two bytes
    ("ceilng ", "ceiling fan"),
]
COMPLETERS = [MostFrequentCompleter(), CooccurrenceCompleter(), QueryAutocompleter(random_state=0)]


@pytest.fixture(
    scope="module", params=COMPLETERS, ids=[type(completer).__name__ for completer in COMPLETERS]
)
def completer(request):
    return request.param.fit_sessions(SESSIONS)


def with_typos(completer, max_typos):
    """The same fit with another setting; tests in other threads have the completer as it is."""
    return copy(completer).set_params(max_typos=max_typos)


def suggested(completer, prefix, previous=""):
    return [query for query, _ in completer.complete(previous, prefix)]


@pytest.mark.parametrize(("typed", "meant"), MISSPELT)
@pytest.mark.parametrize("max_typos", [1, 2, "auto"])
def test_an_error_is_corrected(completer, typed, meant, max_typos):
    assert suggested(with_typos(completer, 0), typed) == []
    assert suggested(with_typos(completer, max_typos), typed)[0] == meant


def test_two_errors(completer):
    for typed, meant in [("cielng fa", "ceiling fan"), ("gadren hos3", "garden hose")]:
        for max_typos, expected in [(1, []), (2, [meant]), ("auto", [meant])]:
            assert suggested(with_typos(completer, max_typos), typed) == expected


def test_what_starts_as_typed_comes_first(completer):
    completer = with_typos(completer, "auto")
    assert suggested(completer, "screw")[0] == "screwdriver"
    assert set(suggested(completer, "screw")) == {"screwdriver", "screen door"}
    # Though it is asked once, and the others twice and more.
    assert suggested(completer, "whist")[0] == "whistle"
    assert set(suggested(completer, "whist")) == {"whistle", "white paint", "white chair"}


@pytest.mark.parametrize("completer", COMPLETERS, ids=lambda completer: type(completer).__name__)
def test_nothing_is_corrected_where_three_start_as_typed(completer):
    completer = clone(completer).set_params(max_typos=1)
    completer.fit_sessions([["lamp", "lamb", "lame", "camp"]])
    assert set(suggested(completer, "lam")) == {"lamp", "lamb", "lame"}
    # What may not be suggested does not count.
    assert suggested(completer, "lam", previous="lamp")[2:] == ["camp"]
    found = [query for query, _ in completer.complete("", "lam", exclude=["lame"])]
    assert found[2:] == ["camp"]
    # As many as are asked for are enough.
    assert len(completer.complete("", "lam", k=2, exclude=["lame"])) == 2
    assert [query for query, _ in completer.complete("", "lame", k=1)] == ["lame"]


def test_scores_fall(completer):
    completer = with_typos(completer, "auto")
    scores = [score for _, score in completer.complete("", "whist")]
    assert scores == sorted(scores, reverse=True)


def test_short_prefixes_are_not_corrected(completer):
    for prefix in ("", "x", "xh"):
        exact = suggested(with_typos(completer, 0), prefix)
        assert suggested(with_typos(completer, "auto"), prefix) == exact
    assert suggested(with_typos(completer, 2), "x") == []


def test_rank_agrees_with_complete(completer):
    completer = with_typos(completer, "auto")
    rows = [("white paint", typed) for typed, _ in MISSPELT] + [("", "whi"), ("lawn mower", "")]
    labels, scores = completer.rank(rows, k=4)
    for row, found, found_scores in zip(rows, labels.tolist(), scores.tolist(), strict=True):
        expected = completer.complete(*row, k=4)
        assert [label for label in found if label] == [query for query, _ in expected]
        np.testing.assert_allclose(
            found_scores[: len(expected)], [score for _, score in expected], rtol=1e-5
        )


def test_corrections_are_not_suggested_against_the_exclusion(completer):
    completer = with_typos(completer, "auto")
    assert suggested(completer, "ceilng", "ceiling fan") == ["ceiling light"]
    blocked = completer.prepare_exclusion(["ceiling fan", "ceiling light"])
    assert completer.complete("", "ceilng", exclude=blocked) == []


def test_wrong_parameter(completer):
    for max_typos in (3, -1, "all", None, 0.5):
        with pytest.raises(ValueError, match="max_typos"):
            with_typos(completer, max_typos).complete("", "white")
    with pytest.raises(ValueError, match="max_typos"):
        type(completer)(max_typos="all").fit_sessions(SESSIONS)


def test_prefixes_too_long_to_be_misspelt_are_left_alone():
    corrector = PrefixCorrector(SortedTexts(["a" * 70]), np.array([1]))
    assert len(corrector.corrections("a" * 59 + "b", 1)) == 1
    assert corrector.corrections("a" * 60 + "b", 1) == []
