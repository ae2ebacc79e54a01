"""The systems of the comparison, and the process that measures one of them.

``compare_peers.py`` runs this file in the interpreter that has the system, one process for one
system. It therefore needs nothing but NumPy and SciPy, old ones included.
"""

import argparse
import functools
import importlib.metadata
import importlib.util
import json
import resource
import sys
import time
from pathlib import Path
from typing import ClassVar

import numpy as np
from scipy import sparse

K = 10
BEAM_WIDTH, WIDE_BEAM = 10, 50
N_QUERIES = 1_000
N_WARM_UP = 50
N_WIDE = 2_000  # rows that are ranked with the wide beam


class System:
    """What a system has to offer: fit, save, load and rank.

    A system is ranked as its user would get it: saved, and loaded again.
    """

    distribution = module = None  # its name for the package manager, its name for import
    index_seconds = None  # the part of fit that built the label tree, where it can be told apart
    has_beam = True

    def __init__(self, folder):
        self.folder = folder

    def read(self, data):
        """Return what `fit` is given."""
        return read(data, "X_train"), read(data, "Y_train")

    def queries(self, X):
        """Return each row in the form that `rank_one` takes."""
        return [X[i] for i in range(X.shape[0])]

    def rank_one(self, query):
        """Rank the labels of one query; anything that `rank_batch` takes, if not overridden."""
        return self.rank_batch(query)


class XRLinear(System):
    """This package, with its defaults."""

    distribution = module = "sklearn_xmr"
    parameters: ClassVar = {}

    def __init__(self, folder):
        super().__init__(folder)
        from sklearn_xmr import XRLinearClassifier

        self.model = XRLinearClassifier(n_jobs=1, random_state=0, **self.parameters)

    def fit(self, X, Y):
        self.model.fit(X, Y)

    def save(self):
        import joblib

        joblib.dump(self.model, self.folder / "model.joblib", compress=0)

    def load(self):
        import joblib

        self.model = joblib.load(self.folder / "model.joblib")

    def rank_batch(self, X, beam_width=BEAM_WIDTH):
        self.model.beam_width = beam_width  # set_params takes longer than a search
        return self.model.rank(X, k=K)

    def labels(self, ranked):
        return ranked[0]


class XRLinearThreeTrees(XRLinear):
    """This package with three trees, all else as it comes."""

    parameters: ClassVar = {"n_trees": 3}


class XRLinearAccurate(XRLinear):
    """This package as its guide says for accuracy: three wide and shallow trees."""

    def __init__(self, folder):
        super().__init__(folder)
        from sklearn_xmr import HierarchicalKMeansIndexer

        indexer = HierarchicalKMeansIndexer(100, max_leaf_size=100, balanced=False, max_depth=2)
        self.model.set_params(indexer=indexer, n_trees=3)


class Pecos(System):
    """XR-Linear of libpecos, with its defaults: one tree, PIFA, teacher-forcing negatives."""

    distribution, module = "libpecos", "pecos"
    seed = 0

    def __init__(self, folder):
        super().__init__(folder)
        from pecos.xmc import Indexer, LabelEmbeddingFactory
        from pecos.xmc.xlinear.model import XLinearModel

        self.indexer, self.embedding, self.xlinear = Indexer, LabelEmbeddingFactory, XLinearModel

    def fit(self, X, Y):
        start = time.perf_counter()
        Z = self.embedding.create(Y, X, method="pifa", threads=1)
        chain = self.indexer.gen(
            Z,
            indexer_type="hierarchicalkmeans",
            nr_splits=16,
            max_leaf_size=100,
            seed=self.seed,
            threads=1,
        )
        self.index_seconds = time.perf_counter() - start
        self.model = self.xlinear.train(
            X, Y.tocsc(), C=chain, negative_sampling_scheme="tfn", threshold=0.1, threads=1
        )

    def save(self):
        self.model.save(str(self.folder))

    def load(self):
        # Somewhat the faster of its two lookups on sparse queries.
        self.model = self.xlinear.load(
            str(self.folder), is_predict_only=True, weight_matrix_type="HASH_CHUNKED"
        )

    def rank_batch(self, X, beam_width=BEAM_WIDTH):
        return self.model.predict(X, beam_size=beam_width, only_topk=K, threads=1)

    def labels(self, ranked):
        return np.split(ranked.indices, ranked.indptr[1:-1])


class PecosThreeTrees(Pecos):
    """XR-Linear of libpecos, three trees with different seeds, their scores averaged."""

    seeds = 0, 1, 2

    def fit(self, X, Y):
        self.models = []
        seconds = 0.0
        for seed in self.seeds:
            self.seed = seed
            super().fit(X, Y)
            self.models.append(self.model)
            seconds += self.index_seconds
        self.index_seconds = seconds

    def save(self):
        for seed, model in zip(self.seeds, self.models, strict=True):
            model.save(str(self.folder / str(seed)))

    def load(self):
        from pecos.utils.smat_util import CsrEnsembler

        self.average = CsrEnsembler.average
        self.models = [
            self.xlinear.load(
                str(self.folder / str(seed)),
                is_predict_only=True,
                weight_matrix_type="HASH_CHUNKED",
            )
            for seed in self.seeds
        ]

    def rank_batch(self, X, beam_width=BEAM_WIDTH):
        ranked = [
            model.predict(X, beam_size=beam_width, only_topk=2 * K, threads=1)
            for model in self.models
        ]
        return self.average(*ranked)

    def labels(self, ranked):
        return [row[:K] for row in super().labels(ranked)]


class Omikuji(System):
    """Omikuji with one balanced tree of 16 branches; training includes reading its text file."""

    distribution = module = "omikuji"
    settings: ClassVar = {"n_trees": 1, "cluster_k": 16}

    def __init__(self, folder):
        super().__init__(folder)
        from omikuji import Model

        self.model_class = Model

    def read(self, data):
        return (str(data / "train.txt"),)

    def fit(self, path):
        settings = self.model_class.default_hyper_param()
        for name, value in self.settings.items():
            setattr(settings, name, value)
        self.model = self.model_class.train_on_data(path, settings, n_threads=1)

    def save(self):
        self.model.save(str(self.folder))

    def load(self):
        self.model = self.model_class.load(str(self.folder))
        self.model.init_prediction_thread_pool(1)

    def queries(self, X):
        rows = (X[i] for i in range(X.shape[0]))
        return [list(zip(row.indices.tolist(), row.data.tolist(), strict=True)) for row in rows]

    def rank_one(self, query, beam_width=BEAM_WIDTH):
        return self.model.predict(query, beam_size=beam_width, top_k=K)

    def rank_batch(self, X, beam_width=BEAM_WIDTH):
        # It has no call for a batch.
        return [self.rank_one(query, beam_width) for query in self.queries(X)]

    def labels(self, ranked):
        return [[label for label, _ in row] for row in ranked]


class OmikujiBonsai(Omikuji):
    """Omikuji with one tree as Bonsai grows them: shallow, wide and unbalanced."""

    settings: ClassVar = {"n_trees": 1, "cluster_k": 100, "cluster_balanced": False, "max_depth": 3}


class OmikujiThreeTrees(Omikuji):
    """Omikuji as it comes: three balanced binary trees, as Parabel grows them."""

    settings: ClassVar = {}


class OmikujiBonsaiThreeTrees(Omikuji):
    """Omikuji with three trees as Bonsai grows them."""

    settings: ClassVar = {**OmikujiBonsai.settings, "n_trees": 3}


class NapkinXC(System):
    """The probabilistic label tree of napkinXC, with its defaults; `fit` writes the model."""

    distribution = module = "napkinxc"
    has_beam = False

    def __init__(self, folder):
        super().__init__(folder)
        from napkinxc.models import PLT

        self.model = PLT(str(folder), threads=1, seed=0)

    def fit(self, X, Y):
        self.model.fit(X, Y)

    def save(self):
        pass

    def load(self):
        self.model.unload()
        self.model.load()

    def rank_batch(self, X):
        return self.model.predict(X, top_k=K)

    def labels(self, ranked):
        return ranked


SYSTEMS = {
    "sklearn_xmr": XRLinear,
    "sklearn_xmr-3trees": XRLinearThreeTrees,
    "sklearn_xmr-accurate": XRLinearAccurate,
    "libpecos": Pecos,
    "libpecos-3trees": PecosThreeTrees,
    "omikuji": Omikuji,
    "omikuji-bonsai": OmikujiBonsai,
    "omikuji-3trees": OmikujiThreeTrees,
    "omikuji-bonsai-3trees": OmikujiBonsaiThreeTrees,
    "napkinxc": NapkinXC,
}


def installed():
    """Return the names of the systems that this interpreter can import."""
    return [name for name, system in SYSTEMS.items() if importlib.util.find_spec(system.module)]


def measure(name, data, out):
    """Measure one system; write ``figures.json`` and ``labels.npy`` to the folder `out`."""
    folder = out / "model"
    folder.mkdir(parents=True)
    system = SYSTEMS[name](folder)
    training_data = system.read(data)
    before_fit = peak_memory()
    fit_seconds, _ = timed(system.fit, *training_data)
    peak = peak_memory()
    del training_data

    system.save()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    system.load()
    X = read(data, "X_test")
    batch_seconds, ranked = time_batch(system.rank_batch, X)
    np.save(out / "labels.npy", padded(system.labels(ranked)))
    single = time_single(system, X)
    wide = None
    if system.has_beam:
        rank_wide = functools.partial(system.rank_batch, beam_width=WIDE_BEAM)
        rows = X[:N_WIDE]
        wide = 1e6 * time_batch(rank_wide, rows)[0] / rows.shape[0]
    figures = {
        "version": version(system.distribution),
        "fit_seconds": fit_seconds,
        "index_seconds": system.index_seconds,
        "peak_mb": peak / 1e6,
        "before_fit_mb": before_fit / 1e6,
        "model_mb": size / 1e6,
        "batch_us": 1e6 * batch_seconds / X.shape[0],
        "wide_us": wide,
        "single_mean_ms": 1e3 * single.mean(),
        "single_p50_ms": 1e3 * np.percentile(single, 50),
        "single_p99_ms": 1e3 * np.percentile(single, 99),
    }
    (out / "figures.json").write_text(json.dumps(figures))


def time_batch(rank_batch, X, budget=3.0, max_passes=5):
    """Rank all rows, again while the budget of seconds lasts; return the median and the result."""
    rank_batch(X[:N_WARM_UP])
    seconds = []
    while not seconds or (sum(seconds) < budget and len(seconds) < max_passes):
        elapsed, ranked = timed(rank_batch, X)
        seconds.append(elapsed)
    return np.median(seconds), ranked


def time_single(system, X):
    """Return the seconds of each of `N_QUERIES` calls that rank one row of `X`."""
    rows = np.random.default_rng(0).integers(X.shape[0], size=N_WARM_UP + N_QUERIES)
    queries = system.queries(X[rows])
    return np.array([timed(system.rank_one, query)[0] for query in queries][N_WARM_UP:])


def timed(function, *args, **options):
    """Return the seconds a call took, and its result."""
    start = time.perf_counter()
    result = function(*args, **options)
    return time.perf_counter() - start, result


def peak_memory():
    """Return the most memory this process has ever held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def padded(rows):
    """Return label ids best first as an array with `K` columns, -1 where there are fewer."""
    labels = np.full((len(rows), K), -1, dtype=np.int64)
    for i, row in enumerate(rows):
        labels[i, : len(row)] = row
    return labels


def read(data, stem):
    """Return one matrix of a prepared data set."""
    return sparse.load_npz(data / f"{stem}.npz")


def version(distribution):
    """Return the installed version of a distribution."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "in place"


def main():
    """Measure one system, or tell which of them are here."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--installed", action="store_true", help="print what can be imported")
    parser.add_argument("system", nargs="?", choices=SYSTEMS)
    parser.add_argument("data", nargs="?", type=Path, help="folder of a prepared data set")
    parser.add_argument("out", nargs="?", type=Path, help="where to put model and figures")
    options = parser.parse_args()
    if options.installed:
        print(*installed())
    else:
        measure(options.system, options.data, options.out)


if __name__ == "__main__":
    main()
