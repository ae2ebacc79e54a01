# What the rows of a window have in common with a query, added up list by list: see
# `text_index.pyx`.

from libc.stdint cimport int64_t

from ._compiler cimport prefetch
from ._query_terms cimport Query, Segment, Term, fetch_list
from ._row_scores cimport Found
from .invert cimport Posting


cdef inline int64_t add_lists(
    Query *query, const Segment *segment, int64_t start, int64_t stop, float *sums
) noexcept nogil:
    # Returns how many entries there were.
    cdef:
        const Posting *postings = segment.postings
        Term *term
        int64_t t, k, end, i, n = 0
        float weight
        float *sum_of = sums - start  # by place
    for t in range(query.n_terms):
        term = query.terms + t
        if term.is_left_out:
            continue
        if t + 1 < query.n_terms:
            fetch_list(query.terms + t + 1, postings)
        k, end, weight = term.next, term.end, term.weight
        term.first = k
        while k + 8 <= end and postings[k + 7].place < stop:
            prefetch(postings + k + 192)
            for i in range(8):
                sum_of[postings[k + i].place] += weight * postings[k + i].value
            k += 8
        while k < end and postings[k].place < stop:
            sum_of[postings[k].place] += weight * postings[k].value
            k += 1
        term.next = k
        n += k - term.first
    return n


cdef inline void find_in_lists(
    const Query *query, const Segment *segment, int64_t start, float least, float *sums,
    Found *found
) noexcept nogil:
    # List the rows whose sums are not below the least, and set all sums to 0: for a window with few
    # entries.
    cdef:
        int64_t t, k
        float *sum_
    for t in range(query.n_terms):
        if query.terms[t].is_left_out:
            continue
        for k in range(query.terms[t].first, query.terms[t].next):
            sum_ = sums + segment.postings[k].place - start
            if sum_[0] >= least:
                found.rows[found.size] = segment.postings[k].place
                found.sums[found.size] = sum_[0]
                found.size += 1
            sum_[0] = 0
