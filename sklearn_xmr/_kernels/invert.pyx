"""List the entries of a sparse matrix by feature, for the features that have any."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc

from ._column_set cimport ColumnSet, add_column, allocate_set, free_set, take_sorted


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
    const int32_t[::1] features,
    int64_t[::1] starts,        # out
    Posting[::1] postings,      # out
    float[::1] largest,         # out
):
    """List the entries of CSR rows by feature: those of ``features[f]`` begin at ``starts[f]``.

    ``features`` are the `distinct` indices; ``starts`` has one entry more and must be 0, and so
    must ``largest``, the largest value of each.
    """
    cdef:
        int64_t row, k, f, n = features.shape[0]
        int32_t *place
    if n == 0:
        return
    place = <int32_t *> malloc((<int64_t> features[n - 1] + 1) * sizeof(int32_t))
    if place == NULL:
        raise MemoryError
    with nogil:
        for f in range(n):
            place[features[f]] = <int32_t> f
        # While lists are counted and filled, each has its start one entry further.
        for k in range(indices.shape[0]):
            f = place[indices[k]]
            largest[f] = max(largest[f], data[k])
            if f + 2 <= n:
                starts[f + 2] += 1
        for f in range(2, n + 1):
            starts[f] += starts[f - 1]
        for row in range(indptr.shape[0] - 1):
            for k in range(indptr[row], indptr[row + 1]):
                f = place[indices[k]]
                postings[starts[f + 1]].row = <int32_t> row
                postings[starts[f + 1]].value = data[k]
                starts[f + 1] += 1
        free(place)
