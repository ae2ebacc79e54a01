# Which of many numbers may be among a few: a byte for each remainder. It says yes to all that are,
# and to hardly another, and stays in the fastest cache.

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc

cdef enum:
    FILTER_SIZE = 1 << 14


cdef inline uint8_t *new_filter() noexcept nogil:
    return <uint8_t *> calloc(FILTER_SIZE, sizeof(uint8_t))


cdef inline void mark_numbers(
    uint8_t *filter_, const int32_t *numbers, int64_t n, uint8_t mark
) noexcept nogil:
    # 1 lets numbers in, 0 takes them out again.
    cdef int64_t k
    for k in range(n):
        filter_[numbers[k] & (FILTER_SIZE - 1)] = mark


cdef inline uint8_t may_be_marked(const uint8_t *filter_, int32_t number) noexcept nogil:
    return filter_[number & (FILTER_SIZE - 1)]


cdef inline int64_t find_marked(
    const uint8_t *filter_, const int32_t *numbers, int64_t n, int32_t *places
) noexcept nogil:
    # Where numbers are that may be among the marked ones, and how many. There must be room for n.
    # Without branches: none can be foreseen.
    cdef int64_t k, n_found = 0
    for k in range(n):
        places[n_found] = <int32_t> k
        n_found += may_be_marked(filter_, numbers[k])
    return n_found
