"""From a row's ranked labels to probabilities: maps that are fitted to shortlists out of fold.

What tells whether a label is right is, above all, its margin. The margins of the others say more:
three labels that all fit well share what a single one would have for itself. Of two labels with the
same margin, the one with more rows has been learned better, and a row with more features says more.
What each of these is worth depends on the others: so they count in pairs. And some labels come true
more often than those like them: what they have shown so far counts, as far as there is some.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

METHODS = "logistic", "isotonic"
# Log-odds of isotonic regression are those of at least and at most this.
SURE = 1e-4
N_FEATURES = 6  # of `features_of`
# What a label has shown counts for half once this much has been learned of its log-odds: as much as
# from four times as many pairs at even odds.
PRIOR_INFORMATION = 16
N_NEWTON_STEPS = 5
# No label found is impossible: so there is room below it for those that rank behind.
SMALLEST = 1e-9


@dataclass(frozen=True, eq=False)
class Calibration:
    """A fitted map from ranked labels to probabilities.

    Attributes
    ----------
    margins, probabilities : ndarrays of shape (n_knots,)
        The isotonic regression of what is right on the margin, linear between these knots: a
        feature.
    bounds : (ndarray, ndarray) of shape (n_features,)
        The least and largest features that it was fitted to: what is beyond counts as these.
    pair_weights : ndarray of shape (n_features + 1, n_features + 1)
        What products of two features, the last of which is 1, add to the log-odds.
    label_log_odds : ndarray of shape (n_labels,)
        What is added to those of a label.
    steps : (ndarray, ndarray) of shape (n_steps,) or None
        Log-odds, and the probabilities that they stand for, linear between these; None where they
        stand for themselves.
    """

    margins: np.ndarray
    probabilities: np.ndarray
    bounds: tuple
    pair_weights: np.ndarray
    label_log_odds: np.ndarray
    steps: tuple | None = None

    @classmethod
    def fit(cls, method, ranking, is_true, n_labels, weights=None):
        """Fit a map.

        Parameters
        ----------
        method : {"logistic", "isotonic"}
        ranking : RankedLabels
        is_true : ndarray of bool of shape (n_rows, n_listed)
        n_labels : int
        weights : ndarray of float64 of shape (n_rows,) or None
            Of the rows, above 0; None is 1.

        Returns
        -------
        Calibration
        """
        found = ranking.found
        weights = np.ones(len(found)) if weights is None else weights
        targets, labels = is_true[found], ranking.labels[found]
        weights = np.repeat(weights, found.sum(axis=1))
        n_pairs, n_true = len(targets), targets.sum()
        if n_true in (0, n_pairs):  # nothing to tell apart
            constant = np.zeros((N_FEATURES + 1, N_FEATURES + 1))
            constant[-1, -1] = logit((n_true + 1) / (n_pairs + 2))
            none = np.zeros(N_FEATURES)
            return cls(np.zeros(1), np.zeros(1), (none, none), constant, np.zeros(n_labels))
        isotonic = IsotonicRegression(out_of_bounds="clip")
        isotonic.fit(ranking.margins[found], targets, weights)
        knots = isotonic.X_thresholds_, isotonic.y_thresholds_
        features = features_of(ranking, *knots)[found]
        pair_weights = _fit_pair_weights(features, targets, weights)
        log_odds = _quadratic(features, pair_weights)
        shown, held_out = _label_log_odds(log_odds, labels, targets, n_labels, weights)
        bounds = features.min(axis=0), features.max(axis=0)
        calibration = cls(*knots, bounds, pair_weights, shown)
        log_odds += held_out
        if method == "isotonic":
            steps = IsotonicRegression(out_of_bounds="clip").fit(log_odds, targets, weights)
            return replace(calibration, steps=(steps.X_thresholds_, steps.y_thresholds_))
        line = LogisticRegression().fit(log_odds[:, None], targets, weights)
        return calibration.along(max(line.coef_[0, 0], 0.0), line.intercept_[0])

    def along(self, slope, shift):
        """The same with log-odds times the slope, plus the shift."""
        pair_weights = slope * self.pair_weights
        pair_weights[-1, -1] += shift
        return replace(self, pair_weights=pair_weights, label_log_odds=slope * self.label_log_odds)

    def predict(self, ranking):
        """The labels' probabilities, not yet in order: float64 of shape (n_rows, k)."""
        features = np.clip(features_of(ranking, self.margins, self.probabilities), *self.bounds)
        log_odds = _quadratic(features, self.pair_weights) + self.label_log_odds[ranking.labels]
        return expit(log_odds) if self.steps is None else np.interp(log_odds, *self.steps)

    def descending(self, ranking):
        """Probabilities along each ranking, each lower than those before, as float32."""
        probabilities = np.maximum(self.predict(ranking), SMALLEST).astype(np.float32)
        # As whole numbers, the bits of positive floats are in the order of the floats, and
        # neighbours differ by 1.
        ranks = np.arange(probabilities.shape[1], dtype=np.int32)
        bits = np.minimum.accumulate(probabilities.view(np.int32) + ranks, axis=1) - ranks
        return bits.view(np.float32)


def features_of(ranking, margins, probabilities):
    """What is weighed, of shape (n_rows, k, n_features), by a regression on the margin."""
    isotonic = np.interp(ranking.margins, margins, probabilities)
    return np.stack(
        (
            logit(np.clip(isotonic, SURE, 1 - SURE)),
            np.where(ranking.found, ranking.margins - ranking.totals[:, None], 0),
            ranking.leads,
            np.log(ranking.ranks),
            np.log1p(ranking.counts),
            np.broadcast_to(np.log1p(ranking.sizes)[:, None], ranking.margins.shape),
        ),
        axis=-1,
    )


def _quadratic(features, pair_weights):
    # The sum over all pairs of features, the last of which is 1.
    linear = features @ pair_weights[:-1] + pair_weights[-1]
    return (linear[..., :-1] * features).sum(axis=-1) + linear[..., -1]


def _fit_pair_weights(features, targets, weights):
    # Logistic regression on products of standardised features, standardised in turn.
    scaler = StandardScaler().fit(features, sample_weight=weights)
    ones = np.ones((len(features), 1))
    scaled = np.hstack([scaler.transform(features), ones])
    first, second = (numbers[:-1] for numbers in np.triu_indices(N_FEATURES + 1))
    products = scaled[:, first]
    products *= scaled[:, second]
    of_products = StandardScaler(copy=False).fit(products, sample_weight=weights)
    logistic = LogisticRegression(max_iter=1000, tol=1e-3)
    logistic.fit(of_products.transform(products), targets, weights)
    found = np.zeros((N_FEATURES + 1, N_FEATURES + 1))
    found[first, second] = logistic.coef_[0] / of_products.scale_
    found[-1, -1] = logistic.intercept_[0] - found[first, second] @ of_products.mean_
    # Of features as they are, by what standardises them and leaves the 1.
    standardised = np.diag(np.append(1 / scaler.scale_, 1))
    standardised[-1, :-1] = -scaler.mean_ / scaler.scale_
    return standardised @ found @ standardised.T


def _label_log_odds(log_odds, labels, targets, n_labels, weights):
    """What labels have shown beyond the log-odds of their pairs, drawn to 0.

    Returns
    -------
    shown : ndarray of shape (n_labels,)
    held_out : ndarray of shape (n_pairs,)
        About what each pair's label has shown by its other pairs.
    """
    shown = np.zeros(n_labels)
    for _ in range(N_NEWTON_STEPS):
        expected = expit(log_odds + shown[labels])
        surplus = np.bincount(labels, weights * (targets - expected), minlength=n_labels)
        information = np.bincount(labels, weights * expected * (1 - expected), minlength=n_labels)
        information += PRIOR_INFORMATION
        shown += (surplus - PRIOR_INFORMATION * shown) / information
    own = weights * (targets - expit(log_odds + shown[labels])) / information[labels]
    return shown, shown[labels] - own
