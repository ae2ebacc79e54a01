# What a query may reach: allowed nodes, nodes above a range of label positions, or everything.

from libc.stdint cimport int32_t, int64_t

cdef struct Restriction:
    int64_t n_rows               # allowed nodes for each query, or one list for all; 0: all nodes
    const int64_t *indptr        # where each list starts
    const int32_t *nodes         # sorted
    const int32_t *ranges        # of each query first .. last - 1; NULL: all positions
    const int64_t *label_indptr  # where the labels below each node start
    const int32_t *labels        # their positions, sorted


cdef inline int64_t first_from(
    const int32_t *numbers, int64_t low, int64_t high, int64_t bound
) noexcept nogil:
    # Where sorted numbers[low] .. numbers[high - 1] reach a bound.
    cdef int64_t middle
    while low < high:
        middle = (low + high) // 2
        if numbers[middle] < bound:
            low = middle + 1
        else:
            high = middle
    return low


cdef inline bint is_in_range(
    const Restriction *restriction, int32_t query, int32_t node
) noexcept nogil:
    # Whether a label of the query's range lies below the node.
    cdef:
        const int32_t *bounds = restriction.ranges + 2 * query
        int64_t end = restriction.label_indptr[node + 1]
        int64_t k = first_from(
            restriction.labels, restriction.label_indptr[node], end, bounds[0]
        )
    return k < end and restriction.labels[k] < bounds[1]
