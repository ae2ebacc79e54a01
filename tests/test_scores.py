"""What XRLinearClassifier makes of its weights: scores, containers, transforms, ties, fillers."""

import copy
import threading
from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import (
    TRANSFORMS,
    TREES,
    Reference,
    assert_same_ranking,
    make_problem,
    queries,
    random_tree,
    shown,
)
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.metrics import (
    accuracy_score,
    coverage_error,
    f1_score,
    get_scorer,
    label_ranking_average_precision_score,
    log_loss,
    make_scorer,
    ndcg_score,
    roc_auc_score,
)

from sklearn_xmr import LabelTree, XRLinearClassifier

N_LABELS = 12


def make_model(tree, **params):
    tree = tree if isinstance(tree, LabelTree) else LabelTree.from_parents(TREES[tree])
    return XRLinearClassifier(tree, random_state=0, **{"prune_threshold": 0.02, **params})


@cache
def indicator_model(tree):
    # Labels 7 and 9 copy others, so that scores tie; 4 is never seen.
    X, Y = make_problem()
    Y[:, 7], Y[:, 9], Y[:, 4] = Y[:, 3], Y[:, 1], 0
    return make_model(tree).fit(X, Y)


@cache
def class_model(tree="scattered siblings"):
    X, Y = make_problem()
    y = np.array([f"label {j:02}" for j in range(N_LABELS)])[
        np.where(np.arange(len(Y)) < N_LABELS, np.arange(len(Y)) % N_LABELS, Y.argmax(axis=1))
    ]
    return make_model(tree).fit(X, y)


def with_params(model, **params):
    """A copy, still fitted, of a model that other tests share."""
    return copy.copy(model).set_params(**params)


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
    @pytest.mark.filterwarnings("ignore:All weights below some node")
    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_any_small_problem(
        self, seed, n_samples, n_features, n_labels, n_layers, density, beam_width, k, transform,
        shape,
    ):  # fmt: skip
        rng = np.random.default_rng(seed)
        X = sp.random_array(
            (n_samples, n_features), density=density, rng=rng, dtype=np.float32, format="csr"
        )
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


class TestOneDimensionalTargets:
    @pytest.mark.parametrize("transform", TRANSFORMS)
    @pytest.mark.parametrize("tree", ["flat", "scattered siblings", "only children"])
    def test_scores(self, tree, transform):
        model = with_params(
            class_model(tree), score_transform=transform, beam_width=2, shortlist_size=4
        )
        X = queries(n_queries=15)
        positions, paths = Reference(model).rank(X, 4, transform, 2)
        assert_array_equal(model.predict(X), model.classes_[positions[:, 0]])
        reached = positions >= 0
        rows = np.nonzero(reached)[0]
        expected = np.zeros((15, N_LABELS))
        expected[rows, positions[reached]] = softmax(paths.astype(float), axis=1)[reached]
        probabilities = model.predict_proba(X)
        assert_allclose(probabilities, expected, rtol=1e-4, atol=1e-7)
        assert_array_equal(probabilities == 0, expected == 0)
        assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)

        decisions = model.decision_function(X)
        assert decisions.shape == (15, N_LABELS)
        assert_allclose(
            decisions[rows, positions[reached]], shown(paths, transform)[reached],
            rtol=2e-5, atol=1e-6,
        )  # fmt: skip
        elsewhere = np.ones(decisions.shape, dtype=bool)
        elsewhere[rows, positions[reached]] = False
        floor = np.unique(decisions[elsewhere])
        assert len(floor) == 1
        assert np.isfinite(floor[0])
        assert floor[0] < decisions[~elsewhere].min()

    @pytest.mark.parametrize("transform", TRANSFORMS)
    def test_two_classes(self, transform):
        X, Y = make_problem(n_labels=2)
        model = XRLinearClassifier(random_state=0, score_transform=transform)
        model.fit(X, np.array(["no", "yes"])[Y[:, 0]])
        # A model for each class, and not one for both.
        assert model.layers_[-1].intercept_.shape == (2,)
        Q = queries()
        paths = Reference(model).label_paths(Q, transform).astype(float)
        decisions = model.decision_function(Q)
        assert decisions.shape == (Q.shape[0],)
        assert_allclose(decisions, paths[:, 1] - paths[:, 0], rtol=1e-4, atol=1e-6)
        assert_array_equal(model.predict(Q), np.where(decisions > 0, "yes", "no"))
        assert_allclose(model.predict_proba(Q), softmax(paths, axis=1), rtol=1e-4)

    def test_two_classes_apart(self):
        # A beam of one reaches a single class; the difference to the other one stays finite.
        X, Y = make_problem(n_labels=2)
        tree = LabelTree.from_parents([[0, 0], [0, 1]])
        model = make_model(tree, beam_width=1).fit(X, Y[:, 0])
        decisions = model.decision_function(X)
        assert np.isfinite(decisions).all()
        assert_array_equal(model.predict(X), (decisions > 0).astype(int))
        assert set(model.predict_proba(X).ravel()) == {0.0, 1.0}

    @pytest.mark.parametrize("value", ["only", 7, True, 2.0])
    def test_one_class(self, value):
        X, _ = make_problem()
        y = np.full(X.shape[0], value)
        model = XRLinearClassifier(random_state=0).fit(X, y)
        assert_array_equal(model.classes_, [value])
        assert_array_equal(model.predict(X), y)
        assert model.predict(X).dtype == y.dtype
        assert_array_equal(model.predict_proba(X), np.ones((X.shape[0], 1)))
        assert_array_equal(model.rank(X, 1)[0], y[:, None])

    @pytest.mark.parametrize(
        "classes",
        [
            np.array(["b", "a", "c"]),
            np.array(["b", "a", "c"], dtype=object),
            np.array([3, -5, 9]),
            np.array([3, 5, 200], dtype=np.uint8),
            np.array([-3, 5, 100], dtype=np.int8),
            np.array([1.0, 2.0, -4.0]),
            np.array([1.0, 2.0, -4.0], dtype=np.float32),
            np.array([False, True]),
        ],
        ids=lambda classes: classes.dtype.name,
    )
    def test_class_values(self, classes):
        X, Y = make_problem(n_labels=len(classes))
        y = classes[Y.argmax(axis=1)]
        model = XRLinearClassifier(random_state=0).fit(X, y)
        assert_array_equal(model.classes_, np.unique(y))
        assert model.classes_.dtype == y.dtype
        assert model.predict(X).dtype == y.dtype
        assert accuracy_score(y, model.predict(X)) > 0.8
        labels, _ = model.rank(X, len(classes))
        assert_array_equal(np.sort(labels, axis=1), np.tile(np.unique(y), (len(y), 1)))

    def test_metrics(self):
        X, Y = make_problem(n_samples=150)
        y = Y[:, :5].argmax(axis=1)
        model = XRLinearClassifier(random_state=0).fit(X, y)
        assert get_scorer("accuracy")(model, X, y) == model.score(X, y) > 0.7
        assert get_scorer("roc_auc_ovr")(model, X, y) > 0.8
        assert get_scorer("neg_log_loss")(model, X, y) > -2
        assert log_loss(y, model.predict_proba(X)) < 2
        binary = XRLinearClassifier(random_state=0).fit(X, Y[:, 0])
        assert get_scorer("roc_auc")(binary, X, Y[:, 0]) > 0.8
        assert get_scorer("neg_brier_score")(binary, X, Y[:, 0]) > -0.25
        assert get_scorer("f1")(binary, X, Y[:, 0]) > 0.7


class TestIndicators:
    @pytest.mark.parametrize("transform", TRANSFORMS)
    @pytest.mark.parametrize("container", [np.asarray, sp.csr_array, sp.csr_matrix])
    def test_scores(self, container, transform):
        X, Y = make_problem()
        model = make_model(
            "scattered siblings", score_transform=transform, beam_width=2, shortlist_size=4
        ).fit(X, container(Y))
        Q = queries(n_queries=15)
        positions, paths = Reference(model).rank(Q, 4, transform, 2)
        reached = positions >= 0
        where = np.nonzero(reached)[0], positions[reached]
        paths = paths[reached].astype(float)
        probabilities = expit(paths) if transform == "noop" else np.exp(paths)

        found = model.predict_proba(Q), model.decision_function(Q), model.predict(Q)
        assert all(type(scores) is type(container(Y)) for scores in found)
        assert all(scores.shape == (15, N_LABELS) for scores in found)
        assert found[2].dtype == Y.dtype
        if container is not np.asarray:
            for scores in found[:2]:
                # Stored = reached.
                stored = scores.tocoo()
                assert set(zip(*stored.coords, strict=True)) == set(zip(*where, strict=True))
                assert np.diff(scores.indptr).max() <= 4
        dense = [scores if container is np.asarray else scores.toarray() for scores in found]
        assert_allclose(dense[0][where], probabilities, rtol=1e-4, atol=1e-7)
        assert_allclose(dense[1][where], shown(paths, transform), rtol=2e-5, atol=1e-6)
        expected = np.zeros((15, N_LABELS), dtype=int)
        expected[where] = dense[0][where] >= 0.5
        assert_array_equal(dense[2], expected)
        elsewhere = np.ones((15, N_LABELS), dtype=bool)
        elsewhere[where] = False
        if container is np.asarray:
            assert ((dense[0] > 0) & (dense[0] < 1)).all()
            assert dense[0][elsewhere].max() < 1e-100
            floor = np.unique(dense[1][elsewhere])
            assert np.isfinite(floor).all()
            assert len(floor) == 1
            assert floor[0] <= dense[1][where].min()

    def test_zeros_that_were_reached_are_stored(self):
        X, Y = make_problem()
        model = make_model("flat", shortlist_size=12).fit(X, sp.csr_array(Y))
        far = sp.csr_array(-1e6 * np.ones((1, X.shape[1]), dtype=np.float32))
        for scores in (model.predict_proba(far), model.decision_function(far)):
            assert scores.nnz == 12
            assert (scores.data == 0).any()
            assert scores.has_sorted_indices

    @pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int64, np.float32, np.float64])
    @pytest.mark.parametrize(
        "container",
        [
            np.asarray,
            np.asfortranarray,
            sp.csr_array,
            sp.csr_matrix,
            sp.csc_array,
            sp.csc_matrix,
            sp.coo_array,
            sp.lil_matrix,
        ],
    )
    def test_containers(self, container, dtype):
        X, Y = make_problem(n_samples=40)
        expected = make_model("two layers").fit(X, Y)
        y = container(Y.astype(dtype))
        model = make_model("two layers").fit(X, y)
        assert_array_equal(model.classes_, np.arange(N_LABELS))
        for found, truth in zip(model.layers_, expected.layers_, strict=True):
            assert_array_equal(found.coef_.toarray(), truth.coef_.toarray())
            assert_array_equal(found.intercept_, truth.intercept_)
        predicted = model.predict(X)
        assert predicted.dtype == dtype
        assert sp.issparse(predicted) == sp.issparse(y)
        if sp.issparse(y):
            assert predicted.format == "csr"
            assert isinstance(predicted, sp.spmatrix) == isinstance(y, sp.spmatrix)
            predicted = predicted.toarray()
            assert model.predict_proba(X).format == "csr"
        assert_array_equal(predicted, expected.predict(X))

    @pytest.mark.parametrize("column", [[0, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 0]])
    def test_one_sparse_column(self, column):
        X = np.eye(4)
        y = sp.csr_array(np.array(column)[:, None])
        model = XRLinearClassifier(random_state=0).fit(X, y)
        assert_array_equal(model.classes_, [0])
        # An only child: it has no model, and the score of the root, whose path is empty.
        assert_array_equal(model.predict_proba(X).toarray(), np.ones((4, 1)))
        assert_array_equal(model.predict(X).toarray(), np.ones((4, 1)))
        labels, scores = model.rank(X, 1)
        assert_array_equal(labels, np.zeros((4, 1)))
        assert_array_equal(scores, np.ones((4, 1)))
        assert model.layers_[-1].coef_.nnz == 0

    def test_labels_never_seen(self):
        model, X = with_params(indicator_model("two layers"), beam_width=3), queries()
        labels, _ = model.rank(X, N_LABELS)
        assert_array_equal(np.sort(labels, axis=1), np.tile(np.arange(N_LABELS), (len(labels), 1)))
        assert not model.predict(X)[:, 4].any()

    def test_nothing_positive(self):
        X, Y = make_problem()
        for y in (np.zeros_like(Y), sp.csr_array(Y.shape, dtype=np.int8)):
            model = make_model("scattered siblings").fit(X, y)
            labels, scores = model.set_params(score_transform="noop").rank(X, 3)
            # Nothing learned: margins are 0.
            assert_array_equal(labels, np.tile([0, 1, 2], (X.shape[0], 1)))
            assert_array_equal(scores, np.zeros_like(scores))

    def test_more_labels_than_rows(self):
        rng = np.random.default_rng(0)
        Y = sp.csr_array(np.eye(6, 200, k=50))
        X = np.eye(6) + 0.01 * rng.random((6, 6))
        model = XRLinearClassifier(random_state=0, C=100, max_iter=1000).fit(X, Y)
        assert_array_equal(model.rank(X, 1)[0][:, 0], np.arange(50, 56))

    def test_metrics(self):
        X, Y = make_problem(n_samples=150)
        model = XRLinearClassifier(random_state=0, shortlist_size=5).fit(X, Y)
        probabilities, decisions = model.predict_proba(X), model.decision_function(X)
        for scores in (probabilities, decisions):
            assert ndcg_score(Y, scores, k=5) > 0.8
            assert label_ranking_average_precision_score(Y, scores) > 0.7
            assert coverage_error(Y, scores) < N_LABELS
            assert roc_auc_score(Y, scores, average="micro") > 0.8
        assert f1_score(Y, model.predict(X), average="micro") > 0.7
        scorer = make_scorer(ndcg_score, response_method="predict_proba")
        assert scorer(model, X, Y) == ndcg_score(Y, probabilities)
        scorer = make_scorer(ndcg_score, response_method="decision_function")
        assert scorer(model, X, Y) == ndcg_score(Y, decisions)
        sparse = clone(model).fit(X, sp.csr_array(Y))
        assert model.score(X, Y) == sparse.score(X, sp.csr_array(Y))
        assert get_scorer("f1_micro")(sparse, X, sp.csr_array(Y)) == pytest.approx(
            f1_score(Y, model.predict(X), average="micro")
        )


class TestFillers:
    @pytest.mark.parametrize("transform", TRANSFORMS)
    def test_filler_score(self, transform):
        model = with_params(indicator_model("deep"), score_transform=transform, beam_width=1)
        labels, scores = model.rank(queries(), 14)
        assert (labels[:, -2:] == -1).all()
        assert_array_equal(np.isneginf(scores), labels == -1)

    @pytest.mark.parametrize(
        ("classes", "filler", "dtype"),
        [
            (np.array(["x", "yy"]), "", "<U2"),
            (np.array(["x", "yy"], dtype=object), "", object),
            (np.array([1, 2]), -1, np.int64),
            (np.array([1, 2], dtype=np.int8), -1, np.int8),
            (np.array([1, 200], dtype=np.uint8), -1, np.int64),
            (np.array([1, 200], dtype=np.uint64), -1, np.int64),
            (np.array([False, True]), -1, np.int64),
            (np.array([1.0, 2.0]), np.nan, np.float64),
            (np.array([1.0, 2.0], dtype=np.float32), np.nan, np.float32),
        ],
        ids=lambda value: value.dtype.name if isinstance(value, np.ndarray) else "",
    )
    def test_filler_label(self, classes, filler, dtype):
        X, Y = make_problem(n_labels=2)
        model = XRLinearClassifier(random_state=0, score_transform="noop")
        model.fit(X, classes[Y[:, 0]])
        labels, scores = model.rank(X[:3], 4)
        assert labels.dtype == dtype
        assert_array_equal(np.sort(labels[:, :2], axis=1), np.tile(classes, (3, 1)))
        assert_array_equal(labels[:, 2:], np.full((3, 2), filler, dtype=dtype))
        assert np.isfinite(scores[:, :2]).all()
        assert np.isneginf(scores[:, 2:]).all()
        # The filler does not leak into the fitted classes.
        assert_array_equal(model.classes_, classes)

    def test_filler_of_other_classes(self):
        X, Y = make_problem(n_labels=2)
        classes = np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[D]")
        model = XRLinearClassifier(random_state=0, score_transform="noop")
        labels, _ = model.fit(X, classes[Y[:, 0]]).rank(X, 3)
        assert_array_equal(np.sort(labels[:, :2].astype(classes.dtype), axis=1)[0], classes)
        assert all(label is None for label in labels[:, 2])

    def test_a_class_that_looks_like_a_filler(self):
        X, Y = make_problem(n_labels=2)
        model = XRLinearClassifier(random_state=0, score_transform="noop").fit(X, Y[:, 0] - 1)
        labels, scores = model.rank(X, 3)
        assert_array_equal(np.sort(labels[:, :2], axis=1), np.tile([-1, 0], (len(labels), 1)))
        assert_array_equal(np.isneginf(scores), np.tile([False, False, True], (len(labels), 1)))

    def test_unsigned_classes_beyond_int64(self):
        X, Y = make_problem(n_labels=2)
        classes = np.array([3, 2**63 + 5], dtype=np.uint64)
        model = XRLinearClassifier(random_state=0).fit(X, classes[Y[:, 0]])
        labels, _ = model.rank(X, 2)
        assert {int(label) for label in labels.ravel()} == {3, 2**63 + 5}


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
