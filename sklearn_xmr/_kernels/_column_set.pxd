# A set of column numbers as two levels of bits: reading it sorts them, without comparisons and with
# next to nothing to clear for the next row.

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free

from ._compiler cimport inlined_void, lowest_bit

cdef struct ColumnSet:
    uint64_t *bits      # bit i of word w: column 64 w + i is in the set
    uint64_t *summary   # bit i of word w: bits[64 w + i] is not 0
    int64_t n_summary


cdef inline bint allocate_set(ColumnSet *columns, int64_t n_columns) noexcept nogil:
    cdef int64_t n_words = n_columns // 64 + 1
    columns.n_summary = n_words // 64 + 1
    columns.bits = <uint64_t *> calloc(n_words, sizeof(uint64_t))
    columns.summary = <uint64_t *> calloc(columns.n_summary, sizeof(uint64_t))
    return columns.bits != NULL and columns.summary != NULL


cdef inline void free_set(ColumnSet *columns) noexcept nogil:
    free(columns.bits)
    free(columns.summary)


cdef inline inlined_void add_column(
    ColumnSet *columns, int32_t column, bint *is_new
) noexcept nogil:
    cdef:
        int32_t word = column >> 6
        uint64_t bit = <uint64_t> 1 << (column & 63)
    is_new[0] = not columns.bits[word] & bit
    if is_new[0]:
        columns.bits[word] |= bit
        columns.summary[word >> 6] |= <uint64_t> 1 << (word & 63)


cdef inline inlined_void take_sorted(
    ColumnSet *columns, int32_t *out, int64_t *size
) noexcept nogil:
    """Write the columns in order, and how many there are, and empty the set."""
    cdef:
        int64_t s, n = 0
        int32_t word
        uint64_t outer, inner
    for s in range(columns.n_summary):
        outer = columns.summary[s]
        columns.summary[s] = 0
        while outer:
            word = <int32_t> (64 * s) + lowest_bit(outer)
            outer &= outer - 1
            inner = columns.bits[word]
            columns.bits[word] = 0
            while inner:
                out[n] = 64 * word + lowest_bit(inner)
                inner &= inner - 1
                n += 1
    size[0] = n
