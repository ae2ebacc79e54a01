"""The search box of the terminal, with a shop of five products."""

import io
import re
import sys
import threading

import pytest

from sklearn_xmr import MostFrequentCompleter, ProductRetriever, demo
from sklearn_xmr.datasets import normalize_query

TITLES = ["garden hose", "hose reel", "desk lamp", "floor lamp", "cordless drill"]


@pytest.fixture(scope="module")
def box():
    retriever = ProductRetriever(label_text={title: title for title in TITLES}, random_state=0)
    completer = MostFrequentCompleter(normalizer=normalize_query, max_typos="auto")
    return demo.SearchBox(
        retriever.fit([], []), completer.fit_sessions([title] for title in TITLES)
    )


def test_an_answer_has_suggestions_results_reasons_and_time(box):
    suggestions, *found, words, time = box.answer("hose r")
    assert suggestions == "  suggestions: hose reel"
    assert re.fullmatch(r" +\d+%  hose reel", found[0])
    assert words == "  matched in the first: hose"
    assert re.fullmatch(r"  \d+\.\d ms", time)


def test_nothing_typed_is_no_query(box):
    assert box.answer("") == box.answer("  ") == [demo.HELP]


def test_typing_errors_are_forgiven(box):
    suggestions, first, *_ = box.answer("codrless")
    assert suggestions.endswith(" cordless drill")
    assert first.endswith("  cordless drill")


def test_without_a_terminal_each_line_is_a_query(box):
    out = io.StringIO()
    demo.answer_lines(box, ["desk\n", "\n", "drill"], out)
    first, second, end = out.getvalue().split("\n\n")
    assert first.startswith("search: desk\n")
    assert second.startswith("search: drill\n")
    assert end == ""


@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        ("des", "des"),
        ("des\x7f", "de"),
        ("\x7f\x7fd", "d"),
        ("des\t", "desk lamp"),
        ("\t", ""),
        ("xyz\t", "xyz"),
        ("desk\x15ho", "ho"),
        ("de\x00s", "des"),
        ("desk\nho", "ho"),
        ("de\x04sk", "de"),
    ],
)
def test_keys(box, keys, typed):
    out = io.StringIO()
    demo.answer_keys(box, iter(keys), out)
    last = out.getvalue().split("\r\x1b[J")[-1]
    assert last.splitlines()[0] == f"search: {typed}"


def test_lines_fit_the_terminal(box, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    out = io.StringIO()
    demo.draw(out, "a" * 50, ["b" * 50])
    prompt, line = re.sub(r"\x1b\[\d*[A-Z]|\r", "", out.getvalue()).split("\n")
    assert (len(prompt), len(line)) == (19, 19)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_in_a_terminal_keys_arrive_one_by_one():
    import os
    import pty

    ours, theirs = pty.openpty()
    try:
        with os.fdopen(theirs) as stream, demo.key_by_key(stream):
            keys, arrived = demo.keys_of(stream), []
            reader = threading.Thread(target=lambda: arrived.extend(next(keys) for _ in range(3)))
            reader.start()
            os.write(ours, "aé".encode())
            os.write(ours, b"b")
            reader.join(timeout=10)
            assert arrived == ["a", "é", "b"]
    finally:
        os.close(ours)
