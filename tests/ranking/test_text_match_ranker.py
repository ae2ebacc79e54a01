"""`TextMatchRanker`: what it learns, what it answers, and how it is taken apart."""

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from helpers.matrices import random_csr
from sklearn_xmr import CharNgramTfidf, WordNgramTfidf
from sklearn_xmr._growing import Numbering
from sklearn_xmr._kernels.match_scores import CERTAIN
from sklearn_xmr._ranking.default_coef import DEFAULT_VIEWS
from sklearn_xmr._ranking.default_weights import WEIGHTS
from sklearn_xmr._ranking.match_features import Words
from sklearn_xmr._ranking.text_match_ranker import TextMatchRanker
from sklearn_xmr._sparse import indptr_of
from sklearn_xmr._text.word_forms import folded_words

N_ROWS, N_LABELS, N_COLUMNS, WIDTH = 200, 40, 30, 12
VIEWS = {"words": slice(0, 20), "characters": slice(20, None)}


def problem(seed=0):
    """Rows that are noisy copies of their label's vector, and shortlists that mostly hold it."""
    rng = np.random.default_rng(seed)
    Z = random_csr(rng, (N_LABELS, N_COLUMNS), 0.3)
    of_row = rng.integers(0, N_LABELS, N_ROWS)
    noise = random_csr(rng, (N_ROWS, N_COLUMNS), 0.1)
    X = (Z[of_row] + noise).astype(np.float32)
    labels = np.argsort(rng.random((N_ROWS, N_LABELS)), axis=1)[:, :WIDTH]
    labels = np.where((labels == of_row[:, None]).any(axis=1)[:, None], labels, of_row[:, None])
    labels[(np.diff(np.sort(labels, axis=1), axis=1) == 0).any(axis=1), 1:] = -1
    labels[:, -1] = -1
    labels[0] = -1
    scores = -rng.random(labels.shape).astype(np.float32)
    scores[labels < 0] = np.nan
    Y = sp.csr_array((np.ones(N_ROWS), (np.arange(N_ROWS), of_row)), shape=(N_ROWS, N_LABELS))
    return X, labels, scores, Y, Z


def fitted(estimator=None, views=VIEWS, **extra):
    X, labels, scores, Y, Z = problem()
    ranker = TextMatchRanker(estimator, label_vectors=Z, views=views)
    return ranker.fit_shortlists(X, labels, scores, Y, **extra)


def test_finds_the_label_that_matches():
    X, labels, scores, Y, _ = problem()
    found = fitted().rescore(X, labels, scores)
    assert found.dtype == np.float32
    assert found.shape == labels.shape
    assert np.isneginf(found[labels < 0]).all()
    assert np.isfinite(found[labels >= 0]).all()
    best = np.take_along_axis(labels, found.argmax(axis=1)[:, None], axis=1)[1:, 0]
    truth = Y.indices[1:]
    is_there = (labels[1:] == truth[:, None]).any(axis=1)
    assert is_there.sum() > 50
    assert (best == truth)[is_there].mean() > 0.95


def test_contributions_add_up():
    X, labels, scores, _, _ = problem()
    ranker = fitted()
    values, products = ranker.contributions(X, labels, scores)
    assert values.shape == ((labels >= 0).sum(), len(ranker.feature_names_))
    np.testing.assert_allclose(products, values * ranker.coef_)
    found = ranker.rescore(X, labels, scores)[labels >= 0]
    np.testing.assert_allclose(products.sum(axis=1) + ranker.intercept_, found, rtol=1e-5)


def test_others_of_a_shortlist_take_probability_and_change_no_order():
    X, labels, scores, Y, Z = problem()
    Y = Y[[*range(1, 20), 0, *range(20, N_ROWS)]]  # without wrong rows, it would be certain
    ranker = TextMatchRanker(label_vectors=Z, views=VIEWS).fit_shortlists(X, labels, scores, Y)
    values, products = ranker.contributions(X, labels, scores)
    rows = np.nonzero(labels >= 0)[0]
    alone = products[:, :-1].sum(axis=1) + ranker.intercept_
    for row in np.unique(rows):
        odds = np.exp(np.minimum(alone[rows == row], CERTAIN))
        for pair, number in enumerate(np.flatnonzero(rows == row)):
            expected = np.log1p(np.delete(odds, pair).sum())
            np.testing.assert_allclose(values[number, -1], expected, rtol=1e-6, atol=1e-2)
    assert ranker.coef_[-1] < 0
    found = ranker.rescore(X, labels, scores)
    before = np.full(labels.shape, -np.inf, dtype=np.float32)
    before[labels >= 0] = alone
    np.testing.assert_array_equal(
        np.argsort(-found, kind="stable"), np.argsort(-before, kind="stable")
    )


def test_common_terms_have_weights_of_their_own():
    X, labels, scores, _, Z = problem()
    ranker = fitted()
    assert ranker.term_weights_.shape == (20,)
    column = ranker.feature_names_.index("weighted cosine")
    values, _ = ranker.contributions(X, labels, scores)
    words, label_words = X.toarray()[:, :20], Z.toarray()[:, :20]
    row, place = np.argwhere(labels >= 0)[7]
    a, b = words[row], label_words[labels[row, place]]
    expected = (a * b) @ ranker.term_weights_ / np.linalg.norm(a) / np.linalg.norm(b)
    np.testing.assert_allclose(values[7, column], expected, rtol=1e-5)


def test_a_label_s_score_does_not_depend_on_its_place():
    X, labels, scores, _, _ = problem()
    ranker = fitted()
    order = np.random.default_rng(1).permuted(np.tile(np.arange(WIDTH), (N_ROWS, 1)), axis=1)
    moved = [np.take_along_axis(array, order, axis=1) for array in (labels, scores)]
    expected = np.take_along_axis(ranker.rescore(X, labels, scores), order, axis=1)
    np.testing.assert_allclose(ranker.rescore(X, *moved), expected, rtol=1e-6)


@given(factor=st.floats(1e-3, 1e3), row=st.integers(1, N_ROWS - 1))
def test_the_length_of_vectors_means_nothing(factor, row):
    X, labels, scores, _, _ = problem()
    one = slice(row, row + 1)
    ranker = FITTED
    found = ranker.rescore(X[one] * np.float32(factor), labels[one], scores[one])
    expected = ranker.rescore(X[one], labels[one], scores[one])
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


FITTED = fitted()


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        DecisionTreeClassifier(max_depth=3, random_state=0),
    ],
)
def test_any_classifier_can_be_given(estimator):
    X, labels, scores, _, _ = problem()
    ranker = fitted(estimator)
    found = ranker.rescore(X, labels, scores)
    assert np.isfinite(found[labels >= 0]).all()
    table = FITTED.contributions(X, labels, scores)[0][:, :-1]
    table[:, ranker.feature_names_.index("weighted cosine")] = 0
    proba = ranker.estimator_.predict_proba(table)[:, 1]
    np.testing.assert_allclose(1 / (1 + np.exp(-found[labels >= 0])), proba, atol=1e-6)
    with pytest.raises(ValueError, match=r"^estimator must be None where scores are taken apart"):
        ranker.contributions(X, labels, scores)


def test_label_counts_are_those_of_the_models_that_made_the_shortlists():
    X, labels, scores, Y, _ = problem()
    counts = np.where(labels % 2, 0, 5)
    ranker = fitted(label_counts=counts)
    values, _ = ranker.contributions(X, labels, scores)
    totals = Y.sum(axis=0)[labels[labels >= 0]]  # afterwards the model is fitted to all rows
    column = ranker.feature_names_.index("log label count")
    np.testing.assert_allclose(values[:, column], np.log1p(totals))
    assert not np.allclose(ranker.coef_, FITTED.coef_)


def test_what_counts_differently_for_labels_of_many_rows():
    X, labels, scores, _, _ = problem()
    values, _ = FITTED.contributions(X, labels, scores)
    values = dict(zip(FITTED.feature_names_, values.T, strict=True))
    for name in ("words: cosine", "characters: cosine", "score", "gap to best score"):
        expected = values[name] * values["log label count"]
        np.testing.assert_array_equal(values[f"{name} by label count"], expected)


def test_pairs_of_labels_that_are_new_are_left_out():
    X, labels, scores, Y, Z = problem()
    Y = sp.csr_array(Y @ sp.diags_array(1.0 * (np.arange(N_LABELS) < 30)))
    assert (np.bincount(Y.indices[Y.data > 0]) > 1)[:30].all()  # none has a single row by chance
    ranker = TextMatchRanker(DummyClassifier(strategy="prior"), label_vectors=Z)
    base_rate = ranker.fit_shortlists(X, labels, scores, Y).estimator_.class_prior_[1]
    found = labels[labels >= 0]
    is_relevant = Y.toarray()[np.nonzero(labels >= 0)[0], found]
    assert (found >= 30).any()
    np.testing.assert_allclose(base_rate, is_relevant.sum() / (found < 30).sum())


def test_pairs_of_new_labels_are_kept_where_no_others_are_wrong():
    Z = np.eye(4)
    Y = np.tile([1, 0, 0, 0], (20, 1))
    shortlists, scores = np.tile(np.arange(4), (20, 1)), np.zeros((20, 4))
    ranker = TextMatchRanker(label_vectors=Z).fit_shortlists(Y, shortlists, scores, Y)
    assert (ranker.rescore(Z, shortlists[:4], scores[:4]).argmax(axis=1) == [0, 1, 2, 3]).all()


def packed(rows):
    """Words of which the numbers below 3 are numbers."""
    words = np.array([word for row in rows for word in row], dtype=np.int32)
    return Words(indptr_of(list(map(len, rows))), words, (words < 3).astype(np.uint8))


def test_words_in_order_are_features_where_they_are_given():
    X, labels, scores, Y, Z = problem()
    rng = np.random.default_rng(0)
    texts = rng.integers(0, 30, (N_LABELS, 6))
    words, label_words = packed(texts[Y.indices][:, 1:5]), packed(texts)
    ranker = TextMatchRanker(label_vectors=Z)
    ranker.fit_shortlists(X, labels, scores, Y, words=words, label_words=label_words)
    assert ranker.feature_names_[-2:] == ["numbers missing", "odds of the others"]
    values, _ = ranker.contributions(X, labels, scores, words=words)
    column = ranker.feature_names_.index("last word")
    is_relevant = Y.indices[np.nonzero(labels >= 0)[0]] == labels[labels >= 0]
    assert (values[is_relevant, column] == 1).all()
    assert values[~is_relevant, column].mean() < 0.5
    with pytest.raises(ValueError, match=r"^words must be given, as the labels' words were"):
        ranker.rescore(X, labels, scores)


def test_a_label_found_in_another_way_counts_as_the_worst():
    X, row = problem()[0], slice(1, 2)
    labels, scores = np.array([[0, 1, 2]]), np.float32([[-1, -3, -np.inf]])
    values, _ = FITTED.contributions(X[row], labels, scores)
    names = FITTED.feature_names_
    assert values[:, names.index("score")].tolist() == [-1, -3, -3]
    assert values[:, names.index("gap to best score")].tolist() == [0, 2, 2]
    assert values[:, names.index("has no score")].tolist() == [0, 0, 1]


def test_clone_pickle_and_parameters():
    X, labels, scores, _, _ = problem()
    ranker = fitted()
    assert set(ranker.get_params()) == {"estimator", "label_vectors", "views", "cv"}
    again = pickle.loads(pickle.dumps(ranker))
    np.testing.assert_array_equal(
        again.rescore(X, labels, scores), ranker.rescore(X, labels, scores)
    )
    with pytest.raises(NotFittedError):
        clone(ranker).rescore(X, labels, scores)


def test_default_weights_find_the_title_that_matches_best():
    titles = ["steel hex bolt 6 in", "brass hex bolt 3 in", "kitchen faucet chrome", "garden hose"]
    queries = ["6 in bolt", "chrome faucets for the kitchen", "garden hose"]
    words = [list(map(folded_words, texts)) for texts in (titles, queries)]
    folded = [[" ".join(text) for text in part] for part in words]
    blocks = [WordNgramTfidf(), WordNgramTfidf((2, 2)), CharNgramTfidf((3, 4))]
    Z = [block.fit_transform(folded[0]) for block in blocks]
    ends = np.cumsum([block.shape[1] for block in Z])
    views = dict(zip(DEFAULT_VIEWS, map(slice, [0, *ends], ends), strict=False))
    ranker = TextMatchRanker(label_vectors=sp.hstack(Z), views=views)
    number_of = Numbering(sorted({word for text in words[0] for word in text}))
    query_words, label_words = (Words.of(part, number_of) for part in words[::-1])
    ranker.fit_defaults(label_words=label_words)
    X = sp.hstack([block.transform(folded[1]) for block in blocks], format="csr")
    shortlists = np.tile(np.arange(4), (3, 1))
    found = ranker.rescore(X, shortlists, np.full((3, 4), -np.inf), words=query_words)
    assert found.argmax(axis=1).tolist() == [0, 2, 3]
    names = ranker.feature_names_
    values, products = ranker.contributions(X, shortlists, np.zeros((3, 4)), words=query_words)
    assert values[1, names.index("numbers contradicted")] == 1
    assert products[1, names.index("numbers contradicted")] < 0


def test_every_default_weight_is_that_of_a_feature():
    views = {name: slice(i, i + 1) for i, name in enumerate(DEFAULT_VIEWS)}
    ranker = TextMatchRanker(label_vectors=np.eye(3), views=views).fit_defaults(
        label_words=packed([[0], [1], [2]])
    )
    assert set(WEIGHTS) <= set(ranker.feature_names_)


def test_other_views_share_default_weights_and_their_probabilities_add_up_to_one_at_most():
    X, labels, scores, _, Z = problem()
    thrice = {
        name: slice(i * N_COLUMNS, (i + 1) * N_COLUMNS) for i, name in enumerate(DEFAULT_VIEWS)
    }
    known = TextMatchRanker(label_vectors=sp.hstack([Z] * 3), views=thrice).fit_defaults()
    odds = np.exp(known.rescore(sp.hstack([X] * 3), labels, scores), dtype=np.float64)
    expected = odds / (1 + odds.sum(axis=1, keepdims=True))
    twice = [slice(0, N_COLUMNS), slice(N_COLUMNS, None)]
    for copies, views in ((1, None), (2, twice)):
        ranker = TextMatchRanker(label_vectors=sp.hstack([Z] * copies), views=views).fit_defaults()
        found = expit(ranker.rescore(sp.hstack([X] * copies), labels, scores))
        np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_fewer_queries_the_more_weights_are_drawn_to_default_ones():
    X, labels, scores, Y, Z = problem()
    views = dict(zip(DEFAULT_VIEWS, map(slice, (0, 10, 20), (10, 20, 30)), strict=True))
    ranker = TextMatchRanker(label_vectors=Z, views=views)
    start, distances = clone(ranker).fit_defaults().coef_[:-1], []
    for n_rows in (20, 60, 200):
        # Repeated rows say the same: what differs is how many there are.
        again = np.tile(np.arange(1, 21), n_rows // 20)
        given = X[again], labels[again], scores[again], Y[again]
        distances.append(np.abs(clone(ranker).fit_shortlists(*given).coef_[:-1] - start).max())
    assert distances[0] < distances[1] < distances[2]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"label_vectors": None}, "^label_vectors must be given where"),
        ({"label_vectors": np.eye(3, N_COLUMNS)}, "^Y must have a row for each of the 200 rows"),
        ({"label_vectors": np.eye(N_LABELS, 7)}, "^X must have the label vectors' 7 columns, got"),
        ({"views": [slice(3, 3)]}, "^views must be slices of the 30 columns"),
        ({"views": [slice(0, 9, 2)]}, "^views must be slices of the 30 columns"),
        ({"views": {"words": 3}}, "^views must be slices of the 30 columns"),
        ({"views": []}, "^views must be at least one slice"),
    ],
)
def test_parameters_are_checked(params, message):
    X, labels, scores, Y, Z = problem()
    ranker = TextMatchRanker(**{"label_vectors": Z, **params})
    with pytest.raises(ValueError, match=message):
        ranker.fit_shortlists(X, labels, scores, Y)


@pytest.mark.parametrize("estimator", [LinearRegression(), LogisticRegression, 3])
def test_what_scores_no_pairs_is_refused_before_it_is_trained(estimator):
    X, labels, scores, Y, Z = problem()
    ranker = TextMatchRanker(estimator, label_vectors=Z)
    with pytest.raises(TypeError, match=r"^estimator must be"):
        ranker.fit_shortlists(X, labels, scores, Y)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": np.zeros(N_ROWS, dtype=int)}, "^labels must be integers of shape"),
        ({"labels": np.full((N_ROWS, WIDTH), 0.5)}, "^labels must be integers of shape"),
        ({"labels": np.full((N_ROWS, WIDTH), N_LABELS)}, "^labels must lie between -1 and 39"),
        ({"labels": np.full((N_ROWS, WIDTH), -1)}, "^labels must hold relevant labels and others"),
        ({"scores": np.zeros((N_ROWS, 3))}, r"^scores must be numbers of shape \(200, 12\)"),
        ({"scores": np.full((N_ROWS, WIDTH), np.inf)}, "^scores must be finite or -inf, got inf"),
        ({"label_counts": np.zeros(3)}, r"^label_counts must be of shape \(200, 12\), got"),
    ],
)
def test_shortlists_are_checked(change, message):
    X, labels, scores, Y, Z = problem()
    arguments = {"labels": labels, "scores": scores, **change}
    with pytest.raises(ValueError, match=message):
        TextMatchRanker(label_vectors=Z).fit_shortlists(X, Y=Y, **arguments)
