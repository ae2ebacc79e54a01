"""Put the rows of CSR matrices side by side, and bring rows to unit length."""

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t


def place_rows(
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    const float[::1] data,
    int32_t first_column,
    float weight,
    int64_t[::1] ends,
    int32_t[::1] out_indices,
    float[::1] out_data,
):
    """Write each row, ``weight`` times, at its entry of ``ends``, which moves behind it.

    Columns count from ``first_column``. Called for one matrix after another, with ``ends`` where
    the rows begin at first, it puts them side by side.
    """
    cdef int64_t i, k, out
    with nogil:
        for i in range(indptr.shape[0] - 1):
            out = ends[i]
            for k in range(indptr[i], indptr[i + 1]):
                out_indices[out] = first_column + indices[k]
                out_data[out] = weight * data[k]
                out += 1
            ends[i] = out


def normalize_rows(const int64_t[::1] indptr, float[::1] data):
    """Divide each row by its norm, unless that is 0."""
    cdef:
        int64_t i, k
        double norm
    with nogil:
        for i in range(indptr.shape[0] - 1):
            norm = 0
            for k in range(indptr[i], indptr[i + 1]):
                norm += <double> data[k] * data[k]
            norm = sqrt(norm)
            if norm > 0:
                for k in range(indptr[i], indptr[i + 1]):
                    data[k] = <float> (data[k] / norm)
