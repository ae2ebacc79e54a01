"""The text format of the Extreme Classification Repository: sparse features and label sets."""

import gzip

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array, check_consistent_length

from .._checks import MAX_INT32, check_path, naming
from .._kernels import xmc_text
from .._sparse import check_csr, in_configured_container, indptr_of
from .._targets import encode_targets
from ._text_files import line_error, open_binary

BLOCK_BYTES = 1 << 24
BLOCK_ROWS = 1 << 14

HEADER = (
    "the header must be three whole numbers, rows, features and labels, or two, rows and columns"
)
FAULTS = {
    xmc_text.LABEL: "expected label numbers with commas between them, or a space where a row has "
    "none, got {}",
    xmc_text.LABEL_RANGE: "label {} is not among the {n_labels} of the header, counted from 0",
    xmc_text.FEATURE: "expected a feature as number:value, got {}",
    xmc_text.FEATURE_RANGE: "feature {} is not among the {n_features} of the header, counted "
    "from 0",
    xmc_text.VALUE: "expected a number that float32 can hold behind the colon, got {}",
}


def load_xmc_file(path):
    """Load a data set in the text format of the Extreme Classification Repository.

    The first line has the numbers of rows, features and labels. Every other line is a row: its
    labels with commas between them, then its features as ``number:value``, all with spaces between
    them and counted from 0. A row without labels begins with a space. ::

        3 4 2
        0,1 0:0.5 3:1
         2:0.25
        1

    The newer sets have features and labels in files of their own, with two numbers in the first
    line: those of rows and columns. Their rows have entries alone, ``number:value``. Such a file is
    read as one matrix.

    Parameters
    ----------
    path : str or path-like
        The file, plain or compressed by gzip.

    Returns
    -------
    X : csr_matrix of float32 of shape (n_samples, n_features)
        The features, sorted within a row. It and `Y` are a csr_array where scikit-learn is
        configured with ``sparse_interface="sparray"``. It is all that is returned of a file with
        two numbers in the first line.
    Y : csr_matrix of float32 of shape (n_samples, n_labels)
        The label indicator. A label that a row names twice counts once.

    Raises
    ------
    ValueError
        If a line, which the message names, is not of this form, has a label or feature that the
        header leaves no room for, a feature twice, or a value that is not finite; if there are
        fewer or more rows than the header says; or if a compressed file is broken.
    OSError
        If the file cannot be opened.

    See Also
    --------
    dump_xmc_file : Writes such files.
    load_xmc_json : Loads the texts of the newer sets.
    load_raw_text : Loads texts instead of features.
    fetch_xmc_benchmark : Downloads benchmark sets.

    References
    ----------
    .. [1] Bhatia et al., "The extreme classification repository: Multi-label datasets and code",
       2016, http://manikvarma.org/downloads/XC/XMLRepository.html.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_xmr.datasets import load_xmc_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "train.txt"
    ...     _ = path.write_text("3 4 2\\n0,1 0:0.5 3:1\\n 2:0.25\\n1\\n")
    ...     X, Y = load_xmc_file(path)
    >>> X.toarray()
    array([[0.5 , 0.  , 0.  , 1.  ],
           [0.  , 0.  , 0.25, 0.  ],
           [0.  , 0.  , 0.  , 0.  ]], dtype=float32)
    >>> Y.toarray()
    array([[1., 1.],
           [0., 0.],
           [0., 1.]], dtype=float32)
    """
    with open_binary(path) as file:
        n_rows, n_features, *n_labels = _read_header(path, file.readline())
        has_labels = bool(n_labels)
        n_labels = n_labels[0] if has_labels else 0
        parts = []
        n_read, line_number = 0, 2
        for text in _blocks(file):
            if not has_labels:  # each row begins as one without labels does
                text = b" " + text[:-1].replace(b"\n", b"\n ") + b"\n"
            parts.append(_parse(path, text, line_number, n_rows - n_read, n_features, n_labels))
            n_read += len(parts[-1][0])
            line_number += text.count(b"\n")
    if n_read < n_rows:
        raise ValueError(f"{path}: the header announces {n_rows} rows, but there are {n_read}.")
    n_row_labels, labels, n_row_features, features, values = (
        map(np.concatenate, zip(*parts, strict=True)) if parts else _NO_ROWS
    )
    X = sp.csr_array((values, features, indptr_of(n_row_features)), shape=(n_rows, n_features))
    _sort_distinct(path, X)
    if not has_labels:
        return in_configured_container(X)
    ones = np.ones(len(labels), dtype=np.float32)
    Y = sp.csr_array((ones, labels, indptr_of(n_row_labels)), shape=(n_rows, n_labels))
    Y.sum_duplicates()
    Y.data[:] = 1
    return in_configured_container(X), in_configured_container(Y)


_NO_ROWS = [np.empty(0, dtype) for dtype in (np.int64, np.int32, np.int64, np.int32, np.float32)]


def _read_header(path, line):
    try:
        numbers = [int(field) for field in line.split()]
    except ValueError:
        numbers = []
    if len(numbers) not in (2, 3) or min(numbers) < 0:
        raise line_error(path, 1, f"{HEADER}, got {_shown(line)}")
    if max(numbers[1:]) > MAX_INT32:
        raise line_error(path, 1, f"at most {MAX_INT32} features and labels can be read; {HEADER}")
    return numbers


def _blocks(file):
    # Whole lines, many at a time.
    rest = b""
    while block := file.read(BLOCK_BYTES):
        text, newline, block = (rest + block).rpartition(b"\n")
        rest = block
        if newline:
            yield text + newline
    if rest:
        yield rest + b"\n"


def _parse(path, text, line_number, n_rows, n_features, n_labels):
    # Labels and features of a block's rows, at most `n_rows`, and how many each row has.
    n_rows = min(text.count(b"\n"), n_rows)
    label_ends, feature_ends = np.empty((2, n_rows), dtype=np.int64)
    labels = np.empty(text.count(b",") + n_rows, dtype=np.int32)
    features = np.empty(text.count(b":"), dtype=np.int32)
    values = np.empty(len(features), dtype=np.float32)
    n_parsed, place, fault = xmc_text.parse(
        text, n_features, n_labels, label_ends, labels, feature_ends, features, values
    )
    if fault != xmc_text.NOTHING:
        problem = FAULTS[fault].format(
            _shown(text[place:]), n_features=n_features, n_labels=n_labels
        )
        raise line_error(path, line_number + n_parsed, problem)
    for i, line in enumerate(text[place:].split(b"\n"), line_number + n_parsed):
        if line.strip():
            problem = f"the header announces fewer rows, but here is one more: {_shown(line)}"
            raise line_error(path, i, problem)
    n_labels, n_entries = (int(ends[-1]) if n_rows else 0 for ends in (label_ends, feature_ends))
    return (
        np.diff(label_ends, prepend=0),
        labels[:n_labels],
        np.diff(feature_ends, prepend=0),
        features[:n_entries],
        values[:n_entries],
    )


def _shown(text):
    # What a message shows of a line: its first word, or that there is none.
    words = text[:80].split(b"\n", 1)[0].split()
    return repr(words[0].decode(errors="replace")) if words else "nothing"


def _sort_distinct(path, X):
    X.sort_indices()
    same = np.flatnonzero(X.indices[1:] == X.indices[:-1])
    rows = np.searchsorted(X.indptr, same, side="right")
    within = same + 1 < X.indptr[rows]
    if within.any():
        row, feature = rows[within][0], X.indices[same[within][0]]
        raise line_error(path, row + 1, f"feature {feature} is given twice")
    X.has_canonical_format = True


def dump_xmc_file(X, Y, path):
    """Write a data set in the text format of the Extreme Classification Repository.

    :func:`load_xmc_file` describes it. Values are written with as many digits as float32 needs, so
    that reading them gives the same again.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_samples, n_features)
        The features; of a sparse matrix, what is stored is written, zeros included.
    Y : array-like or sparse matrix of shape (n_samples, n_labels)
        The label indicator, of zeros and ones.
    path : str or path-like
        The file, which is compressed by gzip if its name ends with ``.gz``.

    Raises
    ------
    ValueError
        If X holds NaN or what is too large for float32, if Y is not an indicator, or if they differ
        in length. Nothing is written then.
    OSError
        If the file cannot be written.

    See Also
    --------
    load_xmc_file : Reads such files.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_xmr.datasets import dump_xmc_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "train.txt"
    ...     dump_xmc_file([[0.5, 0.0], [0.0, 0.1]], [[1, 1, 0], [0, 0, 0]], path)
    ...     print(path.read_text(), end="")
    2 2 3
    0,1 0:0.5
     1:0.1
    """
    X = check_csr(X)
    if not sp.issparse(Y):
        with naming("Y", "a label indicator"):
            Y = sp.csr_array(check_array(Y, dtype=None, input_name="Y"))
    Y, _, _ = encode_targets(Y)
    check_consistent_length(X, Y)
    path = check_path(path, "path")
    compressed = path.suffix == ".gz"
    with gzip.open(path, "wb") if compressed else open(path, "wb") as file:
        file.write(b"%d %d %d\n" % (*X.shape, Y.shape[1]))
        for start in range(0, X.shape[0], BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            file.writelines(_lines(X[rows], Y[rows]))


def _lines(X, Y):
    labels = Y.indices.astype("S").tolist()
    pairs = zip(X.indices.astype("S").tolist(), X.data.astype("S").tolist(), strict=True)
    entries = [b"%b:%b" % pair for pair in pairs]
    label_ptr, entry_ptr = Y.indptr.tolist(), X.indptr.tolist()
    for row in range(X.shape[0]):
        fields = [b",".join(labels[label_ptr[row] : label_ptr[row + 1]])]
        fields += entries[entry_ptr[row] : entry_ptr[row + 1]]
        yield b" ".join(fields) + b"\n"
