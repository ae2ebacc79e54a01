"""Fill lists of suggestions up with those of other lists."""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc


def fill_up(
    const int64_t[::1] rows,            # in: those that are filled up
    const int64_t[::1] list_ptr,        # in: where the other lists of each of them start
    const int32_t[:, ::1] others,       # in: positions, best first, -1 behind the last
    const double[:, ::1] other_scores,  # in: theirs
    int32_t[:, ::1] positions,          # in and out: of all rows, a list each
    double[:, ::1] scores,              # in and out: theirs
):
    """Put behind what is in a row's list what its other lists have and it has not.

    The other lists of a row are merged: the best of what they begin with comes first, of equally
    good ones the lower position.
    """
    cdef:
        int64_t i, first, last
        int64_t *heads = <int64_t *> malloc((others.shape[0] + 1) * sizeof(int64_t))
    if heads == NULL:
        raise MemoryError
    with nogil:
        for i in range(rows.shape[0]):
            first, last = list_ptr[i], list_ptr[i + 1]
            merge_behind(
                others[first:last], other_scores[first:last], heads,
                positions[rows[i]], scores[rows[i]],
            )
    free(heads)


cdef void merge_behind(
    const int32_t[:, ::1] others, const double[:, ::1] other_scores, int64_t *heads,
    int32_t[::1] positions, double[::1] scores,
) noexcept nogil:
    cdef:
        int64_t i, best, size = 0
        int32_t position
        double score
    while size < positions.shape[0] and positions[size] >= 0:
        size += 1
    for i in range(others.shape[0]):
        heads[i] = 0
    while size < positions.shape[0]:
        best = best_head(others, other_scores, heads)
        if best < 0:
            return
        position, score = others[best, heads[best]], other_scores[best, heads[best]]
        heads[best] += 1
        if not holds(positions, size, position):
            positions[size], scores[size] = position, score
            size += 1


cdef inline int64_t best_head(
    const int32_t[:, ::1] others, const double[:, ::1] other_scores, const int64_t *heads
) noexcept nogil:
    # The list with the best head, -1 if all are at their end.
    cdef:
        int64_t i, best = -1
        int32_t position, first = 0
        double score, highest = -INFINITY
    for i in range(others.shape[0]):
        if heads[i] < others.shape[1] and others[i, heads[i]] >= 0:
            position, score = others[i, heads[i]], other_scores[i, heads[i]]
            if best < 0 or score > highest or (score == highest and position < first):
                best, highest, first = i, score, position
    return best


cdef inline bint holds(const int32_t[::1] positions, int64_t size, int32_t wanted) noexcept nogil:
    cdef int64_t i
    for i in range(size):
        if positions[i] == wanted:
            return True
    return False
