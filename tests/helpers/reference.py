"""The definitions of XRLinearClassifier in plain NumPy loops, and problems to try them on.

`Reference` reads nothing of a fitted model but the parents of its tree and each layer's `coef_`,
`intercept_` and `has_model_`. It computes in float32 as the model does, feature after feature, so
that equal scores are equal on both sides.
"""

import numpy as np
import scipy.sparse as sp

from helpers.matrices import random_csr
from sklearn_xmr import LabelTree

HINGES = [f"l{power}_hinge" for power in (1, 2, 3, 4)]
TRANSFORMS = [*HINGES, *(f"log_{name}" for name in HINGES), "sigmoid", "log_sigmoid", "noop"]

# Twelve labels each.
TREES = {
    "flat": [[0] * 12],
    "two layers": [[0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]],
    "scattered siblings": [[0, 0, 0], [2, 0, 1, 2, 0, 1, 1, 0, 2, 2, 1, 0]],
    "only children": [[0], [0, 0, 0, 0], [2, 0, 3, 3, 1], [0, 1, 2, 2, 3, 4, 4, 4, 1, 1, 1, 4]],
    "all alone": [[0] * 12, list(range(11, -1, -1)), list(range(12))],
    "childless nodes": [[0, 0, 0, 0, 0], [4, 2, 4, 2, 0], [1, 3, 0, 0, 1, 3, 3, 0, 1, 1, 3, 0]],
    "deep": [
        [0, 0],
        [1, 0, 1, 0],
        [3, 2, 1, 0, 2],
        [4, 4, 3, 0, 1, 2],
        [5, 0, 1, 2, 3, 4, 4],
        [6, 5, 4, 3, 2, 1, 0, 0],
        [7, 6, 5, 4, 3, 2, 1, 0, 0, 1, 2, 3],
    ],
}


def random_tree(rng, n_labels, n_layers, max_width=6):
    """Parents drawn at random: scattered siblings, only children and childless nodes abound."""
    widths = [*rng.integers(1, max_width + 1, size=n_layers - 1), n_labels]
    above = [1, *widths[:-1]]
    return LabelTree.from_parents(
        [rng.integers(0, n, size=width) for n, width in zip(above, widths, strict=True)]
    )


def make_problem(seed=0, n_samples=100, n_features=25, n_labels=12, density=0.3):
    """Sparse rows and an indicator that they explain; every label occurs and none is alone."""
    rng = np.random.default_rng(seed)
    X = random_csr(rng, (n_samples, n_features), density)
    hidden = rng.standard_normal((n_features, n_labels)).astype(np.float32)
    margins = X @ hidden + 0.3 * rng.standard_normal((n_samples, n_labels)).astype(np.float32)
    Y = (margins > np.quantile(margins, 0.75, axis=0)).astype(np.int64)
    return X, Y


def queries(seed=1, n_queries=40, n_features=25, density=0.3, scale=1.5):
    """Rows to predict, empty ones and single features among them."""
    rng = np.random.default_rng(seed)
    X = rng.random((n_queries, n_features)) * (rng.random((n_queries, n_features)) < density)
    X *= scale * rng.choice([-1, 1, 1, 1], size=X.shape)
    X[0] = 0
    X[1, 1:] = 0
    return sp.csr_array(X.astype(np.float32))


def candidate_rows(n_queries=20, n_labels=12, density=0.4):
    """Which labels are allowed for which query: all for the first, none for the second."""
    allowed = np.random.default_rng(5).random((n_queries, n_labels)) < density
    allowed[0], allowed[1] = True, False
    return allowed


def positive_nodes(Y, tree):
    """Per layer, which rows have a label below which node."""
    layers = [Y.astype(bool)]
    for above, parents in zip(tree.parents[-2::-1], tree.parents[:0:-1], strict=True):
        below, nodes = layers[-1], np.zeros((len(Y), len(above)), dtype=bool)
        for child, parent in enumerate(parents):
            nodes[:, parent] |= below[:, child]
        layers.append(nodes)
    return layers[::-1]


def siblings(tree, Y):
    """(layer, children, rows of their parent, positives of the layer) for every inner node.

    Rows without labels are rows of the root, and of what is alone on a layer below it.
    """
    rows = np.ones((len(Y), 1), dtype=bool)
    for depth, (parents, marked) in enumerate(
        zip(tree.parents, positive_nodes(Y, tree), strict=True)
    ):
        for parent in range(rows.shape[1]):
            yield depth, np.flatnonzero(parents == parent), np.flatnonzero(rows[:, parent]), marked
        rows = marked | (marked.shape[1] == 1)


class Reference:
    """Exact search down a fitted model's tree."""

    def __init__(self, model):
        self.parents = model.label_tree_.parents
        self.coef = [layer.coef_.toarray() for layer in model.layers_]
        self.intercept = [layer.intercept_ for layer in model.layers_]
        self.has_model = [layer.has_model_ for layer in model.layers_]
        self.n_labels = model.label_tree_.n_labels

    def paths(self, x, transform):
        """For each layer the score of the path to every node, in the log domain."""
        above, layers = np.zeros(1, dtype=np.float32), []
        for parents, coef, intercept, has_model in zip(
            self.parents, self.coef, self.intercept, self.has_model, strict=True
        ):
            margins = intercept.astype(np.float32)
            for feature in np.flatnonzero(x):
                margins = margins + np.float32(x[feature]) * coef[feature]
            siblings = np.bincount(parents, minlength=len(above))[parents]
            scores = combine(above[parents], margins, transform)
            above = np.where((siblings == 1) & ~has_model, above[parents], scores)
            layers.append(above)
        return layers

    def label_paths(self, X, transform):
        """The score of every label, shape (n_samples, n_labels)."""
        return np.array([self.paths(x, transform)[-1] for x in X.toarray()])

    def rank(self, X, k, transform, beam_width, candidates=None):
        """Positions, -1 where there are no more, and log-domain scores, -inf there."""
        positions = np.full((X.shape[0], k), -1)
        found = np.full((X.shape[0], k), -np.inf, dtype=np.float32)
        for row, x in enumerate(X.toarray()):
            allowed = None if candidates is None else np.atleast_2d(candidates)
            if allowed is not None:
                allowed = allowed[row if len(allowed) > 1 else 0]
            paths = self.paths(x, transform)
            labels = self._search(paths, k, beam_width, allowed)
            positions[row, : len(labels)] = labels
            found[row, : len(labels)] = paths[-1][labels]
        return positions, found

    def _search(self, paths, k, beam_width, allowed):
        leads_to = self._lowest_labels()
        can_reach = leads_to if allowed is None else self._lowest_labels(allowed)
        beam = [0]
        for depth, (parents, scores) in enumerate(zip(self.parents, paths, strict=True)):
            children = [
                node
                for node in range(len(parents))
                if parents[node] in beam and can_reach[depth][node] is not None
            ]
            children.sort(key=lambda node: (-scores[node], leads_to[depth][node]))
            last = depth == len(paths) - 1
            beam = children[: k if last else beam_width]
        return beam

    def _lowest_labels(self, allowed=None):
        # Per layer and node, the lowest (allowed) label below; None for none.
        lowest = [[None] * len(parents) for parents in self.parents]
        for label in range(self.n_labels):
            if allowed is not None and not allowed[label]:
                continue
            node = label
            for depth in range(len(self.parents) - 1, -1, -1):
                if lowest[depth][node] is None:
                    lowest[depth][node] = label
                node = self.parents[depth][node]
        return lowest


def combine(above, margins, transform):
    """The score of a path to a node, from that to its parent and the node's own margin."""
    if transform == "noop":
        return margins
    name = transform.removeprefix("log_")
    if name == "sigmoid":
        return above + np.minimum(margins, 0) - np.log1p(np.exp(-np.abs(margins)))
    loss = np.maximum(0, 1 - margins)
    power = loss
    for _ in range(int(name[1]) - 1):
        power = power * loss
    return above - power


def shown(paths, transform):
    """Scores as `score_transform` says, from those of the log domain; -inf stays -inf."""
    if transform.startswith("log_") or transform == "noop":
        return paths
    return np.where(np.isneginf(paths), -np.inf, np.exp(paths))


def assert_same_ranking(got, expected, context=""):
    """Same labels in the same order, and the same scores to float tolerance."""
    np.testing.assert_array_equal(got[0], expected[0], err_msg=str(context))
    np.testing.assert_allclose(got[1], expected[1], rtol=2e-5, atol=1e-6, err_msg=str(context))
