"""Checks of arrays that come from files, before a kernel trusts them."""

import numpy as np


def copied(value):
    """A shallow copy, as `copy.copy` makes it, but without the checks of what comes from a file."""
    other = object.__new__(type(value))
    vars(other).update(vars(value))
    return other


def state_without(value, *names):
    """What of an object is stored: its attributes, but for some that are worked out again.

    Of a copy: another thread, which searches meanwhile, may add what it has worked out.
    """
    state = vars(value).copy()
    return {name: part for name, part in state.items() if name not in names}


def check_array(array, name, dtype, shape):
    """Refuse what is no array of a dtype, or one of several, and a shape; None is any length.

    Raises
    ------
    ValueError
        If it is not.
    """
    dtypes = dtype if isinstance(dtype, tuple) else (dtype,)
    wanted = [str(np.dtype(dtype)) for dtype in dtypes]
    found = _dtype_of(array), getattr(array, "shape", None)
    fits = (
        isinstance(array, np.ndarray)
        and found[0] in wanted
        and array.ndim == len(shape)
        and all(want in (None, have) for want, have in zip(shape, array.shape, strict=True))
        and array.flags.c_contiguous
    )
    if not fits:
        raise ValueError(
            f"{name} of a stored model must be an array of {' or '.join(wanted)} and shape "
            f"{shape}, got {found[0]} and {found[1]}."
        )


def check_pointers(pointers, name, size):
    """Refuse what does not lead from 0 to a size, never back."""
    check_array(pointers, name, np.int64, (None,))
    if len(pointers) == 0 or pointers[0] != 0 or pointers[-1] != size or _falls(pointers):
        raise ValueError(f"{name} of a stored model must rise from 0 to {size}.")


def check_indices(indices, name, stop, start=0):
    """Refuse what is not all from `start` to before `stop`."""
    if indices.size and not (start <= indices.min() and indices.max() < stop):
        raise ValueError(
            f"{name} of a stored model must be from {start} to {stop - 1}, got "
            f"{indices.min()} to {indices.max()}."
        )


def check_rows(rows, name):
    """Refuse a `Csr` whose arrays do not fit each other."""
    indptr, indices, data, n_columns = rows
    check_array(indices, f"{name}.indices", np.int32, (None,))
    check_array(data, f"{name}.data", np.float32, indices.shape)
    check_pointers(indptr, f"{name}.indptr", len(indices))
    check_indices(indices, f"{name}.indices", n_columns)


def _dtype_of(array):
    # As text: NumPy crashes where it compares a dtype whose fields were broken in a pickle.
    try:
        return str(array.dtype)
    except Exception:
        return type(array).__name__


def _falls(pointers):
    return bool((pointers[1:] < pointers[:-1]).any())
