"""Rows of text parsed as Python itself would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_xmr._kernels import xmc_text

N_FEATURES, N_LABELS = 9, 5


def parse(text, capacity=None):
    """What the kernel reads, as lists: labels, features and values of each row; then the rest."""
    capacity = text.count(b"\n") if capacity is None else capacity
    label_ends, feature_ends = np.full((2, capacity), -1)
    labels = np.empty(text.count(b",") + text.count(b"\n"), dtype=np.int32)
    features = np.empty(text.count(b":"), dtype=np.int32)
    values = np.empty(len(features), dtype=np.float32)
    n_rows, place, fault = xmc_text.parse(
        text, N_FEATURES, N_LABELS, label_ends, labels, feature_ends, features, values
    )
    rows = []
    for row in range(n_rows):
        first_label, first_feature = (
            ends[row - 1] if row else 0 for ends in (label_ends, feature_ends)
        )
        part = slice(first_feature, feature_ends[row])
        rows.append(
            (
                labels[first_label : label_ends[row]].tolist(),
                features[part].tolist(),
                values[part].tolist(),
            )
        )
    return rows, place, fault


def naive_parse(text):
    rows = []
    for line in text.decode().split("\n")[:-1]:
        first = "" if line[:1] in ("", " ") else line.split()[0]
        pairs = [pair.split(":") for pair in line[len(first) :].split()]
        rows.append(
            (
                [int(label) for label in first.split(",") if first],
                [int(feature) for feature, _ in pairs],
                [float(np.float32(value)) for _, value in pairs],
            )
        )
    return rows


@st.composite
def lines(draw):
    labels = draw(st.lists(st.integers(0, N_LABELS - 1), max_size=4))
    values = st.floats(width=32, allow_nan=False, allow_infinity=False)
    # Rounded up, the largest would be too large.
    rounded = values.filter(lambda value: abs(value) < 3e38).map("{:.3e}".format)
    written = values.map(np.float32).map(str) | rounded
    pairs = draw(st.lists(st.tuples(st.integers(0, N_FEATURES - 1), written), max_size=4))
    gap = draw(st.sampled_from([" ", "  "]))
    end = draw(st.sampled_from(["", " ", " \r"]))
    fields = [",".join(map(str, labels)), *(f"{feature}:{value}" for feature, value in pairs)]
    return gap.join(fields) + end + "\n"


@given(st.lists(lines(), min_size=1, max_size=5))
def test_equals_python(rows):
    text = "".join(rows).encode()
    assert parse(text) == (naive_parse(text), len(text), xmc_text.NOTHING)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_any_decimal_number_to_the_last_digit_of_float32_but_one(number):
    for text in (str(number), f"{number:f}"):
        ((_, _, (value,)),), _, fault = parse(f" 0:{text}\n".encode())
        assert fault == xmc_text.NOTHING
        exact = np.float32(text)
        assert abs(np.float32(value) - exact) <= np.spacing(abs(exact))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-0", -0.0),
        ("+.5", 0.5),
        ("5.", 5.0),
        ("1E+2", 100.0),
        ("0e999999999999999999999", 0.0),
        ("1e-999999999999999999999", 0.0),
        ("0." + "0" * 500 + "1e501", 1.0),
        ("1" + "0" * 500 + "e-500", 1.0),
        ("123456789012345678901234567890e-29", 1.2345679),
        ("3.4028235e38", 3.4028235e38),
        ("1e-45", 1e-45),
        ("1e-46", 0.0),
    ],
)
def test_odd_numbers(text, value):
    ((_, _, (found,)),), _, _ = parse(f" 0:{text}\n".encode())
    assert np.float32(found) == np.float32(value)
    assert np.signbit(found) == np.signbit(value)


@pytest.mark.parametrize(
    ("line", "fault", "where"),
    [
        (b"x 0:1", xmc_text.LABEL, b"x"),
        (b"1,,2 0:1", xmc_text.LABEL, b",2"),
        (b"1, 0:1", xmc_text.LABEL, b"0:1"),
        (b",1 0:1", xmc_text.LABEL, b",1"),
        (b"-1 0:1", xmc_text.LABEL, b"-1"),
        (b"1.5 0:1", xmc_text.LABEL, b"1.5"),
        (b"0:1 1:2", xmc_text.LABEL, b"0:1"),
        (b"1,5 0:1", xmc_text.LABEL_RANGE, b"5"),
        (b"99999999999999999999999 0:1", xmc_text.LABEL_RANGE, b"9"),
        (b"1 x", xmc_text.FEATURE, b"x"),
        (b"1 3", xmc_text.FEATURE, b"3"),
        (b"1 :3", xmc_text.FEATURE, b":3"),
        (b"1 -1:3", xmc_text.FEATURE, b"-1"),
        (b"1 9:3", xmc_text.FEATURE_RANGE, b"9:3"),
        (b"1 18446744073709551616:3", xmc_text.FEATURE_RANGE, b"1844"),
        (b"1 0:", xmc_text.VALUE, b"0:"),
        (b"1 0: 1", xmc_text.VALUE, b"0:"),
        (b"1 0:.", xmc_text.VALUE, b"0:."),
        (b"1 0:1e", xmc_text.VALUE, b"0:1e"),
        (b"1 0:1.2.3", xmc_text.VALUE, b"0:1.2.3"),
        (b"1 0:1:2", xmc_text.VALUE, b"0:1:2"),
        (b"1 0:nan", xmc_text.VALUE, b"0:nan"),
        (b"1 0:inf", xmc_text.VALUE, b"0:inf"),
        (b"1 0:1e39", xmc_text.VALUE, b"0:1e39"),
        (b"1 0:-1e999999999999999999999", xmc_text.VALUE, b"0:-1e9"),
    ],
)
def test_faults_and_their_places(line, fault, where):
    text = b"1 0:1\n" + line + b"\n2 0:2\n"
    rows, place, found = parse(text)
    assert (rows, found) == ([([1], [0], [1.0])], fault)
    place -= len(b"1 0:1\n")
    if fault == xmc_text.LABEL:  # the place may be that of the row or of its label
        assert 0 <= place <= line.index(where)
    else:
        assert line[place:].startswith(where)


def test_stops_when_full():
    rows, place, fault = parse(b"1\n\n2\n", capacity=2)
    assert rows == [([1], [], []), ([], [], [])]
    assert (place, fault) == (3, xmc_text.NOTHING)
