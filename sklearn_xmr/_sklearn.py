"""The private names of scikit-learn, in one place: any release may move them."""

from sklearn import get_config
from sklearn.base import _fit_context as fit_context
from sklearn.utils import _safe_indexing as take_rows
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    InvalidParameterError,
    Options,
    RealNotInt,
    StrOptions,
)
from sklearn.utils.validation import _check_sample_weight as validate_sample_weight

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # before 1.9

    class CallbackSupportMixin:
        """Stands for support that this scikit-learn does not have."""

        def _init_callback_context(self, **_):
            return None

    def with_callbacks(method):
        """The method as it is."""
        return method


def wants_sparse_arrays():
    """Whether sparse results shall be arrays, as scikit-learn (since 1.9) may be configured."""
    return get_config().get("sparse_interface") == "sparray"


def routes_metadata():
    """Whether scikit-learn is configured to pass on what is asked for, instead of by names."""
    return get_config()["enable_metadata_routing"]


__all__ = [
    "CallbackSupportMixin",
    "HasMethods",
    "Interval",
    "InvalidParameterError",
    "Options",
    "RealNotInt",
    "StrOptions",
    "check_matplotlib_support",
    "fit_context",
    "routes_metadata",
    "take_rows",
    "validate_sample_weight",
    "wants_sparse_arrays",
    "with_callbacks",
]
