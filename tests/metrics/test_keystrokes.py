"""Keystrokes saved, against typing by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter
from sklearn_xmr.metrics import keystrokes_saved

SESSIONS = [["birds", "bird song"], ["bird song", "nests"], ["birds"], ["bikes"], ["birds"]]
ROWS = st.lists(
    st.tuples(st.sampled_from(["", "birds", "x"]), st.text("bird s", min_size=1, max_size=9)),
    min_size=1,
    max_size=6,
)


def typed_by_hand(completer, previous, query, k):
    for length in range(len(query)):
        if query in [text for text, _ in completer.complete(previous, query[:length], k)]:
            return length
    return len(query)


@settings(deadline=None)
@given(ROWS, st.integers(1, 3))
def test_equal_to_typing(rows, k):
    X, y = [(previous, "zz") for previous, _ in rows], [query for _, query in rows]
    for completer in (MostFrequentCompleter(), CooccurrenceCompleter()):
        completer.fit_sessions([*SESSIONS, *([query] for query in y[::2])])
        expected = [
            1 - typed_by_hand(completer, previous, query, k) / len(query)
            for previous, query in rows
        ]
        found = keystrokes_saved(completer, X, y, k, average=None)
        np.testing.assert_allclose(found, expected)
        assert keystrokes_saved(completer, X, y, k) == pytest.approx(np.mean(expected))


def test_as_a_scorer():
    X = np.array([("birds", ""), ("bird song", ""), ("", "")] * 4, dtype=object)
    y = np.array(["bird song", "nests", "birds"] * 4, dtype=object)
    model = make_pipeline(FunctionTransformer(), MostFrequentCompleter())
    assert cross_val_score(model, X, y, scoring=keystrokes_saved, cv=3).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("X", "y", "options", "error", "message"),
    [
        ([("", "")], ["a", "b"], {}, ValueError, "inconsistent"),
        ([("", "")], [""], {}, ValueError, "y must hold queries that are not empty"),
        ([("", "")], [1], {}, TypeError, "y must hold queries, which are texts"),
        ([("", "")], "a", {}, TypeError, "y must be a list"),
        ([], [], {}, ValueError, "X must have rows"),
        (["ab"], ["a"], {}, ValueError, "X must have rows"),
        ([("", "")], ["a"], {"k": 0}, ValueError, "k must be"),
        ([("", "")], ["a"], {"average": "sum"}, ValueError, "average must be"),
    ],
)
def test_errors(X, y, options, error, message):
    completer = MostFrequentCompleter().fit_sessions(SESSIONS)
    with pytest.raises(error, match=message):
        keystrokes_saved(completer, X, y, **options)
