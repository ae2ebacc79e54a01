"""Look a text up among sorted ones, all of them UTF-8 bytes.

The bytes sort as the code points do, lone surrogates included, and a text begins with another if
and only if its bytes do.
"""

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int32_t, int64_t, uint8_t

from ._arrays cimport int32s
from ._sorted_texts cimport SortedTexts, find_text, first_not_below, view_texts


def prefix_range(data, offsets, bytes prefix):
    """Return start and stop of the texts that begin with ``prefix``.

    Text i is ``data[offsets[i]:offsets[i + 1]]``.
    """
    cdef:
        SortedTexts texts = view_texts(data, offsets)
        const uint8_t *key = prefix
        int64_t start, stop, n_key = len(prefix)
    with nogil:
        start = first_not_below(&texts, key, n_key, 0, False)
        stop = first_not_below(&texts, key, n_key, start, True)
    return start, stop


def find(data, offsets, bytes text):
    """Return the position of ``text`` among the texts, -1 if it is not there."""
    cdef:
        SortedTexts texts = view_texts(data, offsets)
        const uint8_t *key = text
        int64_t found, n_key = len(text)
    with nogil:
        found = find_text(&texts, key, n_key)
    return found


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
