"""Valid calls of everything public, as functions of named arguments, on data of a few rows."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from sklearn_xmr import (
    CalibratedRanker,
    CharNgramTfidf,
    CooccurrenceCompleter,
    HierarchicalKMeansIndexer,
    LabelTree,
    MostFrequentCompleter,
    ProductRetriever,
    QueryAutocompleter,
    TrieHybridIndexer,
    TrieIndexer,
    WordNgramTfidf,
    XRLinearClassifier,
    datasets,
    inspection,
    label_features,
    metrics,
    rank,
    surgery,
    top_labels,
)

TEXTS = ["red shoes", "red dress", "blue shoes", "green hat", "blue hat", "a b", "white paint"]
LABEL_TEXTS = ["shoes", "dress", "hat", "paint", "red", "blue"]
PRODUCTS = {"s": "red shoes", "d": "long dress", "h": "blue hat", "p": "white paint 5 l"}
CLICKS = ["s", "d", "s", "h", "h", "p", "p"]
SESSIONS = [["red", "red shoes", "blue"], ["blue", "blue hat"], ["white", "white paint"]]
PAIRS = [["", "re"], ["red", "red s"], ["", "bl"], ["blue", "bl"], ["white", "wh"]]
NEXT_QUERIES = ["red", "red shoes", "blue", "blue hat", "white paint"]


def _rows(n_columns, seed, density=0.4):
    rng = np.random.default_rng(seed)
    dense = rng.random((12, n_columns)) * (rng.random((12, n_columns)) < density)
    return sp.csr_array(dense.astype(np.float32))


X = _rows(8, 0)
Y = sp.csr_array((_rows(6, 1) > 0).astype(np.float32))
SCORES = _rows(6, 2, density=0.7)
PRIOR = _rows(8, 3)[:6]


class Call(NamedTuple):
    """One function and what it is called with.

    Attributes
    ----------
    name : str
    function : callable
        Takes all arguments by name.
    arguments : callable
        Makes them anew, so that no call can spoil those of the next.
    """

    name: str
    function: Callable
    arguments: Callable


@cache
def fitted():
    """A classifier that no call may change."""
    return XRLinearClassifier(random_state=0).fit(X, Y)


@cache
def fitted_retriever():
    """A retriever with clicks."""
    return ProductRetriever(label_text=PRODUCTS, random_state=0).fit(TEXTS, CLICKS)


@cache
def fitted_completer(completer):
    """A completer of some sessions."""
    return completer().fit(PAIRS, NEXT_QUERIES)


def fit_classifier(X, y, sample_weight, relevance, **params):
    """Fit and rank."""
    model = XRLinearClassifier(**params)
    model.fit(X, y, sample_weight=sample_weight, relevance=relevance)
    return model.rank(X, 3)[1], model.predict_proba(X)


def fit_calibrated(X, y, **params):
    """Fit and rank."""
    model = CalibratedRanker(**params).fit(X, y)
    return model.rank(X, 3)[1], model.predict_proba(X)


def change_retriever(label_text, X, y):
    """Add products to a retriever of this call's own."""
    retriever = ProductRetriever(label_text=PRODUCTS, random_state=0).fit(TEXTS, CLICKS)
    return retriever.add_labels(label_text, X, y).search("red hat")


def remove_from_retriever(labels):
    """Take products from a retriever of this call's own."""
    retriever = ProductRetriever(label_text=PRODUCTS, random_state=0).fit(TEXTS, CLICKS)
    return retriever.remove_labels(labels).search("red hat")


def fit_vectorizer(vectorizer):
    """A function that fits a vectorizer with some parameters."""

    def fit(raw_documents, **params):
        return vectorizer(**params).fit_transform(raw_documents)

    return fit


def fit_indexer(indexer):
    """A function that fits an indexer with some parameters."""

    def fit(Z, y, **params):
        return indexer(**params).fit(Z, y).tree_.n_labels

    return fit


def fit_completer(completer):
    """A function that fits a completer with some parameters and asks it."""

    def fit(X, y, **params):
        return completer(**params).fit(X, y).complete("red", "b")

    return fit


def fit_sessions(completer):
    """A function that fits a completer to sessions."""

    def fit(sessions, **params):
        return completer(**params).fit_sessions(sessions).complete("red", "b")

    return fit


def fit_retriever(X, y, sample_weight, **params):
    """Fit and search."""
    return ProductRetriever(**params).fit(X, y, sample_weight=sample_weight).search("red hat")


def of_method(make, name):
    """A function that calls a method of what `make` makes."""

    def call(**arguments):
        return getattr(make(), name)(**arguments)

    return call


def _ranked(**arguments):
    return {"y_true": Y, "y_score": SCORES, "k": 3, **arguments}


COMPLETERS = [QueryAutocompleter, MostFrequentCompleter, CooccurrenceCompleter]
CALLS = [
    Call(
        "XRLinearClassifier.fit",
        fit_classifier,
        lambda: {
            "X": X.copy(),
            "y": Y.copy(),
            "sample_weight": np.ones(12),
            "relevance": None,
            **XRLinearClassifier(random_state=0).get_params(deep=False),
        },
    ),
    Call(
        "XRLinearClassifier.fit (classes, a prior)",
        fit_classifier,
        lambda: {
            "X": X.toarray(),
            "y": np.array(list("abcabcabcddd")),
            "sample_weight": None,
            "relevance": None,
            "label_prior": {label: PRIOR[i : i + 1].toarray()[0] for i, label in enumerate("abcd")},
            "prior_strength": 1.0,
        },
    ),
    *(
        Call(
            f"XRLinearClassifier.{name}",
            of_method(fitted, name),
            lambda more=more: {"X": X, **more},
        )
        for name, more in {
            "predict": {},
            "predict_proba": {},
            "decision_function": {},
            "rank": {"k": 3, "candidates": np.arange(6) < 4, "min_score": 0.1},
            "score_pairs": {"labels": np.array([0, 2])},
        }.items()
    ),
    Call(
        "XRLinearClassifier.prune",
        of_method(fitted, "prune"),
        lambda: {"threshold": 0.2, "max_weights": 5, "dtype": None},
    ),
    Call("rank", rank, lambda: {"estimator": fitted(), "X": X, "k": 3, "candidates": None}),
    *(
        Call(
            vectorizer.__name__,
            fit_vectorizer(vectorizer),
            lambda vectorizer=vectorizer: {
                "raw_documents": list(TEXTS),
                **vectorizer().get_params(deep=False),
            },
        )
        for vectorizer in (CharNgramTfidf, WordNgramTfidf)
    ),
    *(
        Call(
            indexer.__name__,
            fit_indexer(indexer),
            lambda indexer=indexer: {
                "Z": PRIOR.copy(),
                "y": list(LABEL_TEXTS),
                **indexer(max_leaf_size=2).get_params(deep=False),
            },
        )
        for indexer in (HierarchicalKMeansIndexer, TrieIndexer, TrieHybridIndexer)
    ),
    Call("LabelTree", LabelTree, lambda: {"parents": [np.zeros(2, dtype=int), [0, 1, 1]]}),
    Call(
        "LabelTree.from_cluster_chain",
        LabelTree.from_cluster_chain,
        lambda: {"chain": LabelTree([np.zeros(2, dtype=int), [0, 1, 1]]).to_cluster_chain()},
    ),
    *(
        Call(
            f"{completer.__name__}.fit",
            fit_completer(completer),
            lambda completer=completer: {
                "X": [list(pair) for pair in PAIRS],
                "y": list(NEXT_QUERIES),
                **completer().get_params(deep=False),
            },
        )
        for completer in COMPLETERS
    ),
    *(
        Call(
            f"{completer.__name__}.fit_sessions",
            fit_sessions(completer),
            lambda: {"sessions": [list(session) for session in SESSIONS]},
        )
        for completer in COMPLETERS
    ),
    *(
        Call(
            f"{completer.__name__}.complete",
            of_method(lambda completer=completer: fitted_completer(completer), "complete"),
            lambda: {"previous": "red", "prefix": "b", "k": 3},
        )
        for completer in COMPLETERS
    ),
    Call(
        "ProductRetriever.fit",
        fit_retriever,
        lambda: {
            "X": list(TEXTS),
            "y": list(CLICKS),
            "sample_weight": np.ones(7),
            **ProductRetriever(label_text=dict(PRODUCTS), random_state=0).get_params(deep=False),
        },
    ),
    Call(
        "ProductRetriever.search",
        of_method(fitted_retriever, "search"),
        lambda: {"text": "red hat", "k": 3, "candidates": None, "min_score": 0.1, "boost": None},
    ),
    Call(
        "ProductRetriever.rank",
        of_method(fitted_retriever, "rank"),
        lambda: {"X": ["red hat", "shoes"], "k": 3, "boost": None},
    ),
    Call(
        "ProductRetriever.explain",
        of_method(fitted_retriever, "explain"),
        lambda: {"text": "red hat", "product": "h"},
    ),
    Call(
        "ProductRetriever.add_labels",
        change_retriever,
        lambda: {"label_text": {"n": "new lamp"}, "X": ["lamp"], "y": ["n"]},
    ),
    Call("ProductRetriever.remove_labels", remove_from_retriever, lambda: {"labels": ["s"]}),
    Call(
        "CalibratedRanker.fit",
        fit_calibrated,
        lambda: {
            "X": X.copy(),
            "y": Y.copy(),
            **CalibratedRanker(fitted(), cv=2, random_state=0).get_params(deep=False),
        },
    ),
    Call(
        "top_labels",
        top_labels,
        lambda: {"estimator": fitted(), "x": X[:1], "k": 3, "classes": list("abcdef")},
    ),
    Call(
        "XRLinearClassifier.prepare_candidates",
        of_method(fitted, "prepare_candidates"),
        lambda: {"candidates": np.arange(6) < 4},
    ),
    Call("metrics.precision_at_k", metrics.precision_at_k, _ranked),
    Call("metrics.recall_at_k", metrics.recall_at_k, lambda: _ranked(capped=True)),
    Call("metrics.ndcg_at_k", metrics.ndcg_at_k, _ranked),
    Call("metrics.psp_at_k", metrics.psp_at_k, lambda: _ranked(propensity=np.full(6, 0.5))),
    Call("metrics.psndcg_at_k", metrics.psndcg_at_k, lambda: _ranked(propensity=np.full(6, 0.5))),
    Call("metrics.propensities", metrics.propensities, lambda: {"Y": Y, "A": 0.55, "B": 1.5}),
    Call(
        "metrics.by_label_frequency",
        metrics.by_label_frequency,
        lambda: _ranked(
            metric=metrics.precision_at_k, frequency=np.arange(6), boundaries=np.array([1, 3])
        ),
    ),
    Call(
        "metrics.paired_bootstrap",
        metrics.paired_bootstrap,
        lambda: _ranked(
            metric=metrics.precision_at_k,
            y_score_other=SCORES * 2,
            n_resamples=10,
            confidence=0.9,
            random_state=0,
        ),
    ),
    Call(
        "metrics.mean_reciprocal_rank",
        metrics.mean_reciprocal_rank,
        lambda: {"y_true": ["a", "b"], "ranked": [["a", "c"], ["c", "b"]], "k": 2},
    ),
    Call(
        "metrics.bleu_reciprocal_rank",
        metrics.bleu_reciprocal_rank,
        lambda: {"y_true": ["a b", "b"], "ranked": [["a b", "c"], ["c", "b"]], "k": 2},
    ),
    Call(
        "label_features.pifa",
        label_features.pifa,
        lambda: {"X": X, "Y": Y, "sample_weight": np.ones(12), "n_jobs": 1},
    ),
    Call("label_features.pii", label_features.pii, lambda: {"X": X, "Y": Y}),
    Call(
        "label_features.concatenation",
        label_features.concatenation,
        lambda: {"X": X, "Y": Y, "given": PRIOR, "weight": 0.5},
    ),
    Call(
        "metrics.calibration_error_at_k",
        lambda **arguments: tuple(metrics.calibration_error_at_k(**arguments)),
        lambda: {"y_true": Y, "y_score": SCORES, "k": 3},
    ),
    Call(
        "metrics.brier_score_at_k",
        lambda **arguments: tuple(metrics.brier_score_at_k(**arguments)),
        lambda: {"y_true": Y, "y_score": SCORES, "k": 3},
    ),
    Call(
        "metrics.keystrokes_saved",
        metrics.keystrokes_saved,
        lambda: {
            "estimator": fitted_completer(MostFrequentCompleter),
            "X": [list(pair) for pair in PAIRS],
            "y": list(NEXT_QUERIES),
            "k": 3,
        },
    ),
    Call(
        "surgery.add_labels",
        surgery.add_labels,
        lambda: {"classifier": fitted(), "X": X, "Y": Y[:, :2], "classes": [6, 7]},
    ),
    Call(
        "surgery.remove_labels",
        surgery.remove_labels,
        lambda: {"classifier": fitted(), "labels": [0, 2]},
    ),
    Call("surgery.restrict", surgery.restrict, lambda: {"model": fitted(), "labels": [0, 2, 3]}),
    Call(
        "inspection.explain",
        inspection.explain,
        lambda: {"estimator": fitted(), "x": X[:1], "label": 2, "feature_names": list("abcdefgh")},
    ),
    Call(
        "inspection.export_text",
        inspection.export_text,
        lambda: {"tree": fitted(), "label_names": list("abcdef"), "max_depth": 2},
    ),
    Call(
        "datasets.make_prefix_pairs",
        datasets.make_prefix_pairs,
        lambda: {"sessions": [list(s) for s in SESSIONS], "prefixes_per_query": 2},
    ),
    Call(
        "datasets.cut_sessions",
        datasets.cut_sessions,
        lambda: {"log": (["u", "u", "v"], [0, 10, 20], ["a", "b", "c"]), "gap": 15},
    ),
    Call("datasets.normalize_query", datasets.normalize_query, lambda: {"query": " A  b "}),
]
