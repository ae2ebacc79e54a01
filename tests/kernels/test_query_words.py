"""Features of queries' words against regular expressions and dictionaries."""

import re
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sklearn_xmr._completion.sorted_texts import SortedTexts
from sklearn_xmr._kernels.query_words import query_words

LETTERS = "aBß_9 -\u0130\u0307\u03a3\u0660\u4e2d\ud800\U0001f600\U00010400\0\n"
TEXTS = st.lists(st.text(LETTERS, max_size=8), min_size=1, max_size=5)


def twin(text, words, idf, queries):
    columns = sorted(words.index(w) for w in re.findall(r"\w+", text.lower()) if w in words)
    weights = {column: n * idf[column] for column, n in Counter(columns).items()}
    norm = np.sqrt(sum(weight**2 for weight in weights.values()))
    row = [(column, np.float32(weight / norm)) for column, weight in weights.items()]
    if text in queries:
        row.append((len(words) + queries.index(text), 1))
    return row


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_equal_to_the_twin(known, texts):
    words = SortedTexts({word for text in known for word in re.findall(r"\w+", text.lower())})
    queries = SortedTexts(set(known))
    idf = np.random.default_rng(len(words)).uniform(1, 9, len(words))
    texts = [*texts, *known, " ".join(known * 2)]
    size = sum(map(len, texts)) + len(texts)
    indptr = np.empty(len(texts) + 1, dtype=np.int64)
    indices, data = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.float32)
    n_entries = query_words(texts, words, idf, queries, indptr, indices, data)
    expected = [twin(text, list(words), idf, list(queries)) for text in texts]
    assert_array_equal(np.diff(indptr), [len(row) for row in expected])
    assert indptr[-1] == n_entries
    assert_array_equal(indices[:n_entries], [column for row in expected for column, _ in row])
    assert_array_equal(data[:n_entries], [weight for row in expected for _, weight in row])
