# Written by tests/helpers/stubs.py.
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, Literal, NamedTuple

from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, TransformerMixin
from sklearn.utils import Bunch
from typing_extensions import Self

__all__ = ["concatenation", "convex_combination", "pifa", "pii"]

def concatenation(X: Any, Y: Any, sample_weight: ArrayLike | None = None, *, given: Any, weight: float = 0.5, n_jobs: int | None = None) -> Any: ...

def convex_combination(X: Any, Y: Any, sample_weight: ArrayLike | None = None, *, given: Any, weight: float = 0.5, n_jobs: int | None = None) -> Any: ...

def pifa(X: Any, Y: Any, sample_weight: ArrayLike | None = None, *, n_jobs: int | None = None) -> Any: ...

def pii(X: Any, Y: Any, sample_weight: ArrayLike | None = None) -> Any: ...
