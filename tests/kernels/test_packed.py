"""Packed layers: everything that goes in is found again, where search looks for it."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.matrices import random_csr
from sklearn_xmr._kernels import packed
from sklearn_xmr._matching.layer import ENTRY16, ENTRY32, pack_layer
from sklearn_xmr._matching.tree_layout import LayerLayout
from sklearn_xmr._sparse import Csr


def random_layer(seed, n_children, n_features, density):
    """A layer of random weights: its layout, the CSC matrix and the packed layer."""
    rng = np.random.default_rng(seed)
    n_nodes = sum(n_children)
    layout = LayerLayout(
        np.arange(n_nodes, dtype=np.int32),
        np.arange(n_nodes, dtype=np.int32),
        np.concatenate([[0], np.cumsum(n_children)]).astype(np.int64),
        np.arange(n_nodes, dtype=np.int32),
    )
    weights = random_csr(rng, (n_features, n_nodes), density).tocsc()
    weights.data += 1
    layer = pack_layer(
        layout,
        Csr.of(weights.T),
        np.zeros(n_nodes, dtype=np.float32),
    )
    return weights, layer


def naive_slot(feature, n_slots, n_features):
    """The slot where the search for a feature starts, in Python's exact integers."""
    if n_slots == n_features:
        return feature
    return (feature * 0x9E3779B1 % 2**32) * n_slots // 2**32


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_children=st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(any),
    n_features=st.integers(1, 60),
    density=st.floats(0, 1),
)
def test_every_feature_is_found_by_probing(seed, n_children, n_features, density):
    weights, layer = random_layer(seed, n_children, n_features, density)
    for node in range(len(n_children)):
        first, start, entry = layer.nodes[node]
        last, end, _ = layer.nodes[node + 1]
        slots = layer.slots[start:end]
        n_slots = len(slots) - 1
        rows = weights[:, first:last].tocsr()
        for feature in range(n_features):
            row = rows[[feature]].tocsr()
            if n_slots <= 0:
                assert row.nnz == 0
                continue
            slot = naive_slot(feature, n_slots, n_features)
            while slots["feature"][slot] > feature:
                slot = (slot + 1) % n_slots
            if slots["feature"][slot] != feature:
                assert row.nnz == 0
                continue
            part = slice(entry + slots["start"][slot], entry + slots["start"][slot + 1])
            np.testing.assert_array_equal(layer.entries["child"][part], row.indices)
            np.testing.assert_array_equal(layer.entries["weight"][part], row.data)


def test_unpacking_gives_back_the_weights():
    weights, layer = random_layer(0, [3, 0, 1, 20], 100, 0.3)
    assert layer.coef_.format == "csc"
    np.testing.assert_array_equal(layer.coef_.toarray(), weights.toarray())


@pytest.mark.parametrize(("n_children", "entry"), [(1 << 16, ENTRY16), ((1 << 16) + 1, ENTRY32)])
def test_children_past_16_bits_are_told_apart(n_children, entry):
    weights, layer = random_layer(0, [n_children], 3, 1.0)
    assert layer.entries.dtype == entry
    np.testing.assert_array_equal(layer.coef_.toarray(), weights.toarray())


def test_features_of_a_node_are_counted_once():
    weights = sp.csc_array(np.array([[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 2.0]]))
    counts = np.empty(3, dtype=np.int64)
    packed.count_features(
        np.array([0, 2, 3, 4], dtype=np.int64),
        weights.indptr.astype(np.int64),
        weights.indices.astype(np.int32),
        np.full(3, -1, dtype=np.int32),
        counts,
    )
    np.testing.assert_array_equal(counts, [2, 0, 1])
