"""Extreme multilabel ranking (XMR) for scikit-learn users."""

from ._indexers import HierarchicalKMeansIndexer
from ._label_tree import LabelTree
from ._version import __version__

__all__ = ["HierarchicalKMeansIndexer", "LabelTree", "__version__"]
