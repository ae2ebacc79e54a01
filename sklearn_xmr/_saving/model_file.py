"""Files of a JSON value and arrays: whole or not there at all, and checked when they are read.

A fixed header, the JSON value, and the arrays, each from the start of a cache line, so that they
can be mapped into memory and used where they lie.
"""

import json
import mmap
import os
import secrets
import struct
import zlib
from contextlib import contextmanager, suppress

import numpy as np

from .._checks import check_path, naming
from .object_graph import described_dtype, dtype_of

# A byte that is no text, and ends of lines that a transfer as text would change: as in PNG files.
MAGIC = b"\x93XMR\r\n\x1a\n"
# Format of the file, of the JSON: bytes and checksum; bytes of the file; checksum of all before.
HEADER = struct.Struct("<8sIQIQI")
CACHE_LINE = 64
FILE_FORMAT = 1


def write_model_file(path, content, arrays):
    """Write a JSON value and arrays, which take their name when all is written.

    Parameters
    ----------
    path : path-like
    content : JSON value
    arrays : list of ndarray
    """
    arrays = [
        array if array.flags.f_contiguous else np.ascontiguousarray(array) for array in arrays
    ]
    table, stop = [], 0
    for array in arrays:
        start = _aligned(stop)
        stop = start + array.nbytes
        order = "C" if array.flags.c_contiguous else "F"
        checksum = zlib.crc32(_bytes_of(array))
        table.append([described_dtype(array.dtype), list(array.shape), order, start, checksum])
    text = json.dumps([table, content], separators=(",", ":")).encode("ascii")
    first = _aligned(HEADER.size + len(text))
    header = HEADER.pack(MAGIC, FILE_FORMAT, len(text), zlib.crc32(text), first + stop, 0)[:-4]
    with new_file(path) as file:
        file.write(header + struct.pack("<I", zlib.crc32(header)))
        file.write(text)
        for array, (*_, start, _) in zip(arrays, table, strict=True):
            file.write(bytes(first + start - file.tell()))
            file.write(_bytes_of(array))
        file.write(bytes(first + stop - file.tell()))


def read_model_file(path, *, mapped, with_contents):
    """Read what `write_model_file` wrote.

    Parameters
    ----------
    path : path-like
    mapped : bool
        Whether arrays are read-only views of the file.
    with_contents : bool
        Whether their checksums are compared.

    Returns
    -------
    content : JSON value
    arrays : list of ndarray

    Raises
    ------
    ValueError
        If the file is cut, altered, newer or of another kind; the message does not name it.
    """
    with open(path, "rb") as file:
        text, n_bytes = _read_head(file)
        table, content = json.loads(text)
        first = _aligned(HEADER.size + len(text))
        memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if mapped else None
        arrays = []
        for i, (dtype, shape, order, start, checksum) in enumerate(table):
            array = _array(file, memory, n_bytes, dtype_of(dtype), shape, order, first + start)
            if with_contents and zlib.crc32(_bytes_of(array)) != checksum:
                raise ValueError(f"the contents of array {i} have been altered")
            arrays.append(array)
    return content, arrays


def _read_head(file):
    n_bytes = os.fstat(file.fileno()).st_size
    header = file.read(HEADER.size)
    if header[: len(MAGIC)] != MAGIC[: len(header)]:
        raise ValueError("not a file of sklearn_xmr.save")
    if len(header) < HEADER.size:
        raise ValueError(f"cut off after {n_bytes} bytes")
    _, file_format, n_text, text_checksum, n_whole, checksum = HEADER.unpack(header)
    if zlib.crc32(header[:-4]) != checksum:
        raise ValueError("the header has been altered")
    if file_format > FILE_FORMAT:
        raise ValueError(
            f"the file's format is {file_format}, newer than {FILE_FORMAT}, the newest that this "
            "version of sklearn_xmr reads: update sklearn_xmr"
        )
    if n_bytes != n_whole:
        raise ValueError(f"{n_bytes} bytes long instead of {n_whole}: cut off or altered")
    text = file.read(n_text)
    if len(text) != n_text or zlib.crc32(text) != text_checksum:
        raise ValueError("the description of the model has been altered")
    return text, n_bytes


def _array(file, memory, n_bytes, dtype, shape, order, start):
    size = 1
    for length in shape:
        if not isinstance(length, int) or length < 0:
            raise ValueError(f"{shape} is no shape")
        size *= length
    if start < 0 or start + size * dtype.itemsize > n_bytes:
        raise ValueError("an array ends behind the end of the file")
    if memory is not None and size * dtype.itemsize:
        flat = np.frombuffer(memory, dtype, size, start)
    else:
        flat = np.empty(size, dtype)
        file.seek(start)
        file.readinto(_bytes_of(flat))
    return flat.reshape(shape, order=order)


def _bytes_of(array):
    # As they lie in memory: the transpose of an array in Fortran's order is in C's.
    flat = array if array.flags.c_contiguous else array.T
    return flat.reshape(-1).view(np.uint8) if flat.nbytes else np.empty(0, np.uint8)


def _aligned(n_bytes):
    return -(-n_bytes // CACHE_LINE) * CACHE_LINE


@contextmanager
def new_file(path):
    """A file to write into, which takes its name when all is written, from an older one perhaps."""
    path = check_path(path, "path")
    with naming("path", "the path of a file"):
        scratch = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with open(scratch, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except BaseException as error:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is not None:
            # The user knows nothing of the file beside it.
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    if os.name == "posix":  # the new name is on the disk, too
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
