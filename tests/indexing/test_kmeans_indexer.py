"""HierarchicalKMeansIndexer: the shape of its trees, and what is in their clusters."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from helpers.matrices import random_csr
from sklearn_xmr import HierarchicalKMeansIndexer, LabelTree


@parametrize_with_checks(
    [
        HierarchicalKMeansIndexer(),
        HierarchicalKMeansIndexer(3, max_leaf_size=2, balanced=False, spherical=False),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_scikit_learn_checks_with_a_generator():
    # Not above: the generator's address, another in each process, would be in the names of tests.
    generator = np.random.RandomState(0)
    indexer = HierarchicalKMeansIndexer(
        3, max_leaf_size=2, max_iter=2, n_jobs=2, random_state=generator
    )
    check_estimator(indexer, on_skip=None)


def grow(Z, branching_factor=2, max_leaf_size=1, random_state=0, **params):
    indexer = HierarchicalKMeansIndexer(
        branching_factor, max_leaf_size=max_leaf_size, random_state=random_state, **params
    )
    return indexer.fit(Z).tree_


def random_features(n_labels, n_features=30, seed=0):
    rng = np.random.default_rng(seed)
    return random_csr(rng, (n_labels, n_features), 0.2)


def sizes(tree):
    """Number of labels under each node, per layer of clusters."""
    return [np.bincount(nodes) for nodes in tree.ancestors()[:-1]]


def clusters(tree, layer):
    nodes = tree.ancestors()[layer]
    return {tuple(np.flatnonzero(nodes == node).tolist()) for node in np.unique(nodes)}


# Hand-computed trees


@pytest.mark.parametrize("seed", range(10))
def test_pairs_of_parallel_labels(seed):
    # 0 || 2 and 1 || 3, whatever their lengths; then 1 || 4 and 3 || 5 besides.
    Z = np.array([[1, 0], [0.1, 5], [300, 0], [1e-3, 0.05]])
    tree = grow(Z, 2, 2, random_state=seed)
    assert [layer.tolist() for layer in tree.parents] == [[0, 0], [0, 1, 0, 1]]

    Z = np.array([[1, 0, 0], [0, 5, 1], [3, 0, 0], [0, 1, 5], [0, 10, 2], [0, 0.1, 0.5]])
    assert clusters(grow(Z, 3, 2, random_state=seed), 0) == {(0, 2), (1, 4), (3, 5)}


def test_two_levels():
    # Labels 0, 2, 4, 6 lie in one plane and 1, 3, 5, 7 in another; in each plane there are two
    # directions: that of 0, 4 and of 2, 6, that of 1, 5 and of 3, 7.
    Z = np.kron([[1, 0], [0, 1]], [[1, 0.5, 0], [1, 0.4, 0], [0, 0.5, 1], [0, 0.4, 1]])
    tree = grow(Z[[0, 4, 2, 6, 1, 5, 3, 7]], 2, 2)
    assert [layer.tolist() for layer in tree.parents] == [
        [0, 0],
        [0, 0, 1, 1],
        [0, 2, 1, 3, 0, 2, 1, 3],
    ]


def test_identical_and_empty_labels_are_cut_by_position():
    for Z in (np.ones((8, 2)), np.zeros((8, 2)), sp.csr_array((8, 2))):
        tree = grow(Z, 2, 2)
        assert [layer.tolist() for layer in tree.parents] == [
            [0, 0],
            [0, 0, 1, 1],
            [0, 0, 1, 1, 2, 2, 3, 3],
        ]


@pytest.mark.parametrize("n_labels", [1, 2, 100])
def test_few_labels_hang_from_the_root(n_labels):
    tree = HierarchicalKMeansIndexer().fit(random_features(n_labels)).tree_
    assert tree == LabelTree.from_parents([np.zeros(n_labels, dtype=int)])


# The shape


@pytest.mark.parametrize(
    ("n_labels", "branching_factor", "max_leaf_size", "nodes"),
    [
        (101, 16, 100, [2]),
        (1600, 16, 100, [16]),
        (1601, 16, 100, [2, 32]),  # 17 leaves are needed: two clusters of the first layer do
        (3300, 16, 100, [3, 48]),
        (9, 2, 1, [2, 4, 8, 9]),  # 16 leaves, but no empty ones
        (5, 16, 1, [5]),
        (27, 3, 1, [3, 9, 27]),
        (100, 5, 7, [3, 15]),
    ],
)
def test_number_of_nodes(n_labels, branching_factor, max_leaf_size, nodes):
    tree = grow(random_features(n_labels), branching_factor, max_leaf_size)
    assert [len(layer) for layer in tree.parents] == [*nodes, n_labels]


@given(
    n_labels=st.integers(1, 120),
    branching_factor=st.integers(2, 18),
    max_leaf_size=st.integers(1, 30),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_properties(n_labels, branching_factor, max_leaf_size, seed):
    Z = random_features(n_labels, seed=seed)
    tree = grow(Z, branching_factor, max_leaf_size, seed)

    assert tree.n_labels == n_labels
    n_cluster_layers = tree.n_layers - 1
    assert branching_factor**n_cluster_layers * max_leaf_size >= n_labels
    assert not n_cluster_layers or branching_factor ** (n_cluster_layers - 1) < n_labels
    for nodes, layer in zip(sizes(tree), tree.parents, strict=False):
        assert nodes.sum() == n_labels  # every label once
        assert nodes.min() > 0
        assert nodes.max() - nodes.min() <= 1
        assert np.bincount(layer).max() <= branching_factor
        assert (np.diff(layer) >= 0).all()  # siblings are contiguous, in their parents' order
    if n_cluster_layers:
        assert sizes(tree)[-1].max() <= max_leaf_size
    else:
        assert n_labels <= max_leaf_size


@given(n_labels=st.integers(2, 80), n_parts=st.integers(2, 9))
@settings(max_examples=30, deadline=None)
def test_one_layer_of_any_number_of_even_clusters(n_labels, n_parts):
    tree = grow(random_features(n_labels), n_parts, -(-n_labels // n_parts))
    (parts,) = sizes(tree) or [np.array([n_labels])]
    expected = sorted(map(len, np.array_split(np.arange(n_labels), len(parts))))
    assert sorted(parts.tolist()) == expected


@pytest.mark.parametrize(
    ("n_labels", "max_depth", "nodes"),
    [
        (1000, 1, [5]),
        (1000, 2, [5, 25]),
        (1000, 3, [4, 20, 100]),
        (1000, 9, [4, 20, 100]),
        (3, 1, []),
    ],
)
def test_max_depth_of_balanced_clusters(n_labels, max_depth, nodes):
    tree = grow(random_features(n_labels), 5, 10, max_depth=max_depth)
    assert [len(layer) for layer in tree.parents] == [*nodes, n_labels]


@given(
    n_labels=st.integers(1, 120),
    branching_factor=st.integers(2, 18),
    max_leaf_size=st.integers(1, 30),
    max_depth=st.sampled_from([None, 1, 2]),
    spherical=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_properties_of_unbalanced_trees(
    n_labels, branching_factor, max_leaf_size, max_depth, spherical, seed
):
    Z = random_features(n_labels, seed=seed)
    params = {"balanced": False, "spherical": spherical, "max_depth": max_depth}
    tree = grow(Z, branching_factor, max_leaf_size, seed, **params)

    assert tree.n_labels == n_labels
    assert max_depth is None or tree.n_layers <= max_depth + 1
    above = np.array([n_labels])
    for nodes, layer in zip(sizes(tree), tree.parents, strict=False):
        assert nodes.sum() == n_labels
        assert nodes.min() > 0
        assert (np.diff(layer) >= 0).all()
        n_children = np.bincount(layer)
        assert n_children.max() <= branching_factor
        # Exactly the large clusters are split.
        np.testing.assert_array_equal(n_children > 1, above > max_leaf_size)
        above = nodes
    if max_depth is None or tree.n_layers <= max_depth:
        assert above.max() <= max_leaf_size
    assert grow(Z, branching_factor, max_leaf_size, seed, n_jobs=2, **params) == tree


# What is in the clusters


@pytest.mark.parametrize("spherical", [True, False])
def test_unbalanced_clusters_are_as_large_as_the_data_has_them(spherical):
    rng = np.random.default_rng(0)
    truth = rng.permutation(np.repeat([0, 1], [10, 190]))
    Z = np.eye(2)[truth] + 0.1 * rng.random((200, 2))
    # Below nine tenths, or what is left over would be cut evenly.
    truth = np.concatenate([truth, np.zeros(30, dtype=int)])
    Z = np.concatenate([Z, [[1.0, 0.05]] * 30])
    tree = grow(Z, 2, 100, balanced=False, spherical=spherical, max_depth=1)
    assert clusters(tree, 0) == {tuple(np.flatnonzero(truth == c).tolist()) for c in (0, 1)}


@pytest.mark.parametrize("balanced", [True, False])
def test_spherical_compares_directions_and_euclidean_distances(balanced):
    # At 0, 90, 42 and 48 degrees; the former two short, the latter two long.
    Z = np.array([[1, 0], [0, 1], [100, 90], [90, 100]] * 2)

    def found(spherical):
        params = {"balanced": balanced, "spherical": spherical, "max_depth": 1}
        return [clusters(grow(Z, 2, 4, seed, **params), 0) for seed in range(10)]

    by_direction, by_distance = {(0, 2, 4, 6), (1, 3, 5, 7)}, {(0, 1, 4, 5), (2, 3, 6, 7)}
    assert by_direction in found(True)
    assert by_distance not in found(True)
    assert by_distance in found(False)


def test_labels_that_are_alike_are_cut_evenly():
    for Z in (np.ones((64, 2)), np.zeros((64, 2)), sp.csr_array((64, 2))):
        for spherical in (True, False):
            tree = grow(Z, 4, 5, balanced=False, spherical=spherical)
            assert [len(layer) for layer in tree.parents] == [4, 16, 64]
            assert all((nodes == nodes[0]).all() for nodes in sizes(tree))


def test_lonely_labels_do_not_make_a_deep_tree():
    # Each label is farther out than all before: two clusters would split them off one by one.
    Z = (4.0 ** np.arange(60))[:, None]
    tree = grow(Z, 2, 1, balanced=False, spherical=False)
    assert tree.n_layers < 20
    assert sizes(tree)[-1].max() == 1


def test_unbalanced_clusters_are_as_tight_as_scikit_learns():
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(8, 20))[rng.integers(0, 8, 400)] + 0.5 * rng.normal(size=(400, 20))

    def inertia(nodes):
        groups = [Z[nodes == node] for node in np.unique(nodes)]
        return sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups)

    params = {"balanced": False, "spherical": False, "max_depth": 1}
    ours = [inertia(grow(Z, 8, 1, seed, **params).ancestors()[0]) for seed in range(20)]
    peers = [
        KMeans(8, init="random", n_init=1, random_state=seed).fit(Z).inertia_ for seed in range(20)
    ]
    assert np.median(ours) <= 1.05 * np.median(peers)
    assert min(ours) <= 1.001 * min(peers)


@pytest.mark.parametrize("params", [{"balanced": False}, {"spherical": False}])
def test_scale_does_not_matter(params):
    Z = random_features(150)
    for exponent in (-100, 90):
        scaled = Z * np.float32(2.0**exponent)
        assert grow(scaled, 4, 5, **params) == grow(Z, 4, 5, **params)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_recovers_separate_clusters(n_jobs):
    rng = np.random.default_rng(0)
    truth = rng.permutation(np.repeat(np.arange(8), 25))
    Z = np.eye(8)[truth] + 0.02 * rng.random((200, 8))
    tree = grow(Z, 8, 25, n_jobs=n_jobs)
    expected = {tuple(np.flatnonzero(truth == c).tolist()) for c in range(8)}
    assert clusters(tree, 0) == expected


def test_of_two_halves_the_one_with_the_lowest_label_comes_first():
    tree = grow(random_features(64), 2, 1)
    for nodes, layer in zip(tree.ancestors(), tree.parents, strict=True):
        lowest = np.array([np.flatnonzero(nodes == node)[0] for node in range(len(layer))])
        siblings = np.diff(layer) == 0
        assert (np.diff(lowest)[siblings] > 0).all()


def test_clusters_are_tighter_than_chance():
    rng = np.random.default_rng(0)
    topics = rng.random((10, 50)) ** 8
    Z = topics[rng.integers(0, 10, size=600)] + 0.3 * rng.random((600, 50)) ** 4
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)

    def cosines(nodes):
        return sum(np.linalg.norm(Z[nodes == node].sum(axis=0)) for node in np.unique(nodes)) / 600

    nodes = grow(Z, 16, 40).ancestors()[0]
    assert cosines(nodes) > cosines(rng.permutation(nodes)) + 0.05


def test_length_of_rows_does_not_matter():
    Z = random_features(150)
    scales = 2.0 ** np.random.default_rng(0).integers(-30, 30, size=150)  # exact in float32
    tree = grow(Z, 4, 5)
    assert grow(Z.multiply(scales[:, None]).tocsr(), 4, 5) == tree
    assert grow(Z * np.float32(2**100), 4, 5) == tree


def test_unused_features_do_not_matter():
    Z = random_features(150)
    wide = sp.csr_array((Z.data, Z.indices * 1000 + 7, Z.indptr), shape=(150, 10**6))
    assert grow(wide, 4, 5) == grow(Z, 4, 5)


def test_more_features_than_int32_counts():
    Z = random_features(40)
    columns = Z.indices.astype(np.int64) * 2**33
    wide = sp.csr_array((Z.data, columns, Z.indptr.astype(np.int64)), shape=(40, 30 * 2**33))
    assert grow(wide, 4, 5) == grow(Z, 4, 5)


# The same labels, however they come


def test_any_container_and_dtype():
    Z = random_features(90)
    tree = grow(Z, 3, 4)
    wide = Z.copy()
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    backwards = sp.csr_array(
        (
            np.concatenate([Z.data[a:b][::-1] for a, b in pairwise(Z.indptr)]),
            np.concatenate([Z.indices[a:b][::-1] for a, b in pairwise(Z.indptr)]),
            Z.indptr,
        ),
        shape=Z.shape,
    )
    twice = sp.csr_array(
        (np.repeat(Z.data / 2, 2), np.repeat(Z.indices, 2), 2 * Z.indptr), shape=Z.shape
    )
    for other in (
        Z.toarray(),
        Z.toarray().tolist(),
        Z.astype(np.float64),
        sp.csr_matrix(Z),
        Z.tocsc(),
        Z.tocoo(),
        wide,
        backwards,
        twice,
    ):
        assert grow(other, 3, 4) == tree


def test_input_is_only_read():
    Z = random_features(90)
    Z.indices = Z.indices[::-1].copy()  # unsorted
    before = Z.copy()
    for array in (Z.data, Z.indices, Z.indptr):
        array.flags.writeable = False
    grow(Z, 3, 4)
    for name in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(Z, name), getattr(before, name))


def test_same_tree_for_every_n_jobs_and_run():
    Z = random_features(700)
    tree = grow(Z, 5, 6)
    assert grow(Z, 5, 6) == tree
    assert grow(Z, 5, 6, n_jobs=2) == tree
    assert grow(Z, 5, 6, n_jobs=-1) == tree
    assert grow(Z, 5, 6, random_state=1) != tree


def test_random_state_as_in_scikit_learn():
    Z = random_features(300)
    first = grow(Z, 5, 6, random_state=np.random.RandomState(3))
    assert grow(Z, 5, 6, random_state=np.random.RandomState(3)) == first
    generator = np.random.RandomState(3)
    assert grow(Z, 5, 6, random_state=generator) == first
    assert grow(Z, 5, 6, random_state=generator) != first
    assert grow(Z, 5, 6, random_state=None).n_labels == 300


def test_texts_are_ignored():
    Z = random_features(30)
    indexer = HierarchicalKMeansIndexer(2, max_leaf_size=3, random_state=0)
    tree = clone(indexer).fit(Z).tree_
    assert clone(indexer).fit(Z, [f"label {i}" for i in range(30)]).tree_ == tree
    assert clone(indexer).fit(Z, None).tree_ == tree


# Bad input


def broken_matrix(**changes):
    Z = random_features(5).tocsr()
    for name, value in changes.items():
        setattr(Z, name, value)
    return Z


def matrix_with_index(index):
    return broken_matrix(indices=np.full(random_features(5).nnz, index, dtype=np.int32))


@pytest.mark.parametrize(
    ("Z", "message"),
    [
        (None, "one row per label, got None"),
        (np.empty((0, 3)), "0 sample"),
        (sp.csr_array((0, 3)), "0 sample"),
        (np.empty((3, 0)), "0 feature"),
        (sp.csr_array((3, 0)), "0 feature"),
        (np.array([[1.0, np.nan]] * 3), "NaN"),
        (sp.csr_array(np.array([[1.0, np.inf]] * 3)), "infinity"),
        (np.array([[1.0, 1e300]] * 3), "infinity or a value too large"),
        (np.ones(3), "Expected 2D array, got 1D"),
        (sp.coo_array(np.ones(3)), "2-D sparse matrix, got 1 dim"),
        ([["a", "b"]], "could not convert string to float"),
        (matrix_with_index(99), "indices|index values"),
        (matrix_with_index(-1), "indices|index values"),
    ],
)
def test_refuses_bad_features(Z, message):
    indexer = HierarchicalKMeansIndexer()
    with pytest.raises(ValueError, match=message):
        indexer.fit(Z)
    assert not hasattr(indexer, "tree_")


@pytest.mark.parametrize(
    "params",
    [
        {"branching_factor": 1},
        {"branching_factor": 2.5},
        {"branching_factor": "16"},
        {"max_leaf_size": 0},
        {"max_leaf_size": None},
        {"max_iter": 0},
        {"max_iter": 2**31},
        {"balanced": "yes"},
        {"spherical": None},
        {"max_depth": 0},
        {"max_depth": 1.5},
        {"n_jobs": "all"},
        {"random_state": "seed"},
    ],
)
def test_refuses_bad_parameters(params):
    (name,) = params
    with pytest.raises(ValueError, match=f"The '{name}' parameter of HierarchicalKMeansIndexer"):
        HierarchicalKMeansIndexer(**params).fit(random_features(5))


@pytest.mark.parametrize("balanced", [True, False])
def test_narrow_integers_of_numpy_do_not_overflow(balanced):
    Z = np.random.default_rng(0).random((3000, 4))
    settings = {"branching_factor": 100, "max_leaf_size": 3, "max_depth": 3, "n_jobs": 2}
    indexer = HierarchicalKMeansIndexer(**settings, balanced=balanced, random_state=0)
    tree = indexer.fit(Z).tree_
    indexer.set_params(**{name: np.int8(value) for name, value in settings.items()})
    assert indexer.fit(Z).tree_ == tree
