"""A user's own ranker, against the shortlist scored anew by hand."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from helpers.own_stages import (
    INDEXER,
    N_LABELS,
    Rule,
    Table,
    assert_same_predictions,
    classifier,
    keep,
    kinds_of_y,
)
from helpers.reference import assert_same_ranking, make_problem, queries


def by_hand(model, function, X, k, **options):
    """Ranking of a classifier without a ranker, re-scored label by label."""
    size = max(k, model.shortlist_size)
    labels, paths = model.rank(X, size, **options)
    positions = np.full((X.shape[0], k), -1)
    found = np.full((X.shape[0], k), -np.inf)
    for row in range(X.shape[0]):
        anew = [
            (-function(label, path), label)
            for label, path in zip(labels[row].tolist(), paths[row].tolist(), strict=True)
            if label >= 0
        ]
        anew = [pair for pair in sorted(anew) if pair[0] < np.inf][:k]
        for place, (score, label) in enumerate(anew):
            positions[row, place], found[row, place] = label, -score
    return positions, found


RULES = {
    "other order": (lambda label, path: 0.5 * path - (label * 5 % 7)),
    "ties": (lambda label, path: -(label % 3)),
    "some dropped": (lambda label, path: path - 1 if label % 4 else -np.inf),
    "above 0": (lambda label, path: 3 + label / 12),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("params", [{}, {"n_trees": 3}, {"shortlist_size": 30}])
def test_a_ranker_scores_the_shortlist_anew(rule, params):
    X, Y = make_problem()
    plain = classifier(INDEXER, score_transform="log_l3_hinge", **params).fit(X, Y)
    function = np.vectorize(RULES[rule], otypes=[float])
    ranked = clone(plain).set_params(ranker=Rule(function)).fit(X, Y)
    candidates = np.random.default_rng(0).random((40, N_LABELS)) < 0.4
    for k in (1, 3, 8, 14):
        for options in ({}, {"candidates": candidates}):
            expected = by_hand(plain, RULES[rule], queries(), k, **options)
            assert_same_ranking(ranked.rank(queries(), k, **options), expected)
    labels, scores = by_hand(plain, RULES[rule], queries(), 5)
    low = scores < -2
    expected = np.where(low, -1, labels), np.where(low, -np.inf, scores)
    assert_same_ranking(ranked.rank(queries(), 5, min_score=-2), expected)


@pytest.mark.parametrize("transform", ["l3_hinge", "log_sigmoid", "noop"])
@pytest.mark.parametrize("params", [{}, {"n_trees": 2}])
def test_a_ranker_that_keeps_the_scores_changes_nothing(params, transform):
    X, Y = make_problem()
    for y in kinds_of_y(Y):
        plain = classifier(INDEXER, score_transform=transform, **params).fit(X, y)
        ranked = clone(plain).set_params(ranker=Rule(keep)).fit(X, y)
        candidates = np.arange(N_LABELS) % 3 == 0
        for k in (1, 4, 15):
            for options in ({}, {"candidates": candidates}, {"min_score": 0.3}):
                for found, expected in zip(
                    ranked.rank(queries(), k, **options),
                    plain.rank(queries(), k, **options),
                    strict=True,
                ):
                    assert_array_equal(found, expected)
        assert_same_predictions(ranked, plain, queries(), exact=True)
        assert ranked.score(X, y) == plain.score(X, y)
        asked = [plain.classes_[[0, 5, 5, 11]]] * 40
        assert_array_equal(
            ranked.score_pairs(queries(), asked), plain.score_pairs(queries(), asked)
        )


def test_predictions_follow_the_ranker():
    X, Y = make_problem()
    plain, ranked = (
        classifier("deep", ranker=ranker).fit(X, Y)
        for ranker in (None, Rule(lambda labels, scores: -np.abs(labels - 6.0)))
    )
    shortlist, _ = plain.rank(queries(), 5)
    wanted = np.zeros((40, N_LABELS + 1))
    np.put_along_axis(wanted, shortlist, np.exp(-np.abs(shortlist - 6.0)), axis=1)
    wanted = wanted[:, :-1]  # without what stands for fillers
    assert_allclose(ranked.predict_proba(queries()), wanted, rtol=1e-6, atol=1e-300)
    ranked.set_params(threshold=0.5, min_labels=0)
    assert_array_equal(ranked.predict(queries()), wanted >= 0.5)
    scores = ranked.decision_function(queries())
    assert_allclose(scores[wanted > 0], wanted[wanted > 0], rtol=1e-6)


def test_two_classes():
    X, Y = make_problem()
    y = np.array(["no", "yes"])[Y[:, 0]]
    model = classifier(None, shortlist_size=1, ranker=Rule(lambda labels, scores: -3.0 * labels))
    model.fit(X, y)
    assert_allclose(model.decision_function(queries()), -3)
    model.shortlist_size = 2
    assert (model.predict(queries()) == "no").all()
    assert_allclose(model.predict_proba(queries())[:, 0], 1 / (1 + np.exp(-3)), rtol=1e-6)


def test_given_labels_are_scored_by_the_ranker():
    X, Y = make_problem()
    plain = classifier("deep").fit(X, Y)
    ranked = clone(plain).set_params(ranker=Rule(lambda labels, scores: scores / 2 - labels))
    asked = np.random.default_rng(0).integers(0, N_LABELS, size=(40, 6))
    expected = np.sqrt(plain.score_pairs(queries(), asked)) * np.exp(-asked.astype(float))
    asked[:, 0] = -1
    expected[:, 0] = -np.inf
    found = ranked.fit(X, Y).score_pairs(queries(), asked)
    assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_what_a_ranker_is_given():
    X, Y = make_problem()
    model = classifier("deep", ranker=Table(scores=np.zeros((40, 5)))).fit(X, Y)
    rows, indicator = model.ranker_.fitted_on_
    assert_array_equal(rows.toarray(), X.toarray())
    assert_array_equal(indicator.toarray(), Y)
    assert rows.format == indicator.format == "csr"
    plain = classifier("deep", score_transform="log_l3_hinge").fit(X, Y)
    model.rank(queries(), 2)
    for found, expected in zip(model.ranker_.asked_for_, plain.rank(queries(), 5), strict=True):
        assert_array_equal(found, expected)


@pytest.mark.parametrize("transform", ["l3_hinge", "log_l3_hinge"])
def test_scores_above_any_exponential_stay_finite(transform):
    X, Y = make_problem()
    model = classifier("deep", ranker=Rule(lambda labels, scores: 1e6 + labels))
    model.set_params(score_transform=transform)
    for y in kinds_of_y(Y):
        model.fit(X, y)
        labels, scores = model.rank(queries(), 3)
        assert np.isfinite(scores).all()
        assert (labels[:, :-1] > labels[:, 1:]).all()
        found = model.decision_function(queries())
        assert np.isfinite(found.data if sp.issparse(found) else found).all()
        if y.ndim == 1:
            assert (model.predict(queries()) == labels[:, 0]).all()
            assert_allclose(model.predict_proba(queries()).sum(axis=1), 1)
        else:
            whole = np.isfinite(model.rank(queries(), 5)[1]).sum()
            assert model.predict(queries()).sum() == whole
            with pytest.raises(ValueError, match="matcher or ranker"):
                model.predict_proba(queries())


@pytest.mark.parametrize(
    "scores",
    [
        None,
        1.0,
        np.zeros((40, 4)),
        np.zeros(40),
        np.zeros((40, 5, 1)),
        np.full((40, 5), np.nan),
        np.full((40, 5), np.inf),
        np.full((40, 5), 1e39),
        np.zeros((40, 5), dtype=complex),
        np.full((40, 5), "0"),
        sp.csr_array((40, 5)),
        [[0.0], [0.0, 1.0]] * 20,
    ],
)
def test_wrong_scores(scores):
    X, Y = make_problem()
    model = classifier("deep", ranker=Table(scores=scores)).fit(X, Y)
    pairs = lambda X: model.score_pairs(X, range(5))  # noqa: E731
    for predict in (model.rank, model.predict, pairs):
        with pytest.raises(ValueError, match="ranker: rescore"):
            predict(queries()) if predict is not model.rank else model.rank(queries(), 5)


def test_a_ranker_may_write_into_what_it_is_given():
    def write(X, labels, scores):
        X.indices[:] = 10**6
        labels[:] = 10**6
        scores *= 2
        return scores

    X, Y = make_problem()
    model = classifier("deep", ranker=Rule(keep)).fit(X, Y)
    model.ranker_.rescore = write
    rows = queries()
    found = model.rank(rows, 5)
    assert (rows != queries()).nnz == 0
    model.ranker_.rescore = lambda X, labels, scores: 2 * scores
    expected = model.rank(rows, 5)
    assert_array_equal(found[0], expected[0])
    assert_array_equal(found[1], expected[1])
