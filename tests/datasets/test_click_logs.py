"""Click logs as matrices, against counting in Python."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from sklearn_xmr.datasets import click_log_to_matrix

QUERIES = ["Hose", "hose ", "reel", "hose", "nothing"]
PRODUCTS = [7, 7, 9, 8, 9]
CLICKS = [1, 2, 3.5, 1, 0]


@pytest.mark.parametrize("clicks", [None, CLICKS, pd.Series(CLICKS, index=list("abcde"))])
def test_equals_counting(clicks):
    columns = (QUERIES, PRODUCTS) if clicks is None else (QUERIES, PRODUCTS, clicks)
    log = click_log_to_matrix(columns)
    counted = Counter()
    times = [1] * 5 if clicks is None else CLICKS
    for query, product, n in zip(QUERIES, PRODUCTS, times, strict=True):
        counted[query.strip().lower(), product] += n
    assert sorted({query for (query, _), n in counted.items() if n > 0}) == log.X
    assert log.products.tolist() == [7, 8, 9]
    expected = [[np.log2(1 + counted[query, product]) for product in (7, 8, 9)] for query in log.X]
    np.testing.assert_allclose(log.weights.toarray(), expected, rtol=1e-6)
    np.testing.assert_array_equal(log.y.toarray(), log.weights.toarray() > 0)
    assert log.y.nnz == log.weights.nnz


def test_a_frame_and_no_normalization():
    frame = pd.DataFrame({"q": QUERIES, "p": PRODUCTS, "n": CLICKS})
    log = click_log_to_matrix(frame, normalize=None)
    assert log.X == ["Hose", "hose", "hose ", "reel"]
    assert log.y.toarray().tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("log", "error", "message"),
    [
        ((["a"],), ValueError, r"log must be a tuple \(queries, products\) or"),
        (3, ValueError, "log must be a tuple"),
        ([["a", 1], ["b", 2]], ValueError, r"which tuple\(zip\(\*rows\)\) makes of rows, got"),
        (([], []), ValueError, "log must have rows, got none"),
        ((["a"], ["b", "c"]), ValueError, "inconsistent numbers of samples"),
        ((["a", None], ["b", "c"]), TypeError, "queries of type str, got None in row 1"),
        ((["a"], ["b"], [-1]), ValueError, "Negative values"),
        ((["a"], ["b"], [np.nan]), ValueError, "NaN"),
    ],
)
def test_wrong_logs(log, error, message):
    with pytest.raises(error, match=message):
        click_log_to_matrix(log)
