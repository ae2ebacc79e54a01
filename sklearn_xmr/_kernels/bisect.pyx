"""Balanced spherical 2-means: cut the rows of a sparse matrix into two clusters of given sizes."""

from libc.math cimport sqrt
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset


def normalize_rows(const int64_t[::1] indptr, const float[::1] data, float[::1] out):
    """Scale each row to unit length, zero rows aside; ``out`` may be ``data``."""
    cdef:
        Py_ssize_t i
        int64_t k
        double total
    with nogil:
        for i in range(indptr.shape[0] - 1):
            total = 0
            for k in range(indptr[i], indptr[i + 1]):
                total += <double> data[k] * data[k]
            total = 1 / sqrt(total) if total > 0 else 0
            for k in range(indptr[i], indptr[i + 1]):
                out[k] = <float> (data[k] * total)


def bisect_rows(
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    const float[::1] data,
    Py_ssize_t n_features,
    Py_ssize_t n_left,
    Py_ssize_t first,
    Py_ssize_t second,
    int max_iter,
    double[::1] total,
    double[::1] right,
    float[::1] direction,
    uint64_t[::1] keys,
    int8_t[::1] side,
):
    """Put ``n_left`` rows on side 0 and the others on side 1; return the number of passes.

    Starts from the rows ``first`` and ``second`` as centres. In each pass the rows are ordered by
    their inner product with the difference of the two centres, ties by position, and cut; until no
    row changes sides, or ``max_iter`` passes. ``total``, ``right`` and ``direction`` (one entry
    per feature) and ``keys`` (one per row) are scratch.
    """
    cdef:
        Py_ssize_t n_rows = indptr.shape[0] - 1
        int n_iter = 0
    with nogil:
        memset(&total[0], 0, n_features * sizeof(double))
        memset(&right[0], 0, n_features * sizeof(double))
        memset(&direction[0], 0, n_features * sizeof(float))
        memset(&side[0], 0, n_rows)
        for i in range(n_rows):
            add_row(indptr, indices, data, i, 1, total)
        for k in range(indptr[second], indptr[second + 1]):
            direction[indices[k]] += data[k]
        for k in range(indptr[first], indptr[first + 1]):
            direction[indices[k]] -= data[k]
        while n_iter < max_iter:
            n_iter += 1
            score_rows(indptr, indices, data, direction, keys)
            if reassign(indptr, indices, data, keys, kth_smallest(keys, n_left), right, side) == 0:
                break
            point_from_left_to_right(total, right, n_features, direction)
    return n_iter


cdef inline void add_row(
    const int64_t[::1] indptr, const int32_t[::1] indices, const float[::1] data,
    Py_ssize_t i, double sign, double[::1] sums,
) noexcept nogil:
    cdef int64_t k
    for k in range(indptr[i], indptr[i + 1]):
        sums[indices[k]] += sign * data[k]


cdef void score_rows(
    const int64_t[::1] indptr, const int32_t[::1] indices, const float[::1] data,
    const float[::1] direction, uint64_t[::1] keys,
) noexcept nogil:
    """Integer keys that order the rows by (score, position)."""
    cdef:
        Py_ssize_t i
        int64_t k, end
        float a, b, c, d
        uint32_t bits
    for i in range(keys.shape[0]):
        k = indptr[i]
        end = indptr[i + 1]
        a = b = c = d = 0
        while k + 4 <= end:
            a += data[k] * direction[indices[k]]
            b += data[k + 1] * direction[indices[k + 1]]
            c += data[k + 2] * direction[indices[k + 2]]
            d += data[k + 3] * direction[indices[k + 3]]
            k += 4
        while k < end:
            a += data[k] * direction[indices[k]]
            k += 1
        a = (a + b) + (c + d)
        if a == 0:
            a = 0  # -0.0 ties with 0.0
        memcpy(&bits, &a, 4)
        # Unsigned integers in the order of the floats: flip all bits of the negative ones.
        bits = ~bits if bits >> 31 else bits | <uint32_t> 0x80000000
        keys[i] = (<uint64_t> bits << 32) | <uint64_t> i


cdef uint64_t kth_smallest(const uint64_t[::1] keys, int64_t k) noexcept nogil:
    """The key with k keys below it, found byte by byte from the top: linear, whatever the keys."""
    cdef:
        int64_t[256] count
        Py_ssize_t i
        uint64_t prefix = 0, digit
        int shift = 64
    while shift > 0:
        shift -= 8
        memset(count, 0, sizeof(count))
        for i in range(keys.shape[0]):
            if shift == 56 or keys[i] >> (shift + 8) == prefix:
                count[(keys[i] >> shift) & 255] += 1
        digit = 0
        while k >= count[digit]:
            k -= count[digit]
            digit += 1
        prefix = (prefix << 8) | digit
    return prefix


cdef Py_ssize_t reassign(
    const int64_t[::1] indptr, const int32_t[::1] indices, const float[::1] data,
    const uint64_t[::1] keys, uint64_t threshold, double[::1] right, int8_t[::1] side,
) noexcept nogil:
    """Rows from ``threshold`` on go right; returns how many changed sides."""
    cdef:
        Py_ssize_t i, n_moved = 0
        int8_t new
    for i in range(keys.shape[0]):
        new = keys[i] >= threshold
        if new != side[i]:
            n_moved += 1
            side[i] = new
            add_row(indptr, indices, data, i, 1 if new else -1, right)
    return n_moved


cdef void point_from_left_to_right(
    const double[::1] total, const double[::1] right, Py_ssize_t n_features, float[::1] direction
) noexcept nogil:
    """The difference of the two centres, which are the sums of the sides at unit length."""
    cdef:
        Py_ssize_t j
        double left_norm = 0, right_norm = 0
    for j in range(n_features):
        left_norm += (total[j] - right[j]) * (total[j] - right[j])
        right_norm += right[j] * right[j]
    left_norm = 1 / sqrt(left_norm) if left_norm > 0 else 0
    right_norm = 1 / sqrt(right_norm) if right_norm > 0 else 0
    for j in range(n_features):
        direction[j] = <float> (right[j] * right_norm - (total[j] - right[j]) * left_norm)
