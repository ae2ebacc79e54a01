"""QueryAutocompleter: what a person is typing, knowing what they asked before."""

from numbers import Integral, Real
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, clone

from .._default_parts import DefaultParts
from .._fitted_state import unchecked_model
from .._indexing.trie_indexers import TrieHybridIndexer
from .._matching.tree_layout import check_labels_below, labels_below
from .._saving.stored_arrays import check_array
from .._saving.versions import VersionedState
from .._sklearn import HasMethods, Interval
from .._xr_linear import XRLinearClassifier
from ..datasets._prefix_pairs import random_prefixes
from .counted_log import CountedLog
from .newcomers import Newcomers
from .pair_counts import numbers, positions
from .query_features import PreviousQueryTfidf, QueryFeatures, default_prefix_vectorizer
from .query_prior import QueryPrior
from .steered_search import SteeredSearchMixin
from .training_rows import with_gaps
from .typos import MAX_TYPOS

# Squared-hinge models of single queries have few rows each: they take more regularisation than
# XRLinearClassifier's default.
C = 0.3
TOL = 0.1
PRUNE_THRESHOLD = 0.1


class QueryAutocompleter(SteeredSearchMixin, DefaultParts, VersionedState, BaseEstimator):
    """Complete queries from the prefix typed so far and the query asked before.

    Queries are the labels of an `XRLinearClassifier` over a tree that branches by their first
    letters. The prefix steers the search: the queries that start with it are a range of the sorted
    texts, and a node without any of them is not followed, so that the whole beam goes to nodes
    that can still win. Where the model is undecided, popular queries are preferred, above all those
    that were asked near the previous query.

    Read more in the :ref:`User Guide <autocompletion>`.

    Parameters
    ----------
    previous_vectorizer : transformer or None, default=None
        Turns previous queries, a list of str, into features. None for tf-idf of words and one
        feature for each whole query.
    prefix_vectorizer : transformer or None, default=None
        Turns prefixes into features. None for ``CharNgramTfidf((1, 3), analyzer="char",
        prefix_weighting="string", lowercase=False)``.
    classifier : XRLinearClassifier or None, default=None
        The model. None for ``XRLinearClassifier(TrieHybridIndexer(trie_depth=1), C=0.3,
        tol=0.1, prune_threshold=0.1)``. Another one replaces all of that: ``XRLinearClassifier()``
        has a tree of k-means, and ``C=0.5``. Its `label_text` is set to the queries.
    prefixes_per_query : int, default=1
        Training rows made of each row: itself, and others with a random prefix of its query. At
        most 1,000.
    prior_weight : float, default=0.6
        Weight of a query's prior probability beside the model's score, both logarithms: 0 is the
        model alone. See the notes. Read at prediction.
    normalizer : callable or None, default=None
        Gives the form by which texts are compared, logged and typed ones alike, such as
        :func:`~sklearn_xmr.datasets.normalize_query`. Suggestions come as they were logged most
        often. None compares character by character. Read by ``fit``; ``partial_fit`` keeps it.
    max_typos : {0, 1, 2, "auto"}, default=0
        Most errors of typing that are corrected in a prefix: a letter more, less, another, or two
        swapped, where spaces are letters, too; never more than half of the letters typed. "auto"
        for none up to two letters, one up to five, then two. Queries that start with a correction
        follow those that start with the prefix, where these are fewer than three. Read at
        prediction.
    inner_words : bool, default=False
        Whether queries follow that do not start with what was typed, but have words that begin as
        those typed do, in any order. They come before queries that start with a correction. Where
        all this finds none, those follow that lack some of the words, as few as possible, but have
        the last one and one other.
    merge_variants : bool, default=False
        Whether misspelt queries give way to what they misspell, where that is asked ten times as
        often, and near-duplicates (plural, order of words, spaces) to the most frequent of them.
        See the :ref:`User Guide <merged_variants>`.
    half_life : float or None, default=None
        The seconds after which a session counts half, where sessions have times. None for no
        fading.
    fill_up : bool, default=False
        Where fewer queries than asked for start with the prefix, add others: those that have its
        words, as with `inner_words`, then those that start with a correction, as with
        ``max_typos="auto"`` if it is 0, then the best of all.
    n_jobs : int or None, default=None
        Threads for fitting and for ranking many rows, unless `classifier` has an `n_jobs` of its
        own. The result is the same for any number. Read when fitted.
    random_state : int, RandomState instance or None, default=None
        Draws prefixes, and seeds a classifier that has no `random_state` of its own.

    Attributes
    ----------
    queries_ : sequence of str
        The queries that can be suggested, sorted by code points in the form by which they are
        compared. Kept as bytes, made on demand.
    counts_ : ndarray of int64 or float64 of shape (n_queries,)
        How often each was asked in training; int64 where that is a whole number for all.
    classifier_ : XRLinearClassifier
        The fitted model; its labels are the positions in ``queries_`` after `fit`. What
        `partial_fit` adds is not among them.
    n_features_in_ : int
        2, for previous query and prefix.
    feature_names_in_ : ndarray of str of shape (2,)
        Names of the columns of X, where `X` was a DataFrame.

    See Also
    --------
    CooccurrenceCompleter : Counts what followed the previous query.
    TrieHybridIndexer : The tree.

    Notes
    -----
    After [1]_, with two changes. The prefix steers the search instead of filtering its result. And
    the score of a query is that of the classifier (its exponential, where that is a logarithm or a
    margin) times the query's prior probability to the power of `prior_weight`. That prior is 0.1
    times the query's share of all queries, plus 0.5 and 0.4 times the probabilities that one and
    two steps of a random walk lead to it from the previous query. A step goes from a query to one
    that followed it or that it followed, as often as that happened; see [2]_ for such walks.
    Without a previous query that training has seen, the prior is the share.

    Where more than one previous query is given, up to four, features and walks of each count 0.7
    times as much as those of the one after it.

    After `partial_fit`, counts, prior and graph are those of all rows, while the model is that of
    the last `fit`. It is supposed to score a query that it does not know like its tenth best.

    A suggestion costs a search and a short walk, and hardly more where there are more queries. The
    texts of queries are kept as bytes in sorted order, and prefixes found by bisection.

    References
    ----------
    .. [1] Yadav et al., "Session-Aware Query Auto-completion using Extreme Multi-label Ranking",
       KDD 2021.
    .. [2] Boldi et al., "Query Suggestions Using Query-Flow Graphs", WSCD 2009.

    Examples
    --------
    >>> from sklearn_xmr import QueryAutocompleter
    >>> X = [("birds", "b"), ("birds", "bird s"), ("music", "v"), ("music", "b")]
    >>> y = ["bird song", "bird song", "violin", "bass"]
    >>> completer = QueryAutocompleter(random_state=0).fit(X, y)
    >>> [query for query, _ in completer.complete("birds", "b")]
    ['bird song', 'bass']
    >>> [query for query, _ in completer.complete("music", "b")]
    ['bass', 'bird song']
    """

    _parameter_constraints: ClassVar[dict] = {
        "previous_vectorizer": [HasMethods(["fit_transform", "transform"]), None],
        "prefix_vectorizer": [HasMethods(["fit_transform", "transform"]), None],
        "classifier": [XRLinearClassifier, None],
        "prefixes_per_query": [Interval(Integral, 1, 1000, closed="both")],
        "prior_weight": [Interval(Real, 0, None, closed="left")],
        "normalizer": [callable, None],
        "max_typos": MAX_TYPOS,
        "inner_words": ["boolean"],
        "merge_variants": ["boolean"],
        "half_life": [Interval(Real, 0, None, closed="neither"), None],
        "fill_up": ["boolean"],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        previous_vectorizer=None,
        prefix_vectorizer=None,
        classifier=None,
        prefixes_per_query=1,
        prior_weight=0.6,
        normalizer=None,
        max_typos=0,
        inner_words=False,
        merge_variants=False,
        half_life=None,
        fill_up=False,
        n_jobs=None,
        random_state=None,
    ):
        self.previous_vectorizer = previous_vectorizer
        self.prefix_vectorizer = prefix_vectorizer
        self.classifier = classifier
        self.prefixes_per_query = prefixes_per_query
        self.prior_weight = prior_weight
        self.normalizer = normalizer
        self.max_typos = max_typos
        self.inner_words = inner_words
        self.merge_variants = merge_variants
        self.half_life = half_life
        self.fill_up = fill_up
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _learn(self, rows, rng):
        log = CountedLog.of(rows)
        shown = self._shown(log)
        prefixes, following = rows.prefixes, rows.following
        if prefixes is None:
            prefixes = random_prefixes(following, rng)
        for _ in range(self.prefixes_per_query - 1):
            prefixes = prefixes + random_prefixes(following, rng)
        again = np.tile(np.arange(len(following)), int(self.prefixes_per_query))
        again, previous, prefixes = with_gaps(again, rows.previous, prefixes, rng)

        following = [shown.leads.get(query, query) for query in following]
        trained = positions(following, numbers(shown.queries))[again]
        features = QueryFeatures(self.previous_vectorizer, self.prefix_vectorizer)
        X = features.fit_transform(previous, prefixes)
        parts = np.ones(len(again)), trained, np.arange(len(again) + 1)
        Y = sp.csr_array(parts, shape=(len(again), len(shown.queries)))
        weights = None if rows.weights is None else rows.weights[again]
        classifier = self._make_classifier(shown.queries, rng).fit(X, Y, sample_weight=weights)

        self.classifier_ = classifier
        self._features = features
        self._labels_below = [labels_below(tree.layers) for tree in classifier.trees_]
        self._newcomers = None
        self._use(log, shown)

    def __setstate__(self, state):
        super().__setstate__(state)
        if hasattr(self, "_labels_below"):
            model, n_queries = unchecked_model(self.classifier_), len(self._forms)
            for below, tree in zip(self._labels_below, model.trees, strict=True):
                check_labels_below(below, tree.layers)
            check_array(self._prior.shares, "shares", np.float64, (n_queries,))
            if self._inner_words is not None:
                check_array(self._inner_words.by_rank, "by_rank", np.int32, (n_queries,))
            if self._newcomers is None:
                check_array(model.classes, "classes", model.classes.dtype, (n_queries,))
            else:
                self._newcomers.check(len(model.classes), n_queries)

    def _learn_more(self, rows):
        labels = self._forms
        if self._newcomers is not None:
            labels = [labels[i] for i in self._newcomers.known.tolist()]
        log = self._counted(rows)
        shown = self._shown(log, stay=labels)
        self._newcomers = Newcomers.of(positions(labels, numbers(shown.queries)), shown.counts())
        self._use(log, shown)

    def _use(self, log, shown):
        super()._use(log, shown)
        self._prior = QueryPrior(shown.pairs, self.counts_)

    def _default_parts(self):
        return {
            "previous_vectorizer": PreviousQueryTfidf,
            "prefix_vectorizer": default_prefix_vectorizer,
            "classifier": _default_classifier,
        }

    def _make_classifier(self, queries, rng):
        classifier = self.classifier
        if classifier is None:
            classifier = _default_classifier()
        classifier = clone(classifier).set_params(label_text=queries)
        if classifier.n_jobs is None:
            classifier.set_params(n_jobs=self.n_jobs)
        if classifier.random_state is None:
            classifier.set_params(random_state=rng.randint(2**31))
        return classifier


def _default_classifier():
    indexer = TrieHybridIndexer(trie_depth=1)
    return XRLinearClassifier(indexer, C=C, tol=TOL, prune_threshold=PRUNE_THRESHOLD)
