"""Sparse matrices, with any SciPy from 1.13 on."""

import numpy as np
import scipy
import scipy.sparse as sp

SCIPY_VERSION = tuple(map(int, scipy.__version__.split(".")[:2]))


def random_csr(rng, shape, density, data_sampler=None):
    # SciPy before 1.15 does not know the parameter by its newer name, `rng`.
    return sp.random_array(
        shape,
        density=density,
        format="csr",
        dtype=np.float32,
        random_state=rng,
        data_sampler=data_sampler,
    )


def one_dimensional(values):
    """Sparse vectors, in all the formats that this SciPy has them in."""
    formats = [sp.coo_array] if SCIPY_VERSION < (1, 15) else [sp.coo_array, sp.csr_array]
    return [make(values) for make in formats]
