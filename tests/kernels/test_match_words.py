"""Which words a query and a label share, against a twin in plain Python and closed forms."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sklearn_xmr._kernels.match_words import WordFeature, match_words
from sklearn_xmr._ranking.match_features import Words
from sklearn_xmr._sparse import indptr_of


def words_compared(queries, labels, pairs, is_number):
    """What the kernel finds; a word of at least 0 is a number if `is_number` holds it."""

    def packed(rows):
        words = np.array([word for row in rows for word in row], dtype=np.int32)
        are_numbers = np.isin(words, is_number).astype(np.uint8)
        return Words(indptr_of(list(map(len, rows))), words, are_numbers)

    pair_ptr = indptr_of([len(row) for row in pairs])
    out = np.full((pair_ptr[-1], WordFeature.N_WORD_FEATURES + 1), np.nan)
    flat = np.array([label for row in pairs for label in row], dtype=np.int32)
    match_words(packed(queries), packed(labels), pair_ptr, flat, 1, out)
    assert np.isnan(out[:, 0]).all()
    return out[:, 1:]


def word_twin(query, label, is_number):
    """The features of two lists of words."""
    label_pairs = list(pairwise(label))
    query_pairs = list(pairwise(query))
    has = [word >= 0 and word in label for word in query]
    adjacent = [a >= 0 <= b and (a, b) in label_pairs for a, b in query_pairs]
    ordered = [
        a >= 0 <= b and a in label and b in label and label.index(a) < label.index(b)
        for a, b in query_pairs
    ]
    numbers = [k for k, word in enumerate(query) if word in is_number]
    lacking = [k for k in numbers if not has[k]]
    contradicted = [
        k
        for k in lacking
        if k + 1 < len(query)
        and query[k + 1] >= 0
        and any(a in is_number and b == query[k + 1] for a, b in label_pairs)
    ]
    return [
        bool(query) and has[0],
        bool(query) and has[-1],
        sum(adjacent) / max(len(query_pairs), 1),
        sum(ordered) / max(len(query_pairs), 1),
        (len(numbers) - len(lacking)) / max(len(numbers), 1),
        len(contradicted),
        len(lacking) - len(contradicted),
    ]


texts = st.lists(st.integers(-1, 7), max_size=6)


@given(query=texts, other=texts, labels=st.lists(texts, min_size=1, max_size=4))
def test_words_equal_the_twin(query, other, labels):
    is_number = [-1, 0, 1, 2]
    every = list(range(len(labels)))
    found = words_compared([other, query], labels, [every[:1], every], is_number)
    expected = [word_twin(other, labels[0], is_number)]
    expected += [word_twin(query, label, is_number) for label in labels]
    np.testing.assert_allclose(found, np.array(expected, dtype=float))


def test_three_feet_contradict_six():
    three, six, ft, ladder = range(4)
    found = words_compared([[six, ft, ladder]], [[ladder, three, ft]], [[0]], [three, six])
    np.testing.assert_allclose(found, [[0, 1, 0, 0, 0, 1, 0]])
