"""Compute the l2 norms of the rows of a CSR matrix, summed in double precision."""

from libc.math cimport sqrt
from libc.stdint cimport int64_t

from ._arrays cimport floats, int64s


def sum_squares(
    indptr,
    data,
    out,  # out
):
    """Write the squared norm of each row."""
    cdef:
        const int64_t *ends = int64s(indptr)
        const float *values = floats(data)
        float *norms = floats(out)
        Py_ssize_t row, n_rows = len(out)
    with nogil:
        for row in range(n_rows):
            norms[row] = <float> squared_norm(values, ends[row], ends[row + 1])


def normalize_rows(
    indptr,
    data,
    out,  # out
):
    """Scale each row to unit length, but for rows of zeros; ``out`` may be ``data``."""
    cdef:
        const int64_t *ends = int64s(indptr)
        const float *values = floats(data)
        float *scaled = floats(out)
        Py_ssize_t row, n_rows = len(indptr) - 1
        int64_t k
        double norm
    with nogil:
        for row in range(n_rows):
            norm = sqrt(squared_norm(values, ends[row], ends[row + 1]))
            for k in range(ends[row], ends[row + 1]):
                scaled[k] = <float> (values[k] / norm) if norm > 0 else 0


cdef inline double squared_norm(const float *data, int64_t first, int64_t last) noexcept nogil:
    cdef:
        int64_t k
        double total = 0
    for k in range(first, last):
        total += <double> data[k] * data[k]
    return total
