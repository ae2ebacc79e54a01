"""Extreme multilabel ranking (XMR) for scikit-learn users."""

from . import datasets, metrics
from ._char_ngram import CharNgramTfidf
from ._kmeans_indexer import HierarchicalKMeansIndexer
from ._label_tree import LabelTree
from ._rank import rank
from ._trie_indexers import TrieHybridIndexer, TrieIndexer
from ._version import __version__
from ._xr_linear import XRLinearClassifier

__all__ = [
    "CharNgramTfidf",
    "HierarchicalKMeansIndexer",
    "LabelTree",
    "TrieHybridIndexer",
    "TrieIndexer",
    "XRLinearClassifier",
    "__version__",
    "datasets",
    "metrics",
    "rank",
]
