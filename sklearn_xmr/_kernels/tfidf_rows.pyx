"""Term numbers of documents, in any order and repeated, to rows of counts and of tf-idf weights."""

from cython cimport floating
from libc.math cimport fabs, log, sqrt
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free, malloc

from ._compiler cimport cloned_void

cpdef enum TermFrequency:
    COUNT = 0
    BINARY = 1
    SUBLINEAR = 2

cpdef enum Norm:
    NO_NORM = 0
    L1 = 1
    L2 = 2


# A set of numbers as two levels of bits. Reading it sorts them, and counting the bits below a
# number gives its position: no comparisons, and next to nothing to clear for the next row.
cdef struct BitSet:
    uint64_t *bits      # bit i of word w: 64 w + i is in the set
    uint64_t *summary   # bit i of word w: bits[64 w + i] is not 0
    int32_t *before     # how many numbers of the set are in lower words
    int64_t n_summary


def count_rows(
    const int64_t[::1] ptr,
    const int32_t[::1] terms,
    const double[::1] weights,
    int64_t[::1] out_ptr,
    int32_t[::1] out_terms,
    double[::1] out_counts,
    int64_t[::1] df,
    int64_t[::1] tf,
):
    """Add up what is repeated in a document; return how many entries remain.

    Document d has the terms ``terms[ptr[d]:ptr[d + 1]]``; negative ones are skipped. Each counts
    its entry of ``weights``, or 1 where that is empty. They are written in the order of their
    first appearance. ``df`` and ``tf`` receive in how many documents a term is and, unweighted,
    how often.
    """
    cdef:
        int64_t d, k, start, n_out = 0
        int32_t term
        # Where a term was last written. It is a repetition if that is in the row of its document.
        int64_t *written = <int64_t *> malloc(max(df.shape[0], 1) * sizeof(int64_t))
    if written == NULL:
        raise MemoryError(f"no memory to count {df.shape[0]} terms")
    with nogil:
        for k in range(df.shape[0]):
            written[k] = -1
            df[k] = 0
            tf[k] = 0
        out_ptr[0] = 0
        for d in range(ptr.shape[0] - 1):
            start = n_out
            for k in range(ptr[d], ptr[d + 1]):
                term = terms[k]
                if term < 0:
                    continue
                tf[term] += 1
                if written[term] < start:
                    written[term] = n_out
                    df[term] += 1
                    out_terms[n_out] = term
                    out_counts[n_out] = 0
                    n_out += 1
                out_counts[written[term]] += weights[k] if weights.shape[0] else 1
            out_ptr[d + 1] = n_out
        free(written)
    return n_out


def tfidf_rows(
    const int64_t[::1] ptr,
    const int32_t[::1] terms,
    const double[::1] counts,
    int64_t n_features,
    TermFrequency tf,
    const floating[::1] idf,
    Norm norm,
    int64_t[::1] out_ptr,
    int32_t[::1] out_terms,
    floating[::1] out_data,
):
    """Write the canonical CSR rows of the documents; return how many entries they have.

    Documents are given as to `count_rows`, with terms below ``n_features``. Their sums are taken
    as ``tf`` says and multiplied with ``idf``, unless that is empty; a row is divided by its
    ``norm``.
    """
    cdef:
        int64_t d, longest = 1
        BitSet row
        double *sums
        bint ready
    for d in range(ptr.shape[0] - 1):
        longest = max(longest, ptr[d + 1] - ptr[d])
    ready = allocate(&row, n_features)
    sums = <double *> malloc(longest * sizeof(double))
    if ready and sums != NULL:
        with nogil:
            write_rows(
                &row, sums, ptr, terms, counts, tf, idf, norm, out_ptr, out_terms, out_data
            )
    free(row.bits)
    free(row.summary)
    free(row.before)
    free(sums)
    if not ready or sums == NULL:
        raise MemoryError(f"no memory for the rows of {n_features} features")
    return out_ptr[ptr.shape[0] - 1]


cdef cloned_void write_rows(
    BitSet *row,
    double *sums,
    const int64_t[::1] ptr,
    const int32_t[::1] terms,
    const double[::1] counts,
    TermFrequency tf,
    const floating[::1] idf,
    Norm norm,
    int64_t[::1] out_ptr,
    int32_t[::1] out_terms,
    floating[::1] out_data,
) noexcept nogil:
    cdef int64_t d, k, start, size, n_out = 0
    out_ptr[0] = 0
    for d in range(ptr.shape[0] - 1):
        start = n_out
        for k in range(ptr[d], ptr[d + 1]):
            if terms[k] >= 0:
                add(row, terms[k])
        size = read_sorted(row, out_terms, start)
        n_out += size
        out_ptr[d + 1] = n_out
        for k in range(size):
            sums[k] = 0.0
        for k in range(ptr[d], ptr[d + 1]):
            if terms[k] >= 0:
                sums[position(row, terms[k])] += counts[k] if counts.shape[0] else 1.0
        for k in range(start, n_out):
            row.bits[out_terms[k] >> 6] = 0
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


cdef bint allocate(BitSet *row, int64_t n_features) noexcept nogil:
    cdef int64_t n_words = n_features // 64 + 1
    row.n_summary = n_words // 64 + 1
    row.bits = <uint64_t *> calloc(n_words, sizeof(uint64_t))
    row.summary = <uint64_t *> calloc(row.n_summary, sizeof(uint64_t))
    row.before = <int32_t *> malloc(n_words * sizeof(int32_t))
    return row.bits != NULL and row.summary != NULL and row.before != NULL


cdef inline void add(BitSet *row, int32_t number) noexcept nogil:
    cdef int32_t word = number >> 6
    row.bits[word] |= <uint64_t> 1 << (number & 63)
    row.summary[word >> 6] |= <uint64_t> 1 << (word & 63)


cdef inline int64_t read_sorted(BitSet *row, int32_t[::1] out, int64_t start) noexcept nogil:
    """Write the numbers in order to ``out``, from ``start`` on, and clear the summary."""
    cdef:
        int64_t s
        int32_t word, size = 0
        uint64_t outer, inner
    for s in range(row.n_summary):
        outer = row.summary[s]
        row.summary[s] = 0
        while outer:
            word = <int32_t> (64 * s) + lowest_bit(outer)
            outer &= outer - 1
            row.before[word] = size
            inner = row.bits[word]
            while inner:
                out[start + size] = 64 * word + lowest_bit(inner)
                inner &= inner - 1
                size += 1
    return size


cdef inline int32_t position(const BitSet *row, int32_t number) noexcept nogil:
    cdef uint64_t below = (<uint64_t> 1 << (number & 63)) - 1
    return row.before[number >> 6] + bit_count(row.bits[number >> 6] & below)


cdef inline int32_t lowest_bit(uint64_t word) noexcept nogil:
    return bit_count((word & -word) - 1)


# Compilers know this and make it one instruction where there is one.
cdef inline int32_t bit_count(uint64_t word) noexcept nogil:
    word -= (word >> 1) & 0x5555555555555555ULL
    word = (word & 0x3333333333333333ULL) + ((word >> 2) & 0x3333333333333333ULL)
    word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0FULL
    return <int32_t> ((word * 0x0101010101010101ULL) >> 56)
