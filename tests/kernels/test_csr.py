"""What `is_canonical` says of good and of broken matrices."""

import numpy as np
import pytest

from sklearn_xmr._kernels import csr

GOOD = {"indptr": [0, 2, 2, 3], "indices": [0, 4, 1], "data": [1.0, -2.0, 0.0]}


@pytest.mark.parametrize("index_type", [np.int32, np.int64])
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"indptr": [0], "indices": [], "data": []}, True),
        ({"indices": [4, 0, 1]}, False),
        ({"indices": [4, 4, 1]}, False),
        ({"data": [1.0, np.nan, 0.0]}, False),
        ({"data": [1.0, -np.inf, 0.0], "indices": [4, 0, 1]}, False),
        ({"indices": [0, 5, 1]}, False),
        ({"indices": [-1, 4, 1]}, False),
        ({"indptr": [1, 2, 2, 3]}, False),
        ({"indptr": [0, 2, 1, 3]}, False),
        ({"indptr": [0, 2, 2, 4]}, False),
        ({"indptr": [0, 2, 2, 3], "data": [1.0, 2.0]}, False),
        ({"indptr": []}, False),
    ],
)
def test_is_canonical(change, expected, index_type):
    parts = GOOD | change
    indptr, indices = (np.array(parts[name], dtype=index_type) for name in ("indptr", "indices"))
    data = np.array(parts["data"], dtype=np.float32)
    for array in (indptr, indices, data):
        array.flags.writeable = False
    assert csr.is_canonical(indptr, indices, data, 5) is expected
