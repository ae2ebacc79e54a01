"""One layer of beam search: score the children of each query's nodes and keep the best.

The cost is memory latency, not arithmetic: every (node, feature) pair is a look-up somewhere in a
large table. So the visits (query, node) of a batch are sorted by node, which keeps a node's table
in the cache for all queries that pass it, and go through a pipeline: while one visit is summed, the
table rows of the next and the slots of the one after that are on their way.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free, malloc

from ._compiler cimport prefetch
from ._heap cimport NO_LABEL, Heap, enter, put_in_order, would_enter
from ._path_score cimport path_score
from .packed cimport Entry, Entry16, Entry32, Slot, find_slot, home_slot

cdef struct Layer:
    const int64_t *nodes        # (parents + 1, 3): first child, slot and entry of each parent
    const Slot *slots
    const float *intercepts     # of each child
    int transform


cdef struct Queries:
    const int64_t *indptr
    const int32_t *features
    const float *values


cdef struct Restriction:
    # What a query may reach: the allowed nodes, or the nodes above a range of label positions.
    const uint8_t *allowed       # of each node; NULL: all
    const int64_t *label_indptr  # where the labels below each node start; NULL: all
    const int32_t *labels        # the positions of these labels, sorted for each node
    int32_t first, last          # the range is first .. last - 1


cdef struct Visit:
    int32_t query
    int32_t node
    float score                 # of the path to the node
    int64_t out                 # where the scores of its children go


cdef struct Row:
    # The entries of one feature in one node, and the query's value of that feature.
    int64_t start, end
    float value


cdef inline void prefetch_slots(
    const Layer *layer, const Queries *queries, const Visit *visit
) noexcept nogil:
    cdef:
        const Slot *slots = layer.slots + layer.nodes[3 * visit.node + 1]
        int64_t n_slots = layer.nodes[3 * visit.node + 4] - layer.nodes[3 * visit.node + 1] - 1
        int64_t k
    if n_slots > 0:
        for k in range(queries.indptr[visit.query], queries.indptr[visit.query + 1]):
            prefetch(slots + home_slot(queries.features[k], n_slots))


cdef inline int64_t find_rows(
    const Layer *layer, const Queries *queries, const Visit *visit, const Entry *entries, Row *rows
) noexcept nogil:
    # List the rows that the query's features have in the node, and start to fetch them.
    cdef:
        const Slot *slots = layer.slots + layer.nodes[3 * visit.node + 1]
        int64_t n_slots = layer.nodes[3 * visit.node + 4] - layer.nodes[3 * visit.node + 1] - 1
        int64_t first = layer.nodes[3 * visit.node + 2]
        int64_t k, slot, n_rows = 0
    if n_slots > 0:
        for k in range(queries.indptr[visit.query], queries.indptr[visit.query + 1]):
            slot = find_slot(slots, n_slots, queries.features[k])
            if slots[slot].feature >= 0:
                rows[n_rows].start = first + slots[slot].start
                rows[n_rows].end = first + slots[slot + 1].start
                rows[n_rows].value = queries.values[k]
                prefetch(entries + rows[n_rows].start)
                n_rows += 1
    prefetch(layer.intercepts + layer.nodes[3 * visit.node])
    return n_rows


cdef inline void score_children(
    const Layer *layer, const Visit *visit, const Entry *entries,
    const Row *rows, int64_t n_rows, float *scores
) noexcept nogil:
    cdef:
        int64_t first = layer.nodes[3 * visit.node]
        int64_t n_children = layer.nodes[3 * visit.node + 3] - first
        int64_t n_entries = layer.nodes[3 * visit.node + 5] - layer.nodes[3 * visit.node + 2]
        int64_t c, i, k
    if n_children == 1 and n_entries == 0 and layer.intercepts[first] == 0:
        # An only child without a model: its score is its parent's.
        scores[0] = visit.score
        return
    for c in range(n_children):
        scores[c] = layer.intercepts[first + c]
    for i in range(n_rows):
        for k in range(rows[i].start, rows[i].end):
            scores[entries[k].child] += rows[i].value * entries[k].weight
    for c in range(n_children):
        scores[c] = path_score(visit.score, scores[c], layer.transform)


cdef void score_visits(
    const Layer *layer, const Queries *queries, const Visit *visits, int64_t n_visits,
    const Entry *entries, Row *rows, int64_t max_rows, float *scores
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
                layer, visits + v - 2, entries, rows + (v & 1) * max_rows, n_rows[v & 1],
                scores + visits[v - 2].out,
            )


cdef inline bint leads_to(const Restriction *restriction, int32_t node) noexcept nogil:
    # Whether a label that the query may have lies below the node.
    cdef int64_t low, high, middle
    if restriction.allowed and not restriction.allowed[node]:
        return False
    if restriction.label_indptr:
        low, high = restriction.label_indptr[node], restriction.label_indptr[node + 1]
        while low < high:
            middle = (low + high) // 2
            if restriction.labels[middle] < restriction.first:
                low = middle + 1
            else:
                high = middle
        if low == restriction.label_indptr[node + 1] or restriction.labels[low] >= restriction.last:
            return False
    return True


cdef void keep_best(
    const Layer *layer, const int32_t *beam, int64_t beam_width, const float *scores,
    const Restriction *restriction, Heap *heap
) noexcept nogil:
    # Put the best children of one query's beam into the heap, best first.
    cdef:
        int64_t b
        int32_t child
    for b in range(beam_width):
        if beam[b] < 0:
            break
        for child in range(layer.nodes[3 * beam[b]], layer.nodes[3 * beam[b] + 3]):
            if (
                would_enter(heap, child, scores[0])
                and heap.first_label[child] != NO_LABEL
                and leads_to(restriction, child)
            ):
                enter(heap, child, scores[0])
            scores += 1
    put_in_order(heap)


cdef void list_visits(
    const Layer *layer, int64_t n_parents, const int32_t *beam, const float *beam_scores,
    int32_t n_queries, int64_t width, int64_t *counts, Visit *visits, int64_t *first_scores
) noexcept nogil:
    # Lay the visits out in the order of their nodes, a counting sort, or in the order of their
    # queries where `counts` (which starts at 0) is NULL.
    cdef:
        int64_t b, node, place, n_visits = 0, out = 0
        int32_t q
    if counts:
        for b in range(n_queries * width):
            if beam[b] >= 0:
                counts[beam[b] + 1] += 1
        for node in range(n_parents):
            counts[node + 1] += counts[node]
    for q in range(n_queries):
        first_scores[q] = out
        for b in range(q * width, (q + 1) * width):
            node = beam[b]
            if node < 0:
                break
            place = n_visits
            if counts:
                place = counts[node]
                counts[node] += 1
            visits[place].query = q
            visits[place].node = <int32_t> node
            visits[place].score = beam_scores[b]
            visits[place].out = out
            n_visits += 1
            out += layer.nodes[3 * node + 3] - layer.nodes[3 * node]


cdef void mark(
    const int64_t[::1] indptr, const int32_t[::1] nodes, int64_t row, uint8_t value, uint8_t *marks
) noexcept nogil:
    cdef int64_t k
    for k in range(indptr[row], indptr[row + 1]):
        marks[nodes[k]] = value


def search_layer(
    const int64_t[::1] indptr,
    const int32_t[::1] features,
    const float[::1] values,
    const int64_t[:, ::1] nodes,
    const Slot[::1] slots,
    const uint8_t[::1] entries,
    bint wide_entries,
    const float[::1] intercepts,
    const int32_t[::1] first_label,
    int transform,
    const int64_t[::1] allowed_indptr,
    const int32_t[::1] allowed_nodes,
    const int32_t[:, ::1] ranges,
    const int64_t[::1] label_indptr,
    const int32_t[::1] labels,
    const int32_t[:, ::1] beam,
    const float[:, ::1] beam_scores,
    int32_t[:, ::1] best,
    float[:, ::1] best_scores,
):
    """Go from each query's nodes in ``beam`` to their best children.

    Queries are CSR rows, features sorted. ``entries`` are the bytes of Entry16 or Entry32 structs.
    ``beam`` (queries, width) holds nodes of the layer above, -1 behind the last; ``best`` likewise
    receives nodes of this layer, best first. Two restrictions are off where their arrays are empty:
    the allowed nodes are a CSR row for each query or one row for all; ``ranges`` (queries, 2) keep
    to nodes above label positions ``ranges[q, 0] .. ranges[q, 1] - 1``, for which ``label_indptr``
    and ``labels`` list the labels below each node, sorted.
    """
    cdef:
        Layer layer
        Queries queries
        Restriction restriction
        Heap heap
        Visit *visits = NULL
        Row *rows = NULL
        float *scores = NULL
        int64_t *first_scores = NULL
        int64_t *counts = NULL
        uint8_t *allowed = NULL
        const uint8_t *first_entry = &entries[0] if entries.shape[0] else NULL
        int64_t n_parents = nodes.shape[0] - 1, n_visits = 0, n_scores = 0, max_rows = 0, b
        int64_t n_restrictions = allowed_indptr.shape[0] - 1
        int32_t q, n_queries = <int32_t> beam.shape[0]
        bint sort_visits
    if n_queries == 0:
        return
    layer.nodes = &nodes[0, 0]
    layer.slots = &slots[0]
    layer.intercepts = &intercepts[0]
    layer.transform = transform
    queries.indptr = &indptr[0]
    queries.features = &features[0] if features.shape[0] else NULL
    queries.values = &values[0] if values.shape[0] else NULL
    try:
        with nogil:
            for q in range(n_queries):
                max_rows = max(max_rows, indptr[q + 1] - indptr[q])
                for b in range(beam.shape[1]):
                    if beam[q, b] < 0:
                        break
                    n_visits += 1
                    n_scores += nodes[beam[q, b] + 1, 0] - nodes[beam[q, b], 0]
            # Sorting few visits among many nodes would cost more than it gains.
            sort_visits = n_visits > n_parents
            visits = <Visit *> malloc((n_visits + 1) * sizeof(Visit))
            rows = <Row *> malloc((2 * max_rows + 1) * sizeof(Row))
            scores = <float *> malloc((n_scores + 1) * sizeof(float))
            first_scores = <int64_t *> malloc(n_queries * sizeof(int64_t))
            if sort_visits:
                counts = <int64_t *> calloc(n_parents + 1, sizeof(int64_t))
            if n_restrictions > 0:
                allowed = <uint8_t *> calloc(first_label.shape[0], 1)
        if (
            not (visits and rows and scores and first_scores)
            or (sort_visits and not counts)
            or (n_restrictions > 0 and not allowed)
        ):
            raise MemoryError
        with nogil:
            list_visits(
                &layer, n_parents, &beam[0, 0], &beam_scores[0, 0], n_queries, beam.shape[1],
                counts, visits, first_scores,
            )
            if wide_entries:
                score_visits(
                    &layer, &queries, visits, n_visits, <const Entry32 *> first_entry,
                    rows, max_rows, scores,
                )
            else:
                score_visits(
                    &layer, &queries, visits, n_visits, <const Entry16 *> first_entry,
                    rows, max_rows, scores,
                )
            restriction.first = restriction.last = 0
            restriction.allowed = allowed
            restriction.label_indptr = &label_indptr[0] if ranges.shape[0] else NULL
            restriction.labels = &labels[0] if ranges.shape[0] else NULL
            heap.first_label = &first_label[0]
            heap.capacity = best.shape[1]
            if n_restrictions == 1:
                mark(allowed_indptr, allowed_nodes, 0, 1, allowed)
            for q in range(n_queries):
                if n_restrictions > 1:
                    mark(allowed_indptr, allowed_nodes, q, 1, allowed)
                if ranges.shape[0]:
                    restriction.first, restriction.last = ranges[q, 0], ranges[q, 1]
                heap.size = 0
                heap.nodes, heap.scores = &best[q, 0], &best_scores[q, 0]
                keep_best(
                    &layer, &beam[q, 0], beam.shape[1], scores + first_scores[q], &restriction,
                    &heap,
                )
                if n_restrictions > 1:
                    mark(allowed_indptr, allowed_nodes, q, 0, allowed)
    finally:
        free(visits)
        free(rows)
        free(scores)
        free(first_scores)
        free(counts)
        free(allowed)
