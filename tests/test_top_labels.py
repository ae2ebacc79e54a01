"""top_labels: what rank finds for one input, as plain values and without fillers."""

import json

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MultiLabelBinarizer

from sklearn_xmr import (
    MostFrequentCompleter,
    ProductRetriever,
    WordNgramTfidf,
    XRLinearClassifier,
    rank,
    top_labels,
)

TITLES = ["bird song", "bird migration", "river fish", "sea fish", "ferns", "moss"]
TOPICS = [["birds"], ["birds", "travel"], ["fish"], ["fish", "sea"], ["plants"], ["plants"]]


def fitted(y):
    pipeline = make_pipeline(WordNgramTfidf(), XRLinearClassifier(random_state=0))
    return pipeline.fit(TITLES, y)


@pytest.mark.parametrize("options", [{}, {"min_score": 0.2}, {"candidates": ["fish", "sea"]}])
def test_label_sets(options):
    model = fitted(TOPICS)
    found = top_labels(model, "a fish in the sea", **options)
    labels, scores = rank(model, ["a fish in the sea"], **options)
    known = scores[0] > -np.inf
    assert found == list(zip(labels[0, known], scores[0, known].astype(float), strict=True))
    assert 0 < len(found) < 10
    assert json.loads(json.dumps(found)) == [list(pair) for pair in found]


def test_the_filler_is_never_a_class():
    binarizer = MultiLabelBinarizer(sparse_output=True)
    model = fitted(binarizer.fit_transform(TOPICS))
    for options in ({"k": 50}, {"min_score": 0.5}, {"candidates": [0]}):
        found = top_labels(model, "birds", classes=binarizer.classes_, **options)
        names = top_labels(fitted(TOPICS), "birds", **{**options, **named(options, binarizer)})
        assert found == names
    assert top_labels(model, "birds", min_score=2) == []


def test_candidates_have_the_names_that_classes_give():
    binarizer = MultiLabelBinarizer(sparse_output=True)
    model = fitted(binarizer.fit_transform(TOPICS))
    names = binarizer.classes_[[0, 2]].tolist()
    for candidates in (names, set(names), np.array(names)):
        found = top_labels(model, "birds", classes=binarizer.classes_, candidates=candidates)
        assert found == top_labels(fitted(TOPICS), "birds", candidates=names)
    with pytest.raises(ValueError, match="candidates must be among classes, got 'moon'"):
        top_labels(model, "birds", classes=binarizer.classes_, candidates=["moon"])
    with pytest.raises(
        ValueError, match="candidates must be a list of names or a mask, got 'fish'"
    ):
        top_labels(fitted(TOPICS), "birds", candidates="fish")


def named(options, binarizer):
    """Candidates by name."""
    if "candidates" not in options:
        return {}
    return {"candidates": binarizer.classes_[options["candidates"]]}


@pytest.mark.parametrize(
    "y", [list("aabbcc"), [3, 3, 5, 5, 9, 9], [True, True, False, False, True, True], np.eye(6)]
)
def test_plain_values(y):
    for label, score in top_labels(fitted(y), "fish"):
        assert type(label) in (str, int, bool)
        assert type(score) is float


def test_rows_of_numbers():
    model = XRLinearClassifier(random_state=0).fit(np.eye(3), ["a", "b", "c"])
    row = np.array([0.1, 1.0, 0.0])
    expected = top_labels(model, row)
    assert expected[0][0] == "b"
    for x in (row.tolist(), row[None], sp.csr_array(row[None]), sp.csr_matrix(row)):
        assert top_labels(model, x) == expected
    with pytest.raises(ValueError, match="x must be one input, got 3"):
        top_labels(model, np.eye(3))


def test_a_row_of_a_frame():
    columns = [("words", WordNgramTfidf(), "text"), ("pages", MaxAbsScaler(), ["pages"])]
    model = make_pipeline(ColumnTransformer(columns), XRLinearClassifier(random_state=0))
    table = pd.DataFrame({"text": TITLES, "pages": range(len(TITLES))})
    model = model.fit(table, TOPICS)
    for row in range(len(table)):
        expected = top_labels(model, table[row : row + 1])
        assert top_labels(model, table.iloc[row]) == expected


def test_all_that_rank():
    retriever = ProductRetriever(label_text=["garden hose", "wood screw"]).fit([], [])
    assert [label for label, _ in top_labels(retriever, "hose", 1)] == [0]
    completer = MostFrequentCompleter().fit([("", "g")], ["garden hose"])
    assert [label for label, _ in top_labels(completer, ("", "ga"), 1)] == ["garden hose"]


def test_wrong_ones():
    with pytest.raises(TypeError, match="must have a method rank"):
        top_labels(LogisticRegression().fit(np.eye(2), [0, 1]), [0, 1])
    model = fitted(MultiLabelBinarizer().fit_transform(TOPICS))
    with pytest.raises(ValueError, match="classes must name the columns"):
        top_labels(model, "fish", classes=["one"])
    with pytest.raises(ValueError, match="classes must name the columns"):
        top_labels(fitted(TOPICS), "fish", classes=["one"])


def test_a_list_of_one_text_is_that_text():
    for model in (fitted(TOPICS), ProductRetriever(label_text=TITLES).fit([], [])):
        assert top_labels(model, ["sea fish"], k=3) == top_labels(model, "sea fish", k=3)
    with pytest.raises(TypeError, match=r"x must be one input, got the list \['fish', 'sea'\]: "):
        top_labels(model, ["fish", "sea"])
