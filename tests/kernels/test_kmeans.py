"""Lloyd's k-means against a twin in NumPy, and against scikit-learn's KMeans."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from helpers.matrices import random_csr
from sklearn_xmr._kernels.bisect import STOP_SHARE
from sklearn_xmr._kernels.kmeans import lloyd


def cluster(Z, n_clusters, first, spherical, max_iter=20, step=1):
    """The clusters, and the centres that the last pass went by, (features x clusters)."""
    Z = sp.csr_array(Z, dtype=np.float32)
    cluster_of = np.array(first, dtype=np.int32)
    centres = np.full((Z.shape[1], n_clusters), np.nan, dtype=np.float32)  # anything
    scratch = np.full(n_clusters, np.nan), np.full((2, n_clusters), np.nan, dtype=np.float32)
    lloyd(
        Z.indptr.astype(np.int64),
        Z.indices.astype(np.int32),
        Z.data,
        step,
        spherical,
        max_iter,
        centres,
        *scratch,
        cluster_of,
    )
    return cluster_of, centres


def twin(Z, n_clusters, first, spherical, max_iter=20, step=1):
    dense = Z.toarray()
    cluster_of = np.array(first)
    for _ in range(max_iter):
        before = cluster_of.copy()
        centres = np.zeros((n_clusters, Z.shape[1]), dtype=np.float32)
        for row in np.flatnonzero(cluster_of >= 0):
            centres[cluster_of[row]] += dense[row]
        counts = np.bincount(cluster_of[cluster_of >= 0], minlength=n_clusters)
        lengths = np.sqrt(np.cumsum(centres.astype(float) ** 2, axis=1)[:, -1])
        divisors = lengths if spherical else counts
        scales = np.divide(1, divisors, out=np.zeros(n_clusters), where=divisors > 0)
        centres = (centres * scales[:, None]).astype(np.float32)
        offsets = np.where(counts > 0, np.float32(0), np.float32(np.inf))
        if not spherical:
            for column in centres.T:
                offsets += column * column / np.float32(2)
        for row in range(0, len(dense), step):
            scores = -offsets
            for place in range(Z.indptr[row], Z.indptr[row + 1]):
                scores += Z.data[place] * centres[:, Z.indices[place]]
            cluster_of[row] = np.argmax(scores)
        moved = (cluster_of != before).sum()
        if moved * STOP_SHARE < len(range(0, len(dense), step)):
            break
    return cluster_of, centres.T


def random_rows(rng, n_rows, n_features):
    """Some rows without features, and some twice."""
    Z = random_csr(rng, (n_rows, n_features), 0.3, data_sampler=rng.normal)
    return Z.astype(np.float32)[rng.integers(0, n_rows, size=n_rows)]


@given(
    seed=st.integers(0, 2**32 - 1),
    spherical=st.booleans(),
    max_iter=st.sampled_from([1, 2, 20]),
    step=st.sampled_from([1, 3]),
)
@settings(max_examples=80, deadline=None)
def test_equals_twin(seed, spherical, max_iter, step):
    rng = np.random.default_rng(seed)
    n_rows = int(rng.integers(1, 60))
    n_clusters = int(rng.integers(1, min(n_rows, 20) + 1))
    Z = random_rows(rng, n_rows, int(rng.integers(1, 30)))
    first = np.full(n_rows, -1)
    first[rng.choice(n_rows, n_clusters, replace=False)] = np.arange(n_clusters)
    ours = cluster(Z, n_clusters, first, spherical, max_iter, step)
    for found, expected in zip(
        ours, twin(Z, n_clusters, first, spherical, max_iter, step), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("n_clusters", [2, 7, 16])
def test_euclidean_is_scikit_learns(n_clusters):
    rng = np.random.default_rng(n_clusters)
    Z = rng.normal(size=(n_clusters, 10))[rng.integers(0, n_clusters, 150)]
    Z += 0.3 * rng.normal(size=(150, 10))
    starts = rng.choice(150, n_clusters, replace=False)
    first = np.full(150, -1)
    first[starts] = np.arange(n_clusters)
    peer = KMeans(n_clusters, init=Z[starts], n_init=1, max_iter=100, tol=0).fit(Z)
    ours, centres = cluster(Z, n_clusters, first, False, 100)
    assert set(ours) == set(range(n_clusters)), "scikit-learn would have moved an empty one"
    np.testing.assert_array_equal(ours, peer.labels_)
    np.testing.assert_allclose(centres.T, peer.cluster_centers_, atol=1e-5)


def test_by_hand():
    # Along an axis: 0, 1 | 10, 12 by distance; all alike by cosine, so the first centre has them.
    Z = np.array([[0.0], [1.0], [10.0], [12.0]])
    assert cluster(Z, 2, [0, -1, 1, -1], False)[0].tolist() == [0, 0, 1, 1]
    assert cluster(Z, 2, [-1, 0, 1, -1], True)[0].tolist() == [0, 0, 0, 0]
    # By cosine the long and the short row of a direction belong together, by distance not.
    Z = np.array([[1, 0], [9, 0], [0, 1], [0, 9.0]])
    assert cluster(Z, 2, [0, -1, 1, -1], True)[0].tolist() == [0, 0, 1, 1]
    assert cluster(Z, 2, [0, -1, -1, 1], False)[0].tolist() == [0, 0, 0, 1]


def test_empty_clusters_stay_empty():
    # The second centre is as near as the first, but the first one is taken.
    Z = np.ones((5, 2))
    for spherical in (True, False):
        clusters, centres = cluster(Z, 3, [-1, 1, -1, 0, 2], spherical)
        assert clusters.tolist() == [0] * 5
        assert np.isfinite(centres).all()


def test_nothing_to_cluster():
    with pytest.raises(ValueError, match="nothing"):
        cluster(sp.csr_array((0, 3)), 2, [], True)
