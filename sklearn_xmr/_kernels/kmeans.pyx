"""Cluster sparse rows by Lloyd's k-means, all centres at once.

The centres are (features x clusters), row-major, so that a row's inner products with all of them
are sums of contiguous vectors, as the solver's margins are. No sum runs across clusters, so that
the result does not depend on the vector width.
"""

from libc.math cimport INFINITY, sqrt
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from ._compiler cimport cloned_void
from .bisect cimport STOP_SHARE


cdef struct Clustering:
    const int64_t *indptr
    const int32_t *indices
    const float *data
    Py_ssize_t n_rows
    Py_ssize_t step        # every `step`-th row takes part
    Py_ssize_t n_features
    Py_ssize_t width       # number of clusters
    bint spherical
    float *centres         # (features, width)
    double *scales         # (width,), scratch
    float *offsets         # (width,), what is taken off a row's inner product with each centre
    float *scores          # (width,), scratch
    int32_t *cluster_of    # row -> cluster, or -1


def lloyd(
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    const float[::1] data,
    Py_ssize_t step,
    bint spherical,
    int max_iter,
    float[:, ::1] centres,     # scratch (features, clusters)
    double[::1] scales,        # scratch (clusters,)
    float[:, ::1] scores,      # scratch (2, clusters)
    int32_t[::1] cluster_of,   # in and out
):
    """Move the centres to their rows, and assign every ``step``-th row to the nearest, in turns.

    ``cluster_of`` comes with the rows that the first centres are made of, -1 for others, and leaves
    with the clusters of all rows that took part. A centre is the mean of its rows, at unit length
    if ``spherical``. The nearest one has the largest inner product with the row if ``spherical``,
    the smallest Euclidean distance otherwise; of several the first. A cluster that has lost its
    rows stays empty. At most ``max_iter`` passes.
    """
    cdef:
        int64_t n_moved, n_sampled = (cluster_of.shape[0] + step - 1) // step
        int _
        Clustering c
    if cluster_of.shape[0] == 0 or centres.shape[0] == 0:
        raise ValueError("There is nothing to cluster.")
    c.indptr, c.indices, c.data = &indptr[0], NULL, NULL
    if indices.shape[0]:
        c.indices, c.data = &indices[0], &data[0]
    c.n_rows, c.step = cluster_of.shape[0], step
    c.n_features, c.width = centres.shape[0], centres.shape[1]
    c.spherical = spherical
    c.centres, c.scales = &centres[0, 0], &scales[0]
    c.offsets, c.scores = &scores[0, 0], &scores[1, 0]
    c.cluster_of = &cluster_of[0]
    with nogil:
        for _ in range(max_iter):
            move_centres(&c)
            assign_rows(&c, &n_moved)
            if n_moved * STOP_SHARE < n_sampled:
                break


cdef cloned_void move_centres(Clustering *c) noexcept nogil:
    cdef:
        Py_ssize_t row, _j, k, width = c.width
        int64_t place
        int32_t cluster
        float *centre = c.centres
    memset(c.centres, 0, c.n_features * width * sizeof(float))
    memset(c.scales, 0, width * sizeof(double))
    for row in range(c.n_rows):
        cluster = c.cluster_of[row]
        if cluster < 0:
            continue
        c.scales[cluster] += 1
        for place in range(c.indptr[row], c.indptr[row + 1]):
            c.centres[c.indices[place] * width + cluster] += c.data[place]
    # Divide by the number of rows or by the length, and take off half the squared length: the
    # order by distance is that by inner product less this. An empty cluster is infinitely far.
    for k in range(width):
        c.offsets[k] = 0 if c.scales[k] > 0 else INFINITY
        c.scales[k] = 0 if c.spherical else 1 / c.scales[k] if c.scales[k] > 0 else 0
    if c.spherical:
        for _j in range(c.n_features):
            for k in range(width):
                c.scales[k] += <double> centre[k] * centre[k]
            centre += width
        for k in range(width):
            c.scales[k] = 1 / sqrt(c.scales[k]) if c.scales[k] > 0 else 0
    centre = c.centres
    for _j in range(c.n_features):
        for k in range(width):
            centre[k] = <float> (centre[k] * c.scales[k])
        if not c.spherical:
            for k in range(width):
                c.offsets[k] += centre[k] * centre[k] / 2
        centre += width


cdef cloned_void assign_rows(Clustering *c, int64_t *n_moved) noexcept nogil:
    cdef:
        Py_ssize_t i, row, k, width = c.width
        int64_t place
        const float *centre
        float *scores = c.scores
        float value
        int32_t best
    n_moved[0] = 0
    for i in range((c.n_rows + c.step - 1) // c.step):
        row = i * c.step
        for k in range(width):
            scores[k] = -c.offsets[k]
        for place in range(c.indptr[row], c.indptr[row + 1]):
            centre = c.centres + c.indices[place] * width
            value = c.data[place]
            for k in range(width):
                scores[k] += value * centre[k]
        best = 0
        for k in range(1, width):
            if scores[k] > scores[best]:
                best = <int32_t> k
        n_moved[0] += best != c.cluster_of[row]
        c.cluster_of[row] = best
