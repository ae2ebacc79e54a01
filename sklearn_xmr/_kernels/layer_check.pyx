"""Whether a packed layer from a file leads a search out of its arrays, or round for ever."""

from libc.stdint cimport int64_t, uint32_t

from ._node_scores cimport Layer, slot_count, view_layer
from .packed cimport Entry, Entry16, Entry32, EntryHalf, Slot


def is_sound(layer):
    """Whether slots and entries of a `Layer`, none of them later ones, are such as `pack` makes.

    Its ``nodes`` must rise in each column, from 0 to the ends of the children, slots and entries.
    """
    cdef:
        Layer view = view_layer(layer, 0)
        bint sound
    with nogil:
        if view.entry_size == sizeof(Entry16):
            sound = are_sound_nodes(&view, <const Entry16 *> view.entries)
        elif view.entry_size == sizeof(EntryHalf):
            sound = are_sound_nodes(&view, <const EntryHalf *> view.entries)
        else:
            sound = are_sound_nodes(&view, <const Entry32 *> view.entries)
    return sound


cdef bint are_sound_nodes(const Layer *layer, const Entry *entries) noexcept nogil:
    cdef:
        int64_t node, first_entry, last_entry
    for node in range(layer.n_parents):
        first_entry, last_entry = layer.nodes[3 * node + 2], layer.nodes[3 * node + 5]
        if not are_sound_slots(layer, node, last_entry - first_entry):
            return False
        if not are_sound_entries(
            entries, first_entry, last_entry, layer.nodes[3 * node + 3] - layer.nodes[3 * node]
        ):
            return False
    return True


cdef bint are_sound_slots(const Layer *layer, int64_t node, int64_t n_entries) noexcept nogil:
    cdef:
        const Slot *slots = layer.slots + layer.nodes[3 * node + 1]
        int64_t n_slots = slot_count(layer, node), n_empty = 0, slot
        uint32_t start = 0
    if n_slots > layer.n_features:
        return False
    for slot in range(n_slots + 1):
        if not start <= slots[slot].start <= n_entries:
            return False
        start = slots[slot].start
        if not -1 <= slots[slot].feature < layer.n_features:
            return False
        if slot == n_slots:  # it has a start alone
            break
        if slots[slot].feature < 0:
            n_empty += 1
        elif n_slots == layer.n_features and slots[slot].feature != slot:
            return False
    # Without an empty slot, the search for a feature might not end.
    return n_empty > 0 or n_slots <= 0 or n_slots == layer.n_features


cdef bint are_sound_entries(
    const Entry *entries, int64_t first, int64_t last, int64_t n_children
) noexcept nogil:
    cdef:
        int64_t k
        uint32_t largest = 0
    for k in range(first, last):
        largest = max(largest, <uint32_t> entries[k].child)
    return first == last or largest < n_children
