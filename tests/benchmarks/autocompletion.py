"""Compare ways to complete queries on the same sessions; print a table.

    python tests/benchmarks/autocompletion.py finna_subjects --data-dir ~/data

Every system is given the same training rows (previous query, prefix) -> next query and ranks the
same test rows, of other sessions or a later time. See the README beside this file.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from command_line import parser_with_data_dir
from compare_peers import ONE_THREAD, cpu_model, installed
from prepare import read_tsv
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import FunctionTransformer, normalize

from sklearn_xmr import (
    CharNgramTfidf,
    CooccurrenceCompleter,
    MostFrequentCompleter,
    QueryAutocompleter,
    TrieHybridIndexer,
    TrieIndexer,
    XRLinearClassifier,
)
from sklearn_xmr.datasets import (
    cut_sessions,
    load_subject_sessions,
    make_prefix_pairs,
    normalize_query,
    read_query_log,
    split_by_time,
)
from sklearn_xmr.metrics import bleu_reciprocal_rank, keystrokes_saved, mean_reciprocal_rank

K = 10
SEED = 0
N_SINGLE = 2_000
N_TYPED = 1_000
N_RESAMPLES = 2_000
PREFIX_LENGTHS = {"<= 3": (1, 3), "4-6": (4, 6), "> 6": (7, np.inf)}

# name -> makes what is fitted and ranked as sklearn_xmr's completers are
SYSTEMS = {
    "QueryAutocompleter": partial(QueryAutocompleter, random_state=SEED),
    **{
        f"QueryAutocompleter, {n} prefixes": partial(
            QueryAutocompleter, prefixes_per_query=n, random_state=SEED
        )
        for n in (2, 3)
    },
    "most frequent": MostFrequentCompleter,
    "co-occurrence": CooccurrenceCompleter,
}
# name -> which features it is given, and which tree
PECOS = {
    "libpecos, hybrid": ("published", "hybrid"),
    "libpecos, k-means": ("published", "k-means"),
    "libpecos, rows and tree of QueryAutocompleter": ("own", "hybrid"),
}
CHARACTERS = CharNgramTfidf((1, 3), analyzer="char", prefix_weighting="string", lowercase=False)
PLAIN_CHARACTERS = CharNgramTfidf((1, 3), analyzer="char", lowercase=False)
COLUMNS = [
    "MRR@10",
    *(f"prefix {name}" for name in PREFIX_LENGTHS),
    "seen",
    "S@10",
    "BLEU_RR",
    "keystrokes saved",
    "fit s",
    "batch us/row",
    "single us: p50",
    "p99",
]


def main():
    """Fit and rank every system; print the table and the differences."""
    options = parse_options()
    folder = Path(options.data_dir or "") / options.dataset
    sessions, limits = DATASETS[options.dataset](folder)
    (X_train, y_train), (X_test, y_test) = pairs(*sessions, limits, options.previous)
    lengths = np.array([len(prefix) for prefix in X_test[:, 1]])
    seen = np.isin(y_test, list(set(y_train)))
    print(
        f"{options.dataset}: {len(y_train):,} training rows, {len(set(y_train)):,} labels, "
        f"{len(y_test):,} test rows, {seen.mean():.1%} of their labels seen; {cpu_model()}\n"
    )
    print(f"| system | {' | '.join(COLUMNS)} |")
    print(f"|---{'|---' * len(COLUMNS)}|")
    reciprocal_ranks, fit_seconds = {}, {}
    for name, system in chosen_systems(options).items():
        times, labels, completer = system(X_train, y_train, X_test)
        values = mean_reciprocal_rank(y_test, labels, K, average=None)
        reciprocal_ranks[name], fit_seconds[name] = values, times[0]
        figures = [
            values.mean(),
            *(values[is_between(lengths, *ends)].mean() for ends in PREFIX_LENGTHS.values()),
            values[seen].mean(),
            np.mean(values > 0),
            bleu_reciprocal_rank(y_test, labels, K),
        ]
        cells = [f"{figure:.3f}" for figure in figures]
        saved = completer and keystrokes_saved(completer, X_test[:N_TYPED], y_test[:N_TYPED], K)
        cells += ["" if saved is None else f"{saved:.3f}"]
        cells += [f"{seconds:.3g}" for seconds in times]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print_differences(reciprocal_ranks, fit_seconds)


def parse_options():
    """Return the command line's options."""
    parser = parser_with_data_dir(__doc__, required=False)
    parser.add_argument("dataset", choices=DATASETS)
    parser.add_argument(
        "--systems",
        nargs="+",
        choices=[*SYSTEMS, *PECOS],
        help="default: all, libpecos where installed",
    )
    parser.add_argument(
        "--peer-python",
        default=sys.executable,
        help="interpreter of the environment that has libpecos (default: this one)",
    )
    parser.add_argument(
        "--previous",
        type=int,
        default=1,
        help="how many queries before it a row holds; libpecos takes one (default: 1)",
    )
    parser.add_argument(
        "--ablation",
        action="store_true",
        help="instead compare features and trees of QueryAutocompleter",
    )
    options = parser.parse_args()
    if options.data_dir is None and options.dataset != "subject_sessions":
        parser.error("--data-dir or the environment variable SKLEARN_XMR_DATA must name a folder")
    if options.previous > 1 and options.systems is None:
        options.systems = list(SYSTEMS)
    return options


def finna_subjects(folder, n_train=300_000, n_test=10_000):
    """Return sessions that hold the subjects of one title, in random order, and numbers of rows."""
    names = {fields[0]: fields[1].strip() for fields in read_tsv(folder / "labels.tsv.gz")}
    rng = np.random.RandomState(SEED)
    sessions = []
    for _, subjects in read_tsv(folder / "train.tsv.gz"):
        session = list(dict.fromkeys(names[subject] for subject in subjects.split("|")))
        sessions.append([session[i] for i in rng.permutation(len(session))])
    sessions = [sessions[i] for i in rng.permutation(len(sessions))]
    n_pairs = np.cumsum([len(session) - 1 for session in sessions])
    # No session is on both sides; of the last one on each, what is too much is left out.
    end_test = 1 + np.searchsorted(n_pairs, n_test)
    end_train = 1 + np.searchsorted(n_pairs, n_pairs[end_test - 1] + n_train)
    return (sessions[end_test:end_train], sessions[:end_test]), (n_train, n_test)


def shell_sessions(folder, test_share=0.2):
    """Return sessions of command lines: the last fifth of the time is for testing."""
    log = read_query_log(folder / "train_sessions.tsv.gz")
    parts = split_by_time(log, np.quantile(log.times, 1 - test_share))
    return [cut_sessions(part, normalize=normalize_command) for part in parts], (None, None)


def subject_sessions(folder):
    """Return the embedded sessions; needs no folder."""
    sessions = load_subject_sessions()
    return (sessions.train_sessions, sessions.test_sessions), (None, None)


def normalize_command(command):
    """Bring white space in order; case matters to a shell."""
    return normalize_query(command, lowercase=False)


def pairs(train_sessions, test_sessions, limits, n_previous):
    """Return X and y for training and for testing, one random prefix for each query."""
    parts = []
    for seed, sessions, limit in zip(
        (SEED, SEED + 1), (train_sessions, test_sessions), limits, strict=True
    ):
        X, y = make_prefix_pairs(sessions, n_previous=n_previous, random_state=seed)
        parts.append((X[:limit], y[:limit]))
    return parts


def chosen_systems(options):
    """Return for each name a function of X_train, y_train and X_test that does as `run` does."""
    own = ablation_systems() if options.ablation else SYSTEMS
    names = options.systems
    if options.ablation:
        names = list(own)
    elif names is None:
        names = [*own, *(PECOS if "libpecos" in installed(options.peer_python) else [])]
    return {
        name: partial(run, own[name])
        if name in own
        else partial(run_pecos, options.peer_python, *PECOS[name])
        for name in names
    }


def ablation_systems():
    """Return `QueryAutocompleter` with each way to see characters and each tree.

    The characters of the prefix are features of a row; those of the queries decide what is
    together in the trees that cluster them. Without characters, words do that.
    """
    no_features = FunctionTransformer(lambda texts: sp.csr_array((len(texts), 0), dtype=np.float32))
    vectorizers = {
        "prefix-weighted": (CHARACTERS, CHARACTERS),
        "plain": (PLAIN_CHARACTERS, PLAIN_CHARACTERS),
        "no": (no_features, TfidfVectorizer(token_pattern=r"\S+")),
    }
    trees = {
        "k-means": lambda embedding: TrieHybridIndexer(0, vectorizer=embedding),
        "trie": lambda _: TrieIndexer(),
        "hybrid, depth 1": lambda embedding: TrieHybridIndexer(1, vectorizer=embedding),
        "hybrid, depth 2": lambda embedding: TrieHybridIndexer(2, vectorizer=embedding),
        "hybrid, depth 3": lambda embedding: TrieHybridIndexer(3, vectorizer=embedding),
    }

    def make(characters, tree):
        prefix_vectorizer, embedding = vectorizers[characters]
        classifier = XRLinearClassifier(trees[tree](embedding), C=0.3)
        return QueryAutocompleter(
            prefix_vectorizer=prefix_vectorizer, classifier=classifier, random_state=SEED
        )

    return {
        f"{tree}; {characters} characters": partial(make, characters, tree)
        for characters in vectorizers
        for tree in trees
    }


def run(make, X_train, y_train, X_test):
    """Return times (fit s, batch us a row, single us: two quantiles), labels and the completer."""
    completer = make()
    start = time.perf_counter()
    completer.fit(X_train, y_train)
    fitted = time.perf_counter()
    labels, _ = completer.rank(X_test, K)
    ranked = time.perf_counter()
    singles = []
    for previous, prefix in X_test[:N_SINGLE].tolist():
        start_single = time.perf_counter()
        completer.complete(previous, prefix, K)
        singles.append(1e6 * (time.perf_counter() - start_single))
    batch = 1e6 * (ranked - fitted) / len(X_test)
    return [fitted - start, batch, *np.percentile(singles, [50, 99])], labels, completer


def run_pecos(python, features, tree, X_train, y_train, X_test):
    """Return what `run` does, of libpecos in a process of its own, and None for the completer.

    It searches freely, and what it finds is then filtered by prefix. Its times are of training on
    ready features (and tree, if that is not its own) and of the search alone.
    """
    prepare_rows = {"published": published_rows, "own": own_rows}[features]
    X, Y, X_rows, queries, label_tree = prepare_rows(X_train, y_train, X_test)
    with tempfile.TemporaryDirectory(prefix="autocompletion-") as scratch:
        folder = Path(scratch)
        matrices = {"X_train": X, "Y_train": Y, "X_test": X_rows}
        if tree == "hybrid":
            layers = enumerate(label_tree.to_cluster_chain())
            matrices |= {f"chain-{depth}": layer for depth, layer in layers}
        else:
            matrices["Z"] = CHARACTERS.fit_transform(queries)
        for name, matrix in matrices.items():
            # An old SciPy reads matrices, not arrays.
            sp.save_npz(folder / f"{name}.npz", sp.csr_matrix(matrix, dtype=np.float32))
        command = [python, Path(__file__).parent / "pecos_completion.py", folder]
        subprocess.run(command, check=True, env=os.environ | ONE_THREAD, stdout=sys.stderr)
        times = json.loads((folder / "figures.json").read_text())
        ranked = np.load(folder / "labels.npz")
    labels = np.full((len(X_test), K), "", dtype=object)
    candidates = np.split(ranked["indices"], ranked["indptr"][1:-1])
    for row, (found, prefix) in enumerate(zip(candidates, X_test[:, 1], strict=True)):
        texts = (queries[label] for label in found.tolist())
        fitting = [text for text in texts if text.startswith(prefix)][:K]
        labels[row, : len(fitting)] = fitting
    return times, labels, None


def published_rows(X_train, y_train, X_test):
    """Return the rows as published: tf-idf of words, prefix-weighted n-grams, at unit length."""
    words = TfidfVectorizer()
    blocks = (words.fit_transform(X_train[:, 0]), CHARACTERS.fit_transform(X_train[:, 1]))
    X = normalize(sp.hstack(blocks, format="csr"))
    blocks = (words.transform(X_test[:, 0]), CHARACTERS.transform(X_test[:, 1]))
    X_rows = normalize(sp.hstack(blocks, format="csr"))
    queries, positions = np.unique(y_train, return_inverse=True)
    parts = np.ones(len(positions)), positions, np.arange(len(positions) + 1)
    Y = sp.csr_array(parts, shape=(len(positions), len(queries)))
    tree = TrieHybridIndexer(1, random_state=SEED).fit(None, queries).tree_
    return X, Y, X_rows, queries.tolist(), tree


def own_rows(X_train, y_train, X_test):
    """Return what `QueryAutocompleter` gives its classifier, and the tree that this grows."""

    class Recorder(XRLinearClassifier):
        def fit(self, X, y):
            self.rows_ = X, y
            return super().fit(X, y)

    classifier = Recorder(TrieHybridIndexer(1), C=0.3)
    completer = QueryAutocompleter(classifier=classifier, random_state=SEED).fit(X_train, y_train)
    rows = completer._features.transform(*X_test.T.tolist())
    X_rows = sp.csr_array((rows.data, rows.indices, rows.indptr), shape=rows.shape)
    classifier = completer.classifier_
    return *classifier.rows_, X_rows, list(completer.queries_), classifier.label_tree_


def is_between(lengths, low, high):
    """Return which lengths lie in a range that includes both its ends."""
    return (lengths >= low) & (lengths <= high)


def print_differences(reciprocal_ranks, fit_seconds):
    """Print how the first system compares with each other, its MRR with a bootstrap interval.

    Test rows are drawn with replacement, the same for both systems.
    """
    first, *others = reciprocal_ranks
    rng = np.random.default_rng(SEED)
    for name in others:
        difference = reciprocal_ranks[first] - reciprocal_ranks[name]
        n = len(difference)
        means = [difference[rng.integers(n, size=n)].mean() for _ in range(N_RESAMPLES)]
        low, high = np.percentile(means, [2.5, 97.5])
        print(
            f"\n{first} against {name}: {difference.mean():+.4f} MRR@{K} "
            f"(95 % of resamples within {low:+.4f} and {high:+.4f}), "
            f"{fit_seconds[first] / fit_seconds[name]:.2f} of its time to fit"
        )


DATASETS = {
    "finna_subjects": finna_subjects,
    "shell_sessions": shell_sessions,
    "subject_sessions": subject_sessions,
}

if __name__ == "__main__":
    main()
