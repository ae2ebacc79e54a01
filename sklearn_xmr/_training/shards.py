"""Shards: what another process is sent of X and the labels to train some units."""

from itertools import groupby
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .training_units import train_units

# Shards for each worker: more keep workers busy to the end, fewer send less.
SHARDS_PER_WORKER = 4


class Shard(NamedTuple):
    """The rows that some units train on, in plain arrays.

    Attributes
    ----------
    indptr, indices, data, n_features
        The rows of X, in their order.
    layers : dict of {int: LayerData}
        For each depth of a unit, what its units need of the layer, with these rows numbered from 0.
    """

    indptr: np.ndarray
    indices: np.ndarray
    data: np.ndarray
    n_features: int
    layers: dict

    @classmethod
    def cut(cls, X, layers, units):
        """Cut out what the units need, and no other row."""
        units_of = {}
        for unit in units:
            units_of.setdefault(unit.depth, []).append(unit)
        needed = np.zeros(X.shape[0], dtype=bool)
        for depth, of_depth in units_of.items():
            for parent in {unit.parent for unit in of_depth}:
                needed[layers[depth].rows_of(parent)] = True
        rows = np.flatnonzero(needed).astype(np.int32)
        X = X if len(rows) == X.shape[0] else X[rows]
        cut = {depth: layers[depth].cut(of_depth, rows) for depth, of_depth in units_of.items()}
        return cls(X.indptr, X.indices, X.data, X.shape[1], cut)

    def train(self, units, objective, seed):
        """Train some of the units that the shard was cut for: a list of `Part`."""
        shape = len(self.indptr) - 1, self.n_features
        X = sp.csr_array((self.data, self.indices, self.indptr), shape=shape)
        return train_units(X, self.layers, units, objective, seed)


def plan_shards(layers, layouts, units, n_workers):
    """Group units so that those of a subtree, which share their rows, go together.

    Parameters
    ----------
    layers : mapping of {int: LayerData}
    layouts : list of LayerLayout
    units : list of Unit
    n_workers : int

    Returns
    -------
    list of list of list of Unit
        For each shard its tasks, which are units to train in one go: several tasks only where a
        node is so large that its children were split. The largest tasks come first.
    """
    costs = {unit: layers[unit.depth].cost(unit) for unit in units}
    share = sum(costs.values()) / (SHARDS_PER_WORKER * n_workers)
    starts = _first_leaves(layouts)

    def place(unit):
        return starts[unit.depth][unit.parent], unit.depth, unit.parent

    shards, filled = [], share
    for _, blocks in groupby(sorted(units, key=lambda unit: (*place(unit), unit.first)), key=place):
        blocks = list(blocks)
        if len(blocks) > 1:
            shards.append([[unit] for unit in blocks])
            filled = share
            continue
        if filled >= share:
            shards.append([[]])
            filled = 0
        shards[-1][0].append(blocks[0])
        filled += costs[blocks[0]]
    return sorted(shards, key=lambda tasks: -sum(costs[unit] for unit in tasks[0]))


def _first_leaves(layouts):
    # For each layer and parent where its leaves start: the order of a walk down the tree.
    starts = [layouts[-1].child_indptr]
    for layout in layouts[-2::-1]:
        starts.append(starts[-1][layout.child_indptr])
    return starts[::-1]
