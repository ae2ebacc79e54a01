"""What a fitted estimator searches with: its model, its settings, and rows that fit it."""

import numpy as np
import scipy.sparse as sp
from sklearn.utils.validation import check_is_fitted, validate_data

from ._checks import check_count
from ._fitted_model import SearchSettings
from ._sparse import check_csr, is_canonical


def fitted_model(estimator):
    """The `FittedModel` of an estimator.

    Raises
    ------
    NotFittedError
        If it is not fitted; this is an AttributeError, too.
    ValueError
        If it comes from a file, and its arrays would lead a search astray.
    """
    model = unchecked_model(estimator)
    if not model.is_sound:
        model.check_contents()
    return model


def unchecked_model(estimator):
    """The same, which may come from a file and not be fit for a search."""
    try:
        return vars(estimator)["_model"]
    except KeyError:
        check_is_fitted(estimator)
        raise


def search_settings(estimator, beam_width=None):
    """The `SearchSettings` of an estimator: they may have been set since it was fitted.

    Parameters
    ----------
    estimator : object
    beam_width : int or None
        What takes the place of the estimator's.

    Raises
    ------
    ValueError
        If a parameter is invalid.
    """
    settings = SearchSettings(
        estimator.beam_width,
        estimator.shortlist_size,
        estimator.score_transform,
        estimator.ancestor_weight,
        estimator.n_jobs,
    )
    if not settings.are_valid:
        estimator._validate_params()  # it says which and why, but takes longer than a search
    if beam_width is not None:
        settings = settings._replace(beam_width=check_count(beam_width, "beam_width"))
    return settings.as_plain_integers()


def rows_for(estimator, X, *, may_be_empty=False):
    """X as canonical CSR of float32, with the features that the estimator was fitted on.

    Parameters
    ----------
    estimator : object
    X : array-like or sparse matrix
    may_be_empty : bool
        Whether it may have no rows.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    ValueError
        If X does not fit it.
    """
    model = fitted_model(estimator)
    if not hasattr(estimator, "feature_names_in_") and is_canonical(X, model.n_features):
        return X
    if may_be_empty and getattr(X, "shape", None) == (0, model.n_features):
        return sp.csr_array(X.shape, dtype=np.float32)
    rows = check_csr(X, estimator=estimator)
    validate_data(estimator, X, reset=False, skip_check_array=True)
    return rows
