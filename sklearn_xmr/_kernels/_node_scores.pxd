# The scores of a node's children for one query: look up its features, add up, combine.

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from ._arrays cimport address_of, floats, int32s, int64s
from ._compiler cimport prefetch
from ._path_score cimport path_scores
from .packed cimport Entry, Slot, find_slot, home_slot, weight_of

cdef struct Layer:
    int64_t n_features
    int64_t n_parents
    const int64_t *nodes        # (n_parents + 1, 3): first child, slot and entry of each parent
    const Slot *slots
    const void *entries         # of type Entry16, Entry32 or EntryHalf: that of this size
    Py_ssize_t entry_size
    const int64_t *places       # (n_parents, 2): where its first slot and entry are, if elsewhere
    int64_t n_slots, n_entries  # places behind these count on in `later_slots`, `later_entries`
    const Slot *later_slots
    const void *later_entries
    const float *intercepts     # of each child
    const int32_t *first_label  # the lowest label position below each child
    int transform


cdef inline Layer view_layer(layer, int transform):
    # The arrays of a packed `Layer`, which must outlive the view.
    cdef Layer view
    memset(&view, 0, sizeof(view))
    entries, later = layer.entries, layer.later
    view.entry_size = entries.itemsize
    view.entries = address_of(entries, view.entry_size, NULL)
    view.slots = <const Slot *> address_of(layer.slots, sizeof(Slot), NULL)
    if later is not None:
        view.places = int64s(later.places)
        view.n_slots, view.n_entries = len(layer.slots), len(entries)
        view.later_slots = <const Slot *> address_of(later.slots, sizeof(Slot), NULL)
        view.later_entries = address_of(later.entries, view.entry_size, NULL)
    view.n_features, view.n_parents = layer.n_features, len(layer.nodes) - 1
    view.nodes, view.transform = int64s(layer.nodes), transform
    view.intercepts, view.first_label = floats(layer.intercepts), int32s(layer.first_label)
    return view


cdef struct Queries:
    const int64_t *indptr
    const int32_t *features
    const float *values


cdef inline Queries view_queries(rows):
    # The arrays of a `Csr`, which must outlive the view.
    cdef Queries view
    view.indptr, view.features = int64s(rows.indptr), int32s(rows.indices)
    view.values = floats(rows.data)
    return view


cdef struct Visit:
    int32_t query
    int32_t node
    float score                 # of the path to the node


cdef struct Row:
    # The entries of one feature, counted in its node, and the query's value of that feature.
    int64_t start, end
    float value


cdef inline int64_t slot_count(const Layer *layer, int64_t node) noexcept nogil:
    # Slots to search; none where the children have no weights, -1 where they have no models.
    return layer.nodes[3 * node + 4] - layer.nodes[3 * node + 1] - 1


cdef inline const Slot *slots_of(const Layer *layer, int64_t node) noexcept nogil:
    cdef int64_t place
    if layer.places is NULL:
        return layer.slots + layer.nodes[3 * node + 1]
    place = layer.places[2 * node]
    if place < layer.n_slots:
        return layer.slots + place
    return layer.later_slots + (place - layer.n_slots)


cdef inline const Entry *entries_of(
    const Layer *layer, int64_t node, const Entry *entries
) noexcept nogil:
    # `entries` are the layer's, with their type.
    cdef int64_t place
    if layer.places is NULL:
        return entries + layer.nodes[3 * node + 2]
    place = layer.places[2 * node + 1]
    if place < layer.n_entries:
        return entries + place
    return <const Entry *> layer.later_entries + (place - layer.n_entries)


cdef inline void prefetch_slots(
    const Layer *layer, const Queries *queries, const Visit *visit
) noexcept nogil:
    cdef:
        const Slot *slots = slots_of(layer, visit.node)
        int64_t n_slots = slot_count(layer, visit.node)
        int64_t k
    if n_slots > 0:
        for k in range(queries.indptr[visit.query], queries.indptr[visit.query + 1]):
            prefetch(slots + home_slot(queries.features[k], n_slots, layer.n_features))


cdef inline int64_t find_rows(
    const Layer *layer, const Queries *queries, const Visit *visit, const Entry *entries, Row *rows
) noexcept nogil:
    # List the rows that the query's features have in the node, and start to fetch them.
    cdef:
        const Slot *slots = slots_of(layer, visit.node)
        const Entry *first = entries_of(layer, visit.node, entries)
        int64_t n_slots = slot_count(layer, visit.node)
        int64_t k, slot, n_rows = 0
    if n_slots > 0:
        for k in range(queries.indptr[visit.query], queries.indptr[visit.query + 1]):
            slot = find_slot(slots, n_slots, layer.n_features, queries.features[k])
            if slots[slot].feature == queries.features[k]:
                rows[n_rows].start = slots[slot].start
                rows[n_rows].end = slots[slot + 1].start
                rows[n_rows].value = queries.values[k]
                prefetch(first + rows[n_rows].start)
                n_rows += 1
    prefetch(layer.intercepts + layer.nodes[3 * visit.node])
    return n_rows


cdef inline void score_children(
    const Layer *layer, const Visit *visit, const Entry *entries,
    const Row *rows, int64_t n_rows, float least, float *scores
) noexcept nogil:
    # Of scores below `least`, only that is to be known.
    cdef:
        int64_t first = layer.nodes[3 * visit.node]
        int64_t n_children = layer.nodes[3 * visit.node + 3] - first
        const Entry *own = entries_of(layer, visit.node, entries)
        int64_t c, i, k
    if slot_count(layer, visit.node) < 0:
        for c in range(n_children):
            scores[c] = visit.score
        return
    for c in range(n_children):
        scores[c] = layer.intercepts[first + c]
    for i in range(n_rows):
        for k in range(rows[i].start, rows[i].end):
            scores[own[k].child] += rows[i].value * weight_of(own + k)
    path_scores(scores, n_children, visit.score, layer.transform, least)
