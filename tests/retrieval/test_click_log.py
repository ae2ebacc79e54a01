"""Rows of a log joined by query, and what is remembered of them, against plain counting."""

from collections import Counter

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from sklearn_xmr import ProductRetriever
from sklearn_xmr._retrieval.allowed import Allowed
from sklearn_xmr._retrieval.catalogue import Catalogue
from sklearn_xmr._retrieval.click_log import ClickLog
from sklearn_xmr._retrieval.click_memory import CLICK_LOG_ODDS, ClickMemory

CATALOGUE = Catalogue.of({"b": "hose", "a": "reel", "d": "screw", "c": ""})
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["hose", " Hose", "HOSE ", "wood  screw", "wood screw", ""]),
        st.sets(st.sampled_from("abcd")),
        st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    ),
    max_size=12,
).filter(lambda rows: not rows or any(weight for *_, weight in rows))


def counted(rows):
    """Clicks of each query and product."""
    clicks = Counter()
    for query, products, weight in rows:
        for product in products:
            clicks[" ".join(query.lower().split()), product] += weight
    return {pair: count for pair, count in clicks.items() if count}


@given(ROWS)
def test_rows_are_joined_by_query(rows):
    queries, products, weights = zip(*rows, strict=True) if rows else ([], [], [])
    log = ClickLog.of(queries, products, np.array(weights, dtype=float), CATALOGUE)
    expected = counted(rows)
    assert log.queries == sorted({query for query, _ in expected})
    clicks = log.clicks.tocoo()
    found = {
        (log.queries[row], "abcd"[column]): count
        for row, column, count in zip(*clicks.coords, clicks.data, strict=True)
    }
    assert found == expected
    assert (log.indicator.toarray() == (log.clicks.toarray() > 0)).all()


@given(ROWS, st.lists(st.sampled_from(["hose", "wood screw", "", "xyz"]), min_size=1, max_size=4))
def test_memory_of_clicks(rows, texts):
    queries, products, weights = zip(*rows, strict=True) if rows else ([], [], [])
    log = ClickLog.of(queries, products, np.array(weights, dtype=float), CATALOGUE)
    memory, expected = ClickMemory.of(log), counted(rows)
    mask = np.array([True, True, False, True])
    each = sp.csr_array(np.tile(mask, (len(texts), 1)))
    for allowed in (None, Allowed(mask), Allowed(each)):
        found = memory.products(texts, allowed)
        found = [[]] * len(texts) if found is None else found.tolist()
        for text, row in zip(texts, found, strict=True):
            right = {"abcd".index(product) for query, product in expected if query == text}
            assert set(row) - {-1} == {p for p in right if allowed is None or mask[p]}
    labels = np.tile([0, 1, -1, 3], (len(texts), 1))
    for text, row in zip(texts, memory.added(texts, labels), strict=True):
        clicks = [expected.get((text, product), 0) for product in ("a", "b", "none", "d")]
        np.testing.assert_allclose(row, CLICK_LOG_ODDS * np.log2(1 + np.array(clicks)))


def test_equal_rows_count_once_in_the_log_domain():
    log = ClickLog.of(["hose"] * 3 + ["reel"], ["a", "a", "a", "b"], None, CATALOGUE)
    assert log.relevance.toarray().tolist() == [[2, 0, 0, 0], [0, 1, 0, 0]]


@pytest.mark.parametrize("weight", [1e-300, 1e-20, 1e300])
def test_any_positive_weight_is_a_click(weight):
    log = ClickLog.of(["hose", "pipe"], ["a", "b"], [1, weight], CATALOGUE)
    (least, _), most = sorted(log.relevance.data), np.float32(log.relevance.data.max())
    assert 0 < least <= 1 <= most < np.inf
    retriever = ProductRetriever(label_text={"a": "screw", "b": "hose"}, random_state=0)
    retriever.fit(["reel", "pipe"], ["a", "b"], sample_weight=[1, weight])
    assert retriever.predict(["reel", "hose"]).tolist() == ["a", "b"]


@pytest.mark.parametrize("products", [[("b", 1), "a"], [3, "a"]])
def test_products_of_any_kind_have_places(products):
    catalogue = Catalogue.of({(1, 2): "x", (0, 3): "y"})
    assert catalogue.classes.tolist() == [(0, 3), (1, 2)]
    assert catalogue.positions([(1, 2)], "y") == [1]
    with pytest.raises(ValueError, match="y must hold products of label_text"):
        catalogue.positions(products, "y")
