# Rows of a text index that are scored one by one, from their own entries: see `text_index.pyx`.

from libc.stdint cimport int32_t, int64_t

from ._compiler cimport prefetch
from ._number_filter cimport find_marked
from ._query_terms cimport Query, Segment, Term, term_of

cdef enum:
    AHEAD = 4                   # rows that are fetched before they are scored
    ENTRIES = 256               # of a row, that are filtered at once

cdef struct Found:
    # Rows of a window that may be among the best, with what is known of their scores.
    int32_t *rows               # at first their places
    float *sums
    int64_t size


cdef inline bint is_alive(const Segment *segment, int64_t row) noexcept nogil:
    return segment.is_alive == NULL or segment.is_alive[row]


cdef inline bint is_wanted(const Segment *segment, int64_t row) noexcept nogil:
    return is_alive(segment, row) and (
        not segment.is_allowed or segment.is_allowed[segment.ids[row]]
    )


cdef inline void take_wanted(const Segment *segment, Found *found) noexcept nogil:
    # Put the rows in place of the places, those that are wanted.
    cdef int64_t i, row, n = 0
    for i in range(found.size):
        if segment.is_allowed and i + 2 * AHEAD < found.size:
            prefetch(segment.ids + segment.order[found.rows[i + 2 * AHEAD]])
        row = segment.order[found.rows[i]]
        if is_wanted(segment, row):
            found.rows[n], found.sums[n] = <int32_t> row, found.sums[i]
            n += 1
    found.size = n


cdef inline float score_row(
    const Query *query, const Segment *segment, int64_t row
) noexcept nogil:
    # A filter finds the few entries that the query has, too, without a branch for each.
    cdef:
        const Term *term
        int64_t first = segment.indptr[row], end = segment.indptr[row + 1]
        int64_t i, n_found
        int32_t[ENTRIES] found
        float score = 0
    while first < end:
        n_found = find_marked(
            query.filter, segment.indices + first, min(ENTRIES, end - first), found
        )
        for i in range(n_found):
            term = term_of(query, segment.indices[first + found[i]])
            if term:
                score += term.weight * segment.data[first + found[i]]
        first += ENTRIES
    return score


cdef inline void fetch_row(const Segment *segment, const Found *found, int64_t i) noexcept nogil:
    cdef int64_t k, last
    if i + AHEAD < found.size:
        prefetch(segment.indptr + found.rows[i + AHEAD])
        prefetch(segment.ids + found.rows[i + AHEAD])
    if i < found.size:
        k, last = segment.indptr[found.rows[i]], segment.indptr[found.rows[i] + 1]
        while k < last:
            prefetch(segment.indices + k)
            prefetch(segment.data + k)
            k += 16
