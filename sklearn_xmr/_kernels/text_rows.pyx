"""Rows of tf-idf weights of texts, for several vectorizers side by side.

Of a single text, to pass arrays from kernel to kernel takes ten times as long as all that they do:
here all is done in one call.
"""

import numpy as np

from cython cimport floating
from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport calloc, free, malloc

from ._arrays cimport address_of, int32s, int64s, uint8s
from ._compiler cimport cloned_void
from .ngrams cimport Text, n_ngrams, number_ngrams, view_text, view_vocabulary
from .strings cimport read_strings
from .text_spans cimport Kinds, cut_documents
from .tfidf_rows cimport allocate_row, free_row, write_row


def text_rows(list views, const floating[::1] factors, kinds):
    """Make the canonical CSR rows of texts; return None if a lower case is up to ``str.lower``.

    ``views`` are `View`s of the same texts, in the order of their columns. What is not cut yet is
    read as by `read` and cut as by `split_documents`, which ``kinds`` are for. N-grams are looked
    up as by `find_ngrams`, and weighed as by `tfidf_rows`, and each view's weights are multiplied
    with its factor. Return index pointers, columns and weights, these two with room left behind.
    """
    cdef:
        Py_ssize_t v, n_views = len(views)
        int64_t size = 0
        int64_t *ptr
        int32_t *columns
        floating *data
        Kinds known = Kinds(uint8s(kinds), len(kinds))
        View *opened = <View *> calloc(n_views, sizeof(View))
        Outcome outcome = DONE if opened else NO_MEMORY
    try:
        for v in range(n_views if opened else 0):
            open_view(&opened[v], views[v], sizeof(floating))
        with nogil:
            for v in range(n_views):
                if outcome == DONE:
                    outcome = find_terms(&opened[v], &known)
                    size += opened[v].n_ngrams
        if outcome == LOWER_CASE_IS_HARD:
            return None
        if outcome == NO_MEMORY:
            raise MemoryError("No memory for the rows of texts.")
        rows = (
            np.empty(opened[0].text.n_documents + 1, dtype=np.int64),
            np.empty(size, dtype=np.int32),
            np.empty(size, dtype=np.float32 if floating is float else np.float64),
        )
        ptr, columns = int64s(rows[0]), int32s(rows[1])
        data = <floating *> address_of(rows[2], sizeof(floating), NULL)
        with nogil:
            write_rows(opened, n_views, &factors[0], ptr, columns, data)
    finally:
        for v in range(n_views if opened else 0):
            close_view(&opened[v])
        free(opened)
    return rows


cdef int open_view(View *view, given, Py_ssize_t size_of_idf) except -1:
    analysis, text, weighting = given.analysis, given.text, given.weighting
    if text is None:
        places = given.strings.places
        view.places, view.text.n_documents = int64s(places), len(places)
        view.lowercase = analysis.lowercase
    else:
        view.text = view_text(text.codes, text.spans, text.span_ptr)
    view.slicing.analyzer, view.slicing.weighting = analysis.analyzer, analysis.weighting
    view.slicing.min_n, view.slicing.max_n = analysis.min_n, analysis.max_n
    view.terms = view_vocabulary(given.vocabulary, &view.later)
    view.weighting.tf, view.weighting.norm = weighting.tf, weighting.norm
    if len(weighting.idf):
        view.weighting.idf = address_of(weighting.idf, size_of_idf, NULL)
    view.n_features, view.first_column = view.terms.n_terms, given.first_column
    if view.terms.more:
        view.n_features += view.later.n_terms
    return 0


cdef void close_view(View *view) noexcept nogil:
    free(view.doc_ptr)
    free(view.characters)
    free(view.codes)
    free(view.spans)
    free(view.span_ptr)
    free(view.ngram_ptr)
    free(view.ids)
    free(view.weights)
    free(view.counts)
    free_row(&view.row)


cdef Outcome find_terms(View *view, const Kinds *kinds) noexcept nogil:
    cdef:
        Outcome outcome = DONE
        int64_t size
    if view.text.span_ptr == NULL:
        outcome = cut_strings(view, kinds)
    if outcome != DONE:
        return outcome
    size = view.n_ngrams = n_ngrams(&view.text, &view.slicing)
    view.ngram_ptr = <int64_t *> malloc((view.text.n_documents + 1) * sizeof(int64_t))
    view.ids = <int32_t *> malloc(size * sizeof(int32_t) + 1)
    if view.slicing.weighting:
        view.weights = <double *> malloc(size * sizeof(double) + 1)
        view.counts = malloc(size * sizeof(double) + 1)
        if view.weights == NULL or view.counts == NULL:
            return NO_MEMORY
    if not allocate_row(&view.row, size, size, view.n_features, sizeof(double)):
        return NO_MEMORY
    if view.ngram_ptr == NULL or view.ids == NULL:
        return NO_MEMORY
    number_ngrams(
        &view.terms, &view.text, &view.slicing, view.ngram_ptr, view.ids, view.weights
    )
    return DONE


cdef Outcome cut_strings(View *view, const Kinds *kinds) noexcept nogil:
    cdef int64_t s, n = view.text.n_documents, size = 0
    for s in range(n):
        size += view.places[3 * s + 1]
    view.doc_ptr = <int64_t *> malloc((n + 1) * sizeof(int64_t))
    view.span_ptr = <int64_t *> malloc((n + 1) * sizeof(int64_t))
    view.characters = <uint32_t *> malloc(size * sizeof(uint32_t) + 1)
    view.codes = <uint32_t *> malloc((size + 2 * n) * sizeof(uint32_t) + 1)
    view.spans = <int64_t *> malloc((size + n) * sizeof(int64_t) + 1)
    if not (view.doc_ptr and view.span_ptr and view.characters and view.codes and view.spans):
        return NO_MEMORY
    if not read_strings(view.places, n, view.lowercase, view.characters, view.doc_ptr):
        return LOWER_CASE_IS_HARD
    cut_documents(
        view.characters, view.doc_ptr, n, kinds, view.slicing.analyzer, view.slicing.min_n,
        view.codes, view.spans, view.span_ptr,
    )
    view.text = Text(view.codes, view.spans, view.span_ptr, n)
    return DONE


cdef cloned_void write_rows(
    View *views,
    int64_t n_views,
    const floating *factors,
    int64_t *out_ptr,
    int32_t *out_columns,
    floating *out_data,
) noexcept nogil:
    cdef:
        int64_t d, v, k, first, size, n_out = 0
        int32_t *columns
        floating *data
        floating *counts
        View *view
    out_ptr[0] = 0
    for d in range(views[0].text.n_documents):
        for v in range(n_views):
            view = views + v
            first, size = view.ngram_ptr[d], view.ngram_ptr[d + 1] - view.ngram_ptr[d]
            if size == 0:
                continue
            columns, data = out_columns + n_out, out_data + n_out
            counts = <floating *> view.counts
            if counts:
                for k in range(size):
                    counts[k] = <floating> view.weights[first + k]
            size = write_row(
                &view.row, view.ids + first, counts, NULL, size, &view.weighting, columns, data
            )
            for k in range(size):
                columns[k] += view.first_column
                data[k] *= factors[v]
            n_out += size
        out_ptr[d + 1] = n_out
