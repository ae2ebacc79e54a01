"""Make rows of counts and of tf-idf weights: documents' terms come in any order, and repeated."""

from cython cimport floating
from libc.math cimport fabs, log, sqrt
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, qsort

from ._column_set cimport ColumnSet, add_column, allocate_set, free_set, take_sorted
from ._compiler cimport cloned_void

cpdef enum TermFrequency:
    COUNT = 0
    BINARY = 1
    SUBLINEAR = 2

cpdef enum Norm:
    NO_NORM = 0
    L1 = 1
    L2 = 2


# What is known of a term so far: where it was last written, and how many documents have it.
cdef struct Term:
    int64_t written
    int64_t df


def count_rows(
    const int64_t[::1] ptr,
    const int32_t[::1] terms,
    const double[::1] weights,
    int64_t[::1] out_ptr,      # out
    int32_t[::1] out_terms,    # out
    floating[::1] out_counts,  # out
    int64_t[::1] df,           # out
    int64_t[::1] tf,           # out
):
    """Add up what is repeated in a document; return how many entries remain.

    Document d has the terms ``terms[ptr[d]:ptr[d + 1]]``; negative ones are skipped. Each counts
    its entry of ``weights``, or 1 where that is empty. They are written in the order of their
    first appearance. ``df`` and ``tf`` receive how many documents have a term and, unweighted, how
    often it occurs; ``tf`` may be empty.
    """
    cdef:
        int64_t d, k, start, n_out = 0
        Term *known = <Term *> malloc(max(df.shape[0], 1) * sizeof(Term))
        Term *term
        bint weighted = weights.shape[0] > 0
        floating count = 1
    if known == NULL:
        raise MemoryError(f"No memory to count {df.shape[0]} terms.")
    with nogil:
        for k in range(df.shape[0]):
            known[k].written = -1
            known[k].df = 0
        out_ptr[0] = 0
        for d in range(ptr.shape[0] - 1):
            start = n_out
            for k in range(ptr[d], ptr[d + 1]):
                if terms[k] < 0:
                    continue
                term = &known[terms[k]]
                if weighted:
                    count = <floating> weights[k]
                if term.written >= start:
                    out_counts[term.written] += count
                    continue
                term.written = n_out
                term.df += 1
                out_terms[n_out] = terms[k]
                out_counts[n_out] = count
                n_out += 1
            out_ptr[d + 1] = n_out
        for k in range(df.shape[0]):
            df[k] = known[k].df
        free(known)
        if tf.shape[0]:
            for k in range(tf.shape[0]):
                tf[k] = 0
            for k in range(ptr[0], ptr[ptr.shape[0] - 1]):
                if terms[k] >= 0:
                    tf[terms[k]] += 1
    return n_out


def tfidf_rows(
    const int64_t[::1] ptr,
    const int32_t[::1] terms,
    const floating[::1] counts,
    const int32_t[::1] columns,
    int64_t n_features,
    TermFrequency tf,
    const floating[::1] idf,
    Norm norm,
    int64_t[::1] out_ptr,    # out
    int32_t[::1] out_terms,  # out
    floating[::1] out_data,  # out
):
    """Write the canonical CSR rows of the documents; return how many entries they have.

    Documents are given as to `count_rows`. Term t is written as ``columns[t]``, below
    ``n_features``, and skipped if that is negative; as t where ``columns`` is empty. Its sum is
    taken as ``tf`` says and multiplied with ``idf``, unless that is empty; a row is divided by its
    ``norm``.
    """
    cdef:
        int64_t d, longest = 1
        Row row
        floating *sum_of = NULL
        bint ready
    for d in range(ptr.shape[0] - 1):
        longest = max(longest, ptr[d + 1] - ptr[d])
    ready = allocate(&row, longest, ptr[ptr.shape[0] - 1], n_features)
    if ready and row.keys == NULL:
        sum_of = <floating *> malloc(max(n_features, 1) * sizeof(floating))
        ready = sum_of != NULL
    if ready:
        with nogil:
            write_rows(
                &row, sum_of, ptr, terms, counts, columns, tf, idf, norm,
                out_ptr, out_terms, out_data,
            )
    free(row.sums)
    free(row.keys)
    free_set(&row.set)
    free(sum_of)
    if not ready:
        raise MemoryError(f"No memory for rows of {n_features} features.")
    return out_ptr[ptr.shape[0] - 1]


# Room for the terms of one row and their sums, in one of two ways. For many documents: a set of
# terms, which sorts them, and a sum for each feature. For few: keys to sort, as an array that is as
# long as there are features would take longer to get. Sums are rounded to the type of the counts,
# as those of `count_rows` are: it makes no difference whether repetitions are added up here or
# there.
cdef struct Row:
    double *sums        # of the terms as they are written
    uint64_t *keys      # a term and its place in the document, or NULL
    ColumnSet set


cdef enum:
    FEATURES_PER_TERM = 32  # with more features for each term, keys are sorted


cdef bint allocate(Row *row, int64_t longest, int64_t n_terms, int64_t n_features) noexcept nogil:
    row.keys = NULL
    row.set.bits = row.set.summary = NULL
    row.sums = <double *> malloc(longest * sizeof(double))
    if n_features <= FEATURES_PER_TERM * n_terms:
        return allocate_set(&row.set, n_features) and row.sums != NULL
    row.keys = <uint64_t *> malloc(longest * sizeof(uint64_t))
    return row.keys != NULL and row.sums != NULL


cdef cloned_void write_rows(
    Row *row,
    floating *sum_of,
    const int64_t[::1] ptr,
    const int32_t[::1] terms,
    const floating[::1] counts,
    const int32_t[::1] columns,
    TermFrequency tf,
    const floating[::1] idf,
    Norm norm,
    int64_t[::1] out_ptr,
    int32_t[::1] out_terms,
    floating[::1] out_data,
) noexcept nogil:
    cdef:
        int64_t d, k, start, size, n_out = 0
        double *sums = row.sums
    out_ptr[0] = 0
    for d in range(ptr.shape[0] - 1):
        start = n_out
        if row.keys == NULL:
            size = sum_in_set(
                row, sum_of, terms, counts, columns, ptr[d], ptr[d + 1], out_terms, start
            )
        else:
            size = sum_sorted(row, terms, counts, columns, ptr[d], ptr[d + 1], out_terms, start)
        n_out += size
        out_ptr[d + 1] = n_out
        if tf == BINARY:
            for k in range(size):
                sums[k] = 1.0
        elif tf == SUBLINEAR:
            for k in range(size):
                sums[k] = 1.0 + log(sums[k])
        if idf.shape[0]:
            for k in range(size):
                sums[k] *= idf[out_terms[start + k]]
        normalize(sums, size, norm)
        for k in range(size):
            out_data[start + k] = <floating> sums[k]


cdef inline int32_t column_of(int32_t term, const int32_t[::1] columns) noexcept nogil:
    return columns[term] if columns.shape[0] and term >= 0 else term


cdef inline int64_t sum_in_set(
    Row *row,
    floating *sum_of,
    const int32_t[::1] terms,
    const floating[::1] counts,
    const int32_t[::1] columns,
    int64_t first,
    int64_t last,
    int32_t[::1] out,
    int64_t start,
) noexcept nogil:
    """Write the terms of ``first .. last - 1`` in order, and their sums; return how many."""
    cdef:
        ColumnSet found = row.set
        int64_t k, size
        int32_t term
        bint is_new
        floating count = 1
    for k in range(first, last):
        term = column_of(terms[k], columns)
        if term < 0:
            continue
        if counts.shape[0]:
            count = counts[k]
        add_column(&found, term, &is_new)
        if is_new:
            sum_of[term] = count
        else:
            sum_of[term] += count
    if last == first:
        return 0
    take_sorted(&found, &out[start], &size)
    for k in range(size):
        row.sums[k] = sum_of[out[start + k]]
    return size


cdef inline int64_t sum_sorted(
    Row *row,
    const int32_t[::1] terms,
    const floating[::1] counts,
    const int32_t[::1] columns,
    int64_t first,
    int64_t last,
    int32_t[::1] out,
    int64_t start,
) noexcept nogil:
    """The same as `sum_in_set`."""
    cdef:
        int64_t k, n_keys = 0, size = 0
        int32_t term
        double count = 1.0
    for k in range(first, last):
        term = column_of(terms[k], columns)
        if term >= 0:
            row.keys[n_keys] = (<uint64_t> term << 32) | <uint64_t> (k - first)
            n_keys += 1
    qsort(row.keys, n_keys, sizeof(uint64_t), compare)
    for k in range(n_keys):
        term = <int32_t> (row.keys[k] >> 32)
        if counts.shape[0]:
            count = counts[first + <uint32_t> row.keys[k]]
        if size and out[start + size - 1] == term:
            row.sums[size - 1] = <floating> (row.sums[size - 1] + count)
        else:
            out[start + size] = term
            row.sums[size] = count
            size += 1
    return size


cdef int compare(const void *left, const void *right) noexcept nogil:
    cdef:
        uint64_t a = (<const uint64_t *> left)[0]
        uint64_t b = (<const uint64_t *> right)[0]
    return (a > b) - (a < b)


cdef inline void normalize(double *values, int64_t size, Norm norm) noexcept nogil:
    cdef:
        int64_t k
        double total = 0.0
    if norm == NO_NORM:
        return
    for k in range(size):
        total += fabs(values[k]) if norm == L1 else values[k] * values[k]
    if norm == L2:
        total = sqrt(total)
    if total != 0.0:
        for k in range(size):
            values[k] /= total
