"""take_rows against plain slicing."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.matrices import random_csr
from sklearn_xmr._kernels.submatrix import take_rows


def take(X, rows, local_of=None):
    """Call the kernel on a CSR matrix; return the local one and the features it names."""
    rows = np.asarray(rows, dtype=np.int32)
    nnz = int(np.diff(X.indptr)[rows].sum())
    local_of = np.full(X.shape[1], -1, dtype=np.int32) if local_of is None else local_of
    indptr = np.empty(len(rows) + 1, dtype=np.int64)
    indices, features = np.empty(nnz, dtype=np.int32), np.empty(nnz, dtype=np.int32)
    data = np.empty(nnz, dtype=np.float32)
    m = take_rows(
        X.indptr.astype(np.int64),
        X.indices,
        X.data,
        rows,
        local_of,
        indptr,
        indices,
        data,
        features,
    )
    return sp.csr_array((data, indices, indptr), shape=(len(rows), m)), features[:m]


def twin(X, rows):
    """The same with dictionaries and lists."""
    local_of, taken = {}, []
    for row in rows:
        start, end = X.indptr[row], X.indptr[row + 1]
        taken.append(
            [
                (local_of.setdefault(int(j), len(local_of)), value)
                for j, value in zip(X.indices[start:end], X.data[start:end], strict=True)
            ]
        )
    return taken, list(local_of)


@given(seed=st.integers(0, 2**32 - 1), density=st.sampled_from([0.0, 0.1, 0.5, 1.0]))
@settings(max_examples=40, deadline=None)
def test_equals_slicing_and_its_twin(seed, density):
    rng = np.random.default_rng(seed)
    n_rows, n_features = rng.integers(1, 12, size=2)
    X = random_csr(rng, (n_rows, n_features), density)
    X.indices = X.indices.astype(np.int32)
    rows = rng.integers(0, n_rows, size=rng.integers(0, 15))  # in any order, also repeated
    local_of = np.full(n_features, -1, dtype=np.int32)
    local, features = take(X, rows, local_of)

    np.testing.assert_array_equal(local.toarray(), X.toarray()[rows][:, features])
    expected, expected_features = twin(X, rows)
    assert features.tolist() == expected_features
    for i, pairs in enumerate(expected):
        start, end = local.indptr[i], local.indptr[i + 1]
        got = zip(local.indices[start:end], local.data[start:end], strict=True)
        assert list(got) == pairs
    assert (local_of == -1).all()


def test_features_are_numbered_by_first_appearance():
    X = sp.csr_array(np.array([[0, 0, 1], [2, 0, 3], [0, 4, 0]], dtype=np.float32))
    local, features = take(X, [0, 1, 2])
    assert features.tolist() == [2, 0, 1]
    # Stored order is kept, so row 1 comes as (feature 0, feature 2).
    assert local.indices.tolist() == [0, 1, 0, 2]
    assert local.data.tolist() == [1, 2, 3, 4]


def test_scratch_serves_one_call_after_another():
    X = sp.csr_array(np.eye(4, dtype=np.float32))
    local_of = np.full(4, -1, dtype=np.int32)
    assert take(X, [3, 1], local_of)[1].tolist() == [3, 1]
    assert take(X, [1, 2, 3], local_of)[1].tolist() == [1, 2, 3]


@pytest.mark.parametrize("rows", [[], [0], [0, 0]])
def test_no_values(rows):
    local, features = take(sp.csr_array((1, 3), dtype=np.float32), rows)
    assert local.shape == (len(rows), 0)
    assert len(features) == 0


def test_reads_read_only_arrays():
    X = sp.csr_array(np.array([[0, 5], [6, 0]], dtype=np.float32))
    for array in (X.data, X.indices, X.indptr):
        array.flags.writeable = False
    assert take(X, [1])[0].toarray().tolist() == [[6]]
