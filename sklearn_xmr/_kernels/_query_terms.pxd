# The features of one query, found in a segment of a text index, and which of them its search can
# leave out: see `text_index.pyx`.

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport qsort

from ._arrays cimport address_of, floats, int32s, int64s, uint8s
from ._compiler cimport prefetch
from ._lower_bound cimport lower_bound
from .invert cimport Posting
from .packed cimport Slot, fill_slot, find_slot

cdef enum:
    HASHED = 0                  # features have no slots of their own
    SLOTS_FOR_TERM = 16         # so many that most features of a row meet an empty one
    ENTRIES_FOR_ROW = 1000      # read as fast as the rows are scored that each row kept asks for
    FETCHED_LINES = 8           # of the cache, of a list that is about to be added up
    PERCENT = 30                # of the score to beat, that features left out may add up to

cdef struct Term:
    float weight
    double bound                # the largest product with a row of one entry
    double yield_               # what it adds to scores at most, for what it costs
    int64_t start               # its postings
    int64_t end
    int64_t next                # those of the windows to come
    int64_t first               # of this window
    bint is_left_out

cdef struct Query:
    Term *terms                 # in the order of features
    int64_t n_terms
    Term **by_yield             # lowest first
    int64_t n_left_out          # so many of the lowest
    double left_out             # the sum of their bounds
    double scale                # that bounds of the rows to come are to be multiplied with
    Slot *slots                 # lead from a feature to its term
    int64_t n_slots
    uint8_t *filter             # lets its features in

cdef struct Segment:
    const int32_t *ids          # what its rows are called, increasing
    int64_t n_rows
    const uint8_t *is_alive     # NULL: all are
    const uint8_t *is_allowed   # by id; NULL: all are
    const int64_t *indptr       # rows
    const int32_t *indices
    const float *data
    const int32_t *order        # rows, those of few entries first
    const int32_t *features     # columns: the sorted features that have entries
    int64_t n_features
    const int64_t *starts
    const Posting *postings
    const float *largest        # of each feature: what no value in a row of one entry is above


cdef inline Segment view_segment(segment, is_allowed):
    # The arrays of a `Segment`, which must outlive the view, and who is allowed, by id.
    cdef Segment view
    view.ids, view.n_rows = int32s(segment.ids), len(segment.ids)
    view.is_alive = NULL if segment.n_alive == view.n_rows else uint8s(segment.is_alive)
    view.is_allowed = NULL if is_allowed is None else uint8s(is_allowed)
    view.indptr, view.indices = int64s(segment.indptr), int32s(segment.indices)
    view.data, view.order = floats(segment.data), int32s(segment.order)
    view.features, view.n_features = int32s(segment.features), len(segment.features)
    view.starts, view.largest = int64s(segment.starts), floats(segment.largest)
    view.postings = <const Posting *> address_of(segment.postings, sizeof(Posting), NULL)
    return view


cdef inline int64_t find(const int32_t *numbers, int64_t n, int32_t number) noexcept nogil:
    # The place of a number among sorted, distinct ones from 0 on, -1 if it is not there. No number
    # is further from the place of its own than there are gaps.
    cdef int64_t low, high
    if n == 0 or number > numbers[n - 1]:
        return -1
    low = max(number - (numbers[n - 1] + 1 - n), 0)
    high = min(number, n - 1)
    low = lower_bound(numbers, low, high, number)
    return low if low <= high and numbers[low] == number else -1


cdef inline int compare_yields(const void *a, const void *b) noexcept nogil:
    cdef:
        double x = (<const Term **> a)[0].yield_
        double y = (<const Term **> b)[0].yield_
    return (x > y) - (x < y)


cdef inline void read_query(
    Query *query, const Segment *segment, const int32_t *features, const float *weights, int64_t n
) noexcept nogil:
    cdef:
        Term *term
        int64_t i, f, slot
    query.n_terms, query.n_left_out, query.left_out, query.scale = 0, 0, 0, 1
    query.n_slots = SLOTS_FOR_TERM * n + 1
    for slot in range(query.n_slots):
        query.slots[slot].feature = -1
    for i in range(n):
        f = find(segment.features, segment.n_features, features[i])
        if f < 0:
            continue
        term = query.terms + query.n_terms
        term.weight = weights[i]
        term.start, term.end = segment.starts[f], segment.starts[f + 1]
        term.next = term.start
        prefetch(segment.postings + term.next)
        term.bound = <double> weights[i] * segment.largest[f]
        term.yield_ = term.bound / sqrt(<double> (term.end - term.next))
        term.is_left_out = False
        slot = find_slot(query.slots, query.n_slots, HASHED, features[i])
        fill_slot(query.slots, query.n_slots, slot, features[i], <unsigned int> query.n_terms)
        query.by_yield[query.n_terms] = term
        query.n_terms += 1
    qsort(query.by_yield, query.n_terms, sizeof(Term *), compare_yields)


cdef inline int64_t next_place(const Query *query, const Segment *segment) noexcept nogil:
    cdef int64_t t, place = segment.n_rows
    for t in range(query.n_terms):
        if not query.terms[t].is_left_out and query.terms[t].next < query.terms[t].end:
            place = min(place, segment.postings[query.terms[t].next].place)
    return place


cdef inline void fetch_list(const Term *term, const Posting *postings) noexcept nogil:
    # The start of what is left of it: of the rest, each part is fetched while another is read.
    cdef int64_t i
    for i in range(FETCHED_LINES):
        prefetch(postings + term.next + 8 * i)


cdef inline double scale_from(const Segment *segment, int64_t place) noexcept nogil:
    # What bounds for rows of one entry are to be multiplied with, for rows from a place on.
    cdef int64_t row = segment.order[place]
    return 1 / sqrt(<double> max(segment.indptr[row + 1] - segment.indptr[row], 1))


cdef inline void leave_out(
    Query *query, double to_beat, double seen, int64_t n_keys
) noexcept nogil:
    # `to_beat` is what rows of one entry would have to reach. `seen` is how many rows were visited
    # for each that is still to be: the further the search is, the fewer rows get past the score to
    # beat. Neither falls, so what is left out stays out.
    cdef:
        int64_t n = query.n_left_out
        double bounds = query.left_out, n_spared = 0
    while n < query.n_terms and bounds + query.by_yield[n].bound <= to_beat * PERCENT / 100:
        bounds += query.by_yield[n].bound
        n_spared += query.by_yield[n].end - query.by_yield[n].next
        n += 1
    if n_spared * seen > ENTRIES_FOR_ROW * n_keys:
        while query.n_left_out < n:
            query.by_yield[query.n_left_out].is_left_out = True
            query.n_left_out += 1
        query.left_out = bounds


cdef inline double keep_few(Query *query, int64_t n_entries) noexcept nogil:
    # Leave out all features but those that add the most for so many entries, and return the
    # sum of their bounds.
    cdef:
        int64_t t
        double bounds = 0
        Term *term
    for t in range(query.n_terms - 1, -1, -1):
        term = query.by_yield[t]
        term.is_left_out = term.end - term.start > n_entries
        if not term.is_left_out:
            n_entries -= term.end - term.start
            bounds += term.bound
    return bounds


cdef inline void start_again(Query *query) noexcept nogil:
    cdef int64_t t
    for t in range(query.n_terms):
        query.terms[t].next, query.terms[t].is_left_out = query.terms[t].start, False


cdef inline float least_sum(const Query *query, double to_beat) noexcept nogil:
    # What a row must have without the features left out, some rounding of sums allowed for.
    cdef double least = to_beat / (1 + (query.n_terms + 2) * 2.5e-7) - query.scale * query.left_out
    return <float> max(least, 1e-45)


cdef inline const Term *term_of(const Query *query, int32_t feature) noexcept nogil:
    # NULL for a feature that the query has not.
    cdef int64_t slot = find_slot(query.slots, query.n_slots, HASHED, feature)
    if query.slots[slot].feature != feature:
        return NULL
    return query.terms + query.slots[slot].start
