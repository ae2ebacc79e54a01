"""Restrict a search to candidate labels: which nodes of each layer still lead to one."""

import numpy as np
import scipy.sparse as sp

from ._sparse import canonical_csr
from ._tree_layout import positive_nodes


def allowed_nodes(candidates, layers, n_samples, n_labels):
    """For each layer the nodes above a candidate, one CSR row per sample or one for all.

    Raises
    ------
    ValueError
        If `candidates` has the wrong shape, a 1-D mask is not boolean or a value is NaN.
    """
    if candidates is None:
        return None
    return positive_nodes(_checked_candidates(candidates, n_samples, n_labels), layers)


def _checked_candidates(candidates, n_samples, n_labels):
    if not sp.issparse(candidates):
        candidates = np.asarray(candidates)
    if candidates.shape not in ((n_labels,), (n_samples, n_labels)):
        raise ValueError(
            f"candidates must have shape ({n_labels},) or ({n_samples}, {n_labels}), got "
            f"{candidates.shape}."
        )
    if candidates.ndim == 1 and candidates.dtype != bool:
        raise ValueError(
            "candidates must be boolean where it is 1-D, one entry per label; got dtype "
            f"{candidates.dtype}."
        )
    if sp.issparse(candidates):
        allowed = canonical_csr(candidates, "candidates").copy()
    else:
        allowed = sp.csr_array(np.atleast_2d(candidates))
    if allowed.dtype.kind not in "biuf" or not np.isfinite(allowed.data).all():
        raise ValueError("candidates must hold finite numbers or booleans.")
    allowed.eliminate_zeros()
    return allowed
