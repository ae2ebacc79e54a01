"""Which words a query and a label have in common, in which order, pair by pair.

The labels of query q are ``labels[pair_ptr[q]:pair_ptr[q + 1]]``.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

from ._arrays cimport doubles, int32s, int64s, n_columns, uint8s
from ._compiler cimport prefetch
from ._number_filter cimport find_marked, mark_numbers, new_filter

cpdef enum WordFeature:
    FIRST_WORD = 0
    LAST_WORD = 1
    ADJACENT_WORDS = 2
    ORDERED_WORDS = 3
    NUMBERS_MATCHED = 4
    NUMBERS_CONTRADICTED = 5
    NUMBERS_MISSING = 6
    N_WORD_FEATURES = 7

cdef enum:
    WINDOW = 64         # words of a label that are filtered at once
    WORDS_AHEAD = 4     # how far ahead labels are fetched: they lie anywhere
    STARTS_AHEAD = 8    # and where their words are


cdef struct Texts:
    const int64_t *ptr
    const int32_t *words
    const uint8_t *is_number


# Of one text.
cdef struct Words:
    const int32_t *words
    const uint8_t *is_number
    int64_t count


def match_words(
    queries,
    label_words,
    pair_ptr,
    label_of_pair,
    int64_t first_column,
    out,  # out
):
    """Compare the words in order, `Words`, of queries and labels, pair by pair.

    ``out`` has a row for each pair, and a column for each `WordFeature` from ``first_column`` on.
    FIRST_WORD, LAST_WORD: 1 if the label has that word of the query. ADJACENT_WORDS: the share of
    the query's pairs of neighbours that are neighbours in the label, too; ORDERED_WORDS: the share
    of those both of which the label has, the second behind the first. NUMBERS_MATCHED: the share of
    the query's numbers that the label has; NUMBERS_CONTRADICTED: how many it lacks whose next word
    follows another number there ("3 ft" beside "6 ft"); NUMBERS_MISSING: how many others it lacks.
    Words count where they are first in the label.
    """
    cdef:
        int64_t q, p, n_queries = len(queries.indptr) - 1, width = n_columns(out)
        const int64_t *ptr = int64s(pair_ptr)
        const int32_t *labels = int32s(label_of_pair)
        double *rows = doubles(out)
        Texts of_queries = view_texts(queries), of_labels = view_texts(label_words)
        Words query, label
        uint8_t *known = new_filter()
        int64_t *places = <int64_t *> malloc((len(queries.words) + 1) * sizeof(int64_t))
    if known == NULL or places == NULL:
        free(known)
        free(places)
        raise MemoryError
    with nogil:
        for q in range(n_queries):
            query = words_of(&of_queries, q)
            mark_numbers(known, query.words, query.count, 1)
            for p in range(ptr[q], ptr[q + 1]):
                if p + STARTS_AHEAD < ptr[q + 1]:
                    prefetch(of_labels.ptr + labels[p + STARTS_AHEAD])
                if p + WORDS_AHEAD < ptr[q + 1]:
                    label = words_of(&of_labels, labels[p + WORDS_AHEAD])
                    prefetch(label.words)
                    prefetch(label.is_number)
                label = words_of(&of_labels, labels[p])
                find_places(&query, &label, known, places)
                compare_words(&query, &label, places, rows + p * width + first_column)
            mark_numbers(known, query.words, query.count, 0)
    free(known)
    free(places)


cdef Texts view_texts(words):
    # The arrays of `Words`, which must outlive the view.
    return Texts(int64s(words.indptr), int32s(words.words), uint8s(words.is_number))


cdef Words words_of(const Texts *texts, int64_t text) noexcept nogil:
    cdef int64_t first = texts.ptr[text]
    return Words(texts.words + first, texts.is_number + first, texts.ptr[text + 1] - first)


cdef void find_places(
    const Words *query, const Words *label, const uint8_t *known, int64_t *places
) noexcept nogil:
    # Where each word of the query is first in the label, -1 if it is not there.
    cdef:
        int64_t k, place, i, n_found, first = 0
        int32_t[WINDOW] found
    for k in range(query.count):
        places[k] = -1
    while first < label.count:
        n_found = find_marked(known, label.words + first, min(WINDOW, label.count - first), found)
        for i in range(n_found):
            place = first + found[i]
            for k in range(query.count):
                if query.words[k] == label.words[place] >= 0 and places[k] < 0:
                    places[k] = place
        first += WINDOW


cdef void compare_words(
    const Words *query, const Words *label, const int64_t *places, double *out
) noexcept nogil:
    cdef:
        int64_t k, last = query.count - 1
        int64_t n_numbers = 0, n_matched = 0, n_contradicted = 0, n_adjacent = 0, n_ordered = 0
    for k in range(query.count):
        if k > 0 and places[k - 1] >= 0 and places[k] >= 0:
            n_ordered += places[k - 1] < places[k]
            n_adjacent += are_adjacent(query.words[k - 1], query.words[k], places[k - 1], label)
        if query.is_number[k]:
            n_numbers += 1
            if places[k] >= 0:
                n_matched += 1
            elif k < last and places[k + 1] >= 0:
                n_contradicted += follows_number(query.words[k + 1], places[k + 1], label)
    out[<int> WordFeature.FIRST_WORD] = last >= 0 and places[0] >= 0
    out[<int> WordFeature.LAST_WORD] = last >= 0 and places[last] >= 0
    out[<int> WordFeature.ADJACENT_WORDS] = ratio(n_adjacent, last)
    out[<int> WordFeature.ORDERED_WORDS] = ratio(n_ordered, last)
    out[<int> WordFeature.NUMBERS_MATCHED] = ratio(n_matched, n_numbers)
    out[<int> WordFeature.NUMBERS_CONTRADICTED] = n_contradicted
    out[<int> WordFeature.NUMBERS_MISSING] = n_numbers - n_matched - n_contradicted


cdef double ratio(int64_t part, int64_t whole) noexcept nogil:
    return <double> part / whole if whole > 0 else 0


cdef bint are_adjacent(
    int32_t first, int32_t second, int64_t place, const Words *label
) noexcept nogil:
    # Whether they are neighbours anywhere from the first one's place on.
    cdef int64_t k
    for k in range(place, label.count - 1):
        if label.words[k] == first and label.words[k + 1] == second:
            return True
    return False


cdef bint follows_number(int32_t word, int64_t place, const Words *label) noexcept nogil:
    # Whether the word follows a number anywhere from its place on.
    cdef int64_t k
    for k in range(max(place, 1), label.count):
        if label.words[k] == word and label.is_number[k - 1]:
            return True
    return False
