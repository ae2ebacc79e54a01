"""What is predicted from the scores: classes, indicators, probabilities and fillers."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
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

from helpers.models import N_LABELS, class_model, indicator_model, make_model, with_params
from helpers.reference import TRANSFORMS, Reference, make_problem, queries, shown
from sklearn_xmr import LabelTree, XRLinearClassifier


def assert_floor(decisions, rows, columns, transform):
    """Labels that were not found score 0, or 1 less than the lowest of their row."""
    found = np.zeros(decisions.shape, dtype=bool)
    found[rows, columns] = True
    lowest = np.where(found, decisions, np.inf).min(axis=1)
    is_exponential = transform != "noop" and not transform.startswith("log_")
    expected = np.zeros(len(lowest)) if is_exponential else lowest - 1
    assert_array_equal(decisions, np.where(found, decisions, expected[:, None]))


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
        assert_floor(decisions, rows, positions[reached], transform)

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
            "scattered siblings", score_transform=transform, beam_width=2, shortlist_size=4,
            threshold=0.5, min_labels=0,
        ).fit(X, container(Y))  # fmt: skip
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
            assert_floor(dense[1], *where, transform)

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
            assert not sp.csr_array(model.predict(X)).nnz
            labels, scores = model.set_params(score_transform="noop").rank(X, 3)
            # No rows below the first choice, nothing learned: margins are 0.
            assert (labels >= 0).all()
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
