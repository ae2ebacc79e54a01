"""Number the n-grams of spans of text: learn the terms, or look up known ones.

An n-gram is a slice of an array of code points: n characters of a span, or n spans in a row with
the space between them.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free

from ._arrays cimport int32s, int64s, uint32s, uint64s
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


cdef inline Slicing slicing_of(
    Analyzer analyzer, int64_t min_n, int64_t max_n, PrefixWeighting weighting
) noexcept:
    # For a literal, Cython writes conversions of the enums that nothing uses.
    cdef Slicing slicing
    slicing.analyzer, slicing.weighting = analyzer, weighting
    slicing.min_n, slicing.max_n = min_n, max_n
    return slicing


def count_ngrams(
    spans,
    span_ptr,
    Analyzer analyzer,
    int64_t min_n,
    int64_t max_n,
):
    """How many n-grams the documents have: see `learn_ngrams`."""
    cdef:
        Text text = view_text(None, spans, span_ptr)
        Slicing slicing = slicing_of(analyzer, min_n, max_n, UNWEIGHTED)
    return n_ngrams(&text, &slicing)


def learn_ngrams(
    codes,
    spans,
    span_ptr,
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
        Text text = view_text(codes, spans, span_ptr)
        Slicing slicing = slicing_of(analyzer, min_n, max_n, weighting)
        Table table
        int64_t n_terms = -1
        int32_t *ids_at = &ids[0] if ids.shape[0] else NULL
        double *weights_at = &weights[0] if weights.shape[0] else NULL
        int64_t *terms_at = &terms[0, 0] if terms.shape[0] else NULL
    with nogil:
        if allocate(&table, 1024):
            table.codes = text.codes
            table.spans = table.new_spans = terms_at
            if number_ngrams(&table, &text, &slicing, &ngram_ptr[0], ids_at, weights_at):
                n_terms = table.n_terms
        free(table.keys)
        free(table.ids)
    if n_terms < 0:
        raise MemoryError("No memory for the table of n-grams, or more than 2**31 - 1 of them.")
    return n_terms


def find_ngrams(
    codes,
    spans,
    span_ptr,
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
    cdef:
        Text text = view_text(codes, spans, span_ptr)
        Slicing slicing = slicing_of(analyzer, min_n, max_n, weighting)
        Table later, table = view_vocabulary(vocabulary, &later)
        int32_t *ids_at = &ids[0] if ids.shape[0] else NULL
        double *weights_at = &weights[0] if weights.shape[0] else NULL
    with nogil:
        number_ngrams(&table, &text, &slicing, &ngram_ptr[0], ids_at, weights_at)


def build_table(
    codes,
    terms,
    const int64_t[::1] order,
    slot_keys,  # in and out
    slot_ids,   # in and out
):
    """Write distinct ``terms`` into their look-up table, in the given order.

    The slots, all zero at first, are a power of two, two or more for each term. What enters early
    is found early, in its first slot. An empty term is left out.
    """
    cdef:
        Table table = view_table(slot_keys, slot_ids, codes, terms)
        const uint32_t *term
        int64_t i, t, length
        uint64_t key, slot
    with nogil:
        for i in range(order.shape[0]):
            t = order[i]
            term = table.codes + table.spans[2 * t]
            length = table.spans[2 * t + 1] - table.spans[2 * t]
            if length > 0:
                key = key_of(term, length)
                slot = find_slot(&table, key, term, length)
                table.keys[slot] = key
                table.ids[slot] = <int32_t> t


cdef Table view_vocabulary(vocabulary, Table *later):
    cdef Table table = view_terms(vocabulary)
    if vocabulary.later is not None:
        later[0] = view_terms(vocabulary.later)
        table.more = later
    return table


cdef Table view_terms(vocabulary):
    terms = vocabulary.terms
    return view_table(vocabulary.slot_keys, vocabulary.slot_ids, terms.codes, terms.spans)


cdef Table view_table(keys, ids, codes, terms):
    cdef Table table
    table.keys, table.ids = uint64s(keys), int32s(ids)
    set_size(&table, len(keys))
    table.codes, table.spans, table.n_terms = uint32s(codes), int64s(terms), len(terms)
    table.new_spans = NULL
    table.more = NULL
    return table


cdef bint number_ngrams(
    Table *table,
    const Text *text,
    const Slicing *slicing,
    int64_t *ngram_ptr,
    int32_t *ids,
    double *weights,
) noexcept nogil:
    """Number the n-grams of all documents; return False if there is no memory for new terms."""
    if slicing.analyzer == WORD:
        return number_words(table, text, slicing, ngram_ptr, ids)
    return number_characters(table, text, slicing, ngram_ptr, ids, weights)


cdef bint number_words(
    Table *table, const Text *text, const Slicing *slicing, int64_t *ngram_ptr, int32_t *ids
) noexcept nogil:
    cdef:
        int64_t d, first, last, end, start, stop, j, n_ngrams = 0
        const uint32_t *codes = text.codes
        uint64_t rolling, key
        Queue queue
    queue.size = 0
    ngram_ptr[0] = 0
    for d in range(text.n_documents):
        end = text.span_ptr[d + 1]
        for first in range(text.span_ptr[d], end):
            start = j = text.spans[2 * first]
            rolling = 0
            # One word more each time: the key of a long term is that of its beginning, rolled on.
            for last in range(first, min(first + slicing.max_n, end)):
                stop = text.spans[2 * last + 1]
                while j < stop:
                    rolling = rolling * HASH_MULTIPLIER + codes[j] + 1
                    j += 1
                if last - first + 1 < slicing.min_n:
                    continue
                if stop - start > PACKED_LENGTH:
                    key = rolling | HASHED
                else:
                    key = key_of(codes + start, stop - start)
                join_queue(&queue, table, key, codes + start, stop - start)
                if queue.size == QUEUE_LENGTH:
                    if not serve_queue(&queue, table, ids + n_ngrams):
                        return False
                    n_ngrams += QUEUE_LENGTH
        ngram_ptr[d + 1] = n_ngrams + queue.size
    return queue.size == 0 or serve_queue(&queue, table, ids + n_ngrams)


cdef bint number_characters(
    Table *table,
    const Text *text,
    const Slicing *slicing,
    int64_t *ngram_ptr,
    int32_t *ids,
    double *weights,
) noexcept nogil:
    cdef:
        int64_t d, n, s, j, start, stop, length, last, n_ngrams = 0
        int64_t min_n = slicing.min_n, max_n = slicing.max_n
        const uint32_t *codes = text.codes
        double place
        uint64_t rolling, multiplier, leading, key
        bint more
    ngram_ptr[0] = 0
    for d in range(text.n_documents):
        n = min_n
        more = True
        while more:  # until no span of this document is longer than n
            more = False
            place = 0.0
            for s in range(text.span_ptr[d], text.span_ptr[d + 1]):
                start = text.spans[2 * s]
                stop = text.spans[2 * s + 1]
                length = min(n, stop - start)
                if length < n and n > min_n:
                    continue
                more |= n < stop - start and n < max_n
                if slicing.weighting == BY_SPAN:
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
                    if not find_or_add(table, key, codes + start, length, ids + n_ngrams):
                        return False
                    if slicing.weighting != UNWEIGHTED:
                        place += 1.0
                        weights[n_ngrams] = 1.0 / place
                    n_ngrams += 1
                    rolling -= leading * (codes[start] + 1)
            n += 1
        ngram_ptr[d + 1] = n_ngrams
    return True
