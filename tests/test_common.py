"""scikit-learn's own checks of our estimators."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_xmr import XRLinearClassifier


# Some checks fit on features far from unit scale, where a hundred passes are not enough and weights
# are too small to survive pruning.
@pytest.mark.filterwarnings("ignore:All weights below some node:UserWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks([XRLinearClassifier()])
def test_estimator_checks(estimator, check):
    check(estimator)
