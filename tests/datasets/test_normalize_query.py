"""The form of queries: against hand-made pairs, and once normalised, for good."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr.datasets import normalize_query

SWITCHES = ["lowercase", "is_prefix", "strip_accents", "split_hyphens", "strip_apostrophes"]
OPTIONS = st.fixed_dictionaries(
    {name: st.booleans() for name in [*SWITCHES, "split_syllables"]}
    | {"form": st.sampled_from(["NFC", "NFKC", None])}
)
# Syllables by the keys of a Korean keyboard.
SYLLABLES = {
    "가": "ㄱㅏ",
    "한": "ㅎㅏㄴ",
    "국": "ㄱㅜㄱ",
    "꽃": "ㄲㅗㅊ",
    "값": "ㄱㅏㅂㅅ",
    "의": "ㅇㅡㅣ",
    "힣": "ㅎㅣㅎ",
}


@pytest.mark.parametrize(
    ("query", "options", "normalized"),
    [
        ("cre\u0300me", {}, "cr\u00e8me"),
        ("cre\u0300me", {"form": None}, "cre\u0300me"),
        ("\uff21\uff22\u3000\ufb01 \u2460", {"form": "NFKC"}, "ab fi 1"),
        ("\uff21\uff22", {}, "\uff41\uff42"),
        ("Crème Brûlée", {"strip_accents": True}, "creme brulee"),
        ("Ωώ", {"strip_accents": True, "lowercase": False}, "Ωω"),
        ("שָׁלוֹם", {"strip_accents": True}, "שלום"),
        ("が", {"strip_accents": True}, "が"),
        ("हिन्दी", {"strip_accents": True}, "हिन्दी"),
        ("T-Shirt\u2014long", {"split_hyphens": True}, "t shirt long"),
        ("t-", {"split_hyphens": True, "is_prefix": True}, "t "),
        ("-", {"split_hyphens": True, "is_prefix": True}, ""),
        ("Men\u2019s rock'n'roll", {"strip_apostrophes": True}, "mens rocknroll"),
        ("", {}, ""),
    ],
)
def test_by_hand(query, options, normalized):
    assert normalize_query(query, **options) == normalized


@settings(deadline=None)
@given(st.text(), OPTIONS)
def test_once_is_enough(query, options):
    normalized = normalize_query(query, **options)
    assert normalize_query(normalized, **options) == normalized


@settings(deadline=None)
@given(st.text())
def test_what_is_canonically_equal_meets(query):
    for form in ("NFC", "NFKC"):
        forms = {
            normalize_query(unicodedata.normalize(other, query), form=form)
            for other in ("NFC", "NFD")
        }
        assert len(forms) == 1


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(SYLLABLES)), min_size=1, max_size=4))
def test_korean_keys(syllables):
    text = "".join(syllables)
    keys = "".join(SYLLABLES[syllable] for syllable in syllables)
    for form in ("NFC", "NFD"):
        typed = unicodedata.normalize(form, text)
        assert normalize_query(typed, split_syllables=True) == keys
    assert normalize_query(text) == text


def test_wrong_arguments():
    with pytest.raises(TypeError, match="query must be a str, got None"):
        normalize_query(None)
    with pytest.raises(ValueError, match="form must be 'NFC', 'NFKC' or None, got 'nfc'"):
        normalize_query("a", form="nfc")
