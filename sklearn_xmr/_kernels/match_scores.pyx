"""What was known of a pair before its texts are compared, and what all its features add up to."""

import numpy as np

from libc.math cimport INFINITY, exp, log1p
from libc.stdint cimport int32_t, int64_t

from ._arrays cimport doubles, int32s, int64s, n_columns

# Log-odds past which a pair is as good as certain: their exponential stays small.
cpdef enum:
    CERTAIN = 30


cpdef enum ScoreFeature:
    SCORE = 0
    GAP = 1
    GAP_IF_TRAINED = 2
    HAS_NONE = 3
    LOG_COUNT = 4
    IS_TRAINED = 5
    N_SCORE_FEATURES = 6


def list_pairs(labels, scores, label_counts):
    """Put the labels of shortlists one after the other.

    Labels, int32, are -1 for none; scores are float64 of the same shape, and ``label_counts``
    either, too, or by label. Return index pointers, and the labels, scores and counts of the pairs.
    """
    cdef:
        int64_t row, i, n_rows = len(labels), width = n_columns(labels), size = 0
        bint is_by_label = label_counts.ndim == 1
        const int32_t *given = int32s(labels)
        const double *given_scores = doubles(scores)
        const double *counts = doubles(label_counts)
        int64_t *ptr
        int32_t *pair_labels
        double *pair_scores
        double *pair_counts
    with nogil:
        for i in range(n_rows * width):
            size += given[i] >= 0
    pairs = (
        np.empty(n_rows + 1, np.int64), np.empty(size, np.int32), np.empty(size), np.empty(size)
    )
    ptr, pair_labels = int64s(pairs[0]), int32s(pairs[1])
    pair_scores, pair_counts = doubles(pairs[2]), doubles(pairs[3])
    size = ptr[0] = 0
    with nogil:
        for row in range(n_rows):
            for i in range(row * width, (row + 1) * width):
                if given[i] >= 0:
                    pair_labels[size], pair_scores[size] = given[i], given_scores[i]
                    pair_counts[size] = counts[given[i] if is_by_label else i]
                    size += 1
            ptr[row + 1] = size
    return pairs


def match_scores(
    pairs,
    int64_t first_column,
    out,  # out
):
    """Make features of the scores of `Pairs` and of how many rows their labels were trained on.

    ``out`` has a row for each pair, and a column for each `ScoreFeature` from ``first_column`` on.
    SCORE: the score, or the worst of the query if it is -inf, 0 if all are; GAP: how far that is
    below the best of the query; GAP_IF_TRAINED: the same, 0 for a label without rows; HAS_NONE: 1
    if the score is -inf; LOG_COUNT: the log of 1 + the label's rows; IS_TRAINED: 1 if it has some.
    """
    cdef:
        int64_t q, p, n_queries = len(pairs.indptr) - 1, width = n_columns(out)
        const int64_t *pair_ptr = int64s(pairs.indptr)
        const double *scores = doubles(pairs.scores)
        const double *label_counts = doubles(pairs.label_counts)
        double *table = doubles(out)
        double worst, best
        double *row
    with nogil:
        for q in range(n_queries):
            worst, best = INFINITY, -INFINITY
            for p in range(pair_ptr[q], pair_ptr[q + 1]):
                if scores[p] > -INFINITY:
                    worst = min(worst, scores[p])
                    best = max(best, scores[p])
            if best == -INFINITY:
                worst = best = 0
            for p in range(pair_ptr[q], pair_ptr[q + 1]):
                row = table + p * width + first_column
                row[<int> ScoreFeature.HAS_NONE] = scores[p] == -INFINITY
                row[<int> ScoreFeature.SCORE] = max(scores[p], worst)
                row[<int> ScoreFeature.GAP] = best - row[<int> ScoreFeature.SCORE]
                row[<int> ScoreFeature.LOG_COUNT] = log1p(label_counts[p])
                row[<int> ScoreFeature.IS_TRAINED] = label_counts[p] > 0
                row[<int> ScoreFeature.GAP_IF_TRAINED] = (
                    row[<int> ScoreFeature.GAP] if label_counts[p] > 0 else 0
                )


def times_column(columns, int64_t by, int64_t first_column, out):
    """Fill columns from ``first_column`` on with the given ones, each times column ``by``."""
    cdef:
        int64_t _p, i, n_rows = len(out), width = n_columns(out), n_times = len(columns)
        const int64_t *given = int64s(columns)
        double *row = doubles(out)
    with nogil:
        for _p in range(n_rows):
            for i in range(n_times):
                row[first_column + i] = row[given[i]] * row[by]
            row += width


def weighted_sums(
    features,
    weights,
    double intercept,
    out,  # out
):
    """Add up each row's features times their weights, whatever rows there are beside it.

    There may be further weights, of features that are not in the table.
    """
    cdef:
        int64_t p, k, n_rows = len(features), width = n_columns(features)
        const double *row = doubles(features)
        const double *weight = doubles(weights)
        double *sums = doubles(out)
        double total
    with nogil:
        for p in range(n_rows):
            total = intercept
            for k in range(width):
                total += row[k] * weight[k]
            sums[p] = total
            row += width


def odds_of_others(
    pair_ptr,
    log_odds,
    out,  # out
):
    """Take the log of 1 + the odds of all other pairs of the same query together."""
    cdef:
        int64_t q, p, n_queries = len(pair_ptr) - 1
        const int64_t *ptr = int64s(pair_ptr)
        const double *alone = doubles(log_odds)
        double *others = doubles(out)
        double total
    with nogil:
        for q in range(n_queries):
            total = 0
            for p in range(ptr[q], ptr[q + 1]):
                others[p] = exp(min(alone[p], CERTAIN))
                total += others[p]
            for p in range(ptr[q], ptr[q + 1]):
                others[p] = log1p(total - others[p])
