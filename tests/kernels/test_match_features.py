"""Features of pairs of a query and a label, against twins in plain Python and closed forms."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from sklearn_xmr._kernels.match_features import (
    VectorFeature,
    WordFeature,
    vector_features,
    word_features,
)
from sklearn_xmr._sparse import indptr_of


def parts(matrix):
    """The arrays of a dense matrix, as the kernel reads them."""
    matrix = sp.csr_array(np.asarray(matrix, dtype=np.float32))
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data


def vectors_compared(queries, labels, pairs, columns, term_weights=()):
    """What the kernel finds for lists of labels, one for each query."""
    pair_ptr = indptr_of([len(row) for row in pairs])
    out = np.full((pair_ptr[-1], VectorFeature.N_VECTOR_FEATURES), np.nan)
    flat = np.array([label for row in pairs for label in row], dtype=np.int32)
    weights = np.array(term_weights, dtype=float)
    vector_features(*parts(queries), *parts(labels), pair_ptr, flat, *columns, weights, out)
    return out


def vector_twin(query, label, weights):
    """The features of two dense rows."""

    def ratio(part, whole):
        return part / whole if whole > 0 else 0.0

    size, label_size = np.abs(query), np.abs(label)
    norms = np.sqrt((query @ query) * (label @ label))
    return [
        ratio(query @ label, norms),
        ratio(np.sum((query != 0) & (label != 0)), np.sum(query != 0)),
        ratio(size[label != 0].sum(), size.sum()),
        ratio(label_size[query != 0].sum(), label_size.sum()),
        ratio(size[label == 0].max(initial=0), size.max(initial=0)),
        ratio(query @ (weights * label), norms),
    ]


@pytest.mark.parametrize("columns", [(0, 12), (3, 9), (5, 5), (11, 12)])
@pytest.mark.parametrize("density", [0.1, 0.6])
def test_vectors_equal_the_twin(columns, density):
    rng = np.random.default_rng(0)
    queries = rng.normal(size=(6, 12)) * (rng.random((6, 12)) < density)
    labels = rng.normal(size=(9, 12)) * (rng.random((9, 12)) < density)
    queries, labels = queries.astype(np.float32), labels.astype(np.float32)
    pairs = [rng.permutation(9)[: rng.integers(0, 10)] for _ in range(6)]
    weights = rng.normal(size=12)
    found = vectors_compared(queries, labels, pairs, columns, weights)
    view = slice(*columns)
    expected = [
        vector_twin(
            queries[q, view].astype(float), labels[label, view].astype(float), weights[view]
        )
        for q, row in enumerate(pairs)
        for label in row
    ]
    np.testing.assert_allclose(found, np.reshape(expected, found.shape), rtol=1e-12, atol=1e-15)


def test_a_vector_beside_itself_and_beside_nothing():
    found = vectors_compared([[3, 4, 0]], [[3, 4, 0], [0, 0, 7]], [[0, 1]], (0, 3))
    np.testing.assert_allclose(found, [[1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 0]])


def words_compared(queries, labels, pairs, is_number):
    """What the kernel finds; a word of at least 0 is a number if `is_number` holds it."""

    def packed(rows):
        words = np.array([word for row in rows for word in row], dtype=np.int32)
        return indptr_of(list(map(len, rows))), words, np.isin(words, is_number).astype(np.uint8)

    pair_ptr = indptr_of([len(row) for row in pairs])
    out = np.full((pair_ptr[-1], WordFeature.N_WORD_FEATURES), np.nan)
    flat = np.array([label for row in pairs for label in row], dtype=np.int32)
    word_features(*packed(queries), *packed(labels), pair_ptr, flat, out)
    return out


def word_twin(query, label, is_number):
    """The features of two lists of words."""
    label_pairs = list(pairwise(label))
    query_pairs = list(pairwise(query))
    has = [word >= 0 and word in label for word in query]
    adjacent = [pair[0] >= 0 and pair in label_pairs for pair in query_pairs]
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
