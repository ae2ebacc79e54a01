"""Words in one form each."""

import pytest

from sklearn_xmr import WordNgramTfidf
from sklearn_xmr._text.word_forms import folded_words


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("6 foot ladders", "6 ft. Ladder"),
        ("3/4 inch hinge", '3/4" Hinges'),
        ("24x36 boxes", "24 x 36 box"),
        ("5 gallon batteries", "5-gal. battery"),
        ("120volt switch", "120-Volt Switch"),
        ("glass brushes", "GLASS brush"),
    ],
)
def test_what_is_typed_is_what_is_written(typed, written):
    assert folded_words(typed) == folded_words(written)


@pytest.mark.parametrize("word", ["glass", "gas", "status", "basis", "houses", "été", "straße"])
def test_other_words_keep_what_tells_them_apart(word):
    expected = "house" if word == "houses" else word
    assert folded_words(word) == [expected]


def test_a_vectorizer_finds_the_same_words():
    text = '3/4" hinges, 6 Foot (24x36.5 inches) a'
    vectorizer = WordNgramTfidf(norm=None, use_idf=False).fit([" ".join(folded_words(text))])
    assert set(vectorizer.get_feature_names_out()) == set(folded_words(text))
