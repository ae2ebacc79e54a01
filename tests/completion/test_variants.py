"""Misspelt queries and near-duplicates, which give way to a more frequent one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter, QueryAutocompleter
from sklearn_xmr._completion.variants import find_variants

COMPLETERS = [MostFrequentCompleter(), CooccurrenceCompleter(), QueryAutocompleter(random_state=0)]
every = pytest.mark.parametrize("completer", COMPLETERS, ids=lambda c: type(c).__name__)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"ceiling fan": 50, "ceilng fan": 5}, {"ceilng fan": "ceiling fan"}),
        ({"ceiling fan": 50, "ceilng fan": 6}, {}),  # not much more frequent
        ({"fridge": 90, "frigde": 3, "frdge": 1}, {"frigde": "fridge", "frdge": "fridge"}),
        ({"lamp": 90, "camp": 3}, {}),  # the first letter
        ({"saw": 90, "sew": 1}, {}),  # short words
        ({"paint brush": 90, "paint brsuh set": 1}, {}),  # never asked as it should be
        # Rare as a query, but of words that are frequent.
        ({"garden house": 90, "garden horse": 2, "horse": 80}, {}),
        ({"drill": 9, "drills": 8}, {"drills": "drill"}),
        ({"drill": 8, "drills": 9}, {"drill": "drills"}),
        ({"fan ceiling": 1, "ceiling fan": 2}, {"fan ceiling": "ceiling fan"}),
        ({"lawnmower": 3, "lawn mower": 4}, {"lawnmower": "lawn mower"}),
        ({"size 1 2": 3, "size 12": 4}, {}),
        # On the way over another one; equally frequent ones in the order of code points.
        (
            {"lawnmower": 3, "lawn mowers": 4, "mowers lawn": 4},
            dict.fromkeys(["lawnmower", "mowers lawn"], "lawn mowers"),
        ),
        # What is misspelt gives way to what the right one gives way to.
        (
            {"garden hoses": 50, "garden hose": 10, "gardne hose": 1, "garden hsoe": 1},
            dict.fromkeys(["garden hose", "gardne hose", "garden hsoe"], "garden hoses"),
        ),
        ({"a b": 1, "b a": 1}, {"b a": "a b"}),
        ({}, {}),
    ],
)
def test_by_hand(counts, expected):
    assert find_variants(list(counts), list(counts.values())) == expected


@settings(deadline=None)
@given(st.dictionaries(st.text("abs \u00e9", min_size=1, max_size=8), st.integers(1, 99)))
def test_what_is_led_to_stays_and_is_no_rarer(counts):
    leads = find_variants(list(counts), list(counts.values()))
    for query, lead in leads.items():
        assert query in counts
        assert lead in counts
        assert lead not in leads


def edits(word):
    """All that is an edit away from a word, its first letter left alone."""
    for i in range(1, len(word) + 1):
        yield from (word[:i] + letter + word[i:] for letter in "abxy")
        yield from (word[:i] + letter + word[i + 1 :] for letter in "abxy")
        yield word[:i] + word[i + 1 :]
        yield word[:i] + word[i + 1 : i + 2] + word[i : i + 1] + word[i + 2 :]


@settings(deadline=None)
@given(st.dictionaries(st.text("abxy", min_size=4, max_size=8), st.sampled_from([1, 9, 10, 100])))
def test_misspelt_words_are_found_as_by_trying_all_edits(counts):
    # Words without s are no plurals, and have no spaces: nothing else gives way.
    expected = {}
    for word, count in counts.items():
        likely = {edit for edit in edits(word) if counts.get(edit, 0) >= 10 * count}
        if likely:
            expected[word] = min(likely, key=lambda other: (-counts[other], other))
    found = find_variants(list(counts), list(counts.values()))
    assert found == {word: last(word, expected) for word in expected}


def last(word, leads):
    return last(leads[word], leads) if word in leads else word


def test_very_long_words_are_left_alone():
    assert find_variants(["a" * 100_000, "a" * 99_999 + "b"], [100, 1]) == {}


@every
def test_variants_are_not_suggested(completer):
    sessions = [["fan"], ["ceiling fan", "blade"]] * 30 + [["ceilng fan", "blade"], ["blades"]]
    plain = clone(completer).fit_sessions(sessions)
    assert {"ceilng fan", "blades"} <= set(plain.queries_)
    model = clone(completer).set_params(merge_variants=True).fit_sessions(sessions)
    assert model.queries_ == ["blade", "ceiling fan", "fan"]
    assert model.counts_.tolist() == [32, 31, 30]
    assert [query for query, _ in model.complete("", "cei")] == ["ceiling fan"]
    model.partial_fit_sessions([["fans"], ["ceilin fan"], ["new"]])
    assert model.queries_ == ["blade", "ceiling fan", "fan", "new"]
    assert model.counts_.tolist() == [32, 32, 31, 1]
    assert {query for query, _ in model.complete("", "")} == set(model.queries_)


@every
def test_the_spelling_of_what_stays(completer):
    model = clone(completer).set_params(merge_variants=True, normalizer=str.lower)
    model.fit_sessions([["White Paint"], ["white paint"], ["White Paint"], *[["WHITE PAINTS"]] * 2])
    assert model.queries_ == ["White Paint"]
    assert model.counts_.tolist() == [5]


def test_what_the_model_knows_stays_until_the_next_fit():
    model = QueryAutocompleter(merge_variants=True, random_state=0).fit_sessions(
        [["hose"], ["bin"]]
    )
    more = [["hoses"]] * 9
    assert model.partial_fit_sessions(more).queries_ == ["bin", "hose", "hoses"]
    assert {query for query, _ in model.complete("", "h")} == {"hose", "hoses"}
    assert model.fit_sessions([["hose"], ["bin"], *more]).queries_ == ["bin", "hoses"]
