"""Layers that changed pieces were put behind: they share the others, and search the same."""

import pickle
import warnings

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal

from helpers.matrices import random_csr
from sklearn_xmr import HierarchicalKMeansIndexer, XRLinearClassifier, surgery
from sklearn_xmr._growing import LEAST_CLEARED, MOST_GONE

N_OLD, N_NEW, N_FEATURES = 300, 60, 40


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "prior"])
def model(request):
    rng = np.random.default_rng(0)
    indexer = HierarchicalKMeansIndexer(max_leaf_size=10, random_state=0)
    prior = vectors(rng, N_OLD) if request.param else None
    model = XRLinearClassifier(indexer, label_prior=prior, random_state=0)
    return model.fit(vectors(rng, 3 * N_OLD), np.arange(3 * N_OLD) % N_OLD)


def vectors(rng, n_rows):
    return sp.csr_array(
        random_csr(rng, (n_rows, N_FEATURES), 0.2) + sp.eye_array(n_rows, N_FEATURES)
    ).astype(np.float32)


def grow(model, names, seed=1):
    rng = np.random.default_rng(seed)
    X, prior = vectors(rng, 2 * len(names)), vectors(rng, len(names))
    new = [number for number, name in enumerate(names) if name not in model.classes_]
    options = {"label_prior": {names[number]: prior[[number]] for number in new}}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "[0-9]+ of [0-9]+ labels were added")
        has_prior = new and model.label_prior is not None
        return surgery.add_labels(model, X, np.repeat(names, 2), **(options if has_prior else {}))


def assert_as_if_packed_anew(model):
    stored = pickle.loads(pickle.dumps(model))  # which packs all pieces in order
    layer, compact = model.layers_[-1], stored.layers_[-1]
    assert compact.later is None
    assert len(compact.entries) == compact.nodes[-1, 2]
    for name in ("coef_", "intercept_", "has_model_", "child_indptr", "has_models"):
        pair = [getattr(either, name) for either in (layer, compact)]
        if sp.issparse(pair[0]):
            pair = [matrix.toarray() for matrix in pair]
        assert_array_equal(*pair)
    if layer.learned is not None:
        nodes = np.random.default_rng(0).permutation(len(layer.node_of))[:50]
        assert_array_equal(layer.learned_of(nodes).toarray(), compact.learned[nodes].toarray())
    queries = vectors(np.random.default_rng(5), 40)
    for transform in ("l3_hinge", "log_sigmoid", "noop"):
        found = [either.set_params(score_transform=transform) for either in (model, stored)]
        for pair in zip(*(either.rank(queries, 20) for either in found), strict=True):
            assert_array_equal(*pair)
    for label in np.random.default_rng(0).choice(model.classes_, 5):
        node = np.searchsorted(model.classes_, label)
        for pair in zip(layer.model_of(node), compact.model_of(node), strict=True):
            assert_array_equal(*pair)


def test_what_stays_is_shared(model, tmp_path):
    joblib.dump(model, tmp_path / "model.joblib")
    mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    grown = grow(mapped, np.array([1000]))
    layer = grown.layers_[-1]
    for name in ("slots", "entries"):
        assert getattr(layer, name) is getattr(mapped.layers_[-1], name)
        assert 0 < len(getattr(layer.later, name)) < len(getattr(layer, name)) / 4
    assert layer.learned is mapped.layers_[-1].learned
    assert_as_if_packed_anew(grown)
    assert_as_if_packed_anew(grown.prune(1e-3))


def test_what_is_gone_is_cleared_once_it_is_much(model):
    grown, n_shared = model, 0
    for number in range(N_NEW):
        before = grown
        grown = grow(before, np.array([1000 + number]), seed=number)
        layer = grown.layers_[-1]
        n_shared += layer.entries is before.layers_[-1].entries
        n_stored = len(layer.entries) + (0 if layer.later is None else len(layer.later.entries))
        n_gone = n_stored - layer.nodes[-1, 2]
        assert n_gone < max(MOST_GONE * n_stored, LEAST_CLEARED)
    assert N_NEW / 2 < n_shared < N_NEW
    assert_as_if_packed_anew(grown)
    # Known labels get rows; labels are removed.
    grown = grow(grown, model.classes_[:2])
    assert_as_if_packed_anew(grown)
    left = surgery.remove_labels(grown, grown.classes_[::2])
    assert left.layers_[-1].later is None
    queries = vectors(np.random.default_rng(5), 40)
    assert_array_equal(
        left.score_pairs(queries, left.classes_), grown.score_pairs(queries, left.classes_)
    )


def test_pieces_of_other_weights(model):
    half = model.prune(1e-3, dtype=np.float16)
    assert_as_if_packed_anew(grow(half, np.array([1000, 1001])))
