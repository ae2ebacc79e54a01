"""Dual coordinate descent for the squared hinge loss, all children of a tree node in lockstep.

Each child c of a node is a linear model (w_c, b_c) that minimises over the node's rows

    1/2 |w_c|^2 + 1/2 b_c^2 + C sum_i max(0, 1 - y_ic (w_c . x_i + s b_c))^2

(Hsieh et al., ICML 2008). The children share the rows, so one pass over the rows updates them all:
the weights are (features x children), row-major, and both the margins of a row and its update are
sums of contiguous vectors. No sum runs across children: what a child becomes does not depend on
which others are computed beside it, nor on the vector width.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t

from ._compiler cimport cloned_void, inlined_void, prefetch
from ._lanes cimport any_lane, lanes, maximum, minimum, where_positive


cdef enum:
    MAX_VECTORS = 4
    AHEAD = 4


cdef struct Problem:
    # Rows of the node, their positives among the node's children, and the model being trained.
    # Every column of `width` stands for one child.
    const int64_t *indptr
    const int32_t *indices
    const float *data
    const float *squared_norms
    const int64_t *positive_indptr
    const int32_t *positives
    const int32_t *column_of  # child -> column of the arrays below, or -1
    Py_ssize_t width
    float *weights            # (features, width)
    float *biases             # (width,)
    float *alphas             # (rows, width)
    const float *active       # 1 for a column in training, 0 for a frozen or padding one
    float *highest            # largest and smallest projected gradient of the pass, (width,) each
    float *lowest
    float bias_feature
    float ridge               # 1 / (2 C)


cdef inlined_void update_columns(
    const Problem *p, Py_ssize_t row, Py_ssize_t first, const float *signs, const int n_vectors
) noexcept nogil:
    # The coordinate step of one row for `n_vectors` vectors of children, from column `first`.
    # Several vectors at once hide the latency of each one's sum.
    cdef:
        const int32_t *features = p.indices + p.indptr[row]
        const float *values = p.data + p.indptr[row]
        Py_ssize_t k, n_values = p.indptr[row + 1] - p.indptr[row]
        lanes *weights
        lanes *biases = <lanes *> (p.biases + first)
        lanes *alphas = <lanes *> (p.alphas + row * p.width + first)
        lanes *highest = <lanes *> (p.highest + first)
        lanes *lowest = <lanes *> (p.lowest + first)
        lanes *active = <lanes *> (p.active + first)
        lanes *sign = <lanes *> (signs + first)
        lanes[MAX_VECTORS] margins
        lanes[MAX_VECTORS] steps
        lanes gradient, projected, zero = biases[0] - biases[0]
        float rate = 1 / (p.squared_norms[row] + p.bias_feature * p.bias_feature + p.ridge)
        int v, moved = 0
    for v in range(n_vectors):
        margins[v] = p.bias_feature * biases[v]
    for k in range(n_values):
        weights = <lanes *> (p.weights + features[k] * p.width + first)
        for v in range(n_vectors):
            margins[v] += values[k] * weights[v]
    for v in range(n_vectors):
        gradient = sign[v] * margins[v] - 1 + p.ridge * alphas[v]
        # At alpha = 0 only a negative gradient can be followed.
        projected = where_positive(alphas[v], gradient, minimum(gradient, zero))
        highest[v] = maximum(highest[v], projected)
        lowest[v] = minimum(lowest[v], projected)
        steps[v] = active[v] * (maximum(alphas[v] - rate * gradient, zero) - alphas[v])
        moved |= any_lane(steps[v])
    if not moved:
        return
    for v in range(n_vectors):
        alphas[v] += steps[v]
        steps[v] *= sign[v]
        biases[v] += p.bias_feature * steps[v]
    for k in range(n_values):
        weights = <lanes *> (p.weights + features[k] * p.width + first)
        for v in range(n_vectors):
            weights[v] += values[k] * steps[v]


cdef inlined_void prefetch_row(const Problem *p, Py_ssize_t row) noexcept nogil:
    # Fetch the first line of all that a row's step touches; the following lines come by themselves.
    cdef int64_t k
    for k in range(p.indptr[row], p.indptr[row + 1]):
        prefetch(p.weights + p.indices[k] * p.width)
    prefetch(p.alphas + row * p.width)
    prefetch(p.squared_norms + row)


cdef inlined_void mark_positives(
    const Problem *p, Py_ssize_t row, float sign, float *signs
) noexcept nogil:
    cdef:
        int64_t k
        int32_t column
    for k in range(p.positive_indptr[row], p.positive_indptr[row + 1]):
        column = p.column_of[p.positives[k]]
        if column >= 0:
            signs[column] = sign


cdef cloned_void visit_rows(
    const Problem *p, const int32_t *order, Py_ssize_t n_rows, float *signs
) noexcept nogil:
    cdef:
        Py_ssize_t i, row, column
        int64_t k
        Py_ssize_t n_lanes = sizeof(lanes) // sizeof(float)
    for i in range(n_rows):
        row = order[i]
        if i + 2 * AHEAD < n_rows:
            prefetch(p.indptr + order[i + 2 * AHEAD])
            prefetch(p.positive_indptr + order[i + 2 * AHEAD])
        if i + AHEAD + 2 < n_rows:
            k = p.indptr[order[i + AHEAD + 2]]
            prefetch(p.indices + k)
            prefetch(p.indices + k + 16)
            prefetch(p.data + k)
            prefetch(p.data + k + 16)
            prefetch(p.positives + p.positive_indptr[order[i + AHEAD + 2]])
        if i + AHEAD < n_rows:
            prefetch_row(p, order[i + AHEAD])
        mark_positives(p, row, 1, signs)
        column = 0
        while column + 4 * n_lanes <= p.width:
            update_columns(p, row, column, signs, 4)
            column += 4 * n_lanes
        if column + 2 * n_lanes <= p.width:
            update_columns(p, row, column, signs, 2)
            column += 2 * n_lanes
        if column < p.width:
            update_columns(p, row, column, signs, 1)
        mark_positives(p, row, -1, signs)


cdef inline uint64_t next_random(uint64_t *state) noexcept nogil:
    # SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    cdef uint64_t z
    state[0] += <uint64_t> 0x9E3779B97F4A7C15
    z = state[0]
    z = (z ^ (z >> 30)) * <uint64_t> 0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t> 0x94D049BB133111EB
    return z ^ (z >> 31)


def shuffle(int32_t[::1] order, uint64_t seed):
    """Shuffle ``order`` in place (Fisher and Yates) and return the seed for the next shuffle."""
    cdef:
        Py_ssize_t i, j
        int32_t swapped
    with nogil:
        for i in range(order.shape[0] - 1, 0, -1):
            # The high half of a 32 x 32 bit product: uniform on 0 .. i, but for a bias < i / 2^32.
            j = <Py_ssize_t> (((next_random(&seed) >> 32) * <uint64_t> (i + 1)) >> 32)
            swapped = order[i]
            order[i] = order[j]
            order[j] = swapped
    return seed


def run_pass(
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    const float[::1] data,
    const float[::1] squared_norms,
    const int64_t[::1] positive_indptr,
    const int32_t[::1] positives,
    const int32_t[::1] column_of,
    const int32_t[::1] order,
    float[:, ::1] weights,
    float[::1] biases,
    float[:, ::1] alphas,
    const float[::1] active,
    float[::1] signs,
    float[:, ::1] gradient_range,
    float bias_feature,
    float ridge,
):
    """Update every active column once for each row, rows visited in ``order``.

    The width of the arrays (their last axis) is a multiple of 8. ``signs`` must be -1
    everywhere and is left so. ``gradient_range`` (2, width) receives the largest and the smallest
    projected gradient of each column in this pass.
    """
    cdef Problem p
    p.indptr = &indptr[0]
    p.indices = &indices[0] if indices.shape[0] else NULL
    p.data = &data[0] if data.shape[0] else NULL
    p.squared_norms = &squared_norms[0]
    p.positive_indptr = &positive_indptr[0]
    p.positives = &positives[0] if positives.shape[0] else NULL
    p.column_of = &column_of[0]
    p.width = weights.shape[1]
    p.weights = &weights[0, 0] if weights.shape[0] else NULL
    p.biases = &biases[0]
    p.alphas = &alphas[0, 0]
    p.active = &active[0]
    p.highest = &gradient_range[0, 0]
    p.lowest = &gradient_range[1, 0]
    p.bias_feature = bias_feature
    p.ridge = ridge
    with nogil:
        visit_rows(&p, &order[0], order.shape[0], &signs[0])
