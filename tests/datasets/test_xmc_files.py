"""Data sets as text: sparse features and labels, and raw text."""

import gzip

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_svmlight_file

from helpers.matrices import random_csr
from helpers.sklearn_config import sparse_interface
from sklearn_xmr.datasets import _xmc_files, dump_xmc_file, load_raw_text, load_xmc_file

TEXT = "4 6 3\n0,2 5:1e-3 1:-2.5\n 0:1\n1\n\n"
X = [[0, -2.5, 0, 0, 0, 1e-3], [1, 0, 0, 0, 0, 0], [0] * 6, [0] * 6]
Y = [[1, 0, 1], [0, 0, 0], [0, 1, 0], [0, 0, 0]]


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "data.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", " \n"),
        TEXT.removesuffix("\n"),
        TEXT + "\n \n",
        TEXT.replace("0,2", "2,0,2"),
        gzip.compress(TEXT.encode()),
    ],
    ids=["plain", "CR LF", "blanks", "no last newline", "blank lines", "label twice", "gzip"],
)
@pytest.mark.parametrize("block_bytes", [1, 8, 1 << 20])
def test_load(write, content, block_bytes, monkeypatch):
    monkeypatch.setattr(_xmc_files, "BLOCK_BYTES", block_bytes)
    if content == TEXT.removesuffix("\n"):
        content = content.removesuffix("\n")  # the last row is the one of label 1 ...
        content = content.replace("4 6 3", "3 6 3")
        rows = slice(3)
    else:
        rows = slice(4)
    loaded = load_xmc_file(write(content))
    for matrix, expected in zip(loaded, (X, Y), strict=True):
        assert isinstance(matrix, sp.csr_matrix)
        assert matrix.dtype == np.float32
        assert matrix.has_canonical_format
        assert matrix.nnz == np.count_nonzero(expected[rows])
        np.testing.assert_array_equal(matrix.toarray(), np.float32(expected[rows]))


def test_container_as_configured(write):
    with sparse_interface("sparray"):
        assert all(isinstance(m, sp.csr_array) for m in load_xmc_file(write(TEXT)))


def test_equals_what_scikit_learn_reads(write, tmp_path):
    # Without the header, it is svmlight's format; that one has no rows without features.
    rng = np.random.default_rng(0)
    rows = [
        "{} {}".format(
            ",".join(map(str, np.sort(rng.choice(7, rng.integers(1, 4), replace=False)))),
            " ".join(f"{f}:{rng.normal():.6g}" for f in np.sort(rng.choice(30, 5, replace=False))),
        )
        for _ in range(200)
    ]
    X, Y = load_xmc_file(write("\n".join(["200 30 7", *rows])))
    headless = tmp_path / "headless.txt"
    headless.write_text("\n".join(rows))
    expected, labels = load_svmlight_file(
        str(headless), n_features=30, multilabel=True, zero_based=True
    )
    np.testing.assert_array_equal(X.toarray(), expected.toarray().astype(np.float32))
    assert [tuple(row.indices) for row in Y] == [tuple(map(int, row)) for row in labels]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"line 1: the header must be three whole numbers.*got nothing"),
        ("2 3\n", r"the header announces 2 rows, but there are 0"),
        ("2\n", r"line 1: the header"),
        ("0,1 3:1 5:2\n", r"line 1: the header.*got '0,1'"),
        ("1 -3 2\n0 0:1\n", r"line 1: the header"),
        ("1 3000000000 2\n0 0:1\n", r"line 1: at most 2147483647"),
        ("2 3 2\n0 0:1\n0:1 1:1\n", r"line 3: expected label numbers.*got '0:1'"),
        ("2 3 2\n0 0:1\none 1:1\n", r"line 3: expected label numbers.*got 'one'"),
        ("2 3 2\n0 0:1\n\xe9 1:1\n".encode("latin-1"), r"line 3: expected label numbers"),
        ("2 3 2\n0 0:1\n0,2 1:1\n", r"line 3: label '2' is not among the 2 "),
        ("2 3 2\n0 0:1\n0 1:1 2\n", r"line 3: expected a feature as number:value, got '2'"),
        ("2 3 2\n0 0:1\n0 3:1\n", r"line 3: feature '3:1' is not among the 3 "),
        ("2 3 2\n0 0:1\n0 1:x\n", r"line 3: expected a number.*got '1:x'"),
        ("2 3 2\n0 0:1\n0 1:nan\n", r"line 3: expected a number.*got '1:nan'"),
        ("2 3 2\n0 0:1\n0 2:3 1:1 2:3\n", r"line 3: feature 2 is given twice"),
        ("2 3 2\n\n0 2:3 1:1 2:3\n", r"line 3: feature 2 is given twice"),
        ("2 3 2\n0 0:1\n", r"the header announces 2 rows, but there are 1"),
        ("1 3 2\n0 0:1\n\n\n1 0:1", r"line 5: .* fewer rows, but here is one more: '1'"),
        ("0 3 2\n0 0:1\n", r"line 2: .* fewer rows"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-9], r"not a complete gzip file"),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
def test_errors_name_file_and_line(write, content, message, block_bytes, monkeypatch):
    monkeypatch.setattr(_xmc_files, "BLOCK_BYTES", block_bytes)
    path = write(content)
    with pytest.raises(ValueError, match=message) as error:
        load_xmc_file(path)
    assert str(path) in str(error.value)


def test_no_rows(write):
    X, Y = load_xmc_file(write("0 3 2\n"))
    assert (X.shape, Y.shape) == ((0, 3), (0, 2))


@st.composite
def data_sets(draw):
    n_rows, n_features, n_labels = (draw(st.integers(1, n)) for n in (5, 6, 4))
    values = st.floats(width=32, allow_nan=False, allow_infinity=False) | st.just(0.0)
    X = draw(st.lists(values, min_size=n_rows * n_features, max_size=n_rows * n_features))
    Y = draw(st.lists(st.booleans(), min_size=n_rows * n_labels, max_size=n_rows * n_labels))
    return (
        np.array(X, dtype=np.float32).reshape(n_rows, n_features),
        np.array(Y, dtype=np.uint8).reshape(n_rows, n_labels),
    )


@given(data=data_sets(), sparse=st.booleans(), suffix=st.sampled_from([".txt", ".gz"]))
@settings(max_examples=50)
def test_round_trip(tmp_path_factory, data, sparse, suffix):
    path = tmp_path_factory.getbasetemp() / f"round_trip{suffix}"
    dump_xmc_file(*(map(sp.csc_array, data) if sparse else data), path)
    for matrix, expected in zip(load_xmc_file(path), data, strict=True):
        np.testing.assert_array_equal(matrix.toarray(), expected)


def test_round_trip_of_many_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(_xmc_files, "BLOCK_ROWS", 7)
    X = random_csr(np.random.default_rng(0), (50, 9), 0.2)
    Y = random_csr(np.random.default_rng(1), (50, 4), 0.2)
    Y.data[:] = 1
    dump_xmc_file(X, Y, tmp_path / "data.txt")
    loaded = load_xmc_file(tmp_path / "data.txt")
    np.testing.assert_array_equal(loaded[0].toarray(), X.toarray())
    np.testing.assert_array_equal(loaded[1].toarray(), Y.toarray())


@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        ([[np.nan]], [[1]], "X contains NaN"),
        ([[1e39]], [[1]], "infinity"),
        (sp.csr_array([[1e39]]), [[1]], "infinity"),
        ([[1.0]], [[0.5]], "label indicator"),
        ([[1.0]], [[1, 2]], "label indicator"),
        ([[1.0]], [1], "^Y must be a label indicator: Expected 2D array"),
        ([[1.0]], [[1], [0]], "inconsistent"),
    ],
)
def test_dump_refuses_before_it_writes(tmp_path, X, Y, message):
    path = tmp_path / "data.txt"
    with pytest.raises(ValueError, match=message):
        dump_xmc_file(X, Y, path)
    assert not path.exists()


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_raw_text(write, compress):
    content = "\ufeffb,a\tone two\n\tno labels\r\nc\twith\ttab\u2028and line separator\nd\t"
    texts, labels = load_raw_text(write(compress(content.encode())))
    assert texts == ["one two", "no labels", "with\ttab\u2028and line separator", ""]
    assert labels == [["b", "a"], [], ["c"], ["d"]]


def test_raw_text_with_another_separator(write):
    _, labels = load_raw_text(write("a,b | c\tone\n"), separator=" | ")
    assert labels == [["a,b", "c"]]
    assert load_raw_text(write("")) == ([], [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tone\nno tab\n", r"line 2: expected labels, a tab and a text, got 'no tab'"),
        ("a\tone\n\nb\ttwo\n", r"line 2: expected labels, a tab and a text, got ''"),
        ("a\tone\nb,\ttwo\n", r"line 2: expected labels with ',' between them, got 'b,'"),
        (b"a\tone\nb\t\xff\n", r"line 2: not UTF-8"),
        (gzip.compress(b"a\tone\n", mtime=0)[:-3], r"not a complete gzip file"),
    ],
)
def test_raw_text_errors_name_file_and_line(write, content, message):
    path = write(content)
    with pytest.raises(ValueError, match=message) as error:
        load_raw_text(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("separator", ["", "\t", "a\nb", None])
def test_raw_text_refuses_separators(write, separator):
    with pytest.raises(ValueError, match="separator must be"):
        load_raw_text(write("a\tone\n"), separator=separator)


@pytest.mark.parametrize("block_bytes", [1, 8, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "", "\n\n"])
def test_two_numbers_head_a_matrix(write, block_bytes, end, monkeypatch):
    monkeypatch.setattr(_xmc_files, "BLOCK_BYTES", block_bytes)
    matrix = load_xmc_file(write("3 4\n3:1 1:0.5\n\n0:1.0" + end))
    assert isinstance(matrix, sp.csr_matrix)
    assert matrix.toarray().tolist() == [[0, 0.5, 0, 1], [0] * 4, [1, 0, 0, 0]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("2 4\n1:1\n4:1\n", "line 3: feature 4:1 is not among|line 3: feature '4:1' is not among"),
        ("1 4\n1,2 1:1\n", "line 2: expected a feature as number:value, got '1,2'"),
        ("2 4\n1:1\n", "announces 2 rows, but there are 1"),
        ("1 4\n1:1 1:2\n", "line 2: feature 1 is given twice"),
    ],
)
def test_what_is_wrong_with_a_matrix(write, content, message):
    with pytest.raises(ValueError, match=message):
        load_xmc_file(write(content))


def test_raw_text_in_another_encoding(write):
    path = write("a,b\tLärm\r\n\tx\n".encode("latin-1"))
    assert load_raw_text(path, encoding="latin-1") == (["Lärm", "x"], [["a", "b"], []])
    assert load_raw_text(path, errors="ignore")[0] == ["Lrm", "x"]
    with pytest.raises(ValueError, match="line 1: not UTF-8"):
        load_raw_text(path)
