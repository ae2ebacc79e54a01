"""Look once over a CSR matrix from outside: can the other kernels trust it as it is?"""

from libc.math cimport isfinite
from libc.stdint cimport int32_t, int64_t

ctypedef fused index_t:
    int32_t
    int64_t


def is_canonical(
    const index_t[::1] indptr,
    const index_t[::1] indices,
    const float[::1] data,
    int64_t n_columns,
):
    """Whether rows and indices lie inside, each row's indices increase, and values are finite."""
    cdef:
        Py_ssize_t row
        int64_t k, last, n_stored = min(indices.shape[0], data.shape[0])
        bint is_good = indptr.shape[0] > 0 and indptr[0] == 0
    with nogil:
        for row in range(indptr.shape[0] - 1):
            is_good = is_good and indptr[row] <= indptr[row + 1] <= n_stored
            if not is_good:
                break  # the rest would be read from outside the arrays
            last = -1
            for k in range(indptr[row], indptr[row + 1]):
                is_good &= last < indices[k] < n_columns and isfinite(data[k]) != 0
                last = indices[k]
    return is_good
