"""Which rows train each layer of a tree, and which of them are positive for which node."""

import numpy as np
import scipy.sparse as sp

from .._matching.beam_search import advance
from .._matching.tree_layout import positive_nodes
from .._sparse import indptr_of
from .costs import positive_weights, with_negatives_at
from .layer_data import LayerData
from .node_weights import pack_weights
from .priors import INNER_NEGATIVES


class TrainingRows:
    """Which rows train each layer, and which of them are positive, found out from the top down.

    Parameters
    ----------
    data : TrainingData
    tree : LabelTree
    layouts : list of LayerLayout
    n_threads : int
    """

    def __init__(self, data, tree, layouts, n_threads):
        self._data, self._layouts, self._n_threads = data, layouts, n_threads
        self._schemes = data.negatives.scheme_per_layer(len(layouts))
        self._positives = positive_nodes(data.Y, layouts)
        self._marked = data.negatives.marked_nodes(tree, layouts)
        self._relevances = [None] * len(layouts)
        if data.relevance is not None:
            self._relevances = positive_nodes(data.relevance, layouts, add=True)
        self._priors = [None] * len(layouts)
        if data.prior is not None:
            self._priors = data.prior.weights_of_layers(layouts)
        self.depth = 0  # of the layer that has been reached, counted from the root
        self._beam = np.zeros((data.X.shape[0], 1), dtype=np.int32)
        self._scores = np.zeros((data.X.shape[0], 1), dtype=np.float32)

    def advance(self, weights):
        """Send all rows down one layer, of these `NodeWeights`, to the nodes they reach."""
        layout, search = self._layouts[self.depth], self._data.negatives.search
        X, n_threads = self._data.X, self._n_threads
        layer = pack_weights(weights, layout, X.shape[1], search["max_weights"], n_threads)
        kept = search["beam_width"], search["transform"], n_threads
        self._beam, self._scores = advance(layer, X, self._beam, self._scores, *kept)
        self.depth += 1

    def match(self, depth, matching):
        """Send all rows to the nodes above layer `depth` that a matcher gives, if it asks them."""
        self.depth = depth
        if self.must_wait(depth):
            width = self._data.negatives.search["beam_width"]
            self._beam, self._scores = matching.start(self._data.X, width)

    def must_wait(self, depth):
        """Whether those of a layer depend on the models above it."""
        return depth > 0 and "man" in self._schemes[depth]

    def layer_data(self, depth):
        """The `LayerData` of a layer; if it has to wait, rows must have reached the layer above."""
        scheme, layout, positives = self._schemes[depth], self._layouts[depth], self._positives
        members, positives, data = self._members(depth), positives[depth], self._data
        costs = positive_weights(positives.nnz, data.positive_weight, self._relevances[depth])
        weights, prior = data.sample_weight, self._priors[depth]
        if prior is not None and depth < len(self._layouts) - 1:
            shape = positives.shape[0], positives.nnz
            weights, costs = with_negatives_at(INNER_NEGATIVES, weights, costs, shape)
        if scheme == "man":
            kept = _are_below(positives, members, layout.child_indptr)
            positives, costs = _entries(positives, kept), None if costs is None else costs[kept]
        return LayerData.gather(members, positives, weights, costs, prior)

    def _members(self, depth):
        # The rows of each node above a layer. The root, and what is alone below it, has all of
        # them: those without labels are negatives there.
        scheme, n_nodes = self._schemes[depth], len(self._layouts[depth].child_indptr) - 1
        if n_nodes == 1:
            return sp.csr_array(np.ones((self._data.X.shape[0], 1), dtype=bool))
        members = [self._marked[depth - 1]] if depth <= len(self._marked) else []
        if "tfn" in scheme:
            members.append(self._positives[depth - 1])
        if "man" in scheme:
            members.append(_indicator(self._beam, n_nodes))
        return _union(members)


def _indicator(beam, n_nodes):
    # A beam as CSR, with sorted columns.
    beam = np.sort(beam, axis=1)
    reached = beam >= 0
    indptr = indptr_of(reached.sum(axis=1))
    indices = beam[reached]
    ones = np.ones(len(indices), dtype=np.int8)
    return sp.csr_array((ones, indices, indptr), shape=(len(beam), n_nodes))


def _union(indicators):
    first, *others = indicators
    for other in others:
        first = sp.csr_array(first + other)
    first.sort_indices()
    return first


def _are_below(positives, members, child_indptr):
    # Which of the positives have a row that trains their parent.
    parent_of = np.repeat(np.arange(len(child_indptr) - 1), np.diff(child_indptr))
    wanted = _places(positives, parent_of[positives.indices])
    return np.isin(wanted, _places(members, members.indices))


def _entries(indicator, kept):
    indptr = indptr_of(kept)[indicator.indptr]
    parts = indicator.data[kept], indicator.indices[kept], indptr
    return sp.csr_array(parts, shape=indicator.shape)


def _places(indicator, columns):
    # Row and column of each entry as one number.
    rows = np.repeat(np.arange(indicator.shape[0]), np.diff(indicator.indptr))
    return rows << 32 | columns
