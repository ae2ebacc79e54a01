"""What is said of labels in a Series or DataFrame: by its index, as in a dict."""

import numpy as np
import pandas as pd
import pytest

from sklearn_xmr import HierarchicalKMeansIndexer, TrieIndexer, XRLinearClassifier, surgery
from sklearn_xmr.label_features import concatenation, convex_combination

NAMES = ["ant", "ape", "bat", "bee", "cat", "cod"]
X = np.eye(6)


def fitted(label_text, y):
    indexer = TrieIndexer(max_leaf_size=1)
    return XRLinearClassifier(indexer, label_text=label_text, random_state=0).fit(X, y)


def test_of_classes():
    y = np.arange(6)
    texts = dict(zip(y.tolist(), NAMES, strict=True))
    expected = fitted(texts, y).label_tree_
    assert fitted(pd.Series(texts)[[3, 0, 5, 2, 4, 1]], y).label_tree_ == expected
    with pytest.raises(ValueError, match="label_text has no text for 1 of 6 classes, 5 for one"):
        fitted(pd.Series(texts)[:5], y)


def test_of_columns():
    Y, texts = np.eye(6, dtype=int), pd.Series(NAMES)
    expected = fitted(NAMES, Y).label_tree_
    for series in (texts, texts[::-1], texts[[3, 0, 5, 2, 4, 1]]):
        assert fitted(series, Y).label_tree_ == expected
    for index in (NAMES, range(10, 16)):
        with pytest.raises(ValueError, match=r"label_text must be indexed by the numbers of .*got"):
            fitted(texts.set_axis(index), Y)
    with pytest.raises(ValueError, match="label_text is for 5 labels, but y has 6"):
        fitted(texts[:5], Y)


def test_an_index_names_each_label_once():
    texts = pd.Series(["ant", "ape"], index=["a", "a"])
    with pytest.raises(ValueError, match=r"label_text must have each entry .* got 'a' twice"):
        fitted(texts, list("abcdef"))


def test_after_surgery():
    y = list("abcdef")
    texts = pd.Series(NAMES, index=y)[::-1]
    model = fitted(texts, y)
    more = surgery.add_labels(model, X[:1], ["g"], label_text=pd.Series(["cow"], index=["g"]))
    assert more.label_text == {**texts.to_dict(), "g": "cow"}
    model = fitted(pd.Series(NAMES)[::-1], np.eye(6, dtype=int))
    assert surgery.restrict(model, [4, 1]).label_text == ["ape", "cat"]
    grown = surgery.add_labels(model, X[:1], [[1]], label_text=pd.Series(["cow"]))
    assert grown.label_text == [*NAMES, "cow"]


def test_a_table_of_priors():
    y, vectors = list("abcdef"), np.eye(6) + 0.5 * np.eye(6, k=1)
    table = pd.DataFrame(vectors, index=y)
    expected = XRLinearClassifier(label_prior=vectors, random_state=0).fit(X, y).rank(X, 6)
    for prior in (table, table[::-1], pd.DataFrame(vectors)):
        labels, scores = XRLinearClassifier(label_prior=prior, random_state=0).fit(X, y).rank(X, 6)
        np.testing.assert_array_equal(labels, expected[0])
        np.testing.assert_array_equal(scores, expected[1])
    for wrong in (table[1:], table.set_axis(list("aacdef"))):
        with pytest.raises(ValueError, match="label_prior must be indexed by the labels, each"):
            XRLinearClassifier(label_prior=wrong).fit(X, y)


def test_a_table_of_features():
    y, vectors = list("abcdef"), np.eye(6) + 0.5 * np.eye(6, k=1)[[2, 0, 1, 5, 3, 4]]
    table = pd.DataFrame(vectors, index=y)

    def tree(features):
        indexer = HierarchicalKMeansIndexer(2, max_leaf_size=1, random_state=0)
        return XRLinearClassifier(indexer, label_features=features).fit(X, y).label_tree_

    assert tree(vectors) != tree(vectors[::-1])
    tables = table, table[::-1], pd.DataFrame(vectors)
    for features in (*tables, table[::-1].astype(pd.SparseDtype(float, 0.0))):
        assert tree(features) == tree(vectors)
    for wrong in (table[1:], table.set_axis(list("aacdef"))):
        with pytest.raises(ValueError, match="label_features must be indexed by the labels, each"):
            tree(wrong)


def test_functions_of_features_do_not_know_names():
    given = pd.DataFrame(np.eye(2), index=["a", "b"])
    for make in (concatenation, convex_combination):
        with pytest.raises(ValueError, match=r"given must be .* give given\.to_numpy\(\)"):
            make(np.eye(2), np.eye(2), given=given)
