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

__all__ = ["explain", "export_text", "plot_explanation", "plot_label_tree", "plot_reliability"]

def explain(estimator: Any, x: Any, label: Any, *, feature_names: ArrayLike | None = None) -> Bunch: ...

def export_text(tree: Any, *, label_names: Sequence[Any] | None = None, max_depth: int | None = None, max_children: int | None = 10, tree_index: int = 0) -> str: ...

def plot_explanation(explanation: Any, *, max_features: int = 12, ax: Any = None) -> Any: ...

def plot_label_tree(tree: Any, *, label_names: Sequence[Any] | None = None, max_depth: int | None = None, max_children: int | None = 10, tree_index: int = 0, ax: Any = None, fontsize: float | str | None = None) -> Any: ...

def plot_reliability(y_true: Any, y_score: Any, k: int = 5, *, ax: Any = None) -> Any: ...
