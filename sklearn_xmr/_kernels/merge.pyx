"""Merge rankings of the same queries: add up what they say of each label, and keep the best."""

from libc.math cimport exp, log
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc

from ._heap cimport Heap, enter, put_in_order, would_enter
from .packed cimport Slot, fill_slot, find_slot

cdef enum:
    HASHED = 0  # labels have no slots of their own

cdef struct Totals:
    # Of the labels of one query, in the order of their first appearance.
    int32_t *labels
    double *sums   # in logs: of exp(value - peak)
    double *peaks


cdef inline void add(
    Totals *totals, int32_t i, double value, bint new, bint in_logs
) noexcept nogil:
    if new:
        totals.peaks[i] = value
        totals.sums[i] = 1 if in_logs else value
    elif not in_logs:
        totals.sums[i] += value
    elif value <= totals.peaks[i]:
        totals.sums[i] += exp(value - totals.peaks[i])
    else:
        totals.sums[i] = totals.sums[i] * exp(totals.peaks[i] - value) + 1
        totals.peaks[i] = value


cdef int32_t add_up(
    const int32_t *labels, const double *values, Py_ssize_t n, bint in_logs,
    Slot *slots, Py_ssize_t n_slots, Totals *totals
) noexcept nogil:
    # The slots lead from a label to its place; one at least stays empty.
    cdef:
        Py_ssize_t i
        int64_t slot
        int32_t place, n_labels = 0
        bint new
    for i in range(n_slots):
        slots[i].feature = -1
    for i in range(n):
        if labels[i] < 0:
            continue
        slot = find_slot(slots, n_slots, HASHED, labels[i])
        new = slots[slot].feature != labels[i]
        place = n_labels if new else <int32_t> slots[slot].start
        if new:
            fill_slot(slots, n_slots, slot, labels[i], place)
            totals.labels[place] = labels[i]
            n_labels += 1
        add(totals, place, values[i], new, in_logs)
    return n_labels


def merge(
    const int32_t[:, ::1] labels,
    const double[:, ::1] values,
    double n_rankings,
    bint in_logs,
    int32_t[:, ::1] best,        # out
    float[:, ::1] best_scores,   # out
):
    """Write the labels of the highest mean for each query; of equal ones the lowest label first.

    ``labels`` has all rankings of a query side by side, -1 for none, and ``values`` what each says;
    a ranking that lacks a label says 0. With ``in_logs`` values and results are logarithms of what
    is averaged, and a ranking that lacks a label says ``log(0)``. ``best`` ends in -1 where there
    are no more labels; scores there mean nothing.
    """
    cdef:
        Py_ssize_t q, n = labels.shape[1], n_slots = 2 * n + 1
        int32_t i, n_labels
        Totals totals
        Heap heap
        Slot *slots = <Slot *> malloc(n_slots * sizeof(Slot))
    totals.labels = <int32_t *> malloc((n + 1) * sizeof(int32_t))
    totals.sums = <double *> malloc((n + 1) * sizeof(double))
    totals.peaks = <double *> malloc((n + 1) * sizeof(double))
    try:
        if not (slots and totals.labels and totals.sums and totals.peaks):
            raise MemoryError
        if n == 0 or best.shape[1] == 0:
            best[...] = -1
            return
        with nogil:
            heap.first_label = totals.labels
            heap.capacity = best.shape[1]
            for q in range(labels.shape[0]):
                n_labels = add_up(
                    &labels[q, 0], &values[q, 0], n, in_logs, slots, n_slots, &totals
                )
                heap.size = 0
                heap.nodes, heap.scores = &best[q, 0], &best_scores[q, 0]
                for i in range(n_labels):
                    totals.sums[i] /= n_rankings
                    if in_logs:
                        totals.sums[i] = totals.peaks[i] + log(totals.sums[i])
                    if would_enter(&heap, i, <float> totals.sums[i]):
                        enter(&heap, i, <float> totals.sums[i])
                put_in_order(&heap)
                for i in range(heap.size):
                    best[q, i] = totals.labels[best[q, i]]
    finally:
        free(slots)
        free(totals.labels)
        free(totals.sums)
        free(totals.peaks)
