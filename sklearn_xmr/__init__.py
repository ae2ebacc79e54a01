"""Extreme multilabel ranking (XMR) for scikit-learn users."""

from ._char_ngram import CharNgramTfidf
from ._version import __version__

__all__ = ["CharNgramTfidf", "__version__"]
