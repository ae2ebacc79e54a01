"""From strings to the spans of code points that n-grams are taken from."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction.text import strip_accents_ascii, strip_accents_unicode

from .._checks import described
from .._kernels.text_spans import Kind, split_documents
from .._kernels.words import split_words
from .._sparse import indptr_of
from .strings import Strings
from .word_breaks import WORD_CLASSES

ACCENT_STRIPPERS = {"ascii": strip_accents_ascii, "unicode": strip_accents_unicode}


def _kind(character):
    if character.isspace():
        return int(Kind.WHITE)
    return int(Kind.WORD_CHARACTER) if character.isalnum() or character == "_" else 0


# No white space lies above U+3000, the ideographic space.
KINDS = np.array([_kind(chr(code)) for code in range(0x3001)], dtype=np.uint8)


class Analysis(NamedTuple):
    """How documents become n-grams: the first four as the kernels take them, in their constants.

    All else is as users give it: `words` is None, a name, a regular expression, or a function from
    a text to its words.
    """

    analyzer: int
    min_n: int
    max_n: int
    weighting: int = 0
    lowercase: bool = False
    strip_accents: str | Callable | None = None
    normalize: str | None = None
    words: str | Callable | None = None
    stop_words: tuple | None = None  # the `Vocabulary` of them

    @property
    def is_plain(self):
        """Whether texts are only put into lower case before they are cut."""
        return self[5:] == _PLAIN


_PLAIN = Analysis(0, 0, 0)[5:]


class Text(NamedTuple):
    """Documents cut into spans: see `split_documents`."""

    codes: np.ndarray
    spans: np.ndarray
    span_ptr: np.ndarray


def split(documents, analysis):
    """The `Text` that n-grams are taken from, stop words and all."""
    documents, lowercase = _preprocessed(documents, analysis)
    if analysis.words is not None and analysis.words not in WORD_CLASSES:
        return _tokenized(documents, lowercase, analysis.words)
    return split_codes(*documents.encode(lowercase), analysis)


def split_codes(text, ptr, analysis):
    """The same of documents' code points, where these are the words that `analysis` is after."""
    n_documents = len(ptr) - 1
    span_ptr = np.empty(len(ptr), dtype=np.int64)
    if analysis.words is None:
        codes = np.empty(len(text) + 2 * n_documents, dtype=np.uint32)
        spans = np.empty(((len(text) + n_documents) // 2, 2), dtype=np.int64)
        n_spans = split_documents(
            text, ptr, KINDS, analysis.analyzer, analysis.min_n, codes, spans, span_ptr
        )
    else:
        codes = np.empty(2 * len(text), dtype=np.uint32)
        spans = np.empty((len(text), 2), dtype=np.int64)
        n_spans = split_words(text, ptr, WORD_CLASSES[analysis.words](), codes, spans, span_ptr)
    return Text(codes, spans[:n_spans], span_ptr)


def _preprocessed(documents, analysis):
    """The documents, normalised and without accents, and whether lower case is still to come."""
    if analysis.normalize is not None:
        texts = [unicodedata.normalize(analysis.normalize, text) for text in documents.strings]
        documents = Strings.of(texts)
    if analysis.strip_accents is None:
        return documents, analysis.lowercase
    texts = documents.strings
    if analysis.lowercase:
        texts = map(str.lower, texts)
    strip_accents = ACCENT_STRIPPERS.get(analysis.strip_accents, analysis.strip_accents)
    texts = [strip_accents(text) for text in texts]
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"strip_accents must return str, got {type(text).__name__}.")
    return Strings.of(texts), False


def _tokenized(documents, lowercase, words):
    """The `Text` of the words that a regular expression or the user's function finds."""
    tokenize = re.compile(words).findall if isinstance(words, str) else words
    tokens, counts = [], []
    for text in documents.strings:
        found = tokenize(text.lower() if lowercase else text)
        if not isinstance(found, Iterable):
            raise TypeError(f"tokenizer must return an iterable of str, got {described(found)}.")
        before = len(tokens)
        tokens += (token for token in found if token != "")
        counts.append(len(tokens) - before)
    for token in tokens:
        if not isinstance(token, str):
            raise TypeError(f"tokenizer must return an iterable of str, got {described(token)}.")
    codes, _ = Strings.of([f"{token} " for token in tokens]).encode()
    ends = indptr_of([len(token) + 1 for token in tokens])
    spans = np.column_stack((ends[:-1], ends[1:] - 1))
    return Text(codes, spans, indptr_of(counts))
