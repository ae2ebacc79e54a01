"""The tree of labels: for every layer the parent of each node, as plain arrays and nothing else."""

import numpy as np
import scipy.sparse as sp

from .._checks import MAX_INT32, check_count
from .._sparse import in_configured_container
from .cluster_chain import as_layers, parents_of_chain
from .taxonomy import parents_of_taxonomy


class LabelTree:
    """Tree whose last layer holds one node per label.

    Make one with :meth:`from_parents`, :meth:`from_cluster_chain`, :meth:`from_taxonomy` or
    :meth:`flat`, or let an indexer grow it.

    Parameters
    ----------
    parents : list of array-like of int, each of shape (n_nodes_of_layer,)
        For each layer, top first, the position of every node's parent in the layer above. The
        nodes of the first layer are the children of the root, so its entries are 0. The last
        layer has one node per label, in the order of the labels.

    Attributes
    ----------
    parents : list of ndarray of int32, each of shape (n_nodes_of_layer,)
        The same, as read-only copies.
    n_labels : int
        Number of nodes of the last layer.
    n_layers : int
        Number of layers below the root.

    Raises
    ------
    TypeError
        If `parents` is not a list of integer arrays.
    ValueError
        If `parents` is not a tree: no layer at all, an empty layer, a layer that is not 1-D or
        holds something other than whole numbers, or a node whose parent does not exist.

    See Also
    --------
    HierarchicalKMeansIndexer : Grow a tree from label features.

    Notes
    -----
    Siblings need not be contiguous, and inner nodes may have no children.

    Examples
    --------
    Two clusters that hold five labels:

    >>> from sklearn_xmr import LabelTree
    >>> tree = LabelTree.from_parents([[0, 0], [0, 0, 1, 1, 1]])
    >>> tree
    LabelTree(n_labels=5, nodes_per_layer=[2, 5])
    >>> tree.parents[1]
    array([0, 0, 1, 1, 1], dtype=int32)
    """

    def __init__(self, parents):
        self.parents = _checked_parents(parents)

    @classmethod
    def from_parents(cls, parents):
        """Make a tree from the parent of every node.

        Parameters
        ----------
        parents : list of array-like of int, each of shape (n_nodes_of_layer,)
            For each layer, top first, the position of every node's parent in the layer above; all
            zeros in the first layer, whose parent is the root. Any integer dtype.

        Returns
        -------
        LabelTree
            The tree, which holds copies.

        Raises
        ------
        TypeError
            If `parents` is not a list of integer arrays.
        ValueError
            If `parents` is not a tree; the message names the layer and the node.

        Examples
        --------
        >>> from sklearn_xmr import LabelTree
        >>> LabelTree.from_parents([[0, 0], [1, 0, 1]]).n_labels
        3
        """
        return cls(parents)

    @classmethod
    def from_cluster_chain(cls, chain):
        """Make a tree from the matrices of cluster membership that PECOS uses.

        Parameters
        ----------
        chain : list of {sparse matrix, sparse array, ndarray} of shape (n_children, n_parents)
            For each layer, top first, a matrix with a non-zero where the node of that column is
            the parent of the node of that row. The first one has a single column: the root.

        Returns
        -------
        LabelTree
            The tree.

        Raises
        ------
        ValueError
            If a node has no parent or several, if a value is not a finite number, if shapes do
            not chain, or if the chain or one of its layers is empty.

        Examples
        --------
        >>> import scipy.sparse as sp
        >>> from sklearn_xmr import LabelTree
        >>> chain = [sp.csc_array([[1.0], [1.0]]), sp.csc_array([[1, 0], [0, 1], [1, 0]])]
        >>> LabelTree.from_cluster_chain(chain).parents[1]
        array([0, 1, 0], dtype=int32)
        """
        return cls(parents_of_chain(chain))

    @classmethod
    def from_taxonomy(cls, labels, broader):
        """Make a tree from the broader concept of each concept of a vocabulary.

        Parameters
        ----------
        labels : sequence of hashable of shape (n_labels,)
            The labels, all different, in the order of ``classes_``.
        broader : dict of {concept: broader concept} or iterable of pairs of the two
            The hierarchy. Concepts may be labels or not. One that has no broader concept, or None,
            hangs from the root; what is above no label is left out.

        Returns
        -------
        LabelTree
            The tree. Its inner nodes are the concepts that some label is below. A label that is
            one of these itself is a leaf below it, beside the narrower ones. Nodes are numbered by
            their first label.

        Raises
        ------
        TypeError
            If `labels` is a string, or a label or concept is not hashable.
        ValueError
            If there are no labels or one comes twice, if a concept has several broader concepts,
            or if broader concepts go round in a circle; the message names the concepts.

        Notes
        -----
        All labels are on the last layer. One whose concepts end higher up goes on as an only child
        until there, which costs a search nothing.

        Examples
        --------
        >>> from sklearn_xmr import LabelTree
        >>> broader = {"cats": "pets", "dogs": "pets", "pets": "animals", "wasps": "animals"}
        >>> tree = LabelTree.from_taxonomy(["cats", "dogs", "pets", "wasps"], broader)
        >>> for parents in tree.parents:
        ...     print(parents)
        [0]
        [0 0]
        [0 0 0 1]
        """
        return cls(parents_of_taxonomy(labels, broader))

    @classmethod
    def flat(cls, n_labels):
        """Make a tree of one layer: all labels hang from the root, one versus the rest.

        Parameters
        ----------
        n_labels : int
            Number of labels, at least 1.

        Returns
        -------
        LabelTree
            The tree.

        Raises
        ------
        ValueError
            If `n_labels` is not an integer of at least 1.

        Examples
        --------
        >>> from sklearn_xmr import LabelTree
        >>> LabelTree.flat(3).parents
        [array([0, 0, 0], dtype=int32)]
        """
        return cls([np.zeros(check_count(n_labels, "n_labels", most=MAX_INT32), dtype=np.int32)])

    def to_cluster_chain(self):
        """Give the tree as the matrices of cluster membership that PECOS uses.

        Returns
        -------
        list of csc_matrix of float32, each of shape (n_children, n_parents)
            For each layer, top first, a matrix with a one where the node of that column is the
            parent of the node of that row. The first one has a single column: the root. It is a
            list of csc_array where scikit-learn is configured with ``sparse_interface="sparray"``.

        Examples
        --------
        >>> from sklearn_xmr import LabelTree
        >>> tree = LabelTree.from_parents([[0, 0], [0, 1, 0]])
        >>> [layer.toarray().tolist() for layer in tree.to_cluster_chain()]
        [[[1.0], [1.0]], [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]]
        """
        chain = []
        n_above = 1
        for layer in self.parents:
            n_nodes = len(layer)
            entries = (
                np.ones(n_nodes, dtype=np.float32),
                (np.arange(n_nodes, dtype=np.int32), layer),
            )
            membership = sp.csc_array(entries, shape=(n_nodes, n_above))
            chain.append(in_configured_container(membership))
            n_above = n_nodes
        return chain

    def collapse(self, layers):
        """Leave out layers: their nodes' children become children of the nodes' parents.

        Parameters
        ----------
        layers : int or sequence of int
            Positions of the layers to leave out, top first from 0; negative ones count from the
            last layer, which holds the labels and has to stay.

        Returns
        -------
        LabelTree
            The shallower, wider tree. Inner nodes of the layers that stay keep their numbers.

        Raises
        ------
        TypeError
            If `layers` holds something other than integers.
        ValueError
            If a position is not that of a layer above the labels.

        Examples
        --------
        >>> from sklearn_xmr import LabelTree
        >>> tree = LabelTree.from_parents([[0, 0], [0, 1, 1], [2, 0, 1, 2]])
        >>> tree.collapse(1).parents
        [array([0, 0], dtype=int32), array([1, 0, 1, 1], dtype=int32)]
        >>> tree.collapse([0, 1]) == LabelTree.flat(4)
        True
        """
        gone = {self._inner_layer(position) for position in np.atleast_1d(layers).tolist()}
        parents = []
        node_above = None  # of each node of the layer above, if that layer is gone
        for depth, layer in enumerate(self.parents):
            layer = layer if node_above is None else node_above[layer]
            node_above = layer if depth in gone else None
            if depth not in gone:
                parents.append(layer)
        return LabelTree(parents)

    def _inner_layer(self, position):
        """The depth of a layer above the labels that a user names by its position."""
        position = check_count(position, "layers", least=-self.n_layers, most=self.n_layers - 1)
        depth = position % self.n_layers
        if depth == self.n_layers - 1:
            raise ValueError(
                f"layers must be above the last one, which holds the labels, got {position}."
            )
        return depth

    @property
    def n_labels(self):
        """Number of labels, which are the nodes of the last layer."""
        return len(self.parents[-1])

    @property
    def n_layers(self):
        """Number of layers below the root."""
        return len(self.parents)

    def ancestors(self):
        """Find the nodes on the way from the root to each label.

        Returns
        -------
        ndarray of int32 of shape (n_layers, n_labels)
            For each layer, top first, the position of the node above every label. The last row is
            the labels themselves.

        Examples
        --------
        >>> from sklearn_xmr import LabelTree
        >>> LabelTree.from_parents([[0, 0], [1, 0, 1], [2, 0, 1, 1]]).ancestors()
        array([[1, 1, 0, 0],
               [2, 0, 1, 1],
               [0, 1, 2, 3]], dtype=int32)
        """
        ancestors = np.empty((self.n_layers, self.n_labels), dtype=np.int32)
        ancestors[-1] = np.arange(self.n_labels)
        for depth in range(self.n_layers - 1, 0, -1):
            ancestors[depth - 1] = self.parents[depth][ancestors[depth]]
        return ancestors

    def __eq__(self, other):
        if not isinstance(other, LabelTree):
            return NotImplemented
        return self.n_layers == other.n_layers and all(
            map(np.array_equal, self.parents, other.parents)
        )

    __hash__ = None

    def __repr__(self):
        sizes = [len(layer) for layer in self.parents]
        return f"LabelTree(n_labels={self.n_labels}, nodes_per_layer={sizes})"

    def __setstate__(self, state):
        # Arrays come back writeable from a pickle.
        self.__dict__.update(state)
        for layer in self.parents:
            layer.flags.writeable = False


def _checked_parents(parents):
    """Read-only int32 copies of the layers, or an error that says why they are not a tree."""
    checked = []
    n_above = 1
    for depth, layer in enumerate(as_layers(parents, "parents")):
        checked.append(_checked_layer(layer, depth, n_above))
        n_above = len(checked[-1])
    return checked


def _checked_layer(layer, depth, n_above):
    name = f"parents[{depth}]"
    try:
        layer = np.asarray(layer)
    except ValueError:
        raise ValueError(f"{name} must be a 1-D array of integers, got {layer!r}.") from None
    if layer.ndim != 1:
        raise ValueError(f"{name} must be 1-D, got {layer.ndim} dimensions.")
    if len(layer) == 0:
        raise ValueError(f"{name} is empty: every layer has at least one node.")
    if layer.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold integers, got dtype {layer.dtype}.")
    # Written so that NaN is refused, too.
    good = (layer >= 0) & (layer < n_above) & (layer == np.floor(layer))
    if not good.all():
        node = int(np.argmin(good))
        nodes_above = "0, the root" if depth == 0 else f"0 to {n_above - 1}"
        raise ValueError(
            f"{name}[{node}] is {layer[node]}, which is no node of the layer above ({nodes_above})."
        )
    layer = layer.astype(np.int32)
    layer.flags.writeable = False
    return layer
