"""Compare ways to complete queries on the same sessions; print a table.

    python tests/benchmarks/autocompletion.py finna_subjects --data-dir ~/data

Every system is given the same training rows (previous query, prefix) -> next query and ranks the
same test rows, of other sessions or a later time. See the README beside this file.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
from compare_peers import cpu_model
from prepare import read_tsv

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter, QueryAutocompleter
from sklearn_xmr.datasets import (
    cut_sessions,
    load_subject_sessions,
    make_prefix_pairs,
    normalize_query,
    read_query_log,
    split_by_time,
)
from sklearn_xmr.metrics import bleu_reciprocal_rank, mean_reciprocal_rank

K = 10
SEED = 0
N_SINGLE = 2_000
N_RESAMPLES = 2_000
PREFIX_LENGTHS = {"<= 3": (1, 3), "4-6": (4, 6), "> 6": (7, np.inf)}

# name -> makes what is fitted and ranked as sklearn_xmr's completers are
SYSTEMS = {
    "most frequent": MostFrequentCompleter,
    "co-occurrence": CooccurrenceCompleter,
    "QueryAutocompleter": lambda: QueryAutocompleter(random_state=SEED),
    "QueryAutocompleter, 2 prefixes": lambda: QueryAutocompleter(
        prefixes_per_query=2, random_state=SEED
    ),
}
COLUMNS = [
    "MRR@10",
    *(f"prefix {name}" for name in PREFIX_LENGTHS),
    "seen",
    "S@10",
    "BLEU_RR",
    "fit s",
    "batch us/row",
    "single us: p50",
    "p99",
]


def main():
    """Fit and rank every system; print the table and the differences."""
    options = parse_options()
    folder = Path(options.data_dir or "") / options.dataset
    (X_train, y_train), (X_test, y_test) = DATASETS[options.dataset](folder)
    lengths = np.array([len(prefix) for prefix in X_test[:, 1]])
    seen = np.isin(y_test, list(set(y_train)))
    print(
        f"{options.dataset}: {len(y_train):,} training rows, {len(set(y_train)):,} labels, "
        f"{len(y_test):,} test rows, {seen.mean():.1%} of their labels seen; {cpu_model()}\n"
    )
    print(f"| system | {' | '.join(COLUMNS)} |")
    print(f"|---{'|---' * len(COLUMNS)}|")
    reciprocal_ranks = {}
    for name in options.systems:
        times, labels = run(SYSTEMS[name](), X_train, y_train, X_test)
        values = mean_reciprocal_rank(y_test, labels, K, average=None)
        reciprocal_ranks[name] = values
        figures = [
            values.mean(),
            *(values[is_between(lengths, *ends)].mean() for ends in PREFIX_LENGTHS.values()),
            values[seen].mean(),
            np.mean(values > 0),
            bleu_reciprocal_rank(y_test, labels, K),
        ]
        cells = [f"{figure:.3f}" for figure in figures] + [f"{seconds:.3g}" for seconds in times]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print_differences(reciprocal_ranks)


def parse_options():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", choices=DATASETS)
    parser.add_argument(
        "--data-dir",
        default=os.environ.get("SKLEARN_XMR_DATA"),
        help="folder that holds the data sets (default: $SKLEARN_XMR_DATA)",
    )
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    options = parser.parse_args()
    if options.data_dir is None and options.dataset != "subject_sessions":
        parser.error("--data-dir or the environment variable SKLEARN_XMR_DATA must name a folder")
    return options


def finna_subjects(folder, n_train=300_000, n_test=10_000):
    """Return pairs of sessions that hold the subjects of one title, in random order."""
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
    (X_train, y_train), (X_test, y_test) = pairs(sessions[end_test:end_train], sessions[:end_test])
    return (X_train[:n_train], y_train[:n_train]), (X_test[:n_test], y_test[:n_test])


def shell_sessions(folder, test_share=0.2):
    """Return pairs of command lines: the last fifth of the time is for testing."""
    log = read_query_log(folder / "train_sessions.tsv.gz")
    parts = split_by_time(log, np.quantile(log.times, 1 - test_share))
    return pairs(*(cut_sessions(part, normalize=normalize_command) for part in parts))


def subject_sessions(folder):
    """Return pairs of the embedded sessions; needs no folder."""
    sessions = load_subject_sessions()
    return pairs(sessions.train_sessions, sessions.test_sessions)


def normalize_command(command):
    """Bring white space in order; case matters to a shell."""
    return normalize_query(command, lowercase=False)


def pairs(train_sessions, test_sessions):
    """Return X and y for training and for testing, one random prefix for each query."""
    return (
        make_prefix_pairs(train_sessions, random_state=SEED),
        make_prefix_pairs(test_sessions, random_state=SEED + 1),
    )


def run(completer, X_train, y_train, X_test):
    """Return times (fit s, batch us a row, single us: median and 99th percentile) and labels."""
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
    return [fitted - start, batch, *np.percentile(singles, [50, 99])], labels


def is_between(lengths, low, high):
    """Return which lengths lie in a range that includes both its ends."""
    return (lengths >= low) & (lengths <= high)


def print_differences(reciprocal_ranks):
    """Print by how much each system's MRR differs from the first's, with a bootstrap interval.

    Test rows are drawn with replacement, the same for both systems.
    """
    first, *others = reciprocal_ranks
    rng = np.random.default_rng(SEED)
    for name in others:
        difference = reciprocal_ranks[name] - reciprocal_ranks[first]
        n = len(difference)
        means = [difference[rng.integers(n, size=n)].mean() for _ in range(N_RESAMPLES)]
        low, high = np.percentile(means, [2.5, 97.5])
        print(
            f"\n{name} against {first}: {difference.mean():+.4f} MRR@{K} "
            f"(95 % of resamples within {low:+.4f} and {high:+.4f})"
        )


DATASETS = {
    "finna_subjects": finna_subjects,
    "shell_sessions": shell_sessions,
    "subject_sessions": subject_sessions,
}

if __name__ == "__main__":
    main()
