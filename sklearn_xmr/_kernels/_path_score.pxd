# How children's margins and their parent's score make the scores of the paths to the children.

from libc.float cimport FLT_MAX
from libc.math cimport expf, fabsf, log1pf
from libc.stdint cimport int64_t

# The transform is the power of the hinge loss, or one of
cdef enum:
    NOOP = 0
    LOG_SIGMOID = -1

    # Margins beyond this are cut: the 4th power must be a finite float.
    MAX_LOSS = 1000000000


cdef inline float not_below(float score) noexcept nogil:
    # Long paths of bad nodes must not end at -inf, which stands for labels that were not reached.
    return score if score > -FLT_MAX else -FLT_MAX


cdef inline float noop(float margin) noexcept nogil:
    return margin if -FLT_MAX < margin < FLT_MAX else (FLT_MAX if margin > 0 else -FLT_MAX)


cdef inline float plus_log_sigmoid(float parent, float margin, float least) noexcept nogil:
    # Or what the sum is not above, if that is below the least: logarithms take long.
    cdef float most
    margin = margin if margin > -MAX_LOSS else -MAX_LOSS
    most = parent + (margin if margin < 0 else 0)
    return most if most < least else most - log1pf(expf(-fabsf(margin)))


cdef inline float hinge(float margin) noexcept nogil:
    cdef float loss = 1 - margin
    loss = loss if loss < MAX_LOSS else MAX_LOSS  # also for NaN, of infinities that cancel out
    return loss if loss > 0 else 0


cdef inline void path_scores(
    float *scores, int64_t n, float parent, int transform, float least
) noexcept nogil:
    # In place of the margins. Of scores below `least`, only that is to be known. A loop for each
    # transform, of which compilers make vector operations.
    cdef:
        int64_t i
        float loss
    if transform == NOOP:
        for i in range(n):
            scores[i] = noop(scores[i])
    elif transform == LOG_SIGMOID:
        for i in range(n):
            scores[i] = not_below(plus_log_sigmoid(parent, scores[i], least))
    elif transform == 1:
        for i in range(n):
            scores[i] = not_below(parent - hinge(scores[i]))
    elif transform == 2:
        for i in range(n):
            loss = hinge(scores[i])
            scores[i] = not_below(parent - loss * loss)
    elif transform == 3:
        for i in range(n):
            loss = hinge(scores[i])
            scores[i] = not_below(parent - loss * loss * loss)
    else:
        for i in range(n):
            loss = hinge(scores[i])
            scores[i] = not_below(parent - loss * loss * loss * loss)
