"""What scikit-learn has wrapped around an estimator: pipelines, unions and fitted searches."""

import numpy as np
import scipy.sparse as sp
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import check_is_fitted

from ._sparse import Csr, is_canonical, join_rows


def unwrapped(estimator):
    """The steps that come before, and the estimator inside pipelines and fitted searches.

    Returns
    -------
    steps : list of transformers
        The first one first.
    estimator : object
        What ranks, or is neither a pipeline nor a search that has refitted an estimator.
    """
    steps = []
    while not hasattr(estimator, "rank"):
        if isinstance(estimator, Pipeline):
            steps += [step for _, step in estimator.steps[:-1]]
            estimator = estimator.steps[-1][1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            break
    return steps, estimator


def transform(steps, X):
    """X after some steps, one after the other.

    It is what pipelines and unions do: on a single text, their own checks and the start of their
    parallel jobs take longer than a search.
    """
    for step in steps:
        if type(step) is Pipeline:
            X = transform([inner for _, inner in step.steps], X)
        elif type(step) is FeatureUnion:
            X = _union(step, X)
        elif step is not None and step != "passthrough":
            X = step.transform(X)
    return X


def names_after(steps):
    """The names of the features after some steps, None if one of them names none."""
    try:
        return Pipeline([(str(i), step) for i, step in enumerate(steps)]).get_feature_names_out()
    except AttributeError:
        return None


def _union(union, X):
    check_is_fitted(union)
    weights = union.transformer_weights or {}
    parts = [
        transform([part], X) * weights[name] if name in weights else transform([part], X)
        for name, part in union.transformer_list
        if part != "drop"
    ]
    if parts and all(sp.issparse(part) or type(part) is np.ndarray for part in parts):
        return _side_by_side(parts)
    return union.transform(X)


def _side_by_side(parts):
    if not any(map(sp.issparse, parts)):
        return np.hstack(parts)
    if (
        all(map(is_canonical, parts))
        and len({part.shape[0] for part in parts}) == 1
        and max(sum(part.nnz for part in parts), sum(part.shape[1] for part in parts)) < 2**31
    ):
        rows = join_rows(list(map(Csr.of, parts)), [1] * len(parts))
        is_array = any(isinstance(part, sp.sparray) for part in parts)
        container = sp.csr_array if is_array else sp.csr_matrix
        return rows.to_scipy(container)
    return sp.hstack(parts).tocsr()
