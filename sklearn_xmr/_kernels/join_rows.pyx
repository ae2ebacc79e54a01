"""Put the rows of CSR matrices side by side."""

from libc.stdint cimport int32_t, int64_t


def place_rows(
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    const float[::1] data,
    int32_t first_column,
    float weight,
    int64_t[::1] ends,          # in and out
    int32_t[::1] out_indices,   # out
    float[::1] out_data,        # out
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
