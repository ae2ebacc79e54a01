# Characters of Python strings, read where they lie: see `read` in strings.pyx.

from libc.stdint cimport int64_t, uint32_t


cdef bint read_strings(
    const int64_t *places, int64_t n_strings, bint lowercase, uint32_t *text, int64_t *ptr
) noexcept nogil
