"""Objects that users plug in, indexers, matchers and rankers: checked, copied and asked.

Matchers and rankers are given copies of a batch of rows at a time, and what they answer is checked
before a kernel sees it.
"""

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.utils import gen_batches

# Rows that a matcher or ranker is given at a time.
BATCH_ROWS = 4096


def check_is_object(stage, name):
    """Refuse a class where an object is wanted: it has the methods, too."""
    if isinstance(stage, type):
        raise TypeError(f"{name} must be an object, got the class {stage.__name__} itself.")


def own_copy(stage, seed):
    """An unfitted copy of a stage, seeded where its `random_state` is None.

    What is not an estimator in scikit-learn's sense is copied as it is.
    """
    copied = clone(stage, safe=False)
    if hasattr(copied, "set_params") and getattr(copied, "random_state", seed) is None:
        copied.set_params(random_state=seed)
    return copied


def batches_of_rows(X):
    """Yield the rows of CSR batch by batch: a slice, and copies, which a stage may write into."""
    for rows in gen_batches(X.shape[0], BATCH_ROWS):
        indptr = X.indptr[rows.start : rows.stop + 1]
        stored = slice(indptr[0], indptr[-1])
        parts = X.data[stored].copy(), X.indices[stored].copy(), indptr - indptr[0]
        yield rows, sp.csr_array(parts, shape=(len(indptr) - 1, X.shape[1]))


def answered_scores(scores, shape, wanted, source):
    """The scores that a stage answered, as a float32 copy.

    Parameters
    ----------
    scores : object
    shape : tuple of int
        Theirs.
    wanted : ndarray of bool of that shape
        Elsewhere, they may be anything.
    source : str
        What messages call the stage and its method.

    Raises
    ------
    ValueError
        If they are not numbers, of another shape, NaN or infinity; -inf is taken.
    """
    scores = answered_array(scores, "iuf", f"{source} must return scores that are numbers")
    if scores.shape != shape:
        raise ValueError(f"{source} must return scores of shape {shape}, got {scores.shape}.")
    with np.errstate(over="ignore"):
        scores = scores.astype(np.float32)
    bad = wanted & ~(scores < np.inf)
    if bad.any():
        raise ValueError(
            f"{source} must return scores that are finite as float32, or -inf, got "
            f"{scores[bad][0]}."
        )
    return scores


def answered_array(values, kinds, demand):
    """What a stage answered as an array, if its dtype is of one of these kinds.

    Raises
    ------
    ValueError
        If it is not. It states the `demand`.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{demand}: {error}") from error
    if array.dtype.kind not in kinds:
        raise ValueError(f"{demand}, got dtype {array.dtype}.")
    return array
