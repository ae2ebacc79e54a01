"""Values that a parameter is given by mistake, and some odd ones that may be right."""

import datetime
import functools
import operator

import numpy as np
import scipy.sparse as sp


def damaged_matrices(rng, matrix):
    """Versions of a matrix that are wrong, or right in an unusual form."""
    dense = matrix.toarray() if sp.issparse(matrix) else np.asarray(matrix)
    row, column = (int(rng.integers(size)) for size in dense.shape)
    csr = sp.csr_array(dense)

    def with_entry(value):
        changed = dense.astype(np.float64)
        changed[row, column] = value
        return changed

    def with_arrays(**arrays):
        parts = {"data": csr.data, "indices": csr.indices, "indptr": csr.indptr, **arrays}
        broken = sp.csr_array(csr)
        for name, array in parts.items():
            setattr(broken, name, array)
        return broken

    wide = csr.indices.astype(np.int64)
    reads_only = np.array(dense)
    reads_only.flags.writeable = False
    return [
        with_entry(np.nan),
        with_entry(np.inf),
        with_entry(-np.inf),
        with_entry(1e300),
        sp.csr_array(with_entry(np.nan)),
        sp.csc_array(with_entry(-np.inf)),
        with_arrays(indices=np.where(csr.indices > 0, -csr.indices, 0).astype(np.int32)),
        with_arrays(indices=csr.indices + np.int32(2**30)),
        with_arrays(indices=csr.indices[::-1].copy()),
        with_arrays(indices=wide, indptr=csr.indptr.astype(np.int64)),
        with_arrays(indptr=csr.indptr[::-1].copy()),
        with_arrays(indptr=csr.indptr + np.int32(1)),
        with_arrays(indptr=csr.indptr[:-1].copy()),
        with_arrays(data=csr.data[:-1].copy()),
        dense[:0],
        dense[:, :0],
        dense[:1],
        dense[:, :1],
        dense[0],
        dense[None],
        np.vstack([dense, dense]),
        np.hstack([dense, dense]),
        sp.csr_array(dense.shape),
        sp.dok_array(dense),
        sp.lil_array(dense),
        sp.coo_array(dense),
        sp.dia_array(dense),
        reads_only,
        np.asfortranarray(dense),
        dense.astype(object),
        dense.astype(str),
        dense.astype(complex),
        dense.astype(np.float16),
        dense.astype(bool),
        np.ma.masked_array(dense, mask=dense > 0),
        np.full(dense.shape, np.datetime64("2020-01-01")),
        dense.tolist(),
        [*dense.tolist(), [1.0]],
    ]


def damaged_lists(rng, values):
    """Versions of a sequence that are wrong, or right in an unusual form."""
    values = list(values)
    at = int(rng.integers(len(values)))

    def with_item(item):
        return [*values[:at], item, *values[at + 1 :]]

    return [
        [],
        values[:1],
        values[:-1],
        values + values[:1],
        values * 2,
        tuple(values),
        set(map(str, values)),
        iter(values),
        dict.fromkeys(map(str, values)),
        np.array(values, dtype=object),
        "".join(map(str, values)),
        *map(
            with_item,
            [None, np.nan, 3, -1, 2.5, b"bytes", "", " ", "\0", "\ud800", [], ["a"], {}, object()],
        ),
        with_item("a" * 20_000),
        with_item("\N{COMBINING ACUTE ACCENT}" * 1000),
        with_item(datetime.date(2020, 1, 1)),
    ]


SCALARS = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2,
    7,
    0.5,
    -0.5,
    1e-300,
    1e300,
    np.nan,
    np.inf,
    -np.inf,
    2**31,
    2**63,
    10**400,
    -(10**400),
    np.int8(3),
    np.uint8(200),
    np.int64(-5),
    np.float16(0.25),
    np.float32(3),
    np.bool_(True),
    np.array(3),
    np.array([3]),
    np.zeros((0,)),
    np.zeros((2, 2, 2)),
    np.datetime64("2020-01-01"),
    1j,
    "",
    "x",
    "5",
    "auto",
    b"x",
    [],
    [1],
    ["a"],
    [None],
    (),
    (1, 2),
    (2, 1),
    {},
    {"a": 1},
    {1, 2},
    range(3),
    object,
    object(),
    len,
    functools.partial(operator.add, 1),
    np.random.default_rng(0),
    datetime.datetime(2020, 1, 1),
    np.zeros(3, dtype=object),
    sp.csr_array((2, 2)),
    float,
]


def bad_values(rng, valid):
    """All values to try in place of a valid one."""
    values = list(SCALARS)
    if sp.issparse(valid) or (isinstance(valid, np.ndarray) and valid.ndim == 2):
        values += damaged_matrices(rng, valid)
    elif isinstance(valid, (list, tuple)) or (isinstance(valid, np.ndarray) and valid.ndim == 1):
        values += damaged_lists(rng, valid)
    return values
