"""Learn the weights that TextMatchRanker has where there are no clicks to learn from.

    python tests/benchmarks/default_weights.py --data-dir DATA > WEIGHTS.py

WEIGHTS.py becomes sklearn_xmr/_ranking/default_weights.py.

Each set has queries and the texts of its labels; its labels' shortlists are the best 100 by cosine.
A table on stderr says what the weights of all other sets do for a set: nDCG@10 of the cosine, of
those weights, and of the final ones, which saw the set.
"""

import gzip
import sys
from functools import cache

import numpy as np
from command_line import parser_with_data_dir
from scipy import sparse

from sklearn_xmr import CharNgramTfidf, WordNgramTfidf
from sklearn_xmr._growing import Numbering
from sklearn_xmr._ranking.match_features import MatchFeatures, Pairs, Words
from sklearn_xmr._ranking.pair_logistic import fit_pair_logistic
from sklearn_xmr._sparse import Csr
from sklearn_xmr._text.word_forms import folded_words
from sklearn_xmr.metrics import ndcg_at_k

# Folder: the file of labels' texts, and whether that starts with a line of names.
SETS = {
    "homedepot": ("products.tsv.gz", False),
    "product_offers": ("products.tsv.gz", False),
    "job_titles": ("labels.tsv.gz", True),
    "finna_subjects": ("labels.tsv.gz", False),
}
QUERIES = 2000
# Strong, for weights that also serve other sets: with C=1, those of the other three were worth no
# more than the cosine for homedepot.
C = 1e-4
SHORTLIST = 100


def lines(path):
    """Yield the fields of each line."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n").split("\t")


def load(folder, file, has_header):
    """Return texts of labels, queries, and for each query the positions of its labels."""
    rows = list(lines(folder / file))[has_header:]
    position = {row[0]: number for number, row in enumerate(rows)}
    labels_of = {}
    for query, labels in lines(folder / "train.tsv.gz"):
        found = labels_of.setdefault(query, set())
        found.update(position[label] for label in labels.split("|") if label in position)
    queries = sorted(query for query, labels in labels_of.items() if labels)
    drawn = np.random.default_rng(0).permutation(len(queries))[:QUERIES]
    queries = [queries[number] for number in drawn]
    return [row[1] for row in rows], queries, [labels_of[query] for query in queries]


def views_of(texts, queries):
    """Return the vectors of texts and queries, and which columns are of what."""
    folded = [[" ".join(folded_words(text)) for text in part] for part in (texts, queries)]
    blocks = [
        (WordNgramTfidf(sublinear_tf=True), folded),
        (WordNgramTfidf((2, 2), sublinear_tf=True), folded),
        (CharNgramTfidf((3, 4), sublinear_tf=True), (texts, queries)),
    ]
    vectors = [(v.fit_transform(parts[0]), v.transform(parts[1])) for v, parts in blocks]
    ends = np.cumsum([block[0].shape[1] for block in vectors]).tolist()
    views = dict(zip(("words", "pairs", "characters"), map(slice, [0, *ends], ends), strict=False))
    return [sparse.hstack(side, format="csr") for side in zip(*vectors, strict=True)], views


def shortlists_of(Z, X):
    """Return the best labels by cosine, and their cosines."""
    found = []
    for start in range(0, X.shape[0], 200):
        scores = (X[start : start + 200] @ Z.T).toarray()
        labels = np.argpartition(-scores, SHORTLIST, axis=1)[:, :SHORTLIST]
        scores = np.take_along_axis(scores, labels, axis=1)
        order = np.lexsort((labels, -scores), axis=1)
        found.append([np.take_along_axis(array, order, axis=1) for array in (labels, scores)])
    return [np.concatenate(part) for part in zip(*found, strict=True)]


@cache
def pairs_of(folder, file, has_header):
    """Return the features' names, the features, what is relevant, and shortlists with the truth."""
    texts, queries, truth = load(folder, file, has_header)
    (Z, X), views = views_of(texts, queries)
    labels, _ = shortlists_of(Z, X)
    words = [list(map(folded_words, part)) for part in (texts, queries)]
    number_of = Numbering(dict.fromkeys(word for text in words[0] for word in text))
    label_words, query_words = (Words.of(part, number_of) for part in words)
    features = MatchFeatures(Csr.of(Z), views, label_words)
    none = np.zeros(labels.shape)
    pairs = Pairs.of(labels, none - np.inf, none)
    table = features.of(Csr.of(X), pairs, words=query_words)
    is_relevant = [label in truth[q] for q, label in zip(pairs.queries, pairs.labels, strict=True)]
    print(folder.name, X.shape[0], "queries", file=sys.stderr)
    return features.names, table, np.array(is_relevant), labels, truth


def fit(sets):
    """Fit to the pairs of sets, each repeated until it has as many as the largest."""
    _, tables, relevant, _, _ = zip(*sets, strict=True)
    most = max(map(len, tables))
    rows = [np.arange(most) % len(table) for table in tables]
    table = np.concatenate([t[r] for t, r in zip(tables, rows, strict=True)])
    is_relevant = np.concatenate([y[r] for y, r in zip(relevant, rows, strict=True)])
    return fit_pair_logistic(table, sparse.csr_array((len(table), 0)), is_relevant, C=C)


def ndcg(model, pairs):
    """Return the mean nDCG@10 of a model, or of the order of the cosine."""
    _, table, _, labels, truth = pairs
    scores = np.tile(-np.arange(SHORTLIST, dtype=float), len(labels))
    if model is not None:
        scores = table @ model.coef
    n_labels = max(labels.max(), *map(max, truth)) + 1
    ends = np.arange(0, labels.size + 1, SHORTLIST)
    found = sparse.csr_array((scores, labels.ravel(), ends), shape=(len(labels), n_labels))
    return ndcg_at_k(indicator(truth, n_labels), found, k=10)


def indicator(truth, n_labels):
    """Return label sets as a matrix."""
    ends = np.cumsum([0, *map(len, truth)])
    labels = np.array([label for labels in truth for label in labels])
    return sparse.csr_array((np.ones(len(labels)), labels, ends), shape=(len(truth), n_labels))


def main():
    """Print the module of weights, and on stderr what they are worth."""
    data_dir = parser_with_data_dir(__doc__).parse_args().data_dir
    sets = {name: pairs_of(data_dir / name, *where) for name, where in SETS.items()}
    final = fit(sets.values())
    for name, pairs in sets.items():
        others = fit([other for other in sets.values() if other is not pairs])
        found = [ndcg(model, pairs) for model in (None, others, final)]
        print(name, *(f"{value:.3f}" for value in found), file=sys.stderr)
    names = next(iter(sets.values()))[0]
    print(
        '"""What features weigh where there are no clicks: tests/benchmarks/default_weights.py."""'
    )
    print(f"\nINTERCEPT = {final.intercept:.3f}\n\nWEIGHTS = {{")
    for name, weight in zip(names, final.coef, strict=True):
        if abs(weight) >= 0.0005:
            print(f'    "{name}": {weight:.3f},')
    print("}")


if __name__ == "__main__":
    main()
