# What each query of a beam search keeps.

from libc.stdint cimport int32_t, int64_t

from ._heap cimport Heap

cdef struct Beams:
    # The nodes that each query keeps: those of the layer above, best first and -1 behind the last,
    # and the best children so far, a heap for each query.
    const int32_t *above
    const float *above_scores
    int64_t width_above
    int32_t n_queries
    int32_t *best
    float *best_scores
    int64_t width
    int64_t *sizes              # of the heaps
    const int32_t *first_label


cdef inline Heap heap_of(const Beams *beams, int64_t query) noexcept nogil:
    cdef Heap heap
    heap.nodes = beams.best + query * beams.width
    heap.scores = beams.best_scores + query * beams.width
    heap.size = beams.sizes[query]
    heap.capacity = beams.width
    heap.first_label = beams.first_label
    return heap


cdef inline void name_nodes(int32_t *nodes, int64_t n, const int32_t *name_of) noexcept nogil:
    cdef int64_t i
    for i in range(n):
        if nodes[i] >= 0:
            nodes[i] = name_of[nodes[i]]
