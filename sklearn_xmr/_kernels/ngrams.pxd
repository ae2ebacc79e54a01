# The n-grams of texts, and the vocabulary that they are looked up in: see ngrams.pyx.

from libc.stdint cimport int32_t, int64_t, uint32_t

from ._arrays cimport int64s, uint32s
from ._term_table cimport Table
from .text_spans cimport WORD, Analyzer

cpdef enum PrefixWeighting:
    UNWEIGHTED = 0
    BY_DOCUMENT = 1
    BY_SPAN = 2

# Document d has the spans from span_ptr[d] to span_ptr[d + 1], each a start and a stop in codes.
cdef struct Text:
    const uint32_t *codes
    const int64_t *spans
    const int64_t *span_ptr
    int64_t n_documents

# Which slices of spans are n-grams, and what they weigh.
cdef struct Slicing:
    Analyzer analyzer
    int64_t min_n
    int64_t max_n
    PrefixWeighting weighting


cdef inline Text view_text(codes, spans, span_ptr):
    # The arrays must outlive the view. There may be no codes, where they are not looked at.
    cdef Text text = Text(NULL, int64s(spans), int64s(span_ptr), len(span_ptr) - 1)
    if codes is not None:
        text.codes = uint32s(codes)
    return text


cdef inline int64_t n_slices(int64_t length, int64_t min_n, int64_t max_n) noexcept nogil:
    """How many slices of a sequence have a length from ``min_n`` to ``max_n``."""
    cdef int64_t longest = min(max_n, length)
    if longest < min_n:
        return 0
    # n from min_n to longest, length - n + 1 of each
    return (longest - min_n + 1) * (2 * length - longest - min_n + 2) // 2


cdef inline int64_t n_ngrams(const Text *text, const Slicing *slicing) noexcept nogil:
    cdef int64_t d, s, total = 0, min_n = slicing.min_n, max_n = slicing.max_n
    if slicing.analyzer == WORD:
        for d in range(text.n_documents):
            total += n_slices(text.span_ptr[d + 1] - text.span_ptr[d], min_n, max_n)
    else:
        for s in range(text.span_ptr[0], text.span_ptr[text.n_documents]):
            total += max(1, n_slices(text.spans[2 * s + 1] - text.spans[2 * s], min_n, max_n))
    return total


cdef bint number_ngrams(
    Table *table, const Text *text, const Slicing *slicing,
    int64_t *ngram_ptr, int32_t *ids, double *weights,
) noexcept nogil

# The vocabulary must outlive the view. Terms that came later are viewed by `later`.
cdef Table view_vocabulary(vocabulary, Table *later)
