"""The form in which queries are counted as the same, however they were typed."""

import re
import unicodedata

from .._checks import described
from .._sklearn import InvalidParameterError

FORMS = "NFC", "NFKC", None

# Marks of a lower combining class make another letter, not an accented one: the voiced signs of
# Japanese, viramas and nuktas of Indian scripts. Points of Hebrew and Arabic begin here.
LEAST_CLASS_OF_ACCENTS = 10

HYPHENS = re.compile("[-\u00ad\u058a\u05be\u2010-\u2015\u2212\ufe58\ufe63\uff0d]+")
APOSTROPHES = re.compile("['`\u00b4\u02b9\u02bb\u02bc\u2018\u2019\u201b\u2032\uff07]+")

# The letters of Korean in the order of their codes in a syllable, and those for which one presses
# two keys.
INITIALS = list("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
VOWELS = list("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ")
FINALS = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
TWO_KEYS = {"ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ"}
TWO_KEYS |= {"ㅢ": "ㅡㅣ", "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ"}
TWO_KEYS |= {"ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ"}

FIRST_SYLLABLE, LAST_SYLLABLE = "\uac00", "\ud7a3"
SYLLABLES = re.compile(f"[{FIRST_SYLLABLE}-{LAST_SYLLABLE}]")
# Unicode has the letters once more, to be joined to syllables. Some cannot be.
JOINING = {0x1100 + i: letter for i, letter in enumerate(INITIALS)}
JOINING |= {0x1161 + i: letter for i, letter in enumerate(VOWELS)}
JOINING |= {0x11A7 + i: letter for i, letter in enumerate(FINALS) if letter}
TWO_KEYS = str.maketrans(TWO_KEYS)


def normalize_query(
    query,
    *,
    lowercase=True,
    is_prefix=False,
    form="NFC",
    strip_accents=False,
    split_hyphens=False,
    strip_apostrophes=False,
    split_syllables=False,
):
    """Bring a query to the form in which queries are counted as the same.

    White space of any kind becomes single spaces, none at either end.

    Parameters
    ----------
    query : str
        A query as somebody typed it.
    lowercase : bool, default=True
        Whether to change to lower case.
    is_prefix : bool, default=False
        Whether `query` is still being typed: then white space at its end becomes one space, as it
        says that the last word is complete.
    form : {"NFC", "NFKC", None}, default="NFC"
        The Unicode form. "NFC" makes equal what looks the same, "é" as one character or as two.
        "NFKC" also makes equal what means the same: full-width letters, ligatures, small numbers
        in circles.
    strip_accents : bool, default=False
        Whether to take accents off, and the points of Hebrew and Arabic. Marks that make another
        letter stay, as those of Japanese and Indian scripts do.
    split_hyphens : bool, default=False
        Whether hyphens and dashes of any kind become spaces: "t-shirt" becomes "t shirt".
    strip_apostrophes : bool, default=False
        Whether apostrophes of any kind are left out: "men's" becomes "mens".
    split_syllables : bool, default=False
        Whether Korean syllables are split into the letters that are typed. So a syllable that is
        not finished is the beginning of those that it may become. For comparison only: nobody
        wants to read the result.

    Returns
    -------
    str
        The normalised query, which may be empty. Normalised once more, it stays the same.

    Raises
    ------
    TypeError
        If `query` is not a str.
    ValueError
        If `form` is not one of the three.

    See Also
    --------
    QueryAutocompleter : Takes this as its `normalizer`.

    Examples
    --------
    >>> from sklearn_xmr.datasets import normalize_query
    >>> normalize_query("  Data  Mining ")
    'data mining'
    >>> normalize_query(" Data  ", is_prefix=True)
    'data '
    >>> normalize_query("Men’s T-Shirt", split_hyphens=True, strip_apostrophes=True)
    'mens t shirt'
    >>> normalize_query("Crème brûlée", strip_accents=True)
    'creme brulee'

    "ha" and "han" are on the way to the second one's first syllable, and "han" to "hana":

    >>> [normalize_query(text, split_syllables=True) for text in ("하", "한", "하나")]
    ['ㅎㅏ', 'ㅎㅏㄴ', 'ㅎㅏㄴㅏ']
    """
    if not isinstance(query, str):
        raise TypeError(f"query must be a str, got {described(query)}.")
    if form not in FORMS:
        raise InvalidParameterError(f"form must be 'NFC', 'NFKC' or None, got {form!r}.")
    text = str.__str__(query)
    if form and not text.isascii():
        text = unicodedata.normalize(form, text)
    if strip_accents and not text.isascii():
        text = _without_accents(text, form)
    if split_hyphens:
        text = HYPHENS.sub(" ", text)
    if strip_apostrophes:
        text = APOSTROPHES.sub("", text)
    if lowercase:
        text = _lower(text, form)
    if split_syllables and not text.isascii():
        text = SYLLABLES.sub(_letters, text).translate(JOINING).translate(TWO_KEYS)
    normalized = " ".join(text.split())
    if is_prefix and normalized and text[-1].isspace():
        normalized += " "
    return normalized


def _without_accents(text, form):
    decomposed = unicodedata.normalize("NFD", text)
    kept = [mark for mark in decomposed if unicodedata.combining(mark) < LEAST_CLASS_OF_ACCENTS]
    return unicodedata.normalize(form or "NFC", "".join(kept))


def _lower(text, form):
    lowered = text.lower()
    if form and not lowered.isascii():  # a capital may become a letter and a mark
        lowered = unicodedata.normalize(form, lowered)
    return lowered


def _letters(match):
    code = ord(match[0]) - ord(FIRST_SYLLABLE)
    initial, vowel, final = code // 588, code % 588 // 28, code % 28
    return INITIALS[initial] + VOWELS[vowel] + FINALS[final]
