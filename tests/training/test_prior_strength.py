"""How `prior_strength="auto"` chooses: by rows of labels that lose all of theirs."""

import warnings

import numpy as np
import pytest

from helpers.models import SCATTERED
from helpers.reference import make_problem
from sklearn_xmr import XRLinearClassifier
from sklearn_xmr._training.prior_strength import DEFAULT, STRENGTHS


def test_trusts_vectors_that_say_more():
    # Rows have half of the words of their labels' vectors; the prior's are those, or other labels'.
    rng = np.random.default_rng(0)
    vectors = rng.random((60, 40)) * (rng.random((60, 40)) < 0.2)
    labels = np.arange(180) % 60
    X = vectors[labels] * (rng.random((180, 40)) < 0.5)
    X[:, 0] += 0.1
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    strengths = [
        XRLinearClassifier(label_prior=prior, prior_strength="auto", random_state=0)
        .fit(X, labels)
        .prior_strength_
        for prior in (vectors, vectors[rng.permutation(60)])
    ]
    assert strengths[0] > strengths[1]


def test_new_labels_count_as_much_as_there_are():
    # The vectors say nothing of what rows have; labels without rows have nothing else.
    rng = np.random.default_rng(0)
    vectors = np.hstack([np.eye(30), np.zeros((30, 30))])
    noise = rng.permutation(30)
    labels = np.arange(240) % 30
    X = 0.8 * vectors[labels] + 0.6 * np.roll(vectors, 30, axis=1)[noise[labels]]
    prior = vectors + 0.8 * vectors[np.roll(np.arange(30), 1)]
    data = {"label_prior": prior, "prior_strength": "auto", "random_state": 0}
    all_known = XRLinearClassifier(**data).fit(X, np.eye(30, dtype=int)[labels])
    many = np.vstack([prior, np.eye(60)[rng.integers(0, 60, 270)]])
    Y = np.zeros((240, 300), dtype=int)
    Y[np.arange(240), labels] = 1
    mostly_new = XRLinearClassifier(**data | {"label_prior": many}).fit(X, Y)
    assert all_known.prior_strength_ < mostly_new.prior_strength_


def test_is_the_model_of_what_it_chose():
    X, Y = make_problem()
    prior = np.eye(12, 25)
    params = {"indexer": SCATTERED, "label_prior": prior, "random_state": 3}
    auto = XRLinearClassifier(prior_strength="auto", **params).fit(X, Y)
    again = XRLinearClassifier(prior_strength="auto", **params).fit(X, Y)
    given = XRLinearClassifier(prior_strength=auto.prior_strength_, **params).fit(X, Y)
    scores = auto.decision_function(X)
    assert auto.prior_strength_ == again.prior_strength_ == given.prior_strength_
    np.testing.assert_array_equal(scores, given.decision_function(X))
    np.testing.assert_array_equal(scores, again.decision_function(X))


@pytest.mark.parametrize("Y", [np.ones((2, 3), dtype=int), np.eye(2, 3, dtype=int)])
def test_few_rows_take_the_default(Y):
    model = XRLinearClassifier(label_prior=np.eye(3, 4), prior_strength="auto", random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        model.fit(np.eye(2, 4), Y)
    assert model.prior_strength_ in STRENGTHS
    if Y.all():
        assert model.prior_strength_ == DEFAULT


def test_weights_and_relevances_go_with_their_rows():
    X, Y = make_problem()
    model = XRLinearClassifier(
        SCATTERED, label_prior=np.eye(12, 25), prior_strength="auto", random_state=0
    )
    weight = np.ones(len(Y))
    weight[::5] = 0
    relevance = np.where(Y, 0.5 + np.arange(len(Y))[:, None] / len(Y), 0)
    model.fit(X, Y, sample_weight=weight, relevance=relevance, negatives=Y)
    assert model.prior_strength_ in STRENGTHS
