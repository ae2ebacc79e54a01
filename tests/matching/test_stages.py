"""A user's own matcher and ranker in one classifier: how they are fitted, copied and refused."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from helpers.own_stages import (
    INDEXER,
    N_LABELS,
    CentroidMatcher,
    PopularityRanker,
    Rule,
    Table,
    assert_same_predictions,
    classifier,
    keep,
    kinds_of_y,
)
from helpers.reference import make_problem, queries
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


def test_rows_that_weigh_nothing_reach_neither_stage():
    X, Y = make_problem()
    weight = np.ones(len(Y))
    weight[::3] = 0
    model = classifier("deep", matcher=Table(), ranker=Table())
    model.fit(X, Y, sample_weight=weight)
    for stage in (model.matcher_, model.ranker_):
        assert_array_equal(stage.fitted_on_[0].toarray(), X[weight > 0].toarray())
    assert_array_equal(model.ranker_.fitted_on_[1].toarray(), Y[weight > 0])


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
    train, calls = fit_trees.fit_matcher, []

    def counted(*args):
        calls.append(args)
        return train(*args)

    monkeypatch.setattr(fit_trees, "fit_matcher", counted)
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
