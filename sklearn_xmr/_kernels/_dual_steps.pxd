# How a row moves the dual variables of a vector of children, for each loss.
#
# Every step is given the margins y (w . x + s b) and the row's squared norm, that of its constant
# feature s included, and gives the projected gradients, the new variables and by how much the
# coefficients alpha of the row in w = sum_i y_i alpha_i x_i rise. All of it lane by lane: a lane's
# result does not depend on its neighbours. Constants are lanes, too: C takes a literal such as 0.5
# for a double, and where `lanes` is one float, sums with it would be rounded otherwise.

from ._compiler cimport inlined_void
from ._lanes cimport any_lane, exp_of_negative, lanes, maximum, minimum, where_positive

cdef enum:
    SQUARED_HINGE = 0
    HINGE = 1
    LOG_LOSS = 2

    # Logits are cut off here: beyond, float32 cannot tell the coefficient from 0 or C.
    MAX_LOGIT = 80
    MAX_NEWTON_STEPS = 100


cdef inline inlined_void squared_hinge_step(
    lanes margin, lanes alpha, lanes ridge, lanes active, float norm,
    lanes *projected, lanes *risen, lanes *step,
) noexcept nogil:
    # max(0, 1 - margin)^2: alpha >= 0, and half of the ridge 1 / (2 C) times alpha^2 as a penalty.
    # Steps go a quarter further than to the best value of alpha, which saves about one pass in ten
    # (over-relaxation; Mangasarian and Musicant, IEEE Transactions on Neural Networks 10, 1999).
    cdef:
        lanes zero = ridge - ridge
        lanes one = zero + 1
        lanes gradient = margin - one + ridge * alpha
        lanes relaxation = zero + 1.25
        lanes rate = relaxation / (norm + ridge)
    # At alpha = 0 only a negative gradient can be followed.
    projected[0] = where_positive(alpha, gradient, minimum(gradient, zero))
    step[0] = active * (maximum(alpha - rate * gradient, zero) - alpha)
    risen[0] = alpha + step[0]


cdef inline inlined_void hinge_step(
    lanes margin, lanes alpha, lanes C, lanes active, float norm,
    lanes *projected, lanes *risen, lanes *step,
) noexcept nogil:
    # max(0, 1 - margin): 0 <= alpha <= C. Variables at a bound lie on it exactly.
    cdef:
        lanes zero = C - C
        lanes one = zero + 1
        lanes gradient = margin - one
        float curvature = norm if norm > 1e-30 else 1e-30
        lanes rate = one / (zero + curvature)
        lanes new = minimum(maximum(alpha - rate * gradient, zero), C)
    projected[0] = where_positive(C - alpha, gradient, maximum(gradient, zero))
    projected[0] = where_positive(alpha, projected[0], minimum(gradient, zero))
    step[0] = active * (new - alpha)
    risen[0] = where_positive(active, new, alpha)


cdef inline inlined_void log_loss_step(
    lanes margin, lanes logit, lanes C, lanes active, float norm,
    lanes *projected, lanes *risen, lanes *step,
) noexcept nogil:
    # log(1 + exp(-margin)): 0 < alpha < C, where entropy is the penalty (Yu, Huang and Lin, Machine
    # Learning 85, 2011). The variable kept is u = log(alpha / (C - alpha)), exact at both ends, and
    # the step solves u + margin + norm (alpha(u) - alpha) = 0, whose left side is increasing,
    # convex below 0 and concave above. In the coordinate t = u or -u in which the root is not
    # positive, Newton's method converges from everywhere: at most its first step misses the side
    # from which the others near the root.
    cdef:
        lanes zero = C - C
        lanes one = zero + 1
        lanes half = zero + 0.5
        lanes eighth = zero + 0.125
        lanes rounding = zero + 2.384185791015625e-07  # 2^-22
        lanes lowest = zero - MAX_LOGIT
        lanes gradient = margin + logit
        lanes stiffness, small, large, side, share, old_share, t, constant, value, slope, move
        float most = 1e36 / (norm if norm > 1 else 1)
        int n_moves = 0
    projected[0] = where_positive(logit - lowest, gradient, minimum(gradient, zero))
    projected[0] = where_positive(-logit - lowest, projected[0], maximum(gradient, zero))

    # The shares alpha / C and 1 - alpha / C, the smaller one first.
    C = minimum(C, zero + most)
    stiffness = norm * C
    small = minimum(logit, -logit)
    exp_of_negative(&small)
    large = one / (one + small)
    small *= large
    share = where_positive(logit, large, small)
    side = where_positive(margin + stiffness * (half - share), one, -one)
    old_share = where_positive(side * logit, large, small)
    constant = side * margin - stiffness * old_share
    t = minimum(side * logit, zero)
    gradient = maximum(gradient, -gradient)
    while True:
        share = t
        exp_of_negative(&share)
        large = one / (one + share)
        share *= large
        value = t + stiffness * share + constant
        slope = one + stiffness * share * large
        move = maximum(minimum(t - value / slope, zero), lowest) - t
        # An eighth of the gradient is little enough. Parts in 2^22 are what rounding leaves.
        value = maximum(value, -value)
        value -= maximum(eighth * gradient, rounding * (slope - t))
        move = where_positive(value, move, zero)
        n_moves += 1
        if n_moves > MAX_NEWTON_STEPS or not any_lane(&move):
            break
        t += move
    step[0] = active * side * C * (share - old_share)
    risen[0] = where_positive(active, side * t, logit)
