"""Rows of a sparse matrix on their own features alone: what training and clustering take of a node.

A node's rows have few of all features. Numbered from 0, these fit dense arrays that stay in the
cache where the whole feature space would not fit the machine.
"""

import numpy as np

from ._kernels.submatrix import take_rows
from ._sparse import Csr

CACHE_LINE = 64  # bytes


class Buffers:
    """Arrays by name, in memory that is kept from one use to the next.

    Getting new memory from the system for each node would cost much of what the kernels gain, in
    several threads above all.
    """

    def __init__(self):
        self._bytes = {}

    def empty(self, name, shape, dtype):
        """An array from the start of a cache line; it holds until that name is asked for again."""
        n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
        if len(self._bytes.get(name, ())) < n_bytes + CACHE_LINE:
            self._bytes[name] = None  # the old one is free before there is a new one
            self._bytes[name] = np.empty(n_bytes + CACHE_LINE, dtype=np.uint8)
        buffer = self._bytes[name]
        start = -buffer.ctypes.data % CACHE_LINE
        return buffer[start : start + n_bytes].view(dtype).reshape(shape)


class RowTaker:
    """Takes one set of rows after another out of a matrix.

    Parameters
    ----------
    X : Csr
    """

    def __init__(self, X):
        self.X = X
        self._local_of = np.full(X.n_columns, -1, dtype=np.int32)
        self._buffers = Buffers()

    def take(self, rows):
        """The given rows, with the features they have numbered from 0 by first appearance.

        Both results hold until the next call.

        Parameters
        ----------
        rows : ndarray of int32
            In any order.

        Returns
        -------
        local : Csr
            Its columns are the features met.
        features : ndarray of int32 of shape (local.n_columns,)
            What X calls them.
        """
        X = self.X
        n_entries = int(np.sum(X.indptr[rows + 1] - X.indptr[rows]))
        indptr = np.empty(len(rows) + 1, dtype=np.int64)
        indices = self._buffers.empty("indices", n_entries, np.int32)
        data = self._buffers.empty("data", n_entries, np.float32)
        features = self._buffers.empty("features", min(n_entries, X.n_columns), np.int32)
        n_features = take_rows(*X[:3], rows, self._local_of, indptr, indices, data, features)
        return Csr(indptr, indices, data, n_features), features[:n_features]
