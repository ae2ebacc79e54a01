"""Beam search, layer by layer: score the children of each query's nodes and keep the best.

The cost is memory latency, not arithmetic: every (node, feature) pair is a look-up somewhere in a
large table. So the visits (query, node) of a batch are sorted by node, which keeps a node's table
in the cache for all queries that pass it, and go through a pipeline: while one visit is summed, the
table rows of the next and the slots of the one after that are on their way.

A child scores no more than its parent. So the visits come in waves, first those of each query's
best nodes, and a node that scores less than the worst child kept needs no visit any more.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from ._arrays cimport floats, int32s, n_columns
from ._beams cimport Beams, heap_of, name_nodes
from ._heap cimport Heap, enter, put_in_order, would_enter
from ._lower_bound cimport lower_bound
from ._node_scores cimport (
    Layer, Queries, Row, Visit, find_rows, prefetch_slots, score_children, view_layer, view_queries
)
from ._path_score cimport LOG_SIGMOID, NOOP
from ._restriction cimport Restriction, is_in_range, view_restriction
from .packed cimport Entry, Entry16, Entry32, EntryHalf

# Per score transform its number, and whether the scores are the exponential of what the search adds
# up: see `XRLinearClassifier`.
TRANSFORMS = {
    **{f"l{power}_hinge": (power, True) for power in (1, 2, 3, 4)},
    **{f"log_l{power}_hinge": (power, False) for power in (1, 2, 3, 4)},
    "sigmoid": (LOG_SIGMOID, True),
    "log_sigmoid": (LOG_SIGMOID, False),
    "noop": (NOOP, False),
}

cpdef enum:
    NO_LABEL = 0x7FFFFFFF       # `first_label` of a node without labels

cdef enum:
    FIRST_WAVE = 4              # visits for each query; each wave doubles their number

cdef struct Scratch:
    Visit *visits
    Row *rows                   # of two visits, `max_rows` each
    int64_t max_rows
    float *scores               # of the children of one visit
    int64_t *counts             # of each parent


cdef inline float least_score(const Beams *beams, int64_t query) noexcept nogil:
    # What does not score as much is not among the best.
    if beams.sizes[query] < beams.width:
        return -INFINITY
    return beams.best_scores[query * beams.width]


cdef inline bint is_worth_a_visit(
    const Layer *layer, const Beams *beams, int64_t query, int64_t place
) noexcept nogil:
    # `place` counts in the beam above.
    if beams.above[query * beams.width_above + place] < 0:
        return False
    return layer.transform == NOOP or (
        beams.above_scores[query * beams.width_above + place] >= least_score(beams, query)
    )


cdef int64_t list_visits(
    const Layer *layer, const Beams *beams, int64_t first, int64_t last,
    int64_t *counts, Visit *visits
) noexcept nogil:
    # List the visits to places first .. last - 1 of each beam, in the order of their nodes.
    cdef:
        int64_t query, b, node, place, n_visits = 0
        bint sort
    for query in range(beams.n_queries):
        for b in range(first, last):
            n_visits += is_worth_a_visit(layer, beams, query, b)
    # Sorting few visits among many nodes would cost more than it gains.
    sort = n_visits > layer.n_parents
    if sort:
        memset(counts, 0, (layer.n_parents + 1) * sizeof(int64_t))
        for query in range(beams.n_queries):
            for b in range(first, last):
                if is_worth_a_visit(layer, beams, query, b):
                    counts[beams.above[query * beams.width_above + b] + 1] += 1
        for node in range(layer.n_parents):
            counts[node + 1] += counts[node]
    place = 0
    for query in range(beams.n_queries):
        for b in range(first, last):
            if is_worth_a_visit(layer, beams, query, b):
                node = beams.above[query * beams.width_above + b]
                if sort:
                    place = counts[node]
                    counts[node] += 1
                visits[place].query = <int32_t> query
                visits[place].node = <int32_t> node
                visits[place].score = beams.above_scores[query * beams.width_above + b]
                place += 1
    return n_visits


cdef inline void offer(
    Heap *heap, const Restriction *restriction, int32_t query, int32_t node, float score
) noexcept nogil:
    if (
        would_enter(heap, node, score)
        and heap.first_label[node] != NO_LABEL
        and (not restriction.ranges or is_in_range(restriction, query, node))
    ):
        enter(heap, node, score)


cdef inline void keep_best(
    const Layer *layer, const Visit *visit, const float *scores, const Restriction *restriction,
    Beams *beams
) noexcept nogil:
    # Put the children that are among the query's best so far into its heap.
    cdef:
        Heap heap = heap_of(beams, visit.query)
        int64_t first = layer.nodes[3 * visit.node], last = layer.nodes[3 * visit.node + 3]
        int64_t row, k, end, child
    if restriction.n_rows == 0:
        for child in range(first, last):
            offer(&heap, restriction, visit.query, <int32_t> child, scores[child - first])
    else:
        row = visit.query if restriction.n_rows > 1 else 0
        end = restriction.node_indptr[row + 1]
        k = lower_bound(restriction.nodes, restriction.node_indptr[row], end, first)
        while k < end and restriction.nodes[k] < last:
            child = restriction.nodes[k]
            offer(&heap, restriction, visit.query, <int32_t> child, scores[child - first])
            k += 1
    beams.sizes[visit.query] = heap.size


cdef void make_visits(
    const Layer *layer, const Queries *queries, int64_t n_visits, const Entry *entries,
    const Restriction *restriction, Beams *beams, Scratch *scratch
) noexcept nogil:
    # Three stages, each one visit ahead of the next.
    cdef:
        int64_t v
        const Visit *visits = scratch.visits
        int64_t[2] n_rows
        Row *rows
    for v in range(n_visits + 2):
        if v < n_visits:
            prefetch_slots(layer, queries, visits + v)
        if 1 <= v <= n_visits:
            rows = scratch.rows + ((v - 1) & 1) * scratch.max_rows
            n_rows[(v - 1) & 1] = find_rows(layer, queries, visits + v - 1, entries, rows)
        if v >= 2:
            rows = scratch.rows + (v & 1) * scratch.max_rows
            score_children(
                layer, visits + v - 2, entries, rows, n_rows[v & 1],
                least_score(beams, visits[v - 2].query), scratch.scores,
            )
            keep_best(layer, visits + v - 2, scratch.scores, restriction, beams)


cdef void search_in_waves(
    const Layer *layer, const Queries *queries, const Entry *entries,
    const Restriction *restriction, Beams *beams, Scratch *scratch
) noexcept nogil:
    cdef:
        int64_t query, n_visits, first = 0, last = FIRST_WAVE
        Heap heap
    while first < beams.width_above:
        last = min(last, beams.width_above)
        n_visits = list_visits(layer, beams, first, last, scratch.counts, scratch.visits)
        make_visits(layer, queries, n_visits, entries, restriction, beams, scratch)
        first, last = last, 2 * last
    for query in range(beams.n_queries):
        heap = heap_of(beams, query)
        put_in_order(&heap)


cdef bint allocate(
    Scratch *scratch, Beams *beams, const Layer *layer, const Queries *queries
) noexcept nogil:
    cdef:
        int64_t query, b, node, max_children = 0
        int64_t n_places = beams.n_queries * beams.width_above
    scratch.max_rows = 0
    for query in range(beams.n_queries):
        scratch.max_rows = max(
            scratch.max_rows, queries.indptr[query + 1] - queries.indptr[query]
        )
    for b in range(n_places):
        node = beams.above[b]
        if node >= 0:
            max_children = max(max_children, layer.nodes[3 * node + 3] - layer.nodes[3 * node])
    scratch.visits = <Visit *> malloc((n_places + 1) * sizeof(Visit))
    scratch.rows = <Row *> malloc((2 * scratch.max_rows + 1) * sizeof(Row))
    scratch.scores = <float *> malloc((max_children + 1) * sizeof(float))
    scratch.counts = <int64_t *> malloc((layer.n_parents + 1) * sizeof(int64_t))
    beams.sizes = <int64_t *> calloc(beams.n_queries, sizeof(int64_t))
    return scratch.visits and scratch.rows and scratch.scores and scratch.counts and beams.sizes


cdef void release(Scratch *scratch, Beams *beams) noexcept nogil:
    free(scratch.visits)
    free(scratch.rows)
    free(scratch.scores)
    free(scratch.counts)
    free(beams.sizes)


cdef bint search_layer(
    const Layer *layer, const Queries *queries, const Restriction *limits, Beams *beams
) noexcept nogil:
    # From each query's nodes above to their best children; False if there is no memory.
    cdef:
        Scratch scratch
        const void *entries = layer.entries
        bint ready = allocate(&scratch, beams, layer, queries)
    if ready and layer.entry_size == sizeof(Entry16):
        search_in_waves(layer, queries, <const Entry16 *> entries, limits, beams, &scratch)
    elif ready and layer.entry_size == sizeof(Entry32):
        search_in_waves(layer, queries, <const Entry32 *> entries, limits, beams, &scratch)
    elif ready:
        search_in_waves(layer, queries, <const EntryHalf *> entries, limits, beams, &scratch)
    release(&scratch, beams)
    return ready


def search_layers(
    queries,
    layers,
    int transform,
    restriction,
    start,
    int64_t beam_width,
    names,
    best,           # out: int32
    best_scores,    # out: float32
):
    """Go down layer by layer from the nodes that each query starts at.

    - ``queries``: a `Csr`, indices sorted.
    - ``layers``: a list of `Layer`, as `pack_layer` makes them.
    - ``restriction``: `AllowedNodes`, `LabelRanges` or None.
    - ``start``: nodes above the first layer, int32 of shape (queries, width), -1 behind the last,
      and their float32 scores; None is the root, with a score of 0.
    - ``beam_width``: how many nodes are kept on every layer but the last.
    - ``names``: what to call the nodes of the last layer, int32; None is by their numbers.
    - ``best`` (queries, k): nodes of the last layer, best first, and their scores; -1 and -inf
      behind the last.
    """
    cdef:
        Queries query_view = view_queries(queries)
        Layer layer
        Restriction limits
        Beams beams
        int64_t depth, last = len(layers) - 1
        void *between = NULL            # the nodes of the layer above, and their scores
        void *done = NULL
        bint ready = True
    beams.n_queries = len(best)
    if beams.n_queries == 0:
        return
    if start is None:
        between = calloc(beams.n_queries, sizeof(int32_t) + sizeof(float))
        if between == NULL:
            raise MemoryError
        beams.above, beams.width_above = <const int32_t *> between, 1
        beams.above_scores = <const float *> (beams.above + beams.n_queries)
    else:
        beam, beam_scores = start
        beams.above, beams.above_scores = int32s(beam), floats(beam_scores)
        beams.width_above = n_columns(beam)
    for depth in range(last + 1):
        layer = view_layer(layers[depth], transform)
        limits = view_restriction(restriction, depth)
        beams.first_label = layer.first_label
        done = between
        if depth < last:
            beams.width = min(beam_width, layer.nodes[3 * layer.n_parents])
            between = malloc(beams.n_queries * beams.width * (sizeof(int32_t) + sizeof(float)))
            beams.best = <int32_t *> between
            beams.best_scores = <float *> (beams.best + beams.n_queries * beams.width)
        else:
            between, beams.width = NULL, best.shape[1]
            beams.best, beams.best_scores = int32s(best), floats(best_scores)
        with nogil:
            ready = beams.best and search_layer(&layer, &query_view, &limits, &beams)
            free(done)
        if not ready:
            free(between)
            raise MemoryError
        beams.above, beams.above_scores = beams.best, beams.best_scores
        beams.width_above = beams.width
    if names is not None:
        name_nodes(beams.best, beams.n_queries * beams.width, int32s(names))
