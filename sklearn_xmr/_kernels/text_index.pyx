"""The best rows of a sparse matrix for each query, by inner product, from inverted lists.

All values are at least 0. Rows are visited in windows, whose sums stay in the cache: the lists of
the query's features are added up, one after the other, and what beats the worst row kept goes into
a heap. A first look, at a few short lists, finds a score that enough rows reach. Once there is a
score to beat, most entries need not be read (MaxScore, Turtle and Flood, 1995): features whose
largest products add up to a share of that score are left out, and the few rows that could still
beat it with all of them are scored from their own entries.

Rows of few entries come first. Where all vectors are of one length, theirs are the largest values:
the score to beat is soon known, and what a feature can add falls from window to window.

A score is a float32 sum in the order of the features, whichever way it was found.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from ._arrays cimport floats, int32s, int64s, n_columns, uint64s
from ._best_keys cimport key_of, offer_key, put_keys_in_order, row_of, score_of
from ._compiler cimport cloned_void, prefetch
from ._number_filter cimport mark_numbers, new_filter
from ._query_terms cimport (
    SLOTS_FOR_TERM, Query, Segment, Term, find, keep_few, leave_out, least_sum, next_place,
    read_query, scale_from, start_again, view_segment
)
from ._row_scores cimport AHEAD, Found, fetch_row, is_alive, score_row, take_wanted
from ._window_sums cimport add_lists, find_in_lists
from .packed cimport Slot

cdef enum:
    FIRST_WINDOW = 2048         # rows; each window doubles, so that a score to beat is soon known
    LARGEST_WINDOW = 8192
    BLOCK = 64                  # sums that are looked at together
    FEW = 16                    # with so many times as many rows, those of a list are few
    FEW_ENTRIES = 10            # for each row kept, that the first look is at
    LEVELS = 1024               # that it tells scores apart by

# Between these, products are far from where they lose digits.
cdef double SMALLEST = 1e-30, LARGEST = 1e30


cdef cloned_void find_in_sums(
    const float *sums, int64_t n, int64_t start, float least, Found *found
) noexcept nogil:
    cdef:
        int64_t block, i, size = 0
        int32_t *rows = found.rows
        float *kept = found.sums
        bint is_any
    for block in range(n // BLOCK):
        is_any = False
        for i in range(BLOCK * block, BLOCK * block + BLOCK):
            is_any |= sums[i] >= least
        if is_any:  # then no branch for each: none can be foreseen
            for i in range(BLOCK * block, BLOCK * block + BLOCK):
                rows[size], kept[size] = <int32_t> (start + i), sums[i]
                size += sums[i] >= least
    found.size = size


cdef void keep_best(
    const Query *query, const Segment *segment, const Found *found, float least,
    uint64_t *keys, int64_t n_keys
) noexcept nogil:
    cdef:
        int64_t i
        float score
    for i in range(found.size):
        if query.n_left_out:
            fetch_row(segment, found, i + AHEAD)
        elif i + AHEAD < found.size:
            prefetch(segment.ids + found.rows[i + AHEAD])
        score = found.sums[i]
        if score < least:
            continue
        if query.n_left_out:
            score = score_row(query, segment, found.rows[i])
        if score > 0:
            offer_key(keys, n_keys, key_of(score, segment.ids[found.rows[i]]))
            least = max(least, least_sum(query, score_of(keys[0])))


cdef void count_levels(
    const Query *query, const Segment *segment, int64_t start, double per_level, float *sums,
    int64_t *counts
) noexcept nogil:
    # Count the rows of a window by the level of their sums, and set these to 0.
    cdef int64_t t, k, place, level
    for t in range(query.n_terms):
        if query.terms[t].is_left_out:
            continue
        for k in range(query.terms[t].first, query.terms[t].next):
            place = segment.postings[k].place
            level = <int64_t> (sums[place - start] * per_level)
            sums[place - start] = 0
            if is_alive(segment, segment.order[place]):
                counts[level] += 1


cdef float reached_by_few(
    Query *query, const Segment *segment, float *sums, int64_t n_keys
) noexcept nogil:
    # A score that as many rows as are kept reach by a few features alone; 0 if none is known.
    cdef:
        int64_t place, n_reached = 0, level = LEVELS
        int64_t[LEVELS] counts
        double largest = keep_few(query, FEW_ENTRIES * n_keys) * scale_from(segment, 0)
        double per_level = (LEVELS - 1) / max(largest, SMALLEST)
    memset(counts, 0, sizeof(counts))
    place = next_place(query, segment) if largest < LARGEST else segment.n_rows
    while place < segment.n_rows:
        add_lists(query, segment, place, place + LARGEST_WINDOW, sums)
        count_levels(query, segment, place, per_level, sums, counts)
        place = next_place(query, segment)
    start_again(query)
    while n_reached < n_keys and level > 0:
        level -= 1
        n_reached += counts[level]
    return <float> (level / per_level * (1 - 1e-6))


cdef void search_query(
    Query *query, const Segment *segment, float *sums, Found *found, uint64_t *keys, int64_t n_keys
) noexcept nogil:
    # `sums` are 0 before and after.
    cdef:
        int64_t place = 0, n_entries, size = FIRST_WINDOW
        float least, to_beat, sure = 0
    if keys[0] == 0 and n_keys < segment.n_rows and segment.is_allowed == NULL:
        sure = reached_by_few(query, segment, sums, n_keys)
    while place < segment.n_rows:
        query.scale = scale_from(segment, place)
        to_beat = max(sure, score_of(keys[0]))
        if SMALLEST < to_beat < LARGEST:
            leave_out(
                query, to_beat / query.scale, place / (segment.n_rows - place + 1.), n_keys
            )
        place = next_place(query, segment)
        least = least_sum(query, to_beat)
        n_entries = add_lists(query, segment, place, place + size, sums)
        found.size = 0
        if n_entries < size // 8:
            find_in_lists(query, segment, place, least, sums, found)
        else:
            find_in_sums(sums, size, place, least, found)
            memset(sums, 0, size * sizeof(float))
        take_wanted(segment, found)
        keep_best(query, segment, found, least, keys, n_keys)
        place += size
        size = min(2 * size, LARGEST_WINDOW)


cdef void search_among(
    Query *query, Segment *segment, const int32_t *listed, int64_t n_listed, uint8_t *mask,
    float *sums, Found *found, uint64_t *keys, int64_t n_keys
) noexcept nogil:
    # The same for rows of a list; `mask`, for each id of the segment, is 0 before and after.
    cdef int64_t i, last = segment.ids[segment.n_rows - 1]
    for i in range(n_listed):
        if listed[i] <= last:
            mask[listed[i]] = 1
    segment.is_allowed = mask
    search_query(query, segment, sums, found, keys, n_keys)
    segment.is_allowed = NULL
    memset(mask, 0, last + 1)


cdef void score_listed(
    const Query *query, const Segment *segment, const int32_t *listed, int64_t n_listed,
    uint64_t *keys, int64_t n_keys
) noexcept nogil:
    cdef:
        int64_t i, row
        float score
    for i in range(n_listed):
        row = find(segment.ids, segment.n_rows, listed[i])
        if row >= 0 and is_alive(segment, row):
            score = score_row(query, segment, row)
            if score > 0:
                offer_key(keys, n_keys, key_of(score, listed[i]))


def search_segment(
    tuple queries,
    given_segment,
    tuple candidates,
    uint64_t[:, ::1] keys,      # in and out: 0 where there is no row yet
):
    """Offer the rows of a segment to each query's heap of keys.

    - Queries: index pointers, features, sorted, and values of CSR rows.
    - Segment: a `Segment` of a `TextIndex`.
    - Candidates: whether each id is one, or None; index pointers and ids of a list for each query,
      or of one for all, or None twice.
    """
    cdef:
        const int64_t *indptr
        const int32_t *features
        const float *values
        const int64_t[::1] listed_indptr
        const int32_t[::1] listed
        const int32_t *first_listed
        Segment segment = view_segment(given_segment, candidates[0])
        Query query
        Found found
        float *sums = NULL
        uint8_t *mask = NULL
        int64_t q, p, n, n_listed, max_terms = 0
    if keys.shape[0] == 0 or keys.shape[1] == 0 or segment.n_features == 0:
        return
    indptr, features, values = int64s(queries[0]), int32s(queries[1]), floats(queries[2])
    listed_indptr, listed = candidates[1:]
    if listed is not None and listed.shape[0] == 0:
        return
    for q in range(keys.shape[0]):
        max_terms = max(max_terms, indptr[q + 1] - indptr[q])
    if max_terms == 0:
        return
    query.terms = <Term *> malloc(max_terms * sizeof(Term))
    query.by_yield = <Term **> malloc(max_terms * sizeof(Term *))
    query.filter = new_filter()
    query.slots = <Slot *> malloc((SLOTS_FOR_TERM * max_terms + 1) * sizeof(Slot))
    found.rows = <int32_t *> malloc(LARGEST_WINDOW * sizeof(int32_t))
    found.sums = <float *> malloc(LARGEST_WINDOW * sizeof(float))
    sums = <float *> calloc(LARGEST_WINDOW, sizeof(float))
    try:
        if not (query.terms and query.by_yield and query.slots and query.filter):
            raise MemoryError
        if not (found.rows and found.sums and sums):
            raise MemoryError
        if listed is not None and FEW * listed.shape[0] >= segment.n_rows:
            n = segment.ids[segment.n_rows - 1]
            mask = <uint8_t *> calloc(n + 1, sizeof(uint8_t))
            if mask == NULL:
                raise MemoryError
        with nogil:
            for q in range(keys.shape[0]):
                if indptr[q] == indptr[q + 1]:
                    continue
                n = indptr[q + 1] - indptr[q]
                mark_numbers(query.filter, &features[indptr[q]], n, 1)
                read_query(&query, &segment, &features[indptr[q]], &values[indptr[q]], n)
                if listed is None:
                    search_query(&query, &segment, sums, &found, &keys[q, 0], keys.shape[1])
                else:
                    p = q if listed_indptr.shape[0] > 2 else 0
                    n_listed = listed_indptr[p + 1] - listed_indptr[p]
                    first_listed = &listed[0] + listed_indptr[p]
                    if FEW * n_listed < segment.n_rows:
                        score_listed(
                            &query, &segment, first_listed, n_listed, &keys[q, 0], keys.shape[1]
                        )
                    else:
                        search_among(
                            &query, &segment, first_listed, n_listed, mask, sums, &found,
                            &keys[q, 0], keys.shape[1],
                        )
                mark_numbers(query.filter, &features[indptr[q]], n, 0)
    finally:
        free(query.terms)
        free(query.by_yield)
        free(query.slots)
        free(query.filter)
        free(found.rows)
        free(found.sums)
        free(sums)
        free(mask)


def unpack_keys(
    keys,       # uint64, scratch
    rows,       # out: int32
    scores,     # out: float32
):
    """Turn heaps of keys into rows and scores, best first; behind the last, -1 and -inf."""
    cdef:
        int64_t _q, i, n_queries = len(keys), n_keys = n_columns(keys), k = n_columns(rows)
        uint64_t *heap = uint64s(keys)
        int32_t *row = int32s(rows)
        float *score = floats(scores)
    with nogil:
        for _q in range(n_queries):
            if n_keys:
                put_keys_in_order(heap, n_keys)
            for i in range(k):
                row[i], score[i] = -1, -INFINITY
                if i < n_keys and heap[i]:
                    row[i], score[i] = row_of(heap[i]), score_of(heap[i])
            heap += n_keys
            row += k
            score += k
