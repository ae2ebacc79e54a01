"""Compare CharNgramTfidf with TfidfVectorizer on the titles of a data set, one thread each.

    python tests/benchmarks/vectorizer.py finna_subjects --data-dir ~/data

Runs of the two alternate, so that a slow spell of the machine hits both; the table has the medians
and their ratio. The two must also agree on what they return.
"""

import statistics
import time

import numpy as np
from command_line import parser_with_data_dir
from compare_peers import cpu_model
from prepare import read_tsv
from sklearn.feature_extraction.text import TfidfVectorizer

from sklearn_xmr import CharNgramTfidf

# data set -> its file of texts, and their column
TEXTS = {
    "finna_subjects": ("train.tsv.gz", 0),
    "package_search": ("pypi.tsv.gz", 0),
    "homedepot": ("products.tsv.gz", 1),
}
N_SINGLE = 1_000


def main():
    """Time fit_transform, transform and single texts; print the table."""
    options = parse_options()
    file, column = TEXTS[options.dataset]
    texts = [fields[column] for fields in read_tsv(options.data_dir / options.dataset / file)]
    texts = texts[: options.rows]
    settings = {"analyzer": "char_wb", "ngram_range": (3, 3), "dtype": np.float32}
    ours, theirs = CharNgramTfidf(**settings, n_jobs=1), TfidfVectorizer(**settings)
    check_equal(ours.fit_transform(texts), theirs.fit_transform(texts))

    singles = [[text] for text in texts[:N_SINGLE]]
    jobs = {
        "fit_transform, us/text": (lambda model: model.fit_transform(texts), 1e6 / len(texts)),
        "transform, us/text": (lambda model: model.transform(texts), 1e6 / len(texts)),
        "one text, us": (lambda model: [*map(model.transform, singles)], 1e6 / len(singles)),
    }
    print(f"{options.dataset}, {len(texts):,} texts, one thread, {cpu_model()}\n")
    print("| job | CharNgramTfidf | TfidfVectorizer | ratio |")
    print("|---|---|---|---|")
    for job, (run, scale) in jobs.items():
        a, b = (scale * seconds for seconds in median_seconds(run, (ours, theirs), options.repeats))
        print(f"| {job} | {a:.2f} | {b:.2f} | {b / a:.1f} |")


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
