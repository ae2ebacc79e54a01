"""Label sets as y: the same model as that of their indicator, and names for answers."""

import copy
import pickle
import warnings
from functools import cache
from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.preprocessing import MultiLabelBinarizer

from helpers.models import assert_same_weights
from helpers.reference import make_problem, queries
from sklearn_xmr import LabelTree, XRLinearClassifier

NAMES = [f"label {number}" for number in range(11)] + ["NUL\0"]
TREE = LabelTree.from_parents([[0, 0, 0], [2, 0, 1, 2, 0, 1, 1, 0, 2, 2, 1, 0]])


def make_sets():
    X, Y = make_problem()
    Y[::7] = 0
    return X, [[NAMES[label] for label in np.flatnonzero(row)] for row in Y]


FORMS = {
    "lists": lambda rows: rows,
    "tuples": lambda rows: tuple(map(tuple, rows)),
    "sets": lambda rows: list(map(set, rows)),
    "repeated": lambda rows: [row + row for row in rows],
    "kinds of collections": lambda rows: [frozenset(rows[0]), tuple(rows[1]), *rows[2:]],
    "column of objects": lambda rows: np.array([*rows, None], dtype=object)[:-1],
}


@pytest.mark.parametrize("form", FORMS)
def test_equal_the_indicator(form):
    X, rows = make_sets()
    binarizer = MultiLabelBinarizer(sparse_output=True)
    Y = binarizer.fit_transform(rows)
    model = XRLinearClassifier(TREE, random_state=0).fit(X, FORMS[form](rows))
    peer = XRLinearClassifier(TREE, random_state=0).fit(X, Y)
    assert_same_weights(model, peer)
    assert model.classes_.tolist() == sorted(NAMES)
    Q = queries()
    labels, scores = model.rank(Q, 4)
    columns, expected = peer.rank(Q, 4)
    assert_array_equal(scores, expected)
    assert labels.tolist() == binarizer.classes_[columns].tolist()
    assert type(labels[0, 0]) is str
    predicted = model.predict(Q)
    assert [tuple(row) for row in predicted] == binarizer.inverse_transform(peer.predict(Q))
    for method in ("predict_proba", "decision_function"):
        found, expected = getattr(model, method)(Q), getattr(peer, method)(Q)
        assert (found != expected).nnz == 0
    assert model.score(X, rows) == peer.score(X, Y)
    weights = np.arange(len(rows))
    assert model.score(X, rows, weights) == pytest.approx(peer.score(X, Y, weights))
    for y in (Y, Y.toarray(), ["a name"] * len(rows)):
        with pytest.raises(ValueError, match=r"^y must hold .* in row 0"):
            model.score(X, y)


def test_names_of_candidates_and_pairs():
    X, rows = make_sets()
    model = XRLinearClassifier(TREE, random_state=0).fit(X, rows)
    labels, scores = model.rank(X, 3, candidates=["label 3", "NUL\0"])
    assert set(labels[:, :2].ravel()) == {"label 3", "NUL\0"}
    assert (labels[:, 2] == "").all()
    assert_array_equal(model.score_pairs(X, labels), scores)
    assert pickle.loads(pickle.dumps(model)).predict(X) == model.predict(X)


def test_texts_and_priors_by_name():
    X, rows = make_sets()
    with pytest.raises(TypeError, match="label_text must be a dict"):
        XRLinearClassifier(label_text=NAMES).fit(X, rows)
    prior = {name: X[[number]].toarray()[0] for number, name in enumerate(NAMES)}
    by_name = XRLinearClassifier(TREE, label_prior=prior, random_state=0).fit(X, rows)
    matrix = sp.vstack([sp.csr_array(prior[name][None]) for name in by_name.classes_]).tocsr()
    assert_same_weights(
        by_name, XRLinearClassifier(TREE, label_prior=matrix, random_state=0).fit(X, rows)
    )


def test_cross_validation():
    X, rows = make_sets()
    model = XRLinearClassifier(random_state=0)
    scores = cross_val_score(model, X, rows, cv=KFold(3))
    assert scores.shape == (3,)
    assert 0 < scores.mean() < 1
    search = GridSearchCV(model, {"threshold": [0.1, 0.9]}, cv=KFold(3)).fit(X, rows)
    assert search.best_estimator_.classes_.tolist() == sorted(NAMES)
    # What scikit-learn refuses, as the guide says.
    with pytest.raises(ValueError, match="Sequence of sequences are no longer supported"):
        GridSearchCV(model, {}, cv=3).fit(X, rows)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([{1, 2}, {3}], "label sets of str, got 1 of type int in row 0"),
        ([[1], [2, 3]], "label sets of str, got 1 of type int in row 0"),
        ([[], []], "at least one label, got empty label sets only"),
        ([["a"], "b"], "for each row where it does for some, got 'b' of type str in row 1"),
        ([["a"], None], "got None of type NoneType in row 1"),
        ([["a"], ["b", None]], "label sets of str, got None of type NoneType in row 1"),
        ([set(), set()], "at least one label, got empty label sets only"),
    ],
)
def test_wrong_sets(y, message):
    with pytest.raises(ValueError, match=message):
        XRLinearClassifier().fit(np.eye(2), y)


def test_lists_of_numbers_are_an_indicator():
    model = XRLinearClassifier(random_state=0).fit(np.eye(3), [[1, 0], [0, 1], [1, 1]])
    assert_array_equal(model.classes_, [0, 1])


@pytest.mark.parametrize("separator", [";", "; ", "|", " | ", ",", ", "])
def test_several_labels_in_a_text(separator):
    texts = [separator.join(pair) for pair in combinations("abcd", 2)]
    with pytest.warns(UserWarning, match="If these are several labels of a row") as caught:
        XRLinearClassifier(random_state=0).fit(np.eye(6), texts)
    assert caught[0].filename == __file__
    assert f"text.split({separator!r})" in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Not where classes have several rows, or few texts have it.
        XRLinearClassifier(random_state=0).fit(np.eye(6), texts[:3] * 2)
        XRLinearClassifier(random_state=0).fit(np.eye(6), [*texts[:2], *"abcd"])
        # Names with a comma have parts of their own, most of them.
        XRLinearClassifier(random_state=0).fit(np.eye(3), ["drill, red", "saw, red", "axe, big"])


@pytest.mark.parametrize("missing", [None, np.nan, "pandas"])
def test_labels_that_are_missing(missing):
    if missing == "pandas":
        missing = pytest.importorskip("pandas").NA
    for y in (["a", missing, "b"], [1, missing, 2], np.array(["a", missing, "b"], dtype=object)):
        with pytest.raises(ValueError, match=r"y must have a label for each row, got .* row 1"):
            XRLinearClassifier().fit(np.eye(3), y)


def test_many_texts_are_classes():
    y = np.array([f"class {number}" for number in range(60)], dtype=object)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = XRLinearClassifier(random_state=0).fit(np.eye(60), y)
    assert_array_equal(model.predict(np.eye(60)), y)


def test_sparse_frames():
    pandas = pytest.importorskip("pandas")
    X, Y = make_problem()
    frame = pandas.DataFrame.sparse.from_spmatrix(sp.csr_matrix(Y))
    model = XRLinearClassifier(TREE, random_state=0).fit(X, frame)
    peer = XRLinearClassifier(TREE, random_state=0).fit(X, sp.csr_array(Y))
    assert_same_weights(model, peer)
    assert sp.issparse(model.predict(X))


@cache
def fitted():
    return XRLinearClassifier(TREE, random_state=0).fit(*make_problem())


class TestWhichLabelsArePredicted:
    @pytest.fixture
    def model(self):
        return fitted()

    @pytest.mark.parametrize("threshold", [0, 0.1, 0.5, 0.99])
    @pytest.mark.parametrize("min_labels", [0, 1, 3, 12, 10**12])
    @pytest.mark.parametrize("transform", ["l3_hinge", "log_sigmoid", "noop"])
    def test_plain_definition(self, model, threshold, min_labels, transform):
        model = copy.copy(model).set_params(
            threshold=threshold, min_labels=min_labels, score_transform=transform, beam_width=3
        )
        Q = queries()
        labels, _ = model.rank(Q, 12)
        probabilities = model.predict_proba(Q)
        expected = (probabilities >= threshold).astype(int)
        for row, best in enumerate(labels[:, :min_labels]):
            expected[row, best] = 1
        assert_array_equal(model.predict(Q), expected)

    def test_auto(self):
        Q, (X, Y) = queries(), make_problem()
        X, Y = X[Y.any(axis=1)], Y[Y.any(axis=1)]
        model = XRLinearClassifier(TREE, random_state=0, threshold=1.0).fit(X, Y)
        assert_array_equal(model.predict(Q), model.set_params(min_labels=1).predict(Q))
        Y[0] = 0
        model = XRLinearClassifier(TREE, random_state=0, threshold=1.0).fit(X, Y)
        assert_array_equal(model.predict(Q), model.set_params(min_labels=0).predict(Q))

    @pytest.mark.parametrize(
        "params", [{"threshold": 1.5}, {"threshold": "f1"}, {"min_labels": -1}, {"min_labels": 0.5}]
    )
    def test_out_of_range(self, model, params):
        name = next(iter(params))
        with pytest.raises(ValueError, match=f"{name} must be"):
            copy.copy(model).set_params(**params).predict(queries())
        with pytest.raises(ValueError, match=f"'{name}' parameter"):
            XRLinearClassifier(**params).fit(*make_problem())
