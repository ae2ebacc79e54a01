"""Rows of counts and tf-idf weights, against sums in a dict."""

import math
from itertools import pairwise

import numpy as np
import pytest

from sklearn_xmr._kernels.tfidf_rows import Norm, TermFrequency, count_rows, tfidf_rows

# 64 and 4096 are where the set of bits goes on to a new word; for few of the last, there is none.
N_FEATURES = [1, 64, 65, 4096, 4097, 20_000, 200_000]
C_TYPES = {np.float32: "float", np.float64: "double"}
AS_THEY_ARE = np.empty(0, dtype=np.int32)


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
                count = float(counts[k]) if len(counts) else 1.0
                row[int(terms[k])] = row.get(int(terms[k]), 0.0) + count
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
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("with_tf", [True, False])
def test_count_equals_naive_twin(n_features, weighted, dtype, with_tf):
    ptr, terms, weights = documents(n_features, weighted=weighted)
    out = room(ptr, terms, dtype)
    df = np.empty(n_features, dtype=np.int64)
    tf = np.empty(n_features if with_tf else 0, dtype=np.int64)
    n = count_rows[C_TYPES[dtype]](ptr, terms, weights, *out, df, tf)
    expected = naive_counts(ptr, terms, weights)
    assert n == out[0][-1]
    for row, of_twin in zip(read_rows(*out), expected, strict=True):
        assert list(row) == list(of_twin)  # in the same order
        eps = np.finfo(dtype).eps if weighted and dtype == np.float32 else 0
        np.testing.assert_allclose(list(row.values()), list(of_twin.values()), rtol=60 * eps)
    n_documents = np.bincount([i for row in expected for i in row], minlength=n_features)
    assert df.tolist() == n_documents.tolist()
    if with_tf:
        assert tf.tolist() == np.bincount(terms[terms >= 0], minlength=n_features).tolist()


@pytest.mark.parametrize("n_features", N_FEATURES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("norm", list(Norm))
@pytest.mark.parametrize("tf", list(TermFrequency))
@pytest.mark.parametrize("has_idf", [True, False])
@pytest.mark.parametrize("has_columns", [True, False])
def test_weigh_equals_naive_twin(n_features, dtype, norm, tf, has_idf, has_columns):
    rng = np.random.default_rng(1)
    ptr, terms, counts = documents(n_features, weighted=tf == TermFrequency.COUNT)
    counts = counts.astype(dtype)
    idf = rng.normal(size=n_features if has_idf else 0).astype(dtype)
    out = room(ptr, terms, dtype)
    columns = AS_THEY_ARE
    if has_columns:
        columns = rng.permutation(n_features).astype(np.int32)
        columns[::5] = -1
    kernel = tfidf_rows[C_TYPES[dtype]]
    n = kernel(ptr, terms, counts, columns, n_features, tf, idf, norm, *out)
    assert n == out[0][-1]
    if has_columns:
        terms = np.where(terms >= 0, columns[terms], -1)
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
    tfidf_rows["double"](ptr, terms, np.empty(0), AS_THEY_ARE, 2, 0, np.zeros(2), Norm.L2, *out)
    assert read_rows(*out) == [{0: 0.0, 1: 0.0}]
