"""Words of queries and titles in one form each: what people type beside what sellers write."""

import re
from functools import lru_cache

# Numbers with what is inside them ("3/4", "34.5"), a mark of inches or feet behind one, and runs of
# letters: "24x36in." is 24, x, 36, in.
_WORD = re.compile(r"""\d+(?:[.,/]\d+)*|(?<=\d)["'\u201d\u2033\u2019\u2032]|[^\W\d_]+""")

_UNITS = {
    "in": ("inch", "inches", '"', "\u201d", "\u2033"),
    "ft": ("foot", "feet", "'", "\u2019", "\u2032"),
    "yd": ("yard", "yards", "yds"),
    "gal": ("gallon", "gallons", "gals"),
    "qt": ("quart", "quarts", "qts"),
    "oz": ("ounce", "ounces"),
    "lb": ("lbs", "pound", "pounds"),
    "sq": ("square", "sqft"),
    "v": ("volt", "volts"),
    "w": ("watt", "watts"),
    "amp": ("amps", "ampere", "amperes"),
    "mm": ("millimeter", "millimeters", "millimetre", "millimetres"),
    "cm": ("centimeter", "centimeters", "centimetre", "centimetres"),
    "kg": ("kilo", "kilos", "kilogram", "kilograms"),
    "l": ("liter", "liters", "litre", "litres"),
}
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names}


def folded_words(text):
    """The words of a text in order, each in one form.

    In lower case, letters and numbers apart, units of measure by their symbols, English plurals as
    singulars. Words of one character start with an underscore, and underscores join the parts of a
    number, so that `WordNgramTfidf` keeps both.

    Examples
    --------
    >>> from sklearn_xmr._text.word_forms import folded_words
    >>> folded_words('3/4" hinges, 6 Foot (24x36 inches)')
    ['3_4', 'in', 'hinge', '_6', 'ft', '24', '_x', '36', 'in']
    """
    return [_folded(word) for word in _WORD.findall(text.lower())]


def plain_words(text):
    """The same words as people read them, without underscores.

    Examples
    --------
    >>> from sklearn_xmr._text.word_forms import plain_words
    >>> plain_words('3/4" hinges, 6 Foot')
    ['3/4', 'in', 'hinge', '6', 'ft']
    """
    return [_one_form(word) for word in _WORD.findall(text.lower())]


@lru_cache(maxsize=1 << 16)
def _folded(word):
    word = _one_form(word)
    if word[0].isdigit():
        word = re.sub("[.,/]", "_", word)
    return word if len(word) > 1 else f"_{word}"


def _one_form(word):
    return _UNIT_OF.get(word) or singular(word)


def singular(word):
    if len(word) < 4 or word[-1] != "s" or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("xes", "sses", "shes", "ches")) else word[:-1]
