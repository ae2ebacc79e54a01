"""What was known of a pair before its texts are compared, and what all its features add up to."""

from libc.math cimport INFINITY, exp, log1p
from libc.stdint cimport int64_t

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


def match_scores(
    const int64_t[::1] pair_ptr,
    const double[::1] scores,
    const double[::1] label_counts,
    int64_t first_column,
    double[:, ::1] out,  # out
):
    """Make features of the scores of pairs and of how many rows their labels were trained on.

    ``out`` has a row for each pair, and a column for each `ScoreFeature` from ``first_column`` on.
    SCORE: the score, or the worst of the query if it is -inf, 0 if all are; GAP: how far that is
    below the best of the query; GAP_IF_TRAINED: the same, 0 for a label without rows; HAS_NONE: 1
    if the score is -inf; LOG_COUNT: the log of 1 + the label's rows; IS_TRAINED: 1 if it has some.
    """
    cdef:
        int64_t q, p
        double worst, best
        double *row
    with nogil:
        for q in range(pair_ptr.shape[0] - 1):
            worst, best = INFINITY, -INFINITY
            for p in range(pair_ptr[q], pair_ptr[q + 1]):
                if scores[p] > -INFINITY:
                    worst = min(worst, scores[p])
                    best = max(best, scores[p])
            if best == -INFINITY:
                worst = best = 0
            for p in range(pair_ptr[q], pair_ptr[q + 1]):
                row = &out[p, first_column]
                row[<int> ScoreFeature.HAS_NONE] = scores[p] == -INFINITY
                row[<int> ScoreFeature.SCORE] = max(scores[p], worst)
                row[<int> ScoreFeature.GAP] = best - row[<int> ScoreFeature.SCORE]
                row[<int> ScoreFeature.LOG_COUNT] = log1p(label_counts[p])
                row[<int> ScoreFeature.IS_TRAINED] = label_counts[p] > 0
                row[<int> ScoreFeature.GAP_IF_TRAINED] = (
                    row[<int> ScoreFeature.GAP] if label_counts[p] > 0 else 0
                )


def times_column(const int64_t[::1] columns, int64_t by, int64_t first_column, double[:, ::1] out):
    """Fill columns from ``first_column`` on with the given ones, each times column ``by``."""
    cdef int64_t p, i
    with nogil:
        for p in range(out.shape[0]):
            for i in range(columns.shape[0]):
                out[p, first_column + i] = out[p, columns[i]] * out[p, by]


def weighted_sums(
    const double[:, ::1] features,
    const double[::1] weights,
    double intercept,
    double[::1] out,  # out
):
    """Add up each row's features times their weights, whatever rows there are beside it."""
    cdef:
        int64_t p, k
        double total
    with nogil:
        for p in range(features.shape[0]):
            total = intercept
            for k in range(features.shape[1]):
                total += features[p, k] * weights[k]
            out[p] = total


def odds_of_others(
    const int64_t[::1] pair_ptr,
    const double[::1] log_odds,
    double[::1] out,  # out
):
    """Take the log of 1 + the odds of all other pairs of the same query together."""
    cdef:
        int64_t q, p
        double total
    with nogil:
        for q in range(pair_ptr.shape[0] - 1):
            total = 0
            for p in range(pair_ptr[q], pair_ptr[q + 1]):
                out[p] = exp(min(log_odds[p], CERTAIN))
                total += out[p]
            for p in range(pair_ptr[q], pair_ptr[q + 1]):
                out[p] = log1p(total - out[p])
