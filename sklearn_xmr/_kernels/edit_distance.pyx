"""Which words may be near another one, and how many edits are between two words.

An edit is a letter more, less, another, or two swapped.
"""

import numpy as np

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from ._arrays cimport int32s, uint32s
from ._lower_bound cimport lower_bound
from ._sort_keys cimport sort_keys


# Words that share a key.
cdef struct Words:
    const int32_t *numbers
    int64_t count


def words_of_keys(list deletions, wanted):
    """Find the words that have any of the wanted keys, uint32, in any of some `Deletions`.

    Return their numbers, each once, increasing.
    """
    cdef:
        int64_t d, i, k, n_keys, n_deletions = len(deletions), n_wanted = len(wanted)
        int64_t n_found = 0, n = 0
        const uint32_t *keys
        const uint32_t *asked = uint32s(wanted)
        const int32_t *word_of
        int32_t *numbers
        uint64_t *words = NULL
        Words *found = <Words *> malloc((n_deletions * n_wanted + 1) * sizeof(Words))
    try:
        for d in range(n_deletions if found else 0):
            keys, word_of = uint32s(deletions[d].keys), int32s(deletions[d].word_of)
            n_keys = len(deletions[d].keys)
            for i in range(n_wanted):
                found[d * n_wanted + i] = words_of(keys, word_of, n_keys, asked[i])
                n_found += found[d * n_wanted + i].count
        words = <uint64_t *> malloc(n_found * sizeof(uint64_t) + 1)
        if not (found and words):
            raise MemoryError
        with nogil:
            for i in range(n_deletions * n_wanted):
                for k in range(found[i].count):
                    words[n] = found[i].numbers[k]
                    n += 1
            sort_keys(words, n_found)
            n = 0
            for i in range(n_found):
                if n == 0 or words[i] != words[n - 1]:
                    words[n] = words[i]
                    n += 1
        distinct = np.empty(n, dtype=np.int32)
        numbers = int32s(distinct)
        for i in range(n):
            numbers[i] = <int32_t> words[i]
    finally:
        free(found)
        free(words)
    return distinct


cdef Words words_of(
    const uint32_t *keys, const int32_t *word_of, int64_t n_keys, uint32_t key
) noexcept nogil:
    cdef int64_t first = lower_bound(keys, 0, n_keys, key), last = first
    while last < n_keys and keys[last] == key:
        last += 1
    return Words(word_of + first, last - first)


def edit_distances(
    const uint32_t[::1] word,  # in: its code points
    const int64_t[::1] starts,  # in: where each of the other words starts in `text`
    const uint32_t[::1] text,  # in: their code points, one after the other
    const int32_t[::1] others,  # in: the words to compare with, by number
    int32_t most,
    int32_t[::1] out,  # out: a distance for each
):
    """Write the distance of a word to each of some others, ``most + 1`` for all above ``most``.

    It is the optimal string alignment distance: no letter is edited twice.
    """
    cdef:
        Py_ssize_t i, start, longest = 0
        int32_t *rows
    for i in range(others.shape[0]):
        longest = max(longest, starts[others[i] + 1] - starts[others[i]])
    rows = <int32_t *> malloc(3 * (longest + 1) * sizeof(int32_t))
    if rows == NULL:
        raise MemoryError
    with nogil:
        for i in range(others.shape[0]):
            start = starts[others[i]]
            out[i] = distance(word, text[start:starts[others[i] + 1]], most, rows, longest + 1)
    free(rows)


cdef int32_t distance(
    const uint32_t[::1] a, const uint32_t[::1] b, int32_t most, int32_t *rows, Py_ssize_t width
) noexcept nogil:
    # rows[r]: distances of the first letters of `a`, as many as there were rows before, to those of
    # `b`. The last three are kept. As many letters of both are that far from each other as one has
    # more than the other: so all that counts is a band around the diagonal, and what is beside it
    # is far.
    cdef:
        Py_ssize_t i, j, low, high
        int32_t far = most + 1
        int32_t *row = rows
        int32_t *before
        int32_t *two_before
    if max(a.shape[0], b.shape[0]) - min(a.shape[0], b.shape[0]) > most:
        return far
    for j in range(min(b.shape[0], most + 1) + 1):
        row[j] = <int32_t> j
    for i in range(1, a.shape[0] + 1):
        low, high = max(1, i - most), min(b.shape[0], i + most)
        row = rows + (i % 3) * width
        before = rows + ((i - 1) % 3) * width
        two_before = rows + ((i + 1) % 3) * width
        row[low - 1] = <int32_t> i if low == 1 else far
        if high < b.shape[0]:
            row[high + 1] = far
        for j in range(low, high + 1):
            row[j] = min(before[j], row[j - 1]) + 1
            row[j] = min(row[j], before[j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                row[j] = min(row[j], two_before[j - 2] + 1)
    return min(row[b.shape[0]], far)
