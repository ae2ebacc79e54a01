"""Ranking by a fitted classifier: among candidates only, and what it is asked and answers."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.base import clone

from helpers.matrices import one_dimensional
from helpers.reference import (
    TREES,
    Reference,
    assert_same_ranking,
    candidate_rows,
    make_problem,
    queries,
    random_tree,
    shown,
)
from sklearn_xmr import LabelTree, XRLinearClassifier, _fitted_state

N_LABELS = 12


@pytest.fixture(scope="module", params=["flat", "scattered siblings", "childless nodes", "deep"])
def model(request):
    tree = LabelTree.from_parents(TREES[request.param])
    X, Y = make_problem()
    return XRLinearClassifier(tree, random_state=0, score_transform="log_l3_hinge").fit(X, Y)


@pytest.fixture
def wide(model):
    return clone_fitted(model, beam_width=50)


@pytest.fixture(scope="module")
def X():
    return queries(n_queries=20)


def clone_fitted(model, **params):
    copied = clone(model)
    copied.__dict__.update({k: v for k, v in vars(model).items() if k not in model.get_params()})
    return copied.set_params(**params)


def best_of(model, X, allowed, k):
    """Brute force: score every label, take the best that are allowed."""
    paths = Reference(model).label_paths(X, model.score_transform)
    paths = np.where(allowed, paths, -np.inf)
    order = np.argsort(-paths, axis=1, kind="stable")[:, :k]
    scores = np.take_along_axis(paths, order, axis=1)
    return np.where(np.isneginf(scores), -1, order), scores


class TestCandidates:
    def test_exact_with_a_wide_beam(self, wide, X):
        allowed = candidate_rows()
        for k in (1, 4, 15):
            expected = best_of(wide, X, allowed, min(k, N_LABELS))
            if k > N_LABELS:
                pad = [(0, 0), (0, k - N_LABELS)]
                expected = (
                    np.pad(expected[0], pad, constant_values=-1),
                    np.pad(expected[1], pad, constant_values=-np.inf),
                )
            assert_same_ranking(wide.rank(X, k, candidates=allowed), expected)

    def test_exact_where_allowed_nodes_fit_the_beam(self, model, X):
        # Two candidates have at most two nodes above them, on any layer.
        narrow = clone_fitted(model, beam_width=2)
        rng = np.random.default_rng(0)
        allowed = np.zeros((20, N_LABELS), dtype=bool)
        for row in allowed:
            row[rng.choice(N_LABELS, size=2, replace=False)] = True
        expected = best_of(narrow, X, allowed, 2)
        assert (expected[0] >= 0).all()
        assert_same_ranking(narrow.rank(X, 2, candidates=allowed), expected)

    @pytest.mark.parametrize("beam_width", [1, 2, 3])
    def test_beam_goes_to_nodes_that_lead_to_candidates(self, model, X, beam_width):
        narrow = clone_fitted(model, beam_width=beam_width)
        allowed = candidate_rows()
        positions, paths = Reference(narrow).rank(
            X, 5, "log_l3_hinge", beam_width, candidates=allowed
        )
        assert_same_ranking(narrow.rank(X, 5, candidates=allowed), (positions, paths))
        # Whoever has a candidate gets one.
        assert_array_equal(positions[:, 0] >= 0, allowed.any(axis=1))

    @pytest.mark.parametrize(
        "convert",
        [
            sp.csr_array,
            sp.csr_matrix,
            sp.csc_array,
            sp.coo_array,
            sp.lil_matrix,
            np.asfortranarray,
            lambda allowed: allowed.tolist(),
            lambda allowed: allowed.astype(np.int8),
            lambda allowed: -3.5 * allowed,
            lambda allowed: sp.csr_array(allowed * np.float32(1e-9)),
            lambda allowed: pd.DataFrame(allowed),
        ],
        ids=[
            "csr_array",
            "csr_matrix",
            "csc",
            "coo",
            "lil",
            "Fortran",
            "list",
            "int8",
            "float",
            "sparse-float",
            "frame",
        ],
    )
    def test_containers(self, model, X, convert):
        allowed = candidate_rows()
        expected = model.rank(X, 4, candidates=allowed)
        assert_same_ranking(model.rank(X, 4, candidates=convert(allowed)), expected)

    def test_one_mask_for_all(self, model, X):
        for mask in candidate_rows():
            expected = model.rank(X, 4, candidates=np.tile(mask, (20, 1)))
            for given_ in (mask, mask.tolist(), pd.Series(mask)):
                found = model.rank(X, 4, candidates=given_)
                assert_array_equal(found[0], expected[0])
                assert_array_equal(found[1], expected[1])

    def test_everything_allowed_is_no_restriction(self, model, X):
        expected = model.rank(X, 6)
        for given_ in (np.ones(N_LABELS, dtype=bool), np.ones((20, N_LABELS))):
            found = model.rank(X, 6, candidates=given_)
            assert_array_equal(found[0], expected[0])
            assert_array_equal(found[1], expected[1])

    @pytest.mark.parametrize("transform", ["l3_hinge", "log_l3_hinge", "sigmoid", "noop"])
    def test_nothing_allowed(self, model, X, transform):
        model = clone_fitted(model, score_transform=transform)
        for given_ in (
            np.zeros(N_LABELS, dtype=bool),
            np.zeros((20, N_LABELS)),
            sp.csr_array((20, N_LABELS)),
        ):
            labels, scores = model.rank(X, 3, candidates=given_)
            assert_array_equal(labels, np.full((20, 3), -1))
            assert_array_equal(scores, np.full((20, 3), -np.inf))

    def test_stored_zeros_are_not_allowed(self, model, X):
        allowed = candidate_rows()
        stored = sp.csr_array(np.ones((20, N_LABELS)))
        stored.data[:] = allowed.ravel()
        before = stored.copy()
        expected = model.rank(X, 4, candidates=allowed)
        assert_same_ranking(model.rank(X, 4, candidates=stored), expected)
        # The user's own is left as it is.
        assert_array_equal(stored.data, before.data)
        assert_array_equal(stored.indices, before.indices)

    def test_single_rows_are_the_batch(self, model, X):
        allowed = candidate_rows()
        labels, scores = model.rank(X, 4, candidates=allowed)
        for row in range(20):
            for given_ in (allowed[row], allowed[[row]], sp.csr_array(allowed[[row]])):
                found = model.rank(X[[row]], 4, candidates=given_)
                assert_array_equal(found[0][0], labels[row])
                assert_array_equal(found[1][0], scores[row])

    def test_order_of_classes(self):
        X, Y = make_problem()
        y = np.array(["z", "y", "x", "w"])[Y[:, :4].argmax(axis=1)]
        model = XRLinearClassifier(random_state=0).fit(X, y)
        labels, _ = model.rank(X, 2, candidates=np.isin(model.classes_, ["w", "z"]))
        assert set(labels.ravel()) == {"w", "z"}

    @settings(max_examples=60, deadline=None)
    @given(
        seed=st.integers(0, 2**32 - 1),
        n_labels=st.integers(1, 15),
        n_layers=st.integers(1, 4),
        beam_width=st.integers(1, 4),
        k=st.integers(1, 6),
        density=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
        transform=st.sampled_from(["l2_hinge", "log_sigmoid", "noop"]),
    )
    def test_any_small_problem(self, seed, n_labels, n_layers, beam_width, k, density, transform):
        rng = np.random.default_rng(seed)
        tree = random_tree(rng, n_labels, n_layers)
        X, Y = make_problem(seed, n_samples=15, n_features=6, n_labels=n_labels)
        model = XRLinearClassifier(
            tree, random_state=0, max_iter=10_000, score_transform=transform, beam_width=beam_width
        ).fit(X, sp.csr_array(Y))
        allowed = rng.random((15, n_labels)) < density
        labels, scores = model.rank(X, k, candidates=sp.csr_array(allowed))
        for row, found in enumerate(labels):
            real = found[found >= 0]
            assert allowed[row, real].all()
            assert len(real) == len(set(real))
            assert bool(len(real)) == allowed[row].any()
        positions, paths = Reference(model).rank(X, k, transform, beam_width, candidates=allowed)
        assert_same_ranking((labels, scores), (positions, shown(paths, transform)))


class TestWrongCandidates:
    @pytest.fixture
    def model(self):
        tree = LabelTree.from_parents(TREES["two layers"])
        return XRLinearClassifier(tree, random_state=0).fit(*make_problem())

    @pytest.mark.parametrize(
        "candidates",
        [
            np.ones(11, dtype=bool),
            np.ones(13, dtype=bool),
            np.ones(20, dtype=bool),
            np.ones(12, dtype=int),
            np.ones(12),
            np.arange(3) - 1,
            [True],
            [0.0, 1.0],
            [3, 5, 3],
            [12],
            [None],
            np.ones((20, 11)),
            np.ones((19, 12)),
            np.ones((1, 12)),
            np.ones((12, 20)),
            np.ones((20, 12, 1)),
            np.ones((0, 12)),
            sp.csr_array((20, 13)),
            sp.csr_array((21, 12)),
            True,
            3,
            "all",
            {1, 12},
            np.full((20, 12), "yes"),
            np.full((20, 12), None),
            np.where(np.eye(20, 12) == 1, np.nan, 1),
            sp.csr_array(np.where(np.eye(20, 12) == 1, np.nan, 1)),
            [[True] * 12, [False]],
        ],
        ids=lambda value: f"{type(value).__name__} {getattr(value, 'shape', '')}",
    )
    def test_wrong_ones(self, model, X, candidates):
        with pytest.raises((ValueError, TypeError), match="candidates"):
            model.rank(X, candidates=candidates)

    @pytest.mark.parametrize("mask", one_dimensional(np.ones(12)))
    def test_sparse_masks_are_two_dimensional(self, model, X, mask):
        with pytest.raises(ValueError, match="candidates"):
            model.rank(X, candidates=mask)

    @pytest.mark.parametrize("index", [-1, 10**6])
    @pytest.mark.parametrize("format_", ["csr", "csc"])
    def test_indices_outside(self, model, X, format_, index):
        bad = sp.csr_array(candidate_rows()).asformat(format_)
        bad.indices[0] = index
        with pytest.raises(ValueError, match=r"^candidates\b"):
            model.rank(X, candidates=bad)

    @pytest.mark.parametrize("index", [-1, 12])
    def test_indices_outside_of_coo(self, model, X, index):
        bad = sp.coo_array(candidate_rows())
        bad.coords[1][0] = index
        with pytest.raises(ValueError, match="candidates"):
            model.rank(X, candidates=bad)


def test_shortlists_are_no_longer_than_the_labels_are_many(model, X):
    huge = clone_fitted(model, shortlist_size=10**12)
    whole = clone_fitted(model, shortlist_size=N_LABELS)
    assert_array_equal(huge.predict_proba(X), whole.predict_proba(X))
    assert_array_equal(huge.decision_function(X), whole.decision_function(X))
    assert_array_equal(huge.predict(X), whole.predict(X))


def test_wide_indices_are_taken_as_they_are(model, X, monkeypatch):
    monkeypatch.setattr(_fitted_state, "check_csr", None)  # nothing else looks at the rows
    wide = sp.csr_array(X)
    parts = (
        wide.data.astype(np.float32),
        wide.indices.astype(np.int64),
        wide.indptr.astype(np.int64),
    )
    wide = sp.csr_array((1, 1))
    wide.data, wide.indices, wide.indptr = parts
    wide._shape = X.shape
    narrow = sp.csr_array((parts[0], parts[1].astype(np.int32), parts[2].astype(np.int32)), X.shape)
    assert wide.indices.dtype == np.int64
    for found, expected in zip(model.rank(wide, 4), model.rank(narrow, 4), strict=True):
        assert_array_equal(found, expected)


@pytest.mark.parametrize("unit", ["D", "ns"])
@pytest.mark.parametrize("kind", ["datetime64", "timedelta64"])
def test_dates_stay_dates(unit, kind):
    days = np.array([3, 500, 7], dtype=f"{kind}[{unit}]")
    rows, Y = make_problem()
    y = days[Y[:, :3].argmax(axis=1)]
    model = XRLinearClassifier(random_state=0).fit(rows, y)
    labels, _ = model.rank(queries(), 4)
    assert_array_equal(labels[:, 0].astype(days.dtype), model.predict(queries()))
    assert all(isinstance(label, days.dtype.type) for label in labels[:, :3].ravel())
    assert all(label is None for label in labels[:, 3])


def test_narrow_integers_add_up_without_wrapping(model, X):
    # 128 + 128 is 0 in 8 bits.
    parts = np.array([128, 128, 1], dtype=np.uint8), ([0, 0, 0], [3, 3, 5])
    candidates = sp.coo_array(parts, shape=(1, N_LABELS))
    labels, _ = model.rank(X[:1], 3, candidates=candidates)
    assert sorted(labels[0]) == [-1, 3, 5]
    y = sp.coo_array((np.array([255, 2], dtype=np.uint8), ([0, 0], [1, 1])), shape=(1, 3))
    with pytest.raises(ValueError, match="257"):
        XRLinearClassifier().fit(np.ones((1, 2)), y)


@pytest.mark.parametrize("n_jobs", [2.5, "a"])
def test_n_jobs_set_later_is_checked(model, X, n_jobs):
    with pytest.raises(ValueError, match="'n_jobs' parameter"):
        clone_fitted(model, n_jobs=n_jobs).rank(X)


@pytest.mark.parametrize("k", [2**31, 2**70])
def test_k_has_an_end(model, X, k):
    with pytest.raises(ValueError, match="k must be an integer from 1 to 2147483647"):
        model.rank(X, k)
