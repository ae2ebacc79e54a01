"""Label trees for the eye: as indented text and as a drawing.

Both show the same nodes, listed from the root down by `_shown_nodes`. A node's only child is no
choice and has no model, so a chain of only children is shown as the last of them.
"""

from numbers import Real
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from .._checks import as_list, check_count, check_number
from .._indexing.label_tree import LabelTree
from .._pipelines import unwrapped
from .._sklearn import check_matplotlib_support
from .._sparse import indptr_of
from ._axes import axes_of

# Labels named where the nodes below are left out.
N_SAMPLES = 3


def export_text(tree, *, label_names=None, max_depth=None, max_children=10, tree_index=0):
    """Write a label tree as indented text.

    Nodes are named by their layer and their position in it, as in ``LabelTree.parents`` and in
    ``layers_`` of a classifier, labels by their names. Of a chain of only children, only the last
    one is written.

    Parameters
    ----------
    tree : LabelTree or estimator
        A tree, or a fitted estimator that has one: an indexer, a classifier, a query completer, or
        a pipeline or search that holds one.
    label_names : sequence of length n_labels or None, default=None
        Names of the labels, in their order. None for the `label_text` of a classifier or else its
        ``classes_``, for the queries of a completer, and for the labels' positions in other cases.
    max_depth : int or None, default=None
        How many levels below the root are written. Where they end, the first labels below a node
        are named. None for all.
    max_children : int or None, default=10
        How many children of a node are written. None for all.
    tree_index : int, default=0
        Which tree of an ensemble.

    Returns
    -------
    str
        A line for each node, without a line break at the end.

    Raises
    ------
    ValueError
        If `label_names` does not have one entry for each label, `max_depth` is not an integer of at
        least 0, `max_children` not one of at least 1, or there is no tree `tree_index`.
    TypeError
        If `tree` is not a label tree and has none.
    NotFittedError
        If it is an estimator that is not fitted.

    See Also
    --------
    plot_label_tree : Draw the tree.

    Examples
    --------
    >>> from sklearn_xmr import TrieIndexer
    >>> from sklearn_xmr.inspection import export_text
    >>> texts = ["a", "ab", "abc", "abd", "abfgh", "abfgi", "bcde", "bcdf"]
    >>> indexer = TrieIndexer(max_leaf_size=1).fit(None, texts)
    >>> print(export_text(indexer, label_names=texts))
    root: 8 labels
    |--- layer 0, node 0: 6 labels
    |   |--- a
    |   |--- layer 1, node 1: 5 labels
    |   |   |--- ab
    |   |   |--- abc
    |   |   |--- abd
    |   |   |--- layer 3, node 4: 2 labels
    |   |   |   |--- abfgh
    |   |   |   |--- abfgi
    |--- layer 2, node 5: 2 labels
    |   |--- bcde
    |   |--- bcdf
    >>> print(export_text(indexer, label_names=texts, max_depth=1))
    root: 8 labels
    |--- layer 0, node 0: 6 labels: a, ab, abc, ...
    |--- layer 2, node 5: 2 labels: bcde, bcdf
    """
    nodes = _shown_nodes(*_tree_and_names(tree, label_names, tree_index), max_depth, max_children)
    return "\n".join(_indent(node.level) + node.text for node in nodes)


def plot_label_tree(
    tree,
    *,
    label_names=None,
    max_depth=None,
    max_children=10,
    tree_index=0,
    ax=None,
    fontsize=None,
):
    """Draw a label tree from left to right, the labels' names at its leaves.

    Parameters
    ----------
    tree : LabelTree or estimator
        A tree, or a fitted estimator that has one: an indexer, a classifier, a query completer, or
        a pipeline or search that holds one.
    label_names : sequence of length n_labels or None, default=None
        Names of the labels, in their order. None for the `label_text` of a classifier or else its
        ``classes_``, for the queries of a completer, and for the labels' positions in other cases.
    max_depth : int or None, default=None
        How many levels below the root are drawn, chains of only children being one. Where they end,
        the first labels below a node are named. None for all.
    max_children : int or None, default=10
        How many children of a node are drawn. None for all.
    tree_index : int, default=0
        Which tree of an ensemble.
    ax : matplotlib Axes or None, default=None
        Where to draw; what is there is cleared. None for the current axes.
    fontsize : float or str or None, default=None
        Size of the names, as matplotlib takes it.

    Returns
    -------
    matplotlib Axes
        The axes that hold the drawing, with the layers at 1, 2, ... on the x-axis.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If `label_names` does not have one entry for each label, `max_depth` is not an integer of at
        least 0, `max_children` not one of at least 1, or there is no tree `tree_index`.
    TypeError
        If `tree` is not a label tree and has none.
    NotFittedError
        If it is an estimator that is not fitted.

    See Also
    --------
    export_text : Write the tree as text.

    Examples
    --------
    >>> from sklearn_xmr import LabelTree
    >>> from sklearn_xmr.inspection import plot_label_tree
    >>> tree = LabelTree.from_parents([[0, 0], [0, 0, 1, 1, 1]])
    >>> ax = plot_label_tree(tree, label_names=["lion", "tiger", "oak", "elm", "ash"])
    >>> [text.get_text() for text in ax.texts]
    ['lion', 'tiger', 'oak', 'elm', 'ash']
    """
    check_matplotlib_support("plot_label_tree")
    from matplotlib.collections import LineCollection

    nodes = _shown_nodes(*_tree_and_names(tree, label_names, tree_index), max_depth, max_children)
    if isinstance(fontsize, Real):
        fontsize = check_number(fontsize, "fontsize", least=0, closed="right", most=1000)
    leaves, heights = _leaves_and_heights(nodes)
    points = [(node.layer + 1, height) for node, height in zip(nodes, heights, strict=True)]

    ax = axes_of(ax)
    ax.clear()
    ax.set_axis_off()
    lines = [
        (points[node.parent], point) for node, point in zip(nodes[1:], points[1:], strict=True)
    ]
    ax.add_collection(LineCollection(lines, colors="0.6", linewidths=0.8))
    ax.plot(*zip(*points, strict=True), "o", markersize=3)
    for leaf in leaves:
        ax.annotate(
            nodes[leaf].text,
            points[leaf],
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=fontsize,
            parse_math=False,
        )
    # The names take about as much room as one layer.
    ax.set(xlim=(-0.2, max(x for x, _ in points) + 1), ylim=(len(leaves) - 0.5, -0.5))
    return ax


class ShownNode(NamedTuple):
    """A node of the tree, or what stands for several that are left out."""

    parent: int  # its position in the list of shown nodes; -1 for the root
    level: int  # number of shown nodes above it
    layer: int  # of the tree; -1 for the root
    text: str


def _shown_nodes(tree, names, max_depth, max_children):
    """The root and what is shown below it, every node before its children."""
    if max_depth is not None:
        max_depth = check_count(max_depth, "max_depth", least=0)
    if max_children is not None:
        max_children = check_count(max_children, "max_children")
    view = _TreeView(tree, names)
    shown = []
    root = ShownNode(-1, 0, -1, view.text(-1, 0, max_depth == 0))
    waiting = [(root, 0)]
    while waiting:
        item, node = waiting.pop()
        position, level = len(shown), item.level + 1
        shown.append(item)
        if node is None or item.level == max_depth:
            continue
        children = view.children(item.layer, node)
        below = []
        for child in children[:max_children]:
            layer, child = view.end_of_chain(item.layer + 1, child)
            text = view.text(layer, child, level == max_depth)
            below.append((ShownNode(position, level, layer, text), child))
        if len(below) < len(children):
            text = f"... and {len(children) - len(below)} more"
            below.append((ShownNode(position, level, item.layer + 1, text), None))
        waiting += reversed(below)
    return shown


class _TreeView:
    """Looks down a tree, which itself only knows the way up. Layer -1 has the root alone."""

    def __init__(self, tree, names):
        self.names = names
        self.last_layer = tree.n_layers - 1
        n_nodes = [1, *(len(parents) for parents in tree.parents)]
        node_of_labels = [np.zeros(tree.n_labels, dtype=np.int32), *tree.ancestors()]
        self._children = [_Groups(*layer) for layer in zip(tree.parents, n_nodes, strict=False)]
        self._labels = [_Groups(*layer) for layer in zip(node_of_labels, n_nodes, strict=True)]

    def children(self, layer, node):
        return self._children[layer + 1][node] if layer < self.last_layer else []

    def end_of_chain(self, layer, node):
        """The node itself or, if it has an only child, the end of the chain that starts there."""
        while len(children := self.children(layer, node)) == 1:
            layer, node = layer + 1, children[0]
        return layer, node

    def text(self, layer, node, with_samples):
        if layer == self.last_layer:
            return str(self.names[node])
        labels = self._labels[layer + 1][node]
        text = "root" if layer < 0 else f"layer {layer}, node {node}"
        text += f": {len(labels):,} label" + "s" * (len(labels) != 1)
        if with_samples and len(labels):
            samples = [str(self.names[label]) for label in labels[:N_SAMPLES]]
            text += ": " + ", ".join(samples + ["..."] * (len(labels) > N_SAMPLES))
        return text


class _Groups:
    """The members of each group, in ascending order."""

    def __init__(self, group_of, n_groups):
        self.members = np.argsort(group_of, kind="stable")
        self.indptr = indptr_of(np.bincount(group_of, minlength=n_groups))

    def __getitem__(self, group):
        return self.members[self.indptr[group] : self.indptr[group + 1]]


def _indent(level):
    return "|   " * (level - 1) + "|--- " * (level > 0)


def _leaves_and_heights(nodes):
    """Positions of the nodes without children, one below the other, and the height of every node.

    A node stands halfway between its first child and its last one.
    """
    heights = np.full(len(nodes), np.nan)
    is_parent = np.zeros(len(nodes), dtype=bool)
    is_parent[[node.parent for node in nodes[1:]]] = True
    leaves = np.flatnonzero(~is_parent)
    heights[leaves] = np.arange(len(leaves))
    first, last = heights.copy(), heights.copy()
    for position in range(len(nodes) - 1, 0, -1):
        heights[position] = (first[position] + last[position]) / 2
        parent = nodes[position].parent
        first[parent] = np.fmin(first[parent], heights[position])
        last[parent] = np.fmax(last[parent], heights[position])
    heights[0] = (first[0] + last[0]) / 2
    return leaves, heights


def _tree_and_names(holder, label_names, tree_index):
    """A tree that something is or holds, and the names of its labels."""
    trees, names = _find_trees(holder)
    tree = trees[check_count(tree_index, "tree_index", least=0, most=len(trees) - 1)]
    if label_names is None:
        return tree, range(tree.n_labels) if names is None else names
    if not isinstance(label_names, str):  # a letter for each label
        label_names = as_list(label_names, "label_names", "names")
    if len(label_names) != tree.n_labels:
        raise ValueError(
            f"label_names must have one entry for each of {tree.n_labels} labels, got "
            f"{len(label_names)}."
        )
    return tree, list(label_names)


def _find_trees(holder):
    """The trees, and names of their labels or None."""
    _, holder = unwrapped(holder)
    if isinstance(holder, LabelTree):
        return [holder], None
    if hasattr(holder, "classifier_"):
        return _find_trees(holder.classifier_)
    if hasattr(holder, "trees_"):
        return [tree.label_tree for tree in holder.trees_], _names_of_labels(holder)
    if isinstance(getattr(holder, "tree_", None), LabelTree):
        return [holder.tree_], None
    if isinstance(holder, BaseEstimator):
        check_is_fitted(holder)
    raise TypeError(
        f"tree must be a LabelTree or a fitted estimator that has one, got {type(holder).__name__}."
    )


def _names_of_labels(classifier):
    texts, classes = classifier.label_text, classifier.classes_.tolist()
    if isinstance(texts, dict):
        return [texts[label] for label in classes]
    return classes if texts is None else texts
