"""Sparse matrices, with any SciPy from 1.13 on."""

import numpy as np
import scipy
import scipy.sparse as sp

SCIPY_VERSION = tuple(map(int, scipy.__version__.split(".")[:2]))


def random_csr(rng, shape, density, data_sampler=None):
    """Random float32 rows with int32 indices."""
    # SciPy before 1.15 does not know `rng` by that name, and numbers the columns in int64.
    X = sp.random_array(
        shape,
        density=density,
        format="csr",
        dtype=np.float32,
        random_state=rng,
        data_sampler=data_sampler,
    )
    X.indices, X.indptr = X.indices.astype(np.int32), X.indptr.astype(np.int32)
    return X


def one_dimensional(values):
    """Sparse vectors, in all the formats that this SciPy has them in."""
    formats = [sp.coo_array] if SCIPY_VERSION < (1, 15) else [sp.coo_array, sp.csr_array]
    return [make(values) for make in formats]
