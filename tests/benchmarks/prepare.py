"""Turn a data set into the matrices that every system of the comparison is given.

A prepared data set is a folder with ``X_train.npz``, ``Y_train.npz``, ``X_test.npz`` and
``Y_test.npz``: float32 CSR with sorted int32 indices, features and label indicators; where labels
have names, ``Z.npz`` has the same features of these. Every random choice has a fixed seed, so that
two runs, on two machines, compare the same matrices.
"""

import gzip
import os
import tempfile
from pathlib import Path

import numpy as np
from command_line import parser_with_data_dir
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import MultiLabelBinarizer, Normalizer, normalize

MATRICES = ("X_train", "Y_train", "X_test", "Y_test")
SEED = 20240101


def prepare(name, data_dir, cache_dir, rows=None):
    """Return the folder of the prepared data set, and prepare it first where it isn't yet."""
    folder = Path(cache_dir) / (name if rows is None else f"{name}-{rows}")
    if folder.is_dir():
        return folder
    matrices = DATASETS[name](Path(data_dir) / name, rows, np.random.default_rng(SEED))
    # Filled under another name, so that an interrupted run leaves no half of a data set behind.
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    for stem, matrix in zip([*MATRICES, "Z"], matrices, strict=False):
        sparse.save_npz(unfinished / f"{stem}.npz", as_float_csr(matrix), compressed=False)
    os.rename(unfinished, folder)
    return folder


def load(folder):
    """Return the matrices of a prepared data set."""
    return [sparse.csr_array(sparse.load_npz(folder / f"{name}.npz")) for name in MATRICES]


def as_float_csr(matrix):
    """Return the form that every system takes: float32 CSR, sorted, without duplicates."""
    matrix = sparse.csr_matrix(matrix, dtype=np.float32)
    matrix.sum_duplicates()
    return matrix


def finna_subjects(folder, rows, rng, n_test=20_000):
    """Book titles to subject headings: word 1-2-grams; the test rows are cut from the file."""
    records = list(read_tsv(folder / "train.tsv.gz"))
    order = rng.permutation(len(records))
    test, train = np.sort(order[:n_test]), np.sort(order[n_test:])
    if rows is not None:
        train = np.sort(rng.choice(train, rows, replace=False))
    texts, labels = zip(*((title, subjects.split("|")) for title, subjects in records), strict=True)
    names = {subject: name for subject, name, *_ in read_tsv(folder / "labels.tsv.gz")}
    vectorizer = word_ngrams()
    matrices = from_text(
        vectorizer,
        [texts[i] for i in train],
        [labels[i] for i in train],
        [texts[i] for i in test],
        [labels[i] for i in test],
    )
    used = sorted({subject for i in train for subject in labels[i]})
    return *matrices, vectorizer.transform([names.get(subject, "") for subject in used])


def package_search(folder, rows, rng, n_names=100_000, n_samples=3, n_test=20_000):
    """Find a package by some of the words of its summary.

    The names are drawn at random from the packages whose summary has five words or more and is no
    other package's. A name has four training rows, its summary and three samples of the words of
    it, and up to one test row, a further sample.
    """
    packages = {}
    for summary, package, _ in read_tsv(folder / "pypi.tsv.gz"):
        if len(summary.split()) >= 5:
            packages.setdefault(summary.lower(), (summary, package))
    if rows is not None:
        n_names = rows // (n_samples + 1)
    packages = list(packages.values())
    chosen = np.sort(rng.choice(len(packages), n_names, replace=False))
    summaries, names = zip(*(packages[i] for i in chosen), strict=True)
    train = list(summaries)
    for _ in range(n_samples):
        train += [sample_words(summary, rng) for summary in summaries]
    asked = np.sort(rng.choice(n_names, min(n_names, n_test), replace=False))
    return from_text(
        words_and_trigrams(),
        train,
        [[name] for name in names] * (n_samples + 1),
        [sample_words(summaries[i], rng) for i in asked],
        [[names[i]] for i in asked],
    )


def homedepot(folder, rows, rng, n_test=1_500):
    """Shop queries to products: training rows are every product's title, then the queries."""
    queries = [(query, found.split("|")) for query, found in read_tsv(folder / "train.tsv.gz")]
    titles = [(title, [product]) for product, title in read_tsv(folder / "products.tsv.gz")]
    order = rng.permutation(len(queries))
    train = titles + [queries[i] for i in np.sort(order[n_test:])]
    if rows is not None:
        train = [train[i] for i in np.sort(rng.choice(len(train), rows, replace=False))]
    test = [queries[i] for i in np.sort(order[:n_test])]
    return from_text(words_and_trigrams(), *zip(*train, strict=True), *zip(*test, strict=True))


def stored_matrices(folder, rows, rng):
    """Load a data set that comes as matrices with a split of its own; rows get unit length.

    Some of the systems normalise rows themselves, and pruning thresholds mean unit rows.
    """
    X_train, Y_train, X_test, Y_test = (sparse.load_npz(folder / f"{m}.npz") for m in MATRICES)
    if rows is not None:
        chosen = np.sort(rng.choice(X_train.shape[0], rows, replace=False))
        X_train, Y_train = X_train[chosen], Y_train[chosen]
        seen = Y_train.getnnz(axis=0) > 0
        Y_train, Y_test = Y_train[:, seen], Y_test[:, seen]
    return normalize(X_train), Y_train, normalize(X_test), Y_test


DATASETS = {
    "finna_subjects": finna_subjects,
    "package_search": package_search,
    "homedepot": homedepot,
    "bibtex": stored_matrices,
    "delicious": stored_matrices,
    "rcv1_subset1": stored_matrices,
    "stackex_cs": stored_matrices,
}


def from_text(vectorizer, train_texts, train_labels, test_texts, test_labels):
    """Vectorise texts and binarise labels; the labels are those that occur in training."""
    binarizer = MultiLabelBinarizer(sparse_output=True).fit(train_labels)
    known = set(binarizer.classes_)
    test_labels = [[label for label in labels if label in known] for labels in test_labels]
    return (
        vectorizer.fit_transform(train_texts),
        binarizer.transform(train_labels),
        vectorizer.transform(test_texts),
        binarizer.transform(test_labels),
    )


def word_ngrams():
    """Return a vectorizer of words and pairs of words."""
    return TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, dtype=np.float32)


def words_and_trigrams():
    """Return a vectorizer of words, pairs of words and character trigrams."""
    trigrams = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), sublinear_tf=True, dtype=np.float32
    )
    return make_pipeline(make_union(word_ngrams(), trigrams), Normalizer(copy=False))


def sample_words(text, rng):
    """Return two fifths of the words of a text, three at least, in their order."""
    words = text.split()
    size = min(len(words), max(3, round(0.4 * len(words))))
    kept = np.sort(rng.choice(len(words), size, replace=False))
    return " ".join(words[i] for i in kept)


def read_tsv(path):
    """Yield the fields of each line."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield line.rstrip("\n").split("\t")


def write_text(folder):
    """Write the training rows as the Extreme Classification Repository does; return the path.

    Rows without features are left out, since omikuji refuses them.
    """
    path = Path(folder) / "train.txt"
    if path.exists():
        return path
    X = sparse.load_npz(Path(folder) / "X_train.npz")
    Y = sparse.load_npz(Path(folder) / "Y_train.npz")
    rows = np.flatnonzero(X.getnnz(axis=1))
    unfinished = path.with_suffix(".unfinished")
    with open(unfinished, "w", encoding="ascii") as file:
        print(len(rows), X.shape[1], Y.shape[1], file=file)
        for i in rows:
            labels = Y.indices[Y.indptr[i] : Y.indptr[i + 1]].tolist()
            entries = slice(X.indptr[i], X.indptr[i + 1])
            pairs = zip(X.indices[entries].tolist(), X.data[entries].tolist(), strict=True)
            features = " ".join(f"{j}:{value:.8g}" for j, value in pairs)
            print(",".join(map(str, labels)), features, file=file)
    os.rename(unfinished, path)
    return path


def main():
    """Prepare one data set and print its folder."""
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("dataset", choices=DATASETS)
    parser.add_argument("--cache-dir", required=True, help="where to put prepared matrices")
    parser.add_argument("--rows", type=int, help="train on a random sample of this many rows")
    parser.add_argument("--text", action="store_true", help="also as the text omikuji reads")
    options = parser.parse_args()
    folder = prepare(options.dataset, options.data_dir, options.cache_dir, options.rows)
    if options.text:
        write_text(folder)
    print(folder)


if __name__ == "__main__":
    main()
