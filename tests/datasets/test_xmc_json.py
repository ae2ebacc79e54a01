"""The JSON lines of the Extreme Classification Repository."""

import gzip
import json

import numpy as np
import pytest
import scipy.sparse as sp

from sklearn_xmr.datasets import load_xmc_json

DATA = {"target_ind": [2, 0], "target_rel": [1, 0.5]}
ROWS = [
    {"uid": "A", "title": "Gärten", "content": "of\nhose"} | DATA,
    {"uid": "B", "title": "Reel", "target_ind": [], "target_rel": []},
    {"uid": "C", "title": None, "content": "x", "target_ind": [1], "target_rel": [1.0]},
]


@pytest.fixture
def write(tmp_path):
    def write(rows, compress=False):
        text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n"
        path = tmp_path / ("trn.json.gz" if compress else "trn.json")
        path.write_bytes(gzip.compress(text.encode()) if compress else text.encode())
        return path

    return write


@pytest.mark.parametrize("compress", [False, True])
def test_rows_of_data(write, compress):
    data = load_xmc_json(write(ROWS, compress), n_labels=4)
    assert data.uids == ["A", "B", "C"]
    assert data.titles == ["Gärten", "Reel", ""]
    assert data.contents == ["of\nhose", "", "x"]
    assert isinstance(data.Y, sp.csr_matrix)
    assert data.Y.dtype == np.float32
    assert data.Y.toarray().tolist() == [[1, 0, 1, 0], [0] * 4, [0, 1, 0, 0]]
    assert data.relevance.toarray().tolist() == [[0.5, 0, 1, 0], [0] * 4, [0, 1, 0, 0]]
    assert load_xmc_json(write(ROWS)).Y.shape == (3, 3)


def test_labels_have_texts_alone(write):
    data = load_xmc_json(write([{"uid": "L", "title": "Garden hoses"}, ""]))
    assert (data.uids, data.titles, data.contents) == (["L"], ["Garden hoses"], [""])
    assert data.Y is None
    assert data.relevance is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "expected a JSON object"),
        ("[1]", "expected a JSON object, got '\\[1\\]'"),
        ({"title": 3}, "'title' must be a string, got 3"),
        ({"target_ind": [4]}, "'target_ind' must be different numbers from 0 to 3, got \\[4\\]"),
        ({"target_ind": [1, 1]}, "'target_ind' must be different numbers"),
        ({"target_ind": [1.5]}, "'target_ind' must be different numbers"),
        ({"target_ind": "1"}, "'target_ind' must be different numbers"),
        ({"target_ind": [1], "target_rel": []}, "'target_rel' must be a number for each label"),
        ('{"target_ind": [1], "target_rel": [NaN]}', "'target_rel' must be a number for each"),
    ],
)
def test_what_is_wrong_with_a_line(write, line, message):
    with pytest.raises(ValueError, match=f"trn.json, line 2: {message}"):
        load_xmc_json(write([ROWS[0], line]), n_labels=4)
