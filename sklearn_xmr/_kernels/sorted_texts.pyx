"""Look texts up among sorted ones, all of them UTF-8 bytes.

Text i is ``data[offsets[i]:offsets[i + 1]]``. The bytes sort as the code points do, lone surrogates
included, and a text begins with another if and only if its bytes do.
"""

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int32_t, int64_t, uint8_t

from ._arrays cimport int32s
from ._sorted_texts cimport SortedTexts, encode, find_text, first_not_below, is_text, view_texts


def prefix_range(data, offsets, prefix):
    """Return start and stop of the texts that begin with ``prefix``, a str."""
    cdef:
        SortedTexts texts = view_texts(data, offsets)
        bytes encoded = encode(prefix)
        const uint8_t *key = encoded
        int64_t start, stop, n_key = len(encoded)
    with nogil:
        start = first_not_below(&texts, key, n_key, 0, False)
        stop = first_not_below(&texts, key, n_key, start, True)
    return start, stop


def matching_ranges(
    data,
    offsets,
    list prefixes,
    ranges,         # out: int32
):
    """Write start and stop of the texts that each prefix means; return how many these are in all.

    They begin with the prefix, a str. A space that ends it says that the last word is complete: the
    text right before them is meant as well, if it is the prefix without that space.
    """
    cdef:
        SortedTexts texts = view_texts(data, offsets)
        int32_t *bounds = int32s(ranges)
        const uint8_t *key
        int64_t start, stop, n_key, n_texts = 0
        bytes prefix
        Py_ssize_t row
    for row in range(len(prefixes)):
        prefix = encode(prefixes[row])
        key, n_key = prefix, len(prefix)
        with nogil:
            start = first_not_below(&texts, key, n_key, 0, False)
            stop = first_not_below(&texts, key, n_key, start, True)
            if n_key > 0 and key[n_key - 1] == c" " and start > 0:
                start -= is_text(&texts, start - 1, key, n_key - 1)
        bounds[2 * row], bounds[2 * row + 1] = <int32_t> start, <int32_t> stop
        n_texts += stop - start
    return n_texts


cpdef int64_t find(data, offsets, text):
    """Return the position of ``text``, a str, among the texts, -1 if it is not there."""
    cdef:
        SortedTexts texts = view_texts(data, offsets)
        bytes encoded = encode(text)
        const uint8_t *key = encoded
        int64_t found, n_key = len(encoded)
    with nogil:
        found = find_text(&texts, key, n_key)
    return found


def find_newest(
    data,
    offsets,
    list contexts,
    positions,      # out: int32
):
    """Write the positions of each context's last texts, the very last first, -1 if there is none.

    A context is a str, or a tuple of them. ``positions`` has as many columns as are looked up.
    """
    cdef:
        int32_t *found = int32s(positions)
        Py_ssize_t row, back, most = positions.shape[1]
        list newest_first
    for row in range(len(contexts)):
        context = contexts[row]
        newest_first = [context] if isinstance(context, str) else list(reversed(context))
        for back in range(most):
            found[row * most + back] = -1
            if back < len(newest_first):
                found[row * most + back] = find(data, offsets, newest_first[back])


def take(data, offsets, positions):
    """Return the texts at some positions, a list of str, up to the first position below 0.

    Raise an IndexError if there is no such text.
    """
    cdef:
        SortedTexts texts = view_texts(data, offsets)
        const int32_t *position = int32s(positions)
        const char *text
        Py_ssize_t i, size
    found = []
    for i in range(len(positions)):
        if position[i] < 0:
            break
        if position[i] >= texts.n_texts:
            raise IndexError(f"There is no text at position {position[i]}.")
        text = <const char *> texts.data + texts.offsets[position[i]]
        size = texts.offsets[position[i] + 1] - texts.offsets[position[i]]
        found.append(PyUnicode_DecodeUTF8(text, size, b"surrogatepass"))
    return found
