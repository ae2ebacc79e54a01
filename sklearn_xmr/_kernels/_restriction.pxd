# What a query may reach: allowed nodes, nodes above a range of label positions, or everything.

from libc.stdint cimport int32_t, int64_t

from ._arrays cimport int32s, int64s
from ._lower_bound cimport lower_bound

cdef struct Restriction:
    int64_t n_rows               # allowed nodes for each query, or one list for all; 0: all nodes
    const int64_t *node_indptr   # where each list starts
    const int32_t *nodes         # sorted
    const int32_t *ranges        # of each query first .. last - 1; NULL: all positions
    const int64_t *label_indptr  # where the labels below each node start
    const int32_t *labels        # their positions, sorted


cdef inline Restriction view_restriction(restriction, Py_ssize_t depth):
    # A layer's part of `AllowedNodes` or `LabelRanges`, or of None: they must outlive the view.
    cdef Restriction view
    view.n_rows, view.ranges = 0, NULL
    if restriction is None:
        return view
    layer = restriction.layers[depth]
    indptr, numbers = layer[0], layer[1]
    if restriction.ranges is None:
        view.n_rows = len(indptr) - 1
        view.node_indptr, view.nodes = int64s(indptr), int32s(numbers)
    else:
        view.ranges = int32s(restriction.ranges)
        view.label_indptr, view.labels = int64s(indptr), int32s(numbers)
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
