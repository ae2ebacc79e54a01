# The packed weights of one layer; `packed.pyx` tells how they are laid out.

from libc.stdint cimport int32_t, int64_t, uint16_t, uint32_t, uint64_t

cdef extern from "_half.h" nogil:
    float float_of_half "xmr_float_of_half" (uint16_t half) noexcept
    uint16_t half_of_float "xmr_half_of_float" (float value) noexcept

cdef packed struct Entry16:
    uint16_t child
    float weight

cdef packed struct Entry32:
    uint32_t child
    float weight

cdef packed struct EntryHalf:
    uint16_t child
    uint16_t weight             # IEEE half precision

ctypedef fused Entry:
    Entry16
    Entry32
    EntryHalf

cdef struct Slot:
    int32_t feature
    uint32_t start


cdef inline float weight_of(const Entry *entry) noexcept nogil:
    if Entry is EntryHalf:
        return float_of_half(entry.weight)
    else:
        return entry.weight


cdef inline int64_t home_slot(int32_t feature, int64_t n_slots, int64_t n_features) noexcept nogil:
    # Where the search for a feature starts: at the slot of its own in a table that has one for each
    # feature, else at a multiplicative hash, scaled to 0 .. n_slots - 1.
    if n_slots == n_features:
        return feature
    return <int64_t> ((<uint64_t> (<uint32_t> feature * <uint32_t> 0x9E3779B1) * n_slots) >> 32)


cdef inline int64_t find_slot(
    const Slot *slots, int64_t n_slots, int64_t n_features, int32_t feature
) noexcept nogil:
    # The slot that holds the feature, or the one where it would go. Larger features come first, so
    # that a search ends as soon for a feature that is not there as for one that is.
    cdef int64_t slot = home_slot(feature, n_slots, n_features)
    while slots[slot].feature > feature:
        slot += 1
        if slot == n_slots:
            slot = 0
    return slot


cdef inline void fill_slot(
    Slot *slots, int64_t n_slots, int64_t slot, int32_t feature, uint32_t start
) noexcept nogil:
    # Put a new feature where `find_slot` says it would go. A smaller one there goes on to the next.
    cdef:
        Slot entering, displaced
    entering.feature, entering.start = feature, start
    while slots[slot].feature >= 0:
        if slots[slot].feature < entering.feature:
            displaced = slots[slot]
            slots[slot] = entering
            entering = displaced
        slot += 1
        if slot == n_slots:
            slot = 0
    slots[slot] = entering
