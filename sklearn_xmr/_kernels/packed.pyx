"""Pack the weights of a layer for search: per node a table from feature to children's weights.

A query's features are looked up once per node, not once per child. A node has

- slots (feature, start), -1 where empty, and one slot more; a node whose children have no models
  has no slot at all;
- entries (child, weight), the children counted from the node's first, row by row in slot order.

The row of the feature in slot s is ``entries[slots[s].start : slots[s + 1].start]``: keeping the
rows in slot order saves the length, and a slot is 8 bytes. A feature's slot is found by hashing,
or is that of its number in a node with as many slots as there are features: the hash table would
be no smaller.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t


def count_features(
    const int64_t[::1] child_indptr,
    const int64_t[::1] indptr,
    const int32_t[::1] features,
    int32_t[::1] last_node,     # scratch
    int64_t[::1] counts,        # out
):
    """Count the distinct features of each node's children, whose weights are CSC columns.

    ``last_node`` (one entry per feature) must be -1 everywhere.
    """
    cdef:
        int32_t node
        int64_t k
    with nogil:
        for node in range(<int32_t> counts.shape[0]):
            counts[node] = 0
            for k in range(indptr[child_indptr[node]], indptr[child_indptr[node + 1]]):
                if last_node[features[k]] != node:
                    last_node[features[k]] = node
                    counts[node] += 1


cdef inline void count_weight(
    Slot *slots, int64_t n_slots, int64_t n_features, int32_t feature
) noexcept nogil:
    # Count one more weight of the feature, where `start` will be.
    cdef int64_t slot = find_slot(slots, n_slots, n_features, feature)
    if slots[slot].feature == feature:
        slots[slot].start += 1
    else:
        fill_slot(slots, n_slots, slot, feature, 1)


cdef void pack_node(
    const int64_t *indptr,
    Py_ssize_t n_children,
    int64_t n_features,
    const int32_t *features,
    const float *weights,
    Slot *slots,
    int64_t n_slots,
    Entry *entries,
) noexcept nogil:
    cdef:
        Py_ssize_t child
        int64_t k, slot
        uint32_t start = 0, count
    for slot in range(n_slots + 1):
        slots[slot].feature = -1
        slots[slot].start = 0
    if n_slots <= 0:
        return
    for k in range(indptr[0], indptr[n_children]):
        count_weight(slots, n_slots, n_features, features[k])
    for slot in range(n_slots + 1):
        count = slots[slot].start
        slots[slot].start = start
        start += count
    for child in range(n_children):
        for k in range(indptr[child], indptr[child + 1]):
            slot = find_slot(slots, n_slots, n_features, features[k])
            entries[slots[slot].start].child = <int32_t> child
            if Entry is EntryHalf:
                entries[slots[slot].start].weight = half_of_float(weights[k])
            else:
                entries[slots[slot].start].weight = weights[k]
            slots[slot].start += 1
    # Every start has moved to the end of its row, which is the start of the next.
    for slot in range(n_slots, 0, -1):
        slots[slot].start = slots[slot - 1].start
    slots[0].start = 0


def pack(
    int64_t n_features,
    const int64_t[:, ::1] nodes,
    const int64_t[::1] indptr,
    const int32_t[::1] features,
    const float[::1] weights,
    Slot[::1] slots,            # out
    Entry[::1] entries,         # out
):
    """Pack the CSC columns of all children.

    ``nodes`` has a row for every node and one more: where its children, slots and entries start. A
    node with n > 0 features has ``n_features + 1`` slots or else more than n + 1, one without
    features has one, one whose children have no models none. Weights must be half-precision numbers
    where ``entries`` hold such.
    """
    cdef Py_ssize_t node
    if entries.shape[0] == 0:
        slots[:] = Slot(-1, 0)
        return
    with nogil:
        for node in range(nodes.shape[0] - 1):
            pack_node(
                &indptr[nodes[node, 0]],
                nodes[node + 1, 0] - nodes[node, 0],
                n_features,
                &features[0],
                &weights[0],
                &slots[0] + nodes[node, 1],
                nodes[node + 1, 1] - nodes[node, 1] - 1,
                &entries[0] + nodes[node, 2],
            )
