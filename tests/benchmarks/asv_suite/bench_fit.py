"""Training: the index, the solver, both with threads."""

from sklearn_xmr import HierarchicalKMeansIndexer, XRLinearClassifier
from sklearn_xmr.label_features import pifa

from .common import matrices


class Index:
    """Label features and clustering."""

    def setup(self):
        """Vectorise the titles."""
        self.X, self.Y, _ = matrices()
        self.Z = pifa(self.X, self.Y)

    def time_label_features(self):
        """PIFA."""
        pifa(self.X, self.Y)

    def time_kmeans(self):
        """The default index."""
        HierarchicalKMeansIndexer(random_state=0).fit(self.Z)


class Fit:
    """All of fit, the label tree given."""

    params = ([1, 2],)
    param_names = ("n_jobs",)
    timeout = 300

    def setup_cache(self):
        """Grow the tree."""
        X, Y, _ = matrices()
        return HierarchicalKMeansIndexer(random_state=0).fit(pifa(X, Y)).tree_

    def setup(self, tree, n_jobs):
        """Vectorise the titles."""
        self.X, self.Y, _ = matrices()

    def time_fit(self, tree, n_jobs):
        """Solve, prune and pack."""
        XRLinearClassifier(tree, n_jobs=n_jobs, random_state=0).fit(self.X, self.Y)

    def peakmem_fit(self, tree, n_jobs):
        """Hold matrices, working set and model."""
        XRLinearClassifier(tree, n_jobs=n_jobs, random_state=0).fit(self.X, self.Y)
