# Some hundreds of numbers, put in order: the C library, which calls a function for each comparison,
# takes several times as long.

from libc.stdint cimport int64_t, uint64_t


cdef inline void sort_keys(uint64_t *keys, int64_t n) noexcept nogil:
    # Shell's sort, with gaps close to those that Tokuda found.
    cdef:
        int64_t gap = 1, i, k
        uint64_t key
    while 9 * gap < 4 * n:
        gap = (9 * gap + 4) // 4
    while gap > 0:
        for i in range(gap, n):
            key, k = keys[i], i
            while k >= gap and keys[k - gap] > key:
                keys[k] = keys[k - gap]
                k -= gap
            keys[k] = key
        gap = 4 * gap // 9
