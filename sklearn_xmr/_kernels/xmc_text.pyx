"""Parse rows of the text format of the Extreme Classification Repository."""

from libc.math cimport isfinite
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

# What may be wrong with a row.
cpdef enum:
    NOTHING = 0
    LABEL = 1          # not a number, or something else than a comma between two
    LABEL_RANGE = 2
    FEATURE = 3        # not a number and a colon
    FEATURE_RANGE = 4
    VALUE = 5          # not a number, or not finite as float32

# Larger ones are cut, so that nothing overflows.
cdef int64_t MAX_INDEX = 1LL << 58
cdef int64_t MAX_EXPONENT = 10000
# With more digits, a number has all that a double can hold.
cdef uint64_t MAX_DIGITS = 1000000000000000000ULL
cdef double[23] POWERS = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]


cdef inline bint is_blank(uint8_t c) noexcept nogil:
    return c == b" " or c == b"\t" or c == b"\r"


cdef inline bint is_digit(uint8_t c) noexcept nogil:
    return b"0" <= c <= b"9"


cdef inline int64_t digit(uint8_t c) noexcept nogil:
    return c - <int64_t> 48  # the code of 0


cdef inline int64_t read_index(const uint8_t *text, int64_t *place) noexcept nogil:
    # Digits from `place` on; moves behind them. -1 if there is none.
    cdef int64_t index = 0
    if not is_digit(text[place[0]]):
        return -1
    while is_digit(text[place[0]]):
        index = min(10 * index + digit(text[place[0]]), MAX_INDEX)
        place[0] += 1
    return index


cdef inline double scaled(uint64_t digits, int64_t exponent) noexcept nogil:
    # digits * 10^exponent, exact to a rounding or, for exponents past 22, a few.
    cdef double value = <double> digits
    if digits == 0:
        return 0
    while exponent > 22 and isfinite(value):
        value *= POWERS[22]
        exponent -= 22
    while exponent < -22 and value > 0:
        value /= POWERS[22]
        exponent += 22
    if not isfinite(value) or value == 0:
        return value
    return value * POWERS[exponent] if exponent >= 0 else value / POWERS[-exponent]


cdef inline bint read_value(const uint8_t *text, int64_t *place, float *value) noexcept nogil:
    # A decimal number from `place` on; moves behind it. False if there is none.
    cdef:
        int64_t p = place[0], exponent = 0, written
        uint64_t digits = 0
        bint negative = text[p] == b"-", behind_point = False, any_digit = False
        bint negative_exponent
    if text[p] == b"-" or text[p] == b"+":
        p += 1
    while is_digit(text[p]) or (text[p] == b"." and not behind_point):
        if text[p] == b".":
            behind_point = True
        else:
            any_digit = True
            if digits < MAX_DIGITS:
                digits = 10 * digits + <uint64_t> digit(text[p])
                exponent -= behind_point
            else:
                exponent += not behind_point
        p += 1
    if not any_digit:
        return False
    if text[p] == b"e" or text[p] == b"E":
        p += 1
        negative_exponent = text[p] == b"-"
        if text[p] == b"-" or text[p] == b"+":
            p += 1
        written = read_index(text, &p)
        if written < 0:
            return False
        written = min(written, MAX_EXPONENT)
        exponent += -written if negative_exponent else written
    place[0] = p
    value[0] = <float> (-scaled(digits, exponent) if negative else scaled(digits, exponent))
    return isfinite(value[0])


def parse(
    const uint8_t[::1] text,
    int64_t n_features,
    int64_t n_labels,
    int64_t[::1] label_ends,    # out
    int32_t[::1] labels,        # out
    int64_t[::1] feature_ends,  # out
    int32_t[::1] features,      # out
    float[::1] values,          # out
):
    """Read as many rows as ``label_ends`` has places, or as the text has.

    The text ends with a newline. ``label_ends`` and ``feature_ends`` receive, for each row, how
    many labels and features there are up to its end; ``labels`` has a place for every comma and
    every row of the text, ``features`` and ``values`` have one for every colon.

    Returns
    -------
    n_rows : int
        Rows read without fault.
    place : int
        Where in the text the next row begins or, after a fault, where it is.
    fault : int
        What is wrong there.
    """
    cdef:
        const uint8_t *t = &text[0]
        int64_t n = text.shape[0], capacity = label_ends.shape[0]
        int64_t place = 0, start = 0, row = 0, n_stored = 0, n_found = 0, index
        int fault = NOTHING
    with nogil:
        while place < n and row < capacity:
            while not (is_blank(t[place]) or t[place] == b"\n"):
                start = place
                index = read_index(t, &place)
                if index < 0 or not (is_blank(t[place]) or t[place] == b"\n" or t[place] == b","):
                    fault = LABEL
                    break
                if index >= n_labels:
                    fault = LABEL_RANGE
                    break
                labels[n_found] = <int32_t> index
                n_found += 1
                if t[place] == b",":
                    place += 1
                    if not is_digit(t[place]):
                        fault = LABEL
                        break
            while fault == NOTHING:
                while is_blank(t[place]):
                    place += 1
                if t[place] == b"\n":
                    break
                start = place
                index = read_index(t, &place)
                if index < 0 or t[place] != b":":
                    fault = FEATURE
                elif index >= n_features:
                    fault = FEATURE_RANGE
                else:
                    place += 1
                    features[n_stored] = <int32_t> index
                    if (
                        read_value(t, &place, &values[n_stored])
                        and (is_blank(t[place]) or t[place] == b"\n")
                    ):
                        n_stored += 1
                    else:
                        fault = VALUE
            if fault != NOTHING:
                break
            place += 1
            label_ends[row] = n_found
            feature_ends[row] = n_stored
            row += 1
    return row, place if fault == NOTHING else start, fault
