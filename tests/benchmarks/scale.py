"""How fit and search grow with the number of labels, up to all package names; print CSV.

    python tests/benchmarks/scale.py --data-dir ~/data --names 10000 100000 792495

Each size runs in a process of its own. See the README beside this file.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import joblib
import numpy as np
from command_line import parser_with_data_dir
from compare_peers import ONE_THREAD, cells, cpu_model
from prepare import SEED, read_tsv, sample_words
from sklearn.pipeline import make_pipeline, make_union
from systems import peak_memory, timed

from sklearn_xmr import CharNgramTfidf, WordNgramTfidf, XRLinearClassifier, rank

N_SAMPLES = 3
N_TEST = 10_000
N_SINGLE = 2_000
# figure: how it is written
COLUMNS = {
    "names": "{:.0f}",
    "rows": "{:.0f}",
    "features": "{:.0f}",
    "vectorize_seconds": "{:.1f}",
    "fit_seconds": "{:.1f}",
    "data_mb": "{:.0f}",
    "peak_mb": "{:.0f}",
    "model_mb": "{:.0f}",
    "R@1": "{:.1f}",
    "R@10": "{:.1f}",
    "mapped_load_ms": "{:.1f}",
    "batch_us": "{:.1f}",
    "single_us_p50": "{:.0f}",
    "single_us_p99": "{:.0f}",
    "text_us_p50": "{:.0f}",
    "text_us_p99": "{:.0f}",
}


def main():
    """Measure every size, or the one that the process is for."""
    options = parse_options()
    if options.out is not None:
        measure(options.names[0], options)
        return
    print(f"{options.threads} thread(s), {cpu_model()}", file=sys.stderr)
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    with tempfile.TemporaryDirectory(prefix="scale-") as scratch:
        for n_names in options.names:
            writer.writerow(cells(COLUMNS, run(n_names, options, Path(scratch))))
            sys.stdout.flush()


def parse_options():
    """Return the command line's options."""
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("--names", type=int, nargs="+", default=[10_000, 30_000, 100_000, 792_495])
    parser.add_argument("--threads", type=int, default=1, help="threads for fit (default: 1)")
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def run(n_names, options, scratch):
    """Return the figures of one size, from a process of its own."""
    command = [sys.executable, __file__, "--data-dir", options.data_dir, "--names", str(n_names)]
    command += ["--threads", str(options.threads), "--out", scratch]
    subprocess.run(command, check=True, env=os.environ | ONE_THREAD)
    return json.loads((scratch / "figures.json").read_text())


def measure(n_names, options):
    """Fit, save, map and ask a model for so many names; write ``figures.json``."""
    train, y, test, asked = package_names(options.data_dir, n_names)
    figures = {"names": n_names, "rows": len(train)}
    words = WordNgramTfidf((1, 2), min_df=2, sublinear_tf=True)
    vectorizer = make_union(words, CharNgramTfidf(sublinear_tf=True))
    figures["vectorize_seconds"], X = timed(vectorizer.fit_transform, train)
    X = X.tocsr()
    del train
    figures["features"] = X.shape[1]
    figures["data_mb"] = (X.data.nbytes + X.indices.nbytes + X.indptr.nbytes + y.nbytes) / 1e6
    classifier = XRLinearClassifier(n_jobs=options.threads, random_state=0)
    figures["fit_seconds"], _ = timed(classifier.fit, X, y)
    figures["peak_mb"] = peak_memory() / 1e6
    del X

    path = options.out / "model.joblib"
    classifier.set_params(n_jobs=None)
    joblib.dump(classifier, path)
    figures["model_mb"] = path.stat().st_size / 1e6
    seconds = [timed(joblib.load, path, mmap_mode="r")[0] for _ in range(5)]
    figures["mapped_load_ms"] = 1e3 * np.median(seconds)

    queries = vectorizer.transform(test).tocsr()
    seconds, (labels, _) = timed(classifier.rank, queries, 10)
    figures["batch_us"] = 1e6 * seconds / len(test)
    figures["R@1"] = 100 * np.mean(labels[:, 0] == asked)
    figures["R@10"] = 100 * np.mean((labels == asked[:, None]).any(axis=1))
    rows = [queries[[i]] for i in range(min(N_SINGLE, len(test)))]
    figures["single_us_p50"], figures["single_us_p99"] = quantiles(classifier.rank, rows)
    model = make_pipeline(vectorizer, classifier)
    texts = [[text] for text in test[:N_SINGLE]]
    figures["text_us_p50"], figures["text_us_p99"] = quantiles(lambda x: rank(model, x), texts)
    (options.out / "figures.json").write_text(json.dumps(figures))


def package_names(data_dir, n_names):
    """Return training texts and labels, test texts and the labels asked for.

    The names are drawn at random; a name's texts are the summary, or the name where there is
    none, and three samples of its words. A further sample is for testing.
    """
    rng = np.random.default_rng(SEED)
    records = list(read_tsv(data_dir / "package_search" / "pypi.tsv.gz"))
    chosen = np.sort(rng.choice(len(records), min(n_names, len(records)), replace=False))
    summaries = [records[i][0].strip() or records[i][1] for i in chosen]
    train = list(summaries)
    for _ in range(N_SAMPLES):
        train += [sample_words(summary, rng) for summary in summaries]
    asked = np.sort(rng.choice(len(summaries), min(N_TEST, len(summaries)), replace=False))
    test = [sample_words(summaries[i], rng) for i in asked]
    return train, np.tile(np.arange(len(summaries)), 1 + N_SAMPLES), test, asked


def quantiles(function, queries):
    """Return the microseconds of a call, median and 99th percentile."""
    seconds = [timed(function, query)[0] for query in queries]
    return 1e6 * np.percentile(seconds[50:], [50, 99])


if __name__ == "__main__":
    main()
