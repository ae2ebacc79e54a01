"""Rows of features, without what SciPy takes to make matrices of them and to put them together."""

from typing import NamedTuple

import numpy as np

from .._kernels.join_rows import place_rows


class FeatureRows(NamedTuple):
    """The parts of canonical CSR of float32."""

    indptr: np.ndarray
    indices: np.ndarray
    data: np.ndarray
    shape: tuple


def join_rows(blocks, weights):
    """Put blocks side by side, each times its weight.

    Parameters
    ----------
    blocks : list of FeatureRows or csr_array or csr_matrix of float32
        Canonical, of as many rows each.
    weights : list of float

    Returns
    -------
    FeatureRows
        With int64 pointers and int32 indices.

    Raises
    ------
    ValueError
        If there are 2 ** 31 columns or more.
    """
    n_columns = sum(block.shape[1] for block in blocks)
    if n_columns > np.iinfo(np.int32).max:
        raise ValueError(f"{n_columns} features are more than 32-bit indices can tell apart.")
    indptr = np.zeros(blocks[0].shape[0] + 1, dtype=np.int64)
    for block in blocks:
        indptr += block.indptr
    indices = np.empty(indptr[-1], dtype=np.int32)
    data = np.empty(indptr[-1], dtype=np.float32)
    ends, first_column = indptr[:-1].copy(), 0
    for block, weight in zip(blocks, weights, strict=True):
        pointers, columns = (
            block.indptr.astype(np.int64),
            block.indices.astype(np.int32, copy=False),
        )
        place_rows(pointers, columns, block.data, first_column, weight, ends, indices, data)
        first_column += block.shape[1]
    return FeatureRows(indptr, indices, data, (len(ends), n_columns))
