"""Sort terms as Python sorts strings: by code points, a prefix before what it begins.

In that order, terms with a common prefix are neighbours.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, qsort

cdef enum:
    HEAD_LENGTH = 3
    CODE_BITS = 21


def pack_heads(
    const uint32_t[::1] codes,
    const int64_t[:, ::1] terms,
    uint64_t[::1] heads,  # out
):
    """Write the first characters of each term ``codes[terms[t, 0]:terms[t, 1]]`` as one number.

    In the order of these numbers, terms are in string order, but for those with equal ones.
    """
    cdef:
        Py_ssize_t t
        int64_t j
    with nogil:
        for t in range(terms.shape[0]):
            heads[t] = 0
            for j in range(terms[t, 0], terms[t, 0] + HEAD_LENGTH):
                heads[t] <<= CODE_BITS
                if j < terms[t, 1]:
                    heads[t] += codes[j] + 1


def sort_ties(
    const uint32_t[::1] codes,
    const int64_t[:, ::1] terms,
    const uint64_t[::1] heads,
    int32_t[::1] order,  # in and out
):
    """Put terms from the order of their heads into string order, equal ones by number."""
    cdef:
        Py_ssize_t first = 0, last = 0, i, n_terms = order.shape[0]
        int32_t t
        Term *tied = <Term *> malloc(max(n_terms, 1) * sizeof(Term))
    if tied == NULL:
        raise MemoryError(f"No memory to sort {n_terms} terms.")
    with nogil:
        while first < n_terms:
            last = first + 1
            while last < n_terms and heads[order[last]] == heads[order[first]]:
                last += 1
            if last - first > 1:
                for i in range(last - first):
                    t = order[first + i]
                    tied[i].number = t
                    tied[i].length = terms[t, 1] - terms[t, 0]
                    tied[i].codes = &codes[terms[t, 0]] if tied[i].length else NULL
                qsort(tied, last - first, sizeof(Term), compare)
                for i in range(last - first):
                    order[first + i] = tied[i].number
            first = last
        free(tied)


def shared_prefixes(
    const uint32_t[::1] codes,
    const int64_t[:, ::1] terms,
    const int32_t[::1] order,
    int64_t[::1] shared,  # out
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
    for j in range(common):
        if a.codes[j] != b.codes[j]:
            return -1 if a.codes[j] < b.codes[j] else 1
    if a.length != b.length:
        return -1 if a.length < b.length else 1
    return -1 if a.number < b.number else a.number > b.number
