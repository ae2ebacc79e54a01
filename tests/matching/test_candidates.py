"""Candidates by name, and prepared for many searches."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from helpers.reference import TREES, assert_same_ranking, make_problem, queries
from sklearn_xmr import LabelTree, XRLinearClassifier, rank

X, Y = make_problem()
QUERIES = queries(n_queries=8)


def fitted(y, **params):
    return XRLinearClassifier(random_state=0, score_transform="log_l3_hinge", **params).fit(X, y)


def classes_of(names):
    """A model of four classes with these names, in increasing order."""
    names = np.array(names)
    return fitted(names[Y[:, :4].argmax(axis=1)])


@pytest.fixture(scope="module", params=["flat", "scattered siblings", "deep"])
def model(request):
    return fitted(Y, indexer=LabelTree.from_parents(TREES[request.param]), n_trees=1)


class TestNames:
    def test_columns_of_an_indicator(self, model):
        mask = np.isin(np.arange(12), [2, 7, 11])
        expected = model.rank(QUERIES, 4, candidates=mask)
        for names in ([7, 2, 11], np.array([11, 7, 2]), {2, 7, 11}, pd.Series([2, 7, 11])):
            assert_same_ranking(model.rank(QUERIES, 4, candidates=names), expected)

    @pytest.mark.parametrize(
        "names",
        [
            ["a", "b", "c", "d"],
            [3, 7, 10, 20],  # never positions: 3 is the first
            [-1, 0, 1, 2],  # one looks like a filler
            [1.0, 2.0, 3.0, 4.0],
            ["", "b", "c", "d"],
        ],
    )
    def test_classes(self, names):
        model = classes_of(names)
        for chosen in ([0], [3, 1], [2, 0, 1]):
            expected = model.rank(QUERIES, 4, candidates=np.isin(np.arange(4), chosen))
            given = [names[position] for position in chosen]
            found = model.rank(QUERIES, 4, candidates=given)
            assert_array_equal(found[0], expected[0])
            assert_array_equal(found[1], expected[1])

    def test_strings_as_objects(self):
        model = fitted(np.array(list("abcd"), dtype=object)[Y[:, :4].argmax(axis=1)])
        labels, _ = model.rank(QUERIES, 3, candidates=["d", "a"])
        assert {*labels.ravel()} == {"a", "d", ""}

    def test_whatever_holds_them(self):
        model = classes_of(["a", "b", "c", "d"])
        expected = model.rank(QUERIES, 4, candidates=["d", "a"])
        scores = {"d": 1, "a": 2}
        series = pd.Series(["d", "a"], index=[7, 8])
        for given in (set(scores), scores, scores.keys(), dict(enumerate(scores)).values(), series):
            for candidates in (given, model.prepare_candidates(given)):
                found = model.rank(QUERIES, 4, candidates=candidates)
                assert_array_equal(found[0], expected[0])
                assert_array_equal(found[1], expected[1])
        with pytest.raises(ValueError, match="candidates has 'e', which is not among the classes"):
            model.rank(QUERIES, candidates=pd.Series(["d", "e"], index=[7, 8]))

    @pytest.mark.parametrize("names", [["a", "b", "c", "d"], [0, 1, 2, 3]])
    def test_of_a_series(self, names):
        model = classes_of(names)
        expected = model.rank(QUERIES, 4, candidates=[names[3], names[0]])
        series = pd.Series([True, False, False, True], index=names)
        for mask in (series, series[::-1], series.astype("boolean")[::-1]):
            found = model.rank(QUERIES, 4, candidates=mask)
            assert_array_equal(found[0], expected[0])
            assert_array_equal(found[1], expected[1])

    def test_masks_by_name(self):
        model = classes_of(["a", "b", "c", "d"])
        expected = model.rank(QUERIES, 4, candidates=["d", "a"])
        mask = {"d": True, "c": False, "a": np.True_, "b": False}
        objects = pd.Series(mask, dtype=object)
        table = pd.DataFrame([mask] * QUERIES.shape[0])
        for given in (mask, objects, objects.sort_index().to_numpy(), iter(["d", "a"]), table):
            assert_same_ranking(model.rank(QUERIES, 4, candidates=given), expected)

    def test_none_of_them(self, model):
        labels, scores = model.rank(QUERIES, 3, candidates=[])
        assert (labels == -1).all()
        assert (scores == -np.inf).all()

    @pytest.mark.parametrize(
        ("names", "candidates", "message"),
        [
            (list("abcd"), ["a", "e"], "candidates has .*'e'"),
            (list("abcd"), ["a", ""], "candidates has .*''"),
            (list("abcd"), ["a", "b", "a"], "each label once"),
            (list("abcd"), [0, 1], "candidates has"),
            ([3, 7, 10, 20], [0, 3], "candidates has .*0"),
            ([3, 7, 10, 20], [-1, 3], "candidates has .*-1"),
            ([3, 7, 10, 20], [3, 3], "each label once"),
            ([3, 7, 10, 20], [3.0, 7.0], "mask of booleans"),
            ([3, 7, 10, 20], ["3"], "candidates has .*'3'"),
            ([1.0, 2.0, 3.0, 4.0], [np.nan], "candidates has nan"),
            (list("abcd"), pd.Series([True, None] * 2, dtype="boolean"), "candidates .*missing"),
        ],
    )
    def test_wrong_ones(self, names, candidates, message):
        with pytest.raises(ValueError, match=message):
            classes_of(names).rank(QUERIES, candidates=candidates)


class TestPrepared:
    @pytest.mark.parametrize("n_trees", [1, 2])
    @pytest.mark.parametrize("given", [np.arange(12) % 3 == 0, [3, 9, 1], []])
    def test_same_as_given(self, given, n_trees):
        model = fitted(Y, n_trees=n_trees)
        prepared = model.prepare_candidates(given)
        assert_same_ranking(
            model.rank(QUERIES, 4, candidates=prepared), model.rank(QUERIES, 4, candidates=given)
        )
        for row in QUERIES:
            row = row.reshape(1, -1)
            assert_same_ranking(
                model.rank(row, 4, candidates=prepared), model.rank(row, 4, candidates=given)
            )

    def test_for_another_model_and_in_another_process(self, model):
        names = [1, 5, 8]
        prepared = model.prepare_candidates(names)
        copied = pickle.loads(pickle.dumps(prepared))
        expected = model.rank(QUERIES, 3, candidates=names)
        assert_same_ranking(model.rank(QUERIES, 3, candidates=copied), expected)
        other = fitted(Y, C=0.1)
        found = other.rank(QUERIES, 3, candidates=prepared)
        assert_same_ranking(found, other.rank(QUERIES, 3, candidates=names))
        smaller = model.prune(0.2)
        found = smaller.rank(QUERIES, 3, candidates=prepared)
        assert_same_ranking(found, smaller.rank(QUERIES, 3, candidates=names))

    def test_does_not_follow_later_changes(self, model):
        mask = np.arange(12) < 4
        prepared = model.prepare_candidates(mask)
        expected = model.rank(QUERIES, 3, candidates=mask)
        mask[:] = True
        for candidates in (prepared, pickle.loads(pickle.dumps(prepared))):
            assert_same_ranking(model.rank(QUERIES, 3, candidates=candidates), expected)

    def test_is_not_kept_alive_by_it(self):
        prepared = fitted(Y).prepare_candidates([1])
        assert "[1]" in repr(prepared)
        assert_same_ranking(
            fitted(Y).rank(QUERIES, 2, candidates=prepared),
            fitted(Y).rank(QUERIES, 2, candidates=[1]),
        )

    @pytest.mark.parametrize("given", [np.ones(11, dtype=bool), np.ones((8, 12)), [12], "all"])
    def test_wrong_ones(self, model, given):
        with pytest.raises(ValueError, match="candidates"):
            model.prepare_candidates(given)


class TestBeamWidthOfACall:
    def test_is_the_parameter_of_a_copy(self):
        tree = LabelTree.from_parents(TREES["deep"])
        model = fitted(Y, indexer=tree, beam_width=4)
        wider = fitted(Y, indexer=tree, beam_width=1)
        for row_model in (model, wider):
            for width in (1, 2, 4):
                expected = fitted(Y, indexer=tree, beam_width=width).rank(QUERIES, 6)
                assert_same_ranking(row_model.rank(QUERIES, 6, beam_width=width), expected)
                assert_same_ranking(rank(row_model, QUERIES, 6, beam_width=width), expected)
        assert model.beam_width == 4

    @pytest.mark.parametrize("width", [0, -1, 1.5, "10", True])
    def test_wrong_ones(self, model, width):
        with pytest.raises(ValueError, match="beam_width must be"):
            model.rank(QUERIES, beam_width=width)


class TestNoRows:
    def test_dense_and_sparse(self, model):
        for rows in (QUERIES[:0], QUERIES[:0].astype(np.float32)):
            for options in ({}, {"candidates": [1]}, {"min_score": 0.0}, {"beam_width": 2}):
                labels, scores = model.rank(rows, 3, **options)
                assert labels.shape == scores.shape == (0, 3)
                assert labels.dtype == model.classes_.dtype
                assert scores.dtype == np.float32

    def test_other_numbers_of_features(self, model):
        with pytest.raises(ValueError, match="0 sample"):
            model.rank(np.empty((0, 3)))
