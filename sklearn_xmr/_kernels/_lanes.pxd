# A vector of floats. Cython takes it for one float, so that arithmetic reads as it does for one
# child; the functions work on every lane.

cdef extern from "_lanes.h" nogil:
    const int MAX_LANES "XMR_LANES"  # floats in a vector where compilers have them
    ctypedef float lanes "xmr_lanes"
    lanes maximum "XMR_MAXIMUM" (lanes a, lanes b) noexcept
    lanes minimum "XMR_MINIMUM" (lanes a, lanes b) noexcept
    lanes where_positive "XMR_WHERE_POSITIVE" (lanes x, lanes a, lanes b) noexcept
    lanes at_least "XMR_AT_LEAST" (lanes a, lanes b) noexcept
    bint any_lane "xmr_any" (const lanes *x) noexcept
    void exp_of_negative "xmr_exp_of_negative" (lanes *x) noexcept
