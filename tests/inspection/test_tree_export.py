"""Label trees as text and as drawings, against trees written out by hand."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from sklearn_xmr import (
    HierarchicalKMeansIndexer,
    LabelTree,
    QueryAutocompleter,
    TrieIndexer,
    XRLinearClassifier,
)
from sklearn_xmr.inspection import export_text, plot_label_tree

# Siblings out of order, a node without children (2), an only child (label 4, below node 3).
TREE = LabelTree.from_parents([[0, 0, 0, 0], [1, 0, 1, 0, 3, 0]])
NAMES = ["ant", "bee", "cat", "dog", "eel", "fox"]


def lines(*args, **kwargs):
    return export_text(*args, **kwargs).split("\n")


def test_text_by_hand():
    assert lines(TREE, label_names=NAMES) == [
        "root: 6 labels",
        "|--- layer 0, node 0: 3 labels",
        "|   |--- bee",
        "|   |--- dog",
        "|   |--- fox",
        "|--- layer 0, node 1: 2 labels",
        "|   |--- ant",
        "|   |--- cat",
        "|--- layer 0, node 2: 0 labels",
        "|--- eel",
    ]


def test_without_names_labels_are_numbers():
    assert lines(TREE)[2:5] == ["|   |--- 1", "|   |--- 3", "|   |--- 5"]


def test_max_depth_and_max_children():
    assert lines(TREE, label_names=NAMES, max_depth=0) == ["root: 6 labels: ant, bee, cat, ..."]
    assert lines(TREE, label_names=NAMES, max_depth=1) == [
        "root: 6 labels",
        "|--- layer 0, node 0: 3 labels: bee, dog, fox",
        "|--- layer 0, node 1: 2 labels: ant, cat",
        "|--- layer 0, node 2: 0 labels",
        "|--- eel",
    ]
    assert lines(TREE, label_names=NAMES, max_children=2) == [
        "root: 6 labels",
        "|--- layer 0, node 0: 3 labels",
        "|   |--- bee",
        "|   |--- dog",
        "|   |--- ... and 1 more",
        "|--- layer 0, node 1: 2 labels",
        "|   |--- ant",
        "|   |--- cat",
        "|--- ... and 2 more",
    ]
    assert len(lines(LabelTree.from_parents([[0] * 12]))) == 1 + 10 + 1
    assert len(lines(LabelTree.from_parents([[0] * 12]), max_children=None)) == 1 + 12
    assert lines(TREE, max_depth=9, max_children=99) == lines(TREE, max_children=None)


def test_chains_of_only_children_are_one_node():
    tree = LabelTree.from_parents([[0, 0], [1, 0], [0, 0, 1], [2, 1, 0]])
    assert lines(tree) == [
        "root: 3 labels",
        "|--- 0",
        "|--- layer 1, node 0: 2 labels",
        "|   |--- 2",
        "|   |--- 1",
    ]


def test_one_label():
    assert lines(LabelTree.from_parents([[0], [0]])) == ["root: 1 label", "|--- 0"]


def test_very_deep_tree():
    tree = LabelTree.from_parents([[0, 0]] + [[0, 1]] * 3000)
    assert lines(tree) == ["root: 2 labels", "|--- 0", "|--- 1"]
    comb = [np.zeros(2, dtype=int)]
    comb += [np.append(np.arange(n), n - 1) for n in range(2, 1200)]
    tree = LabelTree.from_parents(comb)
    assert len(lines(tree)) == 1 + tree.n_labels + (tree.n_labels - 2)


@st.composite
def trees(draw):
    n_above, parents = 1, []
    for _ in range(draw(st.integers(1, 4))):
        parents.append(draw(st.lists(st.integers(0, n_above - 1), min_size=1, max_size=8)))
        n_above = len(parents[-1])
    return LabelTree.from_parents(parents)


def naive_lines(tree, layer=-1, node=0, indent=""):
    if layer == tree.n_layers - 1:
        return [f"{indent}{node}"]
    below = [label for label, above in enumerate(tree.ancestors()[layer]) if above == node]
    n_labels = tree.n_labels if layer < 0 else len(below)
    name = "root" if layer < 0 else f"layer {layer}, node {node}"
    children = [child for child, above in enumerate(tree.parents[layer + 1]) if above == node]
    if len(children) == 1 and layer >= 0:
        return naive_lines(tree, layer + 1, children[0], indent)
    found = [f"{indent}{name}: {n_labels} label" + ("" if n_labels == 1 else "s")]
    for child in children:
        below = indent.replace("--- ", "   ") + "|--- "
        found += naive_lines(tree, layer + 1, child, below)
    return found


@settings(deadline=None)
@given(trees())
def test_text_equals_a_recursive_twin(tree):
    assert lines(tree) == naive_lines(tree)


# ---------------------------------------------------------------- what has a tree, and its names

TITLES = ["roses and tulips", "tomatoes", "Roman emperors", "Greek wars", "a Roman garden"]
STRINGS = ["flowers", "food", "Rome", "Greece", "food"]


def test_names_of_classes():
    pipeline = make_pipeline(TfidfVectorizer(), XRLinearClassifier(random_state=0))
    search = GridSearchCV(pipeline, {"xrlinearclassifier__C": [1.0]}, cv=2)
    expected = [
        "root: 4 labels",
        *(f"|--- {name}" for name in ("Greece", "Rome", "flowers", "food")),
    ]
    with pytest.warns(UserWarning, match="least populated class"):
        search.fit(TITLES, STRINGS)
    for holder in (pipeline.fit(TITLES, STRINGS), pipeline[-1], search):
        assert lines(holder) == expected


def test_names_from_label_text():
    X = TfidfVectorizer().fit_transform(TITLES)
    names = ["zero", "one", "two", "three", "four"]
    indicator = XRLinearClassifier(label_text=names, random_state=0).fit(X, np.eye(5, dtype=int))
    assert lines(indicator)[1:] == [f"|--- {name}" for name in names]
    texts = {7: "seven", 3: "three"}
    classes = XRLinearClassifier(label_text=texts, random_state=0).fit(X, [7, 3, 3, 7, 3])
    assert lines(classes)[1:] == ["|--- three", "|--- seven"]
    assert lines(classes, label_names=["a", "b"])[1:] == ["|--- a", "|--- b"]


def test_indexers_and_completers():
    texts = ["ant", "bee", "bear"]
    indexer = TrieIndexer(max_leaf_size=1).fit(None, texts)
    assert lines(indexer) == lines(indexer.tree_)
    clusters = HierarchicalKMeansIndexer(random_state=0).fit(np.eye(3))
    assert lines(clusters)[1:] == ["|--- 0", "|--- 1", "|--- 2"]
    completer = QueryAutocompleter(random_state=0).fit([("", "a"), ("", "b"), ("", "be")], texts)
    assert sorted(
        line.split("--- ")[-1] for line in lines(completer)[1:] if "layer" not in line
    ) == [
        "ant",
        "bear",
        "bee",
    ]


def test_one_tree_of_an_ensemble():
    X = TfidfVectorizer().fit_transform(TITLES)
    indexer = HierarchicalKMeansIndexer(branching_factor=2, max_leaf_size=1)
    model = XRLinearClassifier(indexer, n_trees=5, random_state=0).fit(X, list("abcde"))
    written = [lines(model, tree_index=number) for number in range(5)]
    for number, tree in enumerate(model.trees_):
        assert written[number] == lines(tree.label_tree, label_names="abcde")
    assert len(set(map(tuple, written))) > 1
    assert lines(model) == written[0]
    with pytest.raises(ValueError, match="tree_index must be an integer from 0 to 4, got 5"):
        export_text(model, tree_index=5)


@pytest.mark.parametrize("show", [export_text, plot_label_tree])
class TestRefusals:
    @pytest.mark.parametrize(
        ("params", "error", "message"),
        [
            ({"label_names": ["a"]}, ValueError, "label_names must have .* of 6 labels, got 1"),
            ({"max_depth": -1}, ValueError, "max_depth must be an integer of at least 0, got -1"),
            ({"max_depth": 1.5}, ValueError, "max_depth must be an integer of at least 0, got 1.5"),
            ({"tree_index": 1}, ValueError, "tree_index must be an integer from 0 to 0, got 1"),
            (
                {"max_children": 0},
                ValueError,
                "max_children must be an integer .* got 0",
            ),
            (
                {"max_children": True},
                ValueError,
                "max_children must be an integer .* got T",
            ),
        ],
    )
    def test_parameters(self, show, params, error, message):
        with pytest.raises(error, match=message):
            show(TREE, **params)

    def test_what_has_no_tree(self, show):
        with pytest.raises(NotFittedError):
            show(XRLinearClassifier())
        tree = DecisionTreeClassifier().fit([[0], [1]], [0, 1])
        with pytest.raises(
            TypeError, match=r"tree must be a LabelTree.*got DecisionTreeClassifier"
        ):
            show(tree)
        with pytest.raises(TypeError, match=r"tree must be a LabelTree.*got list"):
            show([[0, 0]])


# ---------------------------------------------------------------- drawing


@pytest.fixture
def plt():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    yield plt
    plt.close("all")


def test_drawing_by_hand(plt):
    ax = plot_label_tree(TREE, label_names=NAMES)
    assert ax is plt.gca()
    placed = {text.get_text(): text.xy for text in ax.texts}
    # From top to bottom, at its layer; the node without children is the seventh leaf.
    assert placed == {
        "bee": (2, 0),
        "dog": (2, 1),
        "fox": (2, 2),
        "ant": (2, 3),
        "cat": (2, 4),
        "layer 0, node 2: 0 labels": (1, 5),
        "eel": (2, 6),
    }
    root, first, second = (0, (1 + 6) / 2), (1, 1), (1, 3.5)
    expected = {
        *((root, below) for below in (first, second, (1, 5), (2, 6))),
        *((first, (2, height)) for height in (0, 1, 2)),
        *((second, (2, height)) for height in (3, 4)),
    }
    (lines,) = ax.collections
    assert {tuple(map(tuple, line)) for line in lines.get_segments()} == expected
    assert len(ax.lines[0].get_xdata()) == 1 + 3 + 6
    assert ax.get_ylim()[0] > ax.get_ylim()[1], "the first label is on top"
    ax.figure.canvas.draw()


def test_drawing_into_given_axes(plt):
    _, (left, right) = plt.subplots(1, 2)
    left.plot([1, 2], [3, 4])
    assert plot_label_tree(TREE, ax=left, fontsize=5) is left
    assert len(left.lines) == 1
    assert {text.get_fontsize() for text in left.texts} == {5}
    assert not right.texts
    assert not left.axison


def test_drawing_shows_what_the_text_shows(plt):
    tree = HierarchicalKMeansIndexer(branching_factor=3, max_leaf_size=4, random_state=0).fit(
        np.random.default_rng(0).random((90, 4))
    )
    for params in ({}, {"max_depth": 1}, {"max_children": 2}, {"max_depth": 0}):
        written = [line.split("--- ")[-1] for line in lines(tree, **params)]
        ax = plot_label_tree(tree, **params)
        drawn = [text.get_text() for text in ax.texts]
        assert [text for text in written if text in drawn] == drawn
        assert len(ax.lines[0].get_xdata()) == len(written)
        heights = [text.xy[1] for text in ax.texts]
        assert_allclose(heights, np.arange(len(drawn)))


def test_names_are_no_formulas(plt):
    ax = plot_label_tree(LabelTree.from_parents([[0, 0]]), label_names=["a$", r"$\oops$"])
    ax.figure.canvas.draw()
    assert [text.get_text() for text in ax.texts] == ["a$", r"$\oops$"]


def test_matplotlib_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="plot_label_tree requires matplotlib"):
        plot_label_tree(TREE)
    assert lines(TREE)[0] == "root: 6 labels"
