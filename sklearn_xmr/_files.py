"""Folders of JSON and npz files: errors name the file, and what is written appears whole."""

import json
import os
import shutil
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from ._checks import check_count, check_path
from ._sparse import canonical_csr


def read_json(path):
    """The object (a dict) that a JSON file holds."""
    _check_exists(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # of which broken JSON and broken UTF-8 are kinds
        raise ValueError(f"{path}: not a complete JSON file ({error}).") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path}: expected a JSON object, got {content!r}.")
    return content


def read_count(content, key, path, *, least=1):
    """A whole number of a JSON object."""
    return check_count(content.get(key), f"{path}: {key!r}", least=least)


# What zipfile, NumPy and SciPy raise for files that are not npz files, or not whole.
_BROKEN = (
    AttributeError,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_npz(path):
    """The sparse matrix of real numbers of an npz file, as it is there.

    Look at its shape before `canonical_floats`: a shape alone can ask for any amount of memory.
    """
    _check_exists(path)
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
        if broken is not None:
            raise ValueError(f"the checksum of {broken} is wrong")
        matrix = sp.load_npz(path)
    except _BROKEN as error:
        raise ValueError(
            f"{path}: not a complete npz file of a sparse matrix ({error})."
        ) from error
    if matrix.dtype.kind not in "biuf":
        raise ValueError(f"{path}: expected a matrix of real numbers, got dtype {matrix.dtype}.")
    return matrix


def canonical_floats(matrix, path):
    """The sparse matrix of a file as canonical CSR array of float32, all of it finite."""
    matrix = canonical_csr(matrix, str(path))
    with np.errstate(over="ignore"):
        matrix = matrix.astype(np.float32, copy=False)
    if not np.isfinite(matrix.data).all():
        raise ValueError(f"{path}: the matrix holds NaN, or values that float32 cannot hold.")
    return matrix


def _check_exists(path):
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file.")


def write_json(path, content):
    """Write a JSON object."""
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def write_npz(path, matrix):
    """Write a sparse matrix as CSC, in the form that compiled readers of PECOS know."""
    sp.save_npz(path, sp.csc_matrix(matrix), compressed=False)


@contextmanager
def new_folder(folder):
    """A folder to write into, which takes its name when all is written."""
    folder = check_path(folder, "folder")
    if folder.exists():
        raise FileExistsError(f"{folder}: exists already, and is left as it is.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made = scratch / folder.name
        made.mkdir()
        yield made
        os.rename(made, folder)
    finally:
        shutil.rmtree(scratch)
