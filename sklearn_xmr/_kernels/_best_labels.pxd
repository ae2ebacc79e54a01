# The best labels met so far: a binary heap whose root ranks last, in memory of the caller.

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t

cdef struct Found:
    double score
    double second               # which decides between equal scores
    int32_t label               # of those that are equal in both, the lower one is better

cdef struct Best:
    Found *heap
    int64_t size
    int64_t capacity


cdef inline bint ranks_before(const Found *a, const Found *b) noexcept nogil:
    if a.score != b.score:
        return a.score > b.score
    if a.second != b.second:
        return a.second > b.second
    return a.label < b.label


cdef inline void sift_down(Found *heap, int64_t size, Found found) noexcept nogil:
    # Put it in place of the root of the first `size`.
    cdef int64_t parent = 0, child = 1
    while child < size:
        if child + 1 < size and ranks_before(heap + child, heap + child + 1):
            child += 1
        if not ranks_before(&found, heap + child):
            break
        heap[parent] = heap[child]
        parent = child
        child = 2 * child + 1
    heap[parent] = found


cdef inline void sift_up(Found *heap, int64_t size, Found found) noexcept nogil:
    # Put it behind the last.
    cdef int64_t parent, child = size
    while child > 0:
        parent = (child - 1) // 2
        if not ranks_before(heap + parent, &found):
            break
        heap[child] = heap[parent]
        child = parent
    heap[child] = found


cdef inline void keep_best(Best *best, Found found) noexcept nogil:
    # Add it; of a full heap, the one that ranks last leaves.
    if best.size < best.capacity:
        sift_up(best.heap, best.size, found)
        best.size += 1
    elif best.capacity and ranks_before(&found, best.heap):
        sift_down(best.heap, best.size, found)


cdef inline void write_in_order(Best *best, int32_t *labels, double *scores) noexcept nogil:
    # Best first, -1 and -inf behind the last; the heap is empty then.
    cdef int64_t i
    for i in range(best.size, best.capacity):
        labels[i], scores[i] = -1, -INFINITY
    for i in range(best.size - 1, -1, -1):  # the last of those that are left
        labels[i], scores[i] = best.heap[0].label, best.heap[0].score
        sift_down(best.heap, i, best.heap[i])
    best.size = 0
