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

__all__ = ["bleu_reciprocal_rank", "brier_score_at_k", "by_label_frequency", "calibration_error_at_k", "keystrokes_saved", "make_topk_scorer", "mean_reciprocal_rank", "ndcg_at_k", "paired_bootstrap", "precision_at_k", "propensities", "psndcg_at_k", "psp_at_k", "recall_at_k", "warm_and_cold"]

def bleu_reciprocal_rank(y_true: ArrayLike, ranked: Sequence[Any], k: int = 10, *, average: Literal["mean", None] = 'mean') -> float | NDArray[Any]: ...

def brier_score_at_k(y_true: Any, y_score: Any, k: int = 5) -> _BrierScore: ...

def by_label_frequency(metric: Callable[..., Any], y_true: Any, y_score: Any, k: int = 5, *, frequency: ArrayLike, boundaries: ArrayLike = (1, 10, 100), **metric_params: Any) -> Bunch: ...

def calibration_error_at_k(y_true: Any, y_score: Any, k: int = 5) -> _CalibrationError: ...

def keystrokes_saved(estimator: Any, X: ArrayLike, y: ArrayLike, k: int = 10, *, average: Literal["mean", None] = 'mean') -> float | NDArray[Any]: ...

def make_topk_scorer(metric: Callable[..., Any] | str, k: int = 5, **metric_params: Any) -> Callable[..., Any]: ...

def mean_reciprocal_rank(y_true: ArrayLike, ranked: Sequence[Any], k: int = 10, *, average: Literal["mean", None] = 'mean') -> float | NDArray[Any]: ...

def ndcg_at_k(y_true: Any, y_score: Any, k: int = 5) -> float: ...

def paired_bootstrap(metric: Callable[..., Any], y_true: Any, y_score: Any, y_score_other: Any, k: int = 5, *, n_resamples: int = 2000, confidence: float = 0.95, random_state: int | RandomState | None = None, **metric_params: Any) -> Bunch: ...

def precision_at_k(y_true: Any, y_score: Any, k: int = 5) -> float: ...

def propensities(Y: Any, A: float = 0.55, B: float = 1.5) -> NDArray[Any]: ...

def psndcg_at_k(y_true: Any, y_score: Any, k: int = 5, *, propensity: ArrayLike | dict[Any, Any]) -> float: ...

def psp_at_k(y_true: Any, y_score: Any, k: int = 5, *, propensity: ArrayLike | dict[Any, Any]) -> float: ...

def recall_at_k(y_true: Any, y_score: Any, k: int = 5, *, capped: bool = False) -> float: ...

def warm_and_cold(metric: Callable[..., Any], y_true: Any, y_score: Any, k: int = 5, *, frequency: ArrayLike | dict[Any, Any], **metric_params: Any) -> Bunch: ...

class _BrierScore(NamedTuple):
    score: float
    base_rate: float

class _CalibrationError(NamedTuple):
    error: float
    base_rate: float
    noise_floor: float
