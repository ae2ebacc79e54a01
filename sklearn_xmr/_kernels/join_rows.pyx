"""Put the rows of CSR matrices side by side."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc

from ._arrays cimport floats, int32s, int64s

cdef struct Block:
    const int64_t *indptr
    const int32_t *indices
    const float *data
    int32_t first_column
    float weight


def join_rows(
    blocks,
    weights,
    out_indptr,     # out
    out_indices,    # out
    out_data,       # out
):
    """Write matrices side by side, each times its weight.

    - ``blocks``: a list of `Csr` with as many rows each.
    - ``weights``: a list of float.
    """
    cdef:
        Py_ssize_t i, b, n_blocks = len(blocks), n_rows = len(out_indptr) - 1
        int64_t k, out = 0, first_column = 0
        int64_t *indptr = int64s(out_indptr)
        int32_t *indices = int32s(out_indices)
        float *data = floats(out_data)
        Block *views = <Block *> malloc((n_blocks + 1) * sizeof(Block))
        Block block
    if views == NULL:
        raise MemoryError
    for b in range(n_blocks):
        views[b] = view_block(blocks[b])
        views[b].weight, views[b].first_column = weights[b], <int32_t> first_column
        first_column += blocks[b].n_columns
    indptr[0] = 0
    with nogil:
        for i in range(n_rows):
            for b in range(n_blocks):
                block = views[b]
                for k in range(block.indptr[i], block.indptr[i + 1]):
                    indices[out] = block.first_column + block.indices[k]
                    data[out] = block.weight * block.data[k]
                    out += 1
            indptr[i + 1] = out
    free(views)


cdef Block view_block(rows):
    # The arrays of a `Csr`, which must outlive the view.
    cdef Block view
    view.indptr, view.indices = int64s(rows.indptr), int32s(rows.indices)
    view.data = floats(rows.data)
    return view
