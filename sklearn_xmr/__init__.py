"""Extreme multilabel ranking (XMR) for scikit-learn users."""

from ._version import __version__

__all__ = ["__version__"]
