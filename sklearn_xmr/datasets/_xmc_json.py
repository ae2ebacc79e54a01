"""The texts of the newer sets of the Extreme Classification Repository: a JSON object a line."""

import json

import numpy as np
import scipy.sparse as sp
from sklearn.utils import Bunch

from .._checks import MAX_INT32, check_count
from .._sparse import in_configured_container, indptr_of
from ._text_files import line_error, read_lines


def load_xmc_json(path, *, n_labels=None, errors="strict"):
    """Load texts and labels of the newer sets of the Extreme Classification Repository.

    Files such as ``trn.json.gz``, ``tst.json.gz`` and ``lbl.json.gz`` hold a JSON object in each
    line, with ``"uid"``, ``"title"`` and ``"content"``. Rows of data also have ``"target_ind"``,
    the numbers of their labels, counted from 0, and ``"target_rel"``, how relevant each is [1]_.

    Parameters
    ----------
    path : str or path-like
        The file, plain or compressed by gzip.
    n_labels : int or None, default=None
        Number of labels, which is that of the lines of ``lbl.json.gz``. None is one more than the
        largest that is named.
    errors : str, default="strict"
        What to do about bytes that are not UTF-8, as :meth:`bytes.decode` takes it: "replace", say.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        With these attributes:

        uids, titles, contents : list of str
            Of each line, "" where it has none.
        Y : csr_matrix of float32 of shape (n_lines, n_labels) or None
            The label indicator; None if no line names labels.
        relevance : csr_matrix of float32 of shape (n_lines, n_labels) or None
            How relevant they are: what ``fit`` takes as `relevance`. None if no line says.

    Raises
    ------
    ValueError
        If a line, which the message names, is no JSON object of this form, or names a label that is
        not among `n_labels`; or if a compressed file is broken.
    OSError
        If the file cannot be opened.

    See Also
    --------
    load_xmc_file : Loads features instead of texts.

    References
    ----------
    .. [1] Bhatia et al., "The extreme classification repository: Multi-label datasets and code",
       2016, http://manikvarma.org/downloads/XC/XMLRepository.html.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_xmr.datasets import load_xmc_json
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "trn.json"
    ...     _ = path.write_text('{"uid": "B01", "title": "Garden hose", "target_ind": [2, 0]}\\n')
    ...     data = load_xmc_json(path, n_labels=3)
    >>> data.titles
    ['Garden hose']
    >>> data.Y.toarray()
    array([[1., 0., 1.]], dtype=float32)
    """
    if n_labels is not None:
        n_labels = check_count(n_labels, "n_labels", most=MAX_INT32)
    texts = {"uid": [], "title": [], "content": []}
    labels, relevance = [], []
    for number, line in read_lines(path, errors=errors):
        if not line.strip():
            continue
        row = _object(line, path, number)
        for key, found in texts.items():
            found.append(_text(row, key, path, number))
        labels.append(_labels(row, n_labels, path, number))
        relevance.append(_relevance(row, labels[-1], path, number))
    return Bunch(
        uids=texts["uid"],
        titles=texts["title"],
        contents=texts["content"],
        Y=_matrix(labels, [row and [1.0] * len(row) for row in labels], n_labels),
        relevance=_matrix(labels, relevance, n_labels),
    )


def _object(line, path, number):
    try:
        row = json.loads(line)
    except ValueError as error:
        raise line_error(path, number, f"expected a JSON object ({error})") from error
    if not isinstance(row, dict):
        raise line_error(path, number, f"expected a JSON object, got {line[:40]!r}")
    return row


def _text(row, key, path, number):
    text = row.get(key)
    if text is not None and not isinstance(text, str):
        raise line_error(path, number, f"{key!r} must be a string, got {text!r}")
    return text or ""


def _labels(row, n_labels, path, number):
    labels = row.get("target_ind")
    if labels is None:
        return None
    most = MAX_INT32 if n_labels is None else n_labels
    good = isinstance(labels, list) and all(type(v) is int and 0 <= v < most for v in labels)
    if not good or len(set(labels)) < len(labels):
        problem = f"'target_ind' must be different numbers from 0 to {most - 1}, got {labels!r}"
        raise line_error(path, number, problem)
    return labels


def _relevance(row, labels, path, number):
    values = row.get("target_rel")
    if values is None or labels is None:
        return None
    good = isinstance(values, list) and all(type(v) in (int, float) for v in values)
    if not good or len(values) != len(labels) or not np.isfinite(values).all():
        problem = f"'target_rel' must be a number for each label, got {values!r}"
        raise line_error(path, number, problem)
    return values


def _matrix(labels, values, n_labels):
    # CSR of the values; None where no row has any.
    if all(row is None for row in values):
        return None
    lengths = [len(row or []) for row in labels]
    columns = np.array([label for row in labels for label in row or []], dtype=np.int32)
    values = [
        np.ones(length) if row is None else row for row, length in zip(values, lengths, strict=True)
    ]
    if n_labels is None:
        n_labels = int(columns.max(initial=-1)) + 1
    parts = np.concatenate(values, dtype=np.float32, casting="unsafe"), columns, indptr_of(lengths)
    matrix = sp.csr_array(parts, shape=(len(labels), n_labels))
    matrix.sort_indices()
    return in_configured_container(matrix)
