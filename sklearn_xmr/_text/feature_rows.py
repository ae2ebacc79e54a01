"""Rows of features, without what SciPy takes to make matrices of them and to put them together."""

from typing import NamedTuple

import numpy as np

from .._kernels.join_rows import place_rows


class FeatureRows(NamedTuple):
    """The parts of canonical CSR of float32, with int32 indices."""

    indptr: np.ndarray
    indices: np.ndarray
    data: np.ndarray
    shape: tuple


def join_rows(blocks, weights):
    """Put blocks side by side, each times its weight.

    Parameters
    ----------
    blocks : list of FeatureRows or csr_array or csr_matrix of float32
        Canonical, of as many rows each, with int32 indices and pointers.
    weights : list of float

    Returns
    -------
    FeatureRows
        With int64 pointers.
    """
    indptr = np.zeros(blocks[0].shape[0] + 1, dtype=np.int64)
    for block in blocks:
        indptr += block.indptr
    indices = np.empty(indptr[-1], dtype=np.int32)
    data = np.empty(indptr[-1], dtype=np.float32)
    ends, n_columns = indptr[:-1].copy(), 0
    for block, weight in zip(blocks, weights, strict=True):
        parts = block.indptr, block.indices, block.data
        place_rows(*parts, n_columns, weight, ends, indices, data)
        n_columns += block.shape[1]
    return FeatureRows(indptr, indices, data, (len(ends), n_columns))
