"""How often labels occurred in training, as users give it."""

from .._checks import as_floats
from ._ranked_labels import values_of_labels


def frequency_of_labels(frequency, labels):
    """Frequencies as `check_frequency` takes them, of labels by name; None are those of columns."""
    return frequency if labels is None else values_of_labels(frequency, labels, 0, "frequency")


def check_frequency(frequency, n_labels):
    """Return frequencies as float64, one for each label; they may have shape (1, n_labels).

    Raises
    ------
    ValueError
        If there are more or fewer, or one is negative or NaN.
    """
    frequency = as_floats(frequency, "frequency")
    if frequency.shape == (1, n_labels):
        frequency = frequency[0]
    if frequency.shape != (n_labels,):
        raise ValueError(
            f"frequency must have one entry for each of {n_labels} labels, got shape "
            f"{frequency.shape}."
        )
    is_frequency = frequency >= 0
    if not is_frequency.all():
        raise ValueError(
            f"frequency must hold numbers of 0 or more, got {frequency[~is_frequency][0]}."
        )
    return frequency
