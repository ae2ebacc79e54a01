# What a pass of the solver works on: a node's rows, and a block of its children in training.

from libc.stdint cimport int32_t, int64_t

# The rows of a block's `state`. They share one piece of memory: next to arrays of another thread
# that every step writes, they would make both threads wait for each other.
cpdef enum State:
    BIASES = 0
    ACTIVE = 1   # 1 for a column in training, 0 for a frozen or padding one
    SIGNS = 2    # of the row at hand: 1 for its positives, -1 elsewhere, as between two passes
    HIGHEST = 3  # the largest and the smallest projected gradient of a pass, 0 before it
    LOWEST = 4
    COSTS = 5    # scratch: the costs of the row's positives at their columns
    N_STATE_ROWS = 6


cdef struct Problem:
    # Rows of the node, their positives among the node's children, and the model being trained.
    # Every column of `width` stands for one child.
    const int64_t *indptr
    const int32_t *indices
    const float *data
    const float *squared_norms
    const float *row_costs
    const int64_t *positive_indptr
    const int32_t *positives
    const float *positive_costs  # NULL if they are those of the rows
    const int32_t *column_of  # child -> column of the arrays below, or -1
    Py_ssize_t width
    float *weights            # (features, width)
    float *duals              # (rows, width)
    float *biases             # (width,), as all that follow: the rows of `State`
    const float *active
    float *signs
    float *highest
    float *lowest
    float *costs
    float bias_feature


cdef inline Problem view_problem(rows, positives, block):
    # What `run_pass` is given, as pointers: the arrays must outlive them.
    cdef:
        Problem problem
        const int64_t[::1] indptr = rows.indptr, positive_indptr = positives.indptr
        const int32_t[::1] indices = rows.indices, children = positives.children
        const int32_t[::1] column_of = block.column_of
        const float[::1] data = rows.data
        float[:, ::1] weights = block.weights, duals = block.duals, state = block.state
        Py_ssize_t width = state.shape[1]
        float *row
    problem.indptr = &indptr[0]
    problem.indices = &indices[0] if indices.shape[0] else NULL
    problem.data = &data[0] if data.shape[0] else NULL
    problem.positive_indptr = &positive_indptr[0]
    problem.positives = &children[0] if children.shape[0] else NULL
    problem.column_of = &column_of[0]
    problem.width = width
    problem.weights = &weights[0, 0] if weights.shape[0] else NULL
    problem.duals = &duals[0, 0]
    row = &state[0, 0]
    problem.biases, problem.active = row + BIASES * width, row + ACTIVE * width
    problem.signs, problem.costs = row + SIGNS * width, row + COSTS * width
    problem.highest, problem.lowest = row + HIGHEST * width, row + LOWEST * width
    return problem
