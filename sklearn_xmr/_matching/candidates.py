"""Restrict a search to candidate labels: which nodes of each layer still lead to one."""

import numpy as np
import scipy.sparse as sp

from .._indexing.tree_layout import positive_nodes
from .._sparse import canonical_csr
from .beam_search import AllowedNodes


def allowed_nodes(candidates, layers, n_samples, n_labels):
    """The nodes above a candidate, as a restriction of the search; None for no candidates.

    Raises
    ------
    ValueError
        If `candidates` has the wrong shape, a 1-D mask is not boolean or a value is NaN.
    """
    if candidates is None:
        return None
    allowed = _checked_candidates(candidates, n_samples, n_labels)
    return AllowedNodes(positive_nodes(allowed, layers))


def _checked_candidates(candidates, n_samples, n_labels):
    if not sp.issparse(candidates):
        try:
            candidates = np.asarray(candidates)
        except ValueError as error:
            raise ValueError(f"candidates is no array: {error}") from error
    if candidates.dtype.kind not in "biuf":
        raise ValueError(f"candidates must hold numbers or booleans, got dtype {candidates.dtype}.")
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
    if not np.isfinite(allowed.data).all():
        raise ValueError("candidates contains NaN or infinity.")
    allowed.eliminate_zeros()
    return allowed
