"""Turn queries into features: tf-idf of their words, and one feature for each known query.

A word is a longest run of letters, digits and "_" in lower case: what ``\\w+`` matches.
"""

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport qsort

from ._arrays cimport doubles, floats, int32s, int64s
from ._sorted_texts cimport SortedTexts, encode, find_text, view_texts

cdef extern from "Python.h" nogil:
    bint Py_UNICODE_ISALNUM(Py_UCS4 code) noexcept

cdef struct Row:
    # The entries of one text.
    int32_t *columns
    float *weights
    int64_t size


def query_words(
    list texts,
    words,                  # in: `SortedTexts` that are known
    idf,                    # in: of each word, float64
    queries,                # in: `SortedTexts` that are known
    out_indptr,             # out: int64
    out_indices,            # out: int32
    out_data,               # out: float32
):
    """Write the CSR rows of texts, a list of str; return how many entries they have.

    The weights of a text's words have unit length. Behind them comes the feature of the text as a
    whole, of weight 1. What is not known is left out. There must be room for an entry for each
    letter of the texts, and for each text.
    """
    cdef:
        SortedTexts known_words = view_texts(words.data, words.offsets)
        SortedTexts known_queries = view_texts(queries.data, queries.offsets)
        const double *weights = doubles(idf)
        int64_t *indptr = int64s(out_indptr)
        int32_t *indices = int32s(out_indices)
        float *data = floats(out_data)
        const uint8_t *lowered_at
        const uint8_t *query_at
        int64_t n_lowered, n_query, n_entries = 0
        bytes lowered, query
        Py_ssize_t row
        Row entries
    indptr[0] = 0
    for row in range(len(texts)):
        query, lowered = encode(texts[row]), encode(texts[row].lower())
        query_at, n_query = query, len(query)
        lowered_at, n_lowered = lowered, len(lowered)
        entries.columns, entries.weights = indices + n_entries, data + n_entries
        with nogil:
            list_words(&known_words, lowered_at, n_lowered, &entries)
            weigh(weights, &entries)
            add_query(&known_queries, query_at, n_query, <int32_t> known_words.n_texts, &entries)
        n_entries += entries.size
        indptr[row + 1] = n_entries
    return n_entries


cdef void list_words(
    const SortedTexts *words, const uint8_t *text, int64_t n_bytes, Row *row
) noexcept nogil:
    # The columns of the words of a text, in order and as often as they come.
    cdef:
        int64_t start = 0, stop, here = 0
    row.size = 0
    while here < n_bytes:
        stop = here
        if not is_word_character(next_code(text, &here)):
            list_word(words, text + start, stop - start, row)
            start = here
    list_word(words, text + start, n_bytes - start, row)
    qsort(row.columns, row.size, sizeof(int32_t), compare)


cdef inline void list_word(
    const SortedTexts *words, const uint8_t *word, int64_t n_bytes, Row *row
) noexcept nogil:
    cdef int64_t found = find_text(words, word, n_bytes) if n_bytes else -1
    if found >= 0:
        row.columns[row.size] = <int32_t> found
        row.size += 1


cdef inline bint is_word_character(uint32_t code) noexcept nogil:
    return code == c"_" or Py_UNICODE_ISALNUM(code)


cdef inline uint32_t next_code(const uint8_t *text, int64_t *place) noexcept nogil:
    # The code point at a place in UTF-8, lone surrogates allowed; go on to the next.
    cdef const uint8_t *byte = text + place[0]
    if byte[0] < 0x80:
        place[0] += 1
        return byte[0]
    if byte[0] < 0xE0:
        place[0] += 2
        return (byte[0] & 0x1F) << 6 | (byte[1] & 0x3F)
    if byte[0] < 0xF0:
        place[0] += 3
        return (byte[0] & 0x0F) << 12 | (byte[1] & 0x3F) << 6 | (byte[2] & 0x3F)
    place[0] += 4
    return (
        (byte[0] & 0x07) << 18 | (byte[1] & 0x3F) << 12 | (byte[2] & 0x3F) << 6 | (byte[3] & 0x3F)
    )


cdef inline void weigh(const double *idf, Row *row) noexcept nogil:
    # Make one entry of each word, in place.
    cdef:
        int64_t k, n_times, size = 0
        double weight, squares = 0
    k = 0
    while k < row.size:
        n_times = count_repeated(row, k)
        weight = n_times * idf[row.columns[k]]
        squares += weight * weight
        k += n_times
    k = 0
    while k < row.size:
        n_times = count_repeated(row, k)
        weight = n_times * idf[row.columns[k]]
        row.columns[size], row.weights[size] = row.columns[k], <float> (weight / sqrt(squares))
        size += 1
        k += n_times
    row.size = size


cdef inline int64_t count_repeated(const Row *row, int64_t first) noexcept nogil:
    cdef int64_t k = first + 1
    while k < row.size and row.columns[k] == row.columns[first]:
        k += 1
    return k - first


cdef inline void add_query(
    const SortedTexts *queries, const uint8_t *query, int64_t n_bytes, int32_t first_column,
    Row *row
) noexcept nogil:
    cdef int64_t found = find_text(queries, query, n_bytes)
    if found >= 0:
        row.columns[row.size], row.weights[row.size] = first_column + <int32_t> found, 1
        row.size += 1


cdef int compare(const void *left, const void *right) noexcept nogil:
    cdef int32_t a = (<const int32_t *> left)[0], b = (<const int32_t *> right)[0]
    return (a > b) - (a < b)
