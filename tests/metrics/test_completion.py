"""Completion metrics against values worked out from their definitions."""

from functools import partial
from math import exp, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_xmr.metrics import bleu_reciprocal_rank, mean_reciprocal_rank

METRICS = [mean_reciprocal_rank, bleu_reciprocal_rank]

# BLEU by hand, from the precisions of 1- to 4-grams and the brevity penalty. Where nothing matches,
# the numerator is 0.1; the denominator is at least 1.
BLEU = [
    ("how to bake bread", "how to bake bread", 1.0),
    ("how to bake rye bread", "how to bake rye bread", 1.0),
    # Against themselves: orders beyond the text's length count 0.1 / 1.
    ("bread", "bread", 0.1 ** (3 / 4)),
    ("rye bread", "rye bread", 0.1 ** (2 / 4)),
    ("bake rye bread", "bake rye bread", 0.1 ** (1 / 4)),
    # Not a word in common, or not a word at all.
    ("bread", "cake", 0.0),
    ("bread", "", 0.0),
    ("bread", "  ", 0.0),
    ("", "bread", 0.0),
    ("", "", 0.0),
    # 3 of 5 words, 1 of 4 pairs, nothing of 3 and of 2.
    (
        "history of the book",
        "history of a blue book",
        (3 / 5 * 1 / 4 * 0.1 / 3 * 0.1 / 2) ** (1 / 4),
    ),
    # Shorter than the reference by two words: 2 of 2, 1 of 1, then 0.1 / 1 twice.
    ("history of the book", "history of", exp(1 - 4 / 2) * (1 * 1 * 0.1 * 0.1) ** (1 / 4)),
    # Longer: no penalty. 2 of 4, 1 of 3, nothing of 2, nothing of 1.
    ("rye bread", "the best rye bread", (2 / 4 * 1 / 3 * 0.1 / 2 * 0.1 / 1) ** (1 / 4)),
    # A word counts as often as the reference has it: 1 of 3, nothing of 2, nothing of 1, 0.1 / 1.
    ("the book", "the the the", (1 / 3 * 0.1 / 2 * 0.1 / 1 * 0.1 / 1) ** (1 / 4)),
    ("no no yes", "no no no", (2 / 3 * 1 / 2 * 0.1 / 1 * 0.1 / 1) ** (1 / 4)),
    # Case counts, and any white space separates words.
    ("Rye bread", "rye bread", (1 / 2 * 0.1 / 1 * 0.1 / 1 * 0.1 / 1) ** (1 / 4)),
    ("rye bread", " rye\tbread\n", 0.1 ** (2 / 4)),
]


@pytest.mark.parametrize(("truth", "suggested", "bleu"), BLEU)
def test_bleu_of_one_suggestion(truth, suggested, bleu):
    assert bleu_reciprocal_rank([truth], [[suggested]], k=1) == pytest.approx(bleu, rel=1e-12)


def test_papineni_example_1():
    """The first example of the paper that defines BLEU, with one of its references alone."""
    hypothesis = (
        "It is a guide to action which ensures that the military always obeys the commands of the "
        "party"
    )
    reference = (
        "It is a guide to action that ensures that the military will forever heed Party commands"
    )
    # 18 words. Common: It is a guide to action, ensures that the military, commands;
    # pairs 5 + 3, triples 4 + 2, fours 3 + 1.
    expected = (11 / 18 * 8 / 17 * 6 / 16 * 4 / 15) ** (1 / 4)
    assert bleu_reciprocal_rank([reference], [[hypothesis]], k=1) == pytest.approx(expected)


def test_bleu_is_divided_over_k_whatever_is_suggested():
    """The same divisor for a full list and a short one."""
    one = 0.1 ** (3 / 4)
    all_ten = sum(1 / i for i in range(1, 11))
    value = partial(bleu_reciprocal_rank, ["bread"])
    assert value([["bread"]]) == pytest.approx(one / all_ten)
    assert value([["cake", "bread"]]) == pytest.approx(one / 2 / all_ten)
    assert value([["bread"] * 10]) == pytest.approx(one)
    assert value([["bread"] * 11], k=2) == pytest.approx(one)
    assert value([["cake", "", "bread"]], k=3) == pytest.approx(one / 3 / (1 + 1 / 2 + 1 / 3))
    assert value([["cake", "", "bread"]], k=2) == 0
    assert value([[]]) == 0
    # k terms of 1 / i come to log(k) and Euler's constant, but for 1 / 2k.
    assert value([["bread"]], k=10**12) == pytest.approx(one / (log(10**12) + 0.5772156649))


def test_mean_reciprocal_rank():
    y_true = ["a", "b", "c", "d", "e"]
    ranked = [["a", "b"], ["a", "b"], ["a", "b"], [], ["x", "y", "e", "e"]]
    assert mean_reciprocal_rank(y_true, ranked) == pytest.approx((1 + 1 / 2 + 0 + 0 + 1 / 3) / 5)
    assert mean_reciprocal_rank(y_true, ranked, k=2) == pytest.approx((1 + 1 / 2) / 5)
    assert mean_reciprocal_rank(y_true, ranked, k=1) == pytest.approx(1 / 5)
    per_row = mean_reciprocal_rank(y_true, ranked, average=None)
    assert_allclose(per_row, [1, 1 / 2, 0, 0, 1 / 3])


def test_filler_is_no_suggestion():
    ranked = np.array([["b", "", ""], ["", "", ""]], dtype=object)
    assert_array_equal(mean_reciprocal_rank(["b", ""], ranked, average=None), [1, 0])


@pytest.mark.parametrize("metric", METRICS)
def test_every_form_of_suggestions(metric):
    texts = [["rye bread", "bread"], ["cake", ""]]
    y_true = ["bread", "cake"]
    expected = metric(y_true, texts, k=2, average=None)
    forms = [
        [[(text, np.float32(0.5)) for text in row] for row in texts],
        [[("rye bread", 1), ("bread", 0.5)], [("cake", -1.5)]],
        np.array(texts),
        np.array(texts, dtype=object),
        [np.array(row) for row in texts],
        tuple(tuple(row) for row in texts),
        (iter(row) for row in texts),
    ]
    for form in forms:
        assert_array_equal(metric(y_true, form, k=2, average=None), expected)
    for truths in (
        np.array(y_true),
        np.array(y_true, dtype=object),
        pd.Series(y_true, index=[5, 3]),
    ):
        assert_array_equal(metric(truths, texts, k=2, average=None), expected)
    assert metric(y_true, texts, k=2) == pytest.approx(expected.mean())
    assert type(metric(y_true, texts)) is float


def test_rows_can_be_grouped():
    table = pd.DataFrame({"prefix": ["b", "bre", "c"], "next": ["bread", "bread", "cake"]})
    ranked = [["butter", "bread"], ["bread"], ["cake"]]
    table["rr"] = mean_reciprocal_rank(table["next"], ranked, average=None)
    by_length = table.groupby(table["prefix"].str.len())["rr"].mean()
    assert by_length.to_dict() == {1: 0.75, 3: 1.0}


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("y_true", "ranked", "options", "error", "message"),
    [
        (["a"], [["a"], ["b"]], {}, ValueError, "same number of rows, .* got 1 and 2"),
        ([], [], {}, ValueError, "at least 1, got 0 and 0"),
        (["a"], [["a"]], {"k": 0}, ValueError, "k must be an integer of at least 1"),
        (["a"], [["a"]], {"k": 1.0}, ValueError, "k must be an integer of at least 1"),
        (["a"], [["a"]], {"average": "micro"}, ValueError, "average must be .* got 'micro'"),
        ("a", [["a"]], {}, TypeError, "y_true must be a list of .* got 'a'"),
        (["a"], "a", {}, TypeError, "ranked must be a list of .* got 'a'"),
        (["a"], None, {}, TypeError, "ranked must be a list of .* got None"),
        (["a"], ["abc"], {}, TypeError, r"ranked\[0\] must be a list of .* got 'abc'"),
        ([1], [["a"]], {}, TypeError, "y_true must hold texts, got 1 in row 0"),
        (["a", None], [["a"], ["b"]], {}, TypeError, "got None in row 1"),
        (["a", "b"], [["a"], [3]], {}, TypeError, "ranked must hold texts .* got 3 in row 1"),
        (["a"], [[("a", 1, 2)]], {}, TypeError, "ranked must hold texts"),
        (["a"], [[("a", "b")]], {}, TypeError, "ranked must hold texts"),
    ],
)
def test_errors_name_the_parameter(metric, y_true, ranked, options, error, message):
    with pytest.raises(error, match=message):
        metric(y_true, ranked, **options)


WORDS = st.lists(st.sampled_from("abc"), max_size=7).map(" ".join)


def naive_bleu(reference, hypothesis):
    """Clipped precisions with plain loops: a matched n-gram is struck off the reference."""
    reference, hypothesis = reference.split(), hypothesis.split()
    if not set(reference) & set(hypothesis):
        return 0.0
    total = 0.0
    for n in (1, 2, 3, 4):
        left = [reference[i : i + n] for i in range(len(reference) - n + 1)]
        offered = [hypothesis[i : i + n] for i in range(len(hypothesis) - n + 1)]
        matches = 0
        for ngram in offered:
            if ngram in left:
                left.remove(ngram)
                matches += 1
        total += log(matches / len(offered) if matches else 0.1 / (len(offered) or 1)) / 4
    if len(hypothesis) < len(reference):
        total += 1 - len(reference) / len(hypothesis)
    return exp(total)


@settings(deadline=None, max_examples=200)
@given(WORDS, st.lists(WORDS, max_size=5), st.integers(1, 6))
def test_equal_to_naive_twins(truth, suggested, k):
    bleu = sum(naive_bleu(truth, s) / i for i, s in enumerate(suggested[:k], 1))
    bleu /= sum(1 / i for i in range(1, k + 1))
    assert bleu_reciprocal_rank([truth], [suggested], k) == pytest.approx(bleu)
    ranks = [i for i, s in enumerate(suggested[:k], 1) if s == truth != ""]
    rr = 1 / min(ranks) if ranks else 0
    assert mean_reciprocal_rank([truth], [suggested], k) == rr
