"""Shards: what another process is sent of X and the labels to do some tasks."""

from itertools import groupby
from typing import NamedTuple

import numpy as np

from .._sparse import Csr
from .node_tasks import train_nodes

# Shards for each worker: more keep workers busy to the end, fewer send less.
SHARDS_PER_WORKER = 4


class Shard(NamedTuple):
    """The rows that some tasks train on, in plain arrays.

    Attributes
    ----------
    rows : Csr
        Those of X, in their order.
    layers : dict of {int: LayerData}
        For each depth of a task, what its tasks need of the layer, with these rows numbered from 0.
    """

    rows: Csr
    layers: dict

    @classmethod
    def cut(cls, X, layers, tasks):
        """Cut out what the tasks need, and no other row."""
        tasks_at = {}
        for task in tasks:
            tasks_at.setdefault(task.depth, []).append(task)
        needed = np.zeros(X.shape[0], dtype=bool)
        for depth, at_depth in tasks_at.items():
            for parent in {task.parent for task in at_depth}:
                needed[layers[depth].members_of(parent)] = True
        rows = np.flatnonzero(needed).astype(np.int32)
        X = X if len(rows) == X.shape[0] else X[rows]
        cut = {depth: layers[depth].cut(at_depth, rows) for depth, at_depth in tasks_at.items()}
        return cls(Csr.of(X), cut)

    def train(self, tasks, objective, seed):
        """Do some of the tasks that the shard was cut for: a list of `NodeWeights`."""
        return train_nodes(self.rows, self.layers, tasks, objective, seed)


def plan_shards(layers, layouts, tasks, n_workers):
    """Group tasks so that those of a subtree, which share their rows, go together.

    Parameters
    ----------
    layers : mapping of {int: LayerData}
    layouts : list of LayerLayout
    tasks : list of NodeTask
    n_workers : int

    Returns
    -------
    list of list of list of NodeTask
        For each shard its batches of tasks, done in one go: several only where a node is so large
        that its children were split. The largest batches come first.
    """
    costs = {task: task.cost(layers[task.depth]) for task in tasks}
    share = sum(costs.values()) / (SHARDS_PER_WORKER * n_workers)
    starts = _first_leaves(layouts)

    def place(task):
        return starts[task.depth][task.parent], task.depth, task.parent

    shards, filled = [], share
    for _, of_node in groupby(
        sorted(tasks, key=lambda task: (*place(task), task.first)), key=place
    ):
        of_node = list(of_node)
        if len(of_node) > 1:
            shards.append([[task] for task in of_node])
            filled = share
            continue
        if filled >= share:
            shards.append([[]])
            filled = 0
        shards[-1][0].append(of_node[0])
        filled += costs[of_node[0]]
    return sorted(shards, key=lambda batches: -sum(costs[task] for task in batches[0]))


def _first_leaves(layouts):
    # For each layer and parent where its leaves start: the order of a walk down the tree.
    starts = [layouts[-1].child_indptr]
    for layout in layouts[-2::-1]:
        starts.append(starts[-1][layout.child_indptr])
    return starts[::-1]
