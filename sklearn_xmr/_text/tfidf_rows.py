"""Rows of tf-idf weights: of texts or of counts, joined, and as SciPy has them."""

from copy import copy
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import sparse

from .._kernels.text_rows import text_rows
from .._kernels.tfidf_rows import tfidf_rows
from .._sklearn import wants_sparse_arrays
from .._sparse import indptr_of
from .._threads import map_in_threads, threads_here
from .ngram_counts import (
    C_TYPES,
    Ngrams,
    Vocabulary,
    Weighting,
    empty_rows,
    shortened,
    text_of,
)
from .spans import KINDS, Analysis, Text
from .strings import Strings

_TEXT_ROWS = {dtype: text_rows[name] for dtype, name in C_TYPES.items()}
_TFIDF_ROWS = {dtype: tfidf_rows[name] for dtype, name in C_TYPES.items()}

# What the rows of a single view are multiplied with.
ONE = {dtype: np.ones(1, dtype=dtype) for dtype in C_TYPES}
# What `weigh` takes as the columns of ids, where ids are columns already.
IDS_ARE_COLUMNS = np.empty(0, dtype=np.int32)


class View(NamedTuple):
    """What a vectorizer sees of texts, and what it knows.

    Attributes
    ----------
    strings : Strings
    text : Text or None
        Where more is to be done than the kernel does: what comes of it.
    analysis : Analysis
    vocabulary : Vocabulary
    weighting : Weighting
    first_column : int
        Where its columns begin, beside those of other vectorizers.
    """

    strings: Strings
    text: Text | None
    analysis: Analysis
    vocabulary: Vocabulary
    weighting: Weighting
    first_column: int = 0

    @classmethod
    def of(cls, strings, analysis, *knowledge):
        """The view of strings."""
        text = None if analysis.is_plain else text_of(strings, analysis)
        return cls(strings, text, analysis, *knowledge)

    def lowered(self):
        """The same of strings in lower case, unless they were that already."""
        if self.text is not None or not self.analysis.lowercase:
            return self
        strings = Strings.of([str.lower(string) for string in self.strings.strings])
        return self._replace(strings=strings, analysis=self.analysis._replace(lowercase=False))


def rows_of(views, factors):
    """The rows of tf-idf weights of texts.

    Parameters
    ----------
    views : list of View
        Of the same texts, in the order of their columns.
    factors : ndarray of shape (n_views,)
        What the rows of each are multiplied with, of the type that they are to have.
    """
    make = _TEXT_ROWS[factors.dtype]
    rows = make(views, factors, KINDS)
    if rows is None:  # some lower case depends on its neighbours, or is two characters
        rows = make([view.lowered() for view in views], factors, KINDS)
    ptr, ids, counts = rows
    return shortened(Ngrams(ptr, ids, counts), ptr[-1])


def weigh(counted, n_features, weighting):
    """The rows of the tf-idf matrix, from n-grams or rows of counts and the columns of their ids.

    Negative ids and columns are dropped.
    """
    ngrams, columns = counted
    dtype = weighting.idf.dtype
    rows = empty_rows(len(ngrams.ptr) - 1, len(ngrams.ids), dtype)
    n_values = _TFIDF_ROWS[dtype](*ngrams, columns, n_features, *weighting, *rows)
    return shortened(rows, n_values)


def rows_in_chunks(make_rows, documents, n_jobs):
    """The rows of documents, which a function makes of a part of them: at once, or in threads."""
    chunks = documents.chunks(n_jobs)
    if len(chunks) == 1:
        return make_rows(chunks[0])
    return stack(in_threads(make_rows, chunks, n_jobs), n_jobs)


def in_threads(function, chunks, n_jobs):
    """Results for all chunks, a list that is emptied on the way."""
    if len(chunks) == 1:
        return [function(chunks[0])]
    one_by_one = (chunks.pop(0) for _ in range(len(chunks)))
    return map_in_threads(threads_here(n_jobs), function, one_by_one)


def stack(chunks, n_jobs):
    """Join chunks of rows, a list that is emptied on the way."""
    if len(chunks) == 1:
        return chunks[0]
    starts = indptr_of([len(rows.ids) for rows in chunks]).tolist()
    ptrs = [rows.ptr[1:] + start for rows, start in zip(chunks, starts, strict=False)]
    stacked = Ngrams(
        np.concatenate([[0], *ptrs]),
        np.empty(starts[-1], dtype=np.int32),
        np.empty(starts[-1], dtype=chunks[0].counts.dtype),
    )
    in_threads(_put, [(chunks.pop(0), start, stacked) for start in starts[:-1]], n_jobs)
    return stacked


def _put(item):
    rows, start, stacked = item
    place = slice(start, start + len(rows.ids))
    stacked.ids[place] = rows.ids
    stacked.counts[place] = rows.counts


def to_csr(rows, n_features):
    """A sparse matrix, or array if scikit-learn is so configured, of canonical rows."""
    ptr, ids, data = rows
    # SciPy wants the same type for both.
    if ptr[-1] < 2**31:
        ptr = ptr.astype(np.int32)
    else:
        ids = ids.astype(np.int64)
    container = sparse.csr_array if wants_sparse_arrays() else sparse.csr_matrix
    shape = len(ptr) - 1, n_features
    if shape[0] == 1:
        # SciPy's checks of a single row would take a third of the time in which a text becomes one.
        X = copy(_empty_matrix(container, shape))
        X.data, X.indices, X.indptr = data, ids, ptr
    else:
        X = container((data, ids, ptr), shape=shape)
    X.has_canonical_format = True
    return X


@lru_cache(maxsize=32)
def _empty_matrix(container, shape):
    return container(shape)
