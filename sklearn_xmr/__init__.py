"""Extreme multilabel ranking (XMR) for scikit-learn users."""

from . import datasets, metrics
from ._char_ngram import CharNgramTfidf
from ._indexers import HierarchicalKMeansIndexer
from ._label_tree import LabelTree
from ._rank import rank
from ._version import __version__
from ._xr_linear import XRLinearClassifier

__all__ = [
    "CharNgramTfidf",
    "HierarchicalKMeansIndexer",
    "LabelTree",
    "XRLinearClassifier",
    "__version__",
    "datasets",
    "metrics",
    "rank",
]
