"""What kind of character each is to `split_words`: ideas of a word by name."""

import unicodedata
from functools import cache

import numpy as np

from .._kernels.words import WordBreak

# Above lie no scripts.
_N_CODES = 0x34000
_JOINERS = "\u200c\u200d"

# What is in a class for what it is, not for its category: Unicode's WordBreakProperty.
_CHARACTERS = {
    WordBreak.OTHER: "\u200b",
    WordBreak.LETTER: "\u02c2\u02c3\u02c4\u02c5\u02d2\u02d3\u02d4\u02d5\u055a\u055b\u055c\u055e",
    WordBreak.DIGIT: "\u066b\u06dd",
    WordBreak.CONNECTOR: "\u202f",
    WordBreak.MID_LETTER: ":\u00b7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a",
    WordBreak.MID_NUMBER: (",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe50\ufe54\uff0c\uff1b"),
    WordBreak.MID_BOTH: ".\u2018\u2019\u2024\ufe52\uff07\uff0e",
    WordBreak.SINGLE_QUOTE: "'",
    WordBreak.DOUBLE_QUOTE: '"',
}
# First and last letters of scripts that are not cut at spaces, or at them alone.
_SCRIPTS = {
    WordBreak.HEBREW_LETTER: [(0x5D0, 0x5F2), (0xFB1D, 0xFB4F)],
    WordBreak.COMPLEX: [  # Thai, Lao, Myanmar, Khmer and their neighbours
        (0xE01, 0xE4E), (0xE81, 0xEDF), (0x1000, 0x109F), (0x1780, 0x17DD), (0x1950, 0x19DF),
        (0x1A20, 0x1AAF), (0xA9E0, 0xA9FF), (0xAA60, 0xAADF), (0x11700, 0x11746),
    ],
    WordBreak.KATAKANA: [
        (0x3031, 0x3035), (0x309B, 0x309C), (0x30A0, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF),
        (0x32D0, 0x32FE), (0x3300, 0x3357), (0xFF66, 0xFF9D), (0x1AFF0, 0x1B000),
        (0x1B120, 0x1B122), (0x1B155, 0x1B155), (0x1B164, 0x1B167),
    ],
    WordBreak.SINGLE: [  # Hiragana and ideographs
        (0x3006, 0x3007), (0x3021, 0x3029), (0x3038, 0x303A), (0x3041, 0x3096), (0x309D, 0x309F),
        (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x17000, 0x18DFF),
        (0x1B001, 0x1B11F), (0x1B132, 0x1B152), (0x1B170, 0x1B2FF), (0x20000, 0x33FFF),
    ],
}  # fmt: skip


@cache
def _letters_and_digits():
    classes = np.zeros(_N_CODES, dtype=np.uint8)
    for code in range(_N_CODES):
        character = chr(code)
        if character.isalnum():
            classes[code] = WordBreak.LETTER
        elif unicodedata.category(character)[0] == "M" or character in _JOINERS:
            classes[code] = WordBreak.EXTENDING
    return classes


@cache
def _uax29():
    of_category = dict.fromkeys(("Mn", "Mc", "Me", "Cf"), int(WordBreak.EXTENDING))
    of_category |= dict.fromkeys(("Lu", "Ll", "Lt", "Lm", "Lo", "Nl"), int(WordBreak.LETTER))
    of_category |= {"Nd": int(WordBreak.DIGIT), "Pc": int(WordBreak.CONNECTOR)}
    categories = [unicodedata.category(chr(code)) for code in range(_N_CODES)]
    classes = np.array([of_category.get(name, 0) for name in categories], dtype=np.uint8)
    is_extending = classes == WordBreak.EXTENDING
    is_digit = classes == WordBreak.DIGIT
    for kind, ranges in _SCRIPTS.items():
        for first, last in ranges:
            inside = slice(first, last + 1)
            is_other = is_extending[inside] | is_digit[inside]
            if kind in (WordBreak.COMPLEX, WordBreak.HEBREW_LETTER):
                is_other |= classes[inside] != WordBreak.LETTER
            classes[inside][~is_other] = kind
    for kind, characters in _CHARACTERS.items():
        classes[[ord(character) for character in characters]] = kind
    classes[[0xFF9E, 0xFF9F, *range(0x1F3FB, 0x1F400)]] = WordBreak.EXTENDING
    return classes


# The table of each name, made when it is first asked for.
WORD_CLASSES = {"letters_and_digits": _letters_and_digits, "uax29": _uax29}
