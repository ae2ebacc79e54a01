# One row of tf-idf weights, from the terms of a document, which come in any order, and repeated.

from cython cimport floating
from libc.math cimport fabs, log, sqrt
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from ._column_set cimport ColumnSet, add_column, allocate_set, free_set, take_sorted
from ._sort_keys cimport sort_keys

cpdef enum TermFrequency:
    COUNT = 0
    BINARY = 1
    SUBLINEAR = 2

cpdef enum Norm:
    NO_NORM = 0
    L1 = 1
    L2 = 2

# How sums become weights.
cdef struct Weighting:
    TermFrequency tf
    Norm norm
    const void *idf     # of each feature, of the type of the weights; NULL: 1

# Room for the terms of one row and their sums, in one of two ways. For many documents: a set of
# terms, which sorts them, and a sum for each feature. For few: keys to sort, as an array that is as
# long as there are features would take longer to get. Sums are rounded to the type of the counts,
# as those of `count_rows` are: it makes no difference whether repetitions are added up here or
# there.
cdef struct Row:
    double *sums        # of the terms as they are written
    uint64_t *keys      # a term and its place in the document, or NULL
    ColumnSet set
    void *sum_of        # of each feature, of the type of the counts, or NULL


cdef enum:
    FEATURES_PER_TERM = 32  # with more features for each term, keys are sorted


cdef inline bint allocate_row(
    Row *row, int64_t longest, int64_t n_terms, int64_t n_features, size_t size_of_sum
) noexcept nogil:
    # For documents of `n_terms` terms in all. `free_row` is due even if there is no memory.
    row.keys = NULL
    row.sum_of = row.set.bits = row.set.summary = NULL
    row.sums = <double *> malloc(max(longest, 1) * sizeof(double))
    if n_features > FEATURES_PER_TERM * n_terms:
        row.keys = <uint64_t *> malloc(max(longest, 1) * sizeof(uint64_t))
        return row.keys != NULL and row.sums != NULL
    row.sum_of = malloc(max(n_features, 1) * size_of_sum)
    return allocate_set(&row.set, n_features) and row.sums != NULL and row.sum_of != NULL


cdef inline void free_row(Row *row) noexcept nogil:
    free(row.sums)
    free(row.keys)
    free(row.sum_of)
    free_set(&row.set)


cdef inline int64_t write_row(
    Row *row,
    const int32_t *terms,
    const floating *counts,     # NULL: 1
    const int32_t *columns,     # of terms; NULL: the same
    int64_t n_terms,
    const Weighting *weighting,
    int32_t *out_terms,
    floating *out_data,
) noexcept nogil:
    # Write the row of a document; return how many entries it has. Negative terms and columns are
    # dropped.
    cdef:
        int64_t k, size
        double *sums = row.sums
        const floating *idf = <const floating *> weighting.idf
    if row.keys == NULL:
        size = sum_in_set(
            row, <floating *> row.sum_of, terms, counts, columns, n_terms, out_terms
        )
    else:
        size = sum_sorted(row, terms, counts, columns, n_terms, out_terms)
    if weighting.tf == BINARY:
        for k in range(size):
            sums[k] = 1.0
    elif weighting.tf == SUBLINEAR:
        for k in range(size):
            sums[k] = 1.0 + log(sums[k])
    if idf != NULL:
        for k in range(size):
            sums[k] *= idf[out_terms[k]]
    normalize(sums, size, weighting.norm)
    for k in range(size):
        out_data[k] = <floating> sums[k]
    return size


cdef inline int32_t column_of(int32_t term, const int32_t *columns) noexcept nogil:
    return columns[term] if columns != NULL and term >= 0 else term


cdef inline int64_t sum_in_set(
    Row *row,
    floating *sum_of,
    const int32_t *terms,
    const floating *counts,
    const int32_t *columns,
    int64_t n_terms,
    int32_t *out,
) noexcept nogil:
    # Write the terms in order, and their sums; return how many.
    cdef:
        ColumnSet found = row.set
        int64_t k, size
        int32_t term
        bint is_new
        floating count = 1
    for k in range(n_terms):
        term = column_of(terms[k], columns)
        if term < 0:
            continue
        if counts != NULL:
            count = counts[k]
        add_column(&found, term, &is_new)
        if is_new:
            sum_of[term] = count
        else:
            sum_of[term] += count
    if n_terms == 0:
        return 0
    take_sorted(&found, out, &size)
    for k in range(size):
        row.sums[k] = sum_of[out[k]]
    return size


cdef inline int64_t sum_sorted(
    Row *row,
    const int32_t *terms,
    const floating *counts,
    const int32_t *columns,
    int64_t n_terms,
    int32_t *out,
) noexcept nogil:
    # The same as `sum_in_set`.
    cdef:
        int64_t k, n_keys = 0, size = 0
        int32_t term
        double count = 1.0
    for k in range(n_terms):
        term = column_of(terms[k], columns)
        if term >= 0:
            row.keys[n_keys] = (<uint64_t> term << 32) | <uint64_t> k
            n_keys += 1
    sort_keys(row.keys, n_keys)
    for k in range(n_keys):
        term = <int32_t> (row.keys[k] >> 32)
        if counts != NULL:
            count = counts[<uint32_t> row.keys[k]]
        if size and out[size - 1] == term:
            row.sums[size - 1] = <floating> (row.sums[size - 1] + count)
        else:
            out[size] = term
            row.sums[size] = count
            size += 1
    return size


cdef inline void normalize(double *values, int64_t size, Norm norm) noexcept nogil:
    cdef:
        int64_t k
        double total = 0.0
    if norm == NO_NORM:
        return
    for k in range(size):
        total += fabs(values[k]) if norm == L1 else values[k] * values[k]
    if norm == L2:
        total = sqrt(total)
    if total != 0.0:
        for k in range(size):
            values[k] /= total
