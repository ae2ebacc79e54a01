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
from sklearn_xmr import XRLinearClassifier

__all__ = ["add_labels", "join", "remove_labels", "restrict", "take_subtree", "take_top"]

def add_labels(classifier: XRLinearClassifier, X: Any, Y: Any, *, classes: ArrayLike | None = None, label_prior: Any = None, label_text: Sequence[str] | dict[Any, Any] | None = None, split: Literal["never", "auto"] = 'never') -> XRLinearClassifier: ...

def join(top: XRLinearClassifier, subtrees: Sequence[XRLinearClassifier]) -> XRLinearClassifier: ...

def remove_labels(classifier: XRLinearClassifier, labels: ArrayLike) -> XRLinearClassifier: ...

def restrict(model: XRLinearClassifier, labels: ArrayLike) -> XRLinearClassifier: ...

def take_subtree(model: XRLinearClassifier, depth: int, node: int) -> XRLinearClassifier: ...

def take_top(model: XRLinearClassifier, depth: int) -> XRLinearClassifier: ...
