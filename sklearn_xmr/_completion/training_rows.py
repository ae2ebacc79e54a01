"""Rows to learn from: what was asked before, what was typed, what was meant, and how often."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_consistent_length

from .._checks import as_list, check_weights
from ..datasets._log_times import as_seconds
from ..datasets._prefix_pairs import check_sessions
from .query_pairs import check_pairs, check_queries

# Weights and counts do not fade below this: nothing that was asked is forgotten.
LEAST_WEIGHT = 1e-30
# Sums of whole numbers are exact up to here, and counts of them fit int64.
MOST_WEIGHT = 2.0**53

# The share of training rows that are repeated without prefix, and without previous query.
GAP_SHARE = 0.05


class TrainingRows(NamedTuple):
    """Rows of a query log, with texts in the form by which they are compared.

    Attributes
    ----------
    previous : list of str or tuple
        What was asked before: a context each.
    prefixes : list of str or None
        What was typed. None where sessions do not tell.
    following : list of str
        The query that was meant.
    spellings : list of str or None
        The same as it was logged, None where that is how it is compared.
    weights : ndarray of float64 or None
        How often each row came, None for once.
    newest : float or None
        The time up to which the weights have faded; None where they have not.
    """

    previous: list
    prefixes: list | None
    following: list
    spellings: list | None
    weights: np.ndarray | None
    newest: float | None = None

    @classmethod
    def of(cls, X, y, sample_weight, normalizer):
        """Check rows of X and y, and bring their texts into a normalizer's form."""
        previous, prefixes = check_pairs(X)
        spellings = check_queries(y)
        check_consistent_length(previous, spellings)
        weights = _check_weights(sample_weight, spellings)
        previous, following = normalizer.contexts(previous), normalizer.queries(spellings)
        spellings = normalizer.function and spellings
        rows = cls(previous, normalizer.prefixes(prefixes), following, spellings, weights)
        return rows._without_nothing("y")

    @classmethod
    def of_sessions(cls, sessions, sample_weight, times, half_life, normalizer):
        """Check sessions, and take from each its queries that differ from the one before."""
        sessions = check_sessions(sessions)
        weights, newest = _check_weights(sample_weight, sessions), None
        if times is not None:
            times = _check_times(times, sessions)
            newest = float(times.max(initial=-np.inf))
            if half_life is not None:
                faded = fading(newest - times, half_life)
                weights = faded if weights is None else weights * faded
        previous, following, spellings, session_of = [], [], [], []
        for number, session in enumerate(sessions):
            forms = normalizer.queries(session)
            asked = [(form, text) for form, text in zip(forms, session, strict=True) if form]
            for (before, _), (query, spelling) in pairwise([("", ""), *asked]):
                if query != before:
                    previous.append(before)
                    following.append(query)
                    spellings.append(spelling)
                    session_of.append(number)
        spellings = normalizer.function and spellings
        weights = None if weights is None else weights[session_of]
        rows = cls(previous, None, following, spellings, weights, newest)
        return rows._without_nothing("sessions")

    def _without_nothing(self, name):
        # Rows that count nothing are as if they had not come.
        kept = [bool(query) for query in self.following]
        if self.weights is not None:
            kept = np.logical_and(kept, self.weights > 0).tolist()
        if not any(kept):
            raise ValueError(f"{name} must hold a query that counts, got none.")
        if all(kept):
            return self
        columns = [
            column and [value for value, is_kept in zip(column, kept, strict=True) if is_kept]
            for column in self[:4]
        ]
        weights = None if self.weights is None else self.weights[kept]
        return TrainingRows(*columns, weights, self.newest)


def with_gaps(again, previous, prefixes, rng):
    """Repeat some rows without a prefix, and some without a previous query.

    The model must know what to say then, too. Of all rows return the numbers, from `again`, what
    was asked before, from `previous` by these numbers, and what was typed, from `prefixes`.
    """
    without_prefix = np.flatnonzero(rng.random_sample(len(again)) < GAP_SHARE)
    without_previous = np.flatnonzero(rng.random_sample(len(again)) < GAP_SHARE)
    previous = [previous[i] for i in [*again.tolist(), *again[without_prefix].tolist()]]
    prefixes = prefixes + [""] * len(without_prefix) + [prefixes[i] for i in without_previous]
    return (
        np.concatenate([again, again[without_prefix], again[without_previous]]),
        previous + [""] * len(without_previous),
        prefixes,
    )


def fading(ages, half_life):
    """What is left of a weight at an age: little, but never nothing."""
    return np.maximum(np.exp2(-ages / half_life), LEAST_WEIGHT)


def _check_weights(sample_weight, rows):
    if sample_weight is None:
        return None
    weights = check_weights(sample_weight, rows)
    if not weights.sum() < MOST_WEIGHT:
        raise ValueError(
            f"sample_weight must sum to less than {MOST_WEIGHT:.2g}, got {weights.sum():.2g}."
        )
    return weights


def _check_times(times, sessions):
    if not hasattr(times, "dtype"):
        times = as_list(times, "times", "times, one for each session")
    times = as_seconds(times, "times")
    if len(times) != len(sessions):
        raise ValueError(
            f"times must have one time for each of {len(sessions)} sessions, got {len(times)}."
        )
    return times
