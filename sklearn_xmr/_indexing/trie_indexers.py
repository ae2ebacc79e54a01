"""`TrieIndexer` and `TrieHybridIndexer`: label trees in which texts that begin alike are together.

The labels are sorted by their texts. A node of a trie is then a range of that order, and how many
characters each text shares with the one before tells where ranges end: a layer of the tree is the
array of the positions at which its nodes begin, its *cut*, and nothing else.
"""

from collections.abc import Mapping, Set
from numbers import Integral
from typing import ClassVar, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils import check_random_state

from .._checks import MAX_INT32
from .._default_parts import DefaultParts
from .._kernels.term_order import shared_prefixes
from .._saving.versions import VersionedState
from .._sklearn import HasMethods, Interval, fit_context
from .._sparse import check_csr
from .._text.char_ngram import CharNgramTfidf
from .._text.ngram_counts import Terms
from .balanced_clusters import KMeans, grow_clusters, rows_to_cluster
from .cuts import node_sizes, tree_of_cuts


class _TextIndexer(VersionedState, BaseEstimator):
    """What both indexers tell scikit-learn: that they read texts."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.target_tags.required = True
        return tags


class TrieIndexer(_TextIndexer):
    """Grow a label tree by the beginnings of the label texts.

    The labels below the root are split by their first character, these by the second and so on, so
    that each node of the tree is a prefix, and what starts with it lies below that node.

    Read more in the :ref:`User Guide <indexing>`.

    Parameters
    ----------
    max_depth : int, default=16
        Number of characters (Unicode code points) that labels are split by; the labels that share
        that many are all children of one node.
    max_leaf_size : int, default=100
        A node with no more labels than that is not split: its labels stay together down to the
        last layer.

    Attributes
    ----------
    tree_ : LabelTree
        The tree; its labels are in the order of `y`. The nodes of the other layers are numbered in
        the order of the sorted texts.

    See Also
    --------
    TrieHybridIndexer : A trie for the first characters, and clusters below.
    HierarchicalKMeansIndexer : Clusters of label features.

    Notes
    -----
    A text that ends where others go on becomes an only child, down to the last layer. The tree
    ends with the labels; above them, the last layer is the last one in which a node is split.

    Texts are compared as Python does it, character by character: upper and lower case differ, and
    so do composed and decomposed accents.

    The tree takes memory in proportion to its nodes, of which each layer has at least one, also
    where all texts share a long prefix; finding it takes memory in proportion to the texts.

    References
    ----------
    .. [1] N. Yadav, R. Sen, D. N. Hill, A. Mazumdar and I. S. Dhillon, "Session-Aware Query
       Auto-completion using Extreme Multi-label Ranking", KDD 2021.

    Examples
    --------
    >>> from sklearn_xmr import TrieIndexer
    >>> texts = ["tea", "to", "ten", "in", "inn", "tee"]
    >>> tree = TrieIndexer(max_leaf_size=1).fit(None, texts).tree_
    >>> for parents in tree.parents:
    ...     print(parents)
    [0 0]
    [0 1 1]
    [1 2 1 0 0 1]
    """

    _parameter_constraints: ClassVar[dict] = {
        "max_depth": [Interval(Integral, 1, None, closed="left")],
        "max_leaf_size": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, max_depth=16, *, max_leaf_size=100):
        self.max_depth = max_depth
        self.max_leaf_size = max_leaf_size

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, Z, y=None):
        """Grow the tree over the labels with texts `y`.

        Parameters
        ----------
        Z : Ignored
            Not used; here because an indexer is always given the label features, or None.
        y : sequence of str of shape (n_labels,)
            The texts of the labels, in any order. Labels of the same text are siblings.

        Returns
        -------
        TrieIndexer
            The fitted indexer itself.

        Raises
        ------
        ValueError
            If `y` is missing or empty, or is not one-dimensional.
        TypeError
            If `y` holds something other than strings.
        """
        labels = _sort_labels(_checked_texts(y, self))
        cuts = _cut_trie(labels.shared, self.max_depth, self.max_leaf_size)
        self.tree_ = tree_of_cuts(labels.order, _down_to_labels(cuts, len(labels.order)))
        return self


class TrieHybridIndexer(DefaultParts, _TextIndexer):
    """Grow a label tree by the first characters of the label texts, then by k-means.

    The top layers are a trie, as `TrieIndexer` grows it; what lies below one of its nodes is
    clustered by what the rest of the texts looks like, as `HierarchicalKMeansIndexer` does it. So
    the first characters that someone types decide where to search, while texts that are alike, and
    not just begin alike, are neighbours below.

    Read more in the :ref:`User Guide <indexing>`.

    Parameters
    ----------
    trie_depth : int, default=2
        Number of characters (Unicode code points) that labels are split by before they are
        clustered. 0 clusters all labels.
    vectorizer : object with ``fit_transform`` or None, default=None
        Turns the texts into the vectors to cluster. It is cloned. None is a `CharNgramTfidf` with
        ``ngram_range=(1, 3)``, ``analyzer="char"`` and ``prefix_weighting="string"``, to which
        texts that begin alike are similar.
    branching_factor : int, default=16
        Number of children of a cluster, at least 2; fewer where there are fewer labels, and where a
        node of the trie needs fewer.
    max_leaf_size : int, default=100
        A node of the trie or cluster with no more labels than that is not split any more.
    max_iter : int, default=20
        Largest number of passes of one 2-means over all of its labels.
    n_jobs : int or None, default=None
        Number of threads, also of the default vectorizer: ``None`` is 1 unless inside a
        ``joblib.parallel_config``, ``-1`` is all processors. The tree does not depend on it.
    random_state : int, RandomState instance or None, default=None
        Draws the labels that each 2-means starts from. Pass an int for the same tree at every
        call.

    Attributes
    ----------
    tree_ : LabelTree
        The tree; its labels are in the order of `y`. The nodes of the other layers are numbered in
        the order of the sorted texts, clusters by the first of their texts.

    See Also
    --------
    TrieIndexer : A trie for all of the text.
    HierarchicalKMeansIndexer : Clusters of label features.

    Notes
    -----
    All labels are on the last layer, and the tree has as many layers as the largest node of the
    trie needs. Smaller ones go on as only children and are clustered on the lower layers, so that
    the clusters of a layer are of a similar size.

    The tree depends on the texts and not on their order.

    References
    ----------
    .. [1] N. Yadav, R. Sen, D. N. Hill, A. Mazumdar and I. S. Dhillon, "Session-Aware Query
       Auto-completion using Extreme Multi-label Ranking", KDD 2021.

    Examples
    --------
    >>> from sklearn_xmr import TrieHybridIndexer
    >>> texts = ["galaxy", "galaxy case", "iphone", "ipad", "iphone case", "ipad air"]
    >>> indexer = TrieHybridIndexer(
    ...     trie_depth=1, branching_factor=2, max_leaf_size=2, random_state=0
    ... )
    >>> for parents in indexer.fit(None, texts).tree_.parents:
    ...     print(parents)
    [0 0]
    [0 1 1]
    [0 0 2 1 2 1]
    """

    _parameter_constraints: ClassVar[dict] = {
        "trie_depth": [Interval(Integral, 0, None, closed="left")],
        "vectorizer": [HasMethods(["fit_transform"]), None],
        "branching_factor": [Interval(Integral, 2, None, closed="left")],
        "max_leaf_size": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, MAX_INT32, closed="both")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        trie_depth=2,
        *,
        vectorizer=None,
        branching_factor=16,
        max_leaf_size=100,
        max_iter=20,
        n_jobs=None,
        random_state=None,
    ):
        self.trie_depth = trie_depth
        self.vectorizer = vectorizer
        self.branching_factor = branching_factor
        self.max_leaf_size = max_leaf_size
        self.max_iter = max_iter
        self.n_jobs = n_jobs
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, Z, y=None):
        """Grow the tree over the labels with texts `y`.

        Parameters
        ----------
        Z : Ignored
            Not used; here because an indexer is always given the label features, or None.
        y : sequence of str of shape (n_labels,)
            The texts of the labels, in any order. Labels of the same text are siblings.

        Returns
        -------
        TrieHybridIndexer
            The fitted indexer itself.

        Raises
        ------
        ValueError
            If `y` is missing, is empty or is not one-dimensional, or if
            `vectorizer` gives anything but one row of finite numbers for each text.
        TypeError
            If `y` holds something other than strings.
        """
        texts = _checked_texts(y, self)
        labels = _sort_labels(texts)
        n_labels = len(texts)
        order = labels.order
        cuts = _cut_trie(labels.shared, self.trie_depth, self.max_leaf_size)
        if node_sizes(cuts[-1], n_labels).max() > self.max_leaf_size:
            seed = check_random_state(self.random_state).randint(MAX_INT32)
            clustered, clusters = grow_clusters(
                self._embed([texts[label] for label in order.tolist()]),
                cuts[-1],
                KMeans(seed, self.max_iter),
                branching_factor=self.branching_factor,
                max_leaf_size=self.max_leaf_size,
                n_jobs=self.n_jobs,
            )
            order, cuts = order[clustered], [*cuts[:-1], *clusters]
        self.tree_ = tree_of_cuts(order, _down_to_labels(cuts, n_labels))
        return self

    def _default_parts(self):
        return {"vectorizer": self._default_vectorizer}

    def _default_vectorizer(self):
        return CharNgramTfidf(
            ngram_range=(1, 3), analyzer="char", prefix_weighting="string", n_jobs=self.n_jobs
        )

    def _embed(self, texts):
        """One row of unit length for each text."""
        given = self.vectorizer
        vectorizer = self._default_vectorizer() if given is None else clone(given)
        Z = check_csr(vectorizer.fit_transform(texts), "the output of vectorizer", any_width=True)
        if Z.shape[0] != len(texts):
            raise ValueError(f"vectorizer gave {Z.shape[0]} rows for {len(texts)} label texts.")
        return rows_to_cluster(Z)


class _SortedLabels(NamedTuple):
    """The numbers of the labels in the order of their texts.

    ``shared[i]`` is the number of characters that the text of label ``order[i]`` begins with like
    the one before it.
    """

    order: np.ndarray
    shared: np.ndarray


def _checked_texts(y, indexer):
    """The label texts as a list."""
    name = type(indexer).__name__
    if y is None:
        raise ValueError(
            f"{name} needs the texts of the labels in y, got None: XRLinearClassifier takes them "
            "as label_text."
        )
    if isinstance(y, (str, bytes, Mapping, Set)) or not hasattr(y, "__iter__"):
        raise TypeError(
            "y (label_text of XRLinearClassifier) must be a sequence of str, got "
            f"{type(y).__name__}."
        )
    if getattr(y, "ndim", 1) != 1:
        raise ValueError(
            "y (label_text of XRLinearClassifier) must be one-dimensional, got "
            f"{type(y).__name__} of shape {y.shape}."
        )
    texts = list(y)
    if not texts:
        raise ValueError("y (label_text of XRLinearClassifier) is empty: there are no labels.")
    for label, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(
                f"y (label_text of XRLinearClassifier) must hold strings, got {text!r} of type "
                f"{type(text).__name__} for label {label}."
            )
    return texts


def _sort_labels(texts):
    """Sort the labels by their texts, those of the same text by their numbers."""
    terms = Terms.from_strings(texts)
    order = terms.order()
    shared = np.empty(len(order), dtype=np.int64)
    shared_prefixes(*terms, order, shared)
    return _SortedLabels(order, shared)


def _cut_trie(shared, max_depth, max_leaf_size):
    """Where the nodes of a trie begin: a cut for the root and for each depth that splits a node.

    Texts are in different nodes of a depth if they share fewer characters, or one of them ends
    before, unless there are few of them in the node above.
    """
    cuts = [np.zeros(1, dtype=np.int64)]
    for depth in range(max_depth):
        sizes = node_sizes(cuts[-1], len(shared))
        is_large = sizes > max_leaf_size
        if not is_large.any():
            break
        # Within a node, texts share `depth` characters at least.
        begins = (shared == depth) & np.repeat(is_large, sizes)
        begins[cuts[-1]] = True
        cuts.append(np.flatnonzero(begins))
    while len(cuts) > 1 and len(cuts[-1]) == len(cuts[-2]):
        cuts.pop()
    return cuts


def _down_to_labels(cuts, n_labels):
    """Add the layer of labels, unless that is what the last layer is already."""
    if len(cuts) > 1 and len(cuts[-1]) == n_labels:
        return cuts
    return [*cuts, np.arange(n_labels)]
