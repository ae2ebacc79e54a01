"""Text files, plain or compressed by gzip, and errors that name the line."""

import gzip
import zlib
from contextlib import contextmanager

GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def open_binary(path):
    """Open a file to read bytes; what gzip finds broken while they are read is a ValueError."""
    with open(path, "rb") as file:
        is_gzip = file.read(2) == GZIP_MAGIC
    try:
        with gzip.open(path, "rb") if is_gzip else open(path, "rb") as file:
            yield file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path}: not a complete gzip file ({error}).") from error


def decoded(line, path, number):
    """The text of a line of a file, without its end."""
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise line_error(path, number, f"not UTF-8 ({error.reason})") from error
    return text.removesuffix("\n").removesuffix("\r")


def line_error(path, number, problem):
    """The error that names a line of a file."""
    return ValueError(f"{path}, line {number}: {problem}.")
