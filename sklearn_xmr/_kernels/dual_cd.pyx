"""Train all children of a tree node in lockstep: dual coordinate descent.

Each child c of a node is a linear model (w_c, b_c) that minimises over the node's rows

    1/2 |w_c|^2 + 1/2 b_c^2 + sum_i C_ic loss(y_ic (w_c . x_i + s b_c))

(Hsieh et al., ICML 2008; the losses are in _dual_steps.pxd). The cost C_ic is that of the row, but
for positives it may be one of their own. The children share the rows, so one pass over the rows
updates them all: the weights are (features x children), row-major, and both the margins of a row
and its update are sums of contiguous vectors. No sum runs across children: what a child becomes
does not depend on which others are computed beside it, nor on the vector width.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t

from ._compiler cimport cloned_void, inlined_void, prefetch
from ._dual_steps cimport (
    HINGE, LOG_LOSS, MAX_LOGIT, SQUARED_HINGE, hinge_step, log_loss_step, squared_hinge_step,
)
from ._lanes cimport MAX_LANES, any_lane, lanes, maximum, minimum, where_positive

# The columns of a block are a multiple of it.
LANES = MAX_LANES

# Per loss its number, and the dual variable of a coefficient that is 0.
LOSSES = {
    "squared_hinge": (SQUARED_HINGE, 0),
    "hinge": (HINGE, 0),
    "log_loss": (LOG_LOSS, -MAX_LOGIT),
}


cdef enum:
    MAX_VECTORS = 4
    AHEAD = 4


cdef inline inlined_void update_columns(
    const Problem *p, Py_ssize_t row, Py_ssize_t first,
    const int loss, const bint weighted, const int n_vectors,
) noexcept nogil:
    # The coordinate step of one row for `n_vectors` vectors of children, from column `first`.
    # Several vectors at once hide the latency of each one's sum.
    cdef:
        const int32_t *features = p.indices + p.indptr[row]
        const float *values = p.data + p.indptr[row]
        Py_ssize_t k, n_values = p.indptr[row + 1] - p.indptr[row], width = p.width
        float *first_weight = p.weights + first
        lanes *weights
        lanes *biases = <lanes *> (p.biases + first)
        lanes *duals = <lanes *> (p.duals + row * p.width + first)
        lanes *highest = <lanes *> (p.highest + first)
        lanes *lowest = <lanes *> (p.lowest + first)
        lanes *active = <lanes *> (p.active + first)
        lanes *signs = <lanes *> (p.signs + first)
        lanes *costs = <lanes *> (p.costs + first)
        lanes[MAX_VECTORS] margins
        lanes[MAX_VECTORS] risen
        lanes[MAX_VECTORS] steps
        lanes projected, row_cost, cost, zero = biases[0] - biases[0]
        float norm = p.squared_norms[row] + p.bias_feature * p.bias_feature
        int v, moved = 0
    row_cost = cost = zero + p.row_costs[row]
    for v in range(n_vectors):
        margins[v] = p.bias_feature * biases[v]
    for k in range(n_values):
        weights = <lanes *> (first_weight + features[k] * width)
        for v in range(n_vectors):
            margins[v] += values[k] * weights[v]
    for v in range(n_vectors):
        margins[v] *= signs[v]
        if weighted:
            cost = where_positive(signs[v], costs[v], row_cost)
        if loss == SQUARED_HINGE:
            squared_hinge_step(
                margins[v], duals[v], cost, active[v], norm, &projected, &risen[v], &steps[v]
            )
        elif loss == HINGE:
            hinge_step(
                margins[v], duals[v], cost, active[v], norm, &projected, &risen[v], &steps[v]
            )
        else:
            log_loss_step(
                margins[v], duals[v], cost, active[v], norm, &projected, &risen[v], &steps[v]
            )
        highest[v] = maximum(highest[v], projected)
        lowest[v] = minimum(lowest[v], projected)
        moved |= any_lane(&steps[v])
    if not moved:
        return
    for v in range(n_vectors):
        duals[v] = risen[v]
        steps[v] *= signs[v]
        biases[v] += p.bias_feature * steps[v]
    for k in range(n_values):
        weights = <lanes *> (first_weight + features[k] * width)
        for v in range(n_vectors):
            weights[v] += values[k] * steps[v]


cdef inline inlined_void prefetch_row(const Problem *p, Py_ssize_t row) noexcept nogil:
    # Fetch the first line of all that a row's step touches; the following lines come by themselves.
    cdef int64_t k
    for k in range(p.indptr[row], p.indptr[row + 1]):
        prefetch(p.weights + p.indices[k] * p.width)
    prefetch(p.duals + row * p.width)
    prefetch(p.squared_norms + row)
    prefetch(p.row_costs + row)


cdef inline inlined_void mark_positives(
    const Problem *p, Py_ssize_t row, float sign, const bint weighted
) noexcept nogil:
    cdef:
        int64_t k
        int32_t column
    for k in range(p.positive_indptr[row], p.positive_indptr[row + 1]):
        column = p.column_of[p.positives[k]]
        if column >= 0:
            p.signs[column] = sign
            if weighted:
                p.costs[column] = p.positive_costs[k]


cdef inline inlined_void visit_rows(
    const Problem *p, const int32_t *order, Py_ssize_t n_rows, const int loss, const bint weighted
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
        mark_positives(p, row, 1, weighted)
        column = 0
        while column + 4 * n_lanes <= p.width:
            update_columns(p, row, column, loss, weighted, 4)
            column += 4 * n_lanes
        if column + 2 * n_lanes <= p.width:
            update_columns(p, row, column, loss, weighted, 2)
            column += 2 * n_lanes
        if column < p.width:
            update_columns(p, row, column, loss, weighted, 1)
        mark_positives(p, row, -1, False)


# One function for each loss: the loops of all in one would spill each other's registers.
cdef cloned_void visit_with_squared_hinge(
    const Problem *p, const int32_t *order, Py_ssize_t n_rows
) noexcept nogil:
    if p.positive_costs == NULL:
        visit_rows(p, order, n_rows, SQUARED_HINGE, False)
    else:
        visit_rows(p, order, n_rows, SQUARED_HINGE, True)


cdef cloned_void visit_with_hinge(
    const Problem *p, const int32_t *order, Py_ssize_t n_rows
) noexcept nogil:
    if p.positive_costs == NULL:
        visit_rows(p, order, n_rows, HINGE, False)
    else:
        visit_rows(p, order, n_rows, HINGE, True)


cdef cloned_void visit_with_log_loss(
    const Problem *p, const int32_t *order, Py_ssize_t n_rows
) noexcept nogil:
    if p.positive_costs == NULL:
        visit_rows(p, order, n_rows, LOG_LOSS, False)
    else:
        visit_rows(p, order, n_rows, LOG_LOSS, True)


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
    rows,
    const float[::1] squared_norms,   # in
    const float[::1] row_costs,       # in
    positives,
    const float[::1] positive_costs,  # in
    const int32_t[::1] order,         # in
    block,
    float bias_feature,
    int loss,
):
    """Update every active column of a block once for each row, rows visited in ``order``.

    - ``rows``: a `Csr` of n rows; ``squared_norms`` and ``row_costs`` are theirs.
    - ``positives``: ``indptr`` (int64) and ``children`` (int32), the children that each row is
      positive for; ``positive_costs`` are theirs, or None where they cost what their row does.
    - ``block``: ``weights`` (features, columns), ``duals`` (n, columns) and ``state``, whose rows
      are those of `State`: float32, in and out, the number of columns a multiple of `LANES`; and
      ``column_of`` (int32, in), the column of each child, or -1.

    Costs are C; for the squared hinge loss, 1 / (2 C). `LOSSES` says what ``loss`` is, and how
    ``duals`` start.
    """
    cdef Problem problem = view_problem(rows, positives, block)
    problem.squared_norms, problem.row_costs = &squared_norms[0], &row_costs[0]
    problem.positive_costs = NULL
    if positive_costs is not None and positive_costs.shape[0]:
        problem.positive_costs = &positive_costs[0]
    problem.bias_feature = bias_feature
    with nogil:
        if loss == SQUARED_HINGE:
            visit_with_squared_hinge(&problem, &order[0], order.shape[0])
        elif loss == HINGE:
            visit_with_hinge(&problem, &order[0], order.shape[0])
        else:
            visit_with_log_loss(&problem, &order[0], order.shape[0])
