"""scikit-learn's own checks of the estimators that take numbers."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_xmr import HierarchicalKMeansIndexer, XRLinearClassifier

DEEP = HierarchicalKMeansIndexer(branching_factor=2, max_leaf_size=1)


# Some checks fit on features far from unit scale, where a hundred passes are not enough and weights
# are too small to survive pruning.
@pytest.mark.filterwarnings("ignore:All weights below some node:UserWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(
    [
        XRLinearClassifier(),
        XRLinearClassifier(DEEP, prune_threshold=0, score_transform="sigmoid"),
        XRLinearClassifier(
            DEEP, beam_width=2, shortlist_size=3, score_transform="log_l2_hinge", n_jobs=2
        ),
        XRLinearClassifier(
            C=10, intercept_scaling=5, tol=1e-3, max_iter=1000, score_transform="noop"
        ),
        XRLinearClassifier(loss="log_loss", score_transform="sigmoid"),
        XRLinearClassifier(loss="hinge", positive_weight=2),
        HierarchicalKMeansIndexer(),
        HierarchicalKMeansIndexer(branching_factor=3, max_leaf_size=2),
    ]
)
def test_estimator_checks(estimator, check):
    check(estimator)
