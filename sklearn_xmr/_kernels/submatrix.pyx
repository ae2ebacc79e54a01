"""Cut the rows of one tree node out of a CSR matrix, on just the features those rows have.

Training and clustering both work node by node. Re-numbering a node's few features 0..m-1 lets them
use dense arrays of m rows where the whole feature space would not fit the cache, or the machine.
"""

from libc.stdint cimport int32_t, int64_t


def take_rows(
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    const float[::1] data,
    const int32_t[::1] rows,
    int32_t[::1] local_of,      # scratch
    int64_t[::1] out_indptr,    # out
    int32_t[::1] out_indices,   # out
    float[::1] out_data,        # out
    int32_t[::1] features,      # out
):
    """Copy ``rows`` of the CSR matrix, features numbered by their first appearance.

    ``local_of`` (one entry per feature of the whole matrix) must be -1 everywhere and is left so.
    The outputs are as long as the rows' non-zeros (``out_indptr``: ``len(rows) + 1``);
    ``features[:m]`` names the m features met, and m is returned.
    """
    cdef:
        Py_ssize_t i, n_rows = rows.shape[0]
        int64_t k, n_out = 0
        int32_t feature, local, n_features = 0
    with nogil:
        out_indptr[0] = 0
        for i in range(n_rows):
            for k in range(indptr[rows[i]], indptr[rows[i] + 1]):
                feature = indices[k]
                local = local_of[feature]
                if local < 0:
                    local = n_features
                    local_of[feature] = local
                    features[local] = feature
                    n_features += 1
                out_indices[n_out] = local
                out_data[n_out] = data[k]
                n_out += 1
            out_indptr[i + 1] = n_out
        for k in range(n_features):
            local_of[features[k]] = -1
    return n_features
