"""Extreme multilabel ranking (XMR) for scikit-learn users."""

from . import datasets, inspection, interop, label_features, metrics, surgery
from ._calibrated_ranker import CalibratedRanker
from ._completion.autocomplete import QueryAutocompleter
from ._completion.baselines import CooccurrenceCompleter, MostFrequentCompleter
from ._cross_val_rank import cross_val_rank
from ._indexing.kmeans_indexer import HierarchicalKMeansIndexer
from ._indexing.label_tree import LabelTree
from ._indexing.trie_indexers import TrieHybridIndexer, TrieIndexer
from ._rank import rank
from ._ranking.text_match_ranker import TextMatchRanker
from ._retrieval.product_retriever import ProductRetriever
from ._saving.save_and_load import load, save
from ._saving.versions import InconsistentVersionWarning
from ._text.char_ngram import CharNgramTfidf
from ._text.word_ngram import WordNgramTfidf
from ._top_labels import top_labels
from ._version import __version__
from ._xr_linear import XRLinearClassifier

__all__ = [
    "CalibratedRanker",
    "CharNgramTfidf",
    "CooccurrenceCompleter",
    "HierarchicalKMeansIndexer",
    "InconsistentVersionWarning",
    "LabelTree",
    "MostFrequentCompleter",
    "ProductRetriever",
    "QueryAutocompleter",
    "TextMatchRanker",
    "TrieHybridIndexer",
    "TrieIndexer",
    "WordNgramTfidf",
    "XRLinearClassifier",
    "__version__",
    "cross_val_rank",
    "datasets",
    "inspection",
    "interop",
    "label_features",
    "load",
    "metrics",
    "rank",
    "save",
    "surgery",
    "top_labels",
]
