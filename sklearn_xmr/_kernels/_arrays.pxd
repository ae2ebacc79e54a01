# Where the numbers of an array lie. A memoryview takes twice as long to make, and a single query is
# answered from a hundred arrays.

from cpython.buffer cimport PyBUF_FORMAT, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport strchr


cdef inline const void *address_of(array, Py_ssize_t item_size, const char *kinds) except NULL:
    # Of an array without gaps, whose items are of one of these kinds; all are if it is NULL. The
    # array must outlive the address.
    cdef:
        Py_buffer buffer
        bint is_right
    PyObject_GetBuffer(array, &buffer, PyBUF_FORMAT)
    is_right = buffer.itemsize == item_size and (
        kinds == NULL or strchr(kinds, buffer.format[0]) != NULL
    )
    PyBuffer_Release(&buffer)
    if not is_right:
        raise ValueError(f"A kernel was given an array of {array.dtype}.")
    return buffer.buf


cdef inline const uint8_t *uint8s(array) except NULL:
    return <const uint8_t *> address_of(array, sizeof(uint8_t), b"B")


cdef inline const int32_t *int32s(array) except NULL:
    return <const int32_t *> address_of(array, sizeof(int32_t), b"il")


cdef inline const int64_t *int64s(array) except NULL:
    return <const int64_t *> address_of(array, sizeof(int64_t), b"lq")


cdef inline const float *floats(array) except NULL:
    return <const float *> address_of(array, sizeof(float), b"f")


cdef inline const double *doubles(array) except NULL:
    return <const double *> address_of(array, sizeof(double), b"d")
