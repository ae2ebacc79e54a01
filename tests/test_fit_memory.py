"""What fitting holds at its peak, against the formula of the user guide."""

import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from sklearn_xmr import HierarchicalKMeansIndexer, XRLinearClassifier
from sklearn_xmr._tree_layout import positive_nodes, tree_layout
from sklearn_xmr.label_features import pifa


def n_bytes(matrix):
    return matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes


def formula(X, Y, model, n_threads):
    """The most bytes held beside X and the y given: the page on large problems explains it."""
    (n_rows, n_features), n_layers = X.shape, model.label_tree_.n_layers
    pairs = sum(nodes.nnz for nodes in positive_nodes(Y, tree_layout(model.label_tree_)))
    lists = 9 * pairs + 16 * n_rows * n_layers
    block = 4 * (n_rows + n_features) * max(16, 2**17 // n_features)
    working_set = 8 * X.nnz + 32 * n_rows + 8 * n_features + block
    weights = [8 * len(layer.entries) for layer in model.layers_]
    names = "nodes", "slots", "entries", "intercepts", "node_of", "first_label"
    result = sum(getattr(layer, name).nbytes for layer in model.layers_ for name in names)
    return n_bytes(Y) + max(
        3 * n_bytes(pifa(X, Y)),
        lists + n_threads * working_set + sum(weights),
        lists + sum(weights) + max(weights) + result,
    )


@pytest.mark.parametrize("n_threads", [1, 2])
def test_fit_holds_no_more_than_the_formula_says(n_threads):
    rng = np.random.default_rng(0)
    n_rows, n_features, n_labels = 20_000, 15_000, 2_000
    # Features of a label are alike, so that there is something to learn.
    labels = rng.integers(n_labels, size=n_rows)
    indices = (labels[:, None] * 7 + rng.geometric(0.05, size=(n_rows, 25))) % n_features
    X = sp.csr_array(
        (np.ones(indices.size, np.float32), indices.ravel(), np.arange(0, indices.size + 1, 25)),
        shape=(n_rows, n_features),
    )
    X.sum_duplicates()
    X = normalize(X)
    Y = sp.csr_array(
        (np.ones(n_rows, np.float32), labels, np.arange(n_rows + 1)), shape=(n_rows, n_labels)
    )
    model = XRLinearClassifier(HierarchicalKMeansIndexer(8), n_jobs=n_threads, random_state=0)
    model.fit(X[:100], Y[:100])  # what is imported or compiled on the way is not counted
    tracemalloc.start()
    try:
        model.fit(X, Y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.1 * formula(X, Y, model, n_threads)
