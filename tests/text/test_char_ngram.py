"""CharNgramTfidf against TfidfVectorizer, and against naive Python where that one cannot go."""

import re
from collections import Counter

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
    assert_equal_to_sklearn,
)
from sklearn_xmr import CharNgramTfidf


@given(
    documents=DOCUMENTS,
    new_documents=DOCUMENTS,
    shared=st.fixed_dictionaries(
        {
            "analyzer": st.sampled_from(["char", "char_wb"]),
            "ngram_range": st.sampled_from([(1, 1), (1, 3), (3, 3), (2, 5), (5, 5), (4, 50)]),
        },
        optional=SHARED_OPTIONS,
    ),
)
@settings(deadline=None, max_examples=250)
def test_equals_sklearn(documents, new_documents, shared):
    assert_equal_to_sklearn(CharNgramTfidf, documents, new_documents, **shared)


@pytest.mark.parametrize("analyzer", ["char", "char_wb"])
@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 3), (3, 3), (2, 5), (5, 5)])
@pytest.mark.parametrize("strip_accents", [None, "ascii", "unicode"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_equals_sklearn_on_unicode(analyzer, ngram_range, strip_accents, lowercase):
    assert_equal_to_sklearn(
        CharNgramTfidf,
        UNICODE_TEXTS,
        UNICODE_TEXTS[::-1],
        analyzer=analyzer,
        ngram_range=ngram_range,
        strip_accents=strip_accents,
        lowercase=lowercase,
    )


def test_callable_strip_accents():
    def swap(text):
        return text.replace("o", "öö")

    assert_equal_to_sklearn(
        CharNgramTfidf, TEXTS, TEXTS, analyzer="char", ngram_range=(2, 3), strip_accents=swap
    )


def test_defaults_are_word_bounded_trigrams_in_float32():
    X = CharNgramTfidf().fit_transform(TEXTS)
    expected = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3)).fit_transform(TEXTS)
    assert isinstance(X, sp.csr_matrix)
    assert X.dtype == np.float32
    assert X.indices.dtype == X.indptr.dtype == np.int32
    np.testing.assert_allclose(X.toarray(), expected.toarray(), rtol=1e-6)
    X.check_format(full_check=True)
    assert sp.csr_matrix((X.data, X.indices, X.indptr), shape=X.shape).has_canonical_format


# What TfidfVectorizer does not have


def naive_analyze(text, analyzer, min_n, max_n, prefix_weighting):
    """The n-grams of a text and what each counts."""
    text = text.lower()
    if analyzer == "char":
        spans = [re.sub(r"\s\s+", " ", text)]
    else:
        spans = [f" {w} " if analyzer == "char_wb" else f"{w}#" for w in text.split()]
    emitted = []
    for n in range(min_n, max_n + 1):
        i = 0
        for span in spans:
            if prefix_weighting == "word":
                i = 0
            ngrams = [span[j : j + n] for j in range(len(span) - n + 1)]
            if not ngrams and n == min_n and analyzer != "char":
                ngrams = [span]
            for ngram in ngrams:
                emitted.append((ngram, 1 / (i + 1) if prefix_weighting else 1))
                i += 1
    return emitted


def naive_tfidf(documents, **params):
    """Feature names and matrix, with smooth idf and the l2 norm."""
    analyzed = [naive_analyze(document, **params) for document in documents]
    names = sorted({ngram for document in analyzed for ngram, _ in document})
    column = {name: i for i, name in enumerate(names)}
    X = np.zeros((len(documents), len(names)))
    for row, document in zip(X, analyzed, strict=True):
        for ngram, weight in document:
            row[column[ngram]] += weight
    df = np.sum(X > 0, axis=0)
    X *= np.log((1 + len(documents)) / (1 + df)) + 1
    norm = np.sqrt(np.sum(X**2, axis=1, keepdims=True))
    return names, np.divide(X, norm, where=norm > 0, out=X)


@given(
    documents=DOCUMENTS.filter(lambda documents: any(map(str.split, documents))),
    analyzer=st.sampled_from(["char", "char_wb", "char_end"]),
    prefix_weighting=st.sampled_from([None, "string", "word"]),
    ngram_range=st.sampled_from([(1, 1), (1, 3), (2, 5)]),
)
@settings(deadline=None)
def test_equals_naive_twin(documents, analyzer, prefix_weighting, ngram_range):
    if analyzer == "char" and prefix_weighting == "word":
        prefix_weighting = "string"
    vectorizer = CharNgramTfidf(
        ngram_range, analyzer=analyzer, prefix_weighting=prefix_weighting, dtype=np.float64
    )
    names, expected = naive_tfidf(
        documents,
        analyzer=analyzer,
        min_n=ngram_range[0],
        max_n=ngram_range[1],
        prefix_weighting=prefix_weighting,
    )
    if not names:
        with pytest.raises(ValueError, match="empty vocabulary"):
            vectorizer.fit(documents)
        return
    X = vectorizer.fit_transform(documents)
    assert vectorizer.get_feature_names_out().tolist() == names
    np.testing.assert_allclose(X.toarray(), expected, rtol=1e-12)
    np.testing.assert_array_equal(vectorizer.transform(documents).toarray(), X.toarray())


@pytest.mark.parametrize(
    ("text", "ngrams"),
    [
        ("Echo with", "ech cho ho# wit ith th#"),  # codespell:ignore wit
        ("a", "a#"),
        ("a bc def", "a# bc# def ef#"),
    ],
)
def test_char_end(text, ngrams):
    vectorizer = CharNgramTfidf(analyzer="char_end").fit([text])
    assert vectorizer.get_feature_names_out().tolist() == sorted(ngrams.split())


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"analyzer": "char"}, {"ab": 1 + 1 / 3 + 1 / 6, "ba": 1 / 2, "b ": 1 / 4, " a": 1 / 5}),
        ({"analyzer": "char_end"}, {"ab": 1 + 1 / 3 + 1 / 5, "ba": 1 / 2, "b#": 1 / 4 + 1 / 6}),
        (
            {"analyzer": "char_end", "prefix_weighting": "word"},
            {"ab": 1 + 1 / 3 + 1, "ba": 1 / 2, "b#": 1 / 4 + 1 / 2},
        ),
    ],
)
def test_prefix_weighting_by_hand(params, expected):
    params = {"prefix_weighting": "string", **params}
    vectorizer = CharNgramTfidf((2, 2), use_idf=False, norm=None, **params)
    X = vectorizer.fit_transform(["abab ab"])
    counts = dict(zip(vectorizer.get_feature_names_out(), X.toarray()[0], strict=True))
    assert counts == pytest.approx(expected, rel=1e-6)


def test_each_order_has_its_own_places():
    vectorizer = CharNgramTfidf(
        (1, 2), analyzer="char", prefix_weighting="string", use_idf=False, norm=None
    )
    X = vectorizer.fit_transform(["abc"])
    assert vectorizer.get_feature_names_out().tolist() == ["a", "ab", "b", "bc", "c"]
    np.testing.assert_allclose(X.toarray()[0], [1, 1, 1 / 2, 1 / 2, 1 / 3], rtol=1e-6)


def test_frequencies_are_unweighted():
    # By weight, "a" (1) is before "b" (1/2 + 1/3 + 1/4); by number, behind it.
    params = {"analyzer": "char", "max_features": 1, "prefix_weighting": "string"}
    vectorizer = CharNgramTfidf((1, 1), **params).fit(["abbb"])
    assert vectorizer.get_feature_names_out().tolist() == ["b"]
    plain = CharNgramTfidf().fit(TEXTS)
    weighted = CharNgramTfidf(prefix_weighting="word").fit(TEXTS)
    np.testing.assert_array_equal(weighted.idf_, plain.idf_)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"analyzer": "char", "prefix_weighting": "word"}, "prefix_weighting='word'.*'char'"),
        ({"prefix_weighting": "string", "binary": True}, "prefix_weighting='string'.*binary"),
        ({"prefix_weighting": "word", "sublinear_tf": True}, "'word'.*sublinear_tf"),
    ],
)
def test_invalid_parameters(params, message):
    for method in (CharNgramTfidf.fit, CharNgramTfidf.fit_transform):
        with pytest.raises(ValueError, match=message):
            method(CharNgramTfidf(**params), TEXTS)


@pytest.mark.parametrize(
    "params",
    [
        {"analyzer": "word"},
        {"prefix_weighting": "char"},
    ],
)
def test_constrained_parameters(params):
    with pytest.raises(InvalidParameterError, match=f"The '{next(iter(params))}' parameter"):
        CharNgramTfidf(**params).fit(TEXTS)


def test_very_long_document():
    text = "".join(np.random.default_rng(0).choice(list("abcdefgh "), 1_000_000))
    vectorizer = CharNgramTfidf((4, 4), analyzer="char", norm=None, use_idf=False)
    X = vectorizer.fit_transform([text, "abcd"])
    squeezed = re.sub(r"\s\s+", " ", text)
    expected = Counter(squeezed[i : i + 4] for i in range(len(squeezed) - 3))
    counts = X[0].toarray()[0]
    assert dict(zip(vectorizer.get_feature_names_out(), counts, strict=True)) == expected


def test_long_range_and_long_words():
    # Long n-grams, most of which begin alike.
    documents = ["a" * 70 + "b" + "a" * 70, "a" * 69 + "b" + "a" * 70]
    assert_equal_to_sklearn(
        CharNgramTfidf, documents, documents, analyzer="char_wb", ngram_range=(1, 100)
    )
    assert_equal_to_sklearn(
        CharNgramTfidf, documents, documents, analyzer="char", ngram_range=(130, 10**30)
    )
