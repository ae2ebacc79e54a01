"""What the vectors of a query and a label have in common, pair by pair.

The labels of query q are ``labels[pair_ptr[q]:pair_ptr[q + 1]]``. Vectors are compared on one view,
a range of columns, after the other. A label has hundreds of entries, few of them on the query's
columns: a filter finds these, and what does not depend on the query is known beforehand.
"""

from libc.math cimport INFINITY, log1p, sqrt
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

from ._arrays cimport doubles, floats, int32s, int64s, n_columns
from ._compiler cimport prefetch
from ._lower_bound cimport lower_bound
from ._number_filter cimport find_marked, mark_numbers, new_filter

cpdef enum VectorFeature:
    COSINE = 0
    COVERAGE = 1
    WEIGHTED_COVERAGE = 2
    LABEL_COVERAGE = 3
    LARGEST_MISSING = 4
    N_VECTOR_FEATURES = 5

cdef enum:
    WINDOW = 256        # entries of a label that are filtered at once
    ROWS_AHEAD = 4      # how far ahead labels are fetched: they lie anywhere
    SPANS_AHEAD = 8     # and where their rows are


# The entries of a query in a view.
cdef struct Part:
    const int32_t *columns
    const float *values
    int64_t count
    double weight       # the sum of the absolute values
    double norm
    double largest      # absolute value


# Entries of labels, by their places.
cdef struct Entries:
    const int32_t *columns
    const float *values


# The rows of labels, with what `view_totals` knows of them.
cdef struct Labels:
    Entries first
    Entries later       # from place n_first on: their arrays begin there
    int64_t n_first
    const int64_t *spans
    const double *totals
    int64_t n_views


# What a query and a label share in a view.
cdef struct Shared:
    int64_t count
    double weight       # the sum of the query's absolute values
    double label_weight
    double missing      # the largest absolute value of the query that the label lacks
    double dot
    double weighted     # the same with each product times its column's weight


def view_totals(
    const int64_t[::1] ptr,
    const int32_t[::1] columns,
    const float[::1] values,
    const int32_t[:, ::1] views,
    int64_t[:, :, ::1] spans,  # out
    double[:, :, ::1] totals,  # out
):
    """Sum up rows in each view, the columns from ``views[v, 0]`` up to ``views[v, 1]``.

    Row r has its entries of view v from ``spans[r, v, 0]`` up to ``spans[r, v, 1]``; the sum of
    their absolute values is ``totals[r, v, 0]``, their norm ``totals[r, v, 1]``.
    """
    cdef:
        int64_t r, v
        const int32_t *listed = &columns[0] if columns.shape[0] else NULL
        const float *given = &values[0] if values.shape[0] else NULL
        Part part
    with nogil:
        for r in range(ptr.shape[0] - 1):
            for v in range(views.shape[0]):
                part = part_of(listed, given, ptr[r], ptr[r + 1], &views[v, 0])
                spans[r, v, 0] = part.columns - listed
                spans[r, v, 1] = spans[r, v, 0] + part.count
                totals[r, v, 0] = part.weight
                totals[r, v, 1] = part.norm


cdef Part part_of(
    const int32_t *columns, const float *values, int64_t first, int64_t past, const int32_t *view
) noexcept nogil:
    cdef:
        int64_t start = lower_bound(columns, first, past, view[0])
        int64_t k, stop = lower_bound(columns, start, past, view[1])
        double value, square = 0
        Part part = Part(columns + start, values + start, stop - start, 0, 0, 0)
    for k in range(part.count):
        value = abs(part.values[k])
        part.weight += value
        square += value * value
        part.largest = max(part.largest, value)
    part.norm = sqrt(square)
    return part


def match_vectors(
    queries,
    label_rows,
    later_rows,
    label_spans,
    label_totals,
    views,
    pair_ptr,
    label_of_pair,
    term_weights,
    out,  # out
):
    """Compare sparse rows, `Csr`, those of labels as `view_totals` has them.

    Spans of ``later_rows`` come behind those of ``label_rows``, and count on from their entries.

    ``out`` has a row for each pair. Its first columns are the `VectorFeature` of each view. COSINE:
    of the two parts. COVERAGE: the share of the query's entries that the label has, too;
    WEIGHTED_COVERAGE: the same by their absolute values; LABEL_COVERAGE: the share of the label's
    absolute values on the query's columns. LARGEST_MISSING: the largest absolute value of the query
    that the label lacks, as a share of the largest. All are 0 where a part is empty, apart from
    LARGEST_MISSING, which is 1 where only the label's is.

    Then come the first view's cosine with each column's part of it times its entry of
    ``term_weights``, 0 if those are empty; for each view, how far the cosine is below the best one
    of the query; and the logs of 1 + the entries that the query and the label have in the first
    view. Further columns stay as they are.
    """
    cdef:
        int64_t q, p, v, n_views = len(views), n_queries = len(queries.indptr) - 1
        int64_t width = n_columns(out)
        const int64_t *query_ptr = int64s(queries.indptr)
        const int32_t *columns = int32s(queries.indices)
        const float *values = floats(queries.data)
        const int32_t *bounds = int32s(views)
        const int64_t *ptr = int64s(pair_ptr)
        const int32_t *labels = int32s(label_of_pair)
        const double *weights = doubles(term_weights) if len(term_weights) else NULL
        double *table = doubles(out)
        uint8_t *known = new_filter()
        Part *parts = <Part *> malloc(n_views * sizeof(Part))
        Labels rows
        Shared shared
        double *row
        double log_count
    rows.n_first = len(label_rows.indices)
    rows.first = Entries(int32s(label_rows.indices), floats(label_rows.data))
    rows.later = Entries(
        int32s(later_rows.indices) - rows.n_first, floats(later_rows.data) - rows.n_first
    )
    rows.spans, rows.totals, rows.n_views = int64s(label_spans), doubles(label_totals), n_views
    if known == NULL or parts == NULL:
        free(known)
        free(parts)
        raise MemoryError
    with nogil:
        for q in range(n_queries):
            for v in range(n_views):
                parts[v] = part_of(columns, values, query_ptr[q], query_ptr[q + 1], bounds + 2 * v)
                mark_numbers(known, parts[v].columns, parts[v].count, 1)
            log_count = log1p(<double> parts[0].count)
            for p in range(ptr[q], ptr[q + 1]):
                if p + SPANS_AHEAD < ptr[q + 1]:
                    fetch_spans(&rows, labels[p + SPANS_AHEAD])
                if p + ROWS_AHEAD < ptr[q + 1]:
                    fetch_entries(&rows, labels[p + ROWS_AHEAD])
                row = table + p * width
                for v in range(n_views):
                    shared = compare(&parts[v], &rows, labels[p], v, weights, known)
                    write_features(&parts[v], &rows, labels[p], v, &shared, row)
                row[N_VECTOR_FEATURES * n_views + 1 + n_views] = log_count
            for v in range(n_views):
                write_gaps(table, width, ptr[q], ptr[q + 1], v, n_views)
                mark_numbers(known, parts[v].columns, parts[v].count, 0)
    free(known)
    free(parts)


cdef inline const Entries *entries_of(const Labels *rows, const int64_t *span) noexcept nogil:
    return &rows.first if span[0] < rows.n_first else &rows.later


cdef void fetch_spans(const Labels *rows, int64_t label) noexcept nogil:
    prefetch(rows.spans + 2 * label * rows.n_views)
    prefetch(rows.totals + 2 * label * rows.n_views)


cdef void fetch_entries(const Labels *rows, int64_t label) noexcept nogil:
    cdef:
        int64_t v, k
        const int64_t *span
        const Entries *entries
    for v in range(rows.n_views):
        span = rows.spans + 2 * (label * rows.n_views + v)
        entries = entries_of(rows, span)
        for k in range(span[0], span[1], 16):  # as many as a line of the cache holds
            prefetch(entries.columns + k)
            prefetch(entries.values + k)


cdef Shared compare(
    const Part *query,
    const Labels *rows,
    int64_t label,
    int64_t v,
    const double *term_weights,
    const uint8_t *known,
) noexcept nogil:
    cdef:
        const int64_t *span = rows.spans + 2 * (label * rows.n_views + v)
        const Entries *entries = entries_of(rows, span)
        int64_t first = span[0], place, i, n_found, k = 0
        int32_t column
        int32_t found[WINDOW]
        double product
        Shared shared = Shared(0, 0, 0, 0, 0, 0)
    if query.count == 0:
        return shared
    while first < span[1]:
        n_found = find_marked(known, entries.columns + first, min(WINDOW, span[1] - first), found)
        for i in range(n_found):
            place = first + found[i]
            column = entries.columns[place]
            while k < query.count and query.columns[k] < column:
                shared.missing = max(shared.missing, <double> abs(query.values[k]))
                k += 1
            if k == query.count:
                return shared
            if query.columns[k] == column:
                product = <double> query.values[k] * entries.values[place]
                shared.dot += product
                if term_weights != NULL and v == 0:
                    shared.weighted += product * term_weights[column]
                shared.weight += abs(query.values[k])
                shared.label_weight += abs(entries.values[place])
                shared.count += 1
                k += 1
        first += WINDOW
    while k < query.count:
        shared.missing = max(shared.missing, <double> abs(query.values[k]))
        k += 1
    return shared


cdef void write_features(
    const Part *query,
    const Labels *rows,
    int64_t label,
    int64_t v,
    const Shared *shared,
    double *row,
) noexcept nogil:
    cdef:
        const int64_t *span = rows.spans + 2 * (label * rows.n_views + v)
        const double *totals = rows.totals + 2 * (label * rows.n_views + v)
        double *out = row + v * N_VECTOR_FEATURES
    out[<int> VectorFeature.COSINE] = ratio(shared.dot, query.norm * totals[1])
    out[<int> VectorFeature.COVERAGE] = ratio(shared.count, query.count)
    out[<int> VectorFeature.WEIGHTED_COVERAGE] = ratio(shared.weight, query.weight)
    out[<int> VectorFeature.LABEL_COVERAGE] = ratio(shared.label_weight, totals[0])
    out[<int> VectorFeature.LARGEST_MISSING] = ratio(shared.missing, query.largest)
    if v == 0:
        out = row + rows.n_views * N_VECTOR_FEATURES
        out[0] = ratio(shared.weighted, query.norm * totals[1])
        out[2 + rows.n_views] = log1p(<double> (span[1] - span[0]))


cdef double ratio(double part, double whole) noexcept nogil:
    return part / whole if whole > 0 else 0


cdef void write_gaps(
    double *table, int64_t width, int64_t first, int64_t past, int64_t v, int64_t n_views
) noexcept nogil:
    # How far the cosines of a view are below the best of the query's.
    cdef:
        int64_t p, gap = n_views * N_VECTOR_FEATURES + 1 + v
        int64_t cosine = v * N_VECTOR_FEATURES + <int> VectorFeature.COSINE
        double best = -INFINITY
    for p in range(first, past):
        best = max(best, table[p * width + cosine])
    for p in range(first, past):
        table[p * width + gap] = best - table[p * width + cosine]
