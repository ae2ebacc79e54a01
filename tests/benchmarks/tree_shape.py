"""Compare label trees: what their shape does to time and precision.

Every setting is one fit per seed on nine tenths of a prepared data set's training rows (see
``prepare.py``); precision is that on the other rows, 5,000 at most. Times are of one thread,
in seconds of the processor, and the best of three for ranking.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from scipy import sparse

from sklearn_xmr import HierarchicalKMeansIndexer, LabelTree, XRLinearClassifier
from sklearn_xmr.label_features import pifa, pii
from sklearn_xmr.metrics import precision_at_k

BONSAI = {"branching_factor": 100, "max_leaf_size": 100, "balanced": False, "max_depth": 2}
SETTINGS = {
    "default": (pifa, {}),
    "32 branches, leaves of 100": (pifa, {"branching_factor": 32, "max_leaf_size": 100}),
    "branching_factor=32": (pifa, {"branching_factor": 32}),
    "max_leaf_size=100": (pifa, {"max_leaf_size": 100}),
    "max_leaf_size=400": (pifa, {"max_leaf_size": 400}),
    "max_depth=1": (pifa, {"max_depth": 1}),
    "spherical=False": (pifa, {"spherical": False}),
    "balanced=False": (pifa, {"balanced": False}),
    "Bonsai": (pifa, BONSAI),
    "pii": (pii, {}),
    "flat": (None, None),
}


def split(data_dir, name):
    """Return the training rows and labels, then those to validate on; labels without rows go."""
    X, Y = (sparse.csr_array(sparse.load_npz(data_dir / name / f"{m}_train.npz")) for m in "XY")
    n_rows = X.shape[0]
    chosen = np.random.default_rng(0).choice(n_rows, min(n_rows // 10, 5_000), replace=False)
    held_out = np.zeros(n_rows, dtype=bool)
    held_out[chosen] = True
    seen = Y[~held_out].sum(axis=0) > 0
    return X[~held_out], Y[~held_out][:, seen], X[held_out], Y[held_out][:, seen]


def measure(setting, X, Y, X_valid, Y_valid, seed):
    """Return seconds for the tree and for training, us for a row, and P@1, 3 and 5 in percent."""
    features, params = SETTINGS[setting]
    start = time.process_time()
    if features is None:
        tree = LabelTree.flat(Y.shape[1])
    else:
        tree = HierarchicalKMeansIndexer(random_state=seed, **params).fit(features(X, Y)).tree_
    indexed = time.process_time()
    model = XRLinearClassifier(tree, random_state=seed).fit(X, Y)
    trained = time.process_time()
    ranking = []
    for _ in range(3):
        begin = time.process_time()
        model.rank(X_valid, 5)
        ranking.append(time.process_time() - begin)
    scores = model.set_params(shortlist_size=5).decision_function(X_valid)
    precisions = [100 * precision_at_k(Y_valid, scores, k=k) for k in (1, 3, 5)]
    us_per_row = min(ranking) / X_valid.shape[0] * 1e6
    return tree, [indexed - start, trained - indexed, us_per_row, *precisions]


def main():
    """Print a line for each data set and setting."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="+", help="folders of the cache that are prepared")
    parser.add_argument("--cache-dir", type=Path, required=True, help="where they are")
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--seeds", type=int, default=3, help="fits that are averaged")
    options = parser.parse_args()
    print("| data | setting | nodes per layer | tree s | training s | us/row | P@1 | P@3 | P@5 |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in options.datasets:
        data = split(options.cache_dir, name)
        for setting in options.settings:
            runs = [measure(setting, *data, seed) for seed in range(options.seeds)]
            nodes = ", ".join(str(len(layer)) for layer in runs[0][0].parents)
            means = np.mean([figures for _, figures in runs], axis=0)
            cells = [f"{value:.2f}" for value in means]
            print("|", " | ".join([name, setting, nodes, *cells]), "|", flush=True)


if __name__ == "__main__":
    main()
