"""Labels that were found in several ways: each once, and then the best of them."""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from ._best_labels cimport Best, Found, keep_best, write_in_order
from ._sort_keys cimport sort_keys


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
        int64_t row, i, k = best.shape[1]
        Best kept = Best(<Found *> malloc((k + 1) * sizeof(Found)), 0, k)
    if kept.heap == NULL:
        raise MemoryError
    with nogil:
        for row in range(labels.shape[0] if k else 0):
            for i in range(labels.shape[1]):
                if labels[row, i] >= 0:
                    keep_best(&kept, Found(log_odds[row, i], scores[row, i], labels[row, i]))
            write_in_order(&kept, &best[row, 0], &best_log_odds[row, 0])
    free(kept.heap)
