"""What tests of every folder are given."""

import pytest
from hypothesis import settings

from helpers.reference import make_problem

# A busy machine is no failure.
settings.register_profile("any speed", deadline=None)
settings.load_profile("any speed")


@pytest.fixture
def problem():
    return make_problem()
