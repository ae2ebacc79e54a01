"""`sklearn_xmr.surgery`: what stays scores as before, and what was taken apart fits together."""

import pickle
from copy import copy

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from helpers.reference import (
    TRANSFORMS,
    TREES,
    Reference,
    assert_same_ranking,
    make_problem,
    queries,
    random_tree,
    shown,
)
from sklearn_xmr import LabelTree, XRLinearClassifier, surgery
from sklearn_xmr.inspection import export_text

WIDE = 100  # a beam that loses nothing


def fitted(tree, y=None, **params):
    X, Y = make_problem()
    return XRLinearClassifier(tree, random_state=0, **params).fit(X, Y if y is None else y)


@pytest.fixture(scope="module", params=TREES)
def model(request):
    return fitted(LabelTree.from_parents(TREES[request.param]))


def assert_same(found, expected):
    for a, b in zip(found, expected, strict=True):
        assert_array_equal(a, b)


def nodes_that_lead_to(parents, labels):
    """For each layer the nodes above some labels, by going up from each."""
    layers = [sorted(labels)]
    for layer in parents[:0:-1]:
        layers.append(sorted({int(layer[node]) for node in layers[-1]}))
    return layers[::-1]


@pytest.mark.parametrize("labels", [[3], [11, 0], [2, 5, 6, 7, 10], list(range(12))], ids=str)
def test_restricted_is_as_with_candidates(model, labels):
    restricted = surgery.restrict(model, labels)
    mask = np.isin(np.arange(12), labels)
    for transform in TRANSFORMS:
        params = {"beam_width": WIDE, "score_transform": transform}
        expected = copy(model).set_params(**params).rank(queries(), 12, candidates=mask)
        assert_same(restricted.set_params(**params).rank(queries(), 12), expected)


def test_equal_nodes_keep_their_order():
    # Both nodes score alike: the beam of one takes that with label 0 below, which is not kept.
    tree = LabelTree.from_parents([[0, 0], [0, 1, 1, 0]])
    X, Y = np.eye(4), np.eye(4, dtype=int)
    model = XRLinearClassifier(tree, beam_width=1, fit_intercept=False, random_state=0)
    model = model.fit(X, Y)
    row, mask = np.zeros((1, 4)), np.array([False, False, True, True])
    top = surgery.take_top(model, 0).rank(row, 2)[1][0]
    assert top[0] == top[1]
    assert model.rank(row, 1, candidates=mask)[0] == 3
    assert surgery.restrict(model, [2, 3]).rank(row, 1)[0] == 3


@pytest.mark.parametrize("labels", [[3], [11, 0], [2, 5, 6, 7, 10]], ids=str)
def test_restricted_has_what_leads_to_its_labels(model, labels):
    restricted = surgery.restrict(model, labels)
    assert_array_equal(restricted.classes_, sorted(labels))
    kept = nodes_that_lead_to(model.label_tree_.parents, labels)
    for layer, before, nodes in zip(restricted.layers_, model.layers_, kept, strict=True):
        assert_array_equal(layer.coef_.toarray(), before.coef_.toarray()[:, nodes])
        assert_array_equal(layer.intercept_, before.intercept_[nodes])
        assert_array_equal(layer.has_model_, before.has_model_[nodes])
    assert len(pickle.dumps(restricted.layers_)) < len(pickle.dumps(model.layers_))
    assert len(model.classes_) == 12


@settings(max_examples=30, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1000), beam_width=st.integers(1, 8))
def test_restricted_searches_as_defined(data, seed, beam_width):
    rng = np.random.default_rng(seed)
    whole = fitted(random_tree(rng, 12, int(rng.integers(1, 5))), beam_width=beam_width)
    labels = data.draw(st.lists(st.integers(0, 11), min_size=1, max_size=12))
    restricted = surgery.restrict(whole, labels)
    mask = np.isin(np.arange(12), labels)
    of_all = Reference(whole)
    positions, paths = of_all.rank(queries(), 5, "l3_hinge", beam_width, candidates=mask)
    assert_same_ranking(restricted.rank(queries(), 5), (positions, shown(paths, "l3_hinge")))
    # Once more, and there is nothing else to leave out.
    assert_same(
        surgery.restrict(restricted, labels).rank(queries(), 5), restricted.rank(queries()[:], 5)
    )


def test_only_children_have_no_model(model):
    for parents, layer in zip(model.label_tree_.parents, model.layers_, strict=True):
        assert_array_equal(layer.has_model_, np.bincount(parents)[parents] > 1)


def test_an_only_child_left_keeps_its_model():
    model = fitted(LabelTree.from_parents([[0] * 12]), score_transform="noop")
    restricted = surgery.restrict(model, [4])
    (layer,) = model.layers_
    X = queries()
    margins = X @ layer.coef_[:, [4]].toarray() + layer.intercept_[4]
    np.testing.assert_allclose(restricted.rank(X, 1)[1], margins, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["dense", "sparse", "strings", "objects"])
def test_restricted_predicts_in_the_form_of_y(kind):
    X, Y = make_problem()
    names = np.array(["a", "b", "ç", "d"])[Y[:, :4].argmax(axis=1)]
    y = {
        "dense": Y,
        "sparse": sp.csr_matrix(Y),
        "strings": names,
        "objects": names.astype(object),
    }[kind]
    model = XRLinearClassifier(random_state=0, shortlist_size=12).fit(X, y)
    labels = model.classes_[[1, 2]]
    restricted = surgery.restrict(model, labels[::-1])
    predicted = restricted.predict(X)
    assert type(predicted) is type(y)
    if y.ndim == 1:
        scores = model.predict_proba(X)[:, 1:3]
        assert_array_equal(predicted, labels[scores.argmax(axis=1)])
        assert restricted.predict_proba(X).shape == (100, 2)
        alone = surgery.restrict(model, labels[:1])
        assert_array_equal(alone.predict(X), np.repeat(labels[:1], 100))
    else:
        assert predicted.shape == (100, 2)
        expected = model.predict(X)[:, 1:3]
        if kind == "sparse":
            predicted, expected = predicted.toarray(), expected.toarray()
        assert_array_equal(predicted, expected)


def deep(**params):
    return fitted(LabelTree.from_parents(TREES["deep"]), **params)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_half_precision_stays(dtype):
    model = deep().prune(dtype=dtype)
    top = surgery.take_top(model, 1)
    subtrees = [surgery.take_subtree(model, 1, node) for node in top.classes_]
    for part in (surgery.restrict(model, [1, 5]), top, *subtrees, surgery.join(top, subtrees)):
        assert {layer.entries["weight"].dtype for layer in part.layers_} == {np.dtype(dtype)}


@pytest.mark.parametrize("depth", [0, 1, 3, 5])
def test_a_subtree_scores_the_rest_of_the_path(depth):
    X = queries()
    for transform in ("log_l3_hinge", "log_sigmoid"):
        model = deep(beam_width=WIDE, score_transform=transform)
        top = surgery.take_top(model, depth)
        reference = Reference(model)
        paths = [reference.paths(x, transform) for x in X.toarray()]
        above = np.array([path[depth] for path in paths])
        labels = np.array([path[-1] for path in paths])
        found, expected = top.score_pairs(X, top.classes_), above[:, top.classes_]
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)
        for node in top.classes_:
            subtree = surgery.take_subtree(model, depth, node)
            found = subtree.score_pairs(X, subtree.classes_) + above[:, [node]]
            expected = labels[:, subtree.classes_]
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_taken_apart_and_put_together(model):
    X = queries()
    for depth in range(model.label_tree_.n_layers - 1):
        top = surgery.take_top(model, depth)
        subtrees = [surgery.take_subtree(model, depth, node) for node in top.classes_]
        assert_array_equal(np.sort(np.concatenate([s.classes_ for s in subtrees])), np.arange(12))
        whole = surgery.join(top, subtrees)
        assert_array_equal(whole.n_iter_, model.n_iter_)
        for beam_width in (1, 2, WIDE):
            expected = copy(model).set_params(beam_width=beam_width).rank(X, 5)
            assert_same(whole.set_params(beam_width=beam_width).rank(X, 5), expected)


def test_strings_put_together():
    X, Y = make_problem()
    y = np.array(["a", "b", "ç", "longer", "e"])[Y[:, :5].argmax(axis=1)]
    tree = LabelTree.from_parents([[0, 0, 0], [2, 0, 1, 0, 2]])
    model = XRLinearClassifier(tree, random_state=0).fit(X, y)
    top = surgery.take_top(model, 0)
    whole = surgery.join(top, [surgery.take_subtree(model, 0, node) for node in range(3)])
    assert_array_equal(whole.classes_, model.classes_)
    assert whole.label_tree_ == tree
    assert_same(whole.rank(X, 5), model.rank(X, 5))
    assert_array_equal(whole.predict(X), model.predict(X))


def test_texts_go_with_their_labels():
    X, Y = make_problem()
    tree = LabelTree.from_parents(TREES["two layers"])
    names = [f"name {label}" for label in range(12)]
    model = XRLinearClassifier(tree, label_text=names, random_state=0).fit(X, Y)
    restricted = surgery.restrict(model, [7, 2])
    assert restricted.label_text == ["name 2", "name 7"]
    assert "name 7" in export_text(restricted)
    assert "name 3" not in export_text(restricted)
    clone(restricted).set_params(indexer=None).fit(X, Y[:, [2, 7]])

    top = surgery.take_top(model, 0)
    assert top.label_text is None
    assert "name" not in export_text(top)
    subtrees = [surgery.take_subtree(model, 0, node) for node in top.classes_]
    assert subtrees[1].label_text == names[4:8]
    # Labels of an indicator keep their numbers, so they come together in their order.
    assert surgery.join(top, subtrees).label_text == names
    assert surgery.join(top, subtrees[::-1]).label_text == names
    subtrees[1].label_text = None
    assert surgery.join(top, subtrees).label_text is None
    assert model.label_text == names


def test_texts_of_classes_go_with_them():
    X, Y = make_problem()
    y = Y[:, :3].argmax(axis=1) + 5
    texts = {5: "five", 6: "six", 7: "seven"}
    tree = LabelTree.from_parents([[0, 0], [0, 1, 1]])
    model = XRLinearClassifier(tree, label_text=texts, random_state=0).fit(X, y)
    assert "six" not in export_text(surgery.restrict(model, [5, 7]))
    top = surgery.take_top(model, 0)
    assert "five" not in export_text(top)
    joined = surgery.join(top, [surgery.take_subtree(model, 0, node) for node in top.classes_])
    assert joined.label_text == texts


def test_ensembles_are_restricted_and_not_taken_apart():
    model = fitted(None, n_trees=2, shortlist_size=12, beam_width=WIDE)
    restricted = surgery.restrict(model, [1, 4, 5])
    assert len(restricted.trees_) == 2
    mask = np.isin(np.arange(12), [1, 4, 5])
    assert_same(restricted.rank(queries(), 3), model.rank(queries(), 3, candidates=mask))
    for call in (
        lambda: surgery.take_top(model, 0),
        lambda: surgery.take_subtree(model, 0, 0),
        lambda: surgery.join(model, []),
    ):
        with pytest.raises(ValueError, match="ensemble of 2 trees"):
            call()


def test_labels_that_are_not_there():
    model = deep()
    for labels in ([12], [-1], [0.5], ["a"], [None], [], 3, [[1, 2]], [3, 99]):
        with pytest.raises(ValueError, match="labels"):
            surgery.restrict(model, labels)


@pytest.mark.parametrize("depth", [-1, 6, 7, 1.0, "0", None, True])
def test_layers_that_are_not_there(depth):
    with pytest.raises(ValueError, match="depth must be an integer from 0 to 5"):
        surgery.take_top(deep(), depth)
    with pytest.raises(ValueError, match="depth must be an integer from 0 to 5"):
        surgery.take_subtree(deep(), depth, 0)


def test_one_layer_is_not_taken_apart():
    model = XRLinearClassifier(LabelTree.flat(2)).fit(np.eye(2), ["a", "b"])
    for take in (surgery.take_top, lambda model, depth: surgery.take_subtree(model, depth, 0)):
        with pytest.raises(ValueError, match=r"^model must have layers to take apart"):
            take(model, 0)


def test_nodes_that_are_not_there():
    for node in (-1, 2, 0.0, "0", None, True):
        with pytest.raises(ValueError, match="node must be an integer from 0 to 1"):
            surgery.take_subtree(deep(), 0, node)
    with pytest.raises(ValueError, match="leads to no label"):
        surgery.take_subtree(fitted(LabelTree.from_parents(TREES["childless nodes"])), 0, 1)


def test_parts_that_do_not_fit():
    model = deep()
    top = surgery.take_top(model, 0)
    left, right = (surgery.take_subtree(model, 0, node) for node in (0, 1))
    with pytest.raises(ValueError, match="one item per label of top, 2, got 1"):
        surgery.join(top, [left])
    with pytest.raises(ValueError, match="more than one subtree"):
        surgery.join(top, [left, left])
    with pytest.raises(ValueError, match="layers"):
        surgery.join(top, [left, surgery.take_subtree(model, 1, 0)])
    X, Y = make_problem()
    other = XRLinearClassifier(model.label_tree_, random_state=0).fit(X[:, :20], Y)
    with pytest.raises(ValueError, match="features"):
        surgery.join(top, [left, surgery.take_subtree(other, 0, 1)])
    with pytest.raises(ValueError, match="kind of y"):
        surgery.join(top, [left, surgery.take_subtree(deep(y=sp.csr_array(Y)), 0, 1)])
    assert surgery.join(top, [left, right]).label_tree_.n_labels == 12


def test_what_is_no_fitted_classifier():
    for call in (
        lambda model: surgery.restrict(model, [1]),
        lambda model: surgery.take_top(model, 0),
        lambda model: surgery.take_subtree(model, 0, 0),
        lambda model: surgery.join(model, []),
        lambda model: surgery.join(deep(), [model]),
    ):
        with pytest.raises(TypeError, match="XRLinearClassifier"):
            call("a model")
        with pytest.raises(NotFittedError):
            call(XRLinearClassifier())
