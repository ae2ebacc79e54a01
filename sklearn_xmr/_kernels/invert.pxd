# One entry of a matrix, in the list of its column; `invert.pyx` makes the lists.

from libc.stdint cimport int32_t

cdef packed struct Posting:
    int32_t row
    float value
