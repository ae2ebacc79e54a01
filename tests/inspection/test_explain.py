"""Explanations: their parts add up, and lead to the scores of `rank`."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer

from helpers.matrices import random_csr
from helpers.reference import TRANSFORMS, TREES, Reference, make_problem, queries, shown
from sklearn_xmr import HierarchicalKMeansIndexer, LabelTree, XRLinearClassifier, rank
from sklearn_xmr.inspection import explain

X, Y = make_problem()
QUERIES = queries(n_queries=6)
PRIOR = random_csr(np.random.default_rng(3), (12, 25), 0.3)


def fitted(tree, **params):
    indexer = LabelTree.from_parents(TREES[tree])
    return XRLinearClassifier(indexer, random_state=0, **params).fit(X, Y)


@pytest.mark.parametrize("tree", TREES)
def test_parts_add_up_to_the_margins_of_the_models(tree):
    model = fitted(tree, prune_threshold=0.01)
    ancestors = model.label_tree_.ancestors()
    n_models = 0
    for x in QUERIES.toarray():
        for label in range(12):
            for node in explain(model, x, label).path:
                assert ancestors[node.layer, label] == node.node
                layer = model.layers_[node.layer]
                intercept, weights = layer.intercept_[node.node], layer.coef_[:, [node.node]]
                assert_allclose(node.margin, weights.T @ x + intercept, rtol=1e-5, atol=1e-6)
                assert node.intercept == intercept
                assert_allclose(node.intercept + node.contributions.sum(), node.margin)

                expected = x * weights.toarray()[:, 0]
                assert_array_equal(np.sort(node.feature_names), np.flatnonzero(expected))
                assert_allclose(node.contributions, expected[node.feature_names], rtol=1e-6)
                assert (np.diff(np.abs(node.contributions)) <= 0).all()
                n_models += 1
    assert n_models >= 6 * 12


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("tree", TREES)
def test_score_is_that_of_the_ranking(tree, transform):
    model = fitted(tree).set_params(score_transform=transform, beam_width=99)
    reference = Reference(model)
    for x in QUERIES:
        labels, scores = model.rank(x.reshape(1, -1), k=12)
        got = [explain(model, x, label).score for label in labels[0]]
        assert_allclose(got, scores[0], rtol=1e-5, atol=1e-6)
        # On the way, too.
        paths = reference.paths(x.toarray().ravel(), transform)
        for node in explain(model, x, 5).path:
            expected = shown(paths[node.layer][node.node], transform)
            assert_allclose(node.path_score, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        ("l3_hinge", lambda z: np.exp(-(np.maximum(0, 1 - z) ** 3))),
        ("log_l1_hinge", lambda z: -np.maximum(0, 1 - z)),
        ("sigmoid", lambda z: 1 / (1 + np.exp(-z))),
        ("log_sigmoid", lambda z: -np.log(1 + np.exp(-z))),
        ("noop", lambda z: z),
    ],
)
def test_score_of_a_node_is_its_transformed_margin(transform, expected):
    path = explain(fitted("deep", score_transform=transform), QUERIES[[3]], 0).path
    margins = np.array([node.margin for node in path])
    assert_allclose([node.score for node in path], expected(margins))


def test_only_children_are_left_out():
    model = fitted("only children")
    siblings = [np.bincount(parents)[parents] for parents in model.label_tree_.parents]
    for label in range(12):
        way = model.label_tree_.ancestors()[:, label]
        expected = [d for d, node in enumerate(way) if siblings[d][node] > 1]
        assert [node.layer for node in explain(model, QUERIES[[2]], label).path] == expected
    assert any(len(layer) != np.count_nonzero(layer > 1) for layer in siblings)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_of_an_ensemble_the_mean_score_over_the_trees(transform):
    indexer = HierarchicalKMeansIndexer(branching_factor=3, max_leaf_size=3)
    params = {"n_trees": 3, "score_transform": transform, "random_state": 0}
    model = XRLinearClassifier(indexer, **params).fit(X, Y)
    trees = [tree.label_tree.parents for tree in model.trees_]
    assert not np.array_equal(trees[0][-1], trees[1][-1])
    for x in QUERIES:
        scores = model.score_pairs(x.reshape(1, -1), np.arange(12))[0]
        for label in range(12):
            explanation = explain(model, x, label)
            assert_allclose(explanation.score, scores[label], rtol=1e-4, atol=1e-30)
            # Tree after tree, each from the root to the label.
            ways = [
                (t, layer, node)
                for t, tree in enumerate(model.trees_)
                for layer, node in enumerate(tree.label_tree.ancestors()[:, label])
                if tree.layers[layer].has_model_[node]
            ]
            assert [(node.tree, node.layer, node.node) for node in explanation.path] == ways
            for node in explanation.path:
                layer = model.trees_[node.tree].layers[node.layer]
                weights = layer.coef_[:, [node.node]].toarray()[:, 0]
                margin = x.toarray().ravel() @ weights + layer.intercept_[node.node]
                assert_allclose(node.margin, margin, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("transform", ["l3_hinge", "log_sigmoid", "noop"])
@pytest.mark.parametrize("n_trees", [1, 2])
def test_the_whole_is_the_sum_of_its_path(transform, n_trees):
    indexer = HierarchicalKMeansIndexer(branching_factor=3, max_leaf_size=3)
    params = {"n_trees": n_trees, "score_transform": transform, "random_state": 0}
    model = XRLinearClassifier(indexer, label_prior=PRIOR, **params).fit(X, Y)
    kinds = "contributions", "prior_contributions", "learned_contributions"
    for x in QUERIES:
        explanation = explain(model, x, 7)
        expected, margin, intercept = np.zeros((3, 25)), 0, 0
        for node in explanation.path:
            if transform == "noop" and node.layer < len(model.trees_[node.tree].layers) - 1:
                continue
            for total, kind in zip(expected, kinds, strict=True):
                total[node.feature_names] += node[kind] / n_trees
            margin += node.margin / n_trees
            intercept += node.intercept / n_trees
        for total, kind in zip(expected, kinds, strict=True):
            assert_allclose(explanation[kind], total[explanation.feature_names], atol=1e-12)
        assert set(np.flatnonzero(expected[0])) == set(explanation.feature_names)
        assert (np.diff(np.abs(explanation.contributions)) <= 0).all()
        assert_allclose(explanation.margin, margin)
        assert_allclose(explanation.intercept, intercept)
        assert_allclose(explanation.contributions.sum() + explanation.intercept, margin)
        if transform == "noop":
            assert_allclose(explanation.score, margin, rtol=1e-6)


class TestPrior:
    def test_of_a_label_is_its_vector(self):
        params = {"label_prior": PRIOR, "prior_strength": 1.5, "random_state": 0}
        model = XRLinearClassifier(LabelTree.from_parents(TREES["flat"]), **params).fit(X, Y)
        vectors, seen = PRIOR.toarray(), []
        for x in QUERIES.toarray():
            for label, vector in enumerate(vectors):
                [node] = explain(model, x, label).path
                prior = 1.5 * x * vector / np.linalg.norm(vector)
                assert_allclose(node.prior_contributions, prior[node.feature_names], atol=1e-6)
                learned = x * model.layers_[0].coef_[:, [label]].toarray()[:, 0] - prior
                assert_allclose(node.learned_contributions, learned[node.feature_names], atol=1e-6)
                seen += [node.prior_contributions.any(), node.learned_contributions.any()]
        assert np.mean(seen) > 0.5

    @pytest.mark.parametrize("tree", TREES)
    @pytest.mark.parametrize("dtype", [np.float32, np.float16])
    def test_is_what_is_left_without_all_that_was_learned(self, tree, dtype):
        full = fitted(tree, label_prior=PRIOR)
        model, bare = full.prune(0.01, dtype=dtype), full.prune(1e6)
        for x in QUERIES.toarray():
            for node in explain(model, x, 5).path:
                column = bare.layers_[node.layer].coef_[:, [node.node]].toarray()[:, 0]
                prior = (x * column)[node.feature_names]
                tolerance = 1e-6 if dtype == np.float32 else 1e-2
                assert_allclose(node.prior_contributions, prior, atol=tolerance)
                both = node.prior_contributions + node.learned_contributions
                assert_allclose(both, node.contributions)
                assert_allclose(node.intercept + both.sum(), node.margin)

    def test_without_one_all_is_learned(self):
        for node in explain(fitted("two layers"), QUERIES[[2]], 4).path:
            assert not node.prior_contributions.any()
            assert_array_equal(node.learned_contributions, node.contributions)


@pytest.mark.parametrize(("transform", "score"), [("l3_hinge", 1), ("log_sigmoid", 0), ("noop", 0)])
def test_a_single_label_has_no_model(transform, score):
    model = XRLinearClassifier(score_transform=transform).fit(X, ["only"] * X.shape[0])
    explanation = explain(model, QUERIES[[2]], "only")
    assert explanation.path == []
    assert explanation.margin == len(explanation.contributions) == 0
    assert explanation.score == score == model.rank(QUERIES[[2]], k=1)[1][0, 0]


TITLES = ["bird song", "bird migration", "river fish", "sea fish"]
SHELVES = np.array(["birds", "birds", "fishes", "fishes"])


def text_model(**params):
    classifier = XRLinearClassifier(prune_threshold=0, random_state=0, **params)
    return make_pipeline(TfidfVectorizer(), classifier).fit(TITLES, SHELVES)


@pytest.mark.parametrize("x", ["a song of fish", ["a song of fish"], np.array(["a song of fish"])])
def test_through_a_pipeline(x):
    model = text_model()
    explanation = explain(model, x, "fishes")
    labels, scores = rank(model, ["a song of fish"], k=2)
    assert_allclose(explanation.score, scores[labels == "fishes"][0], rtol=1e-5)
    (node,) = explanation.path
    contributions = dict(zip(node.feature_names, node.contributions, strict=True))
    assert set(contributions) == {"song", "fish"}
    assert contributions["fish"] > 0 > contributions["song"]


def test_through_a_search():
    search = GridSearchCV(text_model(), {"xrlinearclassifier__C": [2.0]}, cv=2)
    search.fit(TITLES, SHELVES)
    expected = explain(search.best_estimator_, "sea song", "birds")
    got = explain(search, "sea song", "birds")
    assert got.score == expected.score
    assert_array_equal(got.path[0].feature_names, expected.path[0].feature_names)


def test_feature_names():
    pd = pytest.importorskip("pandas")
    names = [f"f{j}" for j in range(25)]
    frame = pd.DataFrame(X.toarray(), columns=names)
    model = fitted("flat")
    x = QUERIES.toarray()[[2]]
    positions = explain(model, x, 3).path[0].feature_names
    assert positions.dtype.kind == "i"
    expected = [f"f{j}" for j in positions]
    assert len(expected) > 0

    assert explain(model, x, 3, feature_names=names).path[0].feature_names.tolist() == expected
    assert (
        explain(model, x, 3, feature_names=tuple(names)).path[0].feature_names.tolist() == expected
    )
    # The names that the classifier, and that the steps before it, were fitted with.
    named = XRLinearClassifier(model.indexer, random_state=0).fit(frame, Y)
    row = pd.DataFrame(x, columns=names)
    assert explain(named, row, 3).path[0].feature_names.tolist() == expected
    normalized = make_pipeline(Normalizer(), clone(model)).fit(frame, Y)
    assert set(explain(normalized, row, 3).path[0].feature_names) <= set(names)
    # A step that cannot name them.
    anonymous = make_pipeline(FunctionTransformer(), clone(model)).fit(X, Y)
    assert explain(anonymous, x, 3).path[0].feature_names.tolist() == positions.tolist()
    alone = make_pipeline("passthrough", clone(model)).fit(X, Y)
    assert_array_equal(
        explain(alone, x, 3).path[0].contributions, explain(model, x, 3).path[0].contributions
    )


def test_forms_of_a_row():
    model = fitted("two layers")
    row = QUERIES.toarray()[2]
    expected = explain(model, QUERIES[[2]], 4)
    wide = sp.csr_array(row.reshape(1, -1))
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    for x in (row, row.tolist(), [row], row[None], wide, sp.csc_matrix(row), sp.coo_array(row)):
        got = explain(model, x, 4)
        assert got.score == expected.score
        assert_array_equal(got.path[0].contributions, expected.path[0].contributions)


def test_empty_row_has_the_intercepts_alone():
    for node in explain(fitted("two layers"), np.zeros(25), 4).path:
        assert len(node.feature_names) == len(node.contributions) == 0
        assert node.margin == node.intercept != 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((QUERIES, 3), ValueError, "x must be one row, got 6"),
        ((np.ones(24), 3), ValueError, "24 features, but XRLinearClassifier is expecting 25"),
        ((np.full(25, np.nan), 3), ValueError, "contains NaN"),
        ((np.ones(25), 12), ValueError, r"label must be one of the 12 classes_, got 12"),
        ((np.ones(25), "3"), ValueError, r"label must be one of the 12 classes_, got '3'"),
        ((np.ones(25), None), ValueError, r"label must be one of the 12 classes_, got None"),
    ],
)
def test_refusals(arguments, error, message):
    with pytest.raises(error, match=message):
        explain(fitted("flat"), *arguments)


def test_refuses_wrong_names_and_estimators():
    with pytest.raises(ValueError, match="each of 25 features, got 2"):
        explain(fitted("flat"), np.ones(25), 3, feature_names=["a", "b"])
    with pytest.raises(NotFittedError):
        explain(XRLinearClassifier(), np.ones(25), 3)
    other = LogisticRegression().fit([[0], [1]], [0, 1])
    with pytest.raises(TypeError, match=r"estimator must be an XRLin.*, got LogisticRegression"):
        explain(make_pipeline(other), np.ones(1), 0)
    with pytest.raises(TypeError, match=r"estimator must be an XRLin.*, got str"):
        explain("model", np.ones(1), 0)
