"""Make rows of counts and of tf-idf weights: documents' terms come in any order, and repeated."""

from cython cimport floating
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc

from ._compiler cimport cloned_void


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
        Weighting weighting
        bint ready
    weighting.tf, weighting.norm, weighting.idf = tf, norm, NULL
    if idf.shape[0]:
        weighting.idf = &idf[0]
    for d in range(ptr.shape[0] - 1):
        longest = max(longest, ptr[d + 1] - ptr[d])
    ready = allocate_row(
        &row, longest, ptr[ptr.shape[0] - 1], n_features, sizeof(floating)
    )
    if ready:
        with nogil:
            write_rows(
                &row, ptr, terms, counts, columns, &weighting, out_ptr, out_terms, out_data
            )
    free_row(&row)
    if not ready:
        raise MemoryError(f"No memory for rows of {n_features} features.")
    return out_ptr[ptr.shape[0] - 1]


cdef cloned_void write_rows(
    Row *row,
    const int64_t[::1] ptr,
    const int32_t[::1] terms,
    const floating[::1] counts,
    const int32_t[::1] columns,
    const Weighting *weighting,
    int64_t[::1] out_ptr,
    int32_t[::1] out_terms,
    floating[::1] out_data,
) noexcept nogil:
    cdef:
        int64_t d, start, n_out = 0
        const floating *given
        const int32_t *mapped = &columns[0] if columns.shape[0] else NULL
    out_ptr[0] = 0
    for d in range(ptr.shape[0] - 1):
        start = ptr[d]
        if ptr[d + 1] > start:
            given = &counts[start] if counts.shape[0] else NULL
            n_out += write_row(
                row, &terms[start], given, mapped, ptr[d + 1] - start, weighting,
                &out_terms[n_out], &out_data[n_out],
            )
        out_ptr[d + 1] = n_out
