"""Stored estimators know which version of the package made them, and in which format."""

from .._user_warnings import warn_user
from .._version import __version__

# What estimators hold, numbered: another number for every change that older code, or older states,
# cannot take. Where an older state can be migrated, `VersionedState` is the place.
FORMAT = 1


class InconsistentVersionWarning(UserWarning):
    """Warns that a stored estimator was made by another version of sklearn_xmr.

    It may work, and may rank differently.

    See Also
    --------
    load : Loads models that :func:`save` has stored.

    Examples
    --------
    >>> import warnings
    >>> from sklearn_xmr import InconsistentVersionWarning
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", InconsistentVersionWarning)  # then, load a model
    """


class VersionedState:
    """Puts version and format into the states of an estimator, and looks at them on loading.

    It goes before `BaseEstimator` among the bases.
    """

    def __getstate__(self):
        versions = {"_sklearn_xmr_version": __version__, "_sklearn_xmr_format": FORMAT}
        return {**super().__getstate__(), **versions}

    def __setstate__(self, state):
        state = dict(state)
        version = state.pop("_sklearn_xmr_version", None)
        check_format(state.pop("_sklearn_xmr_format", None), version, type(self).__name__)
        if version != __version__:
            warn_user(
                f"{type(self).__name__} was stored by version {version} of sklearn_xmr and is "
                f"loaded by version {__version__}. Fit it again if it does not rank as it did.",
                InconsistentVersionWarning,
            )
        super().__setstate__(state)


def check_format(number, version, source):
    """Refuse what is stored in a format that this version does not know.

    Parameters
    ----------
    number : object
    version : object
        That of the package that stored it.
    source : str
        What messages call it.

    Raises
    ------
    ValueError
        If the format is not the one of this version.
    """
    if isinstance(number, int) and number > FORMAT:
        raise ValueError(
            f"{source} is stored in format {number} by version {version} of sklearn_xmr, which is "
            f"newer than version {__version__}, which knows formats up to {FORMAT}: update "
            "sklearn_xmr."
        )
    if number != FORMAT:
        raise ValueError(
            f"{source} is stored in format {number}, which version {__version__} of sklearn_xmr no "
            "longer reads: fit it again, or load it with the version that stored it."
        )
