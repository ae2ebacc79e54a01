"""A few changed files of each model; ``python -m fuzz.flips`` makes as many as one likes."""

import sys

import pytest

if sys.platform != "linux":
    pytest.skip("processes are forked, with a limit of memory", allow_module_level=True)

from fuzz.flips import DEFECTS, run


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_changed_files():
    for (way, name), outcomes in run(800, seed=1):
        assert not DEFECTS[way] & set(outcomes), (way, name, outcomes)
