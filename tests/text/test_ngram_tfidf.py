"""What `CharNgramTfidf` and `WordNgramTfidf` have in common."""

import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
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

from helpers.ngram_texts import TEXTS, UNICODE_TEXTS, assert_equal_to_sklearn
from helpers.sklearn_config import sparse_interface
from sklearn_xmr import CharNgramTfidf, WordNgramTfidf
from sklearn_xmr._text import strings

# Parameters with which they do what `TfidfVectorizer` does.
COMPARABLE = {
    CharNgramTfidf: {"analyzer": "char_wb", "ngram_range": (3, 3)},
    WordNgramTfidf: {"ngram_range": (1, 2)},
}


@pytest.fixture(params=COMPARABLE, ids=lambda vectorizer_class: vectorizer_class.__name__)
def vectorizer_class(request):
    return request.param


def test_equals_sklearn_over_many_chunks(vectorizer_class, monkeypatch):
    monkeypatch.setattr(strings, "CHUNK_SIZE", 20)
    for params in ({}, {"min_df": 2}, {"max_features": 9}, {"binary": True}):
        params |= COMPARABLE[vectorizer_class]
        assert_equal_to_sklearn(vectorizer_class, TEXTS + UNICODE_TEXTS, TEXTS, **params)


def test_equally_frequent_terms_are_cut_as_sklearn_does(vectorizer_class):
    # Thousands of ties, for sort algorithms differ on them only where there are many.
    rng = np.random.default_rng(0)
    letters = list("abcdefghijklmnopqrstuvwxyz  ")
    documents = ["".join(rng.choice(letters, 600)) for _ in range(30)]
    for max_features in (10, 100, 1000, 3000):
        params = {**COMPARABLE[vectorizer_class], "max_features": max_features}
        ours, theirs = vectorizer_class(**params), TfidfVectorizer(**params)
        names = theirs.fit(documents).get_feature_names_out().tolist()
        assert ours.fit(documents).get_feature_names_out().tolist() == names


def test_sparse_interface_of_sklearn_is_honoured(vectorizer_class):
    with sparse_interface("sparray"):
        vectorizer = vectorizer_class()
        assert isinstance(vectorizer.fit_transform(TEXTS), sp.csr_array)
        assert isinstance(vectorizer.transform(TEXTS), sp.csr_array)


# Parameters


@pytest.mark.parametrize(
    ("params", "message"),
    [
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
def test_invalid_parameters(vectorizer_class, params, message):
    for method in (vectorizer_class.fit, vectorizer_class.fit_transform):
        with pytest.raises(ValueError, match=message):
            method(vectorizer_class(**params), TEXTS)


@pytest.mark.parametrize(
    "params",
    [
        {"ngram_range": [1, 2]},
        {"norm": "max"},
        {"min_df": -1},
        {"max_df": 1.5},
        {"max_features": 0},
        {"vocabulary": 3},
        {"strip_accents": "latin"},
        {"n_jobs": 1.5},
    ],
)
def test_constrained_parameters(vectorizer_class, params):
    with pytest.raises(InvalidParameterError, match=f"The '{next(iter(params))}' parameter"):
        vectorizer_class(**params).fit(TEXTS)


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
        (3, TypeError, "raw_documents must be a list of str, got"),
        (None, TypeError, "raw_documents must be a list of str, got"),
    ],
)
def test_invalid_documents(vectorizer_class, documents, error, message):
    vectorizer = vectorizer_class().fit(TEXTS)
    for method in (vectorizer_class().fit, vectorizer_class().fit_transform, vectorizer.transform):
        with pytest.raises(error, match=message):
            method(documents)


def test_no_documents_or_no_terms(vectorizer_class):
    for documents in ([], [""], ["", " \n"]):
        with pytest.raises(ValueError, match="empty vocabulary; perhaps the documents only"):
            vectorizer_class().fit(documents)
    message = r"Found array with 0 sample\(s\) \(shape=\(0, 1\)\) while a minimum of 1"
    with pytest.raises(ValueError, match=message):
        vectorizer_class(vocabulary=["abc"]).fit([])
    with pytest.raises(ValueError, match=message):
        vectorizer_class(vocabulary=["abc"]).fit(["abc"]).transform([])


def test_strip_accents_must_give_text(vectorizer_class):
    with pytest.raises(TypeError, match="strip_accents must return str, got NoneType"):
        vectorizer_class(strip_accents=lambda text: None).fit(TEXTS)


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
def test_kinds_of_iterables(vectorizer_class, convert):
    vectorizer = vectorizer_class()
    expected = vectorizer.fit_transform(TEXTS).toarray()
    np.testing.assert_array_equal(vectorizer.fit_transform(convert(TEXTS)).toarray(), expected)
    np.testing.assert_array_equal(vectorizer.transform(convert(TEXTS)).toarray(), expected)


def test_documents_without_known_terms(vectorizer_class):
    X = vectorizer_class().fit(TEXTS).transform(["xyz", "", "\0"])
    assert X.shape[0] == 3
    assert X.nnz == 0


# Vocabulary and idf


@pytest.mark.parametrize(
    "vocabulary",
    [
        {"ech": 1, "zzz": 0, "cho": 2, "é": 3, "echo": 4},
        ["ech", "zzz", "", "night", "the night", "a", "echo  with"],
        {"ech", "echo"},
        ("night", "ech"),
        pd.Series(["ech", "\0\0\0", "echo dot"]),
    ],
)
@pytest.mark.parametrize("use_idf", [True, False])
def test_given_vocabulary(vectorizer_class, vocabulary, use_idf):
    params = {"vocabulary": vocabulary, "use_idf": use_idf, **COMPARABLE[vectorizer_class]}
    assert_equal_to_sklearn(vectorizer_class, TEXTS, TEXTS[:2], **params)
    vectorizer = vectorizer_class(vocabulary=vocabulary)
    assert set(vectorizer.get_feature_names_out()) == set(vocabulary)  # before fitting, too
    assert vectorizer.fit(TEXTS).fixed_vocabulary_
    assert not vectorizer_class().fit(TEXTS).fixed_vocabulary_


def test_vocabulary_in_no_order_is_sorted(vectorizer_class):
    vectorizer = vectorizer_class(vocabulary=frozenset(["ech", "cho", "zzz"])).fit(TEXTS)
    assert vectorizer.get_feature_names_out().tolist() == ["cho", "ech", "zzz"]


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
def test_invalid_vocabulary(vectorizer_class, vocabulary, error, message):
    with pytest.raises(error, match=message):
        vectorizer_class(vocabulary=vocabulary).fit(TEXTS)


def test_warns_of_terms_in_upper_case(vectorizer_class):
    with pytest.warns(UserWarning, match="Upper case characters found in vocabulary"):
        vectorizer_class(vocabulary=["Ech"]).fit(TEXTS)
    vectorizer_class(vocabulary=["Ech"], lowercase=False).fit(TEXTS)


def test_idf_can_be_set(vectorizer_class):
    source = vectorizer_class().fit(TEXTS)
    expected = source.transform(TEXTS).toarray()
    copy = vectorizer_class(vocabulary=source.vocabulary_)
    copy.idf_ = source.idf_
    np.testing.assert_array_equal(copy.transform(TEXTS).toarray(), expected)
    source.idf_ = source.idf_ * 2
    np.testing.assert_allclose(source.transform(TEXTS).toarray(), expected, rtol=1e-6)
    with pytest.raises(ValueError, match="idf length = 2 must be equal to vocabulary size"):
        source.idf_ = [1, 2]
    with pytest.raises(ValueError, match="cannot be set when `use_idf=False`"):
        vectorizer_class(vocabulary=["abc"], use_idf=False).idf_ = [1]
    with pytest.raises(NotFittedError):
        vectorizer_class().idf_ = [1]


# A scikit-learn estimator


@pytest.mark.parametrize(
    "vectorizer",
    [
        CharNgramTfidf(),
        CharNgramTfidf(prefix_weighting="word"),
        CharNgramTfidf((2, 5)),
        WordNgramTfidf(),
        WordNgramTfidf((1, 3), stop_words="english"),
    ],
)
def test_same_for_every_n_jobs(monkeypatch, vectorizer):
    documents = (TEXTS + UNICODE_TEXTS) * 5
    expected = vectorizer.fit_transform(documents)
    monkeypatch.setattr(strings, "CHUNK_SIZE", 100)
    for n_jobs in (1, 2, 4):
        parallel = clone(vectorizer).set_params(n_jobs=n_jobs)
        for X in (parallel.fit_transform(documents), parallel.transform(documents)):
            for name in ("indptr", "indices", "data"):
                actual = getattr(X, name)
                np.testing.assert_array_equal(actual, getattr(expected, name), strict=True)


def test_tags_and_clone(vectorizer_class):
    tags = get_tags(vectorizer_class())
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.requires_fit
    check_estimator_cloneable(vectorizer_class.__name__, vectorizer_class())
    vectorizer = vectorizer_class((1, 2), n_jobs=2, vocabulary=["a"])
    copy = clone(vectorizer.fit(TEXTS))
    assert copy.get_params() == vectorizer.get_params()
    with pytest.raises(NotFittedError):
        copy.transform(TEXTS)


def test_not_fitted(vectorizer_class):
    vectorizer = vectorizer_class()
    with pytest.raises(NotFittedError, match="The TF-IDF vectorizer is not fitted"):
        vectorizer.transform(TEXTS)
    with pytest.raises(NotFittedError, match="Vocabulary not fitted or provided"):
        vectorizer.get_feature_names_out()
    with pytest.raises(NotFittedError, match=f"{vectorizer_class.__name__} is not fitted yet"):
        vectorizer.idf_  # noqa: B018
    with pytest.raises(NotFittedError):
        check_is_fitted(vectorizer)
    assert not hasattr(vectorizer, "vocabulary_")
    assert not hasattr(vectorizer_class(use_idf=False).fit(TEXTS), "idf_")


def test_fit_returns_self_and_forgets_what_was(vectorizer_class):
    documents = list(TEXTS)
    vectorizer = vectorizer_class(use_idf=True)
    assert vectorizer.fit(UNICODE_TEXTS) is vectorizer
    assert len(vectorizer.vocabulary_) == len(vectorizer.get_feature_names_out())
    assert vectorizer.fit(documents) is vectorizer
    check_is_fitted(vectorizer)
    fresh = vectorizer_class().fit(documents)
    assert vectorizer.vocabulary_ == fresh.vocabulary_
    np.testing.assert_array_equal(vectorizer.idf_, fresh.idf_)
    X = vectorizer.fit_transform(documents)
    np.testing.assert_array_equal(fresh.transform(documents).toarray(), X.toarray())
    assert documents == TEXTS


def test_failed_fit_changes_nothing(vectorizer_class):
    vectorizer = vectorizer_class().fit(TEXTS)
    before = pickle.dumps(vectorizer)
    for documents in (["", ""], [None], "text"):
        with pytest.raises((ValueError, TypeError)):
            vectorizer.fit(documents)
    assert pickle.dumps(vectorizer) == before


@pytest.mark.parametrize("params", [{}, {"strip_accents": "unicode", "ngram_range": (1, 6)}])
def test_pickle_and_memory_map(vectorizer_class, tmp_path, params):
    vectorizer = vectorizer_class(**params).fit(TEXTS)
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
def test_dtype(vectorizer_class, dtype):
    vectorizer = vectorizer_class(dtype=dtype)
    assert vectorizer.fit_transform(TEXTS).dtype == np.dtype(dtype)
    assert vectorizer.transform(TEXTS).dtype == np.dtype(dtype)
    assert vectorizer.idf_.dtype == np.dtype(dtype)


def test_works_in_sklearn_compositions():
    frame = pd.DataFrame({"title": TEXTS, "brand": TEXTS[::-1]})
    by_column = make_column_transformer((CharNgramTfidf(), "title"), (WordNgramTfidf(), "brand"))
    X = by_column.fit_transform(frame)
    assert by_column.get_feature_names_out()[0] == "charngramtfidf__ 3r"
    assert X.shape == (6, len(by_column.get_feature_names_out()))
    union = make_union(WordNgramTfidf(), CharNgramTfidf())
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


class Liar(str):
    """A string that says of itself that it is longer, or shorter."""

    def __new__(cls, text, length):
        liar = super().__new__(cls, text)
        liar.length = length
        return liar

    def __len__(self):
        return self.length


@pytest.mark.parametrize("length", [0, 3, 10**6])
def test_lengths_are_those_of_the_characters(vectorizer_class, length):
    params = COMPARABLE[vectorizer_class]
    lies = [Liar(text, length) for text in TEXTS + UNICODE_TEXTS]
    expected = vectorizer_class(**params).fit(TEXTS + UNICODE_TEXTS)
    found = vectorizer_class(**params).fit(lies)
    assert found.vocabulary_ == expected.vocabulary_
    assert (found.transform(lies) != expected.transform(TEXTS + UNICODE_TEXTS)).nnz == 0


@pytest.mark.parametrize("norm", ["l1", "l2"])
def test_terms_of_endless_weight_are_refused_as_by_sklearn(vectorizer_class, norm):
    params = {"vocabulary": ["ab", "cd"], "smooth_idf": False, "norm": norm}
    if vectorizer_class is CharNgramTfidf:
        params |= {"analyzer": "char", "ngram_range": (2, 2)}
    vectorizer, theirs = vectorizer_class(**params), TfidfVectorizer(**params)
    vectorizer.fit(["ab"])
    with np.errstate(divide="ignore"):
        theirs.fit(["ab"])
    np.testing.assert_array_equal(vectorizer.idf_, theirs.idf_.astype(np.float32))
    assert (vectorizer.transform(["ab"]) != theirs.transform(["ab"])).nnz == 0
    with pytest.raises(ValueError, match="infinity"):
        theirs.transform(["ab cd"])
    with pytest.raises(ValueError, match="inverse document frequency is infinity"):
        vectorizer.transform(["ab cd"])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_idf_must_be_finite(vectorizer_class, bad):
    vectorizer = vectorizer_class(vocabulary=["ab", "cd"])
    with pytest.raises(ValueError, match="idf_ must be finite"):
        vectorizer.idf_ = [1.0, bad]


@pytest.mark.parametrize("make", [WordNgramTfidf, CharNgramTfidf])
@pytest.mark.parametrize("options", [{}, {"use_idf": False}, {"dtype": np.float64}], ids=str)
def test_extended_vectorizers_know_more_and_say_the_same(make, options):
    texts, more = ["garden hose", "hose reel, 50 ft"], ["zymora hose", "reel by zymora", "garden"]
    vectorizer = make((1, 2), **options).fit(texts)
    names, before = vectorizer.get_feature_names_out(), vectorizer.transform(texts).toarray()
    extended = vectorizer.extend(more)
    terms = make((1, 2)).fit(more).vocabulary_
    assert extended.get_feature_names_out().tolist() == [*names, *sorted(set(terms) - set(names))]
    assert_array_equal(vectorizer.get_feature_names_out(), names)
    assert_array_equal(extended.transform(texts).toarray()[:, : len(names)], before)
    assert extended.transform(texts)[:, len(names) :].nnz == 0
    # As a vectorizer that was fitted with these terms and weights.
    weights = {"vocabulary": extended.vocabulary_, **options}
    other = make((1, 2), **weights)
    if "use_idf" not in options:
        other.idf_ = extended.idf_
        np.testing.assert_allclose(
            extended.idf_[len(names) :], 0.8 * vectorizer.idf_.max(), rtol=1e-6
        )
    expected = other.fit(texts) if "use_idf" in options else other
    assert_array_equal(extended.transform(more).toarray(), expected.transform(more).toarray())
    assert_array_equal(extended.extend(more).get_feature_names_out(), list(extended.vocabulary_))


@pytest.mark.parametrize("few", [0, 5, 1000])
def test_extended_again_and_again(few, monkeypatch):
    # With a table of their own or in that of all, terms have the same numbers.
    monkeypatch.setattr("sklearn_xmr._growing.LEAST_LATER", few)
    rng = np.random.default_rng(0)
    words = [f"{letter}{number}" for letter in "abc" for number in range(20)]
    vectorizer, texts = WordNgramTfidf((1, 2)).fit(words[:10]), []
    for _ in range(30):
        texts.append(" ".join(rng.choice(words, 4)))
        extended = vectorizer.extend(texts[-1:])
        n_before = len(vectorizer.idf_)
        assert_array_equal(extended.idf_[:n_before], vectorizer.idf_)
        vectorizer = pickle.loads(pickle.dumps(extended)) if rng.random() < 0.3 else extended
    terms = vectorizer.get_feature_names_out().tolist()
    assert vectorizer.vocabulary_ == {term: column for column, term in enumerate(terms)}
    assert set(terms) == set(WordNgramTfidf((1, 2)).fit([*words[:10], *texts]).vocabulary_)
    other = WordNgramTfidf((1, 2), vocabulary=terms)
    other.idf_ = vectorizer.idf_
    assert_array_equal(vectorizer.transform(texts).toarray(), other.transform(texts).toarray())


def test_what_cannot_be_extended_says_so():
    with pytest.raises(NotFittedError):
        WordNgramTfidf().extend(["hose"])
    with pytest.raises(ValueError, match="vocabulary must be None"):
        WordNgramTfidf(vocabulary=["hose"]).fit(["hose"]).extend(["reel"])
