"""Cut documents into the spans of characters that n-grams are taken from.

A span is a whole document or one word with its marks. Spans are slices of one array of code points,
so that every n-gram is a slice of it too: neighbouring words share the space between them.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t

cpdef enum Analyzer:
    CHAR = 0
    CHAR_WB = 1
    CHAR_END = 2

cdef enum:
    SPACE = 32
    END_MARK = 35


def split_documents(
    const uint32_t[::1] text,
    const int64_t[::1] doc_ptr,
    const uint8_t[::1] is_space,
    Analyzer analyzer,
    int64_t min_n,
    uint32_t[::1] codes,
    int64_t[:, ::1] spans,
    int64_t[::1] span_ptr,
):
    """Write the spans of each document; return how many there are.

    ``text[doc_ptr[d]:doc_ptr[d + 1]]`` is document d. ``is_space`` is 1 for white space, all of
    which lies below its length. Span s is ``codes[spans[s, 0]:spans[s, 1]]``, and document d has
    the spans from ``span_ptr[d]`` to ``span_ptr[d + 1]``:

    - CHAR: the document, two or more white-space characters in a row made one space; none if
      that is shorter than ``min_n``.
    - CHAR_WB: each word between two spaces.
    - CHAR_END: each word and "#".

    ``codes`` needs room for two more per document than ``text`` has, ``spans`` for
    ``(text.size + n_docs) // 2``.
    """
    cdef:
        Py_ssize_t n_docs = doc_ptr.shape[0] - 1
        uint32_t mark = SPACE if analyzer == CHAR_WB else END_MARK
        int64_t n_codes = 0, n_spans = 0, d, i, stop, start
    with nogil:
        for d in range(n_docs):
            span_ptr[d] = n_spans
            i = doc_ptr[d]
            stop = doc_ptr[d + 1]
            if analyzer == CHAR:
                start = n_codes
                while i < stop:
                    codes[n_codes] = text[i]
                    i += 1
                    if is_white(codes[n_codes], is_space):
                        if i < stop and is_white(text[i], is_space):
                            codes[n_codes] = SPACE
                            i = skip_white(text, i, stop, is_space)
                    n_codes += 1
                if n_codes - start >= min_n:
                    spans[n_spans, 0] = start
                    spans[n_spans, 1] = n_codes
                    n_spans += 1
                continue
            if analyzer == CHAR_WB:
                codes[n_codes] = SPACE
                n_codes += 1
            i = skip_white(text, i, stop, is_space)
            while i < stop:
                spans[n_spans, 0] = n_codes - (analyzer == CHAR_WB)
                while i < stop and not is_white(text[i], is_space):
                    codes[n_codes] = text[i]
                    n_codes += 1
                    i += 1
                codes[n_codes] = mark
                n_codes += 1
                spans[n_spans, 1] = n_codes
                n_spans += 1
                i = skip_white(text, i, stop, is_space)
        span_ptr[n_docs] = n_spans
    return n_spans


cdef inline bint is_white(uint32_t code, const uint8_t[::1] is_space) noexcept nogil:
    return code < <size_t> is_space.shape[0] and is_space[code]


cdef inline int64_t skip_white(
    const uint32_t[::1] text, int64_t i, int64_t stop, const uint8_t[::1] is_space
) noexcept nogil:
    while i < stop and is_white(text[i], is_space):
        i += 1
    return i
