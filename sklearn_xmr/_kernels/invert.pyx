"""List the entries of a sparse matrix by feature, for the features that have any."""

import numpy as np

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc

from ._arrays cimport address_of, floats, int32s, int64s
from ._column_set cimport ColumnSet, add_column, allocate_set, free_set, take_sorted

cdef double ROUNDED_UP = 1 + 2.0 ** -23

cdef struct Rows:
    const int64_t *ptr
    const int32_t *columns
    const float *values


def invert(indptr, indices, data, order, postings):
    """List the entries of CSR rows by feature, in ``postings``.

    Rows are taken, and numbered, in this ``order``. Return the features with entries, in order;
    where those of each begin, and the last ones end; and of each the largest value times the square
    root of how many entries its row has, rounded up.
    """
    cdef:
        Rows rows = Rows(int64s(indptr), int32s(indices), floats(data))
        const int32_t *taken = int32s(order)
        Posting *lists = <Posting *> address_of(postings, sizeof(Posting), NULL)
        int64_t n_rows = len(order), n_entries = len(indices), n_features, f
        int32_t *listed
        int32_t *number
        int64_t *starts
        float *largest
    features = distinct(rows.columns, n_entries)
    n_features = len(features)
    starts_of, largest_of = np.zeros(n_features + 1, np.int64), np.zeros(n_features, np.float32)
    if n_features == 0:
        return features, starts_of, largest_of
    listed, starts, largest = int32s(features), int64s(starts_of), floats(largest_of)
    number = <int32_t *> malloc((<int64_t> listed[n_features - 1] + 1) * sizeof(int32_t))
    if number == NULL:
        raise MemoryError
    with nogil:
        for f in range(n_features):
            number[listed[f]] = <int32_t> f
        write_lists(&rows, n_entries, taken, n_rows, number, n_features, starts, lists, largest)
        free(number)
    return features, starts_of, largest_of


cdef distinct(const int32_t *columns, int64_t n_entries):
    # The different columns, in order.
    cdef:
        ColumnSet met
        int64_t k, n_columns = 0, n = 0
        int32_t *out
        bint is_new
    for k in range(n_entries):
        n_columns = max(n_columns, <int64_t> columns[k] + 1)
    features = np.empty(min(n_entries, n_columns), dtype=np.int32)
    out = int32s(features)
    try:
        if not allocate_set(&met, n_columns):
            raise MemoryError
        with nogil:
            for k in range(n_entries):
                add_column(&met, columns[k], &is_new)
            if n_entries:
                take_sorted(&met, out, &n)
    finally:
        free_set(&met)
    features.resize(n, refcheck=False)
    return features


cdef void write_lists(
    const Rows *rows,
    int64_t n_entries,
    const int32_t *order,
    int64_t n_rows,
    const int32_t *number,
    int64_t n_features,
    int64_t *starts,
    Posting *postings,
    float *largest,
) noexcept nogil:
    cdef:
        int64_t place, row, k, f
        double root
    # While lists are counted and filled, each has its start one entry further.
    for k in range(n_entries):
        f = number[rows.columns[k]]
        if f + 2 <= n_features:
            starts[f + 2] += 1
    for f in range(2, n_features + 1):
        starts[f] += starts[f - 1]
    for place in range(n_rows):
        row = order[place]
        root = sqrt(<double> (rows.ptr[row + 1] - rows.ptr[row])) * ROUNDED_UP
        for k in range(rows.ptr[row], rows.ptr[row + 1]):
            f = number[rows.columns[k]]
            largest[f] = max(largest[f], <float> (rows.values[k] * root))
            postings[starts[f + 1]].place = <int32_t> place
            postings[starts[f + 1]].value = rows.values[k]
            starts[f + 1] += 1
