"""Rows of counts and tf-idf weights, against sums in a dict."""

import math
from itertools import pairwise

import numpy as np
import pytest

from sklearn_xmr._kernels.tfidf_rows import Norm, TermFrequency, count_rows, tfidf_rows

# 64 and 4096 are where the set of bits goes on to a new word.
N_FEATURES = [1, 64, 65, 4096, 4097, 20_000]


def documents(n_features, seed=0, weighted=True):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 60, 30)
    sizes[[0, 7, -1]] = 0
    ptr = np.cumsum([0, *sizes])
    spread = rng.choice([1, 5, n_features], ptr[-1])
    terms = rng.integers(-1, np.minimum(spread, n_features)).astype(np.int32)
    terms[::7] = n_features - 1
    return ptr, terms, rng.random(ptr[-1]) if weighted else np.empty(0)


def naive_counts(ptr, terms, counts):
    rows = []
    for start, stop in pairwise(ptr):
        row = {}
        for k in range(start, stop):
            if terms[k] >= 0:
                row[int(terms[k])] = row.get(terms[k], 0) + (counts[k] if len(counts) else 1)
        rows.append(row)
    return rows


def read_rows(ptr, terms, data):
    return [
        dict(zip(terms[start:stop].tolist(), data[start:stop].tolist(), strict=True))
        for start, stop in pairwise(ptr)
    ]


def room(ptr, terms, dtype):
    return np.empty_like(ptr), np.empty_like(terms), np.empty(len(terms), dtype=dtype)


@pytest.mark.parametrize("n_features", N_FEATURES)
@pytest.mark.parametrize("weighted", [True, False])
def test_count_equals_naive_twin(n_features, weighted):
    ptr, terms, weights = documents(n_features, weighted=weighted)
    out = room(ptr, terms, np.float64)
    df = np.empty(n_features, dtype=np.int64)
    tf = np.empty(n_features, dtype=np.int64)
    n = count_rows(ptr, terms, weights, *out, df, tf)
    expected = naive_counts(ptr, terms, weights)
    assert n == out[0][-1]
    assert [list(row.items()) for row in read_rows(*out)] == [list(r.items()) for r in expected]
    assert df.tolist() == [sum(i in row for row in expected) for i in range(n_features)]
    assert tf.tolist() == np.bincount(terms[terms >= 0], minlength=n_features).tolist()


@pytest.mark.parametrize("n_features", N_FEATURES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("norm", list(Norm))
@pytest.mark.parametrize("tf", list(TermFrequency))
@pytest.mark.parametrize("has_idf", [True, False])
def test_weigh_equals_naive_twin(n_features, dtype, norm, tf, has_idf):
    ptr, terms, counts = documents(n_features, weighted=tf == TermFrequency.COUNT)
    idf = np.random.default_rng(1).normal(size=n_features if has_idf else 0).astype(dtype)
    out = room(ptr, terms, dtype)
    kernel = tfidf_rows["float" if dtype == np.float32 else "double"]
    n = kernel(ptr, terms, counts, n_features, tf, idf, norm, *out)
    assert n == out[0][-1]
    for row, expected in zip(read_rows(*out), naive_counts(ptr, terms, counts), strict=True):
        if tf == TermFrequency.BINARY:
            expected = dict.fromkeys(expected, 1)
        elif tf == TermFrequency.SUBLINEAR:
            expected = {i: 1 + math.log(value) for i, value in expected.items()}
        if has_idf:
            expected = {i: value * idf[i] for i, value in expected.items()}
        if norm == Norm.L1:
            scale = sum(map(abs, expected.values()))
        else:
            scale = math.sqrt(sum(value**2 for value in expected.values()))
        if norm != Norm.NO_NORM:
            expected = {i: value / scale for i, value in expected.items()}
        assert list(row) == sorted(expected)
        values = [expected[i] for i in row]
        np.testing.assert_allclose(list(row.values()), values, rtol=4 * np.finfo(dtype).eps)


def test_row_of_zeros_is_not_scaled():
    ptr, terms = np.array([0, 2]), np.array([1, 0], dtype=np.int32)
    out = room(ptr, terms, np.float64)
    tfidf_rows["double"](ptr, terms, np.empty(0), 2, 0, np.zeros(2), Norm.L2, *out)
    assert read_rows(*out) == [{0: 0.0, 1: 0.0}]
