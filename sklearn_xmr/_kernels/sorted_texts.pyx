"""Look a text up among sorted ones, all of them UTF-8 bytes.

The bytes sort as the code points do, lone surrogates included, and a text begins with another if
and only if its bytes do.
"""

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcmp


def prefix_range(const uint8_t[::1] data, const int64_t[::1] offsets, const uint8_t[::1] prefix):
    """Return start and stop of the texts that begin with ``prefix``.

    Text i is ``data[offsets[i]:offsets[i + 1]]``.
    """
    cdef:
        int64_t start, stop, n_texts = offsets.shape[0] - 1
        const uint8_t *texts = &data[0] if data.shape[0] else NULL
        const uint8_t *key = &prefix[0] if prefix.shape[0] else NULL
    if key == NULL:
        return 0, n_texts
    with nogil:
        start = first_not_below(texts, offsets, key, prefix.shape[0], 0, False)
        stop = first_not_below(texts, offsets, key, prefix.shape[0], start, True)
    return start, stop


def find(const uint8_t[::1] data, const int64_t[::1] offsets, const uint8_t[::1] text):
    """Return the position of ``text`` among the texts, -1 if it is not there."""
    cdef:
        int64_t found, n_text = text.shape[0]
        const uint8_t *texts = &data[0] if data.shape[0] else NULL
        const uint8_t *key = &text[0] if n_text else NULL
    with nogil:
        # Of all texts that begin with it, it comes first itself.
        found = first_not_below(texts, offsets, key, n_text, 0, False)
        if (
            found == offsets.shape[0] - 1
            or offsets[found + 1] - offsets[found] != n_text
            or (n_text > 0 and memcmp(texts + offsets[found], key, n_text) != 0)
        ):
            found = -1
    return found


def take(const uint8_t[::1] data, const int64_t[::1] offsets, const int32_t[::1] positions):
    """Return the texts at some positions, a list of str, up to the first position below 0.

    Raise an IndexError if there is no such text.
    """
    cdef:
        Py_ssize_t i
        int64_t start
        const char *texts = <const char *> &data[0] if data.shape[0] else NULL
    found = []
    for i in range(positions.shape[0]):
        if positions[i] < 0:
            break
        if positions[i] >= offsets.shape[0] - 1:
            raise IndexError(f"There is no text at position {positions[i]}.")
        start = offsets[positions[i]]
        found.append(
            PyUnicode_DecodeUTF8(
                texts + start, offsets[positions[i] + 1] - start, b"surrogatepass"
            )
        )
    return found


cdef int64_t first_not_below(
    const uint8_t *texts, const int64_t[::1] offsets, const uint8_t *key, int64_t n_key,
    int64_t low, bint is_below,
) noexcept nogil:
    # From `low` on, the first text that is not below the key. Texts that begin with the key are
    # below if `is_below`.
    cdef int64_t high = offsets.shape[0] - 1, middle, length
    cdef int order
    while low < high:
        middle = (low + high) // 2
        length = offsets[middle + 1] - offsets[middle]
        order = 0
        if length > 0 and n_key > 0:
            order = memcmp(texts + offsets[middle], key, min(length, n_key))
        if order == 0:
            order = -1 if length < n_key or is_below else 1
        if order < 0:
            low = middle + 1
        else:
            high = middle
    return low
