"""What sorted texts begin with, if what was typed has errors in it.

Sorted texts are a trie without further ado: the texts that share their first bytes are a range, and
its children are parted where two neighbours share no more than that. So one byte for each text, how
much it shares with the one before, is all that a walk needs, and `memchr` finds the next child.

The walk keeps a row of edit distances for each letter on its way, between the letters so far and
each beginning of what was typed. It turns back where all of them are too large, or where too few
texts lie below to matter.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.string cimport memchr

cpdef enum:
    MOST_LETTERS = 60       # typed; longer ones are not corrected
    MOST_EDITS = 2
    FIRST_LETTERS = 3       # in which no more than one edit is looked for

cdef enum:
    MOST_SHARED = 255       # bytes that are told apart: as many as the walk can go, and more
    WIDTH = MOST_LETTERS + 1
    HEIGHT = MOST_LETTERS + MOST_EDITS + 1

cdef struct Walk:
    const uint8_t *data
    const uint8_t *data_end
    const int64_t *offsets
    const uint8_t *shared
    const double *mass          # of all texts before each
    const uint32_t *typed
    int64_t n_typed
    int64_t most_edits
    const double *weights       # of 0, 1, ... edits
    uint32_t[HEIGHT] letters    # on the way
    uint8_t[HEIGHT * WIDTH] rows
    int32_t *found              # of each range its start, stop, edits and bytes, the best first
    double *worth
    int64_t n_found
    int64_t capacity


def shared_lengths(
    const uint8_t[::1] data,
    const int64_t[::1] offsets,
    uint8_t[::1] out,  # out: one for each text
):
    """Write how many bytes each text shares with the one before, in whole letters, at most 255."""
    cdef:
        int64_t i, j, longest
    with nogil:
        for i in range(out.shape[0]):
            out[i] = 0
            if i == 0:
                continue
            longest = min(offsets[i] - offsets[i - 1], offsets[i + 1] - offsets[i], MOST_SHARED)
            j = 0
            while j < longest and data[offsets[i - 1] + j] == data[offsets[i] + j]:
                j += 1
            # Back to where a letter starts.
            while offsets[i] + j < offsets[i + 1] and is_inside(data[offsets[i] + j]):
                j -= 1
            out[i] = <uint8_t> j


def near_prefixes(
    const uint8_t[::1] data,    # in: sorted texts as UTF-8, one after the other
    const int64_t[::1] offsets,  # in: text i is data[offsets[i]:offsets[i + 1]]
    const uint8_t[::1] shared,  # in: see `shared_lengths`
    const double[::1] mass,     # in: of texts 0 .. i - 1, for each i
    const uint32_t[::1] typed,  # in: its code points
    const double[::1] weights,  # in: of 0, 1, ... edits, at most MOST_EDITS; decreasing
    int32_t[:, ::1] found,      # out: start, stop, edits and number of bytes of each range
    double[::1] worth,          # out: the mass of each range, times the weight of its edits
):
    """Find the ranges of texts whose beginnings are few edits away from what was typed.

    A range is all texts with some beginning: those worth most come first, of equal worth the first
    in the order of texts. Beginnings without edit are left out, and so are those with no fewer
    edits than a shorter beginning of the same texts. An edit is a letter more, less, another, or
    two swapped; no letter is edited twice, and in the first FIRST_LETTERS no more than one.

    Return how many ranges were written, at most as many as ``found`` has rows; none if more than
    MOST_LETTERS were typed.
    """
    cdef:
        Walk walk
        int64_t j
    if data.shape[0] == 0 or found.shape[0] == 0 or not 0 < typed.shape[0] <= MOST_LETTERS:
        return 0
    walk.data, walk.offsets, walk.shared = &data[0], &offsets[0], &shared[0]
    walk.data_end = walk.data + data.shape[0]
    walk.mass, walk.typed, walk.weights = &mass[0], &typed[0], &weights[0]
    walk.n_typed, walk.most_edits = typed.shape[0], weights.shape[0] - 1
    walk.found, walk.worth = &found[0, 0], &worth[0]
    walk.n_found, walk.capacity = 0, found.shape[0]
    with nogil:
        for j in range(walk.n_typed + 1):
            walk.rows[j] = <uint8_t> min(j, walk.most_edits + 1)
        visit(&walk, 0, offsets.shape[0] - 1, 0, 0, walk.most_edits + 1)
    return walk.n_found


cdef void visit(
    Walk *walk, int64_t start, int64_t stop, int64_t n_bytes, int64_t depth, int64_t edits
) noexcept nogil:
    # The texts start .. stop - 1 share n_bytes, which are `depth` letters. The last row is that of
    # these letters; `edits` are the fewest of a shorter beginning.
    cdef:
        const uint8_t *row = walk.rows + depth * WIDTH
        int64_t child = start, fewest = fewest_edits(walk, row, depth), n_letters, letter_bytes, i
        uint32_t[2 * (2 * MOST_EDITS + 1)] letters
    if fewest > allowed(walk, depth):
        return
    if row[walk.n_typed] < edits:
        edits = row[walk.n_typed]
        add(walk, start, stop, edits, n_bytes)
    if fewest >= edits or depth == walk.n_typed + walk.most_edits or n_bytes >= MOST_SHARED:
        return
    if walk.offsets[start] + n_bytes == walk.offsets[start + 1]:
        child += 1  # a text that ends here
    if fewest < allowed(walk, depth + 1):
        while child < stop:
            child = visit_child(walk, child, stop, n_bytes, depth, edits)
        return
    n_letters = letters_to_follow(walk, row, depth, letters)
    for i in range(n_letters):
        child = first_child(walk, child, stop, n_bytes, letters[i])
        if child < stop and letter_at(walk, child, n_bytes, &letter_bytes) == letters[i]:
            child = visit_child(walk, child, stop, n_bytes, depth, edits)


cdef int64_t visit_child(
    Walk *walk, int64_t child, int64_t stop, int64_t n_bytes, int64_t depth, int64_t edits
) noexcept nogil:
    # The child that starts with a text; return the first text behind it.
    cdef:
        const uint8_t *row = walk.rows + depth * WIDTH
        const uint8_t *next_child = NULL
        int64_t end = stop, letter_bytes
    if child + 1 < stop:
        next_child = <const uint8_t *> memchr(
            walk.shared + child + 1, <int> n_bytes, stop - child - 1
        )
    if next_child != NULL:
        end = next_child - walk.shared
    if worth_of(walk, child, end, fewest_edits(walk, row, depth)) > bar(walk):
        walk.letters[depth] = letter_at(walk, child, n_bytes, &letter_bytes)
        write_row(walk, depth + 1)
        visit(walk, child, end, n_bytes + letter_bytes, depth + 1, edits)
    return end


cdef inline int64_t allowed(const Walk *walk, int64_t depth) noexcept nogil:
    # Two errors at the very start would lead everywhere.
    return min(walk.most_edits, 1) if depth <= FIRST_LETTERS else walk.most_edits


cdef inline int64_t letters_to_follow(
    const Walk *walk, const uint8_t *row, int64_t depth, uint32_t *letters
) noexcept nogil:
    # The letters, sorted, that leave any distance as small as it is, where no further edit is
    # allowed: the next one typed, or the one before, if the two were swapped.
    cdef int64_t j, n_letters = 0, most = allowed(walk, depth + 1)
    for j in range(max(0, depth - walk.most_edits), min(walk.n_typed - 1, depth + most) + 1):
        if row[j] <= most:
            n_letters = insert(letters, n_letters, walk.typed[j])
            if j > 0 and depth > 0 and walk.typed[j] == walk.letters[depth - 1]:
                n_letters = insert(letters, n_letters, walk.typed[j - 1])
    return n_letters


cdef inline int64_t insert(uint32_t *letters, int64_t n_letters, uint32_t letter) noexcept nogil:
    # Into sorted letters, unless it is there.
    cdef int64_t place = n_letters, i
    while place > 0 and letters[place - 1] >= letter:
        place -= 1
    if place < n_letters and letters[place] == letter:
        return n_letters
    for i in range(n_letters, place, -1):
        letters[i] = letters[i - 1]
    letters[place] = letter
    return n_letters + 1


cdef inline int64_t first_child(
    const Walk *walk, int64_t low, int64_t high, int64_t n_bytes, uint32_t letter
) noexcept nogil:
    # Of texts that go on behind n_bytes, the first that does so with this letter or one behind it.
    cdef int64_t middle, letter_bytes
    while low < high:
        middle = (low + high) // 2
        if letter_at(walk, middle, n_bytes, &letter_bytes) < letter:
            low = middle + 1
        else:
            high = middle
    return low


cdef inline uint32_t letter_at(
    const Walk *walk, int64_t text, int64_t n_bytes, int64_t *letter_bytes
) noexcept nogil:
    # The letter of a text behind n_bytes. Arrays from a file may not be what they should: nothing
    # is read behind their end.
    cdef const uint8_t *letter = walk.data + walk.offsets[text] + n_bytes
    letter_bytes[0] = n_bytes_of(letter[0]) if letter < walk.data_end else 1
    return decode(letter, letter_bytes[0]) if letter + letter_bytes[0] <= walk.data_end else 0


cdef inline double worth_of(
    const Walk *walk, int64_t start, int64_t stop, int64_t edits
) noexcept nogil:
    return (walk.mass[stop] - walk.mass[start]) * walk.weights[edits]


cdef inline double bar(const Walk *walk) noexcept nogil:
    # What a range must be worth more than.
    return walk.worth[walk.capacity - 1] if walk.n_found == walk.capacity else 0


cdef inline void add(
    Walk *walk, int64_t start, int64_t stop, int64_t edits, int64_t n_bytes
) noexcept nogil:
    cdef:
        double worth = worth_of(walk, start, stop, edits)
        int64_t place, i
    if edits == 0 or worth <= bar(walk):
        return
    place = min(walk.n_found, walk.capacity - 1)
    while place > 0 and walk.worth[place - 1] < worth:
        walk.worth[place] = walk.worth[place - 1]
        for i in range(4):
            walk.found[4 * place + i] = walk.found[4 * place - 4 + i]
        place -= 1
    walk.worth[place] = worth
    walk.found[4 * place] = <int32_t> start
    walk.found[4 * place + 1] = <int32_t> stop
    walk.found[4 * place + 2] = <int32_t> edits
    walk.found[4 * place + 3] = <int32_t> n_bytes
    walk.n_found = min(walk.n_found + 1, walk.capacity)


cdef inline int64_t fewest_edits(
    const Walk *walk, const uint8_t *row, int64_t depth
) noexcept nogil:
    # Only beginnings of about the same length can be near.
    cdef int64_t j, fewest = walk.most_edits + 1
    for j in range(max(0, depth - walk.most_edits), min(walk.n_typed, depth + walk.most_edits) + 1):
        fewest = min(fewest, row[j])
    return fewest


cdef inline void write_row(Walk *walk, int64_t depth) noexcept nogil:
    # The row of the first `depth` letters, from those before.
    cdef:
        uint8_t *row = walk.rows + depth * WIDTH
        const uint8_t *before = row - WIDTH
        const uint8_t *two_before = before - WIDTH
        const uint32_t *typed = walk.typed
        uint32_t letter = walk.letters[depth - 1]
        int64_t j, edits, too_many = walk.most_edits + 1
        int64_t first = max(1, depth - walk.most_edits)
        int64_t last = min(walk.n_typed, depth + walk.most_edits)
    # Outside the band, the distance is too large whatever the letters are.
    row[first - 1] = <uint8_t> min(depth, too_many) if first == 1 else <uint8_t> too_many
    row[walk.n_typed] = <uint8_t> too_many
    for j in range(first, last + 1):
        edits = before[j - 1] + (typed[j - 1] != letter)
        edits = min(edits, row[j - 1] + 1)
        if j < depth + walk.most_edits:
            edits = min(edits, before[j] + 1)
        if j > 1 and depth > 1 and typed[j - 2] == letter and (
            typed[j - 1] == walk.letters[depth - 2]
        ):
            edits = min(edits, two_before[j - 2] + 1)
        row[j] = <uint8_t> min(edits, too_many)


cdef inline bint is_inside(uint8_t byte) noexcept nogil:
    return byte & 0xC0 == 0x80  # all bytes of a letter but the first


cdef inline int64_t n_bytes_of(uint8_t first) noexcept nogil:
    # Of the letter that starts with this byte.
    return 1 + (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0)


cdef inline uint32_t decode(const uint8_t *letter, int64_t n_bytes) noexcept nogil:
    if n_bytes == 1:
        return letter[0]
    if n_bytes == 2:
        return (letter[0] & 0x1F) << 6 | letter[1] & 0x3F
    if n_bytes == 3:
        return (letter[0] & 0x0F) << 12 | (letter[1] & 0x3F) << 6 | letter[2] & 0x3F
    return (
        (letter[0] & 0x07) << 18
        | (letter[1] & 0x3F) << 12
        | (letter[2] & 0x3F) << 6
        | letter[3] & 0x3F
    )
