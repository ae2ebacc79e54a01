"""Probabilities beside what came true."""

import numpy as np

from .._sklearn import check_matplotlib_support
from ..metrics._calibration import calibration_bins, top_pairs
from ._axes import axes_of


def plot_reliability(y_true, y_score, k=5, *, ax=None):
    """Draw how often labels are true that were given some probability.

    The pairs of a row and a label among its `k` best are sorted by their probability and cut into
    15 bins of equal size, as :func:`~sklearn_xmr.metrics.calibration_error_at_k` does it. Of
    calibrated probabilities, the points lie on the diagonal, as far as chance allows.

    Parameters
    ----------
    y_true : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Label indicator: 1 where the label is true, else 0.
    y_score : {array-like, sparse matrix} of shape (n_samples, n_labels)
        Probabilities; ``-inf``, or in a sparse matrix what is not stored, was not retrieved.
    k : int, default=5
        Number of labels looked at in each row.
    ax : matplotlib Axes or None, default=None
        Where to draw, over what is there, so that several models can be compared. None for the
        current axes.

    Returns
    -------
    matplotlib Axes
        The axes, with a point for each bin at its mean probability and share of true labels, and a
        bar of two standard deviations of chance.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        As :func:`~sklearn_xmr.metrics.calibration_error_at_k` raises it.

    See Also
    --------
    sklearn_xmr.metrics.calibration_error_at_k : The mean distance from the diagonal.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from sklearn_xmr.inspection import plot_reliability
    >>> rng = np.random.default_rng(0)
    >>> probabilities = rng.random((500, 3))
    >>> y_true = (rng.random((500, 3)) < probabilities).astype(int)
    >>> ax = plot_reliability(y_true, probabilities, k=1, ax=Figure().subplots())
    >>> len(ax.containers[0].lines[0].get_xdata())
    15
    """
    check_matplotlib_support("plot_reliability")

    probabilities, is_true, _ = top_pairs(y_true, y_score, k)
    predicted, observed, sizes = calibration_bins(probabilities, is_true)
    ax = axes_of(ax)
    ax.axline((0, 0), slope=1, color="0.6", linewidth=0.8)
    chance = 2 * np.sqrt(observed * (1 - observed) / sizes)
    ax.errorbar(predicted, observed, chance, marker="o", markersize=4, capsize=2)
    ax.set_xlabel("mean probability")
    ax.set_ylabel("share that is true")
    return ax
