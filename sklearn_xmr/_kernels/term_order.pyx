"""Sort terms as Python sorts strings: by code points, a prefix before what it begins.

In that order, terms with a common prefix are neighbours.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, qsort

cdef enum:
    HEAD_LENGTH = 3
    CODE_BITS = 21

# Most comparisons end at the head, the first characters packed into one number.
cdef struct Term:
    uint64_t head
    const uint32_t *codes
    int64_t length
    int32_t number


def sort_terms(const uint32_t[::1] codes, const int64_t[:, ::1] terms, int32_t[::1] order):
    """Write the numbers of the terms ``codes[terms[t, 0]:terms[t, 1]]`` in string order."""
    cdef:
        Py_ssize_t t, j, n_terms = terms.shape[0]
        Term *items = <Term *> malloc(max(n_terms, 1) * sizeof(Term))
    if items == NULL:
        raise MemoryError(f"no memory to sort {n_terms} terms")
    with nogil:
        for t in range(n_terms):
            items[t].number = <int32_t> t
            items[t].length = terms[t, 1] - terms[t, 0]
            items[t].codes = &codes[terms[t, 0]] if items[t].length else NULL
            items[t].head = 0
            for j in range(HEAD_LENGTH):
                items[t].head <<= CODE_BITS
                if j < items[t].length:
                    items[t].head += items[t].codes[j] + 1
        qsort(items, n_terms, sizeof(Term), compare)
        for t in range(n_terms):
            order[t] = items[t].number
        free(items)


def shared_prefixes(
    const uint32_t[::1] codes,
    const int64_t[:, ::1] terms,
    const int32_t[::1] order,
    int64_t[::1] shared,
):
    """Write how many first characters each term of ``order`` shares with the one before it.

    For the first term, that is 0.
    """
    cdef:
        Py_ssize_t i
        int64_t j, common, left, right
    with nogil:
        for i in range(order.shape[0]):
            shared[i] = 0
            if i == 0:
                continue
            left, right = terms[order[i - 1], 0], terms[order[i], 0]
            common = min(terms[order[i - 1], 1] - left, terms[order[i], 1] - right)
            j = 0
            while j < common and codes[left + j] == codes[right + j]:
                j += 1
            shared[i] = j


cdef int compare(const void *left, const void *right) noexcept nogil:
    cdef:
        const Term *a = <const Term *> left
        const Term *b = <const Term *> right
        int64_t j, common = min(a.length, b.length)
    if a.head != b.head:
        return -1 if a.head < b.head else 1
    for j in range(HEAD_LENGTH, common):
        if a.codes[j] != b.codes[j]:
            return -1 if a.codes[j] < b.codes[j] else 1
    if a.length != b.length:
        return -1 if a.length < b.length else 1
    return -1 if a.number < b.number else a.number > b.number
