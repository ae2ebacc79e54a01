# What vectorizers see of texts, and the terms that they know: see text_rows.pyx.

from libc.stdint cimport int32_t, int64_t, uint32_t

from ._term_table cimport Table
from .ngrams cimport Slicing, Text
from .text_spans cimport Kinds
from .tfidf_rows cimport Row, Weighting

cdef enum Outcome:
    DONE
    LOWER_CASE_IS_HARD
    NO_MEMORY

# What a vectorizer sees of the texts, what it knows, and where it writes.
cdef struct View:
    const int64_t *places   # of strings that are yet to be cut; NULL: `text` is given
    int64_t *doc_ptr        # their characters, and what is made of these
    uint32_t *characters
    uint32_t *codes
    int64_t *spans
    int64_t *span_ptr
    bint lowercase
    Text text
    Slicing slicing
    Table terms
    Table later
    Weighting weighting
    int64_t n_features
    int32_t first_column
    int64_t n_ngrams
    int64_t *ngram_ptr
    int32_t *ids
    double *weights         # of n-grams; NULL: 1
    void *counts            # those of a text, of the type of the rows
    Row row


# What is given must outlive the view.
cdef int open_view(View *view, given, Py_ssize_t size_of_idf) except -1
cdef void close_view(View *view) noexcept nogil
cdef Outcome find_terms(View *view, const Kinds *kinds) noexcept nogil
