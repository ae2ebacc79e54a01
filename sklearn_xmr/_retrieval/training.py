"""Train the parts of a retriever."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from .._checks import naming
from .._indexing.kmeans_indexer import HierarchicalKMeansIndexer
from .._matching.text_index import TextIndex
from .._ranking.out_of_fold import out_of_fold_shortlists
from .._ranking.text_match_ranker import TextMatchRanker
from .._user_objects import own_copy
from .._xr_linear import XRLinearClassifier
from .click_log import normalized
from .click_memory import ClickMemory
from .fitted_retriever import FittedRetriever
from .query import QueryReader, read_titles, vectors_of
from .shortlists import Matcher
from .text_views import TextViews, views_of

# With fewer queries, the ranker's default weights do better than what can be learned. With vectors
# of the user's own, what is learned is not drawn to default weights.
LEAST_QUERIES = 30
LEAST_QUERIES_OF_OWN = 100
# With more products for each query, their titles are no rows of the classifier's.
MOST_TITLES = 0.5
# How many products the default classifier finds.
CLICK_MATCHES = 50


class Parts(NamedTuple):
    """What a retriever is made of: parameters of `ProductRetriever`, synonyms checked."""

    vectorizer: object
    classifier: XRLinearClassifier | None
    ranker: object
    text_matches: int
    synonyms: dict
    cv: int
    n_jobs: int | None


def train(catalogue, log, parts, rng):
    """Train the parts on a click log, which may be empty.

    Parameters
    ----------
    catalogue : Catalogue
    log : ClickLog
    parts : Parts
    rng : RandomState

    Returns
    -------
    FittedRetriever
    """
    titles = [normalized(text) for text in catalogue.texts.values()]
    vectorizer = parts.vectorizer
    vectorizer = TextViews(parts.n_jobs) if vectorizer is None else clone(vectorizer, safe=False)
    if not isinstance(vectorizer, FrozenEstimator):  # whose fit does nothing, but wants a y
        with naming("vectorizer", "able to read the texts"):
            vectorizer.fit([*titles, *log.queries])
    label_vectors = vectors_of(vectorizer, titles).to_scipy()
    reader = QueryReader.of(vectorizer, titles, parts.synonyms)
    matcher = Matcher(TextIndex.build(label_vectors), parts.text_matches)
    ranker = _new_ranker(parts, label_vectors, vectorizer, rng)
    label_words = read_titles(titles, reader.number_of)
    if log.queries:
        queries = reader.read(log.queries)
        classifier = _new_classifier(parts, label_vectors, rng)
        fit = _fit_with_titles(classifier, label_vectors, len(log.queries))
        if _has_enough(parts, ranker, log):
            shortlists = _shortlists(fit, matcher, queries, log, parts.cv, rng)
            ranker = _fitted_ranker(ranker, queries, shortlists, log.indicator, label_words)
        else:
            ranker = _with_default_weights(ranker, label_words)
        classifier = fit(queries.matrix, log.indicator, log.relevance)
        matcher = matcher.with_classifier(classifier)
    else:
        classifier, ranker = None, _with_default_weights(ranker, label_words)
    return FittedRetriever(catalogue, reader, matcher, classifier, ranker, ClickMemory.of(log))


def default_classifier(n_jobs=None):
    """What retrieves products by clicks, unless told otherwise."""
    # Rows count for more, and texts for less, than where it is all there is: the ranker compares
    # texts itself. The sigmoid keeps apart what is far from a margin of 1. A new product is
    # trained beside its leaf, which is small for that.
    return XRLinearClassifier(
        HierarchicalKMeansIndexer(32, max_leaf_size=100, n_jobs=n_jobs),
        prior_strength=1.0,
        C=2.0,
        tol=0.1,
        prune_threshold=0.05,
        shortlist_size=CLICK_MATCHES,
        score_transform="log_sigmoid",
    )


def _new_classifier(parts, label_vectors, rng):
    classifier = parts.classifier
    if classifier is None:
        classifier = default_classifier(parts.n_jobs)
    classifier = clone(classifier)
    if classifier.label_prior is None:
        classifier.set_params(label_prior=label_vectors)
    if classifier.random_state is None:
        classifier.set_params(random_state=rng.randint(2**31))
    if classifier.n_jobs is None:
        classifier.set_params(n_jobs=parts.n_jobs)
    return classifier


def _new_ranker(parts, label_vectors, vectorizer, rng):
    ranker = TextMatchRanker() if parts.ranker is None else parts.ranker
    ranker = own_copy(ranker, rng.randint(2**31))
    if isinstance(ranker, TextMatchRanker):
        if ranker.label_vectors is None:
            ranker.set_params(label_vectors=label_vectors)
        if ranker.views is None:
            ranker.set_params(views=views_of(vectorizer))
    return ranker


def _has_enough(parts, ranker, log):
    if not isinstance(ranker, TextMatchRanker) or ranker.estimator is not None:
        return True  # it has no default weights
    is_default = parts.vectorizer is None and parts.ranker is None
    return len(log.queries) >= (LEAST_QUERIES if is_default else LEAST_QUERIES_OF_OWN)


def _fit_with_titles(classifier, label_vectors, n_queries):
    # What fits a classifier to queries, and to each title as one more query for its product: that
    # tells products without clicks apart. Of a large catalogue, it takes long and gains nothing.
    n_labels = label_vectors.shape[0]
    named = np.flatnonzero(np.diff(label_vectors.indptr))
    if n_labels > MOST_TITLES * n_queries:
        named = named[:0]
    titles, products = label_vectors[named], sp.eye_array(n_labels, format="csr")[named]

    def fit(X, Y, relevance):
        X, Y, relevance = (
            sp.vstack(parts, format="csr", dtype=np.float32)
            for parts in ((X, titles), (Y, products), (relevance, products))
        )
        return clone(classifier).fit(X, Y, relevance=relevance)

    return fit


def _shortlists(fit, matcher, queries, log, cv, rng):
    X, Y, relevance = queries.matrix, log.indicator, log.relevance

    def fit_and_search(rows, known, others):
        model = fit(X[rows], known, relevance[rows].multiply(known))
        return matcher.with_classifier(model).search(queries.rows(others), 1)

    return out_of_fold_shortlists(fit_and_search, Y, cv=cv, random_state=rng)


def _fitted_ranker(ranker, queries, shortlists, Y, label_words):
    X, (labels, scores, label_counts) = queries.matrix, shortlists
    if not isinstance(ranker, TextMatchRanker):
        return ranker.fit_shortlists(X, labels, scores, Y)
    if not _tell_apart(labels, Y):
        return _with_default_weights(ranker, label_words)
    words = {"words": queries.words, "label_words": label_words}
    return ranker.fit_shortlists(X, labels, scores, Y, label_counts=label_counts, **words)


def _tell_apart(labels, Y):
    # Whether some of the labels are right and others are not.
    rows, columns = np.nonzero(labels >= 0)
    n_right = Y[rows, labels[rows, columns]].sum()
    return 0 < n_right < len(rows)


def _with_default_weights(ranker, label_words):
    if not isinstance(ranker, TextMatchRanker):
        raise ValueError(
            "ranker must be None or a TextMatchRanker where there are no rows to learn from, got "
            f"{type(ranker).__name__}."
        )
    return ranker.fit_defaults(label_words=label_words)
