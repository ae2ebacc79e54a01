"""Look once over a CSR matrix from outside: can the other kernels trust it as it is?"""

from libc.math cimport isfinite
from libc.stdint cimport int32_t, int64_t

ctypedef fused index_t:
    int32_t
    int64_t

# What `inspect` found, worst last.
CANONICAL = 0
UNSORTED = 1
NOT_FINITE = 2
BROKEN = 3


def inspect(
    const index_t[::1] indptr,
    const index_t[::1] indices,
    const float[::1] data,
    int64_t n_columns,
):
    """Return CANONICAL, or the worst flaw.

    UNSORTED: a row has its indices in another than increasing order, or some twice. NOT_FINITE: a
    NaN or an infinity. BROKEN: row pointers or indices that point outside.
    """
    cdef:
        Py_ssize_t row
        int64_t k, last, n_stored = min(indices.shape[0], data.shape[0])
        bint is_sorted = True, finite = True
    if indptr.shape[0] == 0 or indptr[0] != 0:
        return BROKEN
    with nogil:
        for row in range(indptr.shape[0] - 1):
            if indptr[row + 1] < indptr[row] or indptr[row + 1] > n_stored:
                with gil:
                    return BROKEN
            last = -1
            for k in range(indptr[row], indptr[row + 1]):
                if indices[k] < 0 or indices[k] >= n_columns:
                    with gil:
                        return BROKEN
                is_sorted &= indices[k] > last
                finite &= isfinite(data[k]) != 0
                last = indices[k]
    if not finite:
        return NOT_FINITE
    return CANONICAL if is_sorted else UNSORTED
