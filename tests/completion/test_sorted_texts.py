"""SortedTexts against what Python does with a sorted list of str."""

import pickle

import joblib
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sklearn_xmr._completion.sorted_texts import SortedTexts

# Characters of all lengths in UTF-8, surrogates, which stand alone, and NUL.
TEXTS = st.text("\0ab\x7f\x80é\u0800\ud7ff\ud800\udfff\ue000\uffff\U00010000\U0010ffff", max_size=4)


@settings(deadline=None)
@given(st.sets(TEXTS, max_size=40), TEXTS)
@example({"\ud800\udc00", "\U00010000", "\ud800"}, "\ud800")
@example({""}, "")
@example(set(), "")
def test_equal_to_a_sorted_list(texts, text):
    expected = sorted(texts)
    found = SortedTexts(texts)
    assert list(found) == expected
    assert [found[i] for i in range(len(found))] == expected
    assert found == expected
    start, stop = found.prefix_range(text)
    assert expected[start:stop] == [other for other in expected if other.startswith(text)]
    assert found.find(text) == (expected.index(text) if text in texts else -1)
    assert found.find_newest([text, (text, "")]).tolist() == [[found.find(text)], [found.find("")]]
    ranges, n_texts = found.matching_ranges([text, "a"])
    assert ranges.tolist() == [[start, stop], list(found.prefix_range("a"))]
    assert n_texts == len([other for t in (text, "a") for other in texts if other.startswith(t)])
    assert (text in found) == (text in texts)
    codes, ptr = found.codes()
    assert codes.tolist() == [ord(letter) for other in expected for letter in other]
    assert np.diff(ptr).tolist() == [len(other) for other in expected]
    assert SortedTexts.of_codes(codes, np.column_stack([ptr[:-1], ptr[1:]])) == expected


def test_a_sequence():
    texts = SortedTexts(["b", "c\0", "a"])
    assert len(texts) == 3
    assert texts[-1] == "c\0"
    assert texts[np.int32(0)] == "a"
    assert texts[1:] == ["b", "c\0"]
    assert texts[::-1] == list(reversed(texts)) == ["c\0", "b", "a"]
    assert texts.index("b") == 1
    assert 3 not in texts
    assert np.str_("b") in texts
    assert texts != ["a", "b"]
    assert texts != "abc"
    assert repr(texts) == r"<3 texts: 'a', 'b', 'c\x00'>"
    for i in (3, -4):
        with pytest.raises(IndexError):
            texts[i]


def test_copies(tmp_path):
    texts = SortedTexts(["a", "\ud800", "é"])
    joblib.dump(texts, tmp_path / "texts")
    mapped = joblib.load(tmp_path / "texts", mmap_mode="r")
    assert list(mapped) == list(pickle.loads(pickle.dumps(texts))) == list(texts)
    assert mapped.find("é") == 1


def test_a_very_long_text():
    long = "x" * 100_000
    texts = SortedTexts(["x", long])
    assert texts.prefix_range(long) == (1, 2)
    assert texts.prefix_range(long + "x") == (2, 2)
    assert texts.find(long) == 1
