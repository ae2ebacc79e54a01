"""Sorted terms, against Python's own order of strings."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels.term_order import sort_terms

# Few characters, so that many terms have long common prefixes; and the extremes of code points.
TERMS = st.lists(st.text(st.sampled_from("ab\0\ud800\uffff\U0010ffff"), max_size=9))


@given(TERMS)
@settings(deadline=None)
def test_equals_sorted(terms):
    codes = np.array([ord(character) for character in "".join(terms)], dtype=np.uint32)
    ends = np.cumsum([0] + [len(term) for term in terms])
    order = np.empty(len(terms), dtype=np.int32)
    sort_terms(codes, np.column_stack((ends[:-1], ends[1:])), order)
    assert order.tolist() == sorted(range(len(terms)), key=terms.__getitem__)
