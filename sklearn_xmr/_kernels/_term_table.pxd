# The hash table in which terms, slices of an array of code points, are found by a 64-bit key.
#
# Up to three characters are packed into the key, 21 bits each, which is exact. Longer terms are
# hashed, with the top bit set: then the characters must be the same as well, so that a collision
# costs time and nothing else.

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp

from ._compiler cimport prefetch

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
    int64_t *new_spans  # where terms that are met first are added, or NULL to leave them out
    const Table *more  # where others are looked up, numbered on from these, or NULL


# A key rolls along a span in constant time. With 2**21 as the multiplier, it packs the characters.
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


# A look-up waits for memory three times: for the slot, for where the term is, and for its
# characters. N-grams that wait together wait as long as one.
cdef enum:
    QUEUE_LENGTH = 32

cdef struct Ngram:
    uint64_t key
    const uint32_t *codes
    int64_t length

cdef struct Queue:
    Ngram ngrams[QUEUE_LENGTH]
    int64_t size


cdef inline void join_queue(
    Queue *queue, const Table *table, uint64_t key, const uint32_t *codes, int64_t length
) noexcept nogil:
    cdef:
        Ngram *ngram = &queue.ngrams[queue.size]
        uint64_t slot = home_slot(table, key)
    ngram.key = key
    ngram.codes = codes
    ngram.length = length
    queue.size += 1
    prefetch(&table.keys[slot])
    prefetch(&table.ids[slot])


cdef inline bint serve_queue(Queue *queue, Table *table, int32_t *numbers) noexcept nogil:
    """Number the n-grams that wait, as `find_or_add` does, and empty the queue."""
    cdef:
        int64_t i
        uint64_t slot
    for i in range(queue.size):
        slot = home_slot(table, queue.ngrams[i].key)
        if table.keys[slot] == queue.ngrams[i].key >= HASHED:
            prefetch(&table.spans[2 * table.ids[slot]])
    for i in range(queue.size):
        slot = home_slot(table, queue.ngrams[i].key)
        if table.keys[slot] == queue.ngrams[i].key >= HASHED:
            prefetch(&table.codes[table.spans[2 * table.ids[slot]]])
    for i in range(queue.size):
        if not find_or_add(
            table, queue.ngrams[i].key, queue.ngrams[i].codes, queue.ngrams[i].length, &numbers[i]
        ):
            return False
    queue.size = 0
    return True


cdef inline bint find_or_add(
    Table *table, uint64_t key, const uint32_t *ngram, int64_t length, int32_t *number
) noexcept nogil:
    """Write the number of this n-gram, -1 if it is left out; return False for lack of memory."""
    cdef uint64_t slot = find_slot(table, key, ngram, length)
    if table.keys[slot] != 0:
        number[0] = table.ids[slot]
        return True
    if table.new_spans == NULL:
        number[0] = -1
        if table.more != NULL:
            slot = find_slot(table.more, key, ngram, length)
            if table.more.keys[slot] != 0:
                number[0] = <int32_t> table.n_terms + table.more.ids[slot]
        return True
    number[0] = <int32_t> table.n_terms
    table.new_spans[2 * table.n_terms] = ngram - table.codes
    table.new_spans[2 * table.n_terms + 1] = ngram - table.codes + length
    return insert(table, slot, key)


cdef inline uint64_t find_slot(
    const Table *table, uint64_t key, const uint32_t *ngram, int64_t length
) noexcept nogil:
    """The slot of this n-gram, or the free one where it belongs."""
    cdef uint64_t slot = home_slot(table, key)
    while table.keys[slot] != 0:
        if table.keys[slot] == key:
            if key < HASHED or is_term(table, table.ids[slot], ngram, length):
                break
        slot = (slot + 1) & table.mask
    return slot


cdef inline uint64_t home_slot(const Table *table, uint64_t key) noexcept nogil:
    return (key * SLOT_MULTIPLIER) >> table.shift


cdef inline bint is_term(
    const Table *table, int64_t t, const uint32_t *ngram, int64_t length
) noexcept nogil:
    cdef int64_t start = table.spans[2 * t]
    if table.spans[2 * t + 1] - start != length:
        return False
    return memcmp(&table.codes[start], ngram, length * sizeof(uint32_t)) == 0


cdef inline void set_size(Table *table, int64_t n_slots) noexcept nogil:
    table.mask = n_slots - 1
    table.shift = 64
    while n_slots > 1:
        table.shift -= 1
        n_slots //= 2


cdef inline bint allocate(Table *table, int64_t n_slots) noexcept nogil:
    table.keys = <uint64_t *> calloc(n_slots, sizeof(uint64_t))
    table.ids = <int32_t *> calloc(n_slots, sizeof(int32_t))
    table.n_terms = 0
    set_size(table, n_slots)
    return table.keys != NULL and table.ids != NULL


cdef inline bint insert(Table *table, uint64_t slot, uint64_t key) noexcept nogil:
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
            slot = home_slot(table, old.keys[i])
            while table.keys[slot] != 0:
                slot = (slot + 1) & table.mask
            table.keys[slot] = old.keys[i]
            table.ids[slot] = old.ids[i]
    free(old.keys)
    free(old.ids)
    return True
