"""One layer of beam search: score the children of each query's nodes and keep the best.

The cost is memory latency, not arithmetic: every (node, feature) pair is a look-up somewhere in a
large table. So the visits (query, node) of a batch are sorted by node, which keeps a node's table
in the cache for all queries that pass it, and go through a pipeline: while one visit is summed, the
table rows of the next and the slots of the one after that are on their way.
"""

from libc.float cimport FLT_MAX
from libc.math cimport expf, fabsf, log1pf
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free, malloc

from ._compiler cimport prefetch
from .packed cimport Entry, Entry16, Entry32, Slot, find_slot, home_slot

# Score transforms: the power of the hinge loss, or one of
cdef enum:
    NOOP = 0
    LOG_SIGMOID = -1

# Margins beyond this are cut: their 4th power must be a finite float.
cdef float MAX_LOSS = 1e9


cdef struct Layer:
    const int64_t *nodes        # (parents + 1, 3): first child, slot and entry of each parent
    const Slot *slots
    const float *intercepts     # of each child
    const int32_t *first_label  # lowest label position below each child; n_labels: none
    int32_t n_labels
    int transform


cdef struct Queries:
    const int64_t *indptr
    const int32_t *features
    const float *values


cdef struct Visit:
    int32_t query
    int32_t node
    float score                 # of the path to the node
    int64_t out                 # where the scores of its children go


cdef struct Row:
    # The entries of one feature in one node, and the query's value of that feature.
    int64_t start, end
    float value


cdef inline float not_below(float score) noexcept nogil:
    # Long paths of bad nodes must not end at -inf, which stands for labels that were not reached.
    return score if score > -FLT_MAX else -FLT_MAX


cdef inline float path_score(float parent, float margin, int transform) noexcept nogil:
    cdef float loss, power
    if transform == NOOP:
        return margin if -FLT_MAX < margin < FLT_MAX else (FLT_MAX if margin > 0 else -FLT_MAX)
    if transform == LOG_SIGMOID:
        margin = margin if margin > -MAX_LOSS else -MAX_LOSS
        return not_below(parent + (margin if margin < 0 else 0) - log1pf(expf(-fabsf(margin))))
    loss = 1 - margin
    if loss <= 0:
        return parent
    loss = loss if loss < MAX_LOSS else MAX_LOSS
    power = loss
    for _ in range(transform - 1):
        power *= loss
    return not_below(parent - power)


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
        int64_t c, i, k
    if n_children == 1:
        # An only child has no model: its score is its parent's.
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


cdef inline bint ranks_before(
    const Layer *layer, float score, int32_t child, float other_score, int32_t other
) noexcept nogil:
    if score != other_score:
        return score > other_score
    return layer.first_label[child] < layer.first_label[other]


cdef inline void sift_down(
    const Layer *layer, int32_t *nodes, float *scores, int64_t size, int32_t node, float score
) noexcept nogil:
    # Put a node in place of the root of a heap whose root ranks last.
    cdef int64_t parent = 0, child = 1
    while child < size:
        if child + 1 < size and ranks_before(
            layer, scores[child], nodes[child], scores[child + 1], nodes[child + 1]
        ):
            child += 1
        if not ranks_before(layer, score, node, scores[child], nodes[child]):
            break
        nodes[parent], scores[parent] = nodes[child], scores[child]
        parent = child
        child = 2 * child + 1
    nodes[parent], scores[parent] = node, score


cdef inline void sift_up(
    const Layer *layer, int32_t *nodes, float *scores, int64_t child, int32_t node, float score
) noexcept nogil:
    # Put a node in place of a leaf of that heap.
    cdef int64_t parent
    while child > 0:
        parent = (child - 1) // 2
        if not ranks_before(layer, scores[parent], nodes[parent], score, node):
            break
        nodes[child], scores[child] = nodes[parent], scores[parent]
        child = parent
    nodes[child], scores[child] = node, score


cdef void keep_best(
    const Layer *layer, const int32_t *beam, int64_t beam_width, const float *scores,
    const uint8_t *allowed, int32_t *nodes, float *node_scores, int64_t n_kept
) noexcept nogil:
    # The best children of one query's beam, best first, in `nodes`; -1 where there are no more.
    cdef:
        int64_t b, i, size = 0
        int32_t child, last
        float score
    for b in range(beam_width):
        if beam[b] < 0:
            break
        for child in range(layer.nodes[3 * beam[b]], layer.nodes[3 * beam[b] + 3]):
            score = scores[0]
            scores += 1
            if size == n_kept and score < node_scores[0]:
                continue
            if layer.first_label[child] == layer.n_labels or (allowed and not allowed[child]):
                continue
            if size < n_kept:
                sift_up(layer, nodes, node_scores, size, child, score)
                size += 1
            elif ranks_before(layer, score, child, node_scores[0], nodes[0]):
                sift_down(layer, nodes, node_scores, size, child, score)
    for i in range(size, n_kept):
        nodes[i] = -1
    # Heap sort: the one that ranks last goes to the end.
    for i in range(size - 1, 0, -1):
        last, score = nodes[0], node_scores[0]
        child = nodes[i]
        sift_down(layer, nodes, node_scores, i, child, node_scores[i])
        nodes[i], node_scores[i] = last, score


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
    int32_t n_labels,
    int transform,
    const int64_t[::1] allowed_indptr,
    const int32_t[::1] allowed_nodes,
    const int32_t[:, ::1] beam,
    const float[:, ::1] beam_scores,
    int32_t[:, ::1] best,
    float[:, ::1] best_scores,
):
    """Go from each query's nodes in ``beam`` to their best children.

    Queries are CSR rows, features sorted. ``entries`` are the bytes of Entry16 or Entry32 structs.
    ``beam`` (queries, width) holds nodes of the layer above, -1 behind the last; ``best`` likewise
    receives nodes of this layer, best first. The allowed nodes are a CSR row for each query, one
    row for all, or there is no restriction (no row).
    """
    cdef:
        Layer layer
        Queries queries
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
    layer.first_label = &first_label[0]
    layer.n_labels = n_labels
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
            if n_restrictions == 1:
                mark(allowed_indptr, allowed_nodes, 0, 1, allowed)
            for q in range(n_queries):
                if n_restrictions > 1:
                    mark(allowed_indptr, allowed_nodes, q, 1, allowed)
                keep_best(
                    &layer, &beam[q, 0], beam.shape[1], scores + first_scores[q], allowed,
                    &best[q, 0], &best_scores[q, 0], best.shape[1],
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
