"""Cut sparse rows into two clusters of given sizes: balanced 2-means."""

from libc.math cimport sqrt
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

# Many rows: let the centres settle on every eighth row first. They are then so close that one or
# two passes over all rows finish what would take ten.
SAMPLE_STEP = 8
SAMPLE_FROM = 2048

cdef Py_ssize_t sample_step = SAMPLE_STEP, sample_from = SAMPLE_FROM


def bisect_rows(
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    const float[::1] data,
    Py_ssize_t n_left,
    const int64_t[::1] starts,
    bint spherical,
    int max_iter,
    double[::1] sums,       # scratch (2 * features,)
    float[::1] direction,   # scratch (features,)
    uint64_t[::1] keys,     # scratch (rows,)
    int8_t[::1] side,       # out
):
    """Put ``n_left`` of the rows on side 0 and the others on side 1.

    The first centres are the first row of ``starts`` and the row least like it among the others
    there: two that are alike would tell nothing apart, and labels often are. Each pass orders the
    rows by their inner product with the difference of the centres, ties by position, cuts that
    order, and makes the new centres: each side's sum, at unit length if ``spherical``, otherwise
    divided by its number of rows. At most ``max_iter`` passes over all rows.
    """
    with nogil:
        point_from_first_start(indptr, indices, data, starts, spherical, direction)
        if side.shape[0] >= sample_from:
            two_means(indptr, indices, data, sample_step, n_left, spherical, max_iter,
                      sums, direction, keys, side)
        two_means(indptr, indices, data, 1, n_left, spherical, max_iter,
                  sums, direction, keys, side)


cdef void point_from_first_start(
    const int64_t[::1] indptr, const int32_t[::1] indices, const float[::1] data,
    const int64_t[::1] starts, bint spherical, float[::1] direction,
) noexcept nogil:
    # Least alike: with the smallest inner product if `spherical`, otherwise the most distant.
    cdef:
        Py_ssize_t i
        int64_t k, first = starts[0], second = starts[0]
        float unlike, most = 0
    memset(&direction[0], 0, direction.shape[0] * sizeof(float))
    for k in range(indptr[first], indptr[first + 1]):
        direction[indices[k]] -= data[k]
    for i in range(1, starts.shape[0]):
        unlike = inner(indptr, indices, data, starts[i], direction)
        if not spherical:
            for k in range(indptr[starts[i]], indptr[starts[i] + 1]):
                unlike += data[k] * data[k] / 2
        if i == 1 or unlike > most:
            most = unlike
            second = starts[i]
    for k in range(indptr[second], indptr[second + 1]):
        direction[indices[k]] += data[k]


cdef void two_means(
    const int64_t[::1] indptr, const int32_t[::1] indices, const float[::1] data,
    Py_ssize_t step, Py_ssize_t n_left, bint spherical, int max_iter,
    double[::1] sums, float[::1] direction, uint64_t[::1] keys, int8_t[::1] side,
) noexcept nogil:
    """Passes over every ``step``-th row, from and to the centres' ``direction``."""
    cdef:
        int64_t n_rows = (side.shape[0] + step - 1) // step
        int64_t n_moved, cut = n_left * n_rows // side.shape[0]
        int _
    memset(&sums[0], 0, sums.shape[0] * sizeof(double))
    memset(&side[0], -1, side.shape[0])
    for _ in range(max_iter):
        score_rows(indptr, indices, data, direction, step, keys[:n_rows])
        n_moved = reassign(indptr, indices, data, keys[:n_rows], cut, sums, side)
        if n_moved * STOP_SHARE < n_rows:
            break
        if spherical:
            point_right(sums, direction)
        else:
            point_right_of_means(sums, cut, n_rows - cut, direction)


cdef inline float inner(
    const int64_t[::1] indptr, const int32_t[::1] indices, const float[::1] data,
    Py_ssize_t row, const float[::1] direction,
) noexcept nogil:
    """Inner product of a row and ``direction``, in an order that no compiler may change."""
    cdef:
        int64_t k = indptr[row], end = indptr[row + 1]
        float a = 0, b = 0, c = 0, d = 0  # four, because each addition waits for the one before
    while k + 4 <= end:
        a += data[k] * direction[indices[k]]
        b += data[k + 1] * direction[indices[k + 1]]
        c += data[k + 2] * direction[indices[k + 2]]
        d += data[k + 3] * direction[indices[k + 3]]
        k += 4
    while k < end:
        a += data[k] * direction[indices[k]]
        k += 1
    return (a + b) + (c + d)


cdef void score_rows(
    const int64_t[::1] indptr, const int32_t[::1] indices, const float[::1] data,
    const float[::1] direction, Py_ssize_t step, uint64_t[::1] keys,
) noexcept nogil:
    """One integer for each row, in the order of (score, position)."""
    cdef:
        Py_ssize_t i
        uint32_t bits
        float score
    for i in range(keys.shape[0]):
        score = inner(indptr, indices, data, i * step, direction) + <float> 0  # -0.0 ties with 0.0
        memcpy(&bits, &score, sizeof(float))
        # Floats are in the order of these: all bits of negative ones flipped, the sign bit of the
        # others set.
        bits = ~bits if bits >> 31 else bits | <uint32_t> 0x80000000
        keys[i] = (<uint64_t> bits << 32) | <uint64_t> (i * step)


cdef int64_t reassign(
    const int64_t[::1] indptr, const int32_t[::1] indices, const float[::1] data,
    const uint64_t[::1] keys, int64_t cut, double[::1] sums, int8_t[::1] side,
) noexcept nogil:
    """Send the ``cut`` lowest keys left, the others right; return how many rows have moved.

    The sums of the sides are kept up to date by the rows that move.
    """
    cdef:
        Py_ssize_t i, row
        int64_t k, n_moved = 0
        int8_t old, new
        uint64_t threshold = kth_smallest(keys, cut)
    for i in range(keys.shape[0]):
        row = <uint32_t> keys[i]  # the lower half
        old = side[row]
        new = keys[i] >= threshold
        if new == old:
            continue
        n_moved += 1
        side[row] = new
        for k in range(indptr[row], indptr[row + 1]):
            sums[2 * <int64_t> indices[k] + new] += data[k]
        if old >= 0:
            for k in range(indptr[row], indptr[row + 1]):
                sums[2 * <int64_t> indices[k] + old] -= data[k]
    return n_moved


cdef uint64_t kth_smallest(const uint64_t[::1] keys, int64_t k) noexcept nogil:
    """The key that has k below it; byte by byte from the top, so in linear time for any keys."""
    cdef:
        int64_t[256] count
        Py_ssize_t i
        uint64_t prefix = 0, byte
        int shift
    for shift in range(56, -1, -8):
        memset(count, 0, sizeof(count))
        for i in range(keys.shape[0]):
            if shift == 56 or keys[i] >> (shift + 8) == prefix:
                count[(keys[i] >> shift) & 255] += 1
        byte = 0
        while k >= count[byte]:
            k -= count[byte]
            byte += 1
        prefix = (prefix << 8) | byte
    return prefix


cdef void point_right(const double[::1] sums, float[::1] direction) noexcept nogil:
    """The difference of the two centres, from the sums of the two sides."""
    cdef:
        Py_ssize_t j
        double left = 0, right = 0
    for j in range(direction.shape[0]):
        left += sums[2 * j] * sums[2 * j]
        right += sums[2 * j + 1] * sums[2 * j + 1]
    left = 1 / sqrt(left) if left > 0 else 0
    right = 1 / sqrt(right) if right > 0 else 0
    for j in range(direction.shape[0]):
        direction[j] = <float> (sums[2 * j + 1] * right - sums[2 * j] * left)


cdef void point_right_of_means(
    const double[::1] sums, int64_t n_left, int64_t n_right, float[::1] direction
) noexcept nogil:
    """The same for centres that are the means of the sides."""
    cdef:
        Py_ssize_t j
        double left = 1. / n_left if n_left else 0, right = 1. / n_right if n_right else 0
    for j in range(direction.shape[0]):
        direction[j] = <float> (sums[2 * j + 1] * right - sums[2 * j] * left)
