"""Columns and tables as libraries beside pandas have them: polars, for one."""

import numpy as np


class Column:
    """A column: what is missing is None."""

    dtype = object()  # of the library's own kind

    def __init__(self, values):
        self.values = list(values)
        self.shape = (len(self.values),)

    def __len__(self):
        return len(self.values)

    def __getitem__(self, place):
        return self.values[place]

    def __array__(self, dtype=None, copy=None):
        if any(isinstance(value, (list, type(None))) for value in self.values):
            array = np.empty(len(self), dtype=object)
            array[:] = self.values
            return array
        return np.array(self.values, dtype=dtype)


class Table:
    """A table, whose columns have names."""

    def __init__(self, columns):
        self.data = dict(columns)
        self.columns = list(self.data)
        self.dtypes = [Column.dtype] * len(self.columns)
        self.shape = len(next(iter(self.data.values()))), len(self.columns)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, names):
        return Table({name: self.data[name] for name in names})

    def __array__(self, dtype=None, copy=None):
        return np.column_stack([np.array(values, dtype=dtype) for values in self.data.values()])

    def to_numpy(self):
        return np.asarray(self)
