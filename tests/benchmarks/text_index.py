"""Compare the text index with sparse_dot_topn and with SciPy's product, one thread each.

    python tests/benchmarks/text_index.py homedepot --data-dir ~/data
    python tests/benchmarks/text_index.py homedepot --data-dir ~/data --changes 1000000

Systems take turns, some queries each, so that a slow spell of the machine hits all. The table has
microseconds of a call for one query, and of each query of a call for all, in processor time, and
the index's memory, vectors included. With ``--changes``
so many rows are added and removed at random instead, while four threads search; at the end the
index must answer as one that is built at once does.
"""

import os
import threading
import time

import numpy as np
import scipy.sparse as sp
from command_line import parser_with_data_dir
from compare_peers import cpu_model
from prepare import read_tsv

from sklearn_xmr import CharNgramTfidf, WordNgramTfidf
from sklearn_xmr._matching.text_index import TextIndex
from sklearn_xmr._sparse import Csr

# data set -> file and column of the texts, and of the queries
FILES = {
    "homedepot": (("products.tsv.gz", 1), ("train.tsv.gz", 0)),
    "package_search": (("pypi.tsv.gz", 0), ("npm.tsv.gz", 0)),
}
PAUSE = 0.001  # seconds after each search; without, changes mostly wait for the interpreter
TURN = 50  # queries, of which the first ones find cold caches


def main():
    """Make vectors; time the systems, or change an index."""
    options = parse_options()
    texts, queries = (
        [fields[column] for fields in read_tsv(options.data_dir / options.dataset / file)]
        for file, column in FILES[options.dataset]
    )
    rng = np.random.default_rng(0)
    queries = [queries[i] for i in rng.permutation(len(queries))[: options.queries]]
    views = make_views(texts, queries)
    if options.changes:
        change(*views["both"], options.changes, rng)
        return
    print(f"{options.dataset}, {len(texts):,} texts, {cpu_model()}\n")
    print("| vectors | k | system | p50 | p99 | mean | batch | build, s | MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for view in options.views:
        compare(view, *views[view])


def parse_options():
    """Read the command line."""
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("dataset", choices=FILES)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--views", nargs="+", default=["words", "characters", "both"])
    parser.add_argument("--changes", type=int, default=0)
    return parser.parse_args()


def make_views(texts, queries):
    """Vectors of texts and of queries: of words, of characters, and both side by side."""
    views = {}
    for view, vectorizer in {
        "words": WordNgramTfidf((1, 2), sublinear_tf=True),
        "characters": CharNgramTfidf((3, 4)),
    }.items():
        vectors = vectorizer.fit_transform(texts)
        views[view] = sp.csr_array(vectors), sp.csr_array(vectorizer.transform(queries))
    half = np.float32(np.sqrt(0.5))
    views["both"] = tuple(
        sp.csr_array(sp.hstack([half * a, half * b], format="csr", dtype=np.float32))
        for a, b in zip(*views.values(), strict=True)
    )
    return views


def compare(view, vectors, queries):
    """Print a line for each system and k."""
    start = time.thread_time()
    index = TextIndex.build(vectors)
    seconds = time.thread_time() - start
    arrays = [array for segment in index._state.segments for array in segment.arrays]
    size = sum(array.nbytes for array in arrays) / 1e6
    systems = {"TextIndex": lambda queries, k: index.search(queries, k)[1], **peers(vectors)}
    singles = [queries[[i]] for i in range(queries.shape[0])]
    for k in (10, 100):
        spent, found, batch = ({system: [] for system in systems} for _ in range(3))
        for first in range(0, len(singles), TURN):
            for system, search in systems.items():
                for query in singles[first : first + TURN]:
                    start = time.thread_time()
                    scores = search(query, k)[0]
                    spent[system].append(1e6 * (time.thread_time() - start))
                    found[system].append(padded(scores, k))
        for system, search in systems.items():
            np.testing.assert_allclose(found[system], found["TextIndex"], 1e-5)
            start = time.thread_time()
            search(queries, k)
            batch[system] = 1e6 * (time.thread_time() - start) / len(singles)
        for system, times in spent.items():
            figures = [*np.percentile(times, [50, 99]), np.mean(times), batch[system]]
            cells = [view, k, system, *(f"{us:.0f}" for us in figures)]
            cells += [f"{seconds:.2f}", f"{size:.0f}"] if system == "TextIndex" else ["", ""]
            print("|", *(f"{cell} |" for cell in cells), flush=True)


def peers(vectors):
    """The other systems: functions that return each query's k best scores, in any order."""
    columns = sp.csr_matrix(vectors.T.tocsr())

    def scipy_product(queries, k):
        product = queries @ columns
        return [best_of(row, k) for row in np.split(product.data, product.indptr[1:-1])]

    systems = {"SciPy's product": scipy_product}
    try:
        from sparse_dot_topn import sp_matmul_topn
    except ImportError:
        return systems

    def topn(queries, k):
        product = sp_matmul_topn(sp.csr_matrix(queries), columns, top_n=k, sort=True, n_threads=1)
        return np.split(product.data, product.indptr[1:-1])

    return {**systems, "sparse_dot_topn": topn}


def best_of(scores, k):
    """The k best scores."""
    return scores[np.argpartition(-scores, k)[:k]] if len(scores) > k else scores


def padded(scores, k):
    """Sorted scores, 0 where none were found."""
    scores = np.sort(scores[scores > 0])[::-1]
    return np.pad(scores, (0, k - len(scores)))


def change(vectors, queries, n_changes, rng):
    """Add and remove rows at random while four threads search, and check the outcome."""
    index = TextIndex.build(vectors[:1000])
    sources = list(range(1000))  # what each row was made of
    is_over, n_searches = threading.Event(), [0] * 4
    # To cut a row out of SciPy's matrix takes as long as a change.
    singles = [Csr.of(vectors[[row]]) for row in range(vectors.shape[0])]
    single_queries = [Csr.of(queries[[row]]) for row in range(queries.shape[0])]

    def search(i):
        while not is_over.wait(PAUSE):
            rows, _ = index.search(single_queries[n_searches[i] % len(single_queries)], 10)
            assert rows.shape == (1, 10)
            n_searches[i] += 1

    threads = [threading.Thread(target=search, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    alive, start, busy = list(range(1000)), time.perf_counter(), time.thread_time()
    before = resident()
    for n in range(n_changes):
        if rng.random() < 0.5 + 0.4 * (len(alive) < vectors.shape[0] and n < n_changes / 2):
            source = int(rng.integers(vectors.shape[0]))
            alive.append(int(index.add(singles[source])[0]))
            sources.append(source)
        elif alive:
            place = int(rng.integers(len(alive)))
            alive[place], alive[-1] = alive[-1], alive[place]
            index.remove([alive.pop()])
    grown = resident() - before
    busy, elapsed = time.thread_time() - busy, time.perf_counter() - start
    is_over.set()
    for thread in threads:
        thread.join()
    alive = np.sort(alive)
    at_once = TextIndex.build(vectors[np.array(sources)[alive]])
    rows, scores = at_once.search(queries, 10)
    expected = np.where(rows < 0, -1, alive[rows])
    found = index.search(queries, 10)
    np.testing.assert_array_equal(found[0], expected)
    np.testing.assert_array_equal(found[1], scores)
    sizes = [len(segment.ids) for segment in index._state.segments]
    print(
        f"{n_changes:,} changes in {elapsed:.0f} s, {1e6 * busy / n_changes:.0f} us of processor "
        f"time each, {sum(n_searches):,} searches meanwhile; {len(index):,} rows in segments of "
        f"{sizes}, {grown:.0f} MB more in memory: the same answers as an index built at once"
    )


def resident():
    """Megabytes of this process in memory."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
