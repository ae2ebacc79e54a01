"""Find the most frequent texts that have words with given beginnings, in any order.

Words that begin alike are a range of the sorted ones. Of the ranges asked for, the one with the
fewest entries is gone through, word by word, and each of its texts looked at: whether the others
have words in it, too.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t

cpdef enum:
    MOST_WORDS = 64     # of a text, those that are looked at; more are never asked for at once

cdef struct Texts:
    const int64_t *text_ptr
    const int32_t *words
    const int32_t *ranges
    int64_t n_ranges


def texts_with_words(
    const int64_t[::1] word_ptr,    # in: where the entries of each word start
    const int32_t[::1] texts,       # in: of each word its texts, increasing
    const int64_t[::1] text_ptr,    # in: where the words of each text start
    const int32_t[::1] words,       # in: of each text its words
    const int32_t[:, ::1] ranges,   # in: of words, start and stop, the narrowest first
    int32_t[::1] found,             # out: texts, increasing
):
    """Write the first texts that have a word in each range, a different one for each.

    Texts are numbered by how frequent they are, the most frequent first. Ranges must hold one
    another or have nothing in common. Return how many were written.
    """
    cdef:
        Texts view
        int64_t r, entry, word, fewest, first = 0, n_found = 0, capacity = found.shape[0]
        int32_t text
    if not 0 < ranges.shape[0] <= MOST_WORDS or texts.shape[0] == 0 or capacity == 0:
        return 0
    view.text_ptr, view.words = &text_ptr[0], &words[0]
    view.ranges, view.n_ranges = &ranges[0, 0], ranges.shape[0]
    with nogil:
        fewest = texts.shape[0] + 1
        for r in range(ranges.shape[0]):
            if word_ptr[ranges[r, 1]] - word_ptr[ranges[r, 0]] < fewest:
                fewest = word_ptr[ranges[r, 1]] - word_ptr[ranges[r, 0]]
                first = r
        for word in range(ranges[first, 0], ranges[first, 1]):
            for entry in range(word_ptr[word], word_ptr[word + 1]):
                text = texts[entry]
                if n_found == capacity and text >= found[capacity - 1]:
                    break
                if has_words(&view, text):
                    n_found = insert(&found[0], n_found, capacity, text)
    return n_found


cdef inline bint has_words(const Texts *texts, int32_t text) noexcept nogil:
    # The narrowest range chooses first: what it can take, those around it can take, too.
    cdef:
        int64_t r, w, n_words = texts.text_ptr[text + 1] - texts.text_ptr[text]
        const int32_t *words = texts.words + texts.text_ptr[text]
        uint64_t taken = 0
    n_words = min(n_words, MOST_WORDS)
    for r in range(texts.n_ranges):
        for w in range(n_words):
            if (
                texts.ranges[2 * r] <= words[w] < texts.ranges[2 * r + 1]
                and not taken >> w & 1
            ):
                taken |= <uint64_t> 1 << w
                break
        else:
            return False
    return True


cdef inline int64_t insert(
    int32_t *found, int64_t n_found, int64_t capacity, int32_t text
) noexcept nogil:
    # Into sorted texts, unless it is there; the last leaves if there is no room.
    cdef int64_t place = n_found, i
    while place > 0 and found[place - 1] >= text:
        place -= 1
    if place < n_found and found[place] == text:
        return n_found
    n_found = min(n_found + 1, capacity)
    for i in range(n_found - 1, place, -1):
        found[i] = found[i - 1]
    found[place] = text
    return n_found
