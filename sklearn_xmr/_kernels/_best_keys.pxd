# The best rows met so far as one number each, score above, row below: a binary heap whose root is
# the last of them. A key of 0 is no row. Only for scores above 0, whose bits sort as they do.

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy


cdef inline uint64_t key_of(float score, int32_t row) noexcept nogil:
    cdef uint32_t bits
    memcpy(&bits, &score, sizeof(bits))
    return (<uint64_t> bits << 32) | <uint32_t> ~row  # of equal scores, the lower row is better


cdef inline float score_of(uint64_t key) noexcept nogil:
    cdef:
        uint32_t bits = <uint32_t> (key >> 32)
        float score
    memcpy(&score, &bits, sizeof(score))
    return score


cdef inline int32_t row_of(uint64_t key) noexcept nogil:
    return <int32_t> ~(<uint32_t> key)


cdef inline void sift_key(uint64_t *keys, int64_t size, uint64_t key) noexcept nogil:
    # Put a key in place of the root of the first `size` keys.
    cdef int64_t parent = 0, child = 1
    while child < size:
        if child + 1 < size:
            child += keys[child + 1] < keys[child]  # a branch would be mispredicted half the time
        if key <= keys[child]:
            break
        keys[parent] = keys[child]
        parent = child
        child = 2 * child + 1
    keys[parent] = key


cdef inline void offer_key(uint64_t *keys, int64_t size, uint64_t key) noexcept nogil:
    # Keep it, if it is better than the last of the heap, which then leaves.
    if key > keys[0]:
        sift_key(keys, size, key)


cdef inline void put_keys_in_order(uint64_t *keys, int64_t size) noexcept nogil:
    # Best first (heap sort: the one that ranks last goes to the end).
    cdef:
        int64_t i
        uint64_t key
    for i in range(size - 1, 0, -1):
        key = keys[0]
        sift_key(keys, i, keys[i])
        keys[i] = key
