"""Restrict a search to candidate labels: which nodes of each layer still lead to one."""

from .._sparse import array_of_numbers, marked
from .beam_search import AllowedNodes
from .tree_layout import positive_nodes


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
    candidates = array_of_numbers(candidates, "candidates")
    if candidates.shape not in ((n_labels,), (n_samples, n_labels)):
        raise ValueError(
            f"candidates must have shape ({n_labels},) or ({n_samples}, {n_labels}), got "
            f"{candidates.shape}."
        )
    if candidates.ndim == 1 and candidates.dtype != bool:
        raise ValueError(
            "candidates must be boolean where it is 1-D, one entry per label, got dtype "
            f"{candidates.dtype}."
        )
    return marked(candidates, "candidates")
