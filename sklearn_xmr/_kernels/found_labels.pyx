"""Labels that were found in several ways: each once, and then the best of them."""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from ._sort_keys cimport sort_keys


cdef struct Found:
    double log_odds
    double score
    int32_t label


def unite(
    int32_t[:, ::1] labels,  # in and out
    float[:, ::1] scores,    # in and out
):
    """Put each row's labels in order, each once, with the score that comes first.

    -1 is no label; behind the last one, -1 follows, with a score of -inf. Return how many the
    longest row has.
    """
    cdef:
        int64_t row, i, n, n_columns = labels.shape[1], longest = 0
        uint64_t *keys = <uint64_t *> malloc((n_columns + 1) * sizeof(uint64_t))
        float *given = <float *> malloc((n_columns + 1) * sizeof(float))
    if keys == NULL or given == NULL:
        free(keys)
        free(given)
        raise MemoryError
    with nogil:
        for row in range(labels.shape[0]):
            n = 0
            for i in range(n_columns):
                if labels[row, i] >= 0:
                    keys[n] = (<uint64_t> labels[row, i] << 32) | <uint64_t> i
                    n += 1
                given[i] = scores[row, i]
            sort_keys(keys, n)
            n = write_distinct(keys, n, given, labels[row], scores[row])
            longest = max(longest, n)
    free(keys)
    free(given)
    return longest


cdef int64_t write_distinct(
    const uint64_t *keys, int64_t n_keys, const float *given, int32_t[::1] labels, float[::1] scores
) noexcept nogil:
    cdef:
        int64_t i, n = 0
        int32_t label
    for i in range(n_keys):
        label = <int32_t> (keys[i] >> 32)
        if n == 0 or labels[n - 1] != label:
            labels[n], scores[n] = label, given[<uint32_t> keys[i]]
            n += 1
    for i in range(n, labels.shape[0]):
        labels[i], scores[i] = -1, -INFINITY
    return n


def best_found(
    const int32_t[:, :] labels,
    const float[:, :] scores,
    const double[:, :] log_odds,
    int32_t[:, ::1] best,          # out
    double[:, ::1] best_log_odds,  # out
):
    """Write each row's best labels by log-odds, then by score; the lower one of equally good ones.

    -1 is no label, and follows, with log-odds of -inf, where there are no more.
    """
    cdef:
        int64_t row, i, n, k = best.shape[1]
        Found *heap = <Found *> malloc((k + 1) * sizeof(Found))
    if heap == NULL:
        raise MemoryError
    with nogil:
        for row in range(labels.shape[0]):
            n = 0
            for i in range(labels.shape[1] if k else 0):
                if labels[row, i] >= 0:
                    keep_best(
                        heap, &n, k, Found(log_odds[row, i], scores[row, i], labels[row, i])
                    )
            for i in range(n, k):
                best[row, i], best_log_odds[row, i] = -1, -INFINITY
            for i in range(n - 1, -1, -1):  # the last of those that are left
                best[row, i], best_log_odds[row, i] = heap[0].label, heap[0].log_odds
                sift_down(heap, i, heap[i])
    free(heap)


cdef inline bint ranks_before(const Found *a, const Found *b) noexcept nogil:
    if a.log_odds != b.log_odds:
        return a.log_odds > b.log_odds
    if a.score != b.score:
        return a.score > b.score
    return a.label < b.label


cdef inline void keep_best(Found *heap, int64_t *n, int64_t k, Found found) noexcept nogil:
    # Of at most `k`, that which ranks last is the root.
    cdef int64_t parent, child
    if n[0] == k:
        if ranks_before(&found, heap):
            sift_down(heap, k, found)
        return
    child, n[0] = n[0], n[0] + 1
    while child > 0:
        parent = (child - 1) // 2
        if not ranks_before(heap + parent, &found):
            break
        heap[child] = heap[parent]
        child = parent
    heap[child] = found


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
