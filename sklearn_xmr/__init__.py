"""Extreme multilabel ranking (XMR) for scikit-learn users."""

from . import metrics
from ._version import __version__

__all__ = ["__version__", "metrics"]
