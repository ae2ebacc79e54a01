"""Number the character n-grams of spans of text: learn the terms, or look up those known.

An n-gram is a slice of an array of code points, found by a 64-bit key. Up to three characters are
packed into the key, 21 bits each, which is exact. Longer n-grams are hashed, with the top bit set:
then the characters must be the same as well, so that a collision costs time and nothing else.
"""

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp

cpdef enum PrefixWeighting:
    UNWEIGHTED = 0
    BY_DOCUMENT = 1
    BY_SPAN = 2

cdef enum:
    PACKED_LENGTH = 3
    CODE_BITS = 21

cdef extern from *:
    """
    #define HASHED 0x8000000000000000ULL
    #define HASH_MULTIPLIER 0xD6E8FEB86659FD93ULL
    #define SLOT_MULTIPLIER 0x9E3779B97F4A7C15ULL
    """
    const uint64_t HASHED, HASH_MULTIPLIER, SLOT_MULTIPLIER

# Open addressing with linear probing, never more than half full. Key 0 is a free slot: no n-gram
# has it, as each character counts one more than its code point.
cdef struct Table:
    uint64_t *keys
    int32_t *ids
    uint64_t mask
    int shift
    int64_t n_terms
    const uint32_t *codes
    const int64_t *spans


def count_ngrams(const int64_t[:, ::1] spans, int64_t min_n, int64_t max_n):
    """How many n-grams the spans have: see `learn_ngrams`."""
    cdef:
        int64_t s, length, longest, total = 0
    with nogil:
        for s in range(spans.shape[0]):
            length = spans[s, 1] - spans[s, 0]
            longest = max(min(max_n, length), min_n)
            # n from min_n to longest, length - n + 1 of each; or one, where the span is shorter
            total += max(1, (longest - min_n + 1) * (2 * length - longest - min_n + 2) // 2)
    return total


def learn_ngrams(
    const uint32_t[::1] codes,
    const int64_t[:, ::1] spans,
    const int64_t[::1] span_ptr,
    int64_t min_n,
    int64_t max_n,
    PrefixWeighting weighting,
    int64_t[::1] ngram_ptr,
    int32_t[::1] ids,
    double[::1] weights,
    int64_t[:, ::1] terms,
):
    """Number the n-grams of all documents by first appearance; return how many terms there are.

    Document d has the n-grams, ``min_n <= n <= max_n``, of the spans from ``span_ptr[d]`` to
    ``span_ptr[d + 1]``; a span shorter than ``min_n`` is itself its only n-gram. Their numbers are
    ``ids[ngram_ptr[d]:ngram_ptr[d + 1]]``, term t is ``codes[terms[t, 0]:terms[t, 1]]``.

    With ``weighting``, the i-th of the n-grams of the same n, from 1, in their document or span
    has the weight 1 / i; else ``weights`` is empty. It, ``ids`` and ``terms`` are `count_ngrams`
    long.
    """
    cdef:
        Table table
        int64_t n_terms = -1
        int64_t *terms_at = NULL
    if terms.shape[0]:
        terms_at = &terms[0, 0]
    with nogil:
        if allocate(&table, 1024):
            table.codes = &codes[0] if codes.shape[0] else NULL
            table.spans = terms_at
            if number_ngrams(
                &table, terms_at, codes, spans, span_ptr, min_n, max_n, weighting,
                ngram_ptr, ids, weights,
            ):
                n_terms = table.n_terms
        free(table.keys)
        free(table.ids)
    if n_terms < 0:
        raise MemoryError("no memory for the table of n-grams, or more than 2**31 - 1 of them")
    return n_terms


def find_ngrams(
    const uint32_t[::1] codes,
    const int64_t[:, ::1] spans,
    const int64_t[::1] span_ptr,
    int64_t min_n,
    int64_t max_n,
    PrefixWeighting weighting,
    const uint32_t[::1] term_codes,
    const int64_t[:, ::1] terms,
    const uint64_t[::1] slot_keys,
    const int32_t[::1] slot_ids,
    int64_t[::1] ngram_ptr,
    int32_t[::1] ids,
    double[::1] weights,
):
    """As `learn_ngrams`, with the terms of a table from `build_table`; -1 for all others."""
    cdef Table table = view_table(slot_keys, slot_ids, term_codes, terms)
    with nogil:
        number_ngrams(
            &table, NULL, codes, spans, span_ptr, min_n, max_n, weighting, ngram_ptr, ids, weights
        )


def build_table(
    const uint32_t[::1] codes,
    const int64_t[:, ::1] terms,
    const int64_t[::1] order,
    uint64_t[::1] slot_keys,
    int32_t[::1] slot_ids,
):
    """Write the look-up table of distinct ``terms``, entered in the given order.

    The slots, all zero, are a power of two, two or more for each term. What enters early is found
    early, in its first slot. An empty term is left out.
    """
    cdef:
        Table table = view_table(slot_keys, slot_ids, codes, terms)
        int64_t i, t, length
        uint64_t key, slot
    with nogil:
        for i in range(order.shape[0]):
            t = order[i]
            length = terms[t, 1] - terms[t, 0]
            if length > 0:
                key = key_of(&codes[terms[t, 0]], length)
                slot = find_slot(&table, key, &codes[terms[t, 0]], length)
                slot_keys[slot] = key
                slot_ids[slot] = <int32_t> t


cdef Table view_table(
    const uint64_t[::1] keys,
    const int32_t[::1] ids,
    const uint32_t[::1] codes,
    const int64_t[:, ::1] terms,
):
    cdef Table table
    table.keys = <uint64_t *> &keys[0]
    table.ids = <int32_t *> &ids[0]
    set_size(&table, keys.shape[0])
    table.n_terms = terms.shape[0]
    table.codes = &codes[0] if codes.shape[0] else NULL
    table.spans = &terms[0, 0] if terms.shape[0] else NULL
    return table


cdef bint number_ngrams(
    Table *table,
    int64_t *new_terms,
    const uint32_t[::1] codes,
    const int64_t[:, ::1] spans,
    const int64_t[::1] span_ptr,
    int64_t min_n,
    int64_t max_n,
    PrefixWeighting weighting,
    int64_t[::1] ngram_ptr,
    int32_t[::1] ids,
    double[::1] weights,
) noexcept nogil:
    """Look up all n-grams; what is missing joins the table if there is room for ``new_terms``."""
    cdef:
        int64_t d, n, s, j, start, stop, length, last, n_ngrams = 0
        double place
        uint64_t rolling, multiplier, leading, key, slot
        bint more
    ngram_ptr[0] = 0
    for d in range(span_ptr.shape[0] - 1):
        n = min_n
        more = True
        while more:  # until no span of this document is longer than n
            more = False
            place = 0.0
            for s in range(span_ptr[d], span_ptr[d + 1]):
                start = spans[s, 0]
                stop = spans[s, 1]
                length = min(n, stop - start)
                if length < n and n > min_n:
                    continue
                more |= n < stop - start and n < max_n
                if weighting == BY_SPAN:
                    place = 0.0
                multiplier = multiplier_of(length)
                rolling = 0
                leading = 1
                for j in range(start, start + length - 1):
                    rolling = rolling * multiplier + codes[j] + 1
                    leading *= multiplier
                for last in range(start + length - 1, stop):
                    rolling = rolling * multiplier + codes[last] + 1
                    start = last - length + 1
                    key = finish_key(rolling, length)
                    slot = find_slot(table, key, &codes[start], length)
                    if table.keys[slot] == 0 and new_terms != NULL:
                        new_terms[2 * table.n_terms] = start
                        new_terms[2 * table.n_terms + 1] = start + length
                        if not insert(table, slot, key):
                            return False
                        ids[n_ngrams] = <int32_t> table.n_terms - 1
                    else:
                        ids[n_ngrams] = table.ids[slot] if table.keys[slot] else -1
                    if weighting != UNWEIGHTED:
                        place += 1.0
                        weights[n_ngrams] = 1.0 / place
                    n_ngrams += 1
                    rolling -= leading * (codes[start] + 1)
            n += 1
        ngram_ptr[d + 1] = n_ngrams
    return True


# A key rolls along a span in constant time. With 2**21 for multiplier, it is the packed characters.
cdef inline uint64_t multiplier_of(int64_t length) noexcept nogil:
    return <uint64_t> 1 << CODE_BITS if length <= PACKED_LENGTH else HASH_MULTIPLIER


cdef inline uint64_t finish_key(uint64_t rolling, int64_t length) noexcept nogil:
    if length <= PACKED_LENGTH:
        return rolling << (CODE_BITS * (PACKED_LENGTH - length))
    return rolling | HASHED


cdef inline uint64_t key_of(const uint32_t *ngram, int64_t length) noexcept nogil:
    cdef:
        int64_t j
        uint64_t rolling = 0, multiplier = multiplier_of(length)
    for j in range(length):
        rolling = rolling * multiplier + ngram[j] + 1
    return finish_key(rolling, length)


cdef inline uint64_t find_slot(
    const Table *table, uint64_t key, const uint32_t *ngram, int64_t length
) noexcept nogil:
    """The slot of this n-gram, or the free one where it belongs."""
    cdef uint64_t slot = (key * SLOT_MULTIPLIER) >> table.shift
    while table.keys[slot] != 0:
        if table.keys[slot] == key:
            if key < HASHED or is_term(table, table.ids[slot], ngram, length):
                break
        slot = (slot + 1) & table.mask
    return slot


cdef inline bint is_term(
    const Table *table, int64_t t, const uint32_t *ngram, int64_t length
) noexcept nogil:
    cdef int64_t start = table.spans[2 * t]
    if table.spans[2 * t + 1] - start != length:
        return False
    return memcmp(&table.codes[start], ngram, length * sizeof(uint32_t)) == 0


cdef void set_size(Table *table, int64_t n_slots) noexcept nogil:
    table.mask = n_slots - 1
    table.shift = 64
    while n_slots > 1:
        table.shift -= 1
        n_slots //= 2


cdef bint allocate(Table *table, int64_t n_slots) noexcept nogil:
    table.keys = <uint64_t *> calloc(n_slots, sizeof(uint64_t))
    table.ids = <int32_t *> calloc(n_slots, sizeof(int32_t))
    table.n_terms = 0
    set_size(table, n_slots)
    return table.keys != NULL and table.ids != NULL


cdef bint insert(Table *table, uint64_t slot, uint64_t key) noexcept nogil:
    """Put the next term in its slot, and double the table once it is half full."""
    cdef:
        Table old = table[0]
        uint64_t i
    if old.n_terms == INT32_MAX:
        return False
    table.keys[slot] = key
    table.ids[slot] = <int32_t> old.n_terms
    table.n_terms += 1
    if 2 * table.n_terms <= <int64_t> old.mask:
        return True
    if not allocate(table, 2 * (<int64_t> old.mask + 1)):
        free(table.keys)
        free(table.ids)
        table[0] = old
        return False
    table.n_terms = old.n_terms + 1
    for i in range(old.mask + 1):
        if old.keys[i] != 0:
            slot = (old.keys[i] * SLOT_MULTIPLIER) >> table.shift
            while table.keys[slot] != 0:
                slot = (slot + 1) & table.mask
            table.keys[slot] = old.keys[i]
            table.ids[slot] = old.ids[i]
    free(old.keys)
    free(old.ids)
    return True
