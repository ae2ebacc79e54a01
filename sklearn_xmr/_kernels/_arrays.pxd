# Where the numbers of an array lie. A single query is answered from a hundred arrays, and to make a
# memoryview of one takes ten times as long.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport strchr

cdef extern from "numpy/arrayobject.h":
    ctypedef class numpy.ndarray [object PyArrayObject, check_size ignore]:
        pass
    ctypedef struct PyArray_Descr:
        char type               # a letter, as of NumPy's dtype.char
    PyArray_Descr *PyArray_DESCR(ndarray array)
    Py_ssize_t PyArray_ITEMSIZE(ndarray array)
    bint PyArray_IS_C_CONTIGUOUS(ndarray array)
    bint PyArray_ISNOTSWAPPED(ndarray array)
    void *PyArray_DATA(ndarray array)
    Py_ssize_t PyArray_DIM(ndarray array, int axis)


cdef inline void *address_of(
    ndarray array, Py_ssize_t item_size, const char *types
) except? NULL:
    # Of an array without gaps, whose items are in this machine's byte order and of one of these
    # types; all are if it is NULL. The array must outlive the address, and be the kernel's to write
    # if that is what it does. Arrays that came over a network may lie at odd addresses.
    if (
        array is not None
        and PyArray_ITEMSIZE(array) == item_size
        and (types == NULL or strchr(types, PyArray_DESCR(array).type) != NULL)
        and PyArray_IS_C_CONTIGUOUS(array)
        and PyArray_ISNOTSWAPPED(array)
    ):
        return PyArray_DATA(array)
    raise ValueError(f"A kernel was given an array of {getattr(array, 'dtype', None)}.")


cdef inline uint8_t *uint8s(array) except? NULL:
    return <uint8_t *> address_of(array, sizeof(uint8_t), b"B")


cdef inline int32_t *int32s(array) except? NULL:
    return <int32_t *> address_of(array, sizeof(int32_t), b"il")


cdef inline uint32_t *uint32s(array) except? NULL:
    return <uint32_t *> address_of(array, sizeof(uint32_t), b"IL")


cdef inline int64_t *int64s(array) except? NULL:
    return <int64_t *> address_of(array, sizeof(int64_t), b"lq")


cdef inline uint64_t *uint64s(array) except? NULL:
    return <uint64_t *> address_of(array, sizeof(uint64_t), b"LQ")


cdef inline float *floats(array) except? NULL:
    return <float *> address_of(array, sizeof(float), b"f")


cdef inline double *doubles(array) except? NULL:
    return <double *> address_of(array, sizeof(double), b"d")


cdef inline Py_ssize_t n_columns(array) except -1:
    # Of an array with two axes.
    return PyArray_DIM(array, 1)
