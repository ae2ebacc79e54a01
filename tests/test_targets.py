"""Targets: every form of y that is taken, and what is refused."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.exceptions import DataConversionWarning

from helpers.matrices import one_dimensional
from helpers.models import SCATTERED, assert_same_weights
from helpers.other_tables import Column, Table
from helpers.row_formats import (
    contents,
    csr_with_duplicates,
    int64,
    read_only,
    secretly_unsorted,
    unsorted,
)
from sklearn_xmr import XRLinearClassifier


class TestTargets:
    @pytest.mark.parametrize(
        ("value", "dtype"),
        [
            (2, np.int64),
            (-1, np.int8),
            (255, np.uint8),
            (2, np.float32),
            (0.5, np.float64),
            (np.nan, np.float64),
            (np.inf, np.float32),
        ],
    )
    @pytest.mark.parametrize("container", [np.asarray, sp.csr_array, sp.coo_matrix])
    def test_indicator_of_other_values(self, problem, value, dtype, container):
        Y = problem[1].astype(dtype)
        Y[3, 2] = value
        with pytest.raises(ValueError, match=r"0 and 1|NaN|infinity|Unknown label type"):
            XRLinearClassifier(SCATTERED).fit(problem[0], container(Y))

    def test_indicator_untouched(self, problem):
        X, Y = problem
        coo = sp.coo_array(Y)
        # Stored zeros, unsorted.
        parts = np.append(coo.data, 0), (np.append(coo.row, 99), np.append(coo.col, 0))
        given_ = unsorted(sp.csr_array(parts, shape=Y.shape))
        before = contents(given_)
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, given_)
        assert contents(given_) == before
        assert_same_weights(model, XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y))

    def test_duplicates_in_an_indicator(self, problem):
        Y = csr_with_duplicates(sp.csr_array(problem[1].astype(float)))
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(problem[0], Y)
        expected = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        assert_same_weights(model, expected)
        Y.data[:] = 1
        with pytest.raises(ValueError, match="0 and 1"):
            XRLinearClassifier(SCATTERED).fit(problem[0], Y)

    @pytest.mark.parametrize("convert", [secretly_unsorted, int64, read_only])
    def test_sparse_indicators(self, problem, convert):
        Y = convert(sp.csr_array(problem[1]))
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(problem[0], Y)
        expected = XRLinearClassifier(SCATTERED, random_state=0).fit(*problem)
        assert_same_weights(model, expected)

    def test_frame(self, problem):
        X, Y = problem
        model = XRLinearClassifier(SCATTERED, random_state=0).fit(X, pd.DataFrame(Y))
        assert_same_weights(model, XRLinearClassifier(SCATTERED, random_state=0).fit(X, Y))
        assert isinstance(model.predict(X), np.ndarray)
        assert_array_equal(model.classes_, np.arange(12))

    @pytest.mark.parametrize(
        "convert",
        [
            list,
            pd.Series,
            pd.Categorical,
            lambda y: pd.Series(y, dtype="string"),
            lambda y: pd.Series(y, dtype="category"),
            lambda y: y.astype(object),
        ],
        ids=["list", "Series", "Categorical", "string Series", "category Series", "object"],
    )
    def test_string_classes(self, problem, convert):
        X, Y = problem
        y = np.array(["Ä", "b", "c c"])[Y[:, :3].argmax(axis=1)]
        expected = XRLinearClassifier(random_state=0).fit(X, y)
        model = XRLinearClassifier(random_state=0).fit(X, convert(y))
        assert_array_equal(model.classes_, ["b", "c c", "Ä"])
        assert_array_equal(model.predict(X), expected.predict(X))
        assert_array_equal(model.rank(X, 3)[0], expected.rank(X, 3)[0])

    @pytest.mark.parametrize("dtype", ["Int64", "UInt8", "boolean"])
    def test_nullable_classes(self, problem, dtype):
        X, Y = problem
        y = pd.Series(Y[:, 0], dtype=dtype)
        model = XRLinearClassifier(random_state=0).fit(X, y)
        assert model.classes_.dtype == y.to_numpy().dtype
        assert model.score(X, y) == XRLinearClassifier(random_state=0).fit(X, Y[:, 0]).score(
            X, Y[:, 0]
        )
        y[7] = pd.NA
        with pytest.raises(ValueError, match=r"y must have .*, got <NA> .* row 7"):
            model.fit(X, y)

    @pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="NumPy before 2.0")
    def test_texts_of_numpy(self, problem):
        X, Y = problem
        y = np.array(["one", "two"])[Y[:, 0]]
        of_numpy = y.astype(np.dtypes.StringDType())
        model = XRLinearClassifier(random_state=0).fit(X, of_numpy)
        expected = XRLinearClassifier(random_state=0).fit(X, y)
        assert_array_equal(model.predict(X), expected.predict(X))
        assert model.score(X, of_numpy) == expected.score(X, y)

    def test_columns_and_tables_of_other_libraries(self, problem):
        X, Y = problem
        y, model = np.array(["one", "two"])[Y[:, 0]], XRLinearClassifier(random_state=0)
        names = [["one", "two"][: 1 + row] for row in Y[:, 0]]
        dense = XRLinearClassifier(random_state=0).fit(X.toarray(), Y)
        table = Table({f"f{i}": column for i, column in enumerate(X.toarray().T)})
        assert_same_weights(
            model.fit(table, Table(dict(zip("abc", Y.T[:3], strict=True)))),
            XRLinearClassifier(random_state=0).fit(X, Y[:, :3]),
        )
        assert_array_equal(dense.predict(table), dense.predict(X))
        assert model.fit(X, Column(y)).score(X, Column(y)) == model.score(X, y)
        assert model.fit(X, Column(names)).classes_.tolist() == ["one", "two"]
        with pytest.raises(ValueError, match="y must have a label for each row, got None"):
            model.fit(X, Column([*y[1:], None]))

    @pytest.mark.parametrize(
        "y",
        [
            np.array(["2020", "NaT"] * 50, dtype="M8[Y]"),
            pd.Series(pd.to_datetime(["2020-01-01", None] * 50)),
            pd.Series(pd.to_datetime(["2020-01-01", None] * 50, utc=True)),
            ["a", None] * 50,
            pd.Series(["a", None] * 50, dtype="string"),
            pd.Series(["a", None] * 50, dtype="category"),
        ],
    )
    def test_missing_classes(self, problem, y):
        with pytest.raises(ValueError, match=r"y must have a label .*, got .* in row 1\."):
            XRLinearClassifier(random_state=0).fit(problem[0], y)

    @pytest.mark.parametrize("convert", [list, lambda y: np.array(y, dtype=object), pd.Series])
    def test_texts_and_numbers(self, problem, convert):
        with pytest.raises(ValueError, match="y must have classes of one kind, got texts and 3"):
            XRLinearClassifier(random_state=0).fit(problem[0], convert(["a", 3] * 50))

    def test_column(self, problem):
        X, Y = problem
        model = XRLinearClassifier(random_state=0)
        with pytest.warns(DataConversionWarning):
            model.fit(X, Y[:, :1])
        assert model.predict(X).shape == (100,)
        assert_array_equal(model.classes_, [0, 1])

    @pytest.mark.parametrize(
        "y",
        [
            None,
            np.linspace(0, 1, 100),
            np.ones(99, dtype=int),
            np.ones(101, dtype=int),
            np.ones((100, 0)),
            np.ones((99, 12), dtype=int),
            np.ones((100, 3, 2), dtype=int),
            sp.csr_array((100, 0)),
            sp.csr_array((99, 12)),
            sp.csr_array((0, 12)),
            np.array([["a", "b"]] * 100),
            np.array(["a", None] * 50, dtype=object),
            np.array(["a", 3] * 50, dtype=object),
            np.array([b"a", b"b"] * 50),
            np.full(100, np.nan),
            np.zeros(100, dtype=complex),
            [[1, 0], [1]] * 50,
            [(), (7, "a")] * 50,
            [{7}] * 100,
            [["a"], "a"] * 50,
            "text",
            3,
            *one_dimensional(np.ones(100)),
        ],
        ids=lambda y: f"{type(y).__name__} {getattr(y, 'shape', '')} {getattr(y, 'dtype', '')}",
    )
    @pytest.mark.filterwarnings("ignore:The number of unique classes")
    def test_no_target(self, problem, y):
        with pytest.raises((ValueError, TypeError)):
            XRLinearClassifier(random_state=0).fit(problem[0], y)

    @pytest.mark.parametrize("y", ["text", 3, {"a", "b"}, {0: "a"}, (label for label in "ab")])
    def test_no_list(self, problem, y):
        with pytest.raises(TypeError, match=rf"^y must be a list of .*{type(y).__name__}\.$"):
            XRLinearClassifier().fit(problem[0], y)

    @pytest.mark.parametrize("format_", ["csr", "csc"])
    @pytest.mark.parametrize("index", [-1, 10**6])
    def test_indices_outside(self, problem, format_, index):
        Y = sp.csr_array(problem[1]).asformat(format_, copy=True)
        Y.indices[0] = index
        with pytest.raises(ValueError, match=r"^y\b"):
            XRLinearClassifier(SCATTERED).fit(problem[0], Y)

    @pytest.mark.parametrize("index", [-1, 12])
    def test_indices_outside_of_coo(self, problem, index):
        Y = sp.coo_array(problem[1])
        Y.coords[1][0] = index
        with pytest.raises(ValueError, match="y"):
            XRLinearClassifier(SCATTERED).fit(problem[0], Y)
