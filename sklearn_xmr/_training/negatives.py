"""How the rows that train a node are chosen, beside those that have a label below it."""

from typing import NamedTuple

import scipy.sparse as sp

from .._matching.tree_layout import positive_nodes
from .._sparse import array_of_numbers, marked

SCHEMES = "tfn", "man", "tfn+man"


class Negatives(NamedTuple):
    """How the rows of nodes are chosen.

    Attributes
    ----------
    schemes : str or tuple of str
        One of `SCHEMES` for all layers, or one for each.
    marks : csr_array of shape (n_rows, n_labels or n_nodes of a layer) or None
        Rows that go to a node whatever else is said: nonzero.
    search : dict
        How "man" sends rows down the layers above: `beam_width` and `transform`, as `advance`
        takes them, and `max_weights`, to which the layers are pruned. Empty where no layer asks.
    """

    schemes: str | tuple
    marks: sp.csr_array | None
    search: dict

    def rows(self, kept):
        """The same for some of the rows."""
        return self if self.marks is None else self._replace(marks=self.marks[kept])

    def scheme_per_layer(self, n_layers):
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


def check_negatives(negatives, matrix, n_rows, **search):
    """Read the parameter `negatives`, and the matrix that `fit` takes under the same name.

    Parameters
    ----------
    negatives : str or sequence of str
    matrix : array-like or sparse matrix or None
    n_rows : int
    **search
        As `Negatives` has it.

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
                f"negatives must name schemes, each one of {SCHEMES}, got {scheme!r}. Matrices go "
                "to fit(negatives=...)."
            )
    marks = None if matrix is None else _checked_marks(matrix, n_rows)
    return Negatives(schemes, marks, search if any("man" in scheme for scheme in named) else {})


def _checked_marks(marks, n_rows):
    marks = array_of_numbers(marks, "negatives")
    if marks.ndim != 2 or marks.shape[0] != n_rows:
        raise ValueError(
            f"negatives has shape {marks.shape}; it must have as many rows as X, {n_rows}, and a "
            "column for each label or node."
        )
    return marked(marks, "negatives")
