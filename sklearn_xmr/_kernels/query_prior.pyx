"""Choose the best of what a model found for each row, by its score and by a prior.

The prior of a query is a mixture: its share of all that was asked, and how likely one and two
random steps over a graph lead to it from the queries that were asked before.
"""

from libc.math cimport INFINITY, log
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc, qsort

from ._arrays cimport doubles, floats, int32s, int64s
from ._lower_bound cimport lower_bound

cdef struct Graph:
    # A symmetric CSR matrix, columns sorted: a step goes from i to j with a probability of
    # counts[i, j] / totals[i].
    const int64_t *indptr
    const int32_t *neighbours
    const float *counts
    const double *totals        # of the rows
    const int32_t *node_of      # of each query, -1 where it has none


cdef struct Candidate:
    double path
    int32_t position
    int32_t place               # in the list


def best_by_prior(
    graph,
    const double[::1] shares,
    const double[::1] mix,          # in: of share, one step, two steps
    const int32_t[:, ::1] starts,   # in: nodes of what was asked before, -1 for none; a row each
    const double[::1] level_weights,    # in: of the columns of `starts`
    const int32_t[:, ::1] positions,    # in: queries found, -1 for none
    const float[:, ::1] paths,      # in: their scores, in the log domain
    double prior_weight,
    const int32_t[::1] asked,       # in: for each row a query to leave out, -1 for none
    const int32_t[::1] excluded,    # in: queries to leave out of all rows, sorted
    int32_t[:, ::1] best,           # out: the best of each row in order, -1 behind the last
    double[:, ::1] best_paths,      # out: their scores, -inf there
):
    """Add ``prior_weight`` times the logarithm of the prior to scores; write the best of each row.

    ``graph`` is a `QueryGraph`. Of several starts that are nodes, walks are averaged by their
    weights; without any, the share of a query is its prior. Of equal scores, the first stays first.
    """
    cdef:
        Graph view = view_graph(graph)
        Py_ssize_t row, t, n_candidates, n_found = positions.shape[1]
        int32_t position
        Candidate *candidates = <Candidate *> malloc((n_found + 1) * sizeof(Candidate))
        double prior
    if candidates == NULL:
        raise MemoryError
    with nogil:
        for row in range(positions.shape[0]):
            n_candidates = 0
            for t in range(n_found):
                position = positions[row, t]
                if position < 0 or position == asked[row] or contains(excluded, position):
                    continue
                prior = prior_of(&view, shares, mix, starts[row], level_weights, position)
                candidates[n_candidates].path = paths[row, t] + prior_weight * log(prior)
                candidates[n_candidates].position = position
                candidates[n_candidates].place = <int32_t> t
                n_candidates += 1
            qsort(candidates, n_candidates, sizeof(Candidate), compare)
            for t in range(best.shape[1]):
                best[row, t], best_paths[row, t] = -1, -INFINITY
                if t < n_candidates:
                    best[row, t] = candidates[t].position
                    best_paths[row, t] = candidates[t].path
    free(candidates)


cdef Graph view_graph(graph):
    # The arrays of a `QueryGraph`, which must outlive the view.
    cdef Graph view
    edges = graph.edges
    view.indptr, view.neighbours = int64s(edges.indptr), int32s(edges.indices)
    view.counts, view.totals = floats(edges.data), doubles(graph.totals)
    view.node_of = int32s(graph.node_of)
    return view


cdef inline bint contains(const int32_t[::1] positions, int32_t position) noexcept nogil:
    cdef int64_t n = positions.shape[0], place
    if n == 0:
        return False
    place = lower_bound(&positions[0], 0, n, position)
    return place < n and positions[place] == position


cdef inline double prior_of(
    const Graph *graph, const double[::1] shares, const double[::1] mix,
    const int32_t[::1] starts, const double[::1] level_weights, int32_t position,
) noexcept nogil:
    cdef:
        Py_ssize_t level
        int32_t target = graph.node_of[position]
        double total = 0, one_step = 0, two_steps = 0, of_one, of_two
    for level in range(starts.shape[0]):
        if starts[level] >= 0:
            of_one = of_two = 0
            if target >= 0:
                walk(graph, starts[level], target, &of_one, &of_two)
            total += level_weights[level]
            one_step += level_weights[level] * of_one
            two_steps += level_weights[level] * of_two
    if total == 0:
        return shares[position]
    return mix[0] * shares[position] + mix[1] * (one_step / total) + mix[2] * (two_steps / total)


cdef inline void walk(
    const Graph *graph, int32_t start, int32_t target, double *one_step, double *two_steps
) noexcept nogil:
    # Both rows are sorted: go through them side by side, from one shared neighbour to the next.
    cdef:
        const int32_t *neighbours = graph.neighbours
        int64_t a = graph.indptr[start], a_end = graph.indptr[start + 1]
        int64_t b = graph.indptr[target], b_end = graph.indptr[target + 1], edge
    edge = skip(neighbours, a, a_end, target)
    if edge < a_end and neighbours[edge] == target:
        one_step[0] = graph.counts[edge] / graph.totals[start]
    while a < a_end and b < b_end:
        if neighbours[a] < neighbours[b]:
            a = skip(neighbours, a, a_end, neighbours[b])
        elif neighbours[b] < neighbours[a]:
            b = skip(neighbours, b, b_end, neighbours[a])
        else:
            two_steps[0] += (
                <double> graph.counts[a] * graph.counts[b] / graph.totals[neighbours[a]]
            )
            a += 1
            b += 1
    two_steps[0] /= graph.totals[start]


cdef inline int64_t skip(
    const int32_t *neighbours, int64_t low, int64_t end, int32_t wanted
) noexcept nogil:
    # The first neighbour not below `wanted`, in time that grows with the logarithm of the way.
    cdef int64_t stride = 1
    while low + stride < end and neighbours[low + stride] < wanted:
        low += stride
        stride *= 2
    return lower_bound(neighbours, low, min(low + stride, end), wanted)


cdef int compare(const void *left, const void *right) noexcept nogil:
    cdef:
        const Candidate *a = <const Candidate *> left
        const Candidate *b = <const Candidate *> right
    if a.path != b.path:
        return -1 if a.path > b.path else 1
    return (a.place > b.place) - (a.place < b.place)
