"""List the positives that a block of siblings trains on, and the large weights that it learns."""

import numpy as np

from libc.stdint cimport int32_t, int64_t

from ._compiler cimport cloned_void
from ._lanes cimport any_lane, at_least, lanes, maximum
from ._lower_bound cimport lower_bound


def take_positives(
    const int64_t[::1] indptr,
    const int32_t[::1] nodes,
    const float[::1] weights,
    const int32_t[::1] rows,
    int32_t first,
    int32_t last,
    int64_t[::1] out_indptr,     # out
    int32_t[::1] out_children,   # out
    float[::1] out_weights,      # out
):
    """List the positive nodes of each of ``rows`` in ``first .. last - 1``, counted from ``first``.

    ``nodes`` are the column indices of a CSR matrix (rows x nodes), sorted within a row, and
    ``weights`` its values, or None together with ``out_weights``.
    """
    cdef:
        Py_ssize_t i
        int64_t k, end, n_out = 0
        const int32_t *listed = &nodes[0] if nodes.shape[0] else NULL
    with nogil:
        out_indptr[0] = 0
        for i in range(rows.shape[0]):
            end = indptr[rows[i] + 1]
            k = lower_bound(listed, indptr[rows[i]], end, first)
            while k < end and nodes[k] < last:
                out_children[n_out] = nodes[k] - first
                if weights is not None:
                    out_weights[n_out] = weights[k]
                n_out += 1
                k += 1
            out_indptr[i + 1] = n_out


cdef cloned_void count_large_weights(
    const float *weights, Py_ssize_t n_rows, Py_ssize_t width, float threshold, int32_t *counts
) noexcept nogil:
    cdef Py_ssize_t _row, c
    for _row in range(n_rows):
        for c in range(width):
            counts[c] += (weights[c] >= threshold) | (weights[c] <= -threshold)
        weights += width


cdef cloned_void list_large_weights(
    const float *weights, Py_ssize_t n_rows, Py_ssize_t width, float threshold,
    int64_t *places, int32_t *out_rows, float *out_weights
) noexcept nogil:
    # `places`: where each column's next weight goes, -1 for a column that is left out.
    cdef:
        Py_ssize_t row, block, first, c
        Py_ssize_t n_lanes = sizeof(lanes) // sizeof(float)
        lanes vector, is_kept
    for row in range(n_rows):
        for block in range(width // n_lanes):
            first = block * n_lanes
            vector = (<const lanes *> (weights + first))[0]
            is_kept = at_least(maximum(vector, -vector), threshold)
            if not any_lane(&is_kept):
                continue
            for c in range(first, first + n_lanes):
                if (weights[c] >= threshold or weights[c] <= -threshold) and places[c] >= 0:
                    out_rows[places[c]] = <int32_t> row
                    out_weights[places[c]] = weights[c]
                    places[c] += 1
        weights += width


def count_weights(
    const float[:, ::1] weights,
    float threshold,
    int32_t[::1] counts,  # in and out
):
    """Add to ``counts`` how many weights of each column have at least this magnitude, positive."""
    with nogil:
        count_large_weights(
            &weights[0, 0], weights.shape[0], weights.shape[1], threshold, &counts[0]
        )


def take_weights(
    const float[:, ::1] weights,
    float threshold,
    int64_t[::1] places,         # in and out
    int32_t[::1] out_rows,       # out
    float[::1] out_weights,      # out
):
    """List the weights that `count_weights` counts, row after row, with their rows.

    The weights of column c go to ``places[c]`` and behind, unless that is -1; ``places`` moves on.
    """
    with nogil:
        list_large_weights(
            &weights[0, 0], weights.shape[0], weights.shape[1], threshold,
            &places[0], &out_rows[0], &out_weights[0],
        )


def keep_columns(
    float[:, ::1] array,  # in and out
    const int32_t[::1] kept,
    Py_ssize_t width,
):
    """Move the columns ``kept`` (increasing) to the front, zeros behind them up to ``width``.

    The result, of shape (rows, width), lies in the memory of ``array``, whose own content is lost.
    """
    cdef:
        Py_ssize_t _row, c, n_kept = kept.shape[0], n_rows = array.shape[0], old = array.shape[1]
        float *source
        float *target
    if n_rows > 0:
        source = target = &array[0, 0]
        with nogil:
            # The rows get shorter: what is written has been read.
            for _row in range(n_rows):
                for c in range(n_kept):
                    target[c] = source[kept[c]]
                for c in range(n_kept, width):
                    target[c] = 0
                source += old
                target += width
    return np.asarray(array).reshape(-1)[: n_rows * width].reshape(n_rows, width)
