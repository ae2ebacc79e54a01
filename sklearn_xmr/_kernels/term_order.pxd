# The order of terms, for qsort: as Python sorts strings, equal ones by number.

from libc.stdint cimport int32_t, int64_t, uint32_t

cdef struct Term:
    const uint32_t *codes
    int64_t length
    int32_t number


cdef int compare(const void *left, const void *right) noexcept nogil
