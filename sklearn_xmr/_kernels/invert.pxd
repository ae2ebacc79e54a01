# One entry of a matrix, in the list of its column, by the place of its row in some order;
# `invert.pyx` makes the lists.

from libc.stdint cimport int32_t

cdef packed struct Posting:
    int32_t place
    float value
