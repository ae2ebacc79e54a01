"""One layer of beam search: score the children of each query's nodes and keep the best.

The cost is memory latency, not arithmetic: every (node, feature) pair is a look-up somewhere in a
large table. So the visits (query, node) of a batch are sorted by node, which keeps a node's table
in the cache for all queries that pass it, and go through a pipeline: while one visit is summed, the
table rows of the next and the slots of the one after that are on their way.

A child scores no more than its parent. So the visits come in waves, first those of each query's
best nodes, and a node that scores less than the worst child kept needs no visit any more.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from ._heap cimport NO_LABEL, Heap, enter, put_in_order, would_enter
from ._node_scores cimport (
    Layer, Queries, Row, Visit, find_rows, prefetch_slots, score_children
)
from ._path_score cimport NOOP
from ._restriction cimport Restriction, first_from, is_in_range
from .packed cimport Entry, Entry16, Entry32, EntryHalf, Slot

cdef enum:
    FIRST_WAVE = 4              # visits for each query; each wave doubles their number

cdef struct Beams:
    # The nodes that each query keeps: those of the layer above, best first and -1 behind the last,
    # and the best children so far, a heap for each query.
    const int32_t *above
    const float *above_scores
    int64_t width_above
    int32_t n_queries
    int32_t *best
    float *best_scores
    int64_t width
    int64_t *sizes              # of the heaps
    const int32_t *first_label


cdef inline Heap heap_of(const Beams *beams, int64_t query) noexcept nogil:
    cdef Heap heap
    heap.nodes = beams.best + query * beams.width
    heap.scores = beams.best_scores + query * beams.width
    heap.size = beams.sizes[query]
    heap.capacity = beams.width
    heap.first_label = beams.first_label
    return heap


cdef inline bint is_worth_a_visit(
    const Layer *layer, const Beams *beams, int64_t query, int64_t place
) noexcept nogil:
    # `place` counts in the beam above.
    if beams.above[query * beams.width_above + place] < 0:
        return False
    return (
        layer.transform == NOOP
        or beams.sizes[query] < beams.width
        or beams.above_scores[query * beams.width_above + place]
        >= beams.best_scores[query * beams.width]
    )


cdef int64_t list_visits(
    const Layer *layer, const Beams *beams, int64_t first, int64_t last, int64_t n_parents,
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
    sort = n_visits > n_parents
    if sort:
        memset(counts, 0, (n_parents + 1) * sizeof(int64_t))
        for query in range(beams.n_queries):
            for b in range(first, last):
                if is_worth_a_visit(layer, beams, query, b):
                    counts[beams.above[query * beams.width_above + b] + 1] += 1
        for node in range(n_parents):
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
        end = restriction.indptr[row + 1]
        k = first_from(restriction.nodes, restriction.indptr[row], end, first)
        while k < end and restriction.nodes[k] < last:
            child = restriction.nodes[k]
            offer(&heap, restriction, visit.query, <int32_t> child, scores[child - first])
            k += 1
    beams.sizes[visit.query] = heap.size


cdef void make_visits(
    const Layer *layer, const Queries *queries, const Visit *visits, int64_t n_visits,
    const Entry *entries, Row *rows, int64_t max_rows, float *scores,
    const Restriction *restriction, Beams *beams
) noexcept nogil:
    # Three stages, each one visit ahead of the next. `rows` holds two visits' rows.
    cdef:
        int64_t v
        int64_t[2] n_rows
    for v in range(n_visits + 2):
        if v < n_visits:
            prefetch_slots(layer, queries, visits + v)
        if 1 <= v <= n_visits:
            n_rows[(v - 1) & 1] = find_rows(
                layer, queries, visits + v - 1, entries, rows + ((v - 1) & 1) * max_rows
            )
        if v >= 2:
            score_children(
                layer, visits + v - 2, entries, rows + (v & 1) * max_rows, n_rows[v & 1], scores
            )
            keep_best(layer, visits + v - 2, scores, restriction, beams)


def search_layer(
    tuple query_parts,
    tuple layer_parts,
    int transform,
    tuple restriction_parts,
    const int32_t[:, ::1] beam,
    const float[:, ::1] beam_scores,
    int32_t[:, ::1] best,
    float[:, ::1] best_scores,
):
    """Go from each query's nodes in ``beam`` to their best children.

    ``beam`` (queries, width) holds nodes of the layer above, -1 behind the last; ``best`` likewise
    receives nodes of this layer, best first.

    - Queries: index pointers, features, sorted, and values of CSR rows.
    - Layer: number of features; nodes, slots and entries as `packed` makes them, the entries as the
      bytes of Entry16, Entry32 or EntryHalf structs, and 0, 1 or 2 for which; intercepts; and the
      first label below each node.
    - Two restrictions, off where their arrays are empty. Allowed nodes: index pointers and sorted
      nodes, a row for each query or one row for all. Ranges (queries, 2): nodes above one of the
      label positions ``ranges[q, 0] .. ranges[q, 1] - 1``, with pointers and sorted labels that
      list those below each node.
    """
    cdef:
        const int64_t[::1] indptr, allowed_indptr, label_indptr
        const int32_t[::1] features, first_label, allowed_nodes, labels
        const float[::1] values, intercepts
        const int64_t[:, ::1] nodes
        const Slot[::1] slots
        const uint8_t[::1] entries
        const int32_t[:, ::1] ranges
        int64_t n_features
        int entry_kind
        Layer layer
        Queries queries
        Restriction restriction
        Beams beams
        Heap heap
        Visit *visits = NULL
        Row *rows = NULL
        float *scores = NULL
        int64_t *counts = NULL
        const uint8_t *first_entry
        int64_t n_parents, n_visits, max_children = 0, max_rows = 0
        int64_t first, last, q, b
    beams.sizes = NULL
    if beam.shape[0] == 0:
        return
    indptr, features, values = query_parts
    n_features, nodes, slots, entries, entry_kind, intercepts, first_label = layer_parts
    allowed_indptr, allowed_nodes, ranges, label_indptr, labels = restriction_parts
    first_entry = &entries[0] if entries.shape[0] else NULL
    n_parents = nodes.shape[0] - 1
    layer.n_features = n_features
    layer.nodes = &nodes[0, 0]
    layer.slots = &slots[0] if slots.shape[0] else NULL
    layer.intercepts = &intercepts[0]
    layer.transform = transform
    queries.indptr = &indptr[0]
    queries.features = &features[0] if features.shape[0] else NULL
    queries.values = &values[0] if values.shape[0] else NULL
    restriction.n_rows = allowed_indptr.shape[0] - 1
    restriction.indptr = &allowed_indptr[0]
    restriction.nodes = &allowed_nodes[0] if allowed_nodes.shape[0] else NULL
    restriction.ranges = &ranges[0, 0] if ranges.shape[0] else NULL
    restriction.label_indptr = &label_indptr[0]
    restriction.labels = &labels[0] if labels.shape[0] else NULL
    beams.above, beams.above_scores = &beam[0, 0], &beam_scores[0, 0]
    beams.n_queries, beams.width_above = <int32_t> beam.shape[0], beam.shape[1]
    beams.best, beams.best_scores = &best[0, 0], &best_scores[0, 0]
    beams.width = best.shape[1]
    beams.first_label = &first_label[0]
    try:
        with nogil:
            for q in range(beams.n_queries):
                max_rows = max(max_rows, indptr[q + 1] - indptr[q])
                for b in range(beam.shape[1]):
                    if beam[q, b] >= 0:
                        max_children = max(
                            max_children, nodes[beam[q, b] + 1, 0] - nodes[beam[q, b], 0]
                        )
            visits = <Visit *> malloc((beam.shape[0] * beam.shape[1] + 1) * sizeof(Visit))
            rows = <Row *> malloc((2 * max_rows + 1) * sizeof(Row))
            scores = <float *> malloc((max_children + 1) * sizeof(float))
            counts = <int64_t *> malloc((n_parents + 1) * sizeof(int64_t))
            beams.sizes = <int64_t *> calloc(beam.shape[0], sizeof(int64_t))
        if not (visits and rows and scores and counts and beams.sizes):
            raise MemoryError
        with nogil:
            first, last = 0, FIRST_WAVE
            while first < beam.shape[1]:
                last = min(last, beam.shape[1])
                n_visits = list_visits(&layer, &beams, first, last, n_parents, counts, visits)
                if entry_kind == 0:
                    make_visits(
                        &layer, &queries, visits, n_visits, <const Entry16 *> first_entry,
                        rows, max_rows, scores, &restriction, &beams,
                    )
                elif entry_kind == 1:
                    make_visits(
                        &layer, &queries, visits, n_visits, <const Entry32 *> first_entry,
                        rows, max_rows, scores, &restriction, &beams,
                    )
                else:
                    make_visits(
                        &layer, &queries, visits, n_visits, <const EntryHalf *> first_entry,
                        rows, max_rows, scores, &restriction, &beams,
                    )
                first, last = last, 2 * last
            for q in range(beams.n_queries):
                heap = heap_of(&beams, q)
                put_in_order(&heap)
    finally:
        free(visits)
        free(rows)
        free(scores)
        free(counts)
        free(beams.sizes)
