"""Texts to try vectorizers of n-grams on, and their comparison with scikit-learn's class."""

import numpy as np
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

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


# Parameters that both vectorizers share with scikit-learn's, and values of them to try.
SHARED_OPTIONS = {
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
}


def outcome(vectorizer, documents, new_documents):
    """All that can be seen of a vectorizer, or its error."""
    try:
        X = vectorizer.fit_transform(documents)
    except Exception as error:
        return type(error), str(error)
    names = vectorizer.get_feature_names_out()
    return X, vectorizer.transform(new_documents), names, vectorizer


def assert_equal_to_sklearn(vectorizer_class, documents, new_documents, **params):
    """Compare with `TfidfVectorizer` of the same parameters: matrices, names, idf, or the error."""
    expected = outcome(TfidfVectorizer(**params), documents, new_documents)
    actual = outcome(vectorizer_class(**params, dtype=np.float64), documents, new_documents)
    assert_equal_outcomes(expected, actual)


def assert_equal_outcomes(expected, actual):
    """Compare what was seen of scikit-learn's vectorizer and of one of ours, of float64."""
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
    if expected[3].use_idf:
        np.testing.assert_allclose(actual[3].idf_, expected[3].idf_, rtol=1e-12)
