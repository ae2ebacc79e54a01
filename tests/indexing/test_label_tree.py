"""LabelTree: what it takes, refuses, gives and survives."""

import copy
import pickle

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.sklearn_config import sparse_interface
from sklearn_xmr import LabelTree

# Nodes out of order, and inner nodes (1 of layer 0, 0 of layer 1) without children.
PARENTS = [[0, 0, 0], [2, 0, 2], [2, 1, 1, 2]]


@st.composite
def parents_of_trees(draw):
    n_above, parents = 1, []
    for _ in range(draw(st.integers(1, 4))):
        layer = draw(st.lists(st.integers(0, n_above - 1), min_size=1, max_size=8))
        parents.append(layer)
        n_above = len(layer)
    return parents


def test_holds_arrays():
    tree = LabelTree.from_parents(PARENTS)
    assert [layer.tolist() for layer in tree.parents] == PARENTS
    assert all(layer.dtype == np.int32 for layer in tree.parents)
    assert tree.n_labels == 4
    assert tree.n_layers == 3
    assert repr(tree) == "LabelTree(n_labels=4, nodes_per_layer=[3, 3, 4])"


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "i8", "u8", "f4", "f8"])
def test_any_dtype_of_whole_numbers(dtype):
    tree = LabelTree.from_parents([np.array(layer, dtype=dtype) for layer in PARENTS])
    assert tree == LabelTree.from_parents(PARENTS)
    assert all(layer.dtype == np.int32 for layer in tree.parents)


def test_parents_are_read_only_copies():
    layer = np.zeros(3, dtype=np.int32)
    tree = LabelTree.from_parents([layer])
    layer[0] = 9
    assert tree.parents[0].tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="read-only"):
        tree.parents[0][0] = 1


@pytest.mark.parametrize(
    ("parents", "message"),
    [
        ([], r"parents is empty: a tree has at least one layer"),
        ([[]], r"parents\[0\] is empty"),
        ([[0, 0], []], r"parents\[1\] is empty"),
        ([[0, 1]], r"parents\[0\]\[1\] is 1, which is no node of the layer above \(0, the root\)"),
        ([[0, 0], [0, 1, 2]], r"parents\[1\]\[2\] is 2, .* \(0 to 1\)"),
        ([[0, 0], [0, -1]], r"parents\[1\]\[1\] is -1"),
        ([[0, 0], [0.0, 0.5]], r"parents\[1\]\[1\] is 0.5"),
        ([[0, 0], [0.0, np.nan]], r"parents\[1\]\[1\] is nan"),
        ([[0, 0], [np.inf, 0]], r"parents\[1\]\[0\] is inf"),
        ([np.array([2**63], dtype=np.uint64)], r"parents\[0\]\[0\] is 9223372036854775808"),
        ([[[0, 0]]], r"parents\[0\] must be 1-D, got 2 dimensions"),
        ([0, 0], r"parents\[0\] must be 1-D, got 0 dimensions"),
        ([[[0], [0, 1]]], r"parents\[0\] must be a 1-D array of integers"),
    ],
)
def test_refuses_what_is_no_tree(parents, message):
    with pytest.raises(ValueError, match=message):
        LabelTree.from_parents(parents)


@pytest.mark.parametrize(
    ("parents", "message"),
    [
        (None, "parents must be a list of layers, got None of type NoneType"),
        (3, "parents must be a list of layers, got 3 of type int"),
        ({0: [0, 0]}, "parents must be a list of layers, got .* of type dict"),
        ([["a"]], r"parents\[0\] must hold integers, got dtype <U1"),
        ([[None]], r"parents\[0\] must hold integers, got dtype object"),
        ([[False]], r"parents\[0\] must hold integers, got dtype bool"),
    ],
)
def test_refuses_other_types(parents, message):
    with pytest.raises(TypeError, match=message):
        LabelTree.from_parents(parents)


def test_cluster_chain_by_hand():
    chain = LabelTree.from_parents([[0, 0], [1, 0, 1]]).to_cluster_chain()
    assert [layer.toarray().tolist() for layer in chain] == [
        [[1], [1]],
        [[0, 1], [1, 0], [0, 1]],
    ]
    for layer in chain:
        assert isinstance(layer, sp.csc_matrix)
        assert layer.dtype == np.float32
        assert layer.has_canonical_format


def test_cluster_chain_honours_the_sparse_interface():
    tree = LabelTree.from_parents(PARENTS)
    with sparse_interface("sparray"):
        chain = tree.to_cluster_chain()
    assert all(isinstance(layer, sp.csc_array) for layer in chain)
    assert LabelTree.from_cluster_chain(chain) == tree


@given(parents=parents_of_trees())
@settings(max_examples=50, deadline=None)
def test_cluster_chain_and_back(parents):
    tree = LabelTree.from_parents(parents)
    chain = tree.to_cluster_chain()
    assert LabelTree.from_cluster_chain(chain) == tree
    # The membership of labels in layer 0 is the product of the matrices below it.
    product = sp.eye_array(tree.n_labels)
    for layer, ancestors in zip(chain[::-1], tree.ancestors()[::-1], strict=True):
        node_of = product.toarray().argmax(axis=1)
        np.testing.assert_array_equal(node_of, ancestors)
        product = product @ layer


def test_ancestors_by_hand():
    ancestors = LabelTree.from_parents(PARENTS).ancestors()
    assert [layer.tolist() for layer in ancestors] == [[2, 0, 0, 2], [2, 1, 1, 2], [0, 1, 2, 3]]
    assert all(layer.dtype == np.int32 for layer in ancestors)


@pytest.mark.parametrize(
    "container",
    [sp.csr_array, sp.csc_matrix, sp.coo_array, sp.lil_array, sp.bsr_array, np.array],
)
def test_chain_of_any_container(container):
    chain = [container([[1.0], [1]]), container([[0, 3.0], [1, 0], [0, -1]])]
    tree = LabelTree.from_cluster_chain(chain)
    assert [layer.tolist() for layer in tree.parents] == [[0, 0], [1, 0, 1]]


def test_chain_counts_values_and_not_entries():
    stored_zero = sp.csr_array(([1.0, 0.0, 1.0], [0, 1, 1], [0, 2, 3]), shape=(2, 2))
    duplicate = sp.coo_array(([1.0, 1.0, 1.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    root = sp.csr_array(np.ones((2, 1)))
    assert LabelTree.from_cluster_chain([root, stored_zero]).parents[1].tolist() == [0, 1]
    assert LabelTree.from_cluster_chain([root, duplicate]).parents[1].tolist() == [1, 0]
    assert stored_zero.nnz == 3  # the caller's matrices stay as they are
    assert duplicate.nnz == 3


ROOT = np.ones((2, 1))
BROKEN = sp.csr_array(np.eye(2))
BROKEN.indices = np.array([0, 7], dtype=np.int32)


@pytest.mark.parametrize(
    ("chain", "message"),
    [
        ([], "chain is empty"),
        ([np.ones((0, 1))], r"chain\[0\] is empty"),
        ([np.eye(2)], r"chain\[0\] has 2 column\(s\), but must have 1, for the root"),
        (
            [ROOT, np.eye(3)],
            r"chain\[1\] has 3 column\(s\), but must have 2, one per row of chain\[0\]",
        ),
        ([ROOT, [[1, 0], [0, 0]]], r"chain\[1\]: row 1 has 0 non-zeros"),
        ([ROOT, [[1, 0], [1, 1]]], r"chain\[1\]: row 1 has 2 non-zeros"),
        ([ROOT, [[1, 0], [0, np.nan]]], r"chain\[1\] holds NaN or infinity"),
        ([ROOT, sp.coo_array([1.0, 0.0])], "2-D sparse matrix, got 1 dim"),
        ([ROOT, BROKEN], "indices|index values"),
    ],
)
def test_refuses_chains_that_are_no_tree(chain, message):
    with pytest.raises(ValueError, match=message):
        LabelTree.from_cluster_chain(chain)


def test_chain_must_be_a_list():
    with pytest.raises(TypeError, match="chain must be a list"):
        LabelTree.from_cluster_chain(None)


@given(parents_of_trees(), st.sets(st.integers(0, 2)))
@settings(max_examples=100, deadline=None)
def test_collapsed_tree_has_the_same_nodes_but_those(parents, layers):
    tree = LabelTree.from_parents(parents)
    gone = sorted(layers & set(range(tree.n_layers - 1)))
    collapsed = tree.collapse(gone)
    kept = [depth for depth in range(tree.n_layers) if depth not in gone]
    assert [len(layer) for layer in collapsed.parents] == [len(parents[d]) for d in kept]
    for ours, depth in zip(collapsed.ancestors(), kept, strict=True):
        np.testing.assert_array_equal(ours, tree.ancestors()[depth])
    assert tree.collapse([depth - tree.n_layers for depth in gone]) == collapsed
    assert tree == LabelTree.from_parents(parents)


def test_collapse_by_hand():
    tree = LabelTree.from_parents(PARENTS)
    assert [layer.tolist() for layer in tree.collapse(0).parents] == [[0, 0, 0], [2, 1, 1, 2]]
    assert [layer.tolist() for layer in tree.collapse(-2).parents] == [[0, 0, 0], [2, 0, 0, 2]]
    assert tree.collapse([1, 0, 1]) == LabelTree.flat(4)
    assert tree.collapse([]) == tree


@pytest.mark.parametrize("layers", [2, -1, -4, [0, 3], 0.5, ["a"]])
def test_collapse_refuses_other_layers(layers):
    with pytest.raises((ValueError, TypeError), match="layers must"):
        LabelTree.from_parents(PARENTS).collapse(layers)


def test_flat():
    assert LabelTree.flat(np.int64(3)) == LabelTree.from_parents([[0, 0, 0]])
    for n_labels in (0, -1, 2.0, None, True, "3"):
        with pytest.raises(ValueError, match="n_labels must be an integer from 1 to 2147"):
            LabelTree.flat(n_labels)


def test_equality_is_by_arrays():
    tree = LabelTree.from_parents(PARENTS)
    assert tree == LabelTree.from_parents(PARENTS)
    assert tree != LabelTree.from_parents([*PARENTS[:2], [2, 1, 1, 1]])
    assert tree != LabelTree.from_parents(PARENTS[:2])
    assert tree != PARENTS


def test_copies_and_pickles_stay_read_only(tmp_path):
    tree = LabelTree.from_parents(PARENTS)
    joblib.dump(tree, tmp_path / "tree.joblib")
    for other in (
        copy.deepcopy(tree),
        pickle.loads(pickle.dumps(tree)),
        joblib.load(tmp_path / "tree.joblib"),
        joblib.load(tmp_path / "tree.joblib", mmap_mode="r"),
    ):
        assert other == tree
        assert not any(layer.flags.writeable for layer in other.parents)
