"""What there is to train at the nodes of a tree, cut into units that threads take one by one."""

from typing import NamedTuple

import numpy as np

from .._kernels.block import take_positives
from .solver import Positives, Workspace, block_width, padded, train_block

# What visiting a row costs beside its children: as much as so many of them.
ROW_COST = 32


class LayerData(NamedTuple):
    """Which rows train the children of each node, and which of them are positive for which.

    Attributes
    ----------
    member_indptr, members : ndarrays of int64 and int32
        The rows of each node of the layer above, sorted.
    positive_indptr, positives : ndarrays of int64 and int32
        For each row the nodes of this layer that it is positive for, sorted.
    n_positives : ndarray of int64 of shape (n_nodes,)
        The positive rows of each node of this layer.
    row_weights : ndarray of float32 of shape (n_rows,), or None
        Multiples of C, row by row; None for 1 everywhere.
    positive_weights : ndarray of float32 of the shape of `positives`, or None
        Multiples of the row's C for its positives; None for 1 everywhere.
    first_parent, first_node : int
        The first node of the layer above, and of this layer, that the arrays are about.
    """

    member_indptr: np.ndarray
    members: np.ndarray
    positive_indptr: np.ndarray
    positives: np.ndarray
    n_positives: np.ndarray
    row_weights: np.ndarray | None
    positive_weights: np.ndarray | None
    first_parent: int = 0
    first_node: int = 0

    @classmethod
    def gather(cls, members, positives, costs):
        """From CSR indicators (rows x nodes) of the layer above and of this layer."""
        members = members.tocsc()
        return cls(
            members.indptr.astype(np.int64, copy=False),
            members.indices.astype(np.int32, copy=False),
            positives.indptr.astype(np.int64, copy=False),
            positives.indices.astype(np.int32, copy=False),
            np.bincount(positives.indices, minlength=positives.shape[1]),
            *costs,
        )

    def rows_of(self, parent):
        """The rows that train the children of a node of the layer above."""
        parent = parent - self.first_parent
        return self.members[self.member_indptr[parent] : self.member_indptr[parent + 1]]

    def weights_of(self, rows):
        """The weights of a parent's rows."""
        if self.row_weights is None:
            return np.ones(len(rows))
        return self.row_weights[rows].astype(np.float64)

    def positives_of(self, rows, first, last):
        """For each of a parent's rows its positives among children ``first .. last - 1``."""
        first, last = first - self.first_node, last - self.first_node
        indptr = np.empty(len(rows) + 1, dtype=np.int64)
        children = np.empty(self.n_positives[first:last].sum(), dtype=np.int32)
        weights = None
        if self.positive_weights is not None:
            weights = np.empty(len(children), dtype=np.float32)
        take_positives(
            self.positive_indptr,
            self.positives,
            self.positive_weights,
            rows,
            first,
            last,
            indptr,
            children,
            weights,
        )
        # Some of the children's positives may be no rows of the parent.
        n_found = indptr[-1]
        return Positives(indptr, children[:n_found], None if weights is None else weights[:n_found])

    def can_be_told_apart(self, rows, first, last):
        """Whether some child is positive for some, but not all, of its parent's rows."""
        n_positives = self.n_positives[first - self.first_node : last - self.first_node]
        return bool(np.any((n_positives > 0) & (n_positives < len(rows))))

    def cost(self, unit):
        """About how long training a unit takes, in steps of one child on one row."""
        return len(self.rows_of(unit.parent)) * (unit.last - unit.first + ROW_COST)

    def cut(self, units, rows):
        """What units of this layer need, with these rows, all of theirs, numbered from 0."""
        parents = np.unique([unit.parent for unit in units])
        lists = [np.searchsorted(rows, self.rows_of(parent)) for parent in parents]
        sizes = np.zeros(parents[-1] + 1 - parents[0], dtype=np.int64)
        sizes[parents - parents[0]] = [len(members) for members in lists]
        first, last = min(unit.first for unit in units), max(unit.last for unit in units)
        positives = self.positives_of(rows, first, last)
        return LayerData(
            np.concatenate([[0], np.cumsum(sizes)]),
            np.concatenate(lists).astype(np.int32),
            positives.indptr,
            positives.children.copy(),
            self.n_positives[first - self.first_node : last - self.first_node],
            None if self.row_weights is None else self.row_weights[rows],
            None if positives.weights is None else positives.weights.copy(),
            int(parents[0]),
            first,
        )


class Unit(NamedTuple):
    """Some or all children of a node: what a thread trains at a time."""

    depth: int
    first: int
    last: int
    parent: int


class Part(NamedTuple):
    """What training a unit gave; features and weights child by child."""

    unit: Unit
    counts: np.ndarray
    features: np.ndarray
    weights: np.ndarray
    biases: np.ndarray
    n_iter: int
    stopped_early: bool
    has_learned: (
        bool  # to tell some child's rows from the others, though pruning may have undone it
    )


def list_units(data, layouts, n_jobs):
    """What there is to train in the layers that `data` has, by depth, largest first.

    A node's only child has no model, and no rows teach nothing. Children are split where a node
    would take longer than a thread's share of the work.
    """
    nodes = []
    for depth, layer_data in data.items():
        n_children = np.diff(layouts[depth].child_indptr)
        n_rows = np.diff(layer_data.member_indptr)
        parents = np.flatnonzero((n_children > 1) & (n_rows > 0))
        costs = n_rows[parents] * (n_children[parents] + ROW_COST)
        nodes += zip(costs.tolist(), [depth] * len(parents), parents.tolist(), strict=True)
    share = sum(cost for cost, _, _ in nodes) / n_jobs
    units = []
    for cost, depth, parent in sorted(nodes, key=lambda node: -node[0]):
        first, last = layouts[depth].child_indptr[parent : parent + 2].tolist()
        step = padded(-(-(last - first) // (n_jobs if cost > share else 1)))
        units += [
            Unit(depth, start, min(start + step, last), parent)
            for start in range(first, last, step)
        ]
    return units


def train_units(X, data, units, objective, seed):
    """Train units, in their order: a list of `Part`."""
    workspace = Workspace(X)
    return [_train_unit(workspace, data[unit.depth], unit, objective, seed) for unit in units]


def _train_unit(workspace, data, unit, objective, seed):
    members = data.rows_of(unit.parent)
    take = workspace.take_root_rows if unit.depth == 0 else workspace.take_rows
    rows = take(members)
    width = block_width(rows)
    blocks = [
        train_block(
            rows,
            data.weights_of(members),
            data.positives_of(members, start, stop),
            stop - start,
            objective,
            _node_seed(seed, unit),
            workspace,
        )
        for start in range(unit.first, unit.last, width)
        for stop in [min(start + width, unit.last)]
    ]
    columns = [column for block in blocks for column in block.columns]
    return Part(
        unit,
        np.array([len(weights) for _, weights in columns], dtype=np.int64),
        rows.features[np.concatenate([features for features, _ in columns])],
        np.concatenate([weights for _, weights in columns]),
        np.concatenate([block.biases for block in blocks]),
        max(block.n_iter for block in blocks),
        any(block.stopped_early for block in blocks),
        any(block.had_weights for block in blocks)
        and data.can_be_told_apart(members, unit.first, unit.last),
    )


def _node_seed(seed, unit):
    # Every node has a seed of its own, which all blocks of its children share.
    multiples = (seed, 0x9FB21C651E98DF25), (unit.depth, 0xA24BAED4963EE407)
    return sum(a * b for a, b in (*multiples, (unit.parent, 0xD1342543DE82EF95))) % 2**64
