# How a child's margin and its parent's score make the score of the path to the child.

from libc.float cimport FLT_MAX
from libc.math cimport expf, fabsf, log1pf

# The transform is the power of the hinge loss, or one of
cdef enum:
    NOOP = 0
    LOG_SIGMOID = -1

    # Margins beyond this are cut: the 4th power must be a finite float.
    MAX_LOSS = 1000000000


cdef inline float not_below(float score) noexcept nogil:
    # Long paths of bad nodes must not end at -inf, which stands for labels that were not reached.
    return score if score > -FLT_MAX else -FLT_MAX


cdef inline float path_score(float parent, float margin, int transform) noexcept nogil:
    cdef float loss, power
    if transform == NOOP:
        return margin if -FLT_MAX < margin < FLT_MAX else (FLT_MAX if margin > 0 else -FLT_MAX)
    if transform == LOG_SIGMOID:
        margin = margin if margin > -MAX_LOSS else -MAX_LOSS
        return not_below(parent + (margin if margin < 0 else 0) - log1pf(expf(-fabsf(margin))))
    loss = 1 - margin
    if loss <= 0:
        return parent
    loss = loss if loss < MAX_LOSS else MAX_LOSS
    power = loss
    for _ in range(transform - 1):
        power *= loss
    return not_below(parent - power)
