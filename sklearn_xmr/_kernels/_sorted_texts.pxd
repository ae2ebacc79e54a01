# Different texts in the order of their UTF-8 bytes, which is that of their code points.

from cpython.unicode cimport PyUnicode_AsEncodedString
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcmp

from ._arrays cimport int64s, uint8s

cdef struct SortedTexts:
    # Text i is data[offsets[i]:offsets[i + 1]].
    const uint8_t *data
    const int64_t *offsets
    int64_t n_texts


cdef inline SortedTexts view_texts(data, offsets):
    # The arrays must outlive the view.
    cdef SortedTexts texts
    texts.data, texts.offsets = uint8s(data), int64s(offsets)
    texts.n_texts = len(offsets) - 1
    return texts


cdef inline int64_t first_not_below(
    const SortedTexts *texts, const uint8_t *key, int64_t n_key, int64_t low, bint is_below
) noexcept nogil:
    # From `low` on, the first text that is not below the key. Texts that begin with the key are
    # below if `is_below`.
    cdef int64_t high = texts.n_texts, middle, start, length
    cdef int order
    while low < high:
        middle = (low + high) // 2
        start = texts.offsets[middle]
        length = texts.offsets[middle + 1] - start
        order = 0
        if length > 0 and n_key > 0:
            order = memcmp(texts.data + start, key, min(length, n_key))
        if order == 0:
            order = -1 if length < n_key or is_below else 1
        if order < 0:
            low = middle + 1
        else:
            high = middle
    return low


cdef inline int64_t find_text(
    const SortedTexts *texts, const uint8_t *key, int64_t n_key
) noexcept nogil:
    # -1 if it is not there. Of all texts that begin with it, it comes first itself.
    cdef int64_t found = first_not_below(texts, key, n_key, 0, False)
    return found if found < texts.n_texts and is_text(texts, found, key, n_key) else -1


cdef inline bint is_text(
    const SortedTexts *texts, int64_t i, const uint8_t *key, int64_t n_key
) noexcept nogil:
    cdef int64_t start = texts.offsets[i]
    if texts.offsets[i + 1] - start != n_key:
        return False
    return n_key == 0 or memcmp(texts.data + start, key, n_key) == 0


cdef inline bytes encode(text):
    # A str, or of a class that comes from it, such as NumPy's.
    return PyUnicode_AsEncodedString(text, b"utf-8", b"surrogatepass")
