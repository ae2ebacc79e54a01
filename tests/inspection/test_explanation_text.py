"""Explanations as text: tables of what adds up."""

import numpy as np
import pytest

from helpers.reference import make_problem, queries
from sklearn_xmr import XRLinearClassifier
from sklearn_xmr.inspection import explain
from sklearn_xmr.inspection._explanation_text import MOST_FEATURES, text_table

X, Y = make_problem()
QUERY = queries(n_queries=6).toarray()[3]
PRIOR = np.eye(12, 25) + 0.1


def test_table_is_laid_out_under_its_columns():
    rows = [("intercept", -1.0, None), ("a", 12345678.0, 0.5), ("sum", 2.0, 1.0)]
    assert text_table(["margin", "a long name"], rows) == [
        "                 margin  a long name",
        "intercept        -1.000",
        "a          12345678.000        0.500",
        "sum               2.000        1.000",
    ]


def numbers_of(lines):
    return {name: numbers for name, *numbers in (line.split() for line in lines)}


def test_of_a_node():
    node = explain(XRLinearClassifier(random_state=0).fit(X, Y), QUERY, 3).path[-1]
    first, columns, *lines = str(node).splitlines()
    assert first == f"layer {node.layer}, node {node.node}: score {node.score:.3f}"
    assert columns.split() == ["margin"]
    assert lines[0].split() == ["intercept", f"{node.intercept:.3f}"]
    assert lines[-1].split() == ["sum", f"{node.margin:.3f}"]
    expected = zip(node.feature_names, node.contributions, strict=True)
    shown = {str(name): [f"{value:.3f}"] for name, value in expected}
    assert numbers_of(lines[1:-1]) == shown


def test_of_a_label_in_an_ensemble_with_a_prior():
    model = XRLinearClassifier(random_state=0, n_trees=2, label_prior=PRIOR).fit(X, Y)
    explanation = explain(model, QUERY, 3)
    first, *path = str(explanation).splitlines()[: 2 + len(explanation.path)]
    assert first == f"3: {explanation.score:.3f}"
    assert path[0].split() == ["margin", "score", "path"]
    for line, node in zip(path[1:], explanation.path, strict=True):
        where, *numbers = line.rsplit(maxsplit=3)
        assert where.strip() == f"tree {node.tree}, layer {node.layer}, node {node.node}"
        expected = [node.margin, node.score, node.path_score]
        assert numbers == [f"{number:.3f}" for number in expected]
    empty, columns, *lines = str(explanation).splitlines()[2 + len(explanation.path) :]
    assert empty == ""
    assert columns.split() == ["margin", "prior", "learned"]
    for name, parts in numbers_of(lines[1:-1]).items():
        total, prior, learned = map(float, parts)
        assert total == pytest.approx(prior + learned, abs=0.002), name


def test_further_features_share_a_row():
    rng = np.random.default_rng(0)
    wide = rng.random((40, 60))
    model = XRLinearClassifier(random_state=0, prune_threshold=0).fit(wide, np.arange(40) % 4)
    explanation = explain(model, wide[0], 1)
    n_others = len(explanation.contributions) - MOST_FEATURES
    assert n_others > 1
    *_, others, last = str(explanation).splitlines()
    rest = explanation.contributions[MOST_FEATURES:].sum()
    assert others.split() == [str(n_others), "others", f"{rest:.3f}"]
    assert last.split() == ["sum", f"{explanation.margin:.3f}"]


def test_labels_are_shown_as_plain_values():
    names = np.array(["ant", "bee", "cat"])[np.arange(len(X.toarray())) % 3]
    model = XRLinearClassifier(random_state=0).fit(X, names)
    [[label]], _ = model.rank(QUERY[None], 1)
    assert str(explain(model, QUERY, label)).startswith(f"'{label}': ")
