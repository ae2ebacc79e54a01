"""What a query and a label have in common, pair by pair: their vectors, and their words in order.

The labels of query q are ``labels[pair_ptr[q]:pair_ptr[q + 1]]``, rows of the labels' arrays.
"""

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t, uint8_t

from ._compiler cimport prefetch
from ._lower_bound cimport lower_bound

cpdef enum VectorFeature:
    COSINE = 0
    COVERAGE = 1
    WEIGHTED_COVERAGE = 2
    LABEL_COVERAGE = 3
    LARGEST_MISSING = 4
    WEIGHTED_COSINE = 5
    N_VECTOR_FEATURES = 6

cpdef enum WordFeature:
    FIRST_WORD = 0
    LAST_WORD = 1
    ADJACENT_WORDS = 2
    ORDERED_WORDS = 3
    NUMBERS_MATCHED = 4
    NUMBERS_CONTRADICTED = 5
    NUMBERS_MISSING = 6
    N_WORD_FEATURES = 7


# The entries of a sparse row in a range of columns.
cdef struct Part:
    const int32_t *columns
    const float *values
    int64_t count
    double weight   # the sum of the absolute values
    double square   # the sum of the squares
    double largest  # absolute value


cdef struct Words:
    const int32_t *words
    const uint8_t *is_number
    int64_t count


def vector_features(
    const int64_t[::1] query_ptr,
    const int32_t[::1] query_columns,
    const float[::1] query_values,
    const int64_t[::1] label_ptr,
    const int32_t[::1] label_columns,
    const float[::1] label_values,
    const int64_t[::1] pair_ptr,
    const int32_t[::1] labels,
    int32_t first_column,
    int32_t past_column,
    const double[::1] term_weights,
    double[:, ::1] out,  # out
):
    """Compare sparse rows on the columns from ``first_column`` up to ``past_column``.

    ``out`` has a row for each pair and a column for each `VectorFeature`. COSINE: of the two parts.
    COVERAGE: the share of the query's entries that the label has, too; WEIGHTED_COVERAGE: the same
    by their absolute values; LABEL_COVERAGE: the share of the label's absolute values on the
    query's columns. LARGEST_MISSING: the largest absolute value of the query that the label lacks,
    as a share of the largest. WEIGHTED_COSINE: the cosine with each column's part of it times its
    entry of ``term_weights``; 0 if those are empty. All are 0 where a part is empty, apart from
    LARGEST_MISSING, which is 1 where only the label's is.
    """
    cdef:
        int64_t q, p
        Part query, label
    with nogil:
        for q in range(query_ptr.shape[0] - 1):
            query = part_of(
                query_ptr, query_columns, query_values, q, first_column, past_column
            )
            for p in range(pair_ptr[q], pair_ptr[q + 1]):
                if p + 1 < pair_ptr[q + 1]:
                    fetch_row(label_ptr, label_columns, label_values, labels[p + 1])
                label = part_of(
                    label_ptr, label_columns, label_values, labels[p], first_column, past_column
                )
                compare_parts(&query, &label, term_weights, &out[p, 0])


cdef Part part_of(
    const int64_t[::1] ptr,
    const int32_t[::1] columns,
    const float[::1] values,
    int64_t row,
    int32_t first_column,
    int32_t past_column,
) noexcept nogil:
    cdef:
        const int32_t *listed = &columns[0] if columns.shape[0] else NULL
        int64_t start = lower_bound(listed, ptr[row], ptr[row + 1], first_column)
        int64_t stop = lower_bound(listed, start, ptr[row + 1], past_column)
        int64_t k
        double value
        Part part = Part(NULL, NULL, stop - start, 0, 0, 0)
    if part.count:
        part.columns = &columns[start]
        part.values = &values[start]
    for k in range(part.count):
        value = abs(part.values[k])
        part.weight += value
        part.square += value * value
        part.largest = max(part.largest, value)
    return part


cdef void fetch_row(
    const int64_t[::1] ptr, const int32_t[::1] columns, const float[::1] values, int64_t row
) noexcept nogil:
    # Rows of labels lie anywhere: without this, most of the time goes into waiting for them.
    cdef int64_t k
    for k in range(ptr[row], ptr[row + 1], 16):  # as many as a line of the cache holds
        prefetch(&columns[k])
        prefetch(&values[k])


cdef void compare_parts(
    const Part *query, const Part *label, const double[::1] term_weights, double *out
) noexcept nogil:
    cdef:
        double dot = 0, weighted = 0, shared = 0, label_shared = 0, missing = 0
        double product, norms = sqrt(query.square * label.square)
        int64_t j, k = 0, n_shared = 0
        int32_t column
    for j in range(label.count):
        column = label.columns[j]
        while k < query.count and query.columns[k] < column:
            missing = max(missing, <double> abs(query.values[k]))
            k += 1
        if k == query.count:
            break
        if query.columns[k] == column:
            product = <double> query.values[k] * label.values[j]
            dot += product
            if term_weights.shape[0]:
                weighted += product * term_weights[column]
            shared += abs(query.values[k])
            label_shared += abs(label.values[j])
            n_shared += 1
            k += 1
    while k < query.count:
        missing = max(missing, <double> abs(query.values[k]))
        k += 1
    out[<int> VectorFeature.COSINE] = ratio(dot, norms)
    out[<int> VectorFeature.WEIGHTED_COSINE] = ratio(weighted, norms)
    out[<int> VectorFeature.COVERAGE] = ratio(n_shared, query.count)
    out[<int> VectorFeature.WEIGHTED_COVERAGE] = ratio(shared, query.weight)
    out[<int> VectorFeature.LABEL_COVERAGE] = ratio(label_shared, label.weight)
    out[<int> VectorFeature.LARGEST_MISSING] = ratio(missing, query.largest)


cdef double ratio(double part, double whole) noexcept nogil:
    return part / whole if whole > 0 else 0


def word_features(
    const int64_t[::1] query_ptr,
    const int32_t[::1] query_words,
    const uint8_t[::1] query_is_number,
    const int64_t[::1] label_ptr,
    const int32_t[::1] label_words,
    const uint8_t[::1] label_is_number,
    const int64_t[::1] pair_ptr,
    const int32_t[::1] labels,
    double[:, ::1] out,  # out
):
    """Compare words in order; numbers of words say which are equal, negative ones equal none.

    ``query_is_number`` and ``label_is_number`` mark, place by place, the words that are numbers.
    ``out`` has a row for each pair and a column for each `WordFeature`. FIRST_WORD, LAST_WORD: 1 if
    the label has that word of the query. ADJACENT_WORDS: the share of the query's pairs of
    neighbours that are neighbours in the label, too; ORDERED_WORDS: the share of those both of
    which the label has, the second behind the first. NUMBERS_MATCHED: the share of the query's
    numbers that the label has; NUMBERS_CONTRADICTED: how many it lacks whose next word follows
    another number there ("3 ft" beside "6 ft"); NUMBERS_MISSING: how many others it lacks. Words
    count where they are first in the label.
    """
    cdef:
        int64_t q, p
        Words query, label
    with nogil:
        for q in range(query_ptr.shape[0] - 1):
            query = words_of(query_ptr, query_words, query_is_number, q)
            for p in range(pair_ptr[q], pair_ptr[q + 1]):
                label = words_of(label_ptr, label_words, label_is_number, labels[p])
                compare_words(&query, &label, &out[p, 0])


cdef Words words_of(
    const int64_t[::1] ptr, const int32_t[::1] words, const uint8_t[::1] is_number, int64_t row
) noexcept nogil:
    cdef Words found = Words(NULL, NULL, ptr[row + 1] - ptr[row])
    if found.count:
        found.words = &words[ptr[row]]
        found.is_number = &is_number[ptr[row]]
    return found


cdef void compare_words(const Words *query, const Words *label, double *out) noexcept nogil:
    cdef:
        int64_t k, place, before = -1, n_numbers = 0, n_matched = 0, n_contradicted = 0
        int64_t n_adjacent = 0, n_ordered = 0
    out[<int> WordFeature.FIRST_WORD] = 0
    for k in range(query.count):
        place = place_of(query.words[k], label)
        if k == 0:
            out[<int> WordFeature.FIRST_WORD] = place >= 0
        else:
            n_ordered += 0 <= before < place
            n_adjacent += are_adjacent(query.words[k - 1], query.words[k], label)
        if query.is_number[k]:
            n_numbers += 1
            if place >= 0:
                n_matched += 1
            elif k + 1 < query.count:
                n_contradicted += follows_number(query.words[k + 1], label)
        before = place
    out[<int> WordFeature.LAST_WORD] = before >= 0
    out[<int> WordFeature.ADJACENT_WORDS] = ratio(n_adjacent, query.count - 1)
    out[<int> WordFeature.ORDERED_WORDS] = ratio(n_ordered, query.count - 1)
    out[<int> WordFeature.NUMBERS_MATCHED] = ratio(n_matched, n_numbers)
    out[<int> WordFeature.NUMBERS_CONTRADICTED] = n_contradicted
    out[<int> WordFeature.NUMBERS_MISSING] = n_numbers - n_matched - n_contradicted


cdef int64_t place_of(int32_t word, const Words *label) noexcept nogil:
    cdef int64_t k
    if word >= 0:
        for k in range(label.count):
            if label.words[k] == word:
                return k
    return -1


cdef bint are_adjacent(int32_t first, int32_t second, const Words *label) noexcept nogil:
    cdef int64_t k
    if first >= 0:
        for k in range(label.count - 1):
            if label.words[k] == first and label.words[k + 1] == second:
                return True
    return False


cdef bint follows_number(int32_t word, const Words *label) noexcept nogil:
    cdef int64_t k
    if word >= 0:
        for k in range(label.count - 1):
            if label.is_number[k] and label.words[k + 1] == word:
                return True
    return False
