"""Sum groups of weighted rows of a CSR matrix: the sums are canonical CSR.

Groups are the rows of another CSR matrix: ``members[group_indptr[g]:group_indptr[g + 1]]`` are the
rows of group g. It takes two calls: once the columns of each sum are counted, all sums have their
places in one pair of arrays.
"""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc

from ._column_set cimport ColumnSet, add_column, allocate_set, free_set, take_sorted
from ._compiler cimport cloned_void, inlined_void, prefetch

cdef enum:
    AHEAD = 4  # members whose rows are fetched before their turn


def count_columns(
    const int64_t[::1] group_indptr,
    const int32_t[::1] members,
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    int64_t n_columns,
    int64_t[::1] counts,        # out
):
    """Write in how many columns the rows of each group have entries."""
    cdef:
        int64_t k
        int32_t g
        # The last group that each column was met in.
        int32_t *met_in = <int32_t *> malloc(max(n_columns, 1) * sizeof(int32_t))
    if met_in == NULL:
        raise MemoryError(f"No memory for a mark on each of {n_columns} columns.")
    with nogil:
        for k in range(n_columns):
            met_in[k] = -1
        for g in range(<int32_t> counts.shape[0]):
            counts[g] = count_group(
                g, met_in, members, group_indptr[g], group_indptr[g + 1], indptr, indices
            )
        free(met_in)


cdef inline inlined_void fetch_ahead(
    const int32_t[::1] members,
    int64_t m,
    int64_t last,
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
) noexcept nogil:
    cdef int64_t k
    if m + 2 * AHEAD < last:
        prefetch(&indptr[members[m + 2 * AHEAD]])
    if m + AHEAD < last:
        k = indptr[members[m + AHEAD]]
        if k < indices.shape[0]:  # else the row is empty, and the last
            prefetch(&indices[k])
            prefetch(&indices[k] + 16)


cdef inline int64_t count_group(
    int32_t g,
    int32_t *met_in,
    const int32_t[::1] members,
    int64_t first,
    int64_t last,
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
) noexcept nogil:
    cdef int64_t m, k, count = 0
    for m in range(first, last):
        fetch_ahead(members, m, last, indptr, indices)
        for k in range(indptr[members[m]], indptr[members[m] + 1]):
            count += met_in[indices[k]] != g
            met_in[indices[k]] = g
    return count


def sum_rows(
    const int64_t[::1] group_indptr,
    const int32_t[::1] members,
    const float[::1] weights,
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    const float[::1] data,
    int64_t n_columns,
    const int64_t[::1] out_indptr,
    int32_t[::1] out_indices,   # out
    float[::1] out_data,        # out
):
    """Write the sum of each group's rows, each times its entry of ``weights``, from its pointer on.

    Rows are added in their order.
    """
    cdef:
        ColumnSet columns
        float *sums = <float *> malloc(max(n_columns, 1) * sizeof(float))
        bint ready = allocate_set(&columns, n_columns) and sums != NULL
    if ready and out_indices.shape[0]:
        with nogil:
            add_up(
                &columns, sums, group_indptr, members, weights, indptr, indices, data, out_indptr,
                &out_indices[0], &out_data[0],
            )
    free_set(&columns)
    free(sums)
    if not ready:
        raise MemoryError(f"No memory for a sum of each of {n_columns} columns.")


cdef cloned_void add_up(
    ColumnSet *all_columns,
    float *sums,
    const int64_t[::1] group_indptr,
    const int32_t[::1] members,
    const float[::1] weights,
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    const float[::1] data,
    const int64_t[::1] out_indptr,
    int32_t *out_indices,
    float *out_data,
) noexcept nogil:
    cdef:
        ColumnSet columns = all_columns[0]
        int64_t g, m, k, start, size = 0
        int32_t column
        float weight
        bint is_new
    for g in range(out_indptr.shape[0] - 1):
        for m in range(group_indptr[g], group_indptr[g + 1]):
            fetch_ahead(members, m, group_indptr[g + 1], indptr, indices)
            if m + AHEAD < group_indptr[g + 1]:
                k = indptr[members[m + AHEAD]]
                if k < data.shape[0]:
                    prefetch(&data[k])
                    prefetch(&data[k] + 16)
            weight = weights[m]
            for k in range(indptr[members[m]], indptr[members[m] + 1]):
                column = indices[k]
                add_column(&columns, column, &is_new)
                if is_new:
                    sums[column] = weight * data[k]
                else:
                    sums[column] += weight * data[k]
        start = out_indptr[g]
        take_sorted(&columns, out_indices + start, &size)
        for k in range(start, start + size):
            out_data[k] = sums[out_indices[k]]
