"""What `inspect` says of good and of broken matrices."""

import numpy as np
import pytest

from sklearn_xmr._kernels import csr

GOOD = {"indptr": [0, 2, 2, 3], "indices": [0, 4, 1], "data": [1.0, -2.0, 0.0]}


@pytest.mark.parametrize("index_type", [np.int32, np.int64])
@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, csr.CANONICAL),
        ({"indptr": [0], "indices": [], "data": []}, csr.CANONICAL),
        ({"indices": [4, 0, 1]}, csr.UNSORTED),
        ({"indices": [4, 4, 1]}, csr.UNSORTED),
        ({"data": [1.0, np.nan, 0.0]}, csr.NOT_FINITE),
        ({"data": [1.0, -np.inf, 0.0], "indices": [4, 0, 1]}, csr.NOT_FINITE),
        ({"indices": [0, 5, 1]}, csr.BROKEN),
        ({"indices": [-1, 4, 1]}, csr.BROKEN),
        ({"indptr": [1, 2, 2, 3]}, csr.BROKEN),
        ({"indptr": [0, 2, 1, 3]}, csr.BROKEN),
        ({"indptr": [0, 2, 2, 4]}, csr.BROKEN),
        ({"indptr": [0, 2, 2, 3], "data": [1.0, 2.0]}, csr.BROKEN),
        ({"indptr": []}, csr.BROKEN),
    ],
)
def test_verdicts(change, verdict, index_type):
    parts = GOOD | change
    indptr, indices = (np.array(parts[name], dtype=index_type) for name in ("indptr", "indices"))
    data = np.array(parts["data"], dtype=np.float32)
    for array in (indptr, indices, data):
        array.flags.writeable = False
    assert csr.inspect(indptr, indices, data, 5) == verdict
