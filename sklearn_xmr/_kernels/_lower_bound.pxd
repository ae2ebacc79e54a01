# Where sorted numbers reach a bound: binary search.

from libc.stdint cimport int32_t, int64_t, uint32_t

ctypedef fused Number:
    int32_t
    uint32_t


cdef inline int64_t lower_bound(
    const Number *numbers, int64_t first, int64_t last, int64_t bound
) noexcept nogil:
    # Where sorted numbers[first] .. numbers[last - 1] reach a bound; `last` if they do not.
    cdef int64_t middle
    while first < last:
        middle = (first + last) // 2
        if numbers[middle] < bound:
            first = middle + 1
        else:
            last = middle
    return first
