"""Search down a tree: beams, transforms and ties, against exact search in plain loops."""

import threading

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from helpers.matrices import random_csr
from helpers.models import N_LABELS, class_model, indicator_model, make_model, with_params
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
from sklearn_xmr import LabelTree


class TestBeamSearch:
    @pytest.mark.parametrize("transform", TRANSFORMS)
    @pytest.mark.parametrize("tree", TREES)
    def test_equals_reference(self, tree, transform):
        model = with_params(indicator_model(tree), score_transform=transform)
        reference, X = Reference(model), queries(n_queries=12)
        for beam_width, k in [(1, 3), (2, 12), (3, 1), (100, 15)]:
            positions, paths = reference.rank(X, k, transform, beam_width)
            model.set_params(beam_width=beam_width)
            assert_same_ranking(
                model.rank(X, k), (positions, shown(paths, transform)), (beam_width, k)
            )

    @pytest.mark.parametrize("tree", TREES)
    def test_wide_beam_is_exhaustive(self, tree):
        model, X = with_params(indicator_model(tree), beam_width=1000), queries()
        every = Reference(model).label_paths(X, "log_l3_hinge")
        order = np.argsort(-every, axis=1, kind="stable")
        model.set_params(score_transform="log_l3_hinge")
        expected = order, np.take_along_axis(every, order, axis=1)
        assert_same_ranking(model.rank(X, N_LABELS), expected)

    def test_k_never_widens_the_beam(self):
        model = with_params(indicator_model("deep"), beam_width=2)
        few, _ = model.rank(queries(), 2)
        many, _ = model.rank(queries(), 12)
        assert_array_equal(few, many[:, :2])
        assert (many == -1).any()

    def test_k_has_no_bounds(self):
        model, X = indicator_model("flat"), queries(n_queries=3)
        labels, _ = model.rank(X, np.int64(500))
        assert labels.shape == (3, 500)
        assert_array_equal(np.sort(labels[:, :12]), np.tile(np.arange(12), (3, 1)))
        assert (labels[:, 12:] == -1).all()

    @pytest.mark.parametrize("k", [0, -1, 2.0, True, None, "3", np.nan])
    def test_wrong_k(self, k):
        with pytest.raises((ValueError, TypeError), match="k must be"):
            indicator_model("flat").rank(queries(), k)

    @pytest.mark.parametrize("transform", ["l3_hinge", "sigmoid", "noop"])
    @pytest.mark.parametrize("tree", ["flat", "deep", "childless nodes"])
    def test_single_rows_are_the_batch(self, tree, transform):
        model = with_params(indicator_model(tree), score_transform=transform, beam_width=3)
        X = queries()
        labels, scores = model.rank(X, 5)
        for row in range(X.shape[0]):
            single = model.rank(X[[row]], 5)
            assert_array_equal(single[0][0], labels[row])
            assert_array_equal(single[1][0].view(np.int32), scores[row].view(np.int32))
            assert_array_equal(model.predict_proba(X[[row]])[0], model.predict_proba(X)[row])

    def test_large_batches(self):
        model, X = with_params(indicator_model("deep"), beam_width=3), queries(n_queries=83)
        rows = np.random.default_rng(0).integers(0, 83, size=9001)
        candidates = np.random.default_rng(1).random((83, N_LABELS)) < 0.5
        big = X[rows]
        for given_ in (None, candidates):
            labels, scores = model.rank(X, 4, candidates=given_)
            for n_jobs in (None, 2):
                model.set_params(n_jobs=n_jobs)
                big_given = None if given_ is None else given_[rows]
                many_labels, many_scores = model.rank(big, 4, candidates=big_given)
                assert_array_equal(many_labels, labels[rows])
                assert_array_equal(many_scores, scores[rows])
        few = candidates[0]
        assert_array_equal(
            model.rank(big, 4, candidates=few)[0], model.rank(X, 4, candidates=few)[0][rows]
        )

    @pytest.mark.parametrize("n_labels", [65_536, 65_537])
    def test_many_siblings(self, n_labels):
        # Where numbers of children outgrow 16 bits.
        rows = np.eye(3, 5, dtype=np.float32) + 0.1
        marked = np.array([0, n_labels // 2, n_labels - 1])
        Y = sp.csr_array((np.ones(3), marked, [0, 1, 2, 3]), shape=(3, n_labels))
        tree = LabelTree.from_parents([np.zeros(n_labels, dtype=int)])
        model = make_model(tree, C=10, max_iter=1000, prune_threshold=0.2).fit(rows, Y)
        labels, scores = model.rank(rows, 5)
        assert_array_equal(labels[:, 0], marked)
        every = Reference(model).label_paths(sp.csr_array(rows), "l3_hinge")
        expected = np.argsort(-every, axis=1, kind="stable")[:, :5]
        assert_array_equal(labels, expected)
        assert_allclose(scores, np.exp(np.take_along_axis(every, expected, axis=1)), rtol=1e-5)

    def test_many_layers(self):
        # 300 layers of one node that lives and one that does not.
        tree = LabelTree.from_parents([[0, 0]] * 300)
        X, Y = make_problem(n_labels=2)
        model = make_model(tree, score_transform="log_l2_hinge").fit(X, Y)
        expected = Reference(model).rank(X[:5], 2, "log_l2_hinge", 10)
        assert_same_ranking(model.rank(X[:5], 2), expected)

    def test_threads_share_a_model(self):
        model, X = indicator_model("deep"), queries(n_queries=200)
        expected = model.rank(X, 5)
        found = [None] * 6

        def work(i):
            for _ in range(5):
                found[i] = model.rank(X, 5)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for labels, scores in found:
            assert_array_equal(labels, expected[0])
            assert_array_equal(scores, expected[1])

    @settings(max_examples=60, deadline=None)
    @given(
        seed=st.integers(0, 2**32 - 1),
        n_samples=st.integers(1, 12),
        n_features=st.integers(1, 8),
        n_labels=st.integers(1, 10),
        n_layers=st.integers(1, 4),
        density=st.sampled_from([0.0, 0.2, 1.0]),
        beam_width=st.integers(1, 4),
        k=st.integers(1, 12),
        transform=st.sampled_from(TRANSFORMS),
        shape=st.sampled_from(["dense", "sparse", "classes"]),
    )
    @pytest.mark.filterwarnings("ignore:All weights below")
    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_any_small_problem(
        self, seed, n_samples, n_features, n_labels, n_layers, density, beam_width, k, transform,
        shape,
    ):  # fmt: skip
        rng = np.random.default_rng(seed)
        X = random_csr(rng, (n_samples, n_features), density)
        if shape == "classes":
            y = rng.integers(0, n_labels, size=n_samples)
            n_labels = len(np.unique(y))
        else:
            y = sp.csr_array(rng.random((n_samples, n_labels)) < 0.3)
            # One dense column would be a 1-D y.
            y = y.toarray() if shape == "dense" and n_labels > 1 else y
        model = make_model(
            random_tree(rng, n_labels, n_layers), beam_width=beam_width, score_transform=transform
        ).fit(X, y)
        labels, scores = model.rank(X, k)
        assert labels.shape == scores.shape == (n_samples, k)
        assert (scores[:, :-1] >= scores[:, 1:]).all()
        for row in labels:
            real = row[np.isin(row, model.classes_)]
            assert len(real) == len(set(real))
            assert len(real) >= min(k, 1)
        positions, paths = Reference(model).rank(X, k, transform, beam_width)
        expected = np.append(model.classes_, -1)[positions], shown(paths, transform)
        assert_same_ranking((labels, scores), expected)
        probabilities = model.predict_proba(X)
        stored = probabilities.data if sp.issparse(probabilities) else probabilities
        assert ((stored >= 0) & (stored <= 1)).all()
        decisions = model.decision_function(X)
        assert np.isfinite(decisions.data if sp.issparse(decisions) else decisions).all()
        assert model.predict(X).shape == y.shape


class TestTies:
    @pytest.mark.parametrize("transform", TRANSFORMS)
    def test_answer(self, transform):
        # All labels of a row without features, in a model of rows without features, are alike.
        tree = LabelTree.from_parents([[0, 0, 0], [2, 0, 1, 2, 0, 1, 2]])
        X, Y = np.zeros((6, 2)), np.zeros((6, 7), dtype=int)
        model = make_model(tree, score_transform=transform).fit(X, Y)
        labels, scores = model.rank(X[:1], 5)
        assert_array_equal(labels, [[0, 1, 2, 3, 4]])
        assert len(np.unique(scores)) == 1

    def test_beam(self):
        # Inner node 2 leads to the lowest label, so that it is the one kept; then 0, then 1.
        tree = LabelTree.from_parents([[0, 0, 0], [2, 0, 1, 2, 0, 1, 2]])
        X, Y = np.zeros((6, 2)), np.zeros((6, 7), dtype=int)
        model = make_model(tree).fit(X, Y)
        assert_array_equal(model.set_params(beam_width=1).rank(X[:1], 4)[0], [[0, 3, 6, -1]])
        assert_array_equal(model.set_params(beam_width=2).rank(X[:1], 6)[0], [[0, 1, 3, 4, 6, -1]])

    def test_equal_labels(self):
        model, X = indicator_model("flat"), queries()
        labels, scores = model.rank(X, N_LABELS)
        for low, high in [(3, 7), (1, 9)]:
            places = [np.argmax(labels == label, axis=1) for label in (low, high)]
            assert (places[0] < places[1]).all()
            assert_array_equal(*(np.take_along_axis(scores, p[:, None], axis=1) for p in places))

    def test_best_class(self):
        # predict, rank and the probabilities name the same class.
        model, X = class_model(), queries()
        best = model.rank(X, 1)[0][:, 0]
        assert_array_equal(model.predict(X), best)
        assert_array_equal(model.classes_[model.predict_proba(X).argmax(axis=1)], best)


class TestPredictionParameters:
    def test_set_params_acts_at_once(self):
        X, Y = make_problem()
        model = make_model("deep").fit(X, sp.csr_array(Y))
        reference, Q = Reference(model), queries()
        for beam_width, transform, shortlist_size in [(1, "sigmoid", 3), (9, "l1_hinge", 7)]:
            model.set_params(
                beam_width=beam_width, score_transform=transform, shortlist_size=shortlist_size
            )
            positions, paths = reference.rank(Q, shortlist_size, transform, beam_width)
            expected = positions, shown(paths, transform)
            assert_same_ranking(model.rank(Q, shortlist_size), expected)
            assert model.predict_proba(Q).nnz == (positions >= 0).sum()

    @pytest.mark.parametrize(
        "params",
        [
            {"beam_width": 0},
            {"beam_width": 2.5},
            {"beam_width": None},
            {"shortlist_size": -1},
            {"shortlist_size": "20"},
            {"score_transform": "l5_hinge"},
            {"score_transform": None},
        ],
        ids=str,
    )
    def test_invalid_ones_raise(self, params):
        model = with_params(indicator_model("flat"), **params)
        for method in (model.rank, model.predict, model.predict_proba, model.decision_function):
            with pytest.raises(ValueError, match=next(iter(params))):
                method(queries())

    def test_enormous_beam_and_shortlist(self):
        model = with_params(indicator_model("deep"), beam_width=10**12, shortlist_size=100)
        assert model.predict_proba(queries()).shape == (40, N_LABELS)


class TestExtremes:
    @pytest.mark.parametrize("transform", TRANSFORMS)
    def test_overflowing_margins(self, transform):
        model = with_params(indicator_model("deep"), score_transform=transform)
        signs = np.sign(np.random.default_rng(0).standard_normal((30, 25)))
        X = sp.csr_array((3e38 * signs).astype(np.float32))
        labels, scores = model.rank(X, N_LABELS)
        assert not np.isnan(scores).any()
        assert np.isfinite(scores[labels != -1]).all()
        for found in (model.decision_function(X), model.predict_proba(X)):
            assert np.isfinite(found).all()

    def test_a_reached_label_has_a_finite_score(self):
        tree = LabelTree.from_parents([[0, 0]] * 400)
        X, Y = make_problem(n_labels=2)
        model = make_model(tree, score_transform="log_l4_hinge").fit(X, Y)
        far = -1e35 * np.sign(model.layers_[0].coef_.toarray()[:, :1].T)
        labels, scores = model.rank(far, 2)
        assert_array_equal(labels, [[0, 1]])
        assert np.isfinite(scores).all()
        assert np.isfinite(model.decision_function(far)).all()

    def test_rows_without_features(self):
        model = indicator_model("two layers")
        labels, scores = model.rank(sp.csr_array((2, 25), dtype=np.float32), 3)
        every = Reference(model).label_paths(sp.csr_array((2, 25)), "l3_hinge")
        assert_array_equal(labels, np.argsort(-every, axis=1, kind="stable")[:, :3])
        assert_array_equal(scores[0], scores[1])
