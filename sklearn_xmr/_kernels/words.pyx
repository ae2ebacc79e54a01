"""Cut documents into words by the boundaries of Unicode's Annex 29.

It is one automaton for several ideas of a word: each is a table that tells the class of a character
[1]_.

References
----------
.. [1] Unicode Standard Annex 29, "Unicode Text Segmentation", section 4.1.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t

cpdef enum WordBreak:
    OTHER = 0
    LETTER = 1
    HEBREW_LETTER = 2
    DIGIT = 3
    KATAKANA = 4
    COMPLEX = 5       # letters of scripts without spaces, such as Thai
    CONNECTOR = 6     # "_": in words, but no word by itself
    SINGLE = 7        # a word by itself: ideographs, Hiragana
    EXTENDING = 8     # marks and joiners: part of what they follow
    MID_LETTER = 9    # inside words between letters: ":"
    MID_NUMBER = 10   # between digits: ","
    MID_BOTH = 11     # between either: "."
    SINGLE_QUOTE = 12
    DOUBLE_QUOTE = 13

cdef enum:
    SPACE = 32
    # Variation selectors of ideographs, the only marks above all scripts.
    FIRST_SELECTOR = 0xE0100
    LAST_SELECTOR = 0xE01EF


def split_words(
    const uint32_t[::1] text,
    const int64_t[::1] doc_ptr,
    const uint8_t[::1] classes,
    uint32_t[::1] codes,    # out
    int64_t[:, ::1] spans,  # out
    int64_t[::1] span_ptr,  # out
):
    """Write the words of each document, a space behind each; return how many there are.

    ``classes`` has the `WordBreak` of the lowest code points; those above are OTHER. What stands
    between two boundaries is a word if it has a letter, digit or ideograph. ``codes`` needs room
    for twice as many as ``text`` has, ``spans`` for as many; else, it is as `split_documents`.
    """
    cdef int64_t n_codes = 0, n_spans = 0, d, i, j, stop
    with nogil:
        for d in range(doc_ptr.shape[0] - 1):
            span_ptr[d] = n_spans
            i = doc_ptr[d]
            stop = doc_ptr[d + 1]
            while i < stop:
                if not is_part(class_of(text[i], classes)):
                    i += 1
                    continue
                j = i
                i = end_of_word(text, i, stop, classes)
                if i < 0:  # connectors alone
                    i = -i
                    continue
                spans[n_spans, 0] = n_codes
                while j < i:
                    codes[n_codes] = text[j]
                    n_codes += 1
                    j += 1
                spans[n_spans, 1] = n_codes
                n_spans += 1
                codes[n_codes] = SPACE
                n_codes += 1
        span_ptr[doc_ptr.shape[0] - 1] = n_spans
    return n_spans


cdef inline int64_t end_of_word(
    const uint32_t[::1] text, int64_t i, int64_t stop, const uint8_t[::1] classes
) noexcept nogil:
    """The boundary after what begins at ``i``; negative where that has nothing but connectors."""
    cdef:
        int64_t after
        uint8_t last = class_of(text[i], classes), here, then
        bint is_word = last != CONNECTOR
    i = skip_marks(text, i + 1, stop, classes)
    while i < stop:
        here = class_of(text[i], classes)
        after = skip_marks(text, i + 1, stop, classes)
        if not joins(last, here):
            then = class_of(text[after], classes) if after < stop else <uint8_t> OTHER
            if last == HEBREW_LETTER and here == SINGLE_QUOTE and not is_letter(then):
                return after
            if not bridges(last, here, then):
                break
            here = then
            after = skip_marks(text, after + 1, stop, classes)
        is_word = is_word or here != CONNECTOR
        last = here
        i = after
    return i if is_word else -i


cdef inline uint8_t class_of(uint32_t code, const uint8_t[::1] classes) noexcept nogil:
    if code < <size_t> classes.shape[0]:
        return classes[code]
    return EXTENDING if FIRST_SELECTOR <= code <= LAST_SELECTOR else OTHER


cdef inline int64_t skip_marks(
    const uint32_t[::1] text, int64_t i, int64_t stop, const uint8_t[::1] classes
) noexcept nogil:
    while i < stop and class_of(text[i], classes) == EXTENDING:
        i += 1
    return i


cdef inline bint is_part(uint8_t kind) noexcept nogil:
    return LETTER <= kind <= SINGLE


cdef inline bint is_letter(uint8_t kind) noexcept nogil:
    return kind == LETTER or kind == HEBREW_LETTER


cdef inline bint joins(uint8_t last, uint8_t here) noexcept nogil:
    """Whether there is no boundary between characters of these classes."""
    if last <= DIGIT and here <= DIGIT:
        return last != OTHER and here != OTHER
    if here == CONNECTOR or last == CONNECTOR:
        return LETTER <= last <= CONNECTOR and LETTER <= here <= CONNECTOR and (
            last != COMPLEX and here != COMPLEX
        )
    return last == here and (here == KATAKANA or here == COMPLEX)


cdef inline bint bridges(uint8_t last, uint8_t here, uint8_t then) noexcept nogil:
    """Whether a character is inside a word because of both its neighbours."""
    if is_letter(last) and is_letter(then):
        if here == DOUBLE_QUOTE:
            return last == HEBREW_LETTER and then == HEBREW_LETTER
        return here == MID_LETTER or here == MID_BOTH or here == SINGLE_QUOTE
    if last == DIGIT and then == DIGIT:
        return here == MID_NUMBER or here == MID_BOTH or here == SINGLE_QUOTE
    return False
