"""Number the n-grams of spans of text: learn the terms, or look up known ones.

An n-gram is a slice of an array of code points: n characters of a span, or n spans in a row with
the space between them.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free

from ._term_table cimport (
    HASHED,
    HASH_MULTIPLIER,
    PACKED_LENGTH,
    QUEUE_LENGTH,
    Queue,
    Table,
    allocate,
    find_or_add,
    find_slot,
    finish_key,
    join_queue,
    key_of,
    multiplier_of,
    serve_queue,
    set_size,
)
from .text_spans cimport Analyzer, WORD

cpdef enum PrefixWeighting:
    UNWEIGHTED = 0
    BY_DOCUMENT = 1
    BY_SPAN = 2


def count_ngrams(
    const int64_t[:, ::1] spans,
    const int64_t[::1] span_ptr,
    Analyzer analyzer,
    int64_t min_n,
    int64_t max_n,
):
    """How many n-grams the documents have: see `learn_ngrams`."""
    cdef int64_t d, s, total = 0
    with nogil:
        if analyzer == WORD:
            for d in range(span_ptr.shape[0] - 1):
                total += n_slices(span_ptr[d + 1] - span_ptr[d], min_n, max_n)
        else:
            for s in range(spans.shape[0]):
                total += max(1, n_slices(spans[s, 1] - spans[s, 0], min_n, max_n))
    return total


def learn_ngrams(
    const uint32_t[::1] codes,
    const int64_t[:, ::1] spans,
    const int64_t[::1] span_ptr,
    Analyzer analyzer,
    int64_t min_n,
    int64_t max_n,
    PrefixWeighting weighting,
    int64_t[::1] ngram_ptr,  # out
    int32_t[::1] ids,        # out
    double[::1] weights,     # out
    int64_t[:, ::1] terms,   # out
):
    """Number the n-grams of all documents by first appearance; return how many terms there are.

    Document d has the n-grams, ``min_n <= n <= max_n``, of the spans from ``span_ptr[d]`` to
    ``span_ptr[d + 1]``, none of them empty. With the analyzer WORD, they are n neighbouring spans
    and all that lies between them; else, n characters of one span, and a span shorter than
    ``min_n`` is itself its only n-gram. Their numbers are ``ids[ngram_ptr[d]:ngram_ptr[d + 1]]``,
    term t is ``codes[terms[t, 0]:terms[t, 1]]``.

    With ``weighting``, for characters alone, the i-th n-gram of its length in the document or span,
    counted from 1, has the weight 1 / i; else ``weights`` is empty. ``ids``, ``terms`` and weights
    are `count_ngrams` long.
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
            table.spans = table.new_spans = terms_at
            if number_ngrams(
                &table, codes, spans, span_ptr, analyzer, min_n, max_n, weighting,
                ngram_ptr, ids, weights,
            ):
                n_terms = table.n_terms
        free(table.keys)
        free(table.ids)
    if n_terms < 0:
        raise MemoryError("No memory for the table of n-grams, or more than 2**31 - 1 of them.")
    return n_terms


def find_ngrams(
    const uint32_t[::1] codes,
    const int64_t[:, ::1] spans,
    const int64_t[::1] span_ptr,
    Analyzer analyzer,
    int64_t min_n,
    int64_t max_n,
    PrefixWeighting weighting,
    vocabulary,
    int64_t[::1] ngram_ptr,  # out
    int32_t[::1] ids,        # out
    double[::1] weights,     # out
):
    """As `learn_ngrams`, with the numbers of the terms of a `Vocabulary`; -1 for all others."""
    cdef Table later, table = view_vocabulary(vocabulary)
    if vocabulary.later is not None:
        later = view_vocabulary(vocabulary.later)
        table.more = &later
    with nogil:
        number_ngrams(
            &table, codes, spans, span_ptr, analyzer, min_n, max_n, weighting,
            ngram_ptr, ids, weights,
        )


def build_table(
    const uint32_t[::1] codes,
    const int64_t[:, ::1] terms,
    const int64_t[::1] order,
    uint64_t[::1] slot_keys,  # in and out
    int32_t[::1] slot_ids,    # in and out
):
    """Write distinct ``terms`` into their look-up table, in the given order.

    The slots, all zero at first, are a power of two, two or more for each term. What enters early
    is found early, in its first slot. An empty term is left out.
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


cdef inline int64_t n_slices(int64_t length, int64_t min_n, int64_t max_n) noexcept nogil:
    """How many slices of a sequence have a length from ``min_n`` to ``max_n``."""
    cdef int64_t longest = min(max_n, length)
    if longest < min_n:
        return 0
    # n from min_n to longest, length - n + 1 of each
    return (longest - min_n + 1) * (2 * length - longest - min_n + 2) // 2


cdef Table view_vocabulary(vocabulary):
    terms = vocabulary.terms
    return view_table(vocabulary.slot_keys, vocabulary.slot_ids, terms.codes, terms.spans)


cdef Table view_table(
    const uint64_t[::1] keys,
    const int32_t[::1] ids,
    const uint32_t[::1] codes,
    const int64_t[:, ::1] terms,
):
    # The arrays must outlive the view.
    cdef Table table
    table.keys = <uint64_t *> &keys[0]
    table.ids = <int32_t *> &ids[0]
    set_size(&table, keys.shape[0])
    table.n_terms = terms.shape[0]
    table.codes = &codes[0] if codes.shape[0] else NULL
    table.spans = &terms[0, 0] if terms.shape[0] else NULL
    table.new_spans = NULL
    table.more = NULL
    return table


cdef bint number_ngrams(
    Table *table,
    const uint32_t[::1] codes,
    const int64_t[:, ::1] spans,
    const int64_t[::1] span_ptr,
    Analyzer analyzer,
    int64_t min_n,
    int64_t max_n,
    PrefixWeighting weighting,
    int64_t[::1] ngram_ptr,
    int32_t[::1] ids,
    double[::1] weights,
) noexcept nogil:
    """Number the n-grams of all documents; return False if there is no memory for new terms."""
    if analyzer == WORD:
        return number_words(table, codes, spans, span_ptr, min_n, max_n, ngram_ptr, ids)
    return number_characters(
        table, codes, spans, span_ptr, min_n, max_n, weighting, ngram_ptr, ids, weights
    )


cdef bint number_words(
    Table *table,
    const uint32_t[::1] codes,
    const int64_t[:, ::1] spans,
    const int64_t[::1] span_ptr,
    int64_t min_n,
    int64_t max_n,
    int64_t[::1] ngram_ptr,
    int32_t[::1] ids,
) noexcept nogil:
    cdef:
        int64_t d, first, last, start, stop, j, n_ngrams = 0
        uint64_t rolling, key
        Queue queue
    queue.size = 0
    ngram_ptr[0] = 0
    for d in range(span_ptr.shape[0] - 1):
        for first in range(span_ptr[d], span_ptr[d + 1]):
            start = j = spans[first, 0]
            rolling = 0
            # One word more each time: the key of a long term is that of its beginning, rolled on.
            for last in range(first, min(first + max_n, span_ptr[d + 1])):
                stop = spans[last, 1]
                while j < stop:
                    rolling = rolling * HASH_MULTIPLIER + codes[j] + 1
                    j += 1
                if last - first + 1 < min_n:
                    continue
                if stop - start > PACKED_LENGTH:
                    key = rolling | HASHED
                else:
                    key = key_of(&codes[start], stop - start)
                join_queue(&queue, table, key, &codes[start], stop - start)
                if queue.size == QUEUE_LENGTH:
                    if not serve_queue(&queue, table, &ids[n_ngrams]):
                        return False
                    n_ngrams += QUEUE_LENGTH
        ngram_ptr[d + 1] = n_ngrams + queue.size
    return queue.size == 0 or serve_queue(&queue, table, &ids[n_ngrams])


cdef bint number_characters(
    Table *table,
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
    cdef:
        int64_t d, n, s, j, start, stop, length, last, n_ngrams = 0
        double place
        uint64_t rolling, multiplier, leading, key
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
                    if not find_or_add(table, key, &codes[start], length, &ids[n_ngrams]):
                        return False
                    if weighting != UNWEIGHTED:
                        place += 1.0
                        weights[n_ngrams] = 1.0 / place
                    n_ngrams += 1
                    rolling -= leading * (codes[start] + 1)
            n += 1
        ngram_ptr[d + 1] = n_ngrams
    return True
