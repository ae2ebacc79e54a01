"""What vectors have in common, against a twin in plain Python and closed forms."""

import numpy as np
import pytest
import scipy.sparse as sp

from sklearn_xmr._kernels.match_vectors import VectorFeature, match_vectors, view_totals
from sklearn_xmr._sparse import Csr, indptr_of


def rows_of(matrix):
    """A dense matrix, as the kernel reads it."""
    return Csr.of(sp.csr_array(np.asarray(matrix, dtype=np.float32)))


def totals(matrix, views):
    """What the kernel knows of rows beforehand."""
    shape = len(matrix), len(views), 2
    spans, sums = np.full(shape, -1, dtype=np.int64), np.full(shape, np.nan)
    view_totals(*rows_of(matrix)[:3], views, spans, sums)
    return spans, sums


def compared(queries, labels, pairs, views, term_weights=(), n_later=0):
    """What the kernel finds for lists of labels, one for each query; some of them came later."""
    views = np.array(views, dtype=np.int32)
    pair_ptr = indptr_of([len(row) for row in pairs])
    out = np.full((pair_ptr[-1], len(views) * (VectorFeature.N_VECTOR_FEATURES + 1) + 4), np.nan)
    flat = np.array([label for row in pairs for label in row], dtype=np.int32)
    weights = np.array(term_weights, dtype=float)
    labels, n_first = np.asarray(labels), len(labels) - n_later
    rows = rows_of(queries), rows_of(labels[:n_first]), rows_of(labels[n_first:])
    match_vectors(*rows, *totals(labels, views), views, pair_ptr, flat, weights, out)
    assert np.isnan(out[:, -1]).all()
    return out[:, :-1]


def ratio(part, whole):
    return part / whole if whole > 0 else 0.0


def view_twin(query, label):
    """The features of two dense rows in a view."""
    size, label_size = np.abs(query), np.abs(label)
    norms = np.sqrt((query @ query) * (label @ label))
    return [
        ratio(query @ label, norms),
        ratio(np.sum((query != 0) & (label != 0)), np.sum(query != 0)),
        ratio(size[label != 0].sum(), size.sum()),
        ratio(label_size[query != 0].sum(), label_size.sum()),
        ratio(size[label == 0].max(initial=0), size.max(initial=0)),
    ]


def twin(queries, labels, pairs, views, weights):
    """What is to be found for dense rows."""
    queries, labels = queries.astype(float), labels.astype(float)
    views = [slice(*view) for view in views]
    found = []
    for query, row in zip(queries, pairs, strict=True):
        by_view = np.array(
            [[view_twin(query[view], labels[c][view]) for view in views] for c in row]
        ).reshape(len(row), len(views), 5)
        cosines = by_view[:, :, 0]
        gaps = cosines.max(axis=0, initial=-2) - cosines
        for c, features, gap in zip(row, by_view, gaps, strict=True):
            a, b, w = (x[views[0]] for x in (query, labels[c], weights))
            weighted = ratio(a @ (w * b), np.linalg.norm(a) * np.linalg.norm(b))
            lengths = np.log1p([np.sum(a != 0), np.sum(b != 0)])
            found.append([*features.ravel(), weighted, *gap, *lengths])
    return np.reshape(found, (len(found), 6 * len(views) + 3))


def problem(density, n_columns=12, seed=0):
    """Queries, labels and pairs of which some queries have none, and weights of columns."""
    rng = np.random.default_rng(seed)
    queries, labels = (
        (rng.normal(size=(n, n_columns)) * (rng.random((n, n_columns)) < density)).astype(
            np.float32
        )
        for n in (6, 30)
    )
    pairs = [rng.permutation(30)[: rng.integers(0, 31)] for _ in range(6)]
    pairs[2] = pairs[2][:0]
    return queries, labels, pairs, rng.normal(size=n_columns)


@pytest.mark.parametrize(
    "views", [[(0, 12)], [(0, 4), (4, 5), (5, 12)], [(3, 9), (0, 7)], [(5, 5), (11, 12)]]
)
@pytest.mark.parametrize("density", [0.1, 0.6])
def test_equal_the_twin(views, density):
    queries, labels, pairs, weights = problem(density)
    found = compared(queries, labels, pairs, views, weights)
    expected = twin(queries, labels, pairs, views, weights)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    later = compared(queries, labels, pairs, views, weights, n_later=11)
    np.testing.assert_array_equal(later, found)
    without = compared(queries, labels, pairs, views)
    expected = twin(queries, labels, pairs, views, 0 * weights)
    np.testing.assert_allclose(without, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("density", [0.003, 0.9])
def test_more_columns_than_the_filter_tells_apart(density):
    queries, labels, pairs, weights = problem(density, 40_000)
    views = [(0, 20_000), (20_000, 40_000)]
    found = compared(queries, labels, pairs, views, weights)
    expected = twin(queries, labels, pairs, views, weights)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_a_query_s_bits_do_not_depend_on_the_others():
    queries, labels, pairs, weights = problem(0.4)
    views = [(0, 5), (5, 12)]
    together = compared(queries, labels, pairs, views, weights)
    alone = [compared(queries[[q]], labels, [row], views, weights) for q, row in enumerate(pairs)]
    np.testing.assert_array_equal(together, np.concatenate(alone))


def test_a_vector_beside_itself_and_beside_nothing():
    found = compared([[3, 4, 0]], [[3, 4, 0], [0, 0, 7]], [[0, 1]], [(0, 3)])
    logs = np.log([3, 3]), np.log([3, 2])
    expected = [[1, 1, 1, 1, 0, 0, 0, *logs[0]], [0, 0, 0, 0, 1, 0, 1, *logs[1]]]
    np.testing.assert_allclose(found, expected)


def test_totals_of_a_row():
    views = np.array([[0, 2], [1, 4], [4, 4]], dtype=np.int32)
    spans, sums = totals([[0, 0, 0, 0], [-3, 4, 0, 12]], views)
    assert spans[1].tolist() == [[0, 2], [1, 3], [3, 3]]
    assert (spans[0, :, 0] == spans[0, :, 1]).all()
    np.testing.assert_allclose(sums[1], [[7, 5], [16, np.sqrt(160)], [0, 0]])
    assert not sums[0].any()
