"""Reasons add up to the score that they explain."""

import numpy as np
import pytest
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from helpers.shop import TITLES, click_log
from sklearn_xmr import ProductRetriever, TextMatchRanker

QUERIES, PRODUCTS = click_log()


def fitted(*rows, **params):
    return ProductRetriever(label_text=TITLES, random_state=0, **params).fit(*rows)


@pytest.mark.parametrize("rows", [(QUERIES, PRODUCTS), ([], [])], ids=["clicks", "no clicks"])
@pytest.mark.parametrize("boost", [None, {"H1": 0.7, "S3": -2}])
def test_contributions_add_up_to_the_score(rows, boost):
    model = fitted(*rows)
    for text in ("garden hose", "stel shovvel", "small", ""):
        for product, score in model.search(text, 30, boost=boost):
            reasons = model.explain(text, product, boost=boost)
            np.testing.assert_allclose(reasons.probability, score, rtol=1e-4)
            if score < 0.999:  # where float32 tells odds apart
                np.testing.assert_allclose(reasons.log_odds, logit(score), rtol=1e-3, atol=1e-4)
            np.testing.assert_allclose(reasons.values * reasons.weights, reasons.contributions)
            parts = reasons.contributions.sum() + reasons.intercept + reasons.boost
            assert reasons.log_odds == pytest.approx(parts)
            assert len(reasons.feature_names) == len(reasons.values)


def test_matched_words_are_corrected_and_folded():
    model = fitted([], [], synonyms={"spade": "shovel"})
    assert model.explain("stel spades", "S3").matched_words == ["steel", "shovel"]
    assert model.explain("lamp", "S3").matched_words == []


def test_matched_words_are_shown_as_people_read_them():
    model = ProductRetriever(label_text=['Hinge A, 3/4"', "Hinge B"]).fit([], [])
    assert model.explain("a 3/4 inch hinges", 0).matched_words == ["a", "3/4", "in", "hinge"]


def test_of_a_product_that_is_not_found():
    model = fitted(QUERIES, PRODUCTS, text_matches=1)
    names = {product for product, _ in model.search("garden hose", 100)}
    missed = next(product for product in TITLES if product not in names or product == "L5")
    assert 0 < model.explain("garden hose", missed).probability < 1


def test_as_text():
    model = fitted(QUERIES, PRODUCTS)
    reasons = model.explain("garden hose", "H0", boost={"H0": 1.25})
    text = str(reasons)
    first, words, *lines = text.splitlines()
    assert first == f"'garden hose' -> 'H0' (Garden hoses, 2 ft.): {reasons.probability:.3f}"
    assert words == "matched words: garden, hose"
    assert lines[-1].split() == ["sum", f"{reasons.log_odds:.3f}"]
    assert ["boost", "1.250"] in [line.split() for line in lines]
    sizes = [abs(float(line.split()[-1])) for line in lines[3:-1]]
    assert sizes == sorted(sizes, reverse=True)


def test_needs_a_linear_ranker_and_a_known_product():
    model = fitted(QUERIES, PRODUCTS, ranker=TextMatchRanker(LogisticRegression()))
    with pytest.raises(ValueError, match="estimator must be None"):
        model.explain("hose", "H1")
    with pytest.raises(ValueError, match="product must hold products of label_text, got 'X9'"):
        model.explain("hose", "X9")
    with pytest.raises(TypeError, match="text must be a str"):
        model.explain(7, "H1")
