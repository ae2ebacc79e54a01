"""Random sparse matrices."""

import numpy as np
import scipy.sparse as sp


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
