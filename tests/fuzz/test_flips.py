"""A few changed files of each model; ``python -m fuzz.flips`` makes as many as one likes."""

import sys

import pytest

if sys.platform == "win32":
    pytest.skip("processes are forked", allow_module_level=True)

from fuzz.flips import DEFECTS, run


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_changed_files():
    for (way, name), outcomes in run(800, seed=1):
        assert not DEFECTS[way] & set(outcomes), (way, name, outcomes)
