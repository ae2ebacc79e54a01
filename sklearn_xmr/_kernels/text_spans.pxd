# Where n-grams are taken from: see text_spans.pyx.

from libc.stdint cimport int64_t, uint8_t, uint32_t

cpdef enum Analyzer:
    CHAR = 0
    CHAR_WB = 1
    CHAR_END = 2
    WORD = 3

cpdef enum Kind:
    WHITE = 1
    WORD_CHARACTER = 2  # alphanumeric or "_"

# The kind of each of the lowest code points.
cdef struct Kinds:
    const uint8_t *of_code
    size_t size


cdef void cut_documents(
    const uint32_t *text, const int64_t *doc_ptr, int64_t n_documents, const Kinds *kinds,
    Analyzer analyzer, int64_t min_n, uint32_t *codes, int64_t *spans, int64_t *span_ptr,
) noexcept nogil
