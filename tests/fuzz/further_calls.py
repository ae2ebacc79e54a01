"""Valid calls of what is left: methods of fitted estimators, surgery, trees, logs, files, plots."""

import tempfile
from functools import cache
from pathlib import Path

import numpy as np

import sklearn_xmr
from fuzz.calls import (
    CLICKS,
    COMPLETERS,
    NEXT_QUERIES,
    PAIRS,
    PRIOR,
    PRODUCTS,
    SCORES,
    SESSIONS,
    TEXTS,
    Call,
    X,
    Y,
    fitted,
    fitted_completer,
    fitted_retriever,
    of_method,
)
from sklearn_xmr import (
    CalibratedRanker,
    LabelTree,
    TextMatchRanker,
    WordNgramTfidf,
    XRLinearClassifier,
    cross_val_rank,
    datasets,
    inspection,
    interop,
    label_features,
    metrics,
    surgery,
)

PARENTS = [np.zeros(2, dtype=int), np.array([0, 0, 0, 1, 1, 1])]
LOG = (["u", "u", "v"], [0, 10, 20], ["red hat", "blue hat", "shoes"])


@cache
def calibrated():
    """A fitted calibrated ranker."""
    return CalibratedRanker(fitted(), cv=2, random_state=0).fit(X, Y)


@cache
def vectorizer():
    """A fitted vectorizer."""
    return WordNgramTfidf().fit(TEXTS)


@cache
def parts():
    """The top of a model, and its subtrees."""
    model = XRLinearClassifier(LabelTree(PARENTS), random_state=0).fit(X, Y)
    top = surgery.take_top(model, 0)
    return model, top, [surgery.take_subtree(model, 0, int(node)) for node in top.classes_]


@cache
def files():
    """A folder with a file of each format."""
    folder = Path(tempfile.mkdtemp())
    sklearn_xmr.save(fitted(), folder / "model.xmr")
    datasets.dump_xmc_file(X, Y, folder / "xmc.txt")
    (folder / "xmc.json").write_text('{"title": "red", "target_ind": [1]}\n')
    (folder / "log.tsv").write_text("u\t2006-03-01 07:17:12\tred hat\nu\t2006-03-01 08:00:00\tb\n")
    (folder / "texts.txt").write_text("a,b\tred hat\nb\tblue hat\n")
    interop.dump_pecos_model(fitted(), folder / "pecos")
    interop.dump_cluster_chain(LabelTree(PARENTS), folder / "chain")
    return folder


def learn_more(completer, name):
    """A function that teaches a completer of its own more by a method."""

    def learn(**arguments):
        model = completer().fit(PAIRS, NEXT_QUERIES)
        return getattr(model, name)(**arguments).complete("red", "b")

    return learn


def fit_with_ranker(X, y, **params):
    """Fit a classifier that ranks anew, and rank."""
    model = XRLinearClassifier(ranker=TextMatchRanker(**params), random_state=0).fit(X, y)
    return model.rank(X, 3)[1]


def extend(raw_documents):
    """Extend a vectorizer of this call's own."""
    return WordNgramTfidf().fit(TEXTS).extend(raw_documents).transform(TEXTS)


def load_and_rank(**arguments):
    """Load a model and ask it."""
    return sklearn_xmr.load(**arguments).rank(X, 3)[1]


def drawn(plot):
    """A function that plots and closes what was drawn."""

    def draw(**arguments):
        import matplotlib.pyplot as plt

        try:
            plot(**arguments)
        finally:
            plt.close("all")

    return draw


FURTHER_CALLS = [
    *(
        Call(f"CalibratedRanker.{name}", of_method(calibrated, name), lambda more=more: {**more})
        for name, more in {
            "predict": {"X": X},
            "predict_proba": {"X": X},
            "rank": {"X": X, "k": 3, "candidates": np.arange(6) < 4, "min_score": 0.1},
            "score_pairs": {"X": X, "labels": np.array([0, 2])},
            "score": {"X": X, "y": Y, "sample_weight": np.ones(12)},
        }.items()
    ),
    Call(
        "XRLinearClassifier.score",
        of_method(fitted, "score"),
        lambda: {"X": X, "y": Y, "sample_weight": np.ones(12)},
    ),
    Call("XRLinearClassifier.rank", of_method(fitted, "rank"), lambda: {"X": X, "beam_width": 2}),
    *(
        Call(
            f"{completer.__name__}.{name}",
            of_method(lambda completer=completer: fitted_completer(completer), name),
            lambda more=more: {**more},
        )
        for completer in COMPLETERS
        for name, more in {
            "rank": {"X": [list(pair) for pair in PAIRS], "k": 3, "exclude": ["red"]},
            "predict": {"X": [list(pair) for pair in PAIRS]},
            "score": {"X": [list(pair) for pair in PAIRS], "y": list(NEXT_QUERIES)},
            "prepare_exclusion": {"queries": ["red", "blue"]},
            "complete": {"previous": ["red", "blue"], "prefix": "b", "exclude": ["blue"]},
        }.items()
    ),
    *(
        Call(
            f"{completer.__name__}.partial_fit",
            learn_more(completer, "partial_fit"),
            lambda: {
                "X": [list(pair) for pair in PAIRS],
                "y": list(NEXT_QUERIES),
                "sample_weight": np.ones(5),
            },
        )
        for completer in COMPLETERS
    ),
    *(
        Call(
            f"{completer.__name__}.partial_fit_sessions",
            learn_more(completer, "partial_fit_sessions"),
            lambda: {
                "sessions": [list(session) for session in SESSIONS],
                "sample_weight": np.ones(3),
                "times": np.arange(3),
            },
        )
        for completer in COMPLETERS
    ),
    *(
        Call(f"ProductRetriever.{name}", of_method(fitted_retriever, name), lambda more=more: more)
        for name, more in {
            "predict": {"X": list(TEXTS)},
            "score": {"X": list(TEXTS), "y": list(CLICKS)},
            "prepare_candidates": {"candidates": list(PRODUCTS)[:2]},
            "search": {"text": "red", "candidates": list(PRODUCTS)[:2], "boost": {"s": 2.0}},
        }.items()
    ),
    Call(
        "TextMatchRanker",
        fit_with_ranker,
        lambda: {"X": X.copy(), "y": Y.copy(), "label_vectors": PRIOR, "views": None, "cv": 2},
    ),
    Call(
        "cross_val_rank",
        lambda **arguments: cross_val_rank(**arguments)[1],
        lambda: {
            "estimator": XRLinearClassifier(random_state=0),
            "X": X,
            "y": np.array(list("abcabcabcabc")),
            "k": 2,
            "cv": 2,
            "n_jobs": None,
        },
    ),
    Call("WordNgramTfidf.extend", extend, lambda: {"raw_documents": ["new words", "red"]}),
    Call(
        "WordNgramTfidf.transform",
        of_method(vectorizer, "transform"),
        lambda: {"raw_documents": list(TEXTS)},
    ),
    Call(
        "metrics.make_topk_scorer",
        lambda **arguments: metrics.make_topk_scorer(**arguments)(fitted(), X, Y),
        lambda: {"metric": metrics.precision_at_k, "k": 3},
    ),
    Call(
        "metrics.warm_and_cold",
        lambda **arguments: tuple(metrics.warm_and_cold(**arguments)),
        lambda: {
            "metric": metrics.recall_at_k,
            "y_true": Y,
            "y_score": SCORES,
            "k": 3,
            "frequency": np.array([0, 1, 2, 0, 3, 1]),
        },
    ),
    Call(
        "label_features.convex_combination",
        label_features.convex_combination,
        lambda: {"X": X, "Y": Y, "given": PRIOR, "weight": 0.5, "n_jobs": None},
    ),
    Call("surgery.take_top", surgery.take_top, lambda: {"model": parts()[0], "depth": 0}),
    Call(
        "surgery.take_subtree",
        surgery.take_subtree,
        lambda: {"model": parts()[0], "depth": 0, "node": 1},
    ),
    Call("surgery.join", surgery.join, lambda: {"top": parts()[1], "subtrees": list(parts()[2])}),
    Call(
        "LabelTree.from_parents",
        LabelTree.from_parents,
        lambda: {"parents": [list(map(int, parents)) for parents in PARENTS]},
    ),
    Call("LabelTree.flat", LabelTree.flat, lambda: {"n_labels": 4}),
    Call(
        "LabelTree.from_taxonomy",
        LabelTree.from_taxonomy,
        lambda: {"labels": ["a", "b", "c"], "broader": {"a": "x", "b": "x", "c": "y"}},
    ),
    Call("LabelTree.collapse", LabelTree(PARENTS).collapse, lambda: {"layers": [0]}),
    Call(
        "datasets.click_log_to_matrix",
        datasets.click_log_to_matrix,
        lambda: {"log": (["red", "blue"], ["s", "h"], [2, 1]), "normalize": str.lower},
    ),
    Call(
        "datasets.split_by_time",
        datasets.split_by_time,
        lambda: {"log": datasets.QueryLog(LOG[0], np.array(LOG[1]), LOG[2]), "at": 15},
    ),
    Call(
        "datasets.dump_xmc_file",
        datasets.dump_xmc_file,
        lambda: {"X": X, "Y": Y, "path": files() / "dumped.txt"},
    ),
    Call("datasets.load_xmc_file", datasets.load_xmc_file, lambda: {"path": files() / "xmc.txt"}),
    Call(
        "datasets.load_xmc_json",
        datasets.load_xmc_json,
        lambda: {"path": files() / "xmc.json", "n_labels": 3, "errors": "strict"},
    ),
    Call(
        "datasets.load_raw_text",
        datasets.load_raw_text,
        lambda: {"path": files() / "texts.txt", "separator": ",", "encoding": "utf-8"},
    ),
    Call(
        "datasets.read_query_log",
        datasets.read_query_log,
        lambda: {
            "path": files() / "log.tsv",
            "columns": (0, 1, 2),
            "header": False,
            "delimiter": "\t",
            "encoding": "utf-8",
            "errors": "strict",
        },
    ),
    Call("save", sklearn_xmr.save, lambda: {"model": fitted(), "path": files() / "saved.xmr"}),
    Call(
        "load",
        load_and_rank,
        lambda: {
            "path": files() / "model.xmr",
            "mmap": False,
            "check": "structure",
            "trusted": ("collections.OrderedDict",),
        },
    ),
    Call(
        "interop.dump_pecos_model",
        interop.dump_pecos_model,
        lambda: {"model": fitted(), "folder": files() / "dumped"},
    ),
    Call(
        "interop.load_pecos_model",
        lambda folder: interop.load_pecos_model(folder).rank(X, 3)[1],
        lambda: {"folder": files() / "pecos"},
    ),
    Call(
        "interop.dump_cluster_chain",
        interop.dump_cluster_chain,
        lambda: {"tree": LabelTree(PARENTS), "folder": files() / "dumped_chain"},
    ),
    Call(
        "interop.load_cluster_chain",
        interop.load_cluster_chain,
        lambda: {"folder": files() / "chain"},
    ),
    Call(
        "inspection.plot_label_tree",
        drawn(inspection.plot_label_tree),
        lambda: {
            "tree": fitted(),
            "label_names": list("abcdef"),
            "max_depth": 2,
            "max_children": 3,
            "tree_index": 0,
            "ax": None,
            "fontsize": 8,
        },
    ),
    Call(
        "inspection.plot_reliability",
        drawn(inspection.plot_reliability),
        lambda: {"y_true": Y, "y_score": SCORES, "k": 3, "ax": None},
    ),
    Call(
        "inspection.plot_explanation",
        drawn(inspection.plot_explanation),
        lambda: {
            "explanation": inspection.explain(fitted(), X[:1], 2),
            "max_features": 5,
            "ax": None,
        },
    ),
]
