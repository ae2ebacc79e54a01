"""Read the characters of Python strings where they lie, without the interpreter's lock.

Finding them takes the lock, and no time to speak of; reading them takes time, and no lock.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t

from ._arrays cimport int64s
from ._compiler cimport cloned_void

cdef extern from "Python.h":
    """
    #if PY_VERSION_HEX < 0x030C0000
    /* Until then, C extensions could make strings whose characters are not in place yet. */
    #define XMR_UNICODE_READY(string) PyUnicode_READY(string)
    #else
    #define XMR_UNICODE_READY(string) 0
    #endif
    """
    int XMR_UNICODE_READY(object string) except -1
    int PyUnicode_KIND(object string)
    void *PyUnicode_DATA(object string)
    Py_ssize_t PyUnicode_GET_LENGTH(object string)
    Py_UCS4 Py_UNICODE_TOLOWER(Py_UCS4 code) noexcept nogil

ctypedef fused code_unit:
    uint8_t
    uint16_t
    uint32_t

cdef enum:
    I_WITH_DOT = 0x130
    SIGMA = 0x3a3


def locate(
    list strings,
    out_places,  # out
):
    """Write the address, length and bytes per character of each, up to the first that is no str.

    Return how many were written. They hold as long as the strings do.
    """
    cdef:
        int64_t *places = int64s(out_places)
        Py_ssize_t i
    for i in range(len(strings)):
        string = strings[i]
        if not isinstance(string, str):
            return i
        XMR_UNICODE_READY(string)
        places[3 * i] = <int64_t> <size_t> PyUnicode_DATA(string)
        places[3 * i + 1] = PyUnicode_GET_LENGTH(string)
        places[3 * i + 2] = PyUnicode_KIND(string)
    return len(strings)


def read(
    const int64_t[:, ::1] places,
    bint lowercase,
    uint32_t[::1] text,  # out
    int64_t[::1] ptr,    # out
):
    """Write the code points of all strings to ``text``, string s from ``ptr[s]`` to ``ptr[s + 1]``.

    With ``lowercase``, write the lower case of each; return whether that is what ``str.lower``
    makes of every string. It is not where a capital I with a dot becomes two code points, or where
    the lower case of a capital sigma depends on its neighbours.
    """
    cdef:
        uint32_t *out = &text[0] if text.shape[0] else NULL
        bint is_whole
    with nogil:
        is_whole = read_strings(
            &places[0, 0] if places.shape[0] else NULL, places.shape[0], lowercase, out, &ptr[0]
        )
    return is_whole


cdef bint read_strings(
    const int64_t *places, int64_t n_strings, bint lowercase, uint32_t *text, int64_t *ptr
) noexcept nogil:
    cdef:
        int64_t s, length
        const void *codes
        bint is_whole = True
    ptr[0] = 0
    for s in range(n_strings):
        codes, length = <const void *> <size_t> places[3 * s], places[3 * s + 1]
        if places[3 * s + 2] == 1:
            read_units(<const uint8_t *> codes, length, lowercase, text, &is_whole)
        elif places[3 * s + 2] == 2:
            read_units(<const uint16_t *> codes, length, lowercase, text, &is_whole)
        else:
            read_units(<const uint32_t *> codes, length, lowercase, text, &is_whole)
        text += length
        ptr[s + 1] = ptr[s] + length
    return is_whole


cdef cloned_void read_units(
    const code_unit *codes, int64_t length, bint lowercase, uint32_t *text, bint *is_whole
) noexcept nogil:
    cdef:
        int64_t i
        uint32_t code, all_bits = 0
    if not lowercase:
        for i in range(length):
            text[i] = codes[i]
        return
    for i in range(length):
        code = codes[i]
        all_bits |= code
        text[i] = code + (<uint32_t> (code - <uint32_t> c"A" < 26) << 5)  # to "a" from "A"
    if all_bits < 128:
        return
    for i in range(length):
        code = codes[i]
        if code >= 128:
            text[i] = Py_UNICODE_TOLOWER(code)
            is_whole[0] = is_whole[0] and code != I_WITH_DOT and code != SIGMA
