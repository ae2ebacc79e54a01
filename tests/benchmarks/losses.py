"""Compare the losses of XRLinearClassifier on prepared data sets: precision and time to fit.

    python tests/benchmarks/prepare.py bibtex --data-dir DATA --cache-dir CACHE
    python tests/benchmarks/losses.py CACHE/bibtex ...

Each loss is fitted with one thread, the score transform that suits it and several C; times are
medians.
"""

import argparse
import time
from itertools import product
from pathlib import Path

import numpy as np
from scipy import sparse

from sklearn_xmr import XRLinearClassifier
from sklearn_xmr.metrics import precision_at_k

TRANSFORMS = {"squared_hinge": "l3_hinge", "hinge": "l3_hinge", "log_loss": "sigmoid"}


def measure(folder, loss, C, n_repeats):
    """Return the median seconds of fit, and P@1, P@3 and P@5 in percent."""
    X_train, Y_train, X_test, Y_test = (
        sparse.csr_array(sparse.load_npz(folder / f"{name}.npz"))
        for name in ("X_train", "Y_train", "X_test", "Y_test")
    )
    seconds = []
    for _ in range(n_repeats):
        model = XRLinearClassifier(
            loss=loss, C=C, score_transform=TRANSFORMS[loss], random_state=0, n_jobs=1
        )
        start = time.perf_counter()
        model.fit(X_train, Y_train)
        seconds.append(time.perf_counter() - start)
    scores = model.predict_proba(X_test)
    return np.median(seconds), [100 * precision_at_k(Y_test, scores, k=k) for k in (1, 3, 5)]


def main():
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, help="folders of prepared data sets")
    parser.add_argument("--repeats", type=int, default=3, help="fits to take the median time of")
    parser.add_argument("--C", nargs="+", type=float, default=[0.25, 1, 4], help="of each loss")
    options = parser.parse_args()
    print(f"{'data set':24} {'loss':14} {'C':>5} {'P@1':>6} {'P@3':>6} {'P@5':>6} {'fit, s':>8}")
    for folder in options.folders:
        for loss, C in product(TRANSFORMS, options.C):
            seconds, precisions = measure(folder, loss, C, options.repeats)
            figures = " ".join(f"{precision:6.2f}" for precision in precisions)
            print(f"{folder.name:24} {loss:14} {C:5g} {figures} {seconds:8.2f}", flush=True)


if __name__ == "__main__":
    main()
