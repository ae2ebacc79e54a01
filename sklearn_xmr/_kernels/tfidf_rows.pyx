"""Turn the term numbers of each document, in any order and repeated, into a row of tf-idf weights."""

from cython cimport floating
from libc.math cimport fabs, log, sqrt
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free, malloc

cpdef enum TermFrequency:
    COUNT = 0
    BINARY = 1
    SUBLINEAR = 2

cpdef enum Norm:
    NO_NORM = 0
    L1 = 1
    L2 = 2


# A set of numbers as two levels of bits. Reading it sorts them, and counting the bits below a number
# gives its position: no comparisons, and next to nothing to clear for the next row.
cdef struct BitSet:
    uint64_t *bits      # bit i of word w: the set has 64 w + i
    uint64_t *summary   # bit i of word w: bits[64 w + i] is not 0
    int32_t *before     # how many numbers of the set are in lower words
    Py_ssize_t n_summary


def tfidf_rows(
    const int64_t[::1] ptr,
    const int32_t[::1] terms,
    const floating[::1] counts,
    int64_t n_features,
    TermFrequency tf,
    const floating[::1] idf,
    Norm norm,
    int64_t[::1] out_indptr,
    int32_t[::1] out_indices,
    floating[::1] out_data,
):
    """Write the canonical CSR rows of the documents; return how many entries they have.

    Document d has the terms ``terms[ptr[d]:ptr[d + 1]]``, below ``n_features``; negative ones are
    skipped. Each adds its entry of ``counts``, or 1 where that array is empty. The sums are taken as
    ``tf`` says, multiplied with ``idf`` unless that is empty, and the row is divided by its ``norm``.
    """
    cdef:
        Py_ssize_t d, n_docs = ptr.shape[0] - 1
        int64_t k, start, size, n_out = 0, longest = 1
        BitSet row
        double *sums = NULL
        bint ready
    for d in range(n_docs):
        longest = max(longest, ptr[d + 1] - ptr[d])
    ready = allocate(&row, n_features)
    sums = <double *> malloc(min(longest, max(n_features, 1)) * sizeof(double))
    if ready and sums != NULL:
        with nogil:
            out_indptr[0] = 0
            for d in range(n_docs):
                start = n_out
                for k in range(ptr[d], ptr[d + 1]):
                    if terms[k] >= 0:
                        add(&row, terms[k])
                size = read_sorted(&row, out_indices, start)
                n_out += size
                out_indptr[d + 1] = n_out
                for k in range(size):
                    sums[k] = 0.0
                for k in range(ptr[d], ptr[d + 1]):
                    if terms[k] >= 0:
                        sums[position(&row, terms[k])] += counts[k] if counts.shape[0] else 1.0
                clear(&row, out_indices, start, n_out)
                for k in range(size):
                    if tf != COUNT:
                        sums[k] = 1.0 if tf == BINARY else 1.0 + log(sums[k])
                    if idf.shape[0]:
                        sums[k] *= idf[out_indices[start + k]]
                normalize(sums, size, norm)
                for k in range(size):
                    out_data[start + k] = <floating> sums[k]
    free(row.bits)
    free(row.summary)
    free(row.before)
    free(sums)
    if not ready or sums == NULL:
        raise MemoryError(f"no memory for the rows of {n_features} features")
    return n_out


cdef void normalize(double *values, int64_t size, Norm norm) noexcept nogil:
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
    cdef int64_t n_words = (n_features + 63) // 64
    row.n_summary = (n_words + 63) // 64
    row.bits = <uint64_t *> calloc(max(n_words, 1), sizeof(uint64_t))
    row.summary = <uint64_t *> calloc(max(row.n_summary, 1), sizeof(uint64_t))
    row.before = <int32_t *> malloc(max(n_words, 1) * sizeof(int32_t))
    return row.bits != NULL and row.summary != NULL and row.before != NULL


cdef inline void add(BitSet *row, int32_t number) noexcept nogil:
    cdef int32_t word = number >> 6
    row.bits[word] |= <uint64_t> 1 << (number & 63)
    row.summary[word >> 6] |= <uint64_t> 1 << (word & 63)


cdef inline int64_t read_sorted(BitSet *row, int32_t[::1] out, int64_t start) noexcept nogil:
    """Write the numbers of the set in order, from ``out[start]`` on; empty the summary."""
    cdef:
        Py_ssize_t s
        int32_t word, size = 0
        uint64_t outer, inner
    for s in range(row.n_summary):
        outer = row.summary[s]
        row.summary[s] = 0
        while outer:
            word = <int32_t> (64 * s + lowest_bit(outer))
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


cdef inline void clear(
    BitSet *row, const int32_t[::1] numbers, int64_t start, int64_t stop
) noexcept nogil:
    cdef int64_t k
    for k in range(start, stop):
        row.bits[numbers[k] >> 6] = 0


cdef inline int32_t lowest_bit(uint64_t word) noexcept nogil:
    return bit_count((word & -word) - 1)


# GCC and Clang make one instruction of it where there is one.
cdef inline int32_t bit_count(uint64_t word) noexcept nogil:
    word -= (word >> 1) & 0x5555555555555555ULL
    word = (word & 0x3333333333333333ULL) + ((word >> 2) & 0x3333333333333333ULL)
    word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0FULL
    return <int32_t> ((word * 0x0101010101010101ULL) >> 56)
