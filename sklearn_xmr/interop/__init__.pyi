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
from sklearn_xmr import LabelTree
from sklearn_xmr import XRLinearClassifier

__all__ = ["dump_cluster_chain", "dump_pecos_model", "load_cluster_chain", "load_pecos_model"]

def dump_cluster_chain(tree: LabelTree, folder: str | PathLike[str]) -> None: ...

def dump_pecos_model(model: XRLinearClassifier, folder: str | PathLike[str]) -> None: ...

def load_cluster_chain(folder: str | PathLike[str]) -> LabelTree: ...

def load_pecos_model(folder: str | PathLike[str]) -> XRLinearClassifier: ...
