"""The default vectorizer: words, pairs of words and character n-grams, each of unit length."""

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.pipeline import FeatureUnion

from .._pipelines import transform
from .._saving.stored_arrays import copied
from .._saving.versions import VersionedState
from .._sparse import Csr
from .._text.char_ngram import CharNgramTfidf
from .._text.extend_mixin import n_terms, with_terms
from .._text.ngram_tfidf import view_of
from .._text.strings import Strings
from .._text.text_checks import check_documents
from .._text.tfidf_rows import rows_in_chunks, rows_of
from .._text.unseen_terms import unseen_terms
from .._text.word_forms import folded_words
from .._text.word_ngram import WordNgramTfidf

# Columns left free for the terms of products to come, for each column; and at least so many.
ROOM = 0.25
LEAST_ROOM = 1024
# What each view weighs in the inner product of two texts, before their vector is scaled.
WEIGHTS = {"words": 1.0, "pairs": 0.5, "characters": 1.0}
FACTORS = np.array(list(WEIGHTS.values()), dtype=np.float32)


class TextViews(VersionedState, BaseEstimator):
    """Words in one form each, pairs of them and character n-grams, side by side.

    Parameters
    ----------
    n_jobs : int or None, default=None

    Attributes
    ----------
    views_ : dict of str to slice
        The columns of each: those of its terms, and behind them room for terms to come.

    Examples
    --------
    >>> from sklearn_xmr._retrieval.text_views import TextViews
    >>> views = TextViews().fit(["garden hoses", "hose 3/4 inch"])
    >>> views.transform(["hose"]).shape == (1, views.views_["characters"].stop)
    True
    """

    def __init__(self, n_jobs=None):
        self.n_jobs = n_jobs

    def fit(self, X, y=None):
        """Learn the terms of texts."""
        options = {"sublinear_tf": True, "n_jobs": self.n_jobs}
        self._parts = {
            "words": WordNgramTfidf(**options),
            "pairs": WordNgramTfidf((2, 2), **options),
            "characters": CharNgramTfidf((3, 4), **options),
        }
        texts = self._texts(X)
        for name, part in self._parts.items():
            try:
                part.fit(texts[name])
            except ValueError:  # no terms, as of titles of one word no pairs
                part.fit(["__ __"])
        self.views_, start = {}, 0
        for name, part in self._parts.items():
            n_known = n_terms(part)
            stop = start + n_known + max(int(ROOM * n_known), LEAST_ROOM)
            self.views_[name] = slice(start, stop)
            start = stop
        return self

    def extend(self, X):
        """The same with further terms, as far as there is room: see `NgramTfidf.extend`."""
        extended, views = copied(self), self._seen(check_documents(X))
        extended._parts = dict(self._parts)
        for (name, part), terms in zip(self._parts.items(), unseen_terms(views), strict=True):
            if 0 < terms.n_terms <= self._width(name) - n_terms(part):
                extended._parts[name] = with_terms(part, terms)
        return extended

    def transform(self, X):
        """The vectors of texts, as CSR of float32."""
        return self.rows(X).to_scipy(sp.csr_array)

    def rows(self, X):
        """The same as `Csr`."""
        rows = rows_in_chunks(self._rows, check_documents(X), self.n_jobs)
        return Csr(*rows, self.views_["characters"].stop)

    def _rows(self, documents):
        return rows_of(self._seen(documents), FACTORS)

    def _seen(self, documents):
        # What each part sees of documents.
        texts = self._texts(documents)
        return [
            view_of(part, texts[name], self.views_[name].start)
            for name, part in self._parts.items()
        ]

    def _width(self, name):
        return self.views_[name].stop - self.views_[name].start

    @staticmethod
    def _texts(X):
        documents = check_documents(X)
        words = Strings.of([" ".join(folded_words(text)) for text in documents.strings])
        return {"words": words, "pairs": words, "characters": documents}


def views_of(vectorizer):
    """Which columns of a fitted vectorizer are compared on their own: the parts of a union.

    Returns
    -------
    dict of str to slice, or None
        None for a single view of all.
    """
    if hasattr(vectorizer, "views_"):
        return vectorizer.views_
    if type(vectorizer) is not FeatureUnion:
        return None
    return columns_of((name, part) for name, part in vectorizer.transformer_list if part != "drop")


def columns_of(parts):
    """The columns of fitted vectorizers, (name, vectorizer), side by side."""
    columns, start = {}, 0
    for name, part in parts:
        stop = start + transform([part], [""]).shape[1]
        columns[name] = slice(start, stop)
        start = stop
    return columns
