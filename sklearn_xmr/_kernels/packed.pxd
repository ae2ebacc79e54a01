# The packed weights of one layer; `packed.pyx` tells how they are laid out.

from libc.stdint cimport int32_t, int64_t, uint16_t, uint32_t, uint64_t

cdef packed struct Entry16:
    uint16_t child
    float weight

cdef packed struct Entry32:
    uint32_t child
    float weight

ctypedef fused Entry:
    Entry16
    Entry32

cdef struct Slot:
    int32_t feature
    uint32_t start


cdef inline int64_t home_slot(int32_t feature, int64_t n_slots) noexcept nogil:
    # Where the search for a feature starts: a multiplicative hash, scaled to 0 .. n_slots - 1.
    return <int64_t> ((<uint64_t> (<uint32_t> feature * <uint32_t> 0x9E3779B1) * n_slots) >> 32)


cdef inline int64_t find_slot(const Slot *slots, int64_t n_slots, int32_t feature) noexcept nogil:
    # The slot that holds the feature, or the empty one where it would go. One is always empty.
    cdef int64_t slot = home_slot(feature, n_slots)
    while slots[slot].feature != feature and slots[slot].feature >= 0:
        slot += 1
        if slot == n_slots:
            slot = 0
    return slot
