"""A user's own matcher and ranker, against brute force and the classifier's own search."""

import pickle
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from own_stages import CentroidMatcher, PopularityRanker
from reference import (
    TREES,
    Reference,
    assert_same_ranking,
    combine,
    make_problem,
    queries,
    random_tree,
    shown,
)
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from sklearn_xmr import (
    HierarchicalKMeansIndexer,
    LabelTree,
    QueryAutocompleter,
    XRLinearClassifier,
    inspection,
    rank,
    surgery,
)
from sklearn_xmr._training import fit_trees
from sklearn_xmr.interop import dump_pecos_model

N_LABELS = 12
DEEP = [name for name, parents in TREES.items() if len(parents) > 1]
INDEXER = HierarchicalKMeansIndexer(2, max_leaf_size=2)


class Replay:
    """Finds the nodes that the search of a classifier goes through. No estimator."""

    def __init__(self, model):
        self.model = model

    def fit(self, X, M):
        pass

    def match(self, X, k):
        reference = Reference(self.model)
        lowest = reference._lowest_labels()
        nodes = np.full((X.shape[0], k), -1)
        scores = np.full((X.shape[0], k), -np.inf)
        for row, x in enumerate(X.toarray()):
            paths = reference.paths(x, self.model.score_transform)
            beam = [0]
            for depth, parents in enumerate(reference.parents[:-1]):
                children = [
                    node
                    for node in np.flatnonzero(np.isin(parents, beam))
                    if lowest[depth][node] is not None
                ]
                children.sort(key=lambda node: (-paths[depth][node], lowest[depth][node]))
                beam = children[: self.model.beam_width]
            nodes[row, : len(beam)] = beam
            scores[row, : len(beam)] = paths[-2][beam]
        return nodes, scores


class Table(BaseEstimator):
    """Answers what it has been told."""

    def __init__(self, *, nodes=None, scores=None):
        self.nodes = nodes
        self.scores = scores

    def fit(self, X, M):
        self.fitted_on_ = X, M
        return self

    def match(self, X, k):
        self.asked_for_ = k
        return self.nodes, self.scores

    def rescore(self, X, labels, scores):
        self.asked_for_ = labels, scores
        return self.scores


class Rule:
    """A ranker that is one function of labels and scores."""

    def __init__(self, function):
        self.function = function

    def fit(self, X, Y):
        pass

    def rescore(self, X, labels, scores):
        return self.function(labels, scores)


def keep(labels, scores):
    return scores


def classifier(indexer, **params):
    params = {"random_state": 0, "beam_width": 3, "shortlist_size": 5} | params
    if isinstance(indexer, str):
        indexer = LabelTree.from_parents(TREES[indexer])
    return XRLinearClassifier(indexer, **params)


def assert_same_predictions(model, expected, X, exact=False):
    found, wanted = model.predict(X), expected.predict(X)
    assert type(found) is type(wanted)
    assert (found != wanted).sum() == 0
    for name in ("predict_proba", "decision_function"):
        found, wanted = getattr(model, name)(X), getattr(expected, name)(X)
        assert type(found) is type(wanted)
        if sp.issparse(found):
            found, wanted = found.toarray(), wanted.toarray()
        assert_allclose(found, wanted, rtol=0 if exact else 2e-5, atol=0 if exact else 1e-6)


def kinds_of_y(Y):
    yield Y
    yield sp.csr_array(Y)
    codes = Y.argmax(axis=1)
    codes[:N_LABELS] = range(N_LABELS)
    yield np.array([f"class {i:02d}" for i in range(N_LABELS)])[codes]


# The matcher


@pytest.mark.parametrize("transform", ["l3_hinge", "log_sigmoid", "noop"])
@pytest.mark.parametrize("name", DEEP)
def test_a_matcher_that_replays_the_search_changes_nothing(name, transform):
    X, Y = make_problem()
    for y in kinds_of_y(Y):
        whole = classifier(name, score_transform=transform).fit(X, y)
        model = clone(whole).set_params(matcher=Replay(whole)).fit(X, y)
        (last,) = model.layers_
        assert_array_equal(last.coef_.toarray(), whole.layers_[-1].coef_.toarray())
        assert_array_equal(last.intercept_, whole.layers_[-1].intercept_)
        assert_array_equal(model.n_iter_, whole.n_iter_[-1:])
        for k in (1, 4, 15):
            assert_same_ranking(model.rank(queries(), k), whole.rank(queries(), k))
        assert_same_predictions(model, whole, queries())
        assert model.score(X, y) == whole.score(X, y)


def below_matches(model, X, nodes, scores, k, candidates=None):
    """What the last layer makes of given nodes: positions and log-domain scores, by hand."""
    transform, (layer,) = model.score_transform, model.layers_
    parents, coef, intercept = (
        model.label_tree_.parents[-1],
        layer.coef_.toarray(),
        layer.intercept_,
    )
    positions = np.full((X.shape[0], k), -1)
    paths = np.full((X.shape[0], k), -np.inf, dtype=np.float32)
    for row, x in enumerate(X.toarray()):
        margins = intercept.astype(np.float32)
        for feature in np.flatnonzero(x):
            margins = margins + np.float32(x[feature]) * coef[feature]
        found = []
        for node, score in zip(nodes[row], scores[row], strict=True):
            for label in np.flatnonzero(parents == node) if np.isfinite(score) else []:
                above = np.float32(score)
                path = combine(above, margins[label], transform)
                path = path if layer.has_model_[label] else above
                if candidates is None or candidates[row, label]:
                    found.append((-path, label))
        for place, (path, label) in enumerate(sorted(found)[:k]):
            positions[row, place], paths[row, place] = label, -path
    return positions, paths


@pytest.mark.parametrize("transform", ["l3_hinge", "log_l2_hinge", "sigmoid", "noop"])
@pytest.mark.parametrize("seed", range(4))
def test_labels_below_whatever_nodes_a_matcher_gives(seed, transform):
    rng = np.random.default_rng(seed)
    tree = random_tree(rng, N_LABELS, n_layers=int(rng.integers(2, 5)))
    X, Y = make_problem(seed)
    rows = queries(seed)
    n_rows, n_nodes = rows.shape[0], len(tree.parents[-2])
    width = int(rng.integers(1, n_nodes + 1))
    nodes = np.array([rng.permutation(n_nodes)[:width] for _ in range(n_rows)])
    scores = -rng.exponential(size=nodes.shape)
    nodes[rng.random(nodes.shape) < 0.2] = -1
    scores[rng.random(nodes.shape) < 0.1] = -np.inf
    matcher = Table(nodes=nodes, scores=scores)
    model = classifier(tree, matcher=matcher, beam_width=n_nodes, score_transform=transform)
    model.fit(X, Y)
    candidates = rng.random((n_rows, N_LABELS)) < 0.5
    for k in (1, 3, 14):
        for allowed in (None, candidates):
            expected = below_matches(model, rows, nodes, scores, k, allowed)
            found = model.rank(rows, k, candidates=allowed)
            assert_same_ranking(found, (expected[0], shown(expected[1], transform)))
    labels, expected = below_matches(model, rows, nodes, scores, N_LABELS)
    of_each = np.full((n_rows, N_LABELS + 1), -np.inf)
    np.put_along_axis(of_each, labels, shown(expected, transform), axis=1)
    asked = rng.integers(0, N_LABELS, size=(n_rows, 20))
    assert_allclose(
        model.score_pairs(rows, asked), np.take_along_axis(of_each, asked, 1), rtol=2e-5, atol=1e-6
    )


@pytest.mark.parametrize("beam_width", [2, 100])
def test_what_a_matcher_is_given(beam_width):
    X, Y = make_problem()
    tree = LabelTree.from_parents(TREES["childless nodes"])
    n_nodes = len(tree.parents[-2])
    matcher = Table(nodes=np.zeros((40, 1), dtype=int), scores=np.zeros((40, 1)))
    model = classifier(tree, matcher=matcher, beam_width=beam_width).fit(X, Y)
    assert model.matcher_ is not matcher
    assert not hasattr(matcher, "fitted_on_")
    rows, M = model.matcher_.fitted_on_
    assert_array_equal(rows.toarray(), X.toarray())
    assert rows.format == M.format == "csr"
    expected = np.zeros((len(Y), n_nodes))
    for label, parent in enumerate(tree.parents[-1]):
        expected[:, parent] = np.maximum(expected[:, parent], Y[:, label])
    assert_array_equal(M.toarray(), expected)
    model.rank(queries())
    assert model.matcher_.asked_for_ == min(beam_width, n_nodes)
    model.score_pairs(queries(), [0])
    assert model.matcher_.asked_for_ == n_nodes


def test_rows_that_weigh_nothing_reach_neither_stage():
    X, Y = make_problem()
    weight = np.ones(len(Y))
    weight[::3] = 0
    model = classifier("deep", matcher=Table(), ranker=Table())
    model.fit(X, Y, sample_weight=weight)
    for stage in (model.matcher_, model.ranker_):
        assert_array_equal(stage.fitted_on_[0].toarray(), X[weight > 0].toarray())
    assert_array_equal(model.ranker_.fitted_on_[1].toarray(), Y[weight > 0])


def test_in_a_tree_of_one_layer_the_matcher_is_not_used():
    X, Y = make_problem()
    model = classifier("flat", matcher=CentroidMatcher()).fit(X, Y)
    assert model.matcher_ is None
    assert_same_predictions(model, classifier("flat").fit(X, Y), queries(), exact=True)


def test_matcher_aware_negatives_are_the_matcher_s():
    X, Y = make_problem()
    upper = classifier("deep").fit(X, Y)
    n_layers = len(upper.layers_)
    whole = clone(upper).set_params(negatives=["tfn"] * (n_layers - 1) + ["man"]).fit(X, Y)
    model = clone(whole).set_params(matcher=Replay(upper)).fit(X, Y)
    found, expected = model.layers_[-1].coef_.toarray(), whole.layers_[-1].coef_.toarray()
    assert_array_equal(found, expected)
    assert (expected != upper.layers_[-1].coef_.toarray()).any()


def test_each_tree_of_an_ensemble_has_a_matcher():
    X, Y = make_problem()
    params = {"n_trees": 3, "beam_width": 2, "score_transform": "log_l3_hinge"}
    model = classifier(INDEXER, matcher=CentroidMatcher(), **params).fit(X, Y)
    paths = np.full((40, N_LABELS, 3), -np.inf)
    for tree, (label_tree, layers) in enumerate(model.trees_):
        Z = Y @ np.eye(len(label_tree.parents[-2]))[label_tree.parents[-1]]
        matcher = CentroidMatcher().fit(X, sp.csr_array((Z > 0).astype(float)))
        single = SimpleNamespace(
            label_tree_=label_tree, layers_=layers, score_transform="log_l3_hinge"
        )
        labels, scores = below_matches(single, queries(), *matcher.match(queries(), 2), 5)
        rows, places = np.nonzero(labels >= 0)
        paths[rows, labels[rows, places], tree] = scores[rows, places]
    with np.errstate(divide="ignore"):
        mean = np.log(np.exp(paths).mean(axis=2))
    labels, scores = model.rank(queries(), 4)
    expected = -np.sort(-mean, axis=1)[:, :4]
    assert_allclose(scores, expected, rtol=1e-4, atol=1e-5)
    found = np.take_along_axis(mean, np.maximum(labels, 0), axis=1)
    assert_allclose(np.where(labels < 0, -np.inf, found), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("stage", ["matcher", "ranker"])
def test_rows_that_get_no_label(stage):
    X, Y = make_problem()
    nothing = {"nodes": np.empty((40, 0), dtype=int), "scores": np.empty((40, 0))}
    if stage == "ranker":
        nothing = {"scores": np.full((40, 5), -np.inf)}
    for y in kinds_of_y(Y):
        model = classifier("deep", **{stage: Table(**nothing)}).fit(X, y)
        assert np.isneginf(model.rank(queries(), 5)[1]).all()
        predicted, probabilities = model.predict(queries()), model.predict_proba(queries())
        if np.ndim(y) == 1:
            assert (predicted == model.classes_[0]).all()
            assert_allclose(probabilities, 1 / N_LABELS)
        elif sp.issparse(y):
            assert predicted.nnz == probabilities.nnz == model.decision_function(queries()).nnz == 0
        else:
            assert not predicted.any()
            assert (probabilities < 1e-300).all()
            assert np.isfinite(model.decision_function(queries())).all()


ONES = np.zeros((40, 1))
GOOD = np.zeros((40, 1), dtype=int), ONES


@pytest.mark.parametrize(
    "found",
    [
        None,
        3,
        (),
        (*GOOD, ONES),
        (GOOD[0][:, 0], ONES[:, 0]),
        (GOOD[0][:39], ONES[:39]),
        (np.zeros((40, 4), dtype=int), np.zeros((40, 4))),
        (GOOD[0], np.zeros((40, 2))),
        (GOOD[0], ONES[:39]),
        (ONES, ONES),
        (GOOD[0] == 0, ONES),
        (sp.csr_array(GOOD[0]), ONES),
        ([[0], [0, 1]] * 20, ONES),
        (GOOD[0] + 8, ONES),
        (GOOD[0] - 2, ONES),
        (np.full((40, 1), 2**63, dtype=np.uint64), ONES),
        (np.zeros((40, 2), dtype=int), np.zeros((40, 2))),
        (GOOD[0], ONES * np.nan),
        (GOOD[0], ONES + np.inf),
        (GOOD[0], ONES + 1e39),
        (GOOD[0], ONES + 1j),
        (GOOD[0], ONES.astype(str)),
        (GOOD[0], [[0.0], [0.0, 1.0]] * 20),
    ],
)
def test_wrong_matches(found):
    X, Y = make_problem()
    model = classifier("deep", matcher=Table()).fit(X, Y)
    assert len(model.label_tree_.parents[-2]) == 8
    model.matcher_.match = lambda X, k: found
    for predict in (model.rank, model.predict, lambda X: model.score_pairs(X, [0])):
        with pytest.raises(ValueError, match="matcher: match"):
            predict(queries())


def test_scores_of_no_node_may_be_anything():
    X, Y = make_problem()
    nodes, scores = np.array([[0, -1]] * 40), np.array([[-1.0, np.nan]] * 40)
    model = classifier("deep", matcher=Table(nodes=nodes, scores=scores)).fit(X, Y)
    other = classifier("deep", matcher=Table(nodes=nodes[:, :1], scores=scores[:, :1])).fit(X, Y)
    assert_same_predictions(model, other, queries(), exact=True)


# The ranker


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
@pytest.mark.parametrize(
    "params", [{}, {"n_trees": 3}, {"n_trees": 2, "ensemble": "rank"}, {"shortlist_size": 30}]
)
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
@pytest.mark.parametrize("params", [{}, {"n_trees": 2}, {"n_trees": 2, "ensemble": "rank"}])
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
        if "ensemble" not in params:
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


def test_stages_are_asked_for_a_batch_of_rows_at_a_time():
    sizes = []

    class Sized(CentroidMatcher):
        def match(self, X, k):
            sizes.append(X.shape[0])
            nodes, scores = super().match(X, k)
            n_kept = len(sizes) % (k + 1)  # of another width each time
            return nodes[:, :n_kept], scores[:, :n_kept]

        def rescore(self, X, labels, scores):
            sizes.append(X.shape[0])
            assert labels.shape == scores.shape == (X.shape[0], 5)
            return scores + X[:, [0]].toarray()

    X, Y = make_problem()
    many = sp.vstack([queries()] * 250, format="csr")
    labels, _ = classifier("deep", matcher=Sized()).fit(X, Y).rank(many, 3)
    assert sum(sizes) == len(labels)
    assert max(sizes) < len(labels)
    ends = np.cumsum(sizes)
    for n_kept, (start, stop) in enumerate(pairwise([0, *ends]), start=1):
        model = classifier("deep", matcher=CentroidMatcher(), beam_width=n_kept).fit(X, Y)
        expected = model.rank(many[start:stop], 3)
        assert_array_equal(labels[start:stop], expected[0])
    sizes.clear()
    ranked = classifier("deep", ranker=Sized()).fit(X, Y)
    labels, _ = ranked.rank(many, 3)
    assert sum(sizes) == len(labels)
    for row in range(0, 10000, 999):
        assert_array_equal(labels[row], ranked.rank(many[[row]], 3)[0][0])


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


# Both


class Untouched:
    """An indexer that nobody must ask."""

    def fit(self, Z, y=None):
        raise AssertionError


@pytest.mark.parametrize("name", ["matcher", "ranker"])
@pytest.mark.parametrize("stage", [3, "mean", object(), INDEXER, CentroidMatcher, PopularityRanker])
def test_what_is_no_stage_is_refused_at_once(name, stage):
    X, Y = make_problem()
    with pytest.raises(TypeError, match=name):
        classifier(Untouched(), **{name: stage}).fit(X, Y)
    with pytest.raises(TypeError, match="indexer"):
        classifier(HierarchicalKMeansIndexer).fit(X, Y)


@pytest.mark.parametrize("seed", [None, 3])
def test_an_indexer_need_not_be_an_estimator(seed):
    class Pairs:
        random_state = seed

        def fit(self, Z, y=None):
            self.tree_ = LabelTree.from_parents([np.zeros(6), np.arange(12) // 2])

    indexer = Pairs()
    model = classifier(indexer, n_trees=2).fit(*make_problem())
    assert model.label_tree_ == model.trees_[1].label_tree
    assert not hasattr(indexer, "tree_")


@pytest.mark.parametrize("name", ["matcher", "ranker"])
def test_random_state_seeds_a_stage_that_has_none(name):
    class Seeded(Table):
        def __init__(self, random_state=None):
            super().__init__()
            self.random_state = random_state

    X, Y = make_problem()
    seeds = []
    for random_state in (0, 0, 1):
        model = classifier("deep", **{name: Seeded()}, random_state=random_state).fit(X, Y)
        seeds.append(getattr(model, f"{name}_").random_state)
    assert seeds[0] == seeds[1] != seeds[2]
    model = classifier("deep", **{name: Seeded(random_state=7)}).fit(X, Y)
    assert getattr(model, f"{name}_").random_state == 7


def both(**params):
    stages = {"matcher": CentroidMatcher(), "ranker": PopularityRanker()}
    return classifier(INDEXER, **stages, **params)


def test_an_error_of_a_stage_leaves_the_model_as_it_was():
    class Failing(PopularityRanker):
        def fit(self, X, Y):
            raise RuntimeError("no")

    X, Y = make_problem()
    model = both().fit(X, Y)
    before = model.rank(queries())
    with pytest.raises(RuntimeError):
        model.set_params(ranker=Failing()).fit(X, Y)
    assert_array_equal(model.rank(queries())[1], before[1])


def test_refitting_without_stages():
    X, Y = make_problem()
    model = both().fit(X, Y).set_params(matcher=None, ranker=None).fit(X, Y)
    assert model.matcher_ is None
    assert model.ranker_ is None
    assert_same_predictions(model, classifier(INDEXER).fit(X, Y), queries(), exact=True)


def test_pickle_prune_threads_and_single_rows():
    X, Y = make_problem()
    model = both(prune_threshold=0.05).fit(X, Y)
    again = pickle.loads(pickle.dumps(model))
    assert_same_predictions(again, model, queries(), exact=True)
    assert_same_predictions(
        model.prune(0.4, 3), both(prune_threshold=0.4, max_weights=3).fit(X, Y), queries()
    )
    many = sp.vstack([queries()] * 20, format="csr")
    labels, scores = model.rank(many, 4)
    threaded = clone(model).set_params(n_jobs=2).fit(X, Y).rank(many, 4)
    assert_array_equal(threaded[0], labels)
    assert_array_equal(threaded[1], scores)
    for row in range(40):
        label, score = model.rank(queries()[[row]], 4)
        assert_array_equal(label[0], labels[row])
        assert_allclose(score[0], scores[row], rtol=1e-6)


def test_pipeline_and_grid_search():
    X, Y = make_problem()
    y = Y.argmax(axis=1)
    search = GridSearchCV(
        make_pipeline(Normalizer(), both()),
        {
            "xrlinearclassifier__ranker__weight": [0.0, 50.0],
            "xrlinearclassifier__matcher__scale": [0.1, 5.0],
        },
        cv=KFold(2, shuffle=True, random_state=0),
        error_score="raise",
    ).fit(X, y)
    assert len(set(search.cv_results_["mean_test_score"])) > 2
    fitted = search.best_estimator_[-1]
    assert fitted.ranker_.weight == search.best_params_["xrlinearclassifier__ranker__weight"]
    assert fitted.matcher_.scale == search.best_params_["xrlinearclassifier__matcher__scale"]
    labels, _ = rank(search, queries(), 1)
    assert_array_equal(labels[:, 0], search.predict(queries()))


def test_memory(tmp_path, monkeypatch):
    X, Y = make_problem()
    train, calls = fit_trees.train_layers, []

    def counted(*args):
        calls.append(args)
        return train(*args)

    monkeypatch.setattr(fit_trees, "train_layers", counted)
    for weight in (0.1, 0.9):
        model = both(memory=str(tmp_path)).set_params(ranker__weight=weight).fit(X, Y)
        expected = both().set_params(ranker__weight=weight).fit(X, Y)
        assert_same_predictions(model, expected, queries(), exact=True)
    assert len(calls) == 3  # two of them without memory
    model = both(memory=str(tmp_path)).set_params(matcher__scale=9).fit(X, Y)
    expected = both().set_params(matcher__scale=9).fit(X, Y)
    assert_same_predictions(model, expected, queries(), exact=True)


def test_what_has_no_meaning_is_refused(tmp_path):
    X, Y = make_problem()
    for stages in ({"matcher": CentroidMatcher()}, {"ranker": PopularityRanker()}):
        model = classifier("two layers", **stages).fit(X, Y)
        plain = classifier("two layers").fit(X, Y)
        top = surgery.take_top(plain, 0)
        for refused in (
            lambda model=model: surgery.restrict(model, [0, 1]),
            lambda model=model: surgery.take_top(model, 0),
            lambda model=model: surgery.take_subtree(model, 0, 0),
            lambda model=model, top=top: surgery.join(top, [model] * 3),
            lambda model=model, plain=plain: surgery.join(model, [plain] * 12),
            lambda model=model: dump_pecos_model(model, tmp_path / "model"),
        ):
            with pytest.raises(ValueError, match="matcher or ranker"):
                refused()
        assert not list(tmp_path.iterdir())


def test_explanations_end_before_the_ranker_and_do_not_begin_at_a_matcher():
    X, Y = make_problem()
    plain = classifier("deep").fit(X, Y)
    ranked = classifier("deep", ranker=PopularityRanker()).fit(X, Y)
    row = queries()[[3]]
    expected = inspection.explain(plain, row, 5).score
    assert inspection.explain(ranked, row, 5).score == expected
    matched = classifier("deep", matcher=CentroidMatcher()).fit(X, Y)
    with pytest.raises(ValueError, match="matcher"):
        inspection.explain(matched, row, 5)
    assert inspection.export_text(matched) == inspection.export_text(plain)


def test_completion_with_stages():
    pairs = [("", "re"), ("red", "gr"), ("green", "b"), ("blue", "g"), ("", "gre"), ("red", "blu")]
    texts = ["red", "green", "blue", "grey", "green", "blush"]
    params = {"indexer": HierarchicalKMeansIndexer(2, max_leaf_size=2), "beam_width": 10}
    for stages in ({"matcher": CentroidMatcher()}, {"ranker": Rule(keep)}):
        completer = QueryAutocompleter(
            classifier=XRLinearClassifier(**params, **stages), random_state=0
        ).fit(pairs, texts)
        found = [query for query, _ in completer.complete("red", "g")]
        assert sorted(found) == ["green", "grey"]
