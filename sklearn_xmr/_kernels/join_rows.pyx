"""Put the rows of two CSR matrices side by side and bring them to unit length."""

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t


def join_rows(
    const int32_t[::1] left_indptr,
    const int32_t[::1] left_indices,
    const float[::1] left_data,
    const int32_t[::1] right_indptr,
    const int32_t[::1] right_indices,
    const float[::1] right_data,
    int32_t right_start,
    float right_weight,
    int64_t[::1] indptr,
    int32_t[::1] indices,
    float[::1] data,
):
    """Write the rows (left, right_weight * right), each divided by its norm unless that is 0.

    The columns of the right matrix begin at ``right_start``.
    """
    cdef:
        Py_ssize_t i
        int64_t k, out = 0
        double norm
    indptr[0] = 0
    with nogil:
        for i in range(left_indptr.shape[0] - 1):
            for k in range(left_indptr[i], left_indptr[i + 1]):
                indices[out] = left_indices[k]
                data[out] = left_data[k]
                out += 1
            for k in range(right_indptr[i], right_indptr[i + 1]):
                indices[out] = right_start + right_indices[k]
                data[out] = right_weight * right_data[k]
                out += 1
            indptr[i + 1] = out
            norm = 0
            for k in range(indptr[i], out):
                norm += <double> data[k] * data[k]
            norm = sqrt(norm)
            if norm > 0:
                for k in range(indptr[i], out):
                    data[k] = <float> (data[k] / norm)
