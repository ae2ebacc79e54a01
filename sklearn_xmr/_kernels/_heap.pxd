# The best nodes met so far: a binary heap whose root ranks last, in arrays of the caller.

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t

cdef struct Heap:
    int32_t *nodes
    float *scores
    int64_t size
    int64_t capacity
    const int32_t *first_label  # lowest label position below each node, which decides ties


cdef inline bint ranks_before(
    const Heap *heap, int32_t node, float score, int32_t other, float other_score
) noexcept nogil:
    if score != other_score:
        return score > other_score
    return heap.first_label[node] < heap.first_label[other]


cdef inline void sift_down(Heap *heap, int64_t size, int32_t node, float score) noexcept nogil:
    # Put a node in place of the root of the first `size` nodes.
    cdef int64_t parent = 0, child = 1
    while child < size:
        if child + 1 < size and ranks_before(
            heap, heap.nodes[child], heap.scores[child],
            heap.nodes[child + 1], heap.scores[child + 1],
        ):
            child += 1
        if not ranks_before(heap, node, score, heap.nodes[child], heap.scores[child]):
            break
        heap.nodes[parent], heap.scores[parent] = heap.nodes[child], heap.scores[child]
        parent = child
        child = 2 * child + 1
    heap.nodes[parent], heap.scores[parent] = node, score


cdef inline void sift_up(Heap *heap, int32_t node, float score) noexcept nogil:
    # Put a node behind the last.
    cdef int64_t parent, child = heap.size
    while child > 0:
        parent = (child - 1) // 2
        if not ranks_before(heap, heap.nodes[parent], heap.scores[parent], node, score):
            break
        heap.nodes[child], heap.scores[child] = heap.nodes[parent], heap.scores[parent]
        child = parent
    heap.nodes[child], heap.scores[child] = node, score
    heap.size += 1


cdef inline bint would_enter(const Heap *heap, int32_t node, float score) noexcept nogil:
    return heap.size < heap.capacity or ranks_before(
        heap, node, score, heap.nodes[0], heap.scores[0]
    )


cdef inline void enter(Heap *heap, int32_t node, float score) noexcept nogil:
    # Add a node; of a full heap, the last one leaves.
    if heap.size < heap.capacity:
        sift_up(heap, node, score)
    else:
        sift_down(heap, heap.size, node, score)


cdef inline void put_in_order(Heap *heap) noexcept nogil:
    # Best first, -1 and -inf behind the last. Heap sort: the one that ranks last goes to the end.
    cdef:
        int64_t i
        int32_t node
        float score
    for i in range(heap.size, heap.capacity):
        heap.nodes[i], heap.scores[i] = -1, -INFINITY
    for i in range(heap.size - 1, 0, -1):
        node, score = heap.nodes[0], heap.scores[0]
        sift_down(heap, i, heap.nodes[i], heap.scores[i])
        heap.nodes[i], heap.scores[i] = node, score
