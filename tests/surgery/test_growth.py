"""`surgery.add_labels`, `remove_labels`: new labels are found, and all others stay as they are."""

import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from helpers.reference import TRANSFORMS, TREES, make_problem, queries, random_tree
from sklearn_xmr import (
    HierarchicalKMeansIndexer,
    LabelTree,
    TrieIndexer,
    XRLinearClassifier,
    surgery,
)

WIDE = 100  # a beam that loses nothing
N_OLD = 12


def problem(n_new=3):
    """Rows and labels, the last of them new."""
    X, Y = make_problem(n_labels=N_OLD + n_new)
    return X, Y[:, :N_OLD], Y[:, N_OLD:]


def prior(n_labels, seed=2):
    return np.abs(np.random.default_rng(seed).normal(size=(n_labels, 25))).astype(np.float32)


def fitted(tree=None, y=None, **params):
    X, Y, _ = problem()
    params = {"random_state": 0, "beam_width": WIDE, **params}
    return XRLinearClassifier(tree, **params).fit(X, Y if y is None else y)


def grow(model, *args, **options):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "[0-9]+ of [0-9]+ labels were added")
        return surgery.add_labels(model, *args, **options)


def assert_same_scores(model, other, labels):
    for transform in TRANSFORMS:
        pair = [
            fitted.set_params(score_transform=transform).score_pairs(queries(), labels)
            for fitted in (model, other)
        ]
        assert_array_equal(*pair)


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("with_prior", [False, True], ids=["plain", "prior"])
def test_other_labels_score_as_before(name, with_prior):
    X, _, Y = problem()
    tree, options = LabelTree.from_parents(TREES[name]), {"label_prior": prior(3, seed=3)}
    model = fitted(tree, label_prior=prior(N_OLD) if with_prior else None)
    grown = grow(model, X, Y, **options if with_prior else {})
    assert_array_equal(grown.classes_, np.arange(15))
    assert_same_scores(model, grown, np.arange(N_OLD))
    without_rows = grow(model, None, None, **options)
    assert_same_scores(model, without_rows, np.arange(N_OLD))
    assert np.isfinite(without_rows.score_pairs(queries(), np.arange(15))).all()


@settings(max_examples=25, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1000))
def test_whatever_the_tree_and_the_order_of_classes(data, seed):
    rng = np.random.default_rng(seed)
    X, Y, _ = problem()
    names = np.array(sorted(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), 15, replace=False)))
    is_new = np.isin(np.arange(15), rng.choice(15, 3, replace=False))
    old = names[~is_new][np.r_[0:12, Y[12:].argmax(axis=1)]]
    tree = random_tree(rng, N_OLD, int(rng.integers(1, 5)))
    model = fitted(tree, old, prune_threshold=data.draw(st.sampled_from([0.0, 0.1])))
    y = np.resize(rng.permutation(names[is_new]), 30)
    grown = grow(model, X[:30], y)
    assert_array_equal(grown.classes_, names)
    assert_same_scores(model, grown, old)
    assert_same_scores(grown, surgery.remove_labels(grown, names[is_new]), old)
    assert_same_scores(model, surgery.restrict(grown, model.classes_), old)


def test_new_labels_are_found():
    X, _, Y = problem()
    tree = LabelTree.from_parents(TREES["two layers"])
    grown = grow(fitted(tree), X, Y)
    scores = grown.score_pairs(X, np.arange(12, 15))
    for label in range(3):
        positive = Y[:, label] == 1
        assert scores[positive, label].mean() > 3 * scores[~positive, label].mean()
    labels, _ = grown.rank(X, 5)
    assert np.mean([12 in row for row in labels[Y[:, 0] == 1]]) > 0.7


def test_the_leaf_is_the_one_that_its_rows_reach():
    X, _, Y = problem()
    tree = LabelTree.from_parents(TREES["two layers"])
    model = fitted(tree)
    grown = grow(model, X, Y)
    nodes = surgery.take_top(model, 0)
    for label, parent in enumerate(grown.label_tree_.parents[-1][N_OLD:]):
        margins = nodes.set_params(score_transform="log_l3_hinge").score_pairs(X, [0, 1, 2])
        votes = np.exp(margins - margins.max(axis=1, keepdims=True))[Y[:, label] == 1].sum(axis=0)
        assert parent == votes.argmax()


def test_a_label_without_rows_starts_at_its_prior_and_what_its_nearest_have_learned():
    texts, new = prior(N_OLD), prior(1, seed=3)
    params = {"label_prior": texts, "prior_strength": 2, "prune_threshold": 0.0, "tol": 1e-4}
    model = fitted(LabelTree.flat(N_OLD), **params)
    grown = grow(model, None, None, label_prior=new)
    (before,), (after,) = model.layers_, grown.layers_
    weights = before.coef_.toarray().T
    learned = weights - 2 * texts / np.linalg.norm(texts, axis=1, keepdims=True)
    vector = new[0] / np.linalg.norm(new)
    nearest = np.argsort(-(weights @ vector) / np.linalg.norm(weights, axis=1))[:5]
    expected = 2 * vector + learned[nearest].mean(axis=0) / 4
    assert_allclose(after.coef_[:, [N_OLD]].toarray()[:, 0], expected, rtol=1e-4, atol=1e-6)
    assert after.intercept_[N_OLD] == -1


def test_rows_of_known_labels_move_these_alone():
    X, Y, new = problem()
    model = fitted(LabelTree.from_parents(TREES["two layers"]))
    Y = np.column_stack([1 - Y[:, 4], new[:, 0]])
    grown = grow(model, X, Y, classes=[4, 12])
    others = np.setdiff1d(np.arange(N_OLD), 4)
    assert_same_scores(model, grown, others)
    wanted = Y[:, 0] == 1
    before, after = (of.score_pairs(X, [4])[:, 0] for of in (model, grown))
    assert (after - before)[wanted].mean() > 0.05
    alone = grow(model, X, Y[:, [0]], classes=[4])
    assert_array_equal(alone.classes_, np.arange(N_OLD))
    assert_same_scores(model, alone, others)


def test_a_label_as_classes_or_as_columns_is_the_same():
    X, Y, _ = problem()
    names = np.array(list("abcdefghijkl"))
    model = fitted(LabelTree.from_parents(TREES["two layers"]), names[np.arange(100) % 12])
    y = np.array(["n", "o"])[Y[:, 0]]
    one = grow(model, X, y)
    other = grow(model, X, np.column_stack([y == "n", y == "o"]).astype(int), classes=["n", "o"])
    assert_same_scores(one, other, one.classes_)
    swapped = sp.csr_matrix(np.column_stack([y == "o", y == "n"]).astype(int))
    assert_same_scores(one, grow(model, X, swapped, classes=["o", "n"]), one.classes_)


def test_label_sets():
    X, Y, new = problem()
    sets = [[name for name, has in zip("abcdefghijkl", row, strict=True) if has] for row in Y]
    model = XRLinearClassifier(random_state=0, beam_width=WIDE).fit(X, sets)
    grown = grow(model, X, [["new"] if has else [] for has in new[:, 0]])
    assert_array_equal(grown.classes_, [*"abcdefghijkl", "new"])
    assert_same_scores(model, grown, model.classes_)
    assert_same_scores(grown, grow(model, X, new[:, :1], classes=["new"]), grown.classes_)


def test_batches_end_where_one_batch_ends():
    rng = np.random.default_rng(0)
    centers = rng.random((60, 40)) * (rng.random((60, 40)) < 0.15)
    y = np.repeat(np.arange(60), 20)
    X = np.abs(centers[y] + 0.1 * rng.random((len(y), 40)))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    is_test = rng.random(len(y)) < 0.3
    Y = np.eye(60, dtype=int)[y]
    is_old = ~is_test & (y < 50)
    model = XRLinearClassifier(random_state=0).fit(X[is_old], Y[is_old, :50])
    one = grow(model, X[~is_test & (y >= 50)], Y[~is_test & (y >= 50), 50:])
    many = model
    for label in range(50, 60):
        rows = ~is_test & (y == label)
        many = grow(many, X[rows], Y[rows, label : label + 1])
    hits = [(of.rank(X[is_test], 5)[0] == y[is_test, None]).any(axis=1) for of in (one, many)]
    assert abs(hits[0].mean() - hits[1].mean()) < 0.03
    assert hits[1].mean() > 0.8
    assert hits[1][y[is_test] >= 50].mean() > 0.8


def test_the_model_is_left_alone_and_may_be_mapped(tmp_path):
    X, _, Y = problem()
    model = fitted(LabelTree.from_parents(TREES["two layers"]), label_prior=prior(N_OLD))
    before = pickle.dumps(model)
    joblib.dump(model, tmp_path / "model.joblib")
    mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    options = {"label_prior": prior(3, seed=3)}
    grown = grow(mapped, X, Y, **options)
    assert_same_scores(grown, grow(model, X, Y, **options), grown.classes_)
    model.set_params(score_transform="l3_hinge")
    assert pickle.dumps(model) == before
    # What does not change is shared: the layers above, and what the file holds of them.
    assert grown.layers_[0] is mapped.layers_[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_small_models_stay_small(dtype):
    X, _, Y = problem()
    model = fitted(LabelTree.from_parents(TREES["two layers"])).prune(0.2, 4, dtype=dtype)
    grown = grow(model, X, Y)
    assert_same_scores(model, grown, np.arange(N_OLD))
    assert {layer.entries["weight"].dtype for layer in grown.layers_} == {np.dtype(dtype)}
    n_weights = np.diff(grown.layers_[-1].coef_.indptr)
    assert n_weights.max() <= 4
    assert np.abs(grown.layers_[-1].coef_.data).min() >= 0.2


def test_all_trees_of_an_ensemble_grow():
    X, _, Y = problem()
    model = fitted(n_trees=3)
    grown = grow(model, X, Y)
    assert len(grown.trees_) == 3
    assert_same_scores(model, grown, np.arange(N_OLD))


def test_a_copy_can_be_fitted_again():
    X, Y, new = problem()
    model = fitted(label_prior=sp.csr_array(prior(N_OLD)))
    grown = grow(model, X, new, label_prior=prior(3, seed=3))
    again = clone(grown).fit(X, np.column_stack([Y, new]))
    assert len(again.classes_) == 15
    y = np.array(list("abcdefghijkl"))[np.arange(100) % 12]
    model = fitted(y=y, label_prior=dict(zip("abcdefghijkl", prior(N_OLD), strict=True)))
    grown = grow(model, None, None, label_prior={"m": prior(1)[0]})
    assert_array_equal(grown.classes_, list("abcdefghijklm"))
    texts = {name: name * 3 for name in "abcdefghijkl"}
    model = fitted(TrieIndexer(), y, label_text=texts)
    grown = grow(model, X[:2], ["m", "m"], label_text={"m": "abm"})
    assert clone(grown).fit(X[:2], ["m", "a"]).classes_.tolist() == ["a", "m"]


def test_removed_labels_take_no_memory():
    model = fitted(LabelTree.from_parents(TREES["two layers"]))
    removed = surgery.remove_labels(model, [0, 1, 2, 5, 7])
    assert_array_equal(removed.classes_, [3, 4, 6, 8, 9, 10, 11])
    assert_same_scores(model, removed, removed.classes_)
    assert len(pickle.dumps(removed.layers_)) < len(pickle.dumps(model.layers_))
    X, _, Y = problem()
    grown = grow(removed, X, Y)
    assert_array_equal(grown.classes_, [3, 4, 6, 8, 9, 10, 11, 12, 13, 14])
    assert_array_equal(
        grow(removed, X, Y[:, :1], classes=[5]).classes_, [3, 4, 5, 6, *range(8, 12)]
    )


@pytest.mark.parametrize("with_prior", [False, True], ids=["plain", "prior"])
def test_large_leaves_are_split_and_scores_stay(with_prior):
    X, _, Y = problem()
    indexer = HierarchicalKMeansIndexer(2, max_leaf_size=2, random_state=0)
    model = fitted(indexer, label_prior=prior(N_OLD) if with_prior else None)
    options = {"label_prior": prior(3, seed=3)} if with_prior else {}
    whole = model
    for _ in range(3):
        whole = grow(whole, X, Y, **options)
    parted = model
    for _ in range(3):
        parted = grow(parted, X, Y, split="auto", **options)
    assert np.bincount(whole.label_tree_.parents[-1]).max() > 4
    assert np.bincount(parted.label_tree_.parents[-1]).max() <= 4
    assert_same_scores(model, parted, np.arange(N_OLD))
    once = [grow(whole, X, Y[:, :1], split=split) for split in ("never", "auto")]
    assert_same_scores(*once, once[0].classes_)
    flat = fitted(LabelTree.flat(N_OLD))
    assert grow(flat, X, Y, split="auto").label_tree_ == LabelTree.flat(N_OLD + 3)


@pytest.mark.parametrize("one_dimensional", [True, False])
def test_the_columns_of_a_table_are_named(one_dimensional):
    X, _, Y = problem(2)
    of_rows = [f"label {label}" for label in np.arange(100) % N_OLD]
    model = fitted(y=of_rows if one_dimensional else [[name] for name in of_rows])
    names = ["label 3", "new"]
    expected = grow(model, X, Y, classes=names)
    table = pd.DataFrame(Y, columns=names)
    sparse = table.astype(pd.SparseDtype(int, 0))
    for columns, classes in [(table, None), (sparse, None), (table[names[::-1]], names)]:
        grown = grow(model, X, columns, classes=classes)
        assert_array_equal(grown.classes_, expected.classes_)
        assert_array_equal(
            grown.score_pairs(queries(), names), expected.score_pairs(queries(), names)
        )
    with pytest.raises(ValueError, match="classes must be of the kind of the known ones"):
        grow(model, X, pd.DataFrame(Y))


def test_it_warns_of_many():
    X, _, Y = problem()
    model = fitted()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grown = surgery.add_labels(model, X, Y)
    with pytest.warns(UserWarning, match="6 of 18 labels were added"):
        surgery.add_labels(grown, X, Y)
    with warnings.catch_warnings():  # those that are gone again do not count
        warnings.simplefilter("error")
        for _ in range(3):
            shrunk = surgery.remove_labels(grown, grown.classes_[N_OLD:])
            grown = surgery.add_labels(shrunk, X, Y)


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [
        ((None, None), {}, "classes must be a list of at least one label"),
        ((None, [[1]]), {}, "X and Y must be given together"),
        ((np.ones((2, 25)), np.zeros((2, 1), int)), {}, "label_prior must have a row, not zero"),
        ((np.ones((2, 24)), np.ones((2, 1), int)), {}, "X must have the 25 features"),
        ((np.ones((2, 25)), np.ones((3, 1), int)), {}, "inconsistent numbers of samples"),
        ((np.ones((2, 25)), ["a", "b"]), {}, "Y must be an indicator"),
        ((np.ones((2, 25)), np.ones((2, 1), int)), {"classes": ["a"]}, "of the kind of the known"),
        ((np.ones((2, 25)), np.ones((2, 2), int)), {"classes": [12, 12]}, "name each column once"),
        ((np.ones((2, 25)), np.ones((2, 2), int)), {"classes": [6, []]}, "classes must be a list"),
        ((np.ones((2, 25)), np.ones((2, 2), int)), {"classes": [12]}, "a name for each of the 2"),
        ((np.ones((2, 25)), np.ones((2, 1), int)), {"split": "always"}, "split must be"),
        ((None, None), {"label_prior": np.ones((1, 24))}, "must have the 25 features of X"),
    ],
)
def test_what_does_not_fit_is_refused(args, options, message):
    with pytest.raises(ValueError, match=message):
        surgery.add_labels(fitted(), *args, **options)


def test_a_missing_label_is_refused():
    X, Y, new = problem()
    model = fitted(y=Y.argmax(axis=1).astype(float))
    with pytest.raises(ValueError, match="classes must hold no missing label"):
        grow(model, X, new[:, :1], classes=[np.nan])


def test_what_cannot_grow_or_shrink_is_refused():
    X, Y, _ = problem()
    with pytest.raises(TypeError, match="classifier must be an XRLinearClassifier"):
        surgery.add_labels("model", X, Y)
    with pytest.raises(ValueError, match="at least two labels"):
        surgery.add_labels(fitted(y=["a"] * 100), X[:1], ["b"])
    with pytest.raises(ValueError, match="must leave at least one label"):
        surgery.remove_labels(fitted(), np.arange(N_OLD))
    with pytest.raises(ValueError, match=r"12\)?, which is not among the classes"):
        surgery.remove_labels(fitted(), [12])


class TestUnseenLabels:
    """`hide_unseen`: labels without rows are in no answer, and others are as they were."""

    UNSEEN = (1, 4, 5, 11)

    def models(self, tree, **params):
        X, Y, _ = problem()
        Y = Y.toarray() if sp.issparse(Y) else Y.copy()
        Y[:, self.UNSEEN] = 0
        params = {"random_state": 0, "beam_width": WIDE, "shortlist_size": N_OLD, **params}
        plain = XRLinearClassifier(tree, **params).fit(X, Y)
        return plain, XRLinearClassifier(tree, hide_unseen=True, **params).fit(X, Y)

    @pytest.mark.parametrize("name", TREES)
    def test_are_in_no_answer(self, name):
        plain, hiding = self.models(LabelTree.from_parents(TREES[name]))
        seen = np.setdiff1d(np.arange(N_OLD), self.UNSEEN)
        expected = plain.rank(queries(), N_OLD, candidates=seen)
        for found, array in zip(hiding.rank(queries(), N_OLD), expected, strict=True):
            assert_array_equal(found, array)
        assert hiding.predict(queries()).shape == (40, N_OLD)
        assert not hiding.set_params(threshold=0.0).predict(queries())[:, self.UNSEEN].any()
        assert (hiding.score_pairs(queries(), self.UNSEEN) == -np.inf).all()
        assert_same_scores(plain, hiding, seen)

    def test_do_not_take_room_in_the_beam(self):
        # Two of three leaves have none but such labels.
        tree = LabelTree.from_parents([[0, 0, 0], [0, 1, 0, 0, 1, 2, 0, 0, 0, 0, 0, 2]])
        _, hiding = self.models(tree)
        labels, _ = hiding.rank(queries(), 8, beam_width=1)
        assert (labels >= 0).all()

    def test_with_a_prior_are_known(self):
        vectors = prior(N_OLD)
        vectors[4] = 0
        _, hiding = self.models(None, label_prior=vectors)
        labels, _ = hiding.rank(queries(), N_OLD)
        assert set(labels.ravel()) == {-1, *range(N_OLD)} - {4}

    def test_stay_hidden_until_they_have_rows(self):
        _, hiding = self.models(None)
        X, Y, new = problem()
        grown = grow(hiding, X, new)
        assert set(grown.rank(queries(), 15)[0].ravel()) == {-1, *range(15)} - set(self.UNSEEN)
        given = grow(hiding, X, Y[:, [4]], classes=[4])
        assert set(given.rank(queries(), N_OLD)[0].ravel()) == {-1, *range(N_OLD)} - {1, 5, 11}
        fewer = surgery.remove_labels(hiding, [0, 5])
        assert set(fewer.rank(queries(), N_OLD)[0].ravel()) == {-1, 2, 3, 6, 7, 8, 9, 10}
