"""Parameters of parts that are None, for a default."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from helpers.reference import make_problem
from sklearn_xmr import (
    CalibratedRanker,
    HierarchicalKMeansIndexer,
    ProductRetriever,
    QueryAutocompleter,
    TrieHybridIndexer,
    XRLinearClassifier,
)

PARTS = [
    (CalibratedRanker, "estimator", "beam_width", 3),
    (XRLinearClassifier, "indexer", "max_leaf_size", 3),
    (TrieHybridIndexer, "vectorizer", "min_df", 2),
    (QueryAutocompleter, "classifier", "n_jobs", 2),
    (QueryAutocompleter, "previous_vectorizer", "min_df", 2),
    (QueryAutocompleter, "prefix_vectorizer", "ngram_range", (2, 2)),
    (ProductRetriever, "vectorizer", "n_jobs", 2),
    (ProductRetriever, "classifier", "beam_width", 3),
    (ProductRetriever, "ranker", "cv", 2),
]


@pytest.mark.parametrize(("estimator_class", "part", "name", "value"), PARTS)
def test_parameters_of_default_parts(estimator_class, part, name, value):
    estimator = estimator_class()
    if name not in _params_of(estimator, part):
        pytest.skip(f"{part} has no {name}")
    assert estimator.set_params(**{f"{part}__{name}": value}) is estimator
    assert getattr(getattr(estimator, part), name) == value
    assert clone(estimator).get_params()[f"{part}__{name}"] == value
    given = getattr(estimator, part)
    estimator.set_params(**{f"{part}__{name}": value})
    assert getattr(estimator, part) is given
    with pytest.raises(ValueError, match="Invalid parameter"):
        estimator_class().set_params(**{f"{part}__nonsense": 1})


def _params_of(estimator, part):
    return estimator._default_parts()[part]().get_params()


def test_the_default_part_is_the_default():
    X, Y = make_problem()
    expected = XRLinearClassifier(random_state=0).fit(X, Y)
    found = XRLinearClassifier(random_state=0).set_params(indexer__max_leaf_size=100).fit(X, Y)
    for array, other in zip(found.rank(X, 3), expected.rank(X, 3), strict=True):
        assert_array_equal(array, other)


def test_a_search_over_a_default_part():
    X, Y = make_problem()
    grid = {"indexer__max_leaf_size": [1, 4]}
    search = GridSearchCV(XRLinearClassifier(random_state=0), grid, cv=2, scoring=lambda *_: 0.0)
    best = search.fit(X, Y).best_estimator_
    assert isinstance(best.indexer, HierarchicalKMeansIndexer)
    assert best.indexer.max_leaf_size == 1
    assert np.isfinite(best.rank(X, 1)[1]).all()
