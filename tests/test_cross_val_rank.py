"""Rankings of rows by models that were trained without them."""

import numpy as np
import pytest
import scipy.sparse as sp
from joblib import parallel_config
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.pipeline import make_pipeline

from sklearn_xmr import XRLinearClassifier, cross_val_rank, rank
from sklearn_xmr.metrics import precision_at_k

TEXTS = ["red apple", "green apple", "red car", "fast car"] * 3
CLASSES = ["fruit", "fruit", "vehicle", "vehicle"] * 3
SETS = [["fruit", "red"], ["fruit"], ["red", "vehicle"], ["vehicle"]] * 3
INDICATOR = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1]] * 3)
MODEL = make_pipeline(TfidfVectorizer(), XRLinearClassifier(random_state=0))


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("y", [CLASSES, SETS, INDICATOR, sp.csr_array(INDICATOR)])
def test_equals_a_loop_over_folds(y, n_jobs):
    cv = KFold(3)
    with parallel_config("threading"):
        labels, scores = cross_val_rank(MODEL, TEXTS, y, 2, cv=cv, n_jobs=n_jobs)
    for train, test in cv.split(TEXTS):
        part = [y[i] for i in train] if isinstance(y, list) else y[train]
        model = clone(MODEL).fit([TEXTS[i] for i in train], part)
        expected = rank(model, [TEXTS[i] for i in test], 2)
        assert_array_equal(labels[test], expected[0])
        assert_array_equal(scores[test], expected[1])
    if not sp.issparse(y) and not isinstance(y, np.ndarray):
        assert precision_at_k(y, labels, 1) == 1


def test_folds_are_shuffled():
    # Sorted rows, as files often have them: each fold would be a class of its own.
    X = sp.csr_array(np.eye(3).repeat(8, axis=0) + 0.01)
    y = np.repeat(["a", "b", "c"], 8)
    labels, _ = cross_val_rank(XRLinearClassifier(random_state=0), X, y, 1, cv=3)
    assert_array_equal(labels[:, 0], y)


def test_splits_may_be_masks():
    is_odd = np.arange(len(TEXTS)) % 2 == 1
    masks = [(is_odd, ~is_odd), (~is_odd, is_odd)]
    numbers = [tuple(map(np.flatnonzero, masks_of_split)) for masks_of_split in masks]
    for by_mask, by_number in zip(
        *(cross_val_rank(MODEL, TEXTS, CLASSES, 2, cv=cv) for cv in (masks, numbers)), strict=True
    ):
        assert_array_equal(by_mask, by_number)


def test_a_split_must_test_each_row_once():
    with pytest.raises(ValueError, match="cv must test each row once"):
        cross_val_rank(MODEL, TEXTS, CLASSES, cv=ShuffleSplit(2, random_state=0))
    with pytest.raises(ValueError, match="cv must hold pairs"):
        cross_val_rank(MODEL, TEXTS, CLASSES, cv=[])


def test_labels_of_a_single_row():
    X, y = np.eye(6), list("abcdef")
    classifier = XRLinearClassifier(random_state=0)
    for labels in (y, [[name] for name in y], np.eye(6, dtype=int), sp.csr_array(np.eye(6))):
        message = "y must have labels of more than one row.* 6 of 6 rows have no label that another"
        with pytest.raises(ValueError, match=message):
            cross_val_rank(classifier, X, labels, cv=2)
    with pytest.warns(UserWarning, match="4 of 6 rows have no label that another row has"):
        cross_val_rank(classifier, X, list("abcdee"), cv=2)


def test_rows_of_a_matrix_that_is_none():
    X = sp.eye_array(9, format="csr")
    X.indices = X.indices + np.int32(2**30)
    with pytest.raises(ValueError, match="X is not a valid CSR matrix"):
        cross_val_rank(MODEL, X, list("abcabcabc"))


def test_rows_that_come_once_are_refused_by_name():
    with pytest.raises(TypeError, match="X must be rows"):
        cross_val_rank(MODEL, iter(TEXTS), CLASSES)
