"""CharNgramTfidf against TfidfVectorizer, and against naive Python where that one cannot go."""

import pickle
import re
from collections import Counter

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.utils import get_tags
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.estimator_checks import check_estimator_cloneable
from sklearn.utils.validation import check_is_fitted

from sklearn_xmr import CharNgramTfidf, _ngram_counts

TEXTS = [
    "Echo with clock",
    "echo  dot,\t3rd generation",
    "An echo in the night: the night echoes",
    "a",
    "",
    " \n ",
]
# Accents composed and combining, case that changes length or depends on what follows, emoji with
# joiners, every kind of white space, what is not text at all.
UNICODE_TEXTS = [
    "Äiti söi öljyä yössä",
    "e\u0301cole École ÉCOLE",
    "İstanbul ıstanbul I\u0307",  # noqa: RUF001
    "ΟΔΥΣΣΕΥΣ ΣΑΣ. Σ Σ'Σ",
    "ΟΔΥΣ",
    "Σ",
    "Straße STRASSE ﬁn ǅ",
    "中文 漢字處理",
    "日本語\u3000全角",
    "👩\u200d👩\u200d👧 🎉🎉",
    "\ud800 \udfff\ud83d",
    "\0a\0\0b\0",
    "a\x1cb\x85c\xa0d\u2003\u2003e\u2028f",
    "\U0010ffff\uffff",
]
ALPHABET = "abcAB  \t\n\xa0\u3000éÉßİΣσς\u0301äÖ中文漢🎉👩\u200d\ud800\0\x1c\x85#_1"  # noqa: RUF001
DOCUMENTS = st.lists(st.text(st.sampled_from(ALPHABET), max_size=30), min_size=1, max_size=8)


def outcome(vectorizer, documents, new_documents):
    """All that can be seen of a vectorizer, or its error."""
    try:
        X = vectorizer.fit_transform(documents)
    except Exception as error:
        return type(error), str(error)
    names = vectorizer.get_feature_names_out()
    return X, vectorizer.transform(new_documents), names, vectorizer


def assert_equal_to_sklearn(documents, new_documents, **params):
    expected = outcome(TfidfVectorizer(**params), documents, new_documents)
    actual = outcome(CharNgramTfidf(**params, dtype=np.float64), documents, new_documents)
    if len(expected) == 2:
        assert actual == expected
        return
    for X, Y in zip(expected[:2], actual[:2], strict=True):
        X.sort_indices()
        np.testing.assert_array_equal(Y.indptr, X.indptr)
        np.testing.assert_array_equal(Y.indices, X.indices)
        np.testing.assert_allclose(Y.data, X.data, rtol=1e-12)
    assert actual[2].dtype == object
    assert actual[2].tolist() == expected[2].tolist()
    assert actual[3].vocabulary_ == expected[3].vocabulary_
    if params.get("use_idf", True):
        np.testing.assert_allclose(actual[3].idf_, expected[3].idf_, rtol=1e-12)


@given(
    documents=DOCUMENTS,
    new_documents=DOCUMENTS,
    shared=st.fixed_dictionaries(
        {
            "analyzer": st.sampled_from(["char", "char_wb"]),
            "ngram_range": st.sampled_from([(1, 1), (1, 3), (3, 3), (2, 5), (5, 5), (4, 50)]),
        },
        optional={
            "lowercase": st.booleans(),
            "strip_accents": st.sampled_from(["ascii", "unicode", None]),
            "min_df": st.sampled_from([1, 2, 0.3]),
            "max_df": st.sampled_from([1, 3, 0.8]),
            "max_features": st.sampled_from([1, 3, 10]),
            "binary": st.booleans(),
            "sublinear_tf": st.booleans(),
            "use_idf": st.booleans(),
            "smooth_idf": st.booleans(),
            "norm": st.sampled_from(["l1", "l2", None]),
        },
    ),
)
@settings(deadline=None, max_examples=250)
def test_equals_sklearn(documents, new_documents, shared):
    assert_equal_to_sklearn(documents, new_documents, **shared)


@pytest.mark.parametrize("analyzer", ["char", "char_wb"])
@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 3), (3, 3), (2, 5), (5, 5)])
@pytest.mark.parametrize("strip_accents", [None, "ascii", "unicode"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_equals_sklearn_on_unicode(analyzer, ngram_range, strip_accents, lowercase):
    assert_equal_to_sklearn(
        UNICODE_TEXTS,
        UNICODE_TEXTS[::-1],
        analyzer=analyzer,
        ngram_range=ngram_range,
        strip_accents=strip_accents,
        lowercase=lowercase,
    )


def test_equals_sklearn_over_many_chunks(monkeypatch):
    monkeypatch.setattr(_ngram_counts, "CHUNK_SIZE", 20)
    for params in ({}, {"min_df": 2}, {"max_features": 9}, {"binary": True}):
        assert_equal_to_sklearn(
            TEXTS + UNICODE_TEXTS, TEXTS, analyzer="char_wb", ngram_range=(2, 4), **params
        )


def test_equally_frequent_terms_are_cut_as_sklearn_does():
    # Thousands of ties, for sort algorithms differ on them only where there are many.
    rng = np.random.default_rng(0)
    documents = ["".join(map(chr, rng.integers(97, 123, 200))) for _ in range(30)]
    for max_features in (10, 100, 1000, 3000):
        ours = CharNgramTfidf((3, 3), analyzer="char", max_features=max_features)
        theirs = TfidfVectorizer(ngram_range=(3, 3), analyzer="char", max_features=max_features)
        names = theirs.fit(documents).get_feature_names_out().tolist()
        assert ours.fit(documents).get_feature_names_out().tolist() == names


def test_callable_strip_accents():
    def swap(text):
        return text.replace("o", "öö")

    assert_equal_to_sklearn(TEXTS, TEXTS, analyzer="char", ngram_range=(2, 3), strip_accents=swap)


def test_defaults_are_word_bounded_trigrams_in_float32():
    X = CharNgramTfidf().fit_transform(TEXTS)
    expected = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3)).fit_transform(TEXTS)
    assert isinstance(X, sp.csr_matrix)
    assert X.dtype == np.float32
    assert X.indices.dtype == X.indptr.dtype == np.int32
    np.testing.assert_allclose(X.toarray(), expected.toarray(), rtol=1e-6)
    X.check_format(full_check=True)
    assert sp.csr_matrix((X.data, X.indices, X.indptr), shape=X.shape).has_canonical_format


def test_sparse_interface_of_sklearn_is_honoured():
    with config_context(sparse_interface="sparray"):
        vectorizer = CharNgramTfidf()
        assert isinstance(vectorizer.fit_transform(TEXTS), sp.csr_array)
        assert isinstance(vectorizer.transform(TEXTS), sp.csr_array)


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
        ({"ngram_range": (3, 2)}, r"ngram_range=\(3, 2\) lower boundary larger"),
        ({"ngram_range": (0, 2)}, "ngram_range must begin at 1 or more, got"),
        ({"ngram_range": (1, 2, 3)}, "ngram_range must be a tuple of two ints, got"),
        ({"ngram_range": (1, 2.5)}, "ngram_range must be a tuple of two ints, got"),
        ({"dtype": np.int32}, "dtype must be numpy.float32 or numpy.float64, got"),
        ({"dtype": "no such"}, "dtype must be numpy.float32 or numpy.float64, got 'no such'"),
        ({"min_df": 4, "max_df": 2}, "max_df corresponds to < documents than min_df"),
        ({"min_df": 6}, "After pruning, no terms remain"),
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
        {"ngram_range": [1, 2]},
        {"prefix_weighting": "char"},
        {"norm": "max"},
        {"min_df": -1},
        {"max_df": 1.5},
        {"max_features": 0},
        {"vocabulary": 3},
        {"strip_accents": "latin"},
        {"n_jobs": 1.5},
    ],
)
def test_constrained_parameters(params):
    with pytest.raises(InvalidParameterError, match=f"The '{next(iter(params))}' parameter"):
        CharNgramTfidf(**params).fit(TEXTS)


# Texts


@pytest.mark.parametrize(
    ("documents", "error", "message"),
    [
        ("a text", ValueError, "Iterable over raw text documents expected, string object"),
        (b"a text", ValueError, "Iterable over raw text documents expected, string object"),
        (["a text", np.nan], ValueError, "np.nan is an invalid document"),
        (["a text", None], TypeError, r"raw_documents\[1\] must be str or bytes, got None"),
        ([["a text"]], TypeError, r"raw_documents\[0\] must be str or bytes, got \['a text'\]"),
        ([b"\xff"], UnicodeDecodeError, "utf-8"),
        (np.array([["a", "b"]]), ValueError, r"one-dimensional.*ndarray of shape \(1, 2\)"),
        (pd.DataFrame({"a": ["b"]}), ValueError, r"one-dimensional.*DataFrame of shape \(1, 1\)"),
        (3, TypeError, "iterable"),
        (None, TypeError, "iterable"),
    ],
)
def test_invalid_documents(documents, error, message):
    vectorizer = CharNgramTfidf().fit(TEXTS)
    for method in (CharNgramTfidf().fit, CharNgramTfidf().fit_transform, vectorizer.transform):
        with pytest.raises(error, match=message):
            method(documents)


def test_no_documents_or_no_terms():
    for documents in ([], [""], ["", " \n"]):
        with pytest.raises(ValueError, match="empty vocabulary; perhaps the documents only"):
            CharNgramTfidf().fit(documents)
    message = r"Found array with 0 sample\(s\) \(shape=\(0, 1\)\) while a minimum of 1"
    with pytest.raises(ValueError, match=message):
        CharNgramTfidf(vocabulary=["abc"]).fit([])
    with pytest.raises(ValueError, match=message):
        CharNgramTfidf().fit(["a"]).transform([])


def test_strip_accents_must_give_text():
    with pytest.raises(TypeError, match="strip_accents must return str, got NoneType"):
        CharNgramTfidf(strip_accents=lambda text: None).fit(TEXTS)


@pytest.mark.parametrize(
    "convert",
    [
        tuple,
        np.array,
        lambda texts: np.array(texts, dtype=object),
        pd.Series,
        iter,
        dict.fromkeys,
        lambda texts: [text.encode() for text in texts],
    ],
)
def test_kinds_of_iterables(convert):
    vectorizer = CharNgramTfidf()
    expected = vectorizer.fit_transform(TEXTS).toarray()
    np.testing.assert_array_equal(vectorizer.fit_transform(convert(TEXTS)).toarray(), expected)
    np.testing.assert_array_equal(vectorizer.transform(convert(TEXTS)).toarray(), expected)


def test_documents_without_known_terms():
    X = CharNgramTfidf().fit(TEXTS).transform(["xyz", "", "\0"])
    assert X.shape[0] == 3
    assert X.nnz == 0


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
    assert_equal_to_sklearn(documents, documents, analyzer="char_wb", ngram_range=(1, 100))
    assert_equal_to_sklearn(documents, documents, analyzer="char", ngram_range=(130, 10**30))


# Vocabulary and idf


@pytest.mark.parametrize(
    "vocabulary",
    [
        {"ech": 1, "zzz": 0, "cho": 2, "é": 3},
        ["ech", "zzz", "", "cho"],
        {"ech", "cho"},
        ("night", "ech"),
        pd.Series(["ech", "\0\0\0", "cho"]),
    ],
)
@pytest.mark.parametrize("use_idf", [True, False])
def test_given_vocabulary(vocabulary, use_idf):
    params = {"vocabulary": vocabulary, "analyzer": "char_wb", "use_idf": use_idf}
    assert_equal_to_sklearn(TEXTS, TEXTS[:2], ngram_range=(3, 3), **params)
    vectorizer = CharNgramTfidf(vocabulary=vocabulary)
    assert set(vectorizer.get_feature_names_out()) == set(vocabulary)  # before fitting, too
    assert vectorizer.fit(TEXTS).fixed_vocabulary_
    assert not CharNgramTfidf().fit(TEXTS).fixed_vocabulary_


@pytest.mark.parametrize(
    ("vocabulary", "error", "message"),
    [
        ({}, ValueError, "empty vocabulary passed to fit"),
        ([], ValueError, "empty vocabulary passed to fit"),
        (["abc", "abc"], ValueError, "Duplicate term in vocabulary: 'abc'"),
        ({"abc": 0, "abe": 0}, ValueError, "Vocabulary contains repeated indices."),
        ({"abc": 0, "abe": 2}, ValueError, "Vocabulary of size 2 doesn't contain index 1."),
        (["abc", 3], TypeError, "vocabulary must have terms of type str, got 3 of type int"),
    ],
)
def test_invalid_vocabulary(vocabulary, error, message):
    with pytest.raises(error, match=message):
        CharNgramTfidf(vocabulary=vocabulary).fit(TEXTS)


def test_warns_of_terms_in_upper_case():
    with pytest.warns(UserWarning, match="Upper case characters found in vocabulary"):
        CharNgramTfidf(vocabulary=["Ech"]).fit(TEXTS)
    CharNgramTfidf(vocabulary=["Ech"], lowercase=False).fit(TEXTS)


def test_idf_can_be_set():
    source = CharNgramTfidf().fit(TEXTS)
    expected = source.transform(TEXTS).toarray()
    copy = CharNgramTfidf(vocabulary=source.vocabulary_)
    copy.idf_ = source.idf_
    np.testing.assert_array_equal(copy.transform(TEXTS).toarray(), expected)
    source.idf_ = source.idf_ * 2
    np.testing.assert_allclose(source.transform(TEXTS).toarray(), expected, rtol=1e-6)
    with pytest.raises(ValueError, match="idf length = 2 must be equal to vocabulary size"):
        source.idf_ = [1, 2]
    with pytest.raises(ValueError, match="cannot be set when `use_idf=False`"):
        CharNgramTfidf(vocabulary=["abc"], use_idf=False).idf_ = [1]
    with pytest.raises(NotFittedError):
        CharNgramTfidf().idf_ = [1]


# A scikit-learn estimator


@pytest.mark.parametrize("params", [{}, {"prefix_weighting": "word"}, {"ngram_range": (2, 5)}])
def test_same_for_every_n_jobs(monkeypatch, params):
    documents = (TEXTS + UNICODE_TEXTS) * 5
    expected = CharNgramTfidf(**params).fit_transform(documents)
    monkeypatch.setattr(_ngram_counts, "CHUNK_SIZE", 100)
    for n_jobs in (1, 2, 4):
        vectorizer = CharNgramTfidf(**params, n_jobs=n_jobs)
        for X in (vectorizer.fit_transform(documents), vectorizer.transform(documents)):
            for name in ("indptr", "indices", "data"):
                actual = getattr(X, name)
                np.testing.assert_array_equal(actual, getattr(expected, name), strict=True)


def test_tags_and_clone():
    tags = get_tags(CharNgramTfidf())
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.requires_fit
    check_estimator_cloneable("CharNgramTfidf", CharNgramTfidf())
    vectorizer = CharNgramTfidf((1, 2), analyzer="char_end", n_jobs=2, vocabulary=["a"])
    copy = clone(vectorizer.fit(TEXTS))
    assert copy.get_params() == vectorizer.get_params()
    with pytest.raises(NotFittedError):
        copy.transform(TEXTS)


def test_not_fitted():
    vectorizer = CharNgramTfidf()
    with pytest.raises(NotFittedError, match="The TF-IDF vectorizer is not fitted"):
        vectorizer.transform(TEXTS)
    with pytest.raises(NotFittedError, match="Vocabulary not fitted or provided"):
        vectorizer.get_feature_names_out()
    with pytest.raises(NotFittedError, match="CharNgramTfidf is not fitted yet"):
        vectorizer.idf_  # noqa: B018
    with pytest.raises(NotFittedError):
        check_is_fitted(vectorizer)
    assert not hasattr(vectorizer, "vocabulary_")
    assert not hasattr(CharNgramTfidf(use_idf=False).fit(TEXTS), "idf_")


def test_fit_returns_self_and_forgets_what_was():
    documents = list(TEXTS)
    vectorizer = CharNgramTfidf(use_idf=True)
    assert vectorizer.fit(UNICODE_TEXTS) is vectorizer
    assert len(vectorizer.vocabulary_) == len(vectorizer.get_feature_names_out())
    assert vectorizer.fit(documents) is vectorizer
    check_is_fitted(vectorizer)
    fresh = CharNgramTfidf().fit(documents)
    assert vectorizer.vocabulary_ == fresh.vocabulary_
    np.testing.assert_array_equal(vectorizer.idf_, fresh.idf_)
    X = vectorizer.fit_transform(documents)
    np.testing.assert_array_equal(fresh.transform(documents).toarray(), X.toarray())
    assert documents == TEXTS


def test_failed_fit_changes_nothing():
    vectorizer = CharNgramTfidf().fit(TEXTS)
    before = pickle.dumps(vectorizer)
    for documents in (["", ""], [None], "text"):
        with pytest.raises((ValueError, TypeError)):
            vectorizer.fit(documents)
    assert pickle.dumps(vectorizer) == before


@pytest.mark.parametrize("params", [{}, {"strip_accents": "unicode", "ngram_range": (1, 6)}])
def test_pickle_and_memory_map(tmp_path, params):
    vectorizer = CharNgramTfidf(**params).fit(TEXTS)
    size = len(pickle.dumps(vectorizer))
    vocabulary = vectorizer.vocabulary_
    data = pickle.dumps(vectorizer)
    assert len(data) == size  # the dict is not stored
    path = joblib.dump(vectorizer, tmp_path / "vectorizer.joblib")[0]
    for copy in (pickle.loads(data), joblib.load(path, mmap_mode="r")):
        actual = copy.transform(UNICODE_TEXTS + TEXTS).toarray()
        expected = vectorizer.transform(UNICODE_TEXTS + TEXTS).toarray()
        np.testing.assert_array_equal(actual, expected)
        assert copy.vocabulary_ == vocabulary


@pytest.mark.parametrize("dtype", [np.float32, np.float64, "float32", float])
def test_dtype(dtype):
    vectorizer = CharNgramTfidf(dtype=dtype)
    assert vectorizer.fit_transform(TEXTS).dtype == np.dtype(dtype)
    assert vectorizer.transform(TEXTS).dtype == np.dtype(dtype)
    assert vectorizer.idf_.dtype == np.dtype(dtype)


def test_works_in_sklearn_compositions():
    frame = pd.DataFrame({"title": TEXTS, "brand": TEXTS[::-1]})
    by_column = make_column_transformer(
        (CharNgramTfidf(), "title"), (CharNgramTfidf(analyzer="char_end"), "brand")
    )
    X = by_column.fit_transform(frame)
    assert by_column.get_feature_names_out()[0] == "charngramtfidf-1__ 3r"
    assert X.shape == (6, len(by_column.get_feature_names_out()))
    union = make_union(TfidfVectorizer(), CharNgramTfidf())
    search = GridSearchCV(
        make_pipeline(union, LogisticRegression()),
        {
            "featureunion__charngramtfidf__analyzer": ["char", "char_end"],
            "featureunion__charngramtfidf__ngram_range": [(1, 2), (3, 3)],
        },
        cv=2,
        error_score="raise",
    ).fit(TEXTS[:3] * 4, [0, 1, 2] * 4)
    assert search.predict(TEXTS[:3]).tolist() == [0, 1, 2]
