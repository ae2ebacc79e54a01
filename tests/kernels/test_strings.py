"""The characters of strings, against `ord` and `str.lower`."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_xmr._kernels.strings import locate, read

# One, two and four bytes per character, and strings that have none.
STRINGS = ["", "ASCII", "É\xff\0", "文Ω\ud800", "🎉\U0010ffff", " ", "a" * 100]


class OwnString(str):
    """A subclass, as NumPy's strings are."""


def read_all(strings, lowercase=False):
    places = np.empty((len(strings), 3), dtype=np.int64)
    assert locate(strings, places) == len(strings)
    assert places[:, 1].tolist() == [len(string) for string in strings]
    codes = np.empty(sum(map(len, strings)), dtype=np.uint32)
    ptr = np.empty(len(strings) + 1, dtype=np.int64)
    is_whole = read(places, lowercase, codes, ptr)
    assert ptr.tolist() == np.cumsum([0, *map(len, strings)]).tolist()
    return is_whole, "".join(map(chr, codes))


@pytest.mark.parametrize("of_type", [str, OwnString, np.str_])
def test_strings_of_all_widths(of_type):
    strings = [of_type(string) for string in STRINGS]
    assert read_all(strings) == (True, "".join(strings))


def test_no_strings():
    assert read_all([]) == (True, "")


@given(st.lists(st.text(st.characters(codec=None))))
def test_equals_the_strings(strings):
    assert read_all(strings) == (True, "".join(strings))


def test_lower_case_of_every_character():
    characters = [*map(chr, range(sys.maxunicode + 1))]
    left_alone = "İΣ"
    whole = [character for character in characters if character not in left_alone]
    # Between letters, too: what looks at its neighbours has another lower case there.
    expected = "".join(f"A{character}B".lower() for character in whole)
    assert expected == "".join(f"a{character.lower()}b" for character in whole)
    assert read_all([f"A{character}B" for character in whole], lowercase=True) == (True, expected)
    for character in left_alone:
        assert not read_all([f"A{character}B"], lowercase=True)[0]


@given(st.lists(st.text()))
def test_lower_case_equals_str_lower(strings):
    is_whole, lowered = read_all(strings, lowercase=True)
    assert is_whole == (not set("".join(strings)) & set("İΣ"))
    assert not is_whole or lowered == "".join(string.lower() for string in strings)


@pytest.mark.parametrize("other", [None, b"bytes", 3, ["text"], np.float32(0)])
def test_stops_at_what_is_no_string(other):
    places = np.zeros((3, 3), dtype=np.int64)
    assert locate(["ab", other, "c"], places) == 1
    assert places[0, 1:].tolist() == [2, 1]
    assert not places[1:].any()
