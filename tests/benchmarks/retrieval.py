"""Find products for queries: this package beside what else a shop might take. Prints CSV.

    python tests/benchmarks/retrieval.py homedepot --data-dir DATA

Queries are the distinct ones of the training file, a fifth of them held out; the labels of all
rows compete. "Warm" queries have a product that was clicked in training, "cold" ones have none.
"""

import gzip
import time
from importlib.util import find_spec

import numpy as np
from command_line import parser_with_data_dir, print_csv
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_union
from sklearn.preprocessing import normalize

from sklearn_xmr import ProductRetriever, XRLinearClassifier
from sklearn_xmr.metrics import ndcg_at_k, precision_at_k, recall_at_k, warm_and_cold

# Folder: the file of labels' texts, and whether that starts with a line of names.
SETS = {
    "homedepot": ("products.tsv.gz", False),
    "product_offers": ("products.tsv.gz", False),
    "job_titles": ("labels.tsv.gz", True),
    "finna_subjects": ("labels.tsv.gz", False),
}
METRICS = {
    "P@1": (precision_at_k, 1, {}),
    "R@10": (recall_at_k, 10, {"capped": True}),
    "R@100": (recall_at_k, 100, {}),
    "nDCG@10": (ndcg_at_k, 10, {}),
}
DEPTH = 100
# What reciprocal ranks are smoothed by in their fusion.
RRF = 60
SINGLES = 300


def lines(path):
    """Yield the fields of each line."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n").split("\t")


def load(folder, most, drop, split=0):
    """Return titles, and texts and label matrices of training and validation queries."""
    file, has_header = SETS[folder.name]
    rows = list(lines(folder / file))[has_header:]
    position = {row[0]: number for number, row in enumerate(rows)}
    labels_of = {}
    for query, labels in lines(folder / "train.tsv.gz"):
        found = labels_of.setdefault(query.lower(), set())
        found.update(position[label] for label in labels.split("|") if label in position)
    queries = sorted(query for query, labels in labels_of.items() if labels)
    rng = np.random.default_rng(split)
    queries = [queries[number] for number in rng.permutation(len(queries))[:most]]
    cut = len(queries) // 5
    held_out, training = queries[:cut], queries[cut:]
    without = rng.random(len(rows)) < drop
    Y, Yv = (indicator([labels_of[q] for q in part], len(rows)) for part in (training, held_out))
    Y = Y @ sparse.diags_array(1 - without.astype(np.float32))
    Y.eliminate_zeros()
    has_labels = np.diff(Y.indptr) > 0
    training = [query for query, kept in zip(training, has_labels, strict=True) if kept]
    return [row[1] for row in rows], (training, Y[has_labels]), (held_out, Yv)


def indicator(sets, n_labels):
    """Return label sets as a matrix."""
    ends = np.cumsum([0, *map(len, sets)])
    labels = np.array([label for labels in sets for label in sorted(labels)])
    return sparse.csr_array((np.ones(len(labels), np.float32), labels, ends), (len(sets), n_labels))


def vectorizer():
    """Return words, pairs of words and character n-grams, as everyone here has them."""
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32),
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, dtype=np.float32
        ),
    )


def best(scores):
    """Return the positions and scores of the best of each row."""
    depth = min(DEPTH, scores.shape[1])
    top = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
    found = np.take_along_axis(scores, top, axis=1)
    order = np.lexsort((top, -found), axis=1)
    return np.take_along_axis(top, order, axis=1), np.take_along_axis(found, order, axis=1)


def cosine(titles, queries, Y):
    """Rank by the cosine of query and title."""
    vectors = vectorizer()
    Z = vectors.fit_transform(titles).T.tocsr()
    return lambda texts: best((vectors.transform(texts) @ Z).toarray())


def centroid(titles, queries, Y):
    """Rank by the cosine of query and the sum of a title and of all its queries."""
    vectors = vectorizer().fit(titles + queries)
    Z = vectors.transform(titles) + Y.T @ vectors.transform(queries)
    Z = normalize(sparse.csr_array(Z)).T.tocsr()
    return lambda texts: best((vectors.transform(texts) @ Z).toarray())


def bm25(titles, queries, Y):
    """Rank by BM25, as bm25s has it."""
    import bm25s

    tokenizer = bm25s.tokenization.Tokenizer(stopwords=None)
    index = bm25s.BM25()
    index.index(tokenizer.tokenize(titles, show_progress=False), show_progress=False)

    def rank(texts):
        tokens = tokenizer.tokenize(texts, update_vocab=False, show_progress=False)
        return index.retrieve(tokens, k=min(DEPTH, len(titles)), show_progress=False)

    return rank


def titles_as_rows(titles, queries, Y):
    """Train our classifier on queries, and on each title as one more query for its product."""
    vectors = vectorizer().fit(titles + queries)
    X = sparse.vstack([vectors.transform(queries), vectors.transform(titles)], format="csr")
    Y = sparse.vstack([Y, sparse.eye_array(len(titles), dtype=np.float32)], format="csr")
    model = XRLinearClassifier(random_state=0).fit(X, Y)
    return lambda texts, **options: model.rank(vectors.transform(texts), DEPTH, **options)


def pecos(titles, queries, Y):
    """Train libpecos in the same way."""
    from pecos.xmc import Indexer, LabelEmbeddingFactory
    from pecos.xmc.xlinear.model import XLinearModel

    vectors = vectorizer().fit(titles + queries)
    X = sparse.vstack([vectors.transform(queries), vectors.transform(titles)], format="csr")
    Y = sparse.vstack([Y, sparse.eye_array(len(titles), dtype=np.float32)], format="csr")
    X, Y = sparse.csr_matrix(X), sparse.csr_matrix(Y)
    chain = Indexer.gen(LabelEmbeddingFactory.create(Y, X, method="pifa"))
    model = XLinearModel.train(X, Y, C=chain)

    def rank(texts):
        X = sparse.csr_matrix(vectors.transform(texts))
        return best_stored(model.predict(X, only_topk=DEPTH, threads=1))

    return rank


def best_stored(matrix):
    """Return positions and scores of what a sparse matrix has, the best first."""
    labels = np.full((matrix.shape[0], DEPTH), -1)
    scores = np.full(labels.shape, -np.inf)
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        order = np.argsort(-matrix.data[part], kind="stable")
        labels[row, : len(order)] = matrix.indices[part][order]
        scores[row, : len(order)] = matrix.data[part][order]
    return labels, scores


def fusion(titles, queries, Y):
    """Add reciprocal ranks of the cosine, BM25 and our classifier with titles as rows."""
    systems = [system(titles, queries, Y) for system in (cosine, bm25, titles_as_rows)]

    def rank(texts):
        sums = np.zeros((len(texts), len(titles)), dtype=np.float32)
        for system in systems:
            labels, scores = system(texts)
            rows, ranks = np.nonzero(np.asarray(scores) > -np.inf)
            sums[rows, labels[rows, ranks]] += 1 / (RRF + 1 + ranks)
        return best(sums)

    return rank


def retriever(titles, queries, Y):
    """Fit a ProductRetriever."""
    model = ProductRetriever(label_text=titles, random_state=0).fit(queries, Y)

    def rank(texts, **options):
        if len(texts) > 1:
            return model.rank(texts, DEPTH, **options)
        return model.search(texts[0], **options)

    return rank


def retriever_without_clicks(titles, queries, Y):
    """Fit a ProductRetriever to the titles alone."""
    return retriever(titles, [], sparse.csr_array((0, len(titles))))


SYSTEMS = {
    "cosine": cosine,
    "centroid": centroid,
    "bm25": bm25,
    "titles_as_rows": titles_as_rows,
    "libpecos": pecos,
    "fusion": fusion,
    "without_clicks": retriever_without_clicks,
    "retriever": retriever,
}
NEEDS = {"bm25": "bm25s", "fusion": "bm25s", "libpecos": "pecos"}


def ranked(rank, texts):
    """Return labels and scores for many texts."""
    parts = [rank(texts[start : start + 200]) for start in range(0, len(texts), 200)]
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def milliseconds(rank, texts):
    """Return how long single texts take: median and 99th percentile."""
    times = []
    for text in texts[:SINGLES]:
        start = time.perf_counter()
        rank([text])
        times.append(time.perf_counter() - start)
    return np.percentile(np.array(times[len(times) // 10 :]) * 1e3, [50, 99])


def measured(system, titles, training, held_out):
    """Return the row of a table for a system."""
    start = time.perf_counter()
    rank = system(titles, *training)
    values = {"fit_seconds": round(time.perf_counter() - start, 1)}
    values |= quality(*ranked(rank, held_out[0]), training[1], held_out[1])
    p50, p99 = milliseconds(rank, held_out[0])
    return values | {"p50_ms": f"{p50:.2f}", "p99_ms": f"{p99:.2f}"}


def quality(labels, scores, trained, Y):
    """Return the metrics of ranked labels, by whether the right ones had rows in training."""
    rows, ranks = np.nonzero(np.asarray(scores) > -np.inf)
    found = sparse.csr_array((-1.0 - ranks, (rows, labels[rows, ranks])), shape=Y.shape)
    frequency, values = np.asarray(trained.sum(axis=0)).ravel(), {}
    for name, (metric, k, options) in METRICS.items():
        groups = warm_and_cold(metric, Y, found, k, frequency=frequency, **options)
        for group in ("all", "warm", "cold"):
            values[f"{group}_{name}"] = f"{groups[group].score:.3f}"
    return values


def main():
    """Print a row for each data set and system."""
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("sets", nargs="+", choices=SETS)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--rows", type=int, help="so many queries, drawn at random")
    parser.add_argument("--drop", type=float, default=0, help="share of labels that lose all rows")
    parser.add_argument("--split", type=int, default=0, help="seed of which queries are held out")
    print_csv(rows(parser.parse_args()))


def rows(arguments):
    """Yield a row for each data set and system."""
    for name in arguments.sets:
        data = load(arguments.data_dir / name, arguments.rows, arguments.drop, arguments.split)
        for system in arguments.systems:
            if find_spec(NEEDS.get(system, "numpy")) is not None:
                yield {"set": name, "system": system} | measured(SYSTEMS[system], *data)


if __name__ == "__main__":
    main()
