"""Cut documents into the spans that n-grams are taken from.

A span is a whole document, one word with its marks, or one bare word. Spans are slices of one
array of code points, so that every n-gram is a slice of it too: neighbouring words share the space
between them.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

cdef extern from "Python.h" nogil:
    bint Py_UNICODE_ISALNUM(Py_UCS4 code) noexcept

cdef enum:
    SPACE = 32
    END_MARK = 35


def split_documents(
    const uint32_t[::1] text,
    const int64_t[::1] doc_ptr,
    const uint8_t[::1] kinds,
    Analyzer analyzer,
    int64_t min_n,
    uint32_t[::1] codes,    # out
    int64_t[:, ::1] spans,  # out
    int64_t[::1] span_ptr,  # out
):
    """Write the spans of each document; return how many there are.

    ``text[doc_ptr[d]:doc_ptr[d + 1]]`` is document d. ``kinds`` has the `Kind` of the lowest code
    points, up to the last white-space character at least. Span s is
    ``codes[spans[s, 0]:spans[s, 1]]``, and document d has the spans from ``span_ptr[d]`` to
    ``span_ptr[d + 1]``:

    - CHAR: the document, with two or more white-space characters in a row made one space; none
      if that is shorter than ``min_n``.
    - CHAR_WB: each word between two spaces.
    - CHAR_END: each word and "#".
    - WORD: each longest run of two or more characters that are alphanumeric or "_"; in ``codes``, a
      space follows.

    ``codes`` needs room for two more per document than ``text`` has, ``spans`` for
    ``(text.size + n_docs) // 2``.
    """
    cdef:
        const uint32_t *given = &text[0] if text.shape[0] else NULL
        uint32_t *codes_at = &codes[0] if codes.shape[0] else NULL
        int64_t *spans_at = &spans[0, 0] if spans.shape[0] else NULL
        Kinds known = Kinds(&kinds[0], kinds.shape[0])
    with nogil:
        cut_documents(
            given, &doc_ptr[0], doc_ptr.shape[0] - 1, &known, analyzer, min_n,
            codes_at, spans_at, &span_ptr[0],
        )
    return span_ptr[span_ptr.shape[0] - 1]


def drop_words(
    const int32_t[::1] stop_words,
    uint32_t[::1] codes,    # in and out
    int64_t[:, ::1] spans,  # in and out
    int64_t[::1] span_ptr,  # in and out
):
    """Take out, in place, the words whose entry of ``stop_words`` is not negative.

    The others move up, one space apart. Return how many are left.
    """
    cdef int64_t n_codes = 0, n_spans = 0, d, s, start, j, first, last = 0
    with nogil:
        for d in range(span_ptr.shape[0] - 1):
            first = last
            last = span_ptr[d + 1]
            span_ptr[d] = n_spans
            for s in range(first, last):
                if stop_words[s] >= 0:
                    continue
                start = n_codes
                for j in range(spans[s, 0], spans[s, 1]):
                    codes[n_codes] = codes[j]
                    n_codes += 1
                n_spans = write_span(start, n_codes, &spans[0, 0], n_spans)
                codes[n_codes] = SPACE
                n_codes += 1
        span_ptr[span_ptr.shape[0] - 1] = n_spans
    return n_spans


cdef void cut_documents(
    const uint32_t *text, const int64_t *doc_ptr, int64_t n_documents, const Kinds *kinds,
    Analyzer analyzer, int64_t min_n, uint32_t *codes, int64_t *spans, int64_t *span_ptr,
) noexcept nogil:
    cdef int64_t n_codes = 0, n_spans = 0, d, start, stop
    for d in range(n_documents):
        span_ptr[d] = n_spans
        start, stop = doc_ptr[d], doc_ptr[d + 1]
        if analyzer == CHAR:
            n_spans = write_whole(text, start, stop, kinds, min_n, codes, &n_codes, spans, n_spans)
        elif analyzer == WORD:
            n_spans = write_tokens(text, start, stop, kinds, codes, &n_codes, spans, n_spans)
        else:
            n_spans = write_marked_words(
                text, start, stop, kinds, analyzer, codes, &n_codes, spans, n_spans
            )
    span_ptr[n_documents] = n_spans


cdef inline int64_t write_whole(
    const uint32_t *text,
    int64_t i,
    int64_t stop,
    const Kinds *kinds,
    int64_t min_n,
    uint32_t *codes,
    int64_t *n_codes,
    int64_t *spans,
    int64_t n_spans,
) noexcept nogil:
    cdef int64_t n = n_codes[0], start = n
    while i < stop:
        codes[n] = text[i]
        i += 1
        if is_white(codes[n], kinds):
            if i < stop and is_white(text[i], kinds):
                codes[n] = SPACE
                i = skip_white(text, i, stop, kinds)
        n += 1
    n_codes[0] = n
    if n - start < min_n:
        return n_spans
    return write_span(start, n, spans, n_spans)


cdef inline int64_t write_marked_words(
    const uint32_t *text,
    int64_t i,
    int64_t stop,
    const Kinds *kinds,
    Analyzer analyzer,
    uint32_t *codes,
    int64_t *n_codes,
    int64_t *spans,
    int64_t n_spans,
) noexcept nogil:
    cdef int64_t n = n_codes[0], start
    if analyzer == CHAR_WB:
        codes[n] = SPACE
        n += 1
    i = skip_white(text, i, stop, kinds)
    while i < stop:
        start = n - (analyzer == CHAR_WB)
        while i < stop and not is_white(text[i], kinds):
            codes[n] = text[i]
            n += 1
            i += 1
        codes[n] = SPACE if analyzer == CHAR_WB else END_MARK
        n += 1
        n_spans = write_span(start, n, spans, n_spans)
        i = skip_white(text, i, stop, kinds)
    n_codes[0] = n
    return n_spans


cdef inline int64_t write_tokens(
    const uint32_t *text,
    int64_t i,
    int64_t stop,
    const Kinds *kinds,
    uint32_t *codes,
    int64_t *n_codes,
    int64_t *spans,
    int64_t n_spans,
) noexcept nogil:
    cdef int64_t n = n_codes[0], start
    while i < stop:
        start = n
        while i < stop and is_word_character(text[i], kinds):
            codes[n] = text[i]
            n += 1
            i += 1
        if n - start < 2:
            n = start
        else:
            n_spans = write_span(start, n, spans, n_spans)
            codes[n] = SPACE
            n += 1
        i += 1
    n_codes[0] = n
    return n_spans


cdef inline int64_t write_span(
    int64_t start, int64_t stop, int64_t *spans, int64_t n_spans
) noexcept nogil:
    spans[2 * n_spans], spans[2 * n_spans + 1] = start, stop
    return n_spans + 1


cdef inline bint is_white(uint32_t code, const Kinds *kinds) noexcept nogil:
    return code < kinds.size and kinds.of_code[code] == WHITE


cdef inline bint is_word_character(uint32_t code, const Kinds *kinds) noexcept nogil:
    if code < kinds.size:
        return kinds.of_code[code] == WORD_CHARACTER
    return Py_UNICODE_ISALNUM(code)


cdef inline int64_t skip_white(
    const uint32_t *text, int64_t i, int64_t stop, const Kinds *kinds
) noexcept nogil:
    while i < stop and is_white(text[i], kinds):
        i += 1
    return i
