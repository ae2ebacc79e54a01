"""Extreme multilabel ranking (XMR) for scikit-learn users."""

from . import datasets, inspection, interop, label_features, metrics, surgery
from ._autocomplete import QueryAutocompleter
from ._char_ngram import CharNgramTfidf
from ._completion_baselines import CooccurrenceCompleter, MostFrequentCompleter
from ._kmeans_indexer import HierarchicalKMeansIndexer
from ._label_tree import LabelTree
from ._rank import rank
from ._trie_indexers import TrieHybridIndexer, TrieIndexer
from ._version import __version__
from ._word_ngram import WordNgramTfidf
from ._xr_linear import XRLinearClassifier

__all__ = [
    "CharNgramTfidf",
    "CooccurrenceCompleter",
    "HierarchicalKMeansIndexer",
    "LabelTree",
    "MostFrequentCompleter",
    "QueryAutocompleter",
    "TrieHybridIndexer",
    "TrieIndexer",
    "WordNgramTfidf",
    "XRLinearClassifier",
    "__version__",
    "datasets",
    "inspection",
    "interop",
    "label_features",
    "metrics",
    "rank",
    "surgery",
]
