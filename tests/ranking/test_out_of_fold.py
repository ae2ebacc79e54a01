"""Shortlists out of fold: no row, nor a row of a cold label, is seen by the model that is asked."""

import numpy as np
import pytest
import scipy.sparse as sp

from sklearn_xmr._ranking.out_of_fold import COLD_SHARE, out_of_fold_shortlists


def indicator(n_rows=60, n_labels=40, seed=0):
    rng = np.random.default_rng(seed)
    return sp.csr_array((rng.random((n_rows, n_labels)) < 0.1).astype(np.float32))


def asked(Y, **params):
    """The shortlists, and what the models were fitted to."""
    calls = []

    def fit_and_search(rows, known, held_out):
        calls.append((rows, known, held_out))
        width = 2 + len(calls)
        labels = (held_out[:, None] + np.arange(width)) % Y.shape[1]
        labels[:, -1] = -1
        return labels, np.where(labels < 0, -np.inf, -labels).astype(np.float32)

    return out_of_fold_shortlists(fit_and_search, Y, **params), calls


def test_models_see_neither_the_rows_nor_cold_labels():
    Y = indicator()
    _, calls = asked(Y, cv=4, random_state=0)
    assert len(calls) == 4
    np.testing.assert_array_equal(np.sort(np.concatenate([c[2] for c in calls])), np.arange(60))
    for rows, known, held_out in calls:
        assert not set(rows) & set(held_out)
        assert (np.diff(known.indptr) > 0).all()
        others = np.setdiff1d(np.arange(60), held_out)
        lost = (Y[others].sum(axis=0) > 0) & (known.sum(axis=0) == 0)
        assert 0 < lost.mean() < 2 * COLD_SHARE
        np.testing.assert_array_equal(known.toarray(), Y[rows].toarray() * ~lost)
        # A row without labels left is none: it would be a negative of labels that it has.
        assert not (Y[np.setdiff1d(others, rows)].toarray() * ~lost).any()


def test_shortlists_come_in_the_order_of_rows_with_the_models_counts():
    Y = indicator()
    found, calls = asked(Y, cv=3, random_state=1)
    assert found.labels.shape == (60, 5)
    for number, (_, known, held_out) in enumerate(calls):
        width = 2 + number
        counts = known.sum(axis=0)
        expected = (held_out[:, None] + np.arange(width)) % 40
        np.testing.assert_array_equal(found.labels[held_out, :width], expected)
        np.testing.assert_array_equal(found.scores[held_out, :width], -expected)
        np.testing.assert_array_equal(found.label_counts[held_out, :width], counts[expected])
        assert (found.labels[held_out, width:] == -1).all()
        assert (found.scores[held_out, width:] == -np.inf).all()


def test_of_few_labels_not_all_are_cold():
    Y = sp.csr_array(np.tile(np.eye(2, dtype=np.float32), (4, 1)))
    for seed in range(30):
        _, calls = asked(Y, cv=2, random_state=seed)
        assert all(known.nnz > 0 for _, known, _ in calls)


def test_rows_of_a_group_stay_together():
    groups = np.repeat(list("abcdefghij"), 6)
    _, calls = asked(indicator(), cv=3, groups=groups, random_state=0)
    for rows, _, held_out in calls:
        assert not set(groups[rows]) & set(groups[held_out])


def test_the_same_seed_gives_the_same_shortlists():
    first, second = (asked(indicator(), cv=3, random_state=7)[0] for _ in range(2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_more_parts_than_rows_are_refused():
    with pytest.raises(ValueError, match=r"^cv must be at most the number of distinct rows, 2"):
        asked(indicator(4), cv=3, groups=[0, 0, 1, 1])
