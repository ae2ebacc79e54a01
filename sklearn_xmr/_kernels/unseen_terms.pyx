"""The terms of texts that vectorizers do not know, for several of them side by side."""

import numpy as np

from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport free, malloc, qsort
from libc.string cimport memcpy, memset

from ._arrays cimport int64s, uint32s, uint8s
from ._term_table cimport Table, allocate
from .ngrams cimport number_ngrams
from .term_order cimport Term, compare
from .text_rows cimport (
    LOWER_CASE_IS_HARD,
    NO_MEMORY,
    Outcome,
    View,
    close_view,
    find_terms,
    open_view,
)
from .text_spans cimport Kinds


def unseen_terms(list views, kinds):
    """Find the terms that vocabularies lack; return None if a lower case is up to ``str.lower``.

    ``views`` are `View`s of the same texts, as `text_rows` takes them. Return for each the code
    points of its terms, and the start and stop of each among them; terms are in string order.
    """
    cdef:
        Kinds known = Kinds(uint8s(kinds), len(kinds))
        View view
        Outcome outcome
        list found = []
    for given in views:
        memset(&view, 0, sizeof(View))
        try:
            open_view(&view, given, given.weighting.idf.itemsize)
            with nogil:
                outcome = find_terms(&view, &known)
            if outcome == LOWER_CASE_IS_HARD:
                return None
            if outcome == NO_MEMORY:
                raise MemoryError("No memory for the terms of texts.")
            found.append(terms_of(&view))
        finally:
            close_view(&view)
    return found


cdef tuple terms_of(View *view):
    cdef:
        int64_t t, n_terms, n_codes = 0
        int64_t *spans
        uint32_t *codes
        Term *found = <Term *> malloc(view.n_ngrams * sizeof(Term) + 1)
    if found == NULL:
        raise MemoryError("No memory for the terms of texts.")
    try:
        with nogil:
            n_terms = find_unseen(view, found)
            for t in range(n_terms):
                n_codes += found[t].length
        if n_terms < 0:
            raise MemoryError("No memory for the table of n-grams, or more than 2**31 - 1 of them.")
        terms = np.empty(n_codes, dtype=np.uint32), np.empty((n_terms, 2), dtype=np.int64)
        codes, spans = uint32s(terms[0]), int64s(terms[1])
        with nogil:
            qsort(found, n_terms, sizeof(Term), compare)
            n_codes = 0
            for t in range(n_terms):
                memcpy(codes + n_codes, found[t].codes, found[t].length * sizeof(uint32_t))
                spans[2 * t] = n_codes
                n_codes += found[t].length
                spans[2 * t + 1] = n_codes
    finally:
        free(found)
    return terms


cdef int64_t find_unseen(View *view, Term *found) noexcept nogil:
    # Write the terms as they appear; return how many, -1 if there is no memory.
    cdef:
        Table table
        int64_t *spans
        int32_t *numbers
        int64_t k, n_met = 0, n_found = 0
        bint is_ready
    for k in range(view.n_ngrams):
        n_found += view.ids[k] < 0
    if n_found == 0:
        return 0
    n_found = 0
    spans = <int64_t *> malloc(2 * view.n_ngrams * sizeof(int64_t))
    numbers = <int32_t *> malloc(view.n_ngrams * sizeof(int32_t))
    is_ready = allocate(&table, 1024) and spans != NULL and numbers != NULL
    if is_ready:
        table.codes = view.text.codes
        table.spans = table.new_spans = spans
        is_ready = number_ngrams(
            &table, &view.text, &view.slicing, view.ngram_ptr, numbers, view.weights
        )
    if is_ready:
        for k in range(view.n_ngrams):
            if numbers[k] == n_met:  # where a term is met first
                if view.ids[k] < 0:
                    found[n_found].codes = view.text.codes + spans[2 * n_met]
                    found[n_found].length = spans[2 * n_met + 1] - spans[2 * n_met]
                    found[n_found].number = numbers[k]
                    n_found += 1
                n_met += 1
    free(spans)
    free(numbers)
    free(table.keys)
    free(table.ids)
    return n_found if is_ready else -1
