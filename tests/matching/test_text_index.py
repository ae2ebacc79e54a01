"""The text index against all products, while rows come and go."""

import pickle
import threading

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from helpers.matrices import random_csr
from sklearn_xmr import CharNgramTfidf
from sklearn_xmr._matching.text_index import TextIndex
from sklearn_xmr._sparse import Csr

WORDS = ["garden", "hose", "reel", "wood", "screw", "brass", "angle", "black", "steel", "light"]


def random_texts(rng, n):
    return [" ".join(rng.choice(WORDS, 4)) + f" {rng.integers(30)}" for _ in range(n)]


def naive(vectors, queries, k):
    """Rows and scores of all products, summed in the order of the features."""
    n_features = max(vectors.shape[1], queries.shape[1])
    dense = np.zeros((vectors.shape[0], n_features), dtype=np.float32)
    dense[:, : vectors.shape[1]] = vectors.toarray()
    rows = np.full((queries.shape[0], k), -1, dtype=np.int32)
    scores = np.full((queries.shape[0], k), -np.inf, dtype=np.float32)
    for q in range(queries.shape[0]):
        total = np.zeros(len(dense), dtype=np.float32)
        query = queries[[q]].toarray()[0].astype(np.float32)
        for feature in np.flatnonzero(query):
            total += query[feature] * dense[:, feature]
        best = np.lexsort((np.arange(len(dense)), -total))[:k]
        best = best[total[best] > 0]
        rows[q, : len(best)], scores[q, : len(best)] = best, total[best]
    return rows, scores


def assert_same(found, expected):
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype
        assert_array_equal(a, b)


def held(index):
    """Bytes of an index."""
    return sum(array.nbytes for segment in index._state.segments for array in segment[:-1])


@pytest.fixture(scope="module")
def vectorizer():
    return CharNgramTfidf((2, 3)).fit(random_texts(np.random.default_rng(0), 500))


@pytest.fixture(scope="module")
def vectors(vectorizer):
    return vectorizer.transform(random_texts(np.random.default_rng(1), 300))


@pytest.fixture(scope="module")
def queries(vectorizer):
    return vectorizer.transform(random_texts(np.random.default_rng(2), 100))


class TestSearch:
    @pytest.mark.parametrize("k", [1, 10, 1000])
    @pytest.mark.parametrize("n_jobs", [None, 3])
    def test_equals_naive(self, vectors, queries, k, n_jobs):
        index = TextIndex.build(vectors)
        assert (len(index), index.n_rows, index.n_features) == (300, *vectors.shape)
        assert_same(index.search(queries, k, n_jobs=n_jobs), naive(vectors, queries, k))

    def test_one_query_equals_a_batch(self, vectors, queries):
        index = TextIndex.build(vectors)
        rows, scores = index.search(queries, 5)
        for q in range(queries.shape[0]):
            assert_same(index.search(queries[[q]], 5), (rows[[q]], scores[[q]]))

    @pytest.mark.parametrize("share", [0.02, 0.2, 0.9])
    def test_candidates(self, vectors, queries, share):
        rng = np.random.default_rng(3)
        index = TextIndex.build(vectors)
        mask = rng.random(300) < share
        only = sp.csr_array(vectors.multiply(mask[:, None]))
        expected = naive(only, queries, 10)
        numbers = rng.permutation(np.flatnonzero(mask))
        each = np.tile(mask, (100, 1))
        for candidates in (mask, numbers, each, sp.csr_matrix(each), each.astype(float)):
            assert_same(index.search(queries, 10, candidates=candidates, n_jobs=2), expected)
        own = rng.random((100, 300)) < share / 2
        rows, scores = index.search(queries, 10, candidates=own, n_jobs=2)
        for q in range(100):
            only = sp.csr_array(vectors.multiply(own[q][:, None]))
            assert_same((rows[[q]], scores[[q]]), naive(only, queries[[q]], 10))

    def test_nothing_to_find(self, vectors, queries):
        index = TextIndex.build(vectors)
        nothing = np.full((100, 2), -1, dtype=np.int32), np.full((100, 2), -np.inf, np.float32)
        assert_same(index.search(sp.csr_array(queries.shape), 2), nothing)
        assert_same(TextIndex().search(queries, 2), nothing)
        assert_same(TextIndex.build(sp.csr_array((5, 3))).search(queries, 2), nothing)
        assert_same(index.search(queries, 2, candidates=np.zeros(300, dtype=bool)), nothing)
        assert_same(index.search(queries, 2, candidates=np.zeros((100, 300))), nothing)
        assert_same(index.search(queries, 2, candidates=[]), nothing)
        assert index.search(queries[:0], 2)[0].shape == (0, 2)
        assert index.add(vectors[:0]).shape == (0,)

    def test_columns_are_known_by_number(self, vectors, queries):
        wide = sp.csr_array(
            sp.hstack([vectors, random_csr(np.random.default_rng(4), (300, 50), 1)])
        )
        longer = sp.csr_array(sp.hstack([queries, np.ones((100, 80))], dtype=np.float32))
        assert_same(TextIndex.build(wide).search(queries, 5), naive(vectors, queries, 5))
        assert_same(TextIndex.build(vectors).search(longer, 5), naive(vectors, queries, 5))
        index = TextIndex.build(vectors[:150])
        index.add(wide[150:])
        both = sp.vstack(
            [wide[:150].multiply(np.arange(wide.shape[1]) < vectors.shape[1]), wide[150:]]
        )
        assert_same(index.search(longer, 5), naive(sp.csr_array(both), longer, 5))
        assert index.n_features == wide.shape[1]

    def test_any_form_of_matrix(self, vectors, queries):
        expected = naive(vectors, queries, 5)
        unsorted = sp.csr_array(vectors.tocsc().T.tocsc().T)
        wide = vectors.copy()
        wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
        frozen = vectors.copy()
        for array in (frozen.data, frozen.indices, frozen.indptr):
            array.flags.writeable = False
        forms = [vectors.toarray(), vectors.tocoo(), vectors.astype(float), unsorted, wide, frozen]
        for form in [*forms, sp.csr_matrix(vectors), Csr.of(vectors)]:
            assert_same(TextIndex.build(form).search(queries, 5), expected)
        assert_same(TextIndex.build(vectors).search(queries.toarray(), 5), expected)


class TestErrors:
    @pytest.mark.parametrize("bad", [-1, np.nan, np.inf])
    def test_values(self, vectors, bad):
        index, wrong = TextIndex.build(vectors), vectors.copy()
        wrong.data[3] = bad
        with pytest.raises(ValueError, match="vectors"):
            index.add(wrong)
        with pytest.raises(ValueError, match="queries"):
            index.search(wrong, 5)
        assert (len(index), index.n_rows) == (300, 300)

    @pytest.mark.parametrize("bad", [np.ones(3), np.ones((2, 2, 2)), "text", np.empty(0)])
    def test_shapes(self, vectors, bad):
        with pytest.raises(ValueError, match="vectors"):
            TextIndex.build(bad)
        with pytest.raises(ValueError, match="queries"):
            TextIndex.build(vectors).search(bad, 5)

    @pytest.mark.parametrize("k", [0, -1, 1.5, True, None])
    def test_k(self, vectors, queries, k):
        with pytest.raises(ValueError, match="k must be"):
            TextIndex.build(vectors).search(queries, k)

    @pytest.mark.parametrize(
        "candidates",
        [
            np.ones(299, dtype=bool),
            np.ones((99, 300)),
            np.ones((100, 301)),
            np.full((100, 300), np.nan),
            [300],
            [-1],
            [0.5],
            ["a"],
            np.ones((2, 2, 2)),
        ],
    )
    def test_candidates(self, vectors, queries, candidates):
        with pytest.raises(ValueError, match="candidates"):
            TextIndex.build(vectors).search(queries, 5, candidates=candidates)

    @pytest.mark.parametrize(
        "rows", [[300], [-1], [2**40], [1, 1], [7], [0.5], [[1]], 3, "a", [True]]
    )
    def test_rows(self, vectors, queries, rows):
        index = TextIndex.build(vectors)
        index.remove([7])
        before = index.search(queries, 20)
        with pytest.raises(ValueError, match="rows"):
            index.remove(rows)
        assert len(index) == 299
        assert_same(index.search(queries, 20), before)


class TestChanges:
    @settings(deadline=None, max_examples=30)
    @given(seed=st.integers(0, 2**32 - 1), n_changes=st.integers(1, 60))
    def test_equals_an_index_built_at_once(self, vectorizer, queries, seed, n_changes):
        rng = np.random.default_rng(seed)
        index, all_vectors, alive = TextIndex(), [], np.zeros(0, dtype=bool)
        for _ in range(n_changes):
            if rng.random() < 0.6:
                new = vectorizer.transform(random_texts(rng, rng.choice([1, 2, 30])))
                assert_array_equal(index.add(new), len(alive) + np.arange(new.shape[0]))
                all_vectors.append(new)
                alive = np.concatenate([alive, np.ones(new.shape[0], dtype=bool)])
            elif alive.any():
                n_removed = rng.choice([1, 1 + np.count_nonzero(alive) // 2])
                removed = rng.choice(np.flatnonzero(alive), n_removed, replace=False)
                index.remove(removed)
                alive[removed] = False
            assert len(index) == np.count_nonzero(alive)
        if not all_vectors:
            return
        left = sp.csr_array(sp.vstack(all_vectors, format="csr").multiply(alive[:, None]))
        assert_same(index.search(queries[:10], 7), naive(left, queries[:10], 7))
        some = np.flatnonzero(rng.random(len(alive)) < 0.3)
        only = sp.csr_array(left.multiply(np.isin(np.arange(len(alive)), some)[:, None]))
        assert_same(index.search(queries[:10], 7, candidates=some), naive(only, queries[:10], 7))

    def test_no_row_is_split_up_between_searches(self, vectorizer):
        # A pair of texts is always added and removed together: never may just one be found.
        pair = vectorizer.transform(["garden hose", "garden hose"])
        index = TextIndex.build(vectorizer.transform(random_texts(np.random.default_rng(0), 200)))
        failures, is_over = [], threading.Event()

        def search():
            while not is_over.is_set():
                rows, scores = index.search(pair[:1], 3)
                if np.count_nonzero(scores[0] > 0.999) not in (0, 2) or len(set(rows[0])) != 3:
                    failures.append((rows, scores))

        threads = [threading.Thread(target=search) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(300):
            index.remove(index.add(pair))
        is_over.set()
        for thread in threads:
            thread.join()
        assert not failures
        assert len(index) == 200

    def test_writers_wait_for_each_other(self, vectorizer, queries):
        index = TextIndex()
        kept = [[] for _ in range(4)]

        def write(i):
            rng = np.random.default_rng(i)
            for _ in range(40):
                new = vectorizer.transform(random_texts(rng, 3))
                rows = index.add(new)
                index.remove(rows[:1])
                kept[i].extend(zip(rows[1:].tolist(), new[1:], strict=True))

        threads = [threading.Thread(target=write, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept = sorted((pair for pairs in kept for pair in pairs), key=lambda pair: pair[0])
        numbers = np.array([row for row, _ in kept])
        at_once = TextIndex.build(sp.vstack([sp.csr_array(v.reshape(1, -1)) for _, v in kept]))
        rows, scores = at_once.search(queries, 9)
        assert_same(index.search(queries, 9), (numbers[rows].astype(np.int32), scores))
        assert (len(index), index.n_rows) == (320, 480)

    def test_removing_frees_memory(self, vectors):
        index = TextIndex.build(vectors)
        index.remove(np.arange(200))
        assert held(index) == held(TextIndex.build(vectors[200:]))
        index.remove(np.arange(200, 300))
        assert index._state.segments == ()

    def test_memory_does_not_grow_at_constant_size(self, vectors, queries):
        rows = [Csr.of(vectors[[row]]) for row in range(300)]
        index, rng = TextIndex.build(vectors), np.random.default_rng(0)
        alive, at_once = list(range(300)), held(TextIndex.build(vectors))
        for number in range(1000):
            alive.append(int(index.add(rows[number % 300])[0]))
            place = int(rng.integers(len(alive)))
            alive[place], alive[-1] = alive[-1], alive[place]
            index.remove([alive.pop()])
            if number % 100 == 0:
                assert len(index) == 300
                assert held(index) < 2 * at_once
        alive = np.sort(alive)
        sources = np.where(alive < 300, alive, (alive - 300) % 300)
        found, scores = TextIndex.build(vectors[sources]).search(queries, 5)
        assert_same(index.search(queries, 5), (np.int32(alive)[found], scores))

    def test_few_segments(self, vectorizer):
        index = TextIndex()
        for text in random_texts(np.random.default_rng(0), 300):
            index.add(vectorizer.transform([text]))
        assert len(index._state.segments) <= 5


class TestStorage:
    @pytest.fixture
    def index(self, vectors):
        index = TextIndex.build(vectors)
        index.remove([3, 5])
        index.add(vectors[:2])
        return index

    def test_pickle(self, index, vectors, queries):
        again = pickle.loads(pickle.dumps(index))
        assert_same(again.search(queries, 5), index.search(queries, 5))
        assert_array_equal(again.add(vectors[:1]), [302])

    def test_mapped_by_joblib(self, index, vectors, queries, tmp_path):
        joblib.dump(index, tmp_path / "index")
        read, mapped = (joblib.load(tmp_path / "index", mmap_mode=mode) for mode in (None, "r"))
        for loaded in read, mapped:
            loaded.remove([0])
            loaded.add(vectors[:1])
        assert_same(mapped.search(queries, 5), read.search(queries, 5))

    def test_skops(self, index, queries):
        skops = pytest.importorskip("skops.io")
        stored = skops.dumps(index)
        again = skops.loads(stored, trusted=skops.get_untrusted_types(data=stored))
        assert_same(again.search(queries, 5), index.search(queries, 5))
