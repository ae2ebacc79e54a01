"""Labels that were found in several ways: each once, and then the best of them."""

import numpy as np

from libc.math cimport INFINITY, exp
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from ._arrays cimport doubles, floats, int32s, n_columns
from ._best_labels cimport Best, Found, keep_best, write_in_order

cdef enum:
    LABEL = 32              # the bit at which the label begins in a key
    DIGIT = 8               # bits that are sorted by at once

cdef uint64_t NO_KEY = ~(<uint64_t> 0)      # whose label is -1

# Labels that were found in one way.
cdef struct Way:
    const int32_t *labels
    const float *scores     # NULL: all are -inf
    int64_t width


def unite(list ways):
    """Join labels that were found in several ways: each row's in order, each of them once.

    A way is labels, int32 of shape (n_rows, any number), -1 for none, and their float32 scores, or
    None if all are -inf. Return labels and scores, as wide as the longest row: a label's score is
    that of the first way that found it; behind a row's last label, -1 and -inf follow.
    """
    cdef:
        int64_t i, row, n, n_ways = len(ways), n_rows = len(ways[0][0]), width = 0, longest = 0
        int32_t *labels
        float *scores
        uint64_t *keys = NULL
        Way *opened = <Way *> malloc(n_ways * sizeof(Way))
    try:
        for i in range(n_ways if opened else 0):
            found, found_scores = ways[i]
            opened[i] = Way(int32s(found), NULL, n_columns(found))
            if found_scores is not None:
                opened[i].scores = floats(found_scores)
            width += opened[i].width
        keys = <uint64_t *> malloc((n_rows + 1) * width * sizeof(uint64_t) + 1)
        if not (opened and keys):
            raise MemoryError
        with nogil:
            for row in range(n_rows):
                n = list_keys(opened, n_ways, row, keys + row * width)
                n = keep_distinct(keys + row * width, keys + n_rows * width, n, width)
                longest = max(longest, n)
        united = np.empty((n_rows, longest), np.int32), np.empty((n_rows, longest), np.float32)
        labels, scores = int32s(united[0]), floats(united[1])
        with nogil:
            for row in range(n_rows):
                for i in range(longest):
                    labels[i] = <int32_t> (keys[row * width + i] >> LABEL)
                    scores[i] = score_at(opened, row, keys[row * width + i])
                labels += longest
                scores += longest
    finally:
        free(opened)
        free(keys)
    return united


cdef int64_t list_keys(const Way *ways, int64_t n_ways, int64_t row, uint64_t *keys) noexcept nogil:
    # A key is a label and, below it, where the ways have it, if they lie side by side.
    cdef:
        int64_t i, k, place = 0, n_keys = 0
        int32_t label
    for i in range(n_ways):
        for k in range(row * ways[i].width, (row + 1) * ways[i].width):
            label = ways[i].labels[k]
            if label >= 0:
                keys[n_keys] = (<uint64_t> label << LABEL) | <uint64_t> place
                n_keys += 1
            place += 1
    return n_keys


cdef float score_at(const Way *ways, int64_t row, uint64_t key) noexcept nogil:
    cdef int64_t place = <uint32_t> key
    if key == NO_KEY:
        return -INFINITY
    while place >= ways.width:
        place -= ways.width
        ways += 1
    return ways.scores[row * ways.width + place] if ways.scores else -INFINITY


cdef int64_t keep_distinct(
    uint64_t *keys, uint64_t *scratch, int64_t n_keys, int64_t width
) noexcept nogil:
    # Put them in order, the first of each label alone; how many are left. No keys follow.
    cdef:
        const uint64_t *in_order = sort_by_label(keys, scratch, n_keys)
        int64_t i, n = 0
    for i in range(n_keys):
        if n == 0 or keys[n - 1] >> LABEL != in_order[i] >> LABEL:
            keys[n] = in_order[i]
            n += 1
    for i in range(n, width):
        keys[i] = NO_KEY
    return n


cdef uint64_t *sort_by_label(uint64_t *keys, uint64_t *others, int64_t n) noexcept nogil:
    # Digit by digit, the lowest first, from one array to the other; the one that has them in the
    # end. Of a search's two hundred labels it takes a third of what `sort_keys` does.
    cdef:
        int64_t i, start, count, shift = LABEL
        int64_t[1 << DIGIT] starts
        uint64_t digit, bits = 0
    for i in range(n):
        bits |= keys[i]
    while shift < 64 and bits >> shift:
        memset(starts, 0, sizeof(starts))
        for i in range(n):
            starts[(keys[i] >> shift) & ((1 << DIGIT) - 1)] += 1
        start = 0
        for i in range(1 << DIGIT):
            count = starts[i]
            starts[i] = start
            start += count
        for i in range(n):
            digit = (keys[i] >> shift) & ((1 << DIGIT) - 1)
            others[starts[digit]] = keys[i]
            starts[digit] += 1
        keys, others = others, keys
        shift += DIGIT
    return keys


def best_found(
    labels,
    scores,
    log_odds,
    best,           # out
    probabilities,  # out
):
    """Write each row's best labels by log-odds, then by score; the lower one of equally good ones.

    -1 is no label, and follows, with a probability of -inf, where there are no more. Return how
    many rows have none.
    """
    cdef:
        int64_t row, i, n_rows = len(best), k = n_columns(best), width = n_columns(labels)
        int64_t n_without = 0
        const int32_t *found = int32s(labels)
        const float *found_scores = floats(scores)
        const double *odds = doubles(log_odds)
        int32_t *out = int32s(best)
        float *out_probabilities = floats(probabilities)
        double *kept_odds = <double *> malloc((k + 1) * sizeof(double))
        Best kept = Best(<Found *> malloc((k + 1) * sizeof(Found)), 0, k)
    if kept.heap == NULL or kept_odds == NULL:
        free(kept.heap)
        free(kept_odds)
        raise MemoryError
    with nogil:
        for row in range(n_rows if k else 0):
            for i in range(row * width, (row + 1) * width):
                if found[i] >= 0:
                    keep_best(&kept, Found(odds[i], found_scores[i], found[i]))
            n_without += kept.size == 0
            write_in_order(&kept, out, kept_odds)
            for i in range(k):
                out_probabilities[i] = <float> expit(kept_odds[i]) if out[i] >= 0 else -INFINITY
            out += k
            out_probabilities += k
    free(kept.heap)
    free(kept_odds)
    return n_without


cdef double expit(double log_odds) noexcept nogil:
    return 1 / (1 + exp(-log_odds))
