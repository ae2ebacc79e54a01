"""What text vectorizers take, checked before any work starts, with scikit-learn's messages."""

import re
from collections.abc import Mapping
from numbers import Integral

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from .._checks import MAX_INT32, as_list
from .._user_warnings import warn_user
from .strings import Strings
from .word_breaks import WORD_CLASSES


def check_documents(raw_documents):
    """Return the documents as `Strings`, which they may be already."""
    if isinstance(raw_documents, Strings):
        return raw_documents
    if isinstance(raw_documents, (str, bytes)):
        raise ValueError("Iterable over raw text documents expected, string object received.")
    if len(getattr(raw_documents, "shape", (1,))) != 1:
        raise ValueError(
            "raw_documents must be a one-dimensional iterable of str, got "
            f"{type(raw_documents).__name__} of shape {raw_documents.shape}."
        )
    documents = as_list(raw_documents, "raw_documents", "str", in_any_order=True)
    strings = Strings.of(documents)
    if strings is None:
        strings = Strings.of([_decode(document, i) for i, document in enumerate(documents)])
    return strings


def _decode(document, i):
    if isinstance(document, str):
        return document
    if isinstance(document, bytes):
        return document.decode("utf-8")
    if isinstance(document, float) and document != document:
        raise ValueError("np.nan is an invalid document, expected byte or unicode string.")
    raise TypeError(
        f"raw_documents[{i}] must be str or bytes, got {document!r} of type "
        f"{type(document).__name__}."
    )


def check_vocabulary(vocabulary, lowercase=False):
    """Return the terms of a mapping or iterable in the order of columns."""
    if isinstance(vocabulary, Mapping):
        columns = set(vocabulary.values())
        if len(columns) != len(vocabulary):
            raise ValueError("Vocabulary contains repeated indices.")
        for i in range(len(vocabulary)):
            if i not in columns:
                raise ValueError(f"Vocabulary of size {len(vocabulary)} doesn't contain index {i}.")
        terms = sorted(vocabulary, key=vocabulary.get)
    else:
        terms = as_list(vocabulary, "vocabulary", "str", in_any_order=True)
        if isinstance(vocabulary, (set, frozenset)):
            terms.sort()
    if not terms:
        raise ValueError("empty vocabulary passed to fit")
    seen = set()
    for term in terms:
        if not isinstance(term, str):
            raise TypeError(
                f"vocabulary must have terms of type str, got {term!r} of type "
                f"{type(term).__name__}."
            )
        if term in seen:
            raise ValueError(f"Duplicate term in vocabulary: {term!r}")
        seen.add(term)
    if lowercase and any(character.isupper() for term in terms for character in term):
        warn_user(
            "Upper case characters found in vocabulary while 'lowercase' is True. These entries "
            "will not be matched with any documents",
        )
    return terms


def check_stop_words(stop_words):
    """Return the distinct words to leave out, sorted."""
    if stop_words is None:
        return []
    if isinstance(stop_words, str):
        return sorted(ENGLISH_STOP_WORDS)
    for word in stop_words:
        if not isinstance(word, str):
            raise TypeError(
                f"stop_words must be words of type str, got {word!r} of type {type(word).__name__}."
            )
    return sorted(set(stop_words))


def check_words(token_pattern, tokenizer):
    """Return what finds words: None, a name, a regular expression or a function."""
    if tokenizer is not None:
        if token_pattern is not None:
            warn_user(
                "The parameter 'token_pattern' will not be used since 'tokenizer' is not None'",
            )
        return tokenizer
    if token_pattern is None or token_pattern in WORD_CLASSES:
        return token_pattern
    try:
        n_groups = re.compile(token_pattern).groups
    except re.error as error:
        raise ValueError(
            "token_pattern must be a regular expression, 'letters_and_digits' or 'uax29', got "
            f"{token_pattern!r}: {error}."
        ) from error
    if n_groups > 1:
        raise ValueError(
            "More than 1 capturing group in token pattern. Only a single group should be captured."
        )
    return token_pattern


def check_ngram_range(ngram_range):
    """Return both ends as ints, cut to a length that texts can have."""
    if len(ngram_range) != 2 or not all(isinstance(n, Integral) for n in ngram_range):
        raise ValueError(f"ngram_range must be a tuple of two ints, got {ngram_range!r}.")
    min_n, max_n = ngram_range
    if min_n > max_n:
        raise ValueError(
            f"Invalid value for ngram_range={ngram_range} lower boundary larger than the upper "
            "boundary."
        )
    if min_n < 1:
        raise ValueError(f"ngram_range must begin at 1 or more, got {ngram_range!r}.")
    # More than any text has characters, and safe to add to in 64 bits.
    return min(int(min_n), MAX_INT32), min(int(max_n), MAX_INT32)


def check_float_dtype(dtype):
    """Return float32 or float64 as a `numpy.dtype`."""
    try:
        checked = np.dtype(dtype)
    except TypeError:
        checked = None
    if checked not in (np.float32, np.float64):
        raise ValueError(f"dtype must be numpy.float32 or numpy.float64, got {dtype!r}.")
    return checked
