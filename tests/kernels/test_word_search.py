"""Texts with given words, against trying all ways to tell words from one another."""

from itertools import combinations, permutations

import numpy as np
import pytest

from sklearn_xmr._kernels.word_search import texts_with_words


def texts_with_words_twin(words_of, ranges):
    """Give each range a word of its own in every possible way."""
    return [
        text
        for text, words in enumerate(words_of)
        if any(
            all(start <= word < stop for word, (start, stop) in zip(chosen, ranges, strict=True))
            for chosen in permutations(words, len(ranges))
        )
    ]


def texts_with_most_words_twin(words_of, ranges, needed):
    """Those that have words in the most ranges first; the one needed is among these."""
    found = []
    for size in range(len(ranges), 1, -1):
        others = ranges[:needed] + ranges[needed + 1 :]
        for text in range(len(words_of)):
            if text not in found and any(
                texts_with_words_twin([words_of[text]], [ranges[needed], *some])
                for some in combinations(others, size - 1)
            ):
                found.append(text)
    return found


def run(words_of, n_words, ranges, k, needed=-1):
    words = np.array([word for words in words_of for word in words], dtype=np.int32)
    text_ptr = np.cumsum([0, *map(len, words_of)])
    texts = np.repeat(np.arange(len(words_of), dtype=np.int32), np.diff(text_ptr))
    texts = texts[np.argsort(words, kind="stable")]
    word_ptr = np.cumsum([0, *np.bincount(words, minlength=n_words)])
    found, n_lacking = np.empty((2, k), dtype=np.int32)
    ranges = np.array(ranges, dtype=np.int32).reshape(-1, 2)
    index = word_ptr, texts, text_ptr, words
    found = found[: texts_with_words(*index, ranges, needed, found, n_lacking)].tolist()
    for text, n in zip(found, n_lacking.tolist(), strict=False):
        some = combinations(ranges.tolist(), len(ranges) - n)
        assert any(texts_with_words_twin([words_of[text]], chosen) for chosen in some)
    return found


def laminar(rng, low, high, n):
    """Ranges of numbers that hold one another or have nothing in common."""
    if n == 0:
        return []
    cut = int(rng.integers(low, high + 1))
    n_left = int(rng.integers(0, n))
    return [(low, high), *laminar(rng, low, cut, n_left), *laminar(rng, cut, high, n - 1 - n_left)]


@pytest.mark.parametrize("seed", range(60))
def test_equal_to_the_twin(seed):
    rng = np.random.default_rng(seed)
    n_words = int(rng.integers(1, 12))
    words_of = [rng.integers(0, n_words, size=rng.integers(0, 6)).tolist() for _ in range(40)]
    ranges = laminar(rng, 0, n_words, int(rng.integers(1, 5)))
    ranges.sort(key=lambda words: words[1] - words[0])
    k = int(rng.integers(1, 12))
    assert run(words_of, n_words, ranges, k) == texts_with_words_twin(words_of, ranges)[:k]
    for needed in range(len(ranges)):
        expected = texts_with_most_words_twin(words_of, ranges, needed)
        assert run(words_of, n_words, ranges, k, needed) == expected[:k]


def test_more_words_than_are_looked_at():
    words_of = [list(range(100)), [99] * 100]
    assert run(words_of, 100, [(63, 64), (64, 65), (62, 63)], 5, 0) == [0]
    assert run(words_of, 100, [(63, 64), (64, 65)], 5, 0) == []
    assert run(words_of, 100, [(63, 64)], 5) == [0]
    assert run(words_of, 100, [(64, 65)], 5) == []
    assert run(words_of, 100, [(99, 100)] * 64, 5) == [1]
    assert run(words_of, 100, [(99, 100)] * 65, 5) == []
    assert run(words_of, 100, [], 5) == []
    assert run([[], []], 0, [(0, 0)], 5) == []
