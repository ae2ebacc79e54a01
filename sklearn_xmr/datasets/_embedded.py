"""Text files inside the package, in ``data``."""

import lzma
from importlib.resources import files


def read_description(name):
    """The text of the file that describes a data set."""
    return _data_file(name).read_text(encoding="utf-8")


def read_pairs(name):
    """The two columns of a compressed table, as lists of str."""
    text = lzma.decompress(_data_file(name).read_bytes()).decode("utf-8")
    fields = text.removesuffix("\n").replace("\n", "\t").split("\t")
    return fields[::2], fields[1::2]


def read_labelled_texts(name):
    """The texts of a compressed table, and a list of labels for each."""
    texts, labels = read_pairs(name)
    return texts, [row.split("|") for row in labels]


def _data_file(name):
    return files(__package__) / "data" / name
