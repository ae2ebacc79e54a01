"""Rows for query completion: made out of sessions, and checked."""

import itertools
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sklearn_xmr._completion.query_pairs import (
    check_pairs,
    check_queries,
    check_text,
)
from sklearn_xmr.datasets import make_prefix_pairs
from sklearn_xmr.datasets._prefix_pairs import check_sessions

SESSIONS = [["a1", "b2", "b2", "c3"], ["d4"], [], ["e5", "f6"]]
ODD = ["", " ", "\0", "a\0", "\ud800", "\ud800\udc00", "\U0001f600", "e\u0301", "x" * 100_000]


def test_pairs_of_sessions():
    X, y = make_prefix_pairs(SESSIONS, random_state=0)
    assert X.dtype == y.dtype == object
    assert y.tolist() == ["b2", "c3", "f6"]
    assert X[:, 0].tolist() == ["a1", "b2", "e5"]

    X, y = make_prefix_pairs(SESSIONS, include_first=True, random_state=0)
    assert y.tolist() == ["a1", "b2", "c3", "d4", "e5", "f6"]
    assert X[:, 0].tolist() == ["", "a1", "b2", "", "", "e5"]

    X, y = make_prefix_pairs(SESSIONS, prefixes_per_query=2, random_state=0)
    assert y.tolist() == ["b2", "b2", "c3", "c3", "f6", "f6"]
    assert X[:, 0].tolist() == ["a1", "a1", "b2", "b2", "e5", "e5"]


def test_the_last_few_queries():
    X, y = make_prefix_pairs(SESSIONS, n_previous=2, include_first=True, random_state=0)
    assert y.tolist() == ["a1", "b2", "c3", "d4", "e5", "f6"]
    assert X[:, 0].tolist() == [(), ("a1",), ("b2", "b2"), (), (), ("e5",)]
    X, _ = make_prefix_pairs([["a1", "b2"], ["c3", "d4"]], n_previous=2, random_state=0)
    assert X[:, 0].tolist() == [("a1",), ("c3",)]


def test_prefix_length_is_uniform():
    X, _ = make_prefix_pairs([["x", "abcd"]], prefixes_per_query=40_000, random_state=0)
    counts = Counter(X[:, 1])
    assert set(counts) == {"a", "ab", "abc", "abcd"}
    # Standard deviation of each count: sqrt(40000 * 1/4 * 3/4) = 87.
    assert all(abs(count - 10_000) < 5 * 87 for count in counts.values())


def test_prefixes_are_seeded():
    sessions = [[f"query number {i}" for i in range(50)]]
    X, _ = make_prefix_pairs(sessions, random_state=0)
    assert_array_equal(X, make_prefix_pairs(sessions, random_state=0)[0])
    assert_array_equal(X, make_prefix_pairs(sessions, random_state=np.random.RandomState(0))[0])
    assert (make_prefix_pairs(sessions, random_state=1)[0] != X).any()


@settings(deadline=None)
@given(st.lists(st.lists(st.text(min_size=1), max_size=4), max_size=4), st.booleans())
def test_every_row_holds_a_prefix_of_what_followed(sessions, include_first):
    sessions = [["first", "second"], *sessions]
    X, y = make_prefix_pairs(sessions, include_first=include_first, random_state=0)
    for (previous, prefix), query in zip(X.tolist(), y.tolist(), strict=True):
        assert prefix
        assert query.startswith(prefix)
        assert previous != query
        assert any(
            (previous, query) in zip(["", *session], session, strict=False) for session in sessions
        )
    n_changes = sum(a != b for s in sessions for a, b in itertools.pairwise(s))
    n_first = sum(len(session) > 0 for session in sessions) if include_first else 0
    assert len(y) == n_changes + n_first


def test_pairs_in_every_container():
    rows = [["a", "b"], [None, "c"], ["d", float("nan")], [np.str_("e"), ""]]
    expected = (["a", "", "d", "e"], ["b", "c", "", ""])
    forms = [
        rows,
        tuple(map(tuple, rows)),
        np.array(rows, dtype=object),
        np.asfortranarray(np.array(rows, dtype=object)),
        pd.DataFrame(rows, columns=["previous", "prefix"], index=[3, 1, 2, 0]),
        pd.DataFrame(rows).astype("string"),
        pd.DataFrame(rows).astype(object),
        [np.array(row, dtype=object) for row in rows],
        [pd.Series(row) for row in rows],
        [["a", "b"], [pd.NA, "c"], ["d", np.float32("nan")], ["e", ""]],
    ]
    for form in forms:
        checked = check_pairs(form)
        assert checked == expected
        assert {type(text) for column in checked for text in column} == {str}
    assert check_pairs(np.array([["a", "b"], ["c", "d"]])) == (["a", "c"], ["b", "d"])


def test_odd_texts_stay_as_they_are():
    X = [[a, b] for a in ODD for b in ODD]
    for form in (X, np.array(X, dtype=object)):
        assert check_pairs(form) == ([a for a, _ in X], [b for _, b in X])
    assert check_queries(ODD[1:]) == ODD[1:]
    assert check_sessions([ODD[1:]]) == [ODD[1:]]
    X, y = make_prefix_pairs([ODD[1:]], random_state=0)
    assert y.tolist() == ODD[2:]


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ([], ValueError, "at least 1 row"),
        (np.empty((0, 2), dtype=object), ValueError, "at least 1 row"),
        ("ab", ValueError, "got str of shape"),
        (["ab", "cd"], ValueError, "pairs of .* got 'ab' of type str in row 0"),
        ([("a", "b"), ("c",)], ValueError, r"got \('c',\) of type tuple in row 1"),
        ([("a", "b"), {"c": 1, "d": 2}], ValueError, "of type dict in row 1"),
        ([("a", "b"), 3], ValueError, "got 3 of type int in row 1"),
        (np.array(["ab", "cd"]), ValueError, r"shape \(2,\)"),
        (np.array([["a", "b", "c"]]), ValueError, r"shape \(1, 3\)"),
        (pd.DataFrame({"prefix": ["a"]}), ValueError, r"DataFrame of shape \(1, 1\)"),
        (None, ValueError, "got NoneType"),
        ([("a", 3)], TypeError, r"X\[0\]\[1\] must be a text.* got 3 of type int"),
        ([("a", "b"), (b"c", "d")], TypeError, r"X\[1\]\[0\] .* got b'c' of type bytes"),
        (np.ones((2, 2)), TypeError, r"X\[0\]\[0\] .* got 1.0 of type float"),
    ],
)
def test_wrong_pairs(X, error, message):
    with pytest.raises(error, match=message):
        check_pairs(X)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        ("abc", ValueError, "y must have one query for each sample"),
        (3, ValueError, "y must have one query for each sample"),
        (np.array([["a"], ["b"]]), ValueError, "y must have one query for each sample"),
        (["a", None], TypeError, "y must hold queries.* got None of type NoneType in row 1"),
        (["a", np.nan], TypeError, "got nan of type float in row 1"),
        ([1, 2], TypeError, "got 1 of type int in row 0"),
        (["a", ""], ValueError, "y must hold queries that are not empty, got '' in row 1"),
    ],
)
def test_wrong_queries(y, error, message):
    with pytest.raises(error, match=message):
        check_queries(y)


@pytest.mark.parametrize(
    ("sessions", "error", "message"),
    [
        ("abc", TypeError, "sessions must be a list of lists of queries, got 'abc' of type str"),
        (3, TypeError, "sessions must be a list of lists of queries, got 3"),
        (["abc", "def"], TypeError, "got 'abc' of type str for session 0"),
        ([["a", "b"], {"a", "b"}], TypeError, "got {.*} of type set for session 1"),
        ({"s": ["a", "b"]}, TypeError, "sessions must be a list of lists .* of type dict"),
        ([["a", "b"], None], TypeError, "got None of type NoneType for session 1"),
        ([["a", "b"], ["c", 1]], TypeError, "got 1 of type int in session 1"),
        ([["a", "b"], ["c", ""]], ValueError, "got '' in session 1"),
        ([], ValueError, "two different queries in a row"),
        ([["a"], ["b", "b"]], ValueError, "two different queries in a row"),
    ],
)
def test_wrong_sessions(sessions, error, message):
    with pytest.raises(error, match=message):
        make_prefix_pairs(sessions)


def test_no_query_at_all():
    with pytest.raises(ValueError, match="sessions must hold a query, to make any pair"):
        make_prefix_pairs([[], []], include_first=True)


@pytest.mark.parametrize("n", [0, 1.0, True])
def test_wrong_number_of_prefixes(n):
    with pytest.raises(ValueError, match="prefixes_per_query must be"):
        make_prefix_pairs(SESSIONS, prefixes_per_query=n)


def test_long_values_are_cut_in_messages():
    with pytest.raises(TypeError, match="prefix must be a text") as caught:
        check_text([0] * 1_000_000, "prefix")
    assert len(str(caught.value)) < 200
