# What a query may reach: allowed nodes, nodes above a range of label positions, or everything.

from libc.stdint cimport int32_t, int64_t

from ._lower_bound cimport lower_bound

cdef struct Restriction:
    int64_t n_rows               # allowed nodes for each query, or one list for all; 0: all nodes
    const int64_t *node_indptr   # where each list starts
    const int32_t *nodes         # sorted
    const int32_t *ranges        # of each query first .. last - 1; NULL: all positions
    const int64_t *label_indptr  # where the labels below each node start
    const int32_t *labels        # their positions, sorted


cdef inline Restriction view_restriction(restriction):
    # The arrays of a `LayerRestriction`, or None, which must outlive the view.
    cdef:
        Restriction view
        const int64_t[::1] indptr
        const int32_t[::1] numbers
        const int32_t[:, ::1] ranges
    view.n_rows, view.ranges = 0, NULL
    if restriction is None:
        return view
    if restriction.nodes is not None:
        indptr, numbers = restriction.node_indptr, restriction.nodes
        view.n_rows = indptr.shape[0] - 1
        view.node_indptr = &indptr[0]
        view.nodes = &numbers[0] if numbers.shape[0] else NULL
    if restriction.ranges is not None:
        ranges = restriction.ranges
        indptr, numbers = restriction.label_indptr, restriction.labels
        view.ranges = &ranges[0, 0] if ranges.shape[0] else NULL
        view.label_indptr = &indptr[0]
        view.labels = &numbers[0] if numbers.shape[0] else NULL
    return view


cdef inline bint is_in_range(
    const Restriction *restriction, int32_t query, int32_t node
) noexcept nogil:
    # Whether a label of the query's range lies below the node.
    cdef:
        const int32_t *bounds = restriction.ranges + 2 * query
        int64_t end = restriction.label_indptr[node + 1]
        int64_t k = lower_bound(
            restriction.labels, restriction.label_indptr[node], end, bounds[0]
        )
    return k < end and restriction.labels[k] < bounds[1]
