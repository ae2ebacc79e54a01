"""Catalogues as pandas has them."""

import numpy as np
import pandas as pd
import pytest

from helpers.other_tables import Table
from sklearn_xmr import ProductRetriever

TEXTS = {"H1": "garden hose", "R2": "hose reel", "W3": "wheel"}


def test_a_series_is_a_dict():
    retriever = ProductRetriever(label_text=pd.Series(TEXTS)).fit(["reel"], ["R2"])
    assert retriever.label_texts_ == TEXTS
    retriever.add_labels(pd.Series({"P4": "pot", "W3": "steering wheel"}))
    assert retriever.label_texts_ == {**TEXTS, "P4": "pot", "W3": "steering wheel"}
    with pytest.raises(ValueError, match=r"label_text must have each .* got 'a' twice"):
        ProductRetriever(label_text=pd.Series(["x", "y"], index=["a", "a"])).fit([], [])


def test_a_series_without_an_index_is_a_sequence():
    texts = pd.Series(["garden hose", "hose reel"])
    retriever = ProductRetriever(label_text=texts).fit([], [])
    assert retriever.label_texts_ == dict(enumerate(texts))
    retriever.add_labels(pd.Series(["pot"]))
    assert retriever.label_texts_ == dict(enumerate([*texts, "pot"]))
    retriever.add_labels(pd.Series(["reel"], index=[1]))
    assert retriever.label_texts_ == dict(enumerate(["garden hose", "reel", "pot"]))


def test_a_table_is_refused_in_one_line():
    table = pd.Series(TEXTS, name="text").reset_index()
    with pytest.raises(TypeError, match=r"label_text must be a dict .* a Series .* DataFrame.$"):
        ProductRetriever(label_text=table).fit([], [])


def test_a_series_of_boosts():
    retriever = ProductRetriever(label_text=TEXTS).fit([], [])
    boosts = {"R2": 3.0, "W3": -1.0}
    expected = retriever.search("hose", boost=boosts)
    assert expected != retriever.search("hose")
    assert retriever.search("hose", boost=pd.Series(boosts)) == expected
    assert retriever.search("hose", boost=pd.Series([0.0, 3.0, -1.0])) == expected
    with pytest.raises(ValueError, match="boost must hold products of label_text, got 'X9'"):
        retriever.search("hose", boost=pd.Series({"X9": 1.0}))


def test_a_mask_goes_by_its_index():
    retriever = ProductRetriever(label_text=TEXTS).fit([], [])
    mask = pd.Series({"W3": True, "R2": True, "H1": False})
    expected = retriever.search("hose", candidates=["R2", "W3"])
    assert retriever.search("hose", candidates=mask) == expected
    prepared = retriever.prepare_candidates(mask)
    assert retriever.search("hose", candidates=prepared) == expected


def test_products_that_are_missing():
    texts = pd.Series(["hose", "reel"], index=[1.0, np.nan])
    with pytest.raises(ValueError, match=r"a product for each text, got nan for .reel"):
        ProductRetriever(label_text=texts).fit([], [])
    retriever = ProductRetriever(label_text=texts.iloc[:1]).fit([], [])
    for product in (np.nan, None, pd.NA, pd.NaT):
        with pytest.raises(ValueError, match="label_text must have a product for each text"):
            retriever.add_labels({product: "reel"})
    assert retriever.label_texts_ == {1.0: "hose"}


def test_a_table_goes_by_its_columns():
    queries, clicks = ["aa", "bb", "cc"], pd.DataFrame(np.eye(3, dtype=int), columns=list(TEXTS))
    retriever = ProductRetriever(label_text=TEXTS, random_state=0)
    expected = retriever.fit(queries, clicks).rank(queries)
    other = Table({name: clicks[name].to_numpy() for name in reversed(list(TEXTS))})
    for table in (clicks.iloc[:, ::-1], clicks.to_numpy(), other):
        labels, scores = retriever.fit(queries, table).rank(queries)
        assert labels.tolist() == expected[0].tolist()
        assert scores.tolist() == expected[1].tolist()
    for allowed in (clicks.iloc[:, ::-1], other):
        assert retriever.rank(queries, 1, candidates=allowed)[0].ravel().tolist() == list(TEXTS)


def test_a_table_with_a_column_of_another_name_is_refused():
    table = pd.DataFrame(np.eye(3, dtype=int), columns=["H1", "R2", "X9"])
    retriever = ProductRetriever(label_text=TEXTS)
    with pytest.raises(ValueError, match=r"y must have a column for each label .* got 'X9'"):
        retriever.fit(["aa", "bb", "cc"], table)
    retriever.fit([], [])
    with pytest.raises(ValueError, match=r"candidates must have a column .* got 'X9'"):
        retriever.rank(["aa", "bb", "cc"], candidates=table)
    twice = table.set_axis(["H1", "R2", "R2"], axis=1)
    with pytest.raises(ValueError, match=r"y must have a column .* got one twice"):
        retriever.fit(["aa", "bb", "cc"], twice)
    # Names of something else, or none, say nothing of the order.
    for columns in (["hose", "reel", "wheel"], range(3)):
        retriever.fit(["aa", "bb", "cc"], table.set_axis(columns, axis=1))
        assert retriever.predict(["aa", "bb", "cc"]).tolist() == list(TEXTS)


def test_tuples_as_products():
    texts = {(1, 0): "garden hose", (0, 1): "hose reel"}
    retriever = ProductRetriever(label_text=texts).fit([], [])
    assert [product for product, _ in retriever.search("hose", candidates=[(1, 0)])] == [(1, 0)]
    assert retriever.search("hose", candidates=[(0, 1), (1, 0)]) == retriever.search("hose")
    with pytest.raises(ValueError, match=r"candidates must hold products .* got \(1, 1\)"):
        retriever.search("hose", candidates=[(1, 1)])


def test_no_more_than_there_are():
    retriever = ProductRetriever(label_text=TEXTS).fit([], [])
    assert retriever.search("hose", k=2**31 - 1) == retriever.search("hose", k=3)
