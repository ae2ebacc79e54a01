"""Extreme multilabel ranking (XMR) for scikit-learn users."""

from . import datasets, metrics
from ._char_ngram import CharNgramTfidf
from ._completion_baselines import CooccurrenceCompleter, MostFrequentCompleter
from ._indexers import HierarchicalKMeansIndexer
from ._label_tree import LabelTree
from ._rank import rank
from ._version import __version__
from ._xr_linear import XRLinearClassifier

__all__ = [
    "CharNgramTfidf",
    "CooccurrenceCompleter",
    "HierarchicalKMeansIndexer",
    "LabelTree",
    "MostFrequentCompleter",
    "XRLinearClassifier",
    "__version__",
    "datasets",
    "metrics",
    "rank",
]
