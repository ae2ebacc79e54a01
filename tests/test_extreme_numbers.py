"""Numbers as users give them: narrow ones of NumPy's, huge ones, and what is no number at all."""

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal

from helpers.matrices import random_csr
from sklearn_xmr import QueryAutocompleter, XRLinearClassifier, load, save, surgery
from sklearn_xmr._threads import MOST_PER_PROCESSOR, threads_here
from sklearn_xmr.datasets import load_raw_text, load_xmc_file, load_xmc_json, read_query_log
from sklearn_xmr.inspection import export_text
from sklearn_xmr.metrics import by_label_frequency, precision_at_k, propensities, psp_at_k

HUGE = 10**400  # too large for a float


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = random_csr(rng, (60, 20), 0.3)
    return X, sp.csr_array((rng.random((60, 12)) < 0.2).astype(np.float32))


@pytest.fixture(scope="module")
def model(data):
    return XRLinearClassifier(random_state=0).fit(*data)


@pytest.mark.filterwarnings("ignore:The solver stopped")
@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint32, np.int64])
@pytest.mark.parametrize(
    "name", ["beam_width", "shortlist_size", "max_iter", "n_trees", "max_weights", "n_jobs"]
)
def test_narrow_integers_mean_what_pythons_do(data, name, dtype):
    narrow, plain = (
        XRLinearClassifier(random_state=0).set_params(**{name: value}).fit(*data).rank(data[0], 3)
        for value in (dtype(5), 5)
    )
    assert_array_equal(narrow[0], plain[0])
    assert_array_equal(narrow[1], plain[1])


@pytest.mark.parametrize("name", ["beam_width", "shortlist_size", "max_iter", "max_weights"])
def test_huge_counts_are_no_limit(data, model, name):
    huge = XRLinearClassifier(random_state=0).set_params(**{name: HUGE}).fit(*data)
    assert_array_equal(huge.rank(data[0], 3)[0], model.rank(data[0], 3)[0])


@pytest.mark.parametrize("value", [HUGE, np.inf, np.nan, -1])
@pytest.mark.parametrize("name", ["C", "tol", "prune_threshold"])
def test_numbers_out_of_range(data, name, value):
    with pytest.raises(ValueError, match=name):
        XRLinearClassifier().set_params(**{name: value}).fit(*data)


@pytest.mark.parametrize("n_jobs", [2**31, 2**70, np.int64(2**40)])
def test_no_more_threads_than_are_any_use(n_jobs):
    assert threads_here(n_jobs) == MOST_PER_PROCESSOR * joblib.cpu_count()
    assert threads_here(-(2**70)) == 1


@pytest.mark.parametrize("scaling", [1e19, 1e39, HUGE])
def test_constant_features_whose_square_is_no_float32(data, scaling):
    with pytest.raises(ValueError, match="intercept_scaling"):
        XRLinearClassifier(intercept_scaling=scaling).fit(*data)


@pytest.mark.parametrize("min_score", [2**70, 1e300, HUGE])
def test_scores_that_none_reaches(data, model, min_score):
    labels, scores = model.rank(data[0], 3, min_score=min_score)
    assert (labels == -1).all()
    assert (scores == -np.inf).all()
    assert_array_equal(model.rank(data[0], 3, min_score=-min_score)[0], model.rank(data[0], 3)[0])


def test_extreme_constants_of_propensities():
    Y = sp.csr_array([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0]])
    assert_array_equal(propensities(Y[:, :1], A=1e300), 1)  # (2.5 / 5.5) ** A is 0
    with pytest.raises(ValueError, match="A must be smaller or B larger"):
        propensities(Y, A=1e300)  # and (2.5 / 1.5) ** A is infinite
    # With a large shift all frequencies are alike: 1 / (1 + log(4) - 1).
    assert propensities(Y, B=1e300) == pytest.approx(1 / np.log(4))


def test_dates_are_no_numbers():
    dates = np.array([["2020-01-01", "2020-01-02"]] * 3, dtype="datetime64[D]")
    for X in (dates, dates - dates[0, 0], dates.tolist(), [list(row) for row in dates]):
        with pytest.raises((TypeError, ValueError), match=r"X must hold numbers|float"):
            XRLinearClassifier().fit(X, [0, 1, 0])


def test_messages_name_the_parameter(data, model):
    X, Y = data
    scores = model.predict_proba(X)
    objects = sp.csr_matrix(X)
    objects.data = objects.data.astype(object)
    objects.data[0] = "a"
    with pytest.raises(ValueError, match="X must be a matrix of numbers"):
        model.rank(objects)
    with pytest.raises(TypeError, match="label_names must be a list of names, got 3 of type int"):
        export_text(model, label_names=3)
    with pytest.raises(ValueError, match="frequency must be numbers, got 'x'"):
        by_label_frequency(precision_at_k, Y, scores, frequency="x")
    with pytest.raises(ValueError, match="boundaries must be numbers"):
        by_label_frequency(precision_at_k, Y, scores, frequency=np.ones(12), boundaries=["a"])
    with pytest.raises(ValueError, match="propensity must be numbers"):
        psp_at_k(Y, scores, propensity=[[1], [2, 3]])
    with pytest.raises(ValueError, match="Y must have at least 3 rows"):
        propensities([[1, 0]])
    with pytest.raises(TypeError, match="subtrees must be a list of classifiers, got None"):
        surgery.join(model, None)


@pytest.mark.parametrize("form", ["dok", "lil", "coo", "csc", "bsr", "dia"])
def test_label_features_of_any_format(data, model, form):
    features = sp.eye_array(12).asformat(form)
    ranked = XRLinearClassifier(label_features=features, random_state=0).fit(*data).rank(data[0], 3)
    assert_array_equal(ranked[0], model.rank(data[0], 3)[0])  # they are on one leaf


def test_weights_whose_sums_are_not_exact():
    for weight in (2**53, 1e300):
        with pytest.raises(ValueError, match=r"sample_weight must sum to less than 9e\+15"):
            QueryAutocompleter().fit([["", "a"]], ["ab"], sample_weight=[weight])


def test_a_number_is_no_path():
    # Python takes it for an open file, and closes it: 1 is what is printed to.
    for read in (load, load_xmc_file, load_xmc_json, load_raw_text, read_query_log):
        with pytest.raises(TypeError, match="path must be a str or path-like, got 1"):
            read(1)
    with pytest.raises(TypeError, match="path must be a str or path-like, got 2"):
        save(1, 2)


def test_scores_of_a_matrix_that_is_none():
    X, Y = sp.eye_array(8, format="csr"), sp.eye_array(8, format="csr", dtype=np.float32)
    model = XRLinearClassifier(random_state=0).fit(X, Y)
    Y.indices = Y.indices + np.int32(2**30)
    with pytest.raises(ValueError, match="y is not a valid CSR matrix"):
        model.score(X, Y)
