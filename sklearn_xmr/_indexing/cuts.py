"""Trees over sorted labels: a layer is its *cut*, the positions at which its nodes begin.

The labels stand in one order, and what lies below a node is a range of it.
"""

from itertools import pairwise

import numpy as np

from .label_tree import LabelTree


def node_sizes(cut, n_rows):
    """How many rows each node of a cut has."""
    return np.diff(cut, append=n_rows)


def tree_of_cuts(order, cuts):
    """Make a `LabelTree`.

    Parameters
    ----------
    order : ndarray of int32 of shape (n_labels,)
        The labels in the order that is cut.
    cuts : list of ndarray of int64
        The cuts of all layers, the root's included. In the last one, every node is a label.
    """
    parents = [np.searchsorted(above, cut, side="right") - 1 for above, cut in pairwise(cuts)]
    parents[-1][order] = parents[-1].copy()
    return LabelTree(parents)
