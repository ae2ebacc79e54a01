"""What each option of XRLinearClassifier changes on prepared data sets: precision and time, as CSV.

    python tests/benchmarks/prepare.py bibtex --data-dir DATA --cache-dir CACHE
    python tests/benchmarks/options.py CACHE/bibtex ... > doc/benchmarks/options.csv

Every setting differs from the defaults in what it is named after. PSP@5 is the precision that
weighs rare labels more; ``gain`` is what the mean of P@1, P@3 and P@5 gains over the defaults, with
a 95 % interval from a paired bootstrap over the test rows. One thread; fit is timed once.
"""

import argparse
import csv
import sys
from functools import partial
from pathlib import Path

from ensembles import gain_over, row_precisions
from prepare import load
from scipy import sparse
from sweeps import best
from systems import timed

from sklearn_xmr import HierarchicalKMeansIndexer, XRLinearClassifier
from sklearn_xmr.label_features import concatenation, convex_combination, pii
from sklearn_xmr.metrics import propensities, psp_at_k


def pifa_beside_pii(X, Y):
    """Return label features of both kinds."""
    return concatenation(X, Y, given=pii(X, Y))


BONSAI = HierarchicalKMeansIndexer(100, max_leaf_size=100, balanced=False, max_depth=2)
SETTINGS = {
    "defaults": {},
    "C=0.25": {"C": 0.25},
    "C=1": {"C": 1},
    "C=2": {"C": 2},
    "hinge": {"loss": "hinge"},
    "log_loss, sigmoid": {"loss": "log_loss", "score_transform": "sigmoid"},
    "log_loss, sigmoid, C=4": {"loss": "log_loss", "score_transform": "sigmoid", "C": 4},
    "l1_hinge": {"score_transform": "l1_hinge"},
    "l2_hinge": {"score_transform": "l2_hinge"},
    "l4_hinge": {"score_transform": "l4_hinge"},
    "sigmoid": {"score_transform": "sigmoid"},
    "ancestor_weight=0.5": {"ancestor_weight": 0.5},
    "no intercept": {"fit_intercept": False},
    "positive_weight=0.5": {"positive_weight": 0.5},
    "positive_weight=2": {"positive_weight": 2},
    "relevance: inverse propensity": {"relevance": "inverse propensity"},
    "tfn+man": {"negatives": "tfn+man"},
    "prune_threshold=0.1": {"prune_threshold": 0.1},
    "prune_threshold=0.2": {"prune_threshold": 0.2},
    "max_weights=100": {"max_weights": 100},
    "beam_width=5": {"beam_width": 5},
    "beam_width=20": {"beam_width": 20},
    "pii": {"label_features": "pii"},
    "pifa beside pii": {"label_features": pifa_beside_pii},
    "32 branches": {"indexer": HierarchicalKMeansIndexer(32)},
    "leaves of 100": {"indexer": HierarchicalKMeansIndexer(max_leaf_size=100)},
    "unbalanced": {"indexer": HierarchicalKMeansIndexer(balanced=False)},
    "Bonsai's tree": {"indexer": BONSAI},
    "3 trees": {"n_trees": 3},
    "Bonsai's trees, 3": {"indexer": BONSAI, "n_trees": 3},
}
COLUMNS = ["data", "setting", "P@1", "P@3", "P@5", "PSP@5", "gain", "fit_seconds", "batch_us"]


def main():
    """Run all settings on all data sets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, help="folders of prepared data sets")
    options = parser.parse_args()
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for folder in options.folders:
        for figures in compare(*load(folder), name_settings(folder / "Z.npz")):
            writer.writerow([folder.name, *figures])
            sys.stdout.flush()


def name_settings(path):
    """Return the settings that take the features of the labels' names, if there are such."""
    if not path.exists():
        return {}
    names = sparse.csr_array(sparse.load_npz(path))
    return {
        "the labels' names": {"label_features": names},
        "pifa beside names": {"label_features": partial(concatenation, given=names)},
        "pifa mixed with names": {"label_features": partial(convex_combination, given=names)},
    }


def compare(X, Y, X_test, Y_test, of_names):
    """Yield the figures of each setting, the defaults first."""
    propensity = propensities(Y)
    defaults = None
    for setting, parameters in (SETTINGS | of_names).items():
        model = XRLinearClassifier(random_state=0, n_jobs=1)
        relevance = None
        if "relevance" in parameters:
            relevance = Y @ sparse.diags_array(1 / propensity)
        else:
            model.set_params(**parameters)
        seconds, _ = timed(partial(model.fit, relevance=relevance), X, Y)
        labels, _ = model.rank(X_test, 5)
        precisions = row_precisions(labels, Y_test)
        defaults = precisions if defaults is None else defaults
        psp = 100 * psp_at_k(Y_test, model.predict_proba(X_test), propensity=propensity)
        us_per_row = 1e6 * best(partial(model.rank, X_test), 3) / X_test.shape[0]
        gain = "" if setting == "defaults" else gain_over(precisions, defaults)
        means = [f"{value:.2f}" for value in (*precisions.mean(axis=0), psp)]
        yield setting, *means, gain, f"{seconds:.2f}", f"{us_per_row:.1f}"


if __name__ == "__main__":
    main()
