"""What stands in for the rows of known labels while new ones are trained."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal

from sklearn_xmr._training.stand_ins import in_rows


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("pointers", [np.int32, np.int64])
def test_the_largest_values_come_first_in_rows_of_so_many(size, pointers):
    rng = np.random.default_rng(size)
    dense = rng.permutation(200).reshape(10, 20).astype(np.float32)
    dense[rng.random(dense.shape) < 0.4] = 0
    dense[4] = 0
    matrix = sp.csr_array(dense)
    matrix = sp.csr_array(
        (matrix.data, matrix.indices.astype(pointers), matrix.indptr.astype(pointers)), dense.shape
    )
    parts, row_of = in_rows(matrix, size)
    expected, rows = [], []
    for row, values in enumerate(dense):
        order = np.argsort(-values)[: np.count_nonzero(values)]
        for start in range(0, len(order), size):
            part = np.zeros_like(values)
            part[order[start : start + size]] = values[order[start : start + size]]
            expected.append(part)
            rows.append(row)
    assert_array_equal(parts.toarray(), expected)
    assert_array_equal(row_of, rows)
    assert parts.has_sorted_indices
    assert_array_equal(matrix.toarray(), dense)
