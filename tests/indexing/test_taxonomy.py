"""LabelTree.from_taxonomy: every label below the concepts that are broader, and nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_xmr import LabelTree, XRLinearClassifier

BROADER = {
    "cats": "pets",
    "dogs": "pets",
    "pets": "animals",
    "wasps": "insects",
    "insects": "animals",
    "animals": None,
    "mosses": "plants",
    "ferns": "plants",  # no label, and above none
}


def parents(labels, broader):
    return [layer.tolist() for layer in LabelTree.from_taxonomy(labels, broader).parents]


def test_by_hand():
    # animals, plants, maths | pets, insects, mosses, maths | cats, pets, wasps, mosses, maths
    labels = ["cats", "pets", "wasps", "mosses", "maths"]
    assert parents(labels, BROADER) == [[0, 0, 0], [0, 0, 1, 2], [0, 0, 1, 2, 3]]


def test_every_form_of_the_hierarchy():
    labels = ["wasps", "cats"]
    expected = [[0], [0, 0], [0, 1]]
    pairs = list(BROADER.items())
    repeated = [*pairs, *pairs]
    strings = np.array([(a, b) for a, b in pairs if b is not None])
    for broader in (BROADER, pairs, iter(pairs), repeated, strings):
        assert parents(labels, broader) == expected
    assert parents(np.array(labels), BROADER) == expected


def test_concepts_may_be_numbers():
    assert parents(np.array([3, 4, 5]), np.array([[3, 10], [4, 10], [5, 11]])) == [
        [0, 0],
        [0, 0, 1],
    ]


def test_nothing_broader_is_one_layer():
    assert LabelTree.from_taxonomy(["a", "b"], {}) == LabelTree.flat(2)
    assert LabelTree.from_taxonomy(["a", "b"], {"a": None, "c": "b"}) == LabelTree.flat(2)


def test_long_chain():
    n = 3000
    tree = LabelTree.from_taxonomy([0], {i: i + 1 for i in range(n)})
    assert tree.n_layers == n + 1
    assert all(layer.tolist() == [0] for layer in tree.parents)


@st.composite
def taxonomies(draw):
    """Concepts 0 .. n - 1, each with a broader one among those before it, and some as labels."""
    n = draw(st.integers(1, 25))
    broader = {i: draw(st.sampled_from([None, *range(i)])) for i in range(n)}
    labels = draw(st.lists(st.integers(0, n - 1), min_size=1, unique=True))
    return labels, broader


def climb(concept, broader):
    while concept is not None:
        yield concept
        concept = broader[concept]


@given(taxonomies())
@settings(max_examples=150, deadline=None)
def test_labels_share_as_many_nodes_as_concepts(taxonomy):
    labels, broader = taxonomy
    tree = LabelTree.from_taxonomy(labels, broader)
    above = [set(climb(broader[label], broader)) for label in labels]
    inner = set().union(*above)
    below = [set(climb(label, broader)) & inner for label in labels]

    assert tree.n_labels == len(labels)
    assert tree.n_layers == 1 + max(map(len, below))
    ancestors = [np.arange(len(labels))]
    for layer in reversed(tree.parents[1:]):
        ancestors.append(layer[ancestors[-1]])
    for i in range(len(labels)):
        for j in range(i):
            shared = sum(int(nodes[i] == nodes[j]) for nodes in ancestors)
            assert shared == len(below[i] & below[j])
    for nodes, layer in zip(ancestors[::-1], tree.parents, strict=True):
        _, first = np.unique(nodes, return_index=True)
        assert len(first) == len(layer)  # no node is without labels
        assert (np.diff(first) > 0).all()  # numbered by their first label


@pytest.mark.parametrize(
    ("labels", "broader", "message"),
    [
        ([], {}, "labels is empty"),
        (["a", "b", "a"], {}, "'a' comes twice"),
        (["a"], {"a": "a"}, "circle: 'a' -> 'a'"),
        (["x"], {"x": "a", "a": "b", "b": "c", "c": "a"}, "circle: 'a' -> 'b' -> 'c' -> 'a'"),
        (["a"], [("a", "b"), ("a", "c")], "gives 'a' the broader concepts 'b' and 'c'"),
        (["a"], [("a", "b"), ("a", None)], "gives 'a' the broader concepts 'b' and None"),
        (["a"], {"a": ["b", "c"]}, r"gives 'a' the broader concepts \['b', 'c'\]"),
        (["a"], [("a", "b", "c")], r"must hold pairs .*, got \('a', 'b', 'c'\)"),
        (["a"], ["ab"], r"must hold pairs .*, got 'ab'"),
        (["a"], [1], "must hold pairs .*, got 1"),
    ],
)
def test_refuses_what_is_no_hierarchy(labels, broader, message):
    with pytest.raises(ValueError, match=message):
        LabelTree.from_taxonomy(labels, broader)


@pytest.mark.parametrize(
    ("labels", "broader", "message"),
    [
        ("cats", {}, "must be a list of labels, got 'cats'"),
        (3, {}, "must be a list of labels, got 3"),
        ([["a"]], {}, r"labels must be hashable, got \['a'\]"),
        (["a"], None, "broader must be a dict or pairs, got None"),
        (["a"], {"a": np.zeros(1)}, "must be hashable"),
    ],
)
def test_refuses_other_types(labels, broader, message):
    with pytest.raises(TypeError, match=message):
        LabelTree.from_taxonomy(labels, broader)


def test_classifies_by_a_taxonomy():
    classes = ["cats", "dogs", "pets", "wasps"]
    y = np.repeat(classes, 5)
    X = np.repeat(np.eye(4), 5, axis=0)
    model = XRLinearClassifier(LabelTree.from_taxonomy(classes, BROADER)).fit(X, y)
    assert model.predict(X).tolist() == y.tolist()
