"""Find the most frequent texts that have words with given beginnings, in any order.

Words that begin alike are a range of the sorted ones. Of the ranges asked for, the one with the
fewest entries is gone through, word by word, and each of its texts looked at: whether the others
have words in it, too.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t

cpdef enum:
    MOST_WORDS = 64     # of a text, those that are looked at; more are never asked for at once

cdef struct Texts:
    const int64_t *word_ptr
    const int32_t *texts
    const int64_t *text_ptr
    const int32_t *words
    const int32_t *ranges
    int64_t n_ranges
    int64_t needed              # the range that a text must have a word in; -1 for all of them


# The texts found, in order: those that lack fewer words first, then the lower number.
cdef struct Found:
    int32_t *texts
    int32_t *n_lacking
    int64_t size
    int64_t capacity


def texts_with_words(
    const int64_t[::1] word_ptr,    # in: where the entries of each word start
    const int32_t[::1] texts,       # in: of each word its texts, increasing
    const int64_t[::1] text_ptr,    # in: where the words of each text start
    const int32_t[::1] words,       # in: of each text its words
    const int32_t[:, ::1] ranges,   # in: of words, start and stop, the narrowest first
    int64_t needed,
    int32_t[::1] found,             # out: texts
    int32_t[::1] n_lacking,         # out: in how many ranges each has no word
):
    """Write the first texts that have a word in each range, a different one for each.

    Or, unless ``needed`` is -1, the texts that have one in that range, and two in all: those first
    that have words in the most ranges. Texts are numbered by how frequent they are, the most
    frequent first. Ranges must hold one another or have nothing in common. Return how many were
    written.
    """
    cdef:
        Texts view
        Found best
        int64_t r, n_others = 0, fewest = 0
    if not 0 < ranges.shape[0] <= MOST_WORDS or texts.shape[0] == 0 or found.shape[0] == 0:
        return 0
    view.word_ptr, view.texts = &word_ptr[0], &texts[0]
    view.text_ptr, view.words = &text_ptr[0], &words[0]
    view.ranges, view.n_ranges, view.needed = &ranges[0, 0], ranges.shape[0], needed
    best.texts, best.n_lacking = &found[0], &n_lacking[0]
    best.size, best.capacity = 0, found.shape[0]
    with nogil:
        for r in range(view.n_ranges):
            if n_entries(&view, r) < n_entries(&view, fewest):
                fewest = r
            if r != needed:
                n_others += n_entries(&view, r)
        if needed < 0:
            go_through(&view, fewest, &best)
        elif n_entries(&view, needed) <= n_others:
            go_through(&view, needed, &best)
        else:
            for r in range(view.n_ranges):
                if r != needed:
                    go_through(&view, r, &best)
    return best.size


cdef inline int64_t n_entries(const Texts *texts, int64_t r) noexcept nogil:
    return texts.word_ptr[texts.ranges[2 * r + 1]] - texts.word_ptr[texts.ranges[2 * r]]


cdef void go_through(const Texts *texts, int64_t r, Found *found) noexcept nogil:
    # Look at the texts that have a word in this range.
    cdef:
        int64_t word, entry, n_lacking
        int32_t text
    for word in range(texts.ranges[2 * r], texts.ranges[2 * r + 1]):
        for entry in range(texts.word_ptr[word], texts.word_ptr[word + 1]):
            text = texts.texts[entry]
            if not would_enter(found, 0, text):  # then none of those that follow
                break
            n_lacking = count_lacking(texts, text)
            if n_lacking >= 0 and would_enter(found, n_lacking, text):
                enter(found, <int32_t> n_lacking, text)


cdef inline int64_t count_lacking(const Texts *texts, int32_t text) noexcept nogil:
    # In how many ranges it has no word, -1 if those are too many. The narrowest range chooses
    # first: what it can take, those around it can take, too. So most get one; and as many do if the
    # range needed comes first, if it has a word at all.
    cdef:
        bint has_any
        int64_t r, w, n_words = texts.text_ptr[text + 1] - texts.text_ptr[text], n_lacking = 0
        const int32_t *words = texts.words + texts.text_ptr[text]
        uint64_t taken = 0
    n_words = min(n_words, MOST_WORDS)
    for r in range(texts.n_ranges):
        has_any = False
        for w in range(n_words):
            if texts.ranges[2 * r] <= words[w] < texts.ranges[2 * r + 1]:
                has_any = True
                if not taken >> w & 1:
                    taken |= <uint64_t> 1 << w
                    break
        else:
            n_lacking += 1
            if texts.needed < 0 or n_lacking == texts.n_ranges - 1:
                return -1
            if texts.needed == r and not has_any:
                return -1
    return n_lacking


cdef inline bint would_enter(const Found *found, int64_t n_lacking, int32_t text) noexcept nogil:
    # Whether it comes before the last one, if there is no room.
    cdef int64_t last = found.capacity - 1
    if found.size < found.capacity:
        return True
    if n_lacking != found.n_lacking[last]:
        return n_lacking < found.n_lacking[last]
    return text < found.texts[last]


cdef inline void enter(Found *found, int32_t n_lacking, int32_t text) noexcept nogil:
    # Into its place, unless it is there; the last leaves if there is no room.
    cdef int64_t place = found.size, i
    while place > 0 and (
        found.n_lacking[place - 1] > n_lacking
        or (found.n_lacking[place - 1] == n_lacking and found.texts[place - 1] >= text)
    ):
        place -= 1
    if place < found.size and found.texts[place] == text:
        return
    found.size = min(found.size + 1, found.capacity)
    for i in range(found.size - 1, place, -1):
        found.texts[i], found.n_lacking[i] = found.texts[i - 1], found.n_lacking[i - 1]
    found.texts[place], found.n_lacking[place] = text, n_lacking
