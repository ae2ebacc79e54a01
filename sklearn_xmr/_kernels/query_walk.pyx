"""Compute how likely one or two steps from query to query lead to the targets asked for."""

from libc.stdint cimport int32_t, int64_t

from ._lower_bound cimport lower_bound


def walk(
    const int64_t[::1] indptr,
    const int32_t[::1] neighbours,
    const float[::1] counts,
    const double[::1] totals,
    const int32_t[::1] starts,
    const int32_t[:, ::1] targets,
    double[:, ::1] one_step,    # out
    double[:, ::1] two_steps,   # out
):
    """Write the probabilities of getting from ``starts[i]`` to ``targets[i, t]``.

    The graph is symmetric: a CSR matrix of ``counts``, columns sorted, ``totals`` the sums of its
    rows. A step goes from i to j with probability ``counts[i, j] / totals[i]``. A start or target
    of -1 is nowhere: its probabilities are 0.
    """
    cdef:
        Py_ssize_t i, t
        int32_t start, target
    with nogil:
        for i in range(starts.shape[0]):
            start = starts[i]
            for t in range(targets.shape[1]):
                target = targets[i, t]
                one_step[i, t] = 0
                two_steps[i, t] = 0
                if start >= 0 and target >= 0:
                    meet(
                        &indptr[0], &neighbours[0], &counts[0], &totals[0], start, target,
                        &one_step[i, t], &two_steps[i, t],
                    )


cdef inline void meet(
    const int64_t *indptr, const int32_t *neighbours, const float *counts, const double *totals,
    int32_t start, int32_t target, double *one_step, double *two_steps,
) noexcept nogil:
    # Both rows are sorted: go through them side by side, from one shared neighbour to the next.
    cdef:
        int64_t a = indptr[start], a_end = indptr[start + 1]
        int64_t b = indptr[target], b_end = indptr[target + 1], edge
    edge = skip(neighbours, a, a_end, target)
    if edge < a_end and neighbours[edge] == target:
        one_step[0] = counts[edge] / totals[start]
    while a < a_end and b < b_end:
        if neighbours[a] < neighbours[b]:
            a = skip(neighbours, a, a_end, neighbours[b])
        elif neighbours[b] < neighbours[a]:
            b = skip(neighbours, b, b_end, neighbours[a])
        else:
            two_steps[0] += <double> counts[a] * counts[b] / totals[neighbours[a]]
            a += 1
            b += 1
    two_steps[0] /= totals[start]


cdef inline int64_t skip(
    const int32_t *neighbours, int64_t low, int64_t end, int32_t wanted
) noexcept nogil:
    # The first neighbour not below `wanted`, in time that grows with the logarithm of the way.
    cdef int64_t stride = 1
    while low + stride < end and neighbours[low + stride] < wanted:
        low += stride
        stride *= 2
    return lower_bound(neighbours, low, min(low + stride, end), wanted)
