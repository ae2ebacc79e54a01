"""Look-ups among sorted bytes against going through all of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels.sorted_texts import (
    find,
    find_newest,
    matching_ranges,
    prefix_range,
    take,
)

# What sorts before a space, too: after "a" may come "a\t", and then "a ".
TEXTS = st.text("\0\t é\ud800", max_size=3)


def arrays(texts):
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)])
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets


def position(texts, text):
    return texts.index(text) if text in texts else -1


@settings(deadline=None)
@given(st.sets(TEXTS, max_size=30), TEXTS)
def test_equal_to_the_twin(texts, text):
    texts = sorted(texts)
    start, stop = prefix_range(*arrays(texts), text)
    assert texts[start:stop] == [other for other in texts if other.startswith(text)]
    assert 0 <= start <= stop <= len(texts)
    assert find(*arrays(texts), text) == position(texts, text)


@settings(deadline=None)
@given(st.sets(TEXTS, max_size=30), st.lists(TEXTS, max_size=5))
def test_ranges_with_the_text_that_is_finished(texts, prefixes):
    texts = sorted(texts)
    ranges = np.empty((len(prefixes), 2), dtype=np.int32)
    n_texts = matching_ranges(*arrays(texts), prefixes, ranges)
    assert n_texts == np.diff(ranges).sum()
    for prefix, (start, stop) in zip(prefixes, ranges.tolist(), strict=True):
        first, last = prefix_range(*arrays(texts), prefix)
        is_finished = prefix.endswith(" ") and texts[:first][-1:] == [prefix[:-1]]
        assert (start, stop) == (first - is_finished, last)


@settings(deadline=None)
@given(
    st.sets(TEXTS, max_size=30),
    st.lists(TEXTS | st.lists(TEXTS, max_size=4).map(tuple), max_size=5),
    st.integers(1, 3),
)
def test_the_newest_texts_of_contexts(texts, contexts, most):
    texts = sorted(texts)
    positions = np.empty((len(contexts), most), dtype=np.int32)
    find_newest(*arrays(texts), contexts, positions)
    for context, row in zip(contexts, positions.tolist(), strict=True):
        newest_first = [context] if isinstance(context, str) else context[::-1]
        known = [position(texts, text) for text in newest_first[:most]]
        assert row == known + [-1] * (most - len(known))


def test_take():
    texts = ["", "a\0b", "größe", "\ud800", "\U0001f600"]
    data, offsets = arrays(texts)
    assert take(data, offsets, np.int32([4, 0, 2, 2, 3, 1])) == [
        texts[i] for i in (4, 0, 2, 2, 3, 1)
    ]
    assert take(data, offsets, np.int32([1, -1, 2])) == texts[1:2]
    assert take(data, offsets, np.int32([])) == []
    assert take(data[:0], np.int64([0, 0]), np.int32([0])) == [""]
    with pytest.raises(IndexError, match="position 5"):
        take(data, offsets, np.int32([5]))
