"""Choose the best of what a model found for each row, by its score and by a prior.

The prior of a query is a mixture: its share of all that was asked, and how likely one and two
random steps over a graph lead to it from the queries that were asked before.
"""

from libc.math cimport log
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

from ._arrays cimport doubles, floats, int32s, int64s
from ._best_labels cimport Best, Found, keep_best, write_in_order
from ._lower_bound cimport lower_bound
from ._number_filter cimport find_marked, mark_numbers, new_filter

cdef enum:
    ENTRIES = 256   # of a row, that are filtered at once
    LONGER = 64     # times as long as another, it takes less time to look numbers up in a row

cdef struct Graph:
    # A symmetric CSR matrix, columns sorted: a step goes from i to j with a probability of
    # counts[i, j] / totals[i].
    const int64_t *indptr
    const int32_t *neighbours
    const float *counts
    const double *totals        # of the rows
    const int32_t *node_of      # of each query, -1 where it has none

cdef struct Mixture:
    const double *shares        # of the queries
    const double *weights       # of share, one step, two steps
    const double *level_weights
    int64_t n_levels


def best_by_prior(
    graph,
    shares,         # in: of all queries, float64
    mix,            # in: of share, one step, two steps, float64
    starts,         # in: nodes of what was asked before, -1 for none; a row each, int32
    level_weights,  # in: of the columns of `starts`, float64
    positions,      # in: queries found, -1 for none, int32
    paths,          # in: their scores, in the log domain, float32
    double prior_weight,
    asked,          # in: for each row a query to leave out, -1 for none, int32
    excluded,       # in: queries to leave out of all rows, sorted, int32
    best,           # out: the best of each row in order, -1 behind the last, int32
    best_paths,     # out: their scores, -inf there, float64
):
    """Add ``prior_weight`` times the logarithm of the prior to scores; write the best of each row.

    ``graph`` is a `QueryGraph`. Of several starts that are nodes, walks are averaged by their
    weights; without any, the share of a query is its prior. Of equal scores, the first stays first.
    """
    cdef:
        Graph graph_view = view_graph(graph)
        Mixture mixture = Mixture(
            doubles(shares), doubles(mix), doubles(level_weights), len(level_weights)
        )
        const int32_t *start = int32s(starts)
        const int32_t *position = int32s(positions)
        const float *path = floats(paths)
        const int32_t *left_out = int32s(asked)
        const int32_t *all_left_out = int32s(excluded)
        int32_t *best_at = int32s(best)
        double *best_path_at = doubles(best_paths)
        int64_t row, t, n_rows = len(positions), n_found = positions.shape[1]
        int64_t n_excluded = len(excluded), k = best.shape[1]
        Best kept = Best(<Found *> malloc((k + 1) * sizeof(Found)), 0, k)
        uint8_t *near_starts = new_filter()
        double prior
    if kept.heap == NULL or near_starts == NULL:
        free(kept.heap)
        free(near_starts)
        raise MemoryError
    with nogil:
        for row in range(n_rows):
            mark_neighbours(&graph_view, start, mixture.n_levels, near_starts, 1)
            for t in range(n_found):
                if (
                    position[t] >= 0
                    and position[t] != left_out[row]
                    and not contains(all_left_out, n_excluded, position[t])
                ):
                    prior = prior_of(&graph_view, near_starts, &mixture, start, position[t])
                    keep_best(&kept, Found(path[t] + prior_weight * log(prior), -t, position[t]))
            write_in_order(&kept, best_at + row * k, best_path_at + row * k)
            mark_neighbours(&graph_view, start, mixture.n_levels, near_starts, 0)
            start, position, path = start + mixture.n_levels, position + n_found, path + n_found
    free(kept.heap)
    free(near_starts)


cdef Graph view_graph(graph):
    # The arrays of a `QueryGraph`, which must outlive the view.
    cdef Graph view
    edges = graph.edges
    view.indptr, view.neighbours = int64s(edges.indptr), int32s(edges.indices)
    view.counts, view.totals = floats(edges.data), doubles(graph.totals)
    view.node_of = int32s(graph.node_of)
    return view


cdef inline bint contains(const int32_t *positions, int64_t n, int32_t position) noexcept nogil:
    cdef int64_t place = lower_bound(positions, 0, n, position)
    return place < n and positions[place] == position


cdef inline double prior_of(
    const Graph *graph, const uint8_t *near_starts, const Mixture *mixture, const int32_t *starts,
    int32_t position,
) noexcept nogil:
    cdef:
        int64_t level
        double share = mixture.shares[position], weight
        int32_t target = graph.node_of[position]
        double total = 0, one_step = 0, two_steps = 0, of_one, of_two
    for level in range(mixture.n_levels):
        if starts[level] >= 0:
            of_one = of_two = 0
            if target >= 0:
                walk(graph, near_starts, starts[level], target, &of_one, &of_two)
            weight = mixture.level_weights[level]
            total += weight
            one_step += weight * of_one
            two_steps += weight * of_two
    if total == 0:
        return share
    return (
        mixture.weights[0] * share
        + mixture.weights[1] * (one_step / total)
        + mixture.weights[2] * (two_steps / total)
    )


cdef inline void walk(
    const Graph *graph, const uint8_t *near_starts, int32_t start, int32_t target,
    double *one_step, double *two_steps,
) noexcept nogil:
    # Of the second steps, those through neighbours that both have.
    cdef:
        int64_t first = graph.indptr[start], last = graph.indptr[start + 1]
        int64_t edge = graph.indptr[target], end = graph.indptr[target + 1]
        int64_t i, n_found, from_start = edge_to(graph, start, target)
        int32_t[ENTRIES] found
    if from_start >= 0:
        one_step[0] = graph.counts[from_start] / graph.totals[start]
    if end - edge > LONGER * (last - first):
        for from_start in range(first, last):
            edge = edge_to(graph, target, graph.neighbours[from_start])
            add_step(graph, from_start, edge, two_steps)
    else:
        while edge < end:
            n_found = find_marked(
                near_starts, graph.neighbours + edge, min(ENTRIES, end - edge), found
            )
            for i in range(n_found):
                from_start = edge_to(graph, start, graph.neighbours[edge + found[i]])
                add_step(graph, from_start, edge + found[i], two_steps)
            edge += ENTRIES
    two_steps[0] /= graph.totals[start]


cdef inline int64_t edge_to(const Graph *graph, int32_t node, int32_t neighbour) noexcept nogil:
    # Where it is, -1 if there is none.
    cdef:
        int64_t end = graph.indptr[node + 1]
        int64_t edge = lower_bound(graph.neighbours, graph.indptr[node], end, neighbour)
    return edge if edge < end and graph.neighbours[edge] == neighbour else -1


cdef inline void add_step(
    const Graph *graph, int64_t edge, int64_t other, double *two_steps
) noexcept nogil:
    # From the start to a neighbour, and on to the target, if there are both edges.
    if edge >= 0 and other >= 0:
        two_steps[0] += (
            <double> graph.counts[edge] * graph.counts[other]
            / graph.totals[graph.neighbours[edge]]
        )


cdef inline void mark_neighbours(
    const Graph *graph, const int32_t *starts, int64_t n, uint8_t *near_starts, uint8_t mark
) noexcept nogil:
    cdef int64_t i, first
    for i in range(n):
        if starts[i] >= 0:
            first = graph.indptr[starts[i]]
            mark_numbers(
                near_starts, graph.neighbours + first, graph.indptr[starts[i] + 1] - first, mark
            )
