"""From a row's ranked labels to probabilities: maps that are fitted to shortlists out of fold.

What tells whether a label is right is, above all, its margin. The margins of the others say more:
three labels that all fit well share what a single one would have for itself. And of two labels with
the same margin, the one with more rows has been learned better.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

METHODS = "logistic", "isotonic"
# Of a label that is alone: margins are seldom further apart.
LARGEST_LEAD = 10.0
# Log-odds of isotonic regression are those of at least and at most this.
SURE = 1e-4
# No label found is impossible: so there is room below it for those that rank behind.
SMALLEST = 1e-9


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


@dataclass(frozen=True, eq=False)
class Calibration:
    """A fitted map from ranked labels to probabilities.

    Attributes
    ----------
    margins, probabilities : ndarrays of shape (n_knots,)
        The isotonic regression of what is right on the margin, linear between these knots.
    coef : ndarray of shape (n_features,) or None
        The weights of `_features`; None where the margin alone decides.
    intercept : float
    """

    margins: np.ndarray
    probabilities: np.ndarray
    coef: np.ndarray | None = None
    intercept: float = 0.0

    @classmethod
    def fit(cls, method, ranking, is_true):
        """Fit a map.

        Parameters
        ----------
        method : {"logistic", "isotonic"}
        ranking : RankedLabels
        is_true : ndarray of bool of shape (n_rows, n_listed)

        Returns
        -------
        Calibration
        """
        found = ranking.found
        targets, n_pairs, n_true = is_true[found], found.sum(), is_true[found].sum()
        if n_true in (0, n_pairs):  # nothing to tell apart
            share = (n_true + 1) / (n_pairs + 2)
            return cls(np.zeros(1), np.array([share]))
        isotonic = IsotonicRegression(out_of_bounds="clip").fit(ranking.margins[found], targets)
        calibration = cls(isotonic.X_thresholds_, isotonic.y_thresholds_)
        if method == "isotonic":
            return calibration
        features = calibration.features(ranking)[found]
        scaler = StandardScaler().fit(features)
        logistic = LogisticRegression(max_iter=1000).fit(scaler.transform(features), targets)
        coef = logistic.coef_[0] / scaler.scale_
        intercept = logistic.intercept_[0] - coef @ scaler.mean_
        return cls(calibration.margins, calibration.probabilities, coef, float(intercept))

    def predict(self, ranking):
        """The labels' probabilities, not yet in order: float64 of shape (n_rows, k)."""
        if self.coef is None:
            return np.interp(ranking.margins, self.margins, self.probabilities)
        return expit(self.features(ranking) @ self.coef + self.intercept)

    def descending(self, ranking):
        """Probabilities along each ranking, each lower than those before, as float32."""
        probabilities = np.maximum(self.predict(ranking), SMALLEST).astype(np.float32)
        # As whole numbers, the bits of positive floats are in the order of the floats, and
        # neighbours differ by 1.
        ranks = np.arange(probabilities.shape[1], dtype=np.int32)
        bits = np.minimum.accumulate(probabilities.view(np.int32) + ranks, axis=1) - ranks
        return bits.view(np.float32)

    def features(self, ranking):
        """What the logistic map weighs, of shape (n_rows, k, n_features)."""
        isotonic = np.interp(ranking.margins, self.margins, self.probabilities)
        return np.stack(
            (
                logit(np.clip(isotonic, SURE, 1 - SURE)),
                np.where(ranking.found, ranking.margins - ranking.totals[:, None], 0),
                ranking.leads,
                np.log(ranking.ranks),
                np.log1p(ranking.counts),
            ),
            axis=-1,
        )


class RankedLabels(NamedTuple):
    """Ranked labels of some rows, as a calibration sees them; all but `totals` (n_rows, k).

    Attributes
    ----------
    margins : ndarray of float64
        -inf where there is no label.
    counts : ndarray
        How many rows each label had.
    ranks : ndarray of int
        From 1.
    leads : ndarray of float64
        By how much the best label's margin exceeds the next; 0 for others.
    totals : ndarray of float64 of shape (n_rows,)
        The logarithm of the sum of the exponentials of the margins listed.
    """

    margins: np.ndarray
    counts: np.ndarray
    ranks: np.ndarray
    leads: np.ndarray
    totals: np.ndarray

    @classmethod
    def of(cls, margins, counts, n_listed):
        """Those of whole rankings, best first; of the margins, the `n_listed` first are summed."""
        ranks = np.broadcast_to(np.arange(1, margins.shape[1] + 1), margins.shape)
        leads = np.zeros(margins.shape)
        if margins.shape[1] > 1:
            known = np.isfinite(margins[:, 0])
            leads[known, 0] = np.minimum(margins[known, 0] - margins[known, 1], LARGEST_LEAD)
        best = np.where(margins[:, 0] > -np.inf, margins[:, 0], 0)
        shares = np.exp(margins[:, :n_listed] - best[:, None]).sum(axis=1)
        return cls(margins, counts, ranks, leads, best + np.log(np.maximum(shares, 1)))

    def followed_by(self, margins, counts):
        """Further labels of the same rows, all behind those listed."""
        n_found = self.found.sum(axis=1)
        ranks = np.broadcast_to(n_found[:, None] + 1, margins.shape)
        return RankedLabels(margins, counts, ranks, np.zeros(margins.shape), self.totals)

    @classmethod
    def joined(cls, rankings):
        """Those of the rows of several, which are equally wide."""
        return cls(*map(np.concatenate, zip(*rankings, strict=True)))

    def widened(self, width):
        """The same with room for more labels."""
        return RankedLabels(
            widened(self.margins, width, -np.inf),
            widened(self.counts, width),
            np.broadcast_to(np.arange(1, width + 1), (len(self.margins), width)),
            widened(self.leads, width),
            self.totals,
        )

    @property
    def found(self):
        """Where there is a label."""
        return self.margins > -np.inf
