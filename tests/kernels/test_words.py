"""The words between Unicode's boundaries, against the rules of the standard."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels.words import WordBreak, split_words
from sklearn_xmr._text.word_breaks import WORD_CLASSES

# A letter for each class, and the rules of Annex 29 on two characters before and after a boundary.
LETTER_OF = dict(zip(WordBreak, "oLHDKCcSxlnbqQ", strict=True))
NO_BOUNDARY = "|".join(
    [
        r".[LH]\|[LH].",  # WB5
        r".[LH]\|[lbq][LH]",  # WB6
        r"[LH][lbq]\|[LH].",  # WB7
        r".H\|q.",  # WB7a
        r".H\|QH",  # WB7b
        r"HQ\|H.",  # WB7c
        r".D\|D.",  # WB8
        r".[LH]\|D.",  # WB9
        r".D\|[LH].",  # WB10
        r"D[nbq]\|D.",  # WB11
        r".D\|[nbq]D",  # WB12
        r".K\|K.",  # WB13
        r".[LHDKc]\|c.",  # WB13a
        r".c\|[LHDK].",  # WB13b
        r".C\|C.",  # letters of scripts without spaces: the standard leaves them to dictionaries
    ]
)


def split(documents, classes):
    text = np.array([ord(character) for character in "".join(documents)], dtype=np.uint32)
    ptr = np.cumsum([0] + [len(document) for document in documents])
    codes = np.empty(2 * len(text), dtype=np.uint32)
    spans = np.empty((len(text), 2), dtype=np.int64)
    span_ptr = np.empty(len(ptr), dtype=np.int64)
    spans = spans[: split_words(text, ptr, classes, codes, spans, span_ptr)]
    assert all(codes[stop] == ord(" ") for stop in spans[:, 1])
    assert all(second[0] == first[1] + 1 for first, second in pairwise(spans.tolist()))
    words = ["".join(map(chr, codes[start:stop])) for start, stop in spans]
    return [words[first:last] for first, last in pairwise(span_ptr)]


def naive_split(document, letters):
    units = [match.group() for match in re.finditer(r"[^x]x*|^x+", letters)]  # WB4
    around = "  " + "".join(unit[0] for unit in units) + "  "
    words, start, stop = [], 0, 0
    for i, unit in enumerate(units):
        stop += len(unit)
        window = f"{around[i + 1 : i + 3]}|{around[i + 3 : i + 5]}"
        if not re.fullmatch(NO_BOUNDARY, window):
            if re.search("[LHDKCS]", letters[start:stop]):
                words.append(document[start:stop])
            start = stop
    return words


@given(st.lists(st.text("".join(LETTER_OF.values()), max_size=20), max_size=4))
@settings(deadline=None, max_examples=300)
def test_equals_naive_twin(documents):
    # Each character is its own class.
    classes = np.zeros(128, dtype=np.uint8)
    for kind, letter in LETTER_OF.items():
        classes[ord(letter)] = kind
    expected = [naive_split(document, document) for document in documents]
    assert split(documents, classes) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # The example of the standard.
        (
            "The quick (“brown”) fox can’t jump 32.3 feet, right?",  # noqa: RUF001
            ["The", "quick", "brown", "fox", "can’t", "jump", "32.3", "feet", "right"],  # noqa: RUF001
        ),
        ("C 5 V 1/2 WF45H6100AG 20v", ["C", "5", "V", "1", "2", "WF45H6100AG", "20v"]),
        ("1,000.5 3.x a.b a: _ __ _a_1", ["1,000.5", "3", "x", "a.b", "a", "_a_1"]),
        ("צה\"ל ג'", ['צה"ל', "ג'"]),
        ("हिन्दी தமிழ் ภาษาไทย", ["हिन्दी", "தமிழ்", "ภาษาไทย"]),
        ("漢字かな カタカナー", ["漢", "字", "か", "な", "カタカナー"]),
        ("한국어 می\u200cخواهم", ["한국어", "می\u200cخواهم"]),  # noqa: RUF001
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("葛\U000e0100城 👩\u200d👧 \u0301", ["葛\U000e0100", "城"]),
    ],
)
def test_words_of_annex_29(text, words):
    assert split([text], WORD_CLASSES["uax29"]()) == [words]


def test_letters_and_digits_are_those_of_python():
    # No two of these may join.
    classes = WORD_CLASSES["letters_and_digits"]()
    characters = [chr(code) for code in range(len(classes)) if chr(code) not in "\u200c\u200d"]
    [words] = split([" ".join(characters)], classes)
    assert words == [character for character in characters if character.isalnum()]
