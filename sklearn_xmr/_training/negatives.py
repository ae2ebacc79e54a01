"""Which rows train the children of each node, beside those that are right below it."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._indexing.tree_layout import positive_nodes
from .._matching.beam_search import advance
from .._sparse import array_of_numbers, marked
from .training_units import LayerData

SCHEMES = "tfn", "man", "tfn+man"


class Search(NamedTuple):
    """How rows are sent down the layers above.

    Attributes
    ----------
    beam_width, transform : int
        As `advance` takes them.
    max_weights : int or None
        What the layers are pruned to, beside the threshold that they are trained for.
    """

    beam_width: int
    transform: int
    max_weights: int | None


class Negatives(NamedTuple):
    """How the rows of nodes are chosen.

    Attributes
    ----------
    schemes : str or tuple of str
        One of `SCHEMES` for all layers, or one for each.
    marks : csr_array of shape (n_rows, n_labels or n_nodes of a layer) or None
        Rows that go to a node whatever else is said: nonzero.
    search : Search or None
        For "man"; None if no layer's rows depend on the models above it.
    """

    schemes: str | tuple
    marks: sp.csr_array | None
    search: Search | None

    def rows(self, kept):
        """The same for some of the rows."""
        return self if self.marks is None else self._replace(marks=self.marks[kept])

    def of_layers(self, n_layers):
        """The scheme of each layer."""
        if isinstance(self.schemes, str):
            return (self.schemes,) * n_layers
        if len(self.schemes) != n_layers:
            raise ValueError(
                f"negatives must name a scheme for each of the tree's {n_layers} layers, got "
                f"{len(self.schemes)}: {self.schemes!r}."
            )
        return self.schemes

    def marked_nodes(self, tree, layouts):
        """For each layer down to that of the marks the nodes that rows are sent to.

        Returns
        -------
        list of csr_array of shape (n_rows, n_nodes)
            Columns are inner numbers.
        """
        if self.marks is None:
            return []
        n_nodes = [len(parents) for parents in tree.parents]
        n_rows, width = self.marks.shape
        if width not in n_nodes:
            shapes = ", ".join(f"({n_rows}, {n})" for n in dict.fromkeys(reversed(n_nodes)))
            raise ValueError(
                f"negatives has shape {self.marks.shape}; it must have a column for each label, or "
                f"for each node of a layer of the tree: {shapes}."
            )
        depth = max(d for d, n in enumerate(n_nodes) if n == width)
        return positive_nodes(self.marks, layouts[: depth + 1])


def checked_negatives(negatives, of_fit, n_rows, search):
    """Read the parameter `negatives` and the argument of the same name of `fit`.

    Parameters
    ----------
    negatives : str or sequence of str
    of_fit : array-like or sparse matrix or None
    n_rows : int
    search : Search

    Returns
    -------
    Negatives

    Raises
    ------
    ValueError
        If a scheme is unknown, or a matrix has not a row for each of X or holds no finite numbers.
    """
    schemes = negatives if isinstance(negatives, str) else tuple(negatives)
    named = (schemes,) if isinstance(schemes, str) else schemes
    for scheme in named:
        if not isinstance(scheme, str) or scheme not in SCHEMES:
            raise ValueError(
                f"negatives must name schemes, each one of {SCHEMES}; got {scheme!r}. Matrices go "
                "to fit(negatives=...)."
            )
    marks = None if of_fit is None else _checked_marks(of_fit, n_rows)
    return Negatives(schemes, marks, search if any("man" in scheme for scheme in named) else None)


def _checked_marks(marks, n_rows):
    marks = array_of_numbers(marks, "negatives")
    if marks.ndim != 2 or marks.shape[0] != n_rows:
        raise ValueError(
            f"negatives has shape {marks.shape}; it must have as many rows as X, {n_rows}, and a "
            "column for each label or node."
        )
    return marked(marks, "negatives")


class TrainingRows:
    """Which rows train each layer, and which of them are positive; found out from the top down.

    Parameters
    ----------
    data : TrainingData
    tree : LabelTree
    layouts : list of LayerLayout
    n_threads : int
    """

    def __init__(self, data, tree, layouts, n_threads):
        self._X, self._layouts, self._n_threads = data.X, layouts, n_threads
        self._schemes = data.negatives.of_layers(len(layouts))
        self._search = data.negatives.search
        self._positives = positive_nodes(data.Y, layouts)
        self._marked = data.negatives.marked_nodes(tree, layouts)
        self._costs = data.costs.of_layers(self._positives, layouts)
        self.depth = 0  # of the layer that has been reached, counted from the root
        self._beam = np.zeros((data.X.shape[0], 1), dtype=np.int32)
        self._scores = np.zeros((data.X.shape[0], 1), dtype=np.float32)

    def advance(self, weights):
        """Send all rows down one layer, which has these `LayerWeights`, to the nodes they reach."""
        layout, search = self._layouts[self.depth], self._search
        shape = layout, self._X.shape[1]
        layer, _ = weights.pack(*shape, search.max_weights, self._n_threads)
        reached = layer, self._X, self._beam, self._scores
        self._beam, self._scores = advance(
            *reached, search.beam_width, search.transform, self._n_threads
        )
        self.depth += 1

    def match(self, depth, matching):
        """Send all rows to the nodes above layer `depth` that a matcher gives, if it asks them."""
        self.depth = depth
        if self.wait(depth):
            self._beam, self._scores = matching.start(self._X, self._search.beam_width)

    def wait(self, depth):
        """Whether those of a layer depend on the models above it."""
        return depth > 0 and "man" in self._schemes[depth]

    def of_layer(self, depth):
        """The `LayerData` of a layer; if it has to wait, rows must have reached the layer above."""
        scheme, layout = self._schemes[depth], self._layouts[depth]
        members = [_nodes_above(self._marked, depth)] if depth <= len(self._marked) > 0 else []
        if "tfn" in scheme:
            members.append(_nodes_above(self._positives, depth))
        if "man" in scheme:
            members.append(_indicator(self._beam, len(layout.child_indptr) - 1))
        members, positives, costs = _union(members), self._positives[depth], self._costs[depth]
        if scheme == "man":
            kept = _are_below(positives, members, layout.child_indptr)
            positives, costs = _entries(positives, kept), costs.of_positives(kept)
        return LayerData.gather(members, positives, costs)


def _nodes_above(nodes, depth):
    # The root has the rows that have anything.
    if depth == 0:
        return sp.csr_array(np.diff(nodes[0].indptr)[:, None] > 0)
    return nodes[depth - 1]


def _indicator(beam, n_nodes):
    # A beam as CSR, with sorted columns.
    beam = np.sort(beam, axis=1)
    reached = beam >= 0
    indptr = np.concatenate([[0], np.cumsum(reached.sum(axis=1))])
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
    indptr = np.concatenate([[0], np.cumsum(kept)])[indicator.indptr]
    parts = indicator.data[kept], indicator.indices[kept], indptr
    return sp.csr_array(parts, shape=indicator.shape)


def _places(indicator, columns):
    # Row and column of each entry as one number.
    rows = np.repeat(np.arange(indicator.shape[0]), np.diff(indicator.indptr))
    return rows << 32 | columns
