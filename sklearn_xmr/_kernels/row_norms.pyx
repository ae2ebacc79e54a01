"""Compute the l2 norms of the rows of a CSR matrix, summed in double precision."""

from libc.math cimport sqrt
from libc.stdint cimport int64_t


def sum_squares(
    const int64_t[::1] indptr,
    const float[::1] data,
    float[::1] out,  # out
):
    """Write the squared norm of each row."""
    cdef Py_ssize_t row
    with nogil:
        for row in range(out.shape[0]):
            out[row] = <float> squared_norm(data, indptr[row], indptr[row + 1])


def normalize_rows(
    const int64_t[::1] indptr,
    const float[::1] data,
    float[::1] out,  # out
):
    """Scale each row to unit length, but for rows of zeros; ``out`` may be ``data``."""
    cdef:
        Py_ssize_t row
        int64_t k
        double norm
    with nogil:
        for row in range(indptr.shape[0] - 1):
            norm = sqrt(squared_norm(data, indptr[row], indptr[row + 1]))
            for k in range(indptr[row], indptr[row + 1]):
                out[k] = <float> (data[k] / norm) if norm > 0 else 0


cdef inline double squared_norm(
    const float[::1] data, int64_t first, int64_t last
) noexcept nogil:
    cdef:
        int64_t k
        double total = 0
    for k in range(first, last):
        total += <double> data[k] * data[k]
    return total
