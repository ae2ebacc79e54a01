"""Fitted models through pickle, joblib, memory maps, copies and clones."""

import copy
import io
import pickle
import threading

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from helpers import stored_models
from helpers.reference import TREES, make_problem, queries
from sklearn_xmr import HierarchicalKMeansIndexer, LabelTree, XRLinearClassifier, rank

TREE = LabelTree.from_parents(TREES["deep"])


def targets(kind):
    Y = make_problem()[1]
    return {
        "dense": Y,
        "sparse": sp.csr_matrix(Y),
        "strings": np.array(["a", "b", "ç"])[Y[:, :3].argmax(axis=1)],
        "objects": np.array(["a", "b", "ç"], dtype=object)[Y[:, :3].argmax(axis=1)],
        "ints": Y[:, :3].argmax(axis=1),
    }[kind]


KINDS = ["dense", "sparse", "strings", "objects", "ints"]


def fitted(kind="dense", **params):
    y = targets(kind)
    indexer = TREE if y.ndim == 2 else HierarchicalKMeansIndexer(2, max_leaf_size=1, random_state=0)
    return XRLinearClassifier(indexer, random_state=0, **params).fit(make_problem()[0], y)


def assert_same_predictions(model, other):
    X = queries()
    allowed = np.arange(len(model.classes_)) % 2 == 0
    for found, expected in [
        *zip(model.rank(X, 5), other.rank(X, 5), strict=True),
        *zip(model.rank(X, candidates=allowed), other.rank(X, candidates=allowed), strict=True),
        (model.predict(X), other.predict(X)),
        (model.predict_proba(X), other.predict_proba(X)),
        (model.decision_function(X), other.decision_function(X)),
    ]:
        assert type(found) is type(expected)
        assert found.dtype == expected.dtype
        if sp.issparse(found):
            found, expected = found.toarray(), expected.toarray()
        assert_array_equal(found, expected)
    for layer, expected in zip(model.layers_, other.layers_, strict=True):
        assert_array_equal(layer.coef_.toarray(), expected.coef_.toarray())
        assert_array_equal(layer.intercept_, expected.intercept_)
    assert model.label_tree_ == other.label_tree_
    assert_array_equal(model.n_iter_, other.n_iter_)


@pytest.fixture(scope="module", params=KINDS)
def model(request):
    return fitted(request.param)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(model, protocol):
    assert_same_predictions(pickle.loads(pickle.dumps(model, protocol)), model)


def test_pickle_out_of_band(model):
    buffers = []
    stored = pickle.dumps(model, protocol=5, buffer_callback=buffers.append)
    assert_same_predictions(pickle.loads(stored, buffers=buffers), model)
    # Read-only memory, as from a shared mapping.
    read_only = [bytes(buffer.raw()) for buffer in buffers]
    assert_same_predictions(pickle.loads(stored, buffers=read_only), model)


@pytest.mark.parametrize("compress", [0, 3])
def test_joblib(model, tmp_path, compress):
    joblib.dump(model, tmp_path / "model", compress=compress)
    assert_same_predictions(joblib.load(tmp_path / "model"), model)


@pytest.mark.parametrize("mmap_mode", ["r", "c", "r+"])
def test_memory_map(model, tmp_path, mmap_mode):
    path = tmp_path / "model"
    joblib.dump(model, path)
    before = path.read_bytes()
    mapped = joblib.load(path, mmap_mode=mmap_mode)
    assert_same_predictions(mapped, model)
    assert_same_predictions(mapped.prune(0.2, 3), model.prune(0.2, 3))
    assert_same_predictions(pickle.loads(pickle.dumps(mapped)), model)
    assert path.read_bytes() == before


def test_memory_map_holds_the_weights(tmp_path):
    # What is mapped is what search reads: no copy of it is made on loading.
    X, Y = make_problem(n_samples=300, n_features=400, n_labels=80)
    model = XRLinearClassifier(random_state=0, prune_threshold=0).fit(X, Y)
    path = tmp_path / "model"
    joblib.dump(model, path)
    mapped = joblib.load(path, mmap_mode="r")
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    arrays = [v for layer in mapped.layers_ for v in vars(layer).values() if np.ndim(v)]
    n_mapped = sum(array.nbytes for array in arrays if isinstance(array, np.memmap))
    assert n_mapped > 0.7 * len(buffer.getvalue())
    for found, expected in zip(mapped.rank(X, 5), model.rank(X, 5), strict=True):
        assert_array_equal(found, expected)
    assert all(isinstance(array, np.memmap) for array in arrays if array.nbytes > 10_000)


def test_memory_map_and_threads(tmp_path):
    model = fitted()
    joblib.dump(model, tmp_path / "model")
    mapped = joblib.load(tmp_path / "model", mmap_mode="r").set_params(n_jobs=2)
    X = sp.vstack([queries()] * 150, format="csr")
    expected = model.rank(X, 4)
    found = []
    threads = [threading.Thread(target=lambda: found.append(mapped.rank(X, 4))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    for labels, scores in found:
        assert_array_equal(labels, expected[0])
        assert_array_equal(scores, expected[1])


def test_no_second_copy_of_the_weights():
    # The packed arrays are the only copy: nothing of coef_ is kept, however often it was asked for.
    X, Y = make_problem(n_samples=300, n_features=400, n_labels=80)
    model = XRLinearClassifier(random_state=0, prune_threshold=0).fit(X, Y)
    before = len(pickle.dumps(model))
    n_weights = sum(layer.coef_.nnz for layer in model.layers_)
    model.rank(X)
    assert len(pickle.dumps(model)) == before
    # A weight and its child take 6 bytes, the tables of features some more.
    assert before < 12 * n_weights


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copies(model, duplicate):
    other = duplicate(model)
    assert_same_predictions(other, model)
    other.set_params(beam_width=1)
    assert model.beam_width == 10


def test_clone(model):
    other = clone(model)
    assert not hasattr(other, "layers_")
    assert repr(other.get_params()) == repr(model.get_params())
    if isinstance(model.indexer, LabelTree):
        assert other.indexer == model.indexer
    assert repr(model) == repr(other)


def test_clone_of_everything():
    model = XRLinearClassifier(
        HierarchicalKMeansIndexer(4),
        label_features=sp.eye_array(12, format="csr"),
        label_text=["text"] * 12,
        C=2.0,
        beam_width=3,
        random_state=np.random.RandomState(0),
    )
    other = clone(model)
    assert other.indexer is not model.indexer
    assert other.indexer.branching_factor == 4
    assert_array_equal(other.label_features.toarray(), np.eye(12))
    assert other.label_text == model.label_text
    assert (other.C, other.beam_width) == (2.0, 3)
    X, Y = make_problem()
    model.set_params(random_state=0)
    assert_same_predictions(clone(model).fit(X, Y), clone(model).fit(X, Y))


def test_nested_parameters():
    model = XRLinearClassifier(HierarchicalKMeansIndexer())
    model.set_params(indexer__max_leaf_size=1)
    assert model.indexer.max_leaf_size == 1
    assert "indexer__branching_factor" in model.get_params()


@pytest.mark.parametrize("kind", KINDS)
def test_fits_again_after_loading(kind):
    model = fitted(kind)
    loaded = pickle.loads(pickle.dumps(model))
    assert_same_predictions(loaded.fit(make_problem()[0], targets(kind)), model)


def test_pipelines_and_searches():
    texts = ["red apple", "green apple", "red car", "fast car"] * 3
    search = GridSearchCV(
        make_pipeline(TfidfVectorizer(), XRLinearClassifier(random_state=0)),
        {"xrlinearclassifier__C": [1, 10]},
        cv=2,
    ).fit(texts, ["fruit", "fruit", "vehicle", "vehicle"] * 3)
    loaded = pickle.loads(pickle.dumps(search))
    for found, expected in zip(rank(loaded, texts, 2), rank(search, texts, 2), strict=True):
        assert_array_equal(found, expected)


def test_html(model):
    assert "XRLinearClassifier" in model._repr_html_()


def test_skops(model):
    skops = pytest.importorskip("skops.io")
    stored = skops.dumps(model)
    trusted = skops.get_untrusted_types(data=stored)
    assert_same_predictions(skops.loads(stored, trusted=trusted), model)


@pytest.mark.parametrize("name", ["classifier", "counting", "completer", "retriever"])
def test_skops_asks_for_this_package_and_two_types(name):
    skops = pytest.importorskip("skops.io")
    model = stored_models.build()[name]
    stored = skops.dumps(model)
    trusted = ["numpy.dtype", "scipy.sparse._csr.csr_array"]  # as the guide says
    for kind in skops.get_untrusted_types(data=stored):
        assert kind.startswith("sklearn_xmr.") or kind in trusted
        trusted.append(kind)
    loaded = skops.loads(stored, trusted=trusted)
    assert stored_models.answers(name, loaded) == stored_models.answers(name, model)
