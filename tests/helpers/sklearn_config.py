"""scikit-learn's configuration, as far as its version has it."""

from contextlib import contextmanager

import pytest
from sklearn import config_context, get_config


@contextmanager
def sparse_interface(value):
    """Have sparse results come as this; a test that wants arrays is skipped before 1.9."""
    if "sparse_interface" in get_config():
        with config_context(sparse_interface=value):
            yield
    elif value == "sparray":
        pytest.skip("this scikit-learn gives sparse matrices only")
    else:
        yield
