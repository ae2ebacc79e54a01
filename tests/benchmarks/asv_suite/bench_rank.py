"""Search: batches and single rows, by beam width and pruning."""

import numpy as np

from sklearn_xmr import XRLinearClassifier

from .common import matrices


class Rank:
    """Rank ten labels."""

    params = ([1, 10, 50], [0.05, 0.1, 0.3])
    param_names = ("beam_width", "prune_threshold")

    def setup_cache(self):
        """Fit a classifier whose weights are still to be pruned."""
        X, Y, _ = matrices()
        return XRLinearClassifier(prune_threshold=0.05, random_state=0).fit(X, Y)

    def setup(self, fitted, beam_width, prune_threshold):
        """Prune it, and cut the queries into rows."""
        self.model = fitted.prune(prune_threshold).set_params(beam_width=beam_width)
        self.X = matrices()[2]
        self.rows = [self.X[[i]] for i in range(100)]
        self.candidates = np.arange(len(self.model.classes_)) % 3 == 0

    def time_batch(self, fitted, beam_width, prune_threshold):
        """All queries in a call."""
        self.model.rank(self.X)

    def time_hundred_rows(self, fitted, beam_width, prune_threshold):
        """A hundred calls with one row."""
        for row in self.rows:
            self.model.rank(row)

    def time_candidates(self, fitted, beam_width, prune_threshold):
        """All queries, among a third of the labels."""
        self.model.rank(self.X, candidates=self.candidates)

    def peakmem_batch(self, fitted, beam_width, prune_threshold):
        """All queries in a call."""
        self.model.rank(self.X)
