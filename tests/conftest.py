"""What tests of every folder are given."""

import pytest

from helpers.reference import make_problem


@pytest.fixture
def problem():
    return make_problem()
