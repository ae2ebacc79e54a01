"""Kernels by themselves, on the rows of the embedded data."""

import numpy as np

from sklearn_xmr._kernels import csr, dual_cd
from sklearn_xmr._sparse import Csr
from sklearn_xmr._training.solver import Objective, Positives, Workspace, train_block

from .common import matrices


class Kernels:
    """A pass of the solver over the root, and the look over a batch of queries."""

    params = ([8, 16, 64],)
    param_names = ("n_children",)

    def setup(self, n_children):
        """Take the rows of the root, each positive for one child."""
        X, _, self.queries = matrices()
        self.n_children = n_children
        self.workspace = Workspace(Csr.of(X))
        self.rows = self.workspace.take_rows(np.arange(X.shape[0], dtype=np.int32))
        children = np.random.default_rng(0).integers(n_children, size=X.shape[0], dtype=np.int32)
        self.positives = Positives(np.arange(X.shape[0] + 1, dtype=np.int64), children, None)
        self.weights = np.ones(X.shape[0])
        self.objective = Objective("squared_hinge", 1.0, 1.0, 0.1, 1, 0.1)
        self.order = np.arange(X.shape[0], dtype=np.int32)

    def time_one_pass(self, n_children):
        """Dual coordinate descent on all children."""
        problem = self.rows, self.weights, self.positives, n_children
        train_block(*problem, self.objective, 0, self.workspace)

    def time_shuffle(self, n_children):
        """The order of the next pass."""
        dual_cd.shuffle(self.order, 0)

    def time_is_canonical(self, n_children):
        """Whether queries are canonical."""
        X = self.queries
        csr.is_canonical(X.indptr, X.indices, X.data, X.shape[1])
