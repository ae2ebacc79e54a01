"""What is said in a Series or DataFrame is read by its names, not by its order."""

import numpy as np

from ._checks import shown


def has_own_index(values):
    """Whether it is a Series or DataFrame whose index is another than 0, 1, ..."""
    index = getattr(values, "index", None)
    return hasattr(index, "tolist") and index.tolist() != list(range(len(index)))


def by_index(texts, name):
    """Return a pandas Series as the dict {entry of its index: value}, all else as it is.

    Raises
    ------
    ValueError
        If an entry of the index comes twice.
    """
    if not (hasattr(texts, "to_dict") and getattr(texts, "ndim", None) == 1):
        return texts
    if not texts.index.is_unique:
        twice = texts.index[texts.index.duplicated()].tolist()[0]
        raise ValueError(f"{name} must have each entry of its index once, got {twice!r} twice.")
    return texts.to_dict()


def by_columns(table, labels, name):
    """A DataFrame with a column for each label by its name, in their order; all else as it is.

    Raises
    ------
    ValueError
        If it has as many columns, and some are named after labels, but others are not.
    """
    if not hasattr(table, "columns") or not hasattr(table, "to_numpy"):  # pandas and polars
        return table
    columns, labels = list(table.columns), labels.tolist()
    if len(columns) != len(labels) or columns == list(range(len(columns))):
        return table
    others = set(columns).difference(labels)
    if not others and len(set(columns)) == len(columns):
        return table[labels]
    if len(others) == len(set(columns)):
        return table
    found = f"{shown(others.pop())}, which is none" if others else "one twice"
    raise ValueError(
        f"{name} must have a column for each label if its columns have their names, got {found}: "
        f"give {name}.to_numpy() if they are in the order of the labels."
    )


def rows_by_index(table, labels, name):
    """A DataFrame with an index of its own, with the row of each label; all else as it is.

    Raises
    ------
    ValueError
        If the index lacks a label, or has an entry twice.
    """
    if not has_own_index(table):
        return table
    positions = table.index.get_indexer(labels) if table.index.is_unique else [-1]
    if np.min(positions) < 0:
        raise ValueError(
            f"{name} must be indexed by the labels, each once, if it is a DataFrame with an index "
            f"of its own, got {shown(table.index.tolist())}: give {name}.to_numpy() if it is in "
            "their order."
        )
    return table.iloc[positions]
