# When clustering stops: see bisect.pyx.

cpdef enum:
    # A pass that moves fewer than one row in 200 is the last: what later ones would gain in the sum
    # of cosines is below one in ten thousand. With up to 200 rows that means: no row has moved.
    STOP_SHARE = 200
