"""Sorted terms, against Python's own order of strings and its common prefixes."""

from itertools import pairwise, takewhile

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels.term_order import pack_heads, shared_prefixes, sort_ties

# Few characters, so that many terms have long common prefixes; and the extremes of code points.
TERMS = st.lists(st.text(st.sampled_from("ab\0\ud800\uffff\U0010ffff"), max_size=9))


def encoded(terms):
    codes = np.array([ord(character) for character in "".join(terms)], dtype=np.uint32)
    ends = np.cumsum([0] + [len(term) for term in terms])
    return codes, np.column_stack((ends[:-1], ends[1:]))


@given(TERMS)
@settings(deadline=None)
def test_equals_sorted(terms):
    heads = np.empty(len(terms), dtype=np.uint64)
    pack_heads(*encoded(terms), heads)
    places = range(len(terms))
    assert all(
        (heads[i] < heads[j]) == (terms[i][:3] < terms[j][:3]) for i in places for j in places
    )
    order = np.argsort(heads, kind="stable")[::-1]  # equal heads in the wrong order
    order = order[np.argsort(heads[order], kind="stable")].astype(np.int32)
    sort_ties(*encoded(terms), heads, order)
    assert order.tolist() == sorted(places, key=terms.__getitem__)


def common_prefix(left, right):
    return list(takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


@given(TERMS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_shared_prefixes(terms, random):
    order = np.array(random.sample(range(len(terms)), len(terms)), dtype=np.int32)
    shared = np.empty(len(terms), dtype=np.int64)
    shared_prefixes(*encoded(terms), order, shared)
    pairs = pairwise(terms[i] for i in order)
    assert shared.tolist() == [0, *(len(common_prefix(*pair)) for pair in pairs)][: len(terms)]
