"""Look-ups among sorted bytes against going through all of them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr._kernels.sorted_texts import find, prefix_range

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
