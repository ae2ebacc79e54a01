"""Rankings of labels as a calibration sees them: margins, and what else tells what is right."""

from typing import NamedTuple

import numpy as np

# Of a label that is alone: margins are seldom further apart.
LARGEST_LEAD = 10.0


class RankedLabels(NamedTuple):
    """Ranked labels of some rows, as a calibration sees them; all but the last two (n_rows, k).

    Attributes
    ----------
    margins : ndarray of float64
        -inf where there is no label.
    labels : ndarray of int
        Their positions among all labels; any where there is none.
    counts : ndarray
        How many rows each label had.
    ranks : ndarray of int
        From 1.
    leads : ndarray of float64
        By how much the best label's margin exceeds the next; 0 for others.
    totals : ndarray of float64 of shape (n_rows,)
        The logarithm of the sum of the exponentials of the margins listed.
    sizes : ndarray of int of shape (n_rows,)
        How many features each row has that are not 0.
    """

    margins: np.ndarray
    labels: np.ndarray
    counts: np.ndarray
    ranks: np.ndarray
    leads: np.ndarray
    totals: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, margins, labels, counts, sizes, n_listed):
        """Those of whole rankings, best first; of the margins, the `n_listed` first are summed."""
        ranks = np.broadcast_to(np.arange(1, margins.shape[1] + 1), margins.shape)
        leads = np.zeros(margins.shape)
        if margins.shape[1] > 1:
            known = np.isfinite(margins[:, 0])
            leads[known, 0] = np.minimum(margins[known, 0] - margins[known, 1], LARGEST_LEAD)
        best = np.where(margins[:, 0] > -np.inf, margins[:, 0], 0)
        shares = np.exp(margins[:, :n_listed] - best[:, None]).sum(axis=1)
        totals = best + np.log(np.maximum(shares, 1))
        return cls(margins, labels, counts, ranks, leads, totals, sizes)

    def followed_by(self, margins, labels, counts):
        """Further labels of the same rows, all behind those listed."""
        n_found = self.found.sum(axis=1)
        ranks = np.broadcast_to(n_found[:, None] + 1, margins.shape)
        others = margins, labels, counts, ranks, np.zeros(margins.shape)
        return RankedLabels(*others, self.totals, self.sizes)

    @classmethod
    def joined(cls, rankings):
        """Those of the rows of several, which are equally wide."""
        return cls(*map(np.concatenate, zip(*rankings, strict=True)))

    def widened(self, width):
        """The same with room for more labels."""
        return RankedLabels(
            widened(self.margins, width, -np.inf),
            widened(self.labels, width),
            widened(self.counts, width),
            np.broadcast_to(np.arange(1, width + 1), (len(self.margins), width)),
            widened(self.leads, width),
            self.totals,
            self.sizes,
        )

    @property
    def found(self):
        """Where there is a label."""
        return self.margins > -np.inf


def margins_of(paths, transform):
    """Scores of paths as margins, which are linear in what the models have learned.

    Parameters
    ----------
    paths : ndarray of float32
        In the log domain, or with "noop", margins; -inf for none.
    transform : str
        The `score_transform`.

    Returns
    -------
    ndarray of float64
        Growing with the paths, -inf for none.
    """
    paths = paths.astype(np.float64)
    if transform == "noop":
        return paths
    kind = transform.removeprefix("log_")
    above = np.maximum(paths, 0)  # where a ranker of the user's scores so
    if kind == "sigmoid":
        # From -1e-7 up, float32 has nothing between a probability and 1.
        logs = np.minimum(paths, -1e-7)
        return logs - np.log(-np.expm1(logs)) + above
    return 1 - np.maximum(-paths, 0) ** (1 / int(kind[1])) + above


def widened(array, width, value=0):
    """A two-dimensional array with further columns, all of this value."""
    return np.pad(array, ((0, 0), (0, width - array.shape[1])), constant_values=value)
