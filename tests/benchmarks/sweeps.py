"""Vary one thing at a time on a prepared data set; print what time and precision do, as CSV.

    python tests/benchmarks/prepare.py package_search --data-dir DATA --cache-dir CACHE
    python tests/benchmarks/sweeps.py CACHE/package_search > doc/benchmarks/sweeps.csv

What is varied: how many of the features there are (the most frequent), the beam, the threshold that
weights are pruned at, and the threads. All else is as it comes, on one thread. Times are the best
of `--repeats`: what disturbs a measurement only ever adds to it.
"""

import argparse
import csv
import sys
from functools import partial
from pathlib import Path

import numpy as np
from compare_peers import accuracies
from prepare import load
from systems import timed

from sklearn_xmr import XRLinearClassifier

FEATURES = [1_000, 3_000, 10_000, 30_000, 100_000]
BEAM_WIDTHS = [1, 2, 5, 10, 20, 50, 100]
THRESHOLDS = [0.1, 0.15, 0.2, 0.3, 0.5, 0.7]
THREADS = [1, 2]
COLUMNS = ["sweep", "value", "fit_seconds", "batch_us", "single_us", "weights", "P@1"]
N_SINGLE = 500


def main():
    """Run all sweeps on one data set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of a prepared data set")
    parser.add_argument("--repeats", type=int, default=3, help="times are the best of so many")
    options = parser.parse_args()
    data = load(options.folder)
    writer = csv.DictWriter(sys.stdout, COLUMNS)
    writer.writeheader()
    for sweep in (features, threads, beam_widths, thresholds):
        for value, figures in sweep(*data, options.repeats):
            writer.writerow({"sweep": sweep.__name__, "value": value} | figures)
            sys.stdout.flush()


def features(X, Y, X_test, Y_test, repeats):
    """With only the most frequent features."""
    order = np.argsort(-np.bincount(X.indices, minlength=X.shape[1]), kind="stable")
    for number in [*(n for n in FEATURES if n < X.shape[1]), X.shape[1]]:
        kept = np.sort(order[:number])
        seconds, model = fitted(X[:, kept], Y, repeats)
        yield number, seconds | ranking(model, X_test[:, kept], Y_test, repeats)


def threads(X, Y, X_test, Y_test, repeats):
    """With so many threads, for fit and for ranking."""
    for number in THREADS:
        seconds, model = fitted(X, Y, repeats, n_jobs=number)
        yield number, seconds | ranking(model, X_test, Y_test, repeats)


def beam_widths(X, Y, X_test, Y_test, repeats):
    """With a beam so wide, which fit knows nothing of."""
    _, model = fitted(X, Y, 1)
    for beam_width in BEAM_WIDTHS:
        model.set_params(beam_width=beam_width)
        yield beam_width, ranking(model, X_test, Y_test, repeats)


def thresholds(X, Y, X_test, Y_test, repeats):
    """With weights pruned at a threshold."""
    _, model = fitted(X, Y, 1)
    for threshold in THRESHOLDS:
        yield threshold, ranking(model.prune(threshold), X_test, Y_test, repeats)


def fitted(X, Y, repeats, n_jobs=1):
    """Return the seconds that fit takes, and the model."""
    model = XRLinearClassifier(random_state=0, n_jobs=n_jobs)
    return {"fit_seconds": f"{best(partial(model.fit, X, Y), repeats):.2f}"}, model


def ranking(model, X, Y, repeats):
    """Return what ranking takes, a batch and a row at a time, how good it is, and the weights."""
    labels, _ = model.rank(X)
    rows = [X[[i]] for i in range(min(N_SINGLE, X.shape[0]))]
    one_by_one = [best(partial(model.rank, row), repeats) for row in rows]
    return {
        "batch_us": f"{1e6 * best(partial(model.rank, X), repeats) / X.shape[0]:.1f}",
        "single_us": f"{1e6 * np.median(one_by_one):.0f}",
        "weights": sum(len(layer.entries) for layer in model.layers_),
        "P@1": f"{accuracies(labels, Y)['P@1']:.2f}",
    }


def best(function, repeats):
    """Return the seconds of the fastest of several calls."""
    return min(timed(function)[0] for _ in range(repeats))


if __name__ == "__main__":
    main()
