"""Text files, plain or compressed by gzip, and errors that name the line."""

import codecs
import csv
import gzip
import zlib
from contextlib import contextmanager

from .._checks import check_path

GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def open_binary(path):
    """Open a file to read bytes; what gzip finds broken while they are read is a ValueError."""
    path = check_path(path, "path")
    with open(path, "rb") as file:
        is_gzip = file.read(2) == GZIP_MAGIC
    try:
        with gzip.open(path, "rb") if is_gzip else open(path, "rb") as file:
            yield file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path}: not a complete gzip file ({error}).") from error


def read_lines(path, encoding="utf-8", errors="strict"):
    """Yield the lines of a text file with their numbers, counted from 1, without their ends.

    Parameters
    ----------
    path : path-like
    encoding, errors : str
        As `bytes.decode` takes them.
    """
    try:
        newline = "\n".encode(encoding)
        b"".decode(encoding, errors)
        codecs.lookup_error(errors)
    except LookupError as error:
        raise ValueError(
            f"encoding and errors must be known to Python, got {encoding!r} and {errors!r}."
        ) from error
    with open_binary(path) as file:
        if newline != b"\n":  # UTF-16, say, has no lines of bytes
            text = decoded(file.read(), path, 1, encoding, errors)
            yield from enumerate(text.removesuffix("\n").replace("\r\n", "\n").split("\n"), 1)
            return
        for number, line in enumerate(file, 1):
            text = decoded(line, path, number, encoding, errors)
            yield number, text.removesuffix("\n").removesuffix("\r")


def decoded(line, path, number, encoding="utf-8", errors="strict"):
    """The text of a line of a file."""
    is_utf8 = codecs.lookup(encoding).name == "utf-8"
    try:
        # A mark of byte order is no text.
        return line.decode("utf-8-sig" if is_utf8 and number == 1 else encoding, errors)
    except UnicodeDecodeError as error:
        name = "UTF-8" if is_utf8 else encoding
        raise line_error(path, number, f"not {name} ({error.reason})") from error


def rows_of(lines, delimiter):
    """Yield the fields of lines with their numbers, but for blank lines.

    Beside another delimiter than a tab, fields may be quoted as in CSV, line ends included.
    """
    if delimiter == "\t":
        for number, text in lines:
            if text.strip():
                yield number, text.split("\t")
        return
    reader = csv.reader((f"{text}\n" for _, text in lines), delimiter=delimiter)
    last = 0
    for fields in reader:
        if any(field.strip() for field in fields):
            yield last + 1, fields
        last = reader.line_num


def check_delimiter(delimiter):
    """Refuse what cannot stand between columns."""
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '\r\n"':
        raise ValueError(f"delimiter must be one character, got {delimiter!r}.")
    return delimiter


def line_error(path, number, problem):
    """The error that names a line of a file."""
    return ValueError(f"{path}, line {number}: {problem}.")
