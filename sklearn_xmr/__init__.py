"""Extreme multilabel ranking (XMR) for scikit-learn users."""

from . import datasets, metrics
from ._version import __version__

__all__ = ["__version__", "datasets", "metrics"]
