"""Compare our vectorizers with TfidfVectorizer on the titles of a data set, one thread each.

    python tests/benchmarks/vectorizer.py finna_subjects --data-dir ~/data

Runs alternate, so that a slow spell of the machine hits all; the table has the medians, and how
many times as long as ours scikit-learn's takes, and one thread as two. They must also agree on what
they return.
"""

import statistics
import time

import numpy as np
from command_line import parser_with_data_dir
from compare_peers import cpu_model
from prepare import read_tsv
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer

from sklearn_xmr import CharNgramTfidf, WordNgramTfidf

# data set -> its file of texts, and their column
TEXTS = {
    "finna_subjects": ("train.tsv.gz", 0),
    "package_search": ("pypi.tsv.gz", 0),
    "homedepot": ("products.tsv.gz", 1),
}
N_SINGLE = 1_000

# n-grams -> our vectorizer, and scikit-learn's
PAIRS = {
    "trigrams of characters": (
        CharNgramTfidf(),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), dtype=np.float32),
    ),
    "words": (WordNgramTfidf(), TfidfVectorizer(dtype=np.float32)),
    "words and pairs of words": (
        WordNgramTfidf((1, 2)),
        TfidfVectorizer(ngram_range=(1, 2), dtype=np.float32),
    ),
}


def main():
    """Time fit_transform, transform and single texts; print the table."""
    options = parse_options()
    file, column = TEXTS[options.dataset]
    texts = [fields[column] for fields in read_tsv(options.data_dir / options.dataset / file)]
    texts = texts[: options.rows]
    print(f"{options.dataset}, {len(texts):,} texts, {cpu_model()}\n")
    print("| n-grams | job | ours | TfidfVectorizer | ratio | two threads | ratio |")
    print("|---|---|---|---|---|---|---|")
    for ngrams, (ours, theirs) in PAIRS.items():
        in_threads = clone(ours).set_params(n_jobs=2)
        check_equal(ours.fit_transform(texts), theirs.fit_transform(texts))
        check_equal(ours.transform(texts), in_threads.fit_transform(texts))
        models = (ours, theirs, in_threads)
        for job, (run, scale) in jobs(texts).items():
            a, b, c = (scale * seconds for seconds in median_seconds(run, models, options.repeats))
            cells = f"{a:.2f} | {b:.2f} | {b / a:.1f} | {c:.2f} | {a / c:.2f}"
            print(f"| {ngrams} | {job} | {cells} |", flush=True)


def jobs(texts):
    """Return what is timed, and what makes microseconds of a text of its seconds."""
    singles = [[text] for text in texts[:N_SINGLE]]
    return {
        "fit_transform, us/text": (lambda model: model.fit_transform(texts), 1e6 / len(texts)),
        "transform, us/text": (lambda model: model.transform(texts), 1e6 / len(texts)),
        "one text, us": (lambda model: [*map(model.transform, singles)], 1e6 / len(singles)),
    }


def parse_options():
    """Return the command line's options."""
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("dataset", choices=TEXTS)
    parser.add_argument("--rows", type=int, help="only the first so many texts")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each (default: 3)")
    return parser.parse_args()


def check_equal(ours, theirs):
    """Raise if two CSR matrices differ by more than float32 rounding."""
    difference = abs(ours - theirs).max()
    if ours.shape != theirs.shape or difference > 1e-5:
        raise AssertionError(f"shapes {ours.shape}, {theirs.shape}; values differ by {difference}")


def median_seconds(run, models, repeats):
    """Return the median seconds that `run` takes with each model, over alternating runs."""
    seconds = [[] for _ in models]
    for _ in range(repeats):
        for model, of_model in zip(models, seconds, strict=True):
            start = time.perf_counter()
            run(model)
            of_model.append(time.perf_counter() - start)
    return [statistics.median(of_model) for of_model in seconds]


if __name__ == "__main__":
    main()
