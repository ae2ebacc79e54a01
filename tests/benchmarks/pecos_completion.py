"""Train libpecos on the rows of ``autocompletion.py`` and rank with it, in the peers' interpreter.

    python pecos_completion.py FOLDER

The folder holds ``X_train.npz``, ``Y_train.npz``, ``X_test.npz``, and either the tree, as
``chain-0.npz`` and so on from the top, or label features to cluster, ``Z.npz``. Needs nothing but
libpecos with NumPy and SciPy, old ones included. Writes ``labels.npz``, a row of candidates for
each test row, best first, and ``figures.json``.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from pecos.utils.cluster_util import ClusterChain
from pecos.xmc import Indexer
from pecos.xmc.xlinear.model import XLinearModel
from scipy import sparse

BEAM = 10
LEAF_SIZE = 100
N_SINGLE = 1_000


def main(folder):
    """Train, rank in one call and row by row, and write what came out."""
    X, Y, X_test = (read(folder, name) for name in ("X_train", "Y_train", "X_test"))
    start = time.perf_counter()
    model = XLinearModel.train(
        X, Y.tocsc(), C=chain(folder), negative_sampling_scheme="tfn", threshold=0.1, threads=1
    )
    fit_seconds = time.perf_counter() - start
    model.save(str(folder / "model"))
    model = XLinearModel.load(
        str(folder / "model"), is_predict_only=True, weight_matrix_type="HASH_CHUNKED"
    )
    # All labels that the search reaches, as candidates for the prefix to pick from.
    options = {"beam_size": BEAM, "only_topk": BEAM * LEAF_SIZE, "threads": 1}
    start = time.perf_counter()
    ranked = model.predict(X_test, **options)
    batch_seconds = time.perf_counter() - start
    singles = []
    for i in range(N_SINGLE):
        row = X_test[i]
        start = time.perf_counter()
        model.predict(row, **options)
        singles.append(time.perf_counter() - start)
    np.savez(folder / "labels.npz", indptr=ranked.indptr, indices=ranked.indices)
    times = [fit_seconds, 1e6 * batch_seconds / X_test.shape[0]]
    times += (1e6 * np.percentile(singles, [50, 99])).tolist()
    (folder / "figures.json").write_text(json.dumps(times))


def chain(folder):
    """Return the given tree, or grow one."""
    layers = sorted(folder.glob("chain-*.npz"))
    if layers:
        return ClusterChain([sparse.load_npz(path).tocsc() for path in layers])
    return Indexer.gen(
        read(folder, "Z"),
        indexer_type="hierarchicalkmeans",
        nr_splits=16,
        max_leaf_size=LEAF_SIZE,
        seed=0,
        threads=1,
    )


def read(folder, name):
    """Return one matrix."""
    return sparse.load_npz(folder / f"{name}.npz")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
