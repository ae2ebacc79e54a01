"""scikit-learn's own checks of our estimators."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_xmr import HierarchicalKMeansIndexer, LabelTree, XRLinearClassifier


@parametrize_with_checks([XRLinearClassifier()])
def test_estimator_checks(estimator, check):
    check(estimator)
