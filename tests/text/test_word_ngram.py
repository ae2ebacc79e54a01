"""WordNgramTfidf against TfidfVectorizer."""

import unicodedata

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils._param_validation import InvalidParameterError

from helpers.ngram_texts import (
    DOCUMENTS,
    SHARED_OPTIONS,
    TEXTS,
    UNICODE_TEXTS,
    assert_equal_outcomes,
    assert_equal_to_sklearn,
    outcome,
)
from sklearn_xmr import WordNgramTfidf
from sklearn_xmr.datasets import load_book_subjects

RANGES = [(1, 1), (1, 2), (2, 2), (1, 3), (2, 5), (4, 50)]
# Few words, so that phrases come again; words that are too short, and what may stand between them.
WORDS = st.sampled_from(["the", "The", "an", "a", "éß", "Σσ", "x1", "_9", "中文", "²½", "\ud800b"])
GAPS = st.sampled_from([" ", "  ", "-", "\t", "\u3000", "\u0301", "'", "👩\u200d"])
PHRASES = st.lists(
    st.lists(st.tuples(WORDS, GAPS), max_size=8).map(lambda parts: "".join(map("".join, parts))),
    min_size=1,
    max_size=8,
)
TEXTS_OF_ANY_KIND = st.one_of(DOCUMENTS, PHRASES)


@given(
    documents=TEXTS_OF_ANY_KIND,
    new_documents=TEXTS_OF_ANY_KIND,
    params=st.fixed_dictionaries(
        {"ngram_range": st.sampled_from(RANGES)},
        optional={
            **SHARED_OPTIONS,
            "stop_words": st.sampled_from(["english", [], ["the"], ["éß", "the an", "", "a"]]),
        },
    ),
)
@settings(deadline=None, max_examples=300)
@pytest.mark.filterwarnings("ignore:Your stop_words may be inconsistent:UserWarning")
def test_equals_sklearn(documents, new_documents, params):
    assert_equal_to_sklearn(WordNgramTfidf, documents, new_documents, **params)


@pytest.mark.parametrize("ngram_range", RANGES)
@pytest.mark.parametrize("strip_accents", [None, "ascii", "unicode"])
@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("stop_words", [None, "english"])
def test_equals_sklearn_on_unicode(ngram_range, strip_accents, lowercase, stop_words):
    assert_equal_to_sklearn(
        WordNgramTfidf,
        UNICODE_TEXTS + TEXTS,
        UNICODE_TEXTS[::-1],
        ngram_range=ngram_range,
        strip_accents=strip_accents,
        lowercase=lowercase,
        stop_words=stop_words,
    )


@pytest.mark.parametrize(
    "params",
    [
        {"ngram_range": (1, 2), "min_df": 2, "sublinear_tf": True},
        {"ngram_range": (2, 3), "stop_words": "english", "max_features": 20_000},
    ],
)
def test_equals_sklearn_on_titles(params):
    books = load_book_subjects()
    assert_equal_to_sklearn(WordNgramTfidf, books.train_texts, books.test_texts, **params)


# What "letters_and_digits" stands for.
MARKS = "".join(chr(code) for code in range(0xE0200) if unicodedata.category(chr(code))[0] == "M")
LETTERS_AND_DIGITS = rf"[^\W_](?:[^\W_]|[{MARKS}\u200c\u200d])*"
NEW_WORDS = [
    "C 5 V, 1/2 of WF45H6100AG_20v!",
    "हिन्दी में தமிழ் ภาษาไทย",
    "می\u200cخواهم \u0301a",  # noqa: RUF001
    "é e\u0301",
]


@pytest.mark.filterwarnings("ignore:Your stop_words may be inconsistent:UserWarning")
@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 3)])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("letters_and_digits", LETTERS_AND_DIGITS),
        (r"(?u)\b\w+\b", r"(?u)\b\w+\b"),
        (r"[a-z]([a-z]+)", r"[a-z]([a-z]+)"),
        (r"\d+/\d+|\w+", r"\d+/\d+|\w+"),
        (r"\S+ \S+", r"\S+ \S+"),
        ("(a)(b)", "(a)(b)"),
    ],
)
def test_token_pattern_equals_sklearn(ours, theirs, ngram_range):
    documents = UNICODE_TEXTS + TEXTS + NEW_WORDS
    params = {"ngram_range": ngram_range, "stop_words": ["the"]}
    expected = outcome(TfidfVectorizer(token_pattern=theirs, **params), documents, NEW_WORDS)
    vectorizer = WordNgramTfidf(token_pattern=ours, dtype=np.float64, **params)
    assert_equal_outcomes(expected, outcome(vectorizer, documents, NEW_WORDS))


@given(documents=TEXTS_OF_ANY_KIND)
@settings(deadline=None)
def test_letters_and_digits_equal_their_pattern(documents):
    expected = outcome(TfidfVectorizer(token_pattern=LETTERS_AND_DIGITS), documents, documents)
    vectorizer = WordNgramTfidf(token_pattern="letters_and_digits", dtype=np.float64)
    assert_equal_outcomes(expected, outcome(vectorizer, documents, documents))


@pytest.mark.parametrize("params", [{}, {"lowercase": False}, {"strip_accents": "ascii"}])
def test_tokenizer_equals_sklearn(params):
    params = {"tokenizer": str.split, "ngram_range": (1, 2), **params}
    expected = outcome(TfidfVectorizer(token_pattern=None, **params), UNICODE_TEXTS, TEXTS)
    assert_equal_outcomes(
        expected, outcome(WordNgramTfidf(dtype=np.float64, **params), UNICODE_TEXTS, TEXTS)
    )


def test_faults_of_words():
    with pytest.raises(ValueError, match=r"token_pattern must be a regular expression, 'letters"):
        WordNgramTfidf(token_pattern="(").fit(TEXTS)
    for tokenizer in (lambda text: [1], lambda text: 1):
        with pytest.raises(TypeError, match="tokenizer must return an iterable of str, got 1 of"):
            WordNgramTfidf(tokenizer=tokenizer).fit(TEXTS)
    with pytest.warns(UserWarning, match="The parameter 'token_pattern' will not be used"):
        WordNgramTfidf(tokenizer=str.split, token_pattern="a").fit(TEXTS)


@pytest.mark.parametrize("form", ["NFC", "NFKC"])
@pytest.mark.parametrize("params", [{}, {"strip_accents": "unicode"}, {"lowercase": False}])
def test_normalized_texts(form, params):
    documents = [*UNICODE_TEXTS, *NEW_WORDS, "\uff21\uff22\uff23 ﬁne"]
    normalized = [unicodedata.normalize(form, document) for document in documents]
    actual = WordNgramTfidf(normalize=form, **params).fit(documents)
    expected = WordNgramTfidf(**params).fit(normalized)
    assert actual.vocabulary_ == expected.vocabulary_
    np.testing.assert_array_equal(
        actual.transform(documents).toarray(), expected.transform(normalized).toarray()
    )


def test_callable_strip_accents():
    def swap(text):
        return text.replace("o", " öö_")

    assert_equal_to_sklearn(WordNgramTfidf, TEXTS, TEXTS, ngram_range=(1, 2), strip_accents=swap)


def test_defaults_are_words_in_float32():
    X = WordNgramTfidf().fit_transform(TEXTS)
    assert isinstance(X, sp.csr_matrix)
    assert X.dtype == np.float32
    np.testing.assert_allclose(
        X.toarray(), TfidfVectorizer().fit_transform(TEXTS).toarray(), rtol=1e-6
    )


def test_long_ranges_and_long_words():
    documents = ["ab " * 70 + "ba " * 70, "ab" * 500 + " " + "ab" * 499, "ab " * 69 + "ba " * 70]
    for ngram_range in [(1, 100), (130, 10**30)]:
        assert_equal_to_sklearn(WordNgramTfidf, documents, documents, ngram_range=ngram_range)


def test_stop_words_are_dropped_before_ngrams_are_formed():
    vectorizer = WordNgramTfidf((2, 2), stop_words=["of", "the", "of"])
    vectorizer.fit(["The theory of the graph", "of the", "graph"])
    assert vectorizer.get_feature_names_out().tolist() == ["theory graph"]


def test_only_stop_words():
    with pytest.raises(ValueError, match="empty vocabulary; perhaps the documents only contain"):
        WordNgramTfidf(stop_words="english").fit(["the", "The The"])


@pytest.mark.parametrize("stop_words", [["don't"], ["The", "up-to-date", "THE"]])
def test_warns_of_stop_words_that_texts_cannot_have(stop_words):
    messages = []
    for vectorizer in (
        TfidfVectorizer(stop_words=stop_words),
        WordNgramTfidf(stop_words=stop_words),
    ):
        with pytest.warns(UserWarning, match="Your stop_words may be inconsistent") as warned:
            vectorizer.fit(TEXTS)
        messages.append([str(warning.message) for warning in warned])
    assert messages[0] == messages[1]


@pytest.mark.parametrize("stop_words", ["french", {"the": 1}, 3])
def test_constrained_stop_words(stop_words):
    with pytest.raises(InvalidParameterError, match="The 'stop_words' parameter"):
        WordNgramTfidf(stop_words=stop_words).fit(TEXTS)


@pytest.mark.parametrize("container", [list, tuple, set, frozenset])
def test_stop_words_in_any_container(container):
    X = WordNgramTfidf(stop_words=container(["the", "an"])).fit_transform(TEXTS)
    expected = TfidfVectorizer(stop_words=["the", "an"]).fit_transform(TEXTS)
    np.testing.assert_allclose(X.toarray(), expected.toarray(), rtol=1e-6)


@pytest.mark.parametrize("stop_word", [3, None, b"the"])
def test_stop_words_must_be_text(stop_word):
    with pytest.raises(TypeError, match=r"stop_words must be words of type str, got"):
        WordNgramTfidf(stop_words=["the", stop_word]).fit(TEXTS)
