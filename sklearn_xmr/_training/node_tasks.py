"""What there is to train at the nodes of a tree, as tasks that threads take one by one."""

from typing import NamedTuple

import numpy as np

from .node_weights import NodeWeights
from .solver import Workspace, block_width, padded, train_block

# What visiting a row costs beside its children: as much as so many of them.
ROW_COST = 32


class NodeTask(NamedTuple):
    """To train some or all children of a node.

    Attributes
    ----------
    depth : int
        The children's layer.
    first, last : int
        They are ``first .. last - 1``.
    parent : int
        The node.
    """

    depth: int
    first: int
    last: int
    parent: int

    def cost(self, layer_data):
        """About how long it takes, in steps of one child on one row."""
        return len(layer_data.members_of(self.parent)) * (self.last - self.first + ROW_COST)


def plan_tasks(layers, layouts, n_workers):
    """What there is to train in some layers, the largest tasks first.

    A node's only child has no model, and no rows teach nothing. Children are split where a node
    would take longer than a worker's share of the work.

    Parameters
    ----------
    layers : dict of {depth: LayerData}
    layouts : list of LayerLayout
    n_workers : int

    Returns
    -------
    list of NodeTask
    """
    nodes = []
    for depth, layer_data in layers.items():
        n_children = np.diff(layouts[depth].child_indptr)
        n_rows = np.diff(layer_data.member_indptr)
        parents = np.flatnonzero((n_children > 1) & (n_rows > 0))
        costs = n_rows[parents] * (n_children[parents] + ROW_COST)
        nodes += zip(costs.tolist(), [depth] * len(parents), parents.tolist(), strict=True)
    share = sum(cost for cost, _, _ in nodes) / n_workers
    tasks = []
    for cost, depth, parent in sorted(nodes, key=lambda node: -node[0]):
        first, last = layouts[depth].child_indptr[parent : parent + 2].tolist()
        step = padded(-(-(last - first) // (n_workers if cost > share else 1)))
        tasks += [
            NodeTask(depth, start, min(start + step, last), parent)
            for start in range(first, last, step)
        ]
    return tasks


def train_nodes(X, layers, tasks, objective, seed):
    """Do some tasks, one after the other.

    Parameters
    ----------
    X : Csr
        All rows, of shape (n_rows, n_features).
    layers : dict of {depth: LayerData}
    tasks : list of NodeTask
    objective : Objective
    seed : int

    Returns
    -------
    list of NodeWeights
        What each gave, in their order.
    """
    workspace, trained = Workspace(X), []
    for task in tasks:
        layer_data = layers[task.depth]
        members = layer_data.members_of(task.parent)
        take = workspace.take_root_rows if task.depth == 0 else workspace.take_rows
        rows, weights = take(members), layer_data.weights_of(members)
        width, blocks = block_width(rows), []
        for start in range(task.first, task.last, width):
            stop = min(start + width, task.last)
            positives = layer_data.positives_among(members, start, stop)
            problem = rows, weights, positives, stop - start, objective
            first = layer_data.start_of(start, stop)
            blocks.append(train_block(*problem, _node_seed(seed, task), workspace, first))
        found = NodeWeights.of_blocks(blocks)
        has_signal = layer_data.has_signal(members, task.first, task.last)
        trained.append(found._replace(had_signal=found.had_signal and has_signal))
    return trained


def _node_seed(seed, task):
    # Every node has a seed of its own, which all blocks of its children share.
    multiples = (seed, 0x9FB21C651E98DF25), (task.depth, 0xA24BAED4963EE407)
    return sum(a * b for a, b in (*multiples, (task.parent, 0xD1342543DE82EF95))) % 2**64
