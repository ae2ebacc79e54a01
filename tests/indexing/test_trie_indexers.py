"""TrieIndexer and TrieHybridIndexer: node by node, and against a naive trie of Python objects."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, clone
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks, get_tags
from sklearn.utils.validation import check_is_fitted

from sklearn_xmr import (
    CharNgramTfidf,
    HierarchicalKMeansIndexer,
    LabelTree,
    TrieHybridIndexer,
    TrieIndexer,
    XRLinearClassifier,
)

EIGHT = ["a", "ab", "abc", "abd", "abfgh", "abfgi", "bcde", "bcdf"]
BOTH = [TrieIndexer, TrieHybridIndexer]


def parents(indexer, texts):
    return [layer.tolist() for layer in indexer.fit(None, texts).tree_.parents]


def hybrid(trie_depth=2, branching_factor=2, max_leaf_size=1, random_state=0, **params):
    return TrieHybridIndexer(
        trie_depth,
        branching_factor=branching_factor,
        max_leaf_size=max_leaf_size,
        random_state=random_state,
        **params,
    )


def in_other_order(tree, order):
    """The tree of the same labels in the order ``order``."""
    return LabelTree.from_parents([*tree.parents[:-1], tree.parents[-1][order]])


# The eight strings, by hand


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (
            {"max_leaf_size": 1},
            [
                [0, 0],  # a b
                [0, 0, 1],  # a. ab bc
                [0, 1, 1, 1, 1, 2],  # a. ab. abc abd abf bcd
                [0, 1, 2, 3, 4, 5, 5],  # a. ab. abc. abd. abfg bcde bcdf
                [0, 1, 2, 3, 4, 4, 5, 6],
            ],
        ),
        (
            {"max_leaf_size": 2},  # bcde and bcdf stay together, abfgh and abfgi as well
            [[0, 0], [0, 0, 1], [0, 1, 1, 1, 1, 2], [0, 1, 2, 3, 4, 4, 5, 5]],
        ),
        ({"max_leaf_size": 5}, [[0, 0], [0, 0, 1], [0, 1, 1, 1, 1, 1, 2, 2]]),
        ({"max_leaf_size": 6}, [[0, 0], [0, 0, 0, 0, 0, 0, 1, 1]]),
        ({"max_leaf_size": 8}, [[0] * 8]),
        ({}, [[0] * 8]),
        ({"max_depth": 1, "max_leaf_size": 1}, [[0, 0], [0, 0, 0, 0, 0, 0, 1, 1]]),
        (
            {"max_depth": 3, "max_leaf_size": 1},
            [[0, 0], [0, 0, 1], [0, 1, 1, 1, 1, 2], [0, 1, 2, 3, 4, 4, 5, 5]],
        ),
        (
            {"max_depth": 4, "max_leaf_size": 1},
            [
                [0, 0],
                [0, 0, 1],
                [0, 1, 1, 1, 1, 2],
                [0, 1, 2, 3, 4, 5, 5],
                [0, 1, 2, 3, 4, 4, 5, 6],
            ],
        ),
    ],
)
def test_trie_of_eight_strings(params, expected):
    assert parents(TrieIndexer(**params), EIGHT) == expected
    assert parents(TrieIndexer(**params), EIGHT[::-1]) == [*expected[:-1], expected[-1][::-1]]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        # Every cluster of one label: what k-means draws does not show.
        ({"trie_depth": 0}, [[0] * 8]),
        ({"trie_depth": 1}, [[0, 0], [0, 0, 0, 0, 0, 0, 1, 1]]),
        ({"trie_depth": 2}, [[0, 0], [0, 0, 1], [0, 1, 1, 1, 1, 1, 2, 2]]),
        (
            {"trie_depth": 3},
            [[0, 0], [0, 0, 1], [0, 1, 1, 1, 1, 2], [0, 1, 2, 3, 4, 4, 5, 5]],
        ),
        (
            {"trie_depth": 9},
            [
                [0, 0],
                [0, 0, 1],
                [0, 1, 1, 1, 1, 2],
                [0, 1, 2, 3, 4, 5, 5],
                [0, 1, 2, 3, 4, 4, 5, 6],
            ],
        ),
        # No node of the trie is large.
        ({"trie_depth": 2, "max_leaf_size": 5}, [[0, 0], [0, 0, 1], [0, 1, 1, 1, 1, 1, 2, 2]]),
        ({"trie_depth": 2, "max_leaf_size": 8}, [[0] * 8]),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_hybrid_of_eight_strings(params, expected, seed):
    indexer = hybrid(**{"branching_factor": 16, "random_state": seed, **params})
    assert parents(indexer, EIGHT) == expected
    assert parents(indexer, EIGHT[::-1]) == [*expected[:-1], expected[-1][::-1]]


class Table(BaseEstimator):
    """Texts to given vectors."""

    def __init__(self, vectors):
        self.vectors = vectors

    def fit_transform(self, texts, y=None):
        return np.array([self.vectors[text] for text in texts])


@pytest.mark.parametrize("seed", range(5))
def test_hybrid_clusters_by_vectors_below_the_trie(seed):
    # Those at even places are alike, and those at odd places; "bcde" and "bcdf" are not clustered.
    table = Table({text: np.eye(2)[i % 2].tolist() for i, text in enumerate(EIGHT)})
    indexer = hybrid(1, max_leaf_size=3, random_state=seed, vectorizer=table)
    expected = [[0, 0], [0, 0, 1], [0, 1, 0, 1, 0, 1, 2, 2]]
    assert parents(indexer, EIGHT) == expected

    # "a" needs two layers of clusters, "b" one: the lower one.
    vectors = np.kron(np.eye(2), np.kron([[1, 0.2], [0.2, 1]], [[1.0], [1.0]]))
    texts = ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "b1", "b2", "b3", "b4"]
    table = Table(dict(zip(texts, [*vectors.tolist(), *vectors[2:6].tolist()], strict=True)))
    indexer = hybrid(1, max_leaf_size=2, random_state=seed, vectorizer=table)
    assert parents(indexer, texts) == [
        [0, 0],
        [0, 0, 1],
        [0, 0, 1, 1, 2, 2],
        [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
    ]


# A naive trie


def naive_nodes(texts, max_depth, max_leaf_size):
    """For each depth the nodes, as lists of texts, and for each depth but the root the parents."""
    layers, parents = [[sorted(texts)]], []
    for depth in range(max_depth):
        nodes, parents_of_nodes = [], []
        for number, node in enumerate(layers[-1]):
            children = {}
            for text in node:
                key = text[depth : depth + 1] if len(node) > max_leaf_size else ""
                children.setdefault(key, []).append(text)
            nodes += children.values()
            parents_of_nodes += [number] * len(children)
        layers.append(nodes)
        parents.append(parents_of_nodes)
    while parents and len(layers[-1]) == len(layers[-2]):
        layers.pop(), parents.pop()
    return layers, parents


def naive_trie(texts, max_depth, max_leaf_size):
    """The parents of every node, labels included."""
    layers, parents = naive_nodes(texts, max_depth, max_leaf_size)
    if parents and len(layers[-1]) == len(texts):  # these are the labels
        layers.pop(), parents.pop()
    node_of = {text: number for number, node in enumerate(layers[-1]) for text in node}
    return [*parents, [node_of[text] for text in texts]]


# Few characters, so that texts share much; NUL, a lone surrogate, an emoji, the last code point.
LABELS = st.lists(
    st.text(st.sampled_from("ab\0\ud800😀\U0010ffff"), max_size=7),
    min_size=1,
    max_size=40,
    unique=True,
)


@given(LABELS, st.integers(1, 9), st.integers(1, 6))
@settings(deadline=None)
def test_equals_naive_trie(texts, max_depth, max_leaf_size):
    indexer = TrieIndexer(max_depth, max_leaf_size=max_leaf_size)
    assert parents(indexer, texts) == naive_trie(texts, max_depth, max_leaf_size)


@given(LABELS, st.integers(0, 4), st.integers(2, 5), st.integers(1, 6), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=60)
def test_hybrid_properties(texts, trie_depth, branching_factor, max_leaf_size, seed):
    tree = hybrid(trie_depth, branching_factor, max_leaf_size, seed).fit(None, texts).tree_
    layers, trie = naive_nodes(texts, trie_depth, max_leaf_size)
    roots = layers[-1]
    assert tree.n_labels == len(texts)
    if len(roots) == len(texts):
        expected = naive_trie(texts, trie_depth, max_leaf_size)
        assert [layer.tolist() for layer in tree.parents] == expected
        return

    # On top, the trie.
    assert [layer.tolist() for layer in tree.parents[: len(trie)]] == trie
    # Below, as few layers as the largest node of the trie needs, then the labels.
    n_leaves = -(-max(map(len, roots)) // max_leaf_size)
    n_layers = len(trie) + next(n for n in range(9) if branching_factor**n >= n_leaves) + 1
    ancestors = [np.zeros(len(texts), dtype=int), *tree.ancestors()]
    if tree.n_layers == n_layers:
        assert np.bincount(ancestors[-2]).max() <= max_leaf_size
        assert tree.n_layers == 1 or len(tree.parents[-2]) < len(texts)
    else:  # the lowest clusters are labels already
        assert tree.n_layers == n_layers - 1
        assert np.bincount(tree.parents[-1]).max() <= branching_factor

    root_of_text = {text: number for number, node in enumerate(roots) for text in node}
    root_of = np.array([root_of_text[text] for text in texts])
    for layer, nodes in zip(tree.parents[len(trie) : -1], ancestors[len(trie) + 1 :], strict=False):
        assert (np.diff(layer) >= 0).all()  # siblings are neighbours, in their parents' order
        assert np.bincount(layer).max() <= branching_factor
        sizes = np.bincount(nodes, minlength=len(layer))
        assert sizes.min() > 0
        for root in range(len(roots)):  # clusters are balanced
            assert np.ptp(sizes[np.unique(nodes[root_of == root])]) <= 1


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_hybrid_without_trie_is_kmeans_of_the_sorted_texts(n_jobs):
    texts = words(500)
    by_text = np.argsort(np.array(texts, dtype=object))
    Z = CharNgramTfidf((1, 3), analyzer="char", prefix_weighting="string").fit_transform(
        sorted(texts)
    )
    expected = HierarchicalKMeansIndexer(3, max_leaf_size=7, random_state=5).fit(Z).tree_
    tree = hybrid(0, 3, 7, 5, n_jobs=n_jobs).fit(None, texts).tree_
    assert in_other_order(tree, by_text) == expected


def words(n, seed=0):
    """Distinct words whose letters follow each other unevenly, so that many begin alike."""
    rng = np.random.default_rng(seed)
    letters = np.array(list("abcdefghij"))
    found = {}
    while len(found) < n:
        codes = np.minimum(rng.geometric(0.35, size=rng.integers(1, 9)) - 1, 9)
        found["".join(letters[codes])] = None
    return list(found)


@pytest.mark.parametrize(
    "indexer", [TrieIndexer(max_leaf_size=3), hybrid(1, 3, 4)], ids=["trie", "hybrid"]
)
def test_labels_come_in_any_order(indexer):
    texts = words(300)
    tree = indexer.fit(None, texts).tree_
    order = np.random.default_rng(0).permutation(300)
    shuffled = clone(indexer).fit(None, [texts[i] for i in order]).tree_
    assert shuffled == in_other_order(tree, order)


@pytest.mark.parametrize("indexer", [TrieIndexer(max_leaf_size=3), hybrid(1, 3, 4)])
@pytest.mark.parametrize(
    "convert",
    [
        tuple,
        np.array,
        lambda texts: np.array(texts, dtype=object),
        pd.Series,
        lambda texts: pd.Series(texts, index=range(300, 0, -1), dtype="string"),
        iter,
    ],
)
def test_kinds_of_sequences(indexer, convert):
    texts = words(300)
    assert clone(indexer).fit(None, convert(texts)).tree_ == indexer.fit(None, texts).tree_


@pytest.mark.parametrize("Z", [np.eye(8), sp.csr_array((8, 0)), np.full((3, 3), np.nan), "Z"])
@pytest.mark.parametrize("indexer", [TrieIndexer(max_leaf_size=1), hybrid()])
def test_features_are_ignored(indexer, Z):
    tree = clone(indexer).fit(Z, EIGHT).tree_
    assert tree == indexer.fit(None, EIGHT).tree_


# Extremes


@pytest.mark.parametrize("text", ["", "a", "\0", "\ud800", "x" * 10**6])
@pytest.mark.parametrize("Indexer", BOTH)
def test_one_label(Indexer, text):
    assert parents(Indexer(max_leaf_size=1), [text]) == [[0]]


@pytest.mark.parametrize("Indexer", BOTH)
def test_few_labels_hang_from_the_root(Indexer):
    texts = words(100)
    assert parents(Indexer(), texts) == [[0] * 100]
    assert len(parents(Indexer(), [*texts, "zz"])) > 1


def test_the_empty_text_is_a_label():
    assert parents(TrieIndexer(max_leaf_size=1), ["b", "", "ab", "a"]) == [
        [0, 0, 0],
        [2, 0, 1, 1],
    ]
    assert parents(hybrid(0, branching_factor=4), ["b", "", "ab", "a"]) == [[0, 0, 0, 0]]


def test_texts_that_differ_in_nothing_the_vectorizer_sees():
    tree = hybrid(0, 2, 1).fit(None, ["A", "a", "", "À"]).tree_
    assert [len(layer) for layer in tree.parents] == [2, 4]


@pytest.mark.parametrize("Indexer", BOTH)
def test_a_very_long_label_takes_no_room_for_others(Indexer):
    texts = [*words(3000), "a" * 10**6]
    tracemalloc.start()
    try:
        tree = Indexer(max_leaf_size=1).fit(None, texts).tree_
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert tree.n_layers < 20
    assert peak < 400e6  # n_labels x length would be 3,000 MB and more


def test_labels_that_share_a_long_prefix():
    texts = ["x" * 10_000 + text for text in EIGHT]
    by_hand = parents(TrieIndexer(max_leaf_size=1), EIGHT)
    # Nothing differs within 16 characters.
    assert parents(TrieIndexer(max_leaf_size=1), texts) == [[0] * 8]
    for huge in (10_005, 10**30):
        deep = parents(TrieIndexer(huge, max_leaf_size=1), texts)
        assert deep == [[0]] * 10_000 + by_hand
    assert parents(hybrid(branching_factor=8), texts) == [[0] * 8]


@pytest.mark.parametrize("Indexer", BOTH)
def test_parameters_beyond_any_integer_of_numpy(Indexer):
    texts = words(300)
    assert parents(Indexer(10**30, max_leaf_size=10**30), texts) == [[0] * 300]
    assert parents(Indexer(10**30, max_leaf_size=1), texts) == parents(
        TrieIndexer(8, max_leaf_size=1), texts
    )
    tree = parents(hybrid(1, branching_factor=10**30), texts)
    assert tree == parents(TrieIndexer(1, max_leaf_size=1), texts)


# Random numbers and threads


def test_same_tree_for_every_n_jobs_and_run():
    texts = words(2000)
    tree = hybrid(1, 4, 5).fit(None, texts).tree_
    assert hybrid(1, 4, 5).fit(None, texts).tree_ == tree
    assert hybrid(1, 4, 5, n_jobs=2).fit(None, texts).tree_ == tree
    assert hybrid(1, 4, 5, n_jobs=-1).fit(None, texts).tree_ == tree
    assert hybrid(1, 4, 5, random_state=1).fit(None, texts).tree_ != tree
    generator = np.random.RandomState(0)
    assert hybrid(1, 4, 5, random_state=generator).fit(None, texts).tree_ == tree
    assert hybrid(1, 4, 5, random_state=generator).fit(None, texts).tree_ != tree


# Vectorizers


@pytest.mark.parametrize(
    "vectorizer",
    [
        CharNgramTfidf((2, 2)),
        TfidfVectorizer(analyzer="char", ngram_range=(1, 2)),
        make_pipeline(TfidfVectorizer(analyzer="char"), TruncatedSVD(5, random_state=0)),
    ],
    ids=["ours", "scikit-learn", "dense"],
)
def test_any_vectorizer(vectorizer):
    texts = words(200)
    indexer = hybrid(1, 3, 4, vectorizer=vectorizer)
    tree = indexer.fit(None, texts).tree_
    default = hybrid(1, 3, 4).fit(None, texts).tree_
    assert list(map(len, tree.parents)) == list(map(len, default.parents))
    assert tree != default
    assert indexer.vectorizer is vectorizer
    with pytest.raises(NotFittedError):
        check_is_fitted(vectorizer)


def test_default_vectorizer_is_the_documented_one():
    texts = words(300)
    vectorizer = CharNgramTfidf((1, 3), analyzer="char", prefix_weighting="string")
    assert (
        hybrid(1, 3, 4, vectorizer=vectorizer).fit(None, texts).tree_
        == hybrid(1, 3, 4).fit(None, texts).tree_
    )


class Gives(BaseEstimator):
    def __init__(self, Z):
        self.Z = Z

    def fit_transform(self, texts, y=None):
        return self.Z


def broken_matrix():
    Z = sp.csr_array(np.eye(8))
    Z.indices = np.full(8, 99, dtype=np.int32)
    return Z


@pytest.mark.parametrize(
    ("Z", "message"),
    [
        (np.eye(7), "vectorizer gave 7 rows for 8 label texts"),
        (sp.csr_array((9, 3)), "vectorizer gave 9 rows for 8 label texts"),
        (np.full((8, 2), np.nan), "output of vectorizer contains NaN"),
        (np.full((8, 2), 1e300), "output of vectorizer contains infinity or a value too large"),
        (np.ones(8), "Expected 2D array"),
        (np.ones((8, 0)), "0 feature"),
        (broken_matrix(), "output of vectorizer is not a valid CSR matrix"),
    ],
)
def test_refuses_bad_vectors(Z, message):
    indexer = hybrid(1, vectorizer=Gives(Z))
    with pytest.raises(ValueError, match=message):
        indexer.fit(None, EIGHT)
    assert not hasattr(indexer, "tree_")


# Bad input


@pytest.mark.parametrize("Indexer", BOTH)
@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (None, ValueError, "needs the texts of the labels in y, got None: .*label_text"),
        ([], ValueError, "label_text.* is empty"),
        (np.array([["a", "b"]]), ValueError, r"label_text.*ndarray of shape \(1, 2\)"),
        (np.array("a"), ValueError, r"label_text.*ndarray of shape \(\)"),
        ("abc", TypeError, "label_text.*sequence of str, got str"),
        (b"abc", TypeError, "label_text.*sequence of str, got bytes"),
        ({"a": "b"}, TypeError, "label_text.*sequence of str, got dict"),
        ({"a", "b"}, TypeError, "label_text.*sequence of str, got set"),
        (7, TypeError, "label_text.*sequence of str, got int"),
        (["a", b"b"], TypeError, "label_text.*got b'b' of type bytes for label 1"),
        (["a", None], TypeError, "label_text.*got None of type NoneType for label 1"),
        ([0, 1], TypeError, "label_text.*got 0 of type int for label 0"),
        (np.arange(3.0), TypeError, "label_text.* of type float64 for label 0"),
        ([["a"], ["b"]], TypeError, "label_text.* of type list for label 0"),
    ],
)
def test_refuses_bad_texts(Indexer, y, error, message):
    indexer = Indexer().fit(None, ["a", "b"])
    before = indexer.tree_
    with pytest.raises(error, match=message):
        indexer.fit(np.eye(2), y)
    assert indexer.tree_ is before


@pytest.mark.parametrize("max_leaf_size", [1, 2, 100])
@pytest.mark.parametrize("Indexer", [TrieIndexer, TrieHybridIndexer])
@pytest.mark.parametrize(
    "texts",
    [
        ["b", "a", "c", "a"],
        ["", "x", "", ""],
        ["x" * 30] * 3,
        ["\0", "a", "\0\0", "\0"],
        ["\ud800", "\ud800", "tea", "ten", "tea"],
    ],
)
def test_equal_texts_are_siblings(Indexer, texts, max_leaf_size):
    tree = Indexer(max_leaf_size=max_leaf_size).fit(None, texts).tree_
    assert tree.n_labels == len(texts)
    different = Indexer(max_leaf_size=max_leaf_size).fit(None, sorted(set(texts))).tree_
    assert tree.n_layers >= different.n_layers
    if Indexer is TrieIndexer:
        nodes = tree.ancestors()
        for i, text in enumerate(texts):
            # Where they part, they are alone.
            apart = nodes[:, i] != nodes[:, texts.index(text)]
            assert ((nodes == nodes[:, [i]]).sum(axis=1)[apart] == 1).all()


@pytest.mark.parametrize(
    ("Indexer", "params"),
    [
        (TrieIndexer, {"max_depth": 0}),
        (TrieIndexer, {"max_depth": 2.0}),
        (TrieIndexer, {"max_leaf_size": 0}),
        (TrieHybridIndexer, {"trie_depth": -1}),
        (TrieHybridIndexer, {"vectorizer": "char"}),
        (TrieHybridIndexer, {"branching_factor": 1}),
        (TrieHybridIndexer, {"max_leaf_size": None}),
        (TrieHybridIndexer, {"max_iter": 0}),
        (TrieHybridIndexer, {"n_jobs": "all"}),
        (TrieHybridIndexer, {"random_state": "seed"}),
    ],
)
def test_refuses_bad_parameters(Indexer, params):
    (name,) = params
    with pytest.raises(ValueError, match=f"The '{name}' parameter of {Indexer.__name__}"):
        Indexer(**params).fit(None, EIGHT)


# In scikit-learn


@pytest.mark.parametrize("Indexer", BOTH)
@pytest.mark.parametrize(
    "check",
    [
        # Those that need no matrix to fit on.
        estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_param_validation,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_mixin_order,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
    ids=lambda check: check.__name__,
)
def test_scikit_learn_checks(Indexer, check):
    check(Indexer.__name__, Indexer())


def test_clone_and_parameters():
    indexer = TrieHybridIndexer(vectorizer=CharNgramTfidf())
    indexer.set_params(vectorizer__ngram_range=(2, 2), max_leaf_size=3).fit(None, EIGHT)
    copy = clone(indexer)
    assert copy.vectorizer is not indexer.vectorizer
    assert copy.get_params()["vectorizer__ngram_range"] == (2, 2)
    assert not hasattr(copy, "tree_")
    assert get_tags(indexer).target_tags.required


@pytest.mark.parametrize(
    "indexer", [TrieIndexer(max_leaf_size=4), hybrid(1, 3, 4)], ids=["trie", "hybrid"]
)
def test_in_a_classifier(indexer):
    texts = sorted(words(60))
    numbers = np.tile(np.arange(60), 3)
    y = np.array(texts)[numbers]
    vectorizer = CharNgramTfidf((1, 3), analyzer="char", prefix_weighting="string")
    X = vectorizer.fit_transform(y)
    tree = clone(indexer).fit(None, texts).tree_
    classifier = XRLinearClassifier(indexer, C=10, random_state=0).fit(X, y)
    assert classifier.label_tree_ == tree
    assert not hasattr(indexer, "tree_")
    assert classifier.score(X, y) == 1.0

    # The same labels as numbers, and as columns.
    label_text = dict(enumerate(texts))
    numbered = clone(classifier).set_params(label_text=label_text).fit(X, numbers)
    assert numbered.label_tree_ == tree
    np.testing.assert_array_equal(numbered.predict(X), numbers)
    Y = sp.csr_array(np.eye(60)[numbers])
    columns = clone(classifier).set_params(label_text=texts).fit(X, Y)
    assert columns.label_tree_ == tree

    with pytest.raises(ValueError, match="label_text"):
        clone(classifier).fit(X, numbers)
    same = clone(classifier).set_params(label_text=["same"] * 60).fit(X, Y)
    assert same.label_tree_.n_labels == 60
