"""Rows: every form of X that is taken, and what is refused."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.base import clone

import sklearn_xmr
from helpers.matrices import one_dimensional
from helpers.models import FLAT, SCATTERED, TIGHT, assert_same_weights, weights
from helpers.row_formats import ROWS, contents
from sklearn_xmr import HierarchicalKMeansIndexer, XRLinearClassifier


class TestRows:
    @pytest.mark.parametrize("convert", ROWS.values(), ids=ROWS)
    def test_formats(self, problem, convert):
        X, Y = problem
        given_, before = convert(X), contents(convert(X))
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        expected = model.rank(X, 4)
        assert_same_weights(XRLinearClassifier(SCATTERED, random_state=0).fit(given_, Y), model)
        for found, truth in zip(model.rank(given_, 4), expected, strict=True):
            assert_array_equal(found, truth)
        assert_array_equal(model.predict(given_), model.predict(X))
        assert contents(given_) == before

    @pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int32, np.int64, np.float16])
    def test_dtypes(self, problem, dtype):
        X = (problem[0].toarray() * 10).astype(dtype)
        model = XRLinearClassifier(SCATTERED, random_state=0, C=0.01, prune_threshold=0)
        expected = clone(model).fit(X.astype(np.float32), problem[1])
        assert_same_weights(expected, clone(model).fit(X, problem[1]))
        if dtype != np.float16:
            assert_same_weights(expected, clone(model).fit(sp.csr_array(X), problem[1]))
        assert_array_equal(expected.predict(X), expected.predict(X.astype(float)))

    def test_k_means_does_not_touch_rows(self, problem):
        X, Y = problem
        before = X.copy()
        XRLinearClassifier(HierarchicalKMeansIndexer(max_leaf_size=3), random_state=0).fit(X, Y)
        assert_array_equal(X.data, before.data)
        assert_array_equal(X.indices, before.indices)

    def test_empty(self, problem):
        X, Y = problem
        X = X.tolil()
        X[:10], X[:, 3] = 0, 0
        X = sp.csr_array(X)
        model = XRLinearClassifier(SCATTERED, random_state=0, **TIGHT).fit(X, Y)
        assert model.layers_[0].coef_[[3]].nnz == 0
        # Nothing at all: every margin is an intercept.
        nothing = XRLinearClassifier(SCATTERED, random_state=0).fit(0 * X, Y)
        assert all(layer.coef_.nnz == 0 for layer in nothing.layers_)
        assert np.isfinite(nothing.predict_proba(X)).all()

    @pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e15, 1e18])
    @pytest.mark.filterwarnings("ignore:All weights below")
    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_scales(self, problem, scale):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X * np.float32(scale), Y)
        assert all(np.isfinite(a).all() and np.isfinite(b).all() for a, b in weights(model))
        assert np.isfinite(model.predict_proba(X * np.float32(scale))).all()

    def test_squares_beyond_float32(self, problem):
        with pytest.raises(ValueError, match=r"X .*too large for float32"):
            XRLinearClassifier(SCATTERED).fit(problem[0] * np.float32(1e25), problem[1])

    def test_one_row(self):
        model = XRLinearClassifier(FLAT, random_state=0).fit([[1.0, 2.0]], np.eye(1, 12, k=3))
        assert_array_equal(model.rank([[1.0, 2.0]], 1)[0], [[3]])

    @pytest.mark.parametrize("sparse", [False, True])
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e39])
    @pytest.mark.filterwarnings("ignore:overflow encountered in cast")  # scikit-learn's own
    def test_not_finite(self, problem, value, sparse):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        for dtype in (np.float32, np.float64)[value == 1e39 :]:
            bad = X.astype(dtype)
            bad.data[7] = value
            bad = bad if sparse else bad.toarray()
            for method in (model.predict, model.rank, model.predict_proba):
                with pytest.raises(ValueError, match=r"(?i)NaN|infinity"):
                    method(bad)
            with pytest.raises(ValueError, match=r"(?i)NaN|infinity"):
                XRLinearClassifier(SCATTERED).fit(bad, Y)

    def test_duplicates_that_add_up_to_infinity(self, problem):
        parts = np.full(2, 3e38, dtype=np.float32), np.zeros(2, dtype=np.int32), [0, 2]
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        with pytest.raises(ValueError, match=r"\bX\b"):
            model.rank(sp.csr_array(parts, shape=(1, 25)))

    @pytest.mark.parametrize("make", [np.zeros, lambda shape: sp.csr_array(shape, dtype="f4")])
    @pytest.mark.parametrize("shape", [(0, 25), (4, 0), (4, 24), (4, 26)])
    def test_wrong_shapes(self, problem, shape, make):
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        # No rows are ranked as such.
        ranks = () if shape == (0, 25) else (model.rank,)
        for method in (model.predict, *ranks, model.predict_proba, model.decision_function):
            with pytest.raises(ValueError, match=r"0 sample|0 feature|24 features|26 features"):
                method(make(shape))
        if 0 in shape:
            with pytest.raises(ValueError, match=r"0 sample|0 feature"):
                XRLinearClassifier(SCATTERED).fit(make(shape), problem[1][: shape[0]])

    @pytest.mark.parametrize(
        "X",
        [
            np.ones(25, np.float32),
            *one_dimensional(np.ones(25, np.float32)),
            np.ones((2, 25, 1)),
            3.0,
            None,
            "text",
            [["a"] * 25],
        ],
        ids=lambda X: f"{type(X).__name__} {getattr(X, 'shape', '')}",
    )
    def test_not_a_matrix(self, problem, X):
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        with pytest.raises((ValueError, TypeError)):
            model.rank(X)
        with pytest.raises((ValueError, TypeError)):
            XRLinearClassifier(SCATTERED).fit(X, problem[1])

    def test_complex(self, problem):
        with pytest.raises(ValueError, match="Complex data not supported"):
            XRLinearClassifier(SCATTERED).fit(problem[0].toarray() * 1j, problem[1])

    @pytest.mark.parametrize("method", ["fit", "rank"])
    @pytest.mark.parametrize("format_", ["csr", "csc"])
    @pytest.mark.parametrize("index", [-1, 10**6])
    def test_indices_outside(self, problem, format_, index, method):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        bad = X.astype(np.float32).asformat(format_, copy=True)
        bad.indices[3] = index
        call = model.rank if method == "rank" else lambda X: XRLinearClassifier().fit(X, Y)
        with pytest.raises(ValueError, match=r"^X\b"):
            call(bad)

    @pytest.mark.parametrize("method", ["fit", "rank"])
    @pytest.mark.parametrize(
        "change",
        [
            lambda indptr: np.append(indptr[:-1], 10**6),
            lambda indptr: np.append(indptr[:-1], indptr[-2] - 1),
            lambda indptr: np.append(indptr[:-1], -1),
            lambda indptr: np.append(1, indptr[1:]),
            lambda indptr: indptr[:-1],
            lambda indptr: np.append(indptr, indptr[-1]),
        ],
        ids=["too far", "backwards", "negative", "late start", "short", "long"],
    )
    def test_broken_pointers(self, problem, change, method):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        bad = X.copy()
        bad.indptr = change(bad.indptr).astype(np.int32)
        call = model.rank if method == "rank" else lambda X: XRLinearClassifier().fit(X, Y)
        with pytest.raises(ValueError, match=r"^X\b"):
            call(bad)

    @pytest.mark.parametrize("format_", ["coo", "bsr", "lil"])
    @pytest.mark.parametrize("index", [-1, 30])
    def test_indices_outside_of_other_formats(self, problem, format_, index):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        bad = sp.bsr_array(X, blocksize=(1, 1)) if format_ == "bsr" else X.asformat(format_)
        bad = bad.copy()
        if format_ == "coo":
            bad.coords[1][0] = index
        elif format_ == "bsr":
            bad.indices[0] = index
        else:
            bad.rows[0], bad.data[0] = [index], [1.0]
        with pytest.raises(ValueError, match="X"):
            model.rank(bad)

    @pytest.mark.parametrize(
        "method",
        [
            "fit",
            "rank",
        ],
    )
    def test_pointers_wider_than_indices(self, problem, method):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y)
        expected = model.rank(X, 4)
        mixed = X.copy()
        mixed.indptr = mixed.indptr.astype(np.int64)
        if method == "fit":
            model.fit(mixed, Y)
        assert_array_equal(model.rank(X if method == "fit" else mixed, 4)[0], expected[0])

    def test_feature_names(self, problem):
        X, Y = problem
        names = [f"feature {i}" for i in range(25)]
        frame = pd.DataFrame(X.toarray(), columns=names)
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(frame, Y)
        assert_array_equal(model.feature_names_in_, names)
        expected = model.rank(frame, 2)
        for method in (model.rank, model.predict, model.predict_proba, model.decision_function):
            with pytest.warns(UserWarning, match="valid feature names"):
                method(X)
            with pytest.raises(ValueError, match=r"(?i)feature names"):
                method(frame[names[::-1]])
        with pytest.warns(UserWarning, match="valid feature names"):
            found = model.rank(X, 2)
        assert_array_equal(found[0], expected[0])
        assert_array_equal(found[1], expected[1])
        model.fit(X, Y)
        assert not hasattr(model, "feature_names_in_")
        with pytest.warns(UserWarning, match="has feature names"):
            model.rank(frame)


# What SciPy itself does not survive when it converts: run in a process of its own.
BROKEN = """
import re
import sys
import numpy as np
import scipy.sparse as sp
from sklearn_xmr import LabelTree, XRLinearClassifier

X, Y = sp.csr_array(np.eye(40, 12)), sp.csr_array(np.eye(40, 3))
model = XRLinearClassifier(LabelTree.from_parents([[0] * 3])).fit(X, Y)


def far_row(A):
    A = sp.coo_array(A.toarray())
    A.coords[0][0] = 10**8
    return A


def far_column(A):
    A = sp.coo_array(A.toarray())
    A.coords[1][0] = 10**8
    return A


def few_pointers(A):
    A = sp.csc_array(A)
    A.indptr = A.indptr[:2].copy()
    return A


def last_pointer(A):
    A = sp.csc_array(A)
    A.indptr[1:-1] = 10**8
    A.indptr[-1] = 0
    return A


calls = {
    "X": [model.rank, lambda A: model.fit(A, Y)],
    "y": [lambda A: model.fit(X, A)],
    "candidates": [lambda A: model.rank(X, candidates=A)],
}
for name, functions in calls.items():
    for break_it in map(globals().get, sys.argv[1:]):
        for function in functions:
            try:
                function(break_it(X if name == "X" else Y))
            except ValueError as error:
                if re.search(rf"\\b{name}\\b", str(error)):
                    continue
            sys.exit(f"{name}, {break_it.__name__}: no ValueError that names {name}")
"""


@pytest.mark.parametrize(
    "changes",
    [
        ["far_row", "far_column", "few_pointers"],
        ["last_pointer"],
    ],
    ids=" ".join,
)
def test_broken_matrices_do_not_crash(changes, tmp_path):
    root = str(Path(sklearn_xmr.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", BROKEN, *changes],
        cwd=tmp_path,  # "" stands before PYTHONPATH: the sources must not be found there
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
