"""Where the weights of new labels start: at their priors, and near their siblings."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from .._matching.layer import limited_learned, pack_layer, pack_learned, without_small
from .._matching.layer_splice import weights_of_nodes
from .._sparse import Csr, indptr_of
from .solver import first_intercept

# A new label starts with a part of what its nearest siblings have learned, in the mean.
N_NEAREST = 5
SHARE = 0.25
# Of that, what is so many times smaller than the smallest weight that training would keep is left
# out.
LEAST_OF_SHARE = 0.1


class LayerModels(NamedTuple):
    """The models of some nodes, and what of their weights was learned, None without a prior."""

    weights: sp.csr_array
    intercepts: np.ndarray
    learned: sp.csr_array | None

    @classmethod
    def of(cls, layer, nodes):
        """Those of a layer's nodes, by inner number; nothing for -1."""
        known = np.flatnonzero(nodes >= 0)
        intercepts = np.zeros(len(nodes), dtype=np.float32)
        intercepts[known] = layer.intercepts[nodes[known]]
        learned = layer.learned_of(nodes[known])
        if learned is not None:
            learned = _spread(learned, known, len(nodes))
        return cls(weights_of_nodes(layer, nodes), intercepts, learned)

    def with_new(self, layout, places, rows, new, scale, objective):
        """The same with where new labels start, by their places and numbers."""
        if len(new) == 0:
            return self
        shares = _nearest(self.weights, layout, places, rows.shown_vectors[new])
        learned = self.weights if self.learned is None else self.learned
        least = LEAST_OF_SHARE * objective.prune_threshold
        delta = without_small(sp.csr_array(np.float32(SHARE) * shares) @ learned, least)
        vectors, usual = rows.vectors[new], first_intercept(objective)
        has_prior, n_near = np.diff(vectors.indptr) > 0, np.diff(shares.indptr)
        first = np.where(has_prior | (n_near == 0), usual, shares @ self.intercepts)
        intercepts = self.intercepts.copy()
        intercepts[places] = first if objective.bias_feature else 0
        size = len(self.intercepts)
        weights = _spread(sp.csr_array(np.float32(scale) * vectors + delta), places, size)
        return LayerModels(
            sp.csr_array(self.weights + weights),
            intercepts,
            None if self.learned is None else self.learned + _spread(delta, places, size),
        )

    @property
    def have_learned(self):
        """Whether each node's weights come from rows, and not from a prior alone."""
        learned = self.weights if self.learned is None else self.learned
        return np.diff(learned.indptr) > 0

    def moved(self, moved, intercepts):
        """The same after training."""
        learned = None if self.learned is None else sp.csr_array(self.learned + moved)
        return LayerModels(sp.csr_array(self.weights + moved), intercepts, learned)

    def packed(self, layout, has_models, dtype, max_weights):
        """The `Layer` of them."""
        weights, intercepts, learned = self
        options = {"has_models": has_models, "weight_dtype": dtype}
        if learned is None:
            return pack_layer(layout, Csr.of(weights), intercepts, max_weights, **options)
        weights, learned = limited_learned(weights, learned, max_weights)
        return pack_learned(layout, weights, learned, intercepts, **options)


def _spread(matrix, places, n_rows):
    # Rows of a matrix at their places among more.
    order = np.argsort(places)
    counts = np.zeros(n_rows, dtype=np.int64)
    counts[places] = np.diff(matrix.indptr)
    matrix = sp.csr_array(matrix[order])
    matrix.sort_indices()
    parts = matrix.data, matrix.indices, indptr_of(counts)
    return sp.csr_array(parts, shape=(n_rows, matrix.shape[1]))


def _nearest(weights, layout, places, vectors):
    # For each new label its nearest siblings, by the cosine of their weights, with equal shares.
    unit, starts = normalize(weights), layout.child_indptr
    parents = np.searchsorted(starts, places, side="right") - 1
    found_rows, found = [], []
    for parent in np.unique(parents):
        labels = np.flatnonzero(parents == parent)
        siblings = np.arange(starts[parent], starts[parent + 1])
        cosines = (vectors[labels] @ unit[siblings].T).toarray()
        k = min(N_NEAREST, len(siblings))
        best = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        near = np.take_along_axis(cosines, best, axis=1) > 0
        found_rows.append(np.repeat(labels, near.sum(axis=1)))
        found.append(siblings[best[near]])
    rows, columns = np.concatenate(found_rows), np.concatenate(found)
    counts = np.bincount(rows, minlength=len(places))
    shape = len(places), weights.shape[0]
    shares = np.float32(1) / counts[rows].astype(np.float32)
    return sp.csr_array(sp.coo_array((shares, (rows, columns)), shape=shape))
