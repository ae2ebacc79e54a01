"""Look-ups among sorted bytes against going through all of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels.sorted_texts import find, prefix_range, take

BYTES = st.binary(max_size=3).map(lambda text: bytes(byte % 3 for byte in text))


@settings(deadline=None)
@given(st.sets(BYTES, max_size=30), BYTES)
def test_equal_to_the_twin(texts, text):
    texts = sorted(texts)
    data = np.frombuffer(b"".join(texts), dtype=np.uint8)
    offsets = np.cumsum([0, *map(len, texts)])
    start, stop = prefix_range(data, offsets, text)
    assert texts[start:stop] == [other for other in texts if other.startswith(text)]
    assert 0 <= start <= stop <= len(texts)
    assert find(data, offsets, text) == (texts.index(text) if text in texts else -1)


def test_take():
    texts = ["", "a\0b", "größe", "\ud800", "\U0001f600"]
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    data = np.frombuffer(b"".join(encoded), dtype=np.uint8)
    offsets = np.cumsum([0, *map(len, encoded)])
    assert take(data, offsets, np.int32([4, 0, 2, 2, 3, 1])) == [
        texts[i] for i in (4, 0, 2, 2, 3, 1)
    ]
    assert take(data, offsets, np.int32([1, -1, 2])) == texts[1:2]
    assert take(data, offsets, np.int32([])) == []
    assert take(data[:0], np.int64([0, 0]), np.int32([0])) == [""]
    with pytest.raises(IndexError, match="position 5"):
        take(data, offsets, np.int32([5]))
