"""List the entries of a sparse matrix by feature, for the features that have any."""

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc

from ._column_set cimport ColumnSet, add_column, allocate_set, free_set, take_sorted

cdef double ROUNDED_UP = 1 + 2.0 ** -23


def distinct(
    const int32_t[::1] indices,
    int64_t n_columns,
    int32_t[::1] out,  # out
):
    """Write the different indices, in order, and return how many there are."""
    cdef:
        ColumnSet columns
        int64_t k, n = 0
        bint is_new
    try:
        if not allocate_set(&columns, n_columns):
            raise MemoryError
        with nogil:
            for k in range(indices.shape[0]):
                add_column(&columns, indices[k], &is_new)
            if out.shape[0]:
                take_sorted(&columns, &out[0], &n)
    finally:
        free_set(&columns)
    return n


def invert(
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    const float[::1] data,
    const int32_t[::1] order,
    const int32_t[::1] features,
    int64_t[::1] starts,        # out
    Posting[::1] postings,      # out
    float[::1] largest,         # out
):
    """List the entries of CSR rows by feature: those of ``features[f]`` begin at ``starts[f]``.

    Rows are taken, and numbered, in this ``order``. ``features`` are the `distinct` indices;
    ``starts`` has one entry more and must be 0, and so must ``largest``: of each feature the
    largest value times the square root of how many entries its row has, rounded up.
    """
    cdef:
        int64_t place, row, k, f, n = features.shape[0]
        double root
        int32_t *number
    if n == 0:
        return
    number = <int32_t *> malloc((<int64_t> features[n - 1] + 1) * sizeof(int32_t))
    if number == NULL:
        raise MemoryError
    with nogil:
        for f in range(n):
            number[features[f]] = <int32_t> f
        # While lists are counted and filled, each has its start one entry further.
        for k in range(indices.shape[0]):
            f = number[indices[k]]
            if f + 2 <= n:
                starts[f + 2] += 1
        for f in range(2, n + 1):
            starts[f] += starts[f - 1]
        for place in range(order.shape[0]):
            row = order[place]
            root = sqrt(<double> (indptr[row + 1] - indptr[row])) * ROUNDED_UP
            for k in range(indptr[row], indptr[row + 1]):
                f = number[indices[k]]
                largest[f] = max(largest[f], <float> (data[k] * root))
                postings[starts[f + 1]].place = <int32_t> place
                postings[starts[f + 1]].value = data[k]
                starts[f + 1] += 1
        free(number)
