"""Arrays that grow: as `np.concatenate`, and no array ever changes."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sklearn_xmr._growing import GROWTH, Numbering, appended, are_many, inserted, shifted


@settings(max_examples=50, deadline=None)
@given(data=st.data(), dtype=st.sampled_from(["f4", "i8", "O"]), width=st.sampled_from([(), (2,)]))
def test_appended_is_concatenated(data, dtype, width):
    # Any array may grow again: what others made of it, and of these, stays.
    rng = np.random.default_rng(0)
    grown, copies = [rng.integers(0, 9, (3, *width)).astype(dtype)], []
    for _ in range(12):
        copies = [array.copy() for array in grown]
        which = data.draw(st.integers(0, len(grown) - 1))
        values = rng.integers(0, 9, (data.draw(st.integers(0, 4)), *width)).astype(dtype)
        longer = appended(grown[which], values)
        assert type(longer) is np.ndarray
        assert longer.flags.c_contiguous
        assert_array_equal(longer, np.concatenate([copies[which], values]))
        for array, copy in zip(grown, copies, strict=True):
            assert_array_equal(array, copy)
        grown.append(longer)


def test_what_is_there_is_not_copied():
    array, n_moved = np.zeros(1000), 0
    for number in range(10_000):
        longer = appended(array, np.full(1, number))
        n_moved += not np.shares_memory(longer, array)
        assert longer.base.nbytes <= 8 * (GROWTH * len(longer) + 1)
        array = longer
    assert n_moved < 15
    assert_array_equal(array[1000:], np.arange(10_000))
    # A copy has no room at its end, and no part of an array has.
    assert not np.shares_memory(appended(array.copy(), array[:1]), array)
    assert not np.shares_memory(appended(array[1:], array[:1]), array)
    assert len(pickle.dumps(array)) < 8 * len(array) + 500


def test_two_threads_do_not_take_the_same_room():
    array = appended(np.zeros(1000), np.zeros(1))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda i: appended(array, np.full(3, i)), range(200)))
    for number, longer in enumerate(found):
        assert_array_equal(longer[1001:], number)
        assert not longer[:1001].any()


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_numberings_are_dicts(data):
    # Any of them may grow again: what others made of it stays.
    letters = "abcdefgh"
    grown = [Numbering("ab")]
    expected = [{"a": 0, "b": 1}]
    for _ in range(8):
        which = data.draw(st.integers(0, len(grown) - 1))
        known = expected[which]
        new = data.draw(st.lists(st.sampled_from(letters), max_size=3, unique=True))
        new = [letter for letter in new if letter not in known]
        grown.append(grown[which].followed_by(new))
        expected.append(known | {letter: len(known) + i for i, letter in enumerate(new)})
        for numbering, numbers in zip(grown, expected, strict=True):
            for same in (numbering, pickle.loads(pickle.dumps(numbering))):
                assert list(same) == list(numbers)
                assert len(same) == len(numbers)
                expected_numbers = [numbers.get(c, -1) for c in letters]
                assert same.numbers(letters) == expected_numbers
                assert [same.get(c, -1) for c in letters] == expected_numbers


def test_two_threads_do_not_number_alike():
    numbering = Numbering(range(1000))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda i: numbering.followed_by([("new", i)]), range(1, 200)))
    for i, longer in enumerate(found, 1):
        assert [longer.get(("new", j)) for j in (i - 1, i, i + 1)] == [None, 1000, None]


@pytest.mark.parametrize("n_places", [0, 1, 5, 40, 100])
def test_shifted_is_where_values_are_after_an_insertion(n_places):
    rng = np.random.default_rng(n_places)
    values, places = rng.permutation(50), np.sort(rng.integers(0, 51, n_places)).tolist()
    numbers = rng.integers(-1, 50, 30).astype(np.int32)
    found = shifted(numbers, places)
    assert found.dtype == np.int32
    longer = np.insert(values, places, -1)
    assert_array_equal(longer[found[numbers >= 0]], values[numbers[numbers >= 0]])
    assert_array_equal(found[numbers < 0], -1)


@pytest.mark.parametrize("n_values", [0, 1, 5, 40, 100])
@pytest.mark.parametrize("dtype", ["U3", "i4", "O"])
def test_inserted_is_numpy_s(n_values, dtype):
    rng = np.random.default_rng(0)
    array, places = np.arange(20).astype(dtype), np.sort(rng.integers(0, 21, n_values))
    values = rng.integers(0, 999, n_values).astype(dtype)
    found = inserted(array, places.tolist(), values)
    assert found.dtype == array.dtype
    assert_array_equal(found, np.insert(array, places, values))


@pytest.mark.parametrize(("n_gone", "n_all", "expected"), [(99, 100, False), (100, 400, True)])
def test_what_is_gone_is_cleared_once_it_is_much(n_gone, n_all, expected):
    assert are_many(n_gone, n_all) == expected
    assert not are_many(n_gone, 1000)
