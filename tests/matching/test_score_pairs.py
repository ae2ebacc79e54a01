"""Scores of given labels, and the least score of a ranking."""

from copy import copy
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline

from helpers.reference import TRANSFORMS, TREES, Reference, make_problem, queries, shown
from sklearn_xmr import LabelTree, XRLinearClassifier, rank


@pytest.fixture(scope="module", params=TREES)
def model(request):
    tree = LabelTree.from_parents(TREES[request.param])
    return XRLinearClassifier(tree, random_state=0).fit(*make_problem())


def with_params(model, **params):
    """The same fit under other parameters; tests in other threads have the model as it is."""
    return copy(model).set_params(**params)


def test_equal_to_the_definition(model):
    X = queries()
    labels = np.random.default_rng(0).integers(0, 12, size=(X.shape[0], 7))
    for transform in TRANSFORMS:
        paths = Reference(model).label_paths(X, transform)
        expected = shown(np.take_along_axis(paths, labels, axis=1), transform)
        narrow = with_params(model, score_transform=transform, beam_width=1)
        found = narrow.score_pairs(X, labels)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)


def test_bit_equal_to_an_endless_search(model):
    X = queries()
    labels, scores = with_params(model, beam_width=100).rank(X, 15)
    narrow = with_params(model, beam_width=1)
    assert_array_equal(narrow.score_pairs(X, labels), scores)  # fillers among them
    assert_array_equal(narrow.score_pairs(X, labels[:, ::-1]), scores[:, ::-1])
    for row in range(X.shape[0]):
        found = narrow.score_pairs(X[[row]], labels[[row], :3])
        assert_array_equal(found, scores[[row], :3])


def test_one_list_for_all_rows(model):
    X = queries()
    labels = [3, 3, 0, -1]
    expected = model.score_pairs(X, np.tile(labels, (X.shape[0], 1)))
    assert_array_equal(model.score_pairs(X, labels), expected)
    assert_array_equal(model.score_pairs(X.toarray().tolist(), labels), expected)
    assert_array_equal(expected[:, 0], expected[:, 1])
    assert np.isneginf(expected[:, 3]).all()
    assert model.score_pairs(X, []).shape == (X.shape[0], 0)
    assert np.isneginf(model.score_pairs(X, [-1])).all()


@pytest.mark.parametrize(
    ("classes", "unknown"),
    [
        (np.array(["a", "b", "c"]), "d"),
        (np.array(["a", "b", "c"], dtype=object), "d"),
        (np.array([10, 20, 30]), 25),
        (np.array([1, 2, 3], dtype=np.uint8), 4),
        (np.array([1.0, 2.0, 3.0]), 2.5),
        (np.array([False, True]), 2),
    ],
    ids=lambda value: getattr(value, "dtype", value),
)
def test_kinds_of_classes(classes, unknown):
    X, Y = make_problem()
    y = classes[Y[:, : len(classes)].argmax(axis=1)]
    model = XRLinearClassifier(random_state=0).fit(X, y)
    labels, scores = model.rank(X, 4)  # the last ones are fillers
    assert_array_equal(model.score_pairs(X, labels), scores)
    assert_array_equal(model.score_pairs(X, labels.tolist()), scores)
    assert_array_equal(model.score_pairs(X, classes), model.score_pairs(X, classes.astype(object)))
    for wrong in ([unknown], [unknown, classes[0]], [["nested"]], [unknown, None]):
        with pytest.raises(ValueError, match="labels"):
            model.score_pairs(X, wrong)


@pytest.mark.parametrize(
    "labels", [3, [[1, 2]], np.zeros((41, 2), int), [[[0]]], [0, 12], [1.5], [np.nan]]
)
def test_wrong_labels(model, labels):
    with pytest.raises(ValueError, match="labels"):
        model.score_pairs(queries(), labels)


def test_threads_change_nothing(model):
    X = sp.vstack([queries()] * 10, format="csr")
    labels = np.random.default_rng(1).integers(0, 12, size=(X.shape[0], 3))
    expected = model.score_pairs(X, labels)
    assert_array_equal(with_params(model, n_jobs=3).score_pairs(X, labels), expected)


@pytest.mark.parametrize("transform", ["l3_hinge", "log_sigmoid", "noop"])
def test_ensembles_give_the_mean_of_their_trees(transform):
    X, Y = make_problem()
    model = XRLinearClassifier(
        n_trees=3, score_transform=transform, random_state=0, label_features=Y.T
    ).fit(X, Y)
    scores = []
    for tree, layers in model.trees_:
        single = Reference(SimpleNamespace(label_tree_=tree, layers_=layers))
        scores.append(single.label_paths(queries(), transform))
    mean = np.mean(scores, axis=0)
    if transform != "noop":
        mean = np.log(np.mean(np.exp(np.array(scores, dtype=np.float64)), axis=0))
    found = model.score_pairs(queries(), range(12))
    np.testing.assert_allclose(found, shown(mean, transform), rtol=2e-5, atol=1e-6)
    assert np.isneginf(model.score_pairs(queries(), [-1])).all()


@pytest.mark.parametrize("transform", ["l3_hinge", "log_sigmoid", "noop"])
def test_least_score(model, transform):
    X = queries()
    model = with_params(model, score_transform=transform)
    labels, scores = model.rank(X, 12)
    least = float(np.median(scores[np.isfinite(scores)]))
    found_labels, found = model.rank(X, 12, min_score=least)
    kept = scores >= np.float32(least)
    assert 0 < kept.sum() < kept.size
    assert_array_equal(found_labels, np.where(kept, labels, -1))
    assert_array_equal(found, np.where(kept, scores, -np.inf))
    for none_left_out in (None, -np.inf, float(np.finfo(np.float32).min)):
        assert_array_equal(model.rank(X, 12, min_score=none_left_out)[1], scores)
    assert np.isneginf(model.rank(X, 12, min_score=np.inf)[1]).all()


@pytest.mark.parametrize("min_score", [np.nan, "0.5", [0.5], True, 1j])
def test_wrong_least_score(model, min_score):
    with pytest.raises(ValueError, match="min_score"):
        model.rank(queries(), min_score=min_score)


def test_least_score_through_a_pipeline():
    texts = ["red apple", "green apple", "red car", "fast car"] * 3
    pipeline = make_pipeline(TfidfVectorizer(), XRLinearClassifier(random_state=0))
    pipeline.fit(texts, ["fruit", "fruit", "vehicle", "vehicle"] * 3)
    labels, scores = rank(pipeline, texts, 2, min_score=0.5)
    assert_array_equal(scores == -np.inf, labels == "")
    assert_array_equal(labels[:, 0], pipeline.predict(texts))
    assert (labels[:, 1] == "").all()
