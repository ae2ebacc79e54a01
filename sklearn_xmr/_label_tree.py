"""The tree of labels: for every layer the parent of each node, as plain arrays and nothing else."""

import numpy as np
import scipy.sparse as sp


class LabelTree:
    """Tree whose last layer holds one node per label.

    Make one with :meth:`from_parents` or :meth:`from_cluster_chain`, or let an indexer grow it.

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
        holds something else than whole numbers, or a node whose parent does not exist.

    See Also
    --------
    HierarchicalKMeansIndexer : Grow a tree from label features.

    Notes
    -----
    Siblings need not be contiguous, and inner nodes may be without children.

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
        return cls(_parents_of_chain(chain))

    def to_cluster_chain(self):
        """Give the tree as the matrices of cluster membership that PECOS uses.

        Returns
        -------
        list of csc_array of float32, each of shape (n_children, n_parents)
            For each layer, top first, a matrix with a one where the node of that column is the
            parent of the node of that row. The first one has a single column: the root.

        Examples
        --------
        >>> from sklearn_xmr import LabelTree
        >>> tree = LabelTree.from_parents([[0, 0], [0, 1, 0]])
        >>> [layer.toarray().tolist() for layer in tree.to_cluster_chain()]
        [[[1.0], [1.0]], [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]]
        """
        n_above = [1, *map(len, self.parents)]
        return [
            sp.csr_array(
                (np.ones(len(layer), np.float32), layer, np.arange(len(layer) + 1, dtype=np.int32)),
                shape=(len(layer), n_parents),
            ).tocsc()
            for layer, n_parents in zip(self.parents, n_above, strict=False)
        ]

    @property
    def n_labels(self):
        """Number of labels, which are the nodes of the last layer."""
        return len(self.parents[-1])

    @property
    def n_layers(self):
        """Number of layers below the root."""
        return len(self.parents)

    def _ancestors(self):
        """For each layer, top first, the node of that layer above (or at) every label."""
        nodes = np.arange(self.n_labels, dtype=np.int32)
        ancestors = [nodes]
        for layer in reversed(self.parents[1:]):
            nodes = layer[nodes]
            ancestors.append(nodes)
        return ancestors[::-1]

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
    """Read-only int32 copies of the layers, or an error that says where it is no tree."""
    try:
        layers = list(parents)
    except TypeError:
        raise TypeError(
            f"parents must be a list with one array of integers per layer, got {parents!r}"
        ) from None
    if not layers:
        raise ValueError("parents is empty: a tree has at least one layer")
    checked = []
    n_above = 1
    for depth, layer in enumerate(layers):
        layer = _checked_layer(layer, depth, n_above)
        checked.append(layer)
        n_above = len(layer)
    return checked


def _checked_layer(layer, depth, n_above):
    try:
        layer = np.asarray(layer)
    except ValueError:
        raise ValueError(f"parents[{depth}] must be a 1-D array of integers") from None
    if layer.ndim != 1:
        raise ValueError(f"parents[{depth}] must be a 1-D array, got {layer.ndim} dimensions")
    if len(layer) == 0:
        raise ValueError(f"parents[{depth}] is empty: every layer has at least one node")
    if layer.dtype.kind not in "iuf":
        raise TypeError(f"parents[{depth}] must hold integers, got dtype {layer.dtype}")
    # Written so that NaN is refused, too.
    bad = np.flatnonzero(~((layer >= 0) & (layer < n_above) & (layer == np.floor(layer))))
    if len(bad):
        node = bad[0]
        above = "the root, 0" if depth == 0 else f"a node of the layer above, 0 to {n_above - 1}"
        raise ValueError(
            f"parents[{depth}][{node}] is {layer[node]}, but the parent of node {node} of layer "
            f"{depth} must be {above}"
        )
    layer = layer.astype(np.int32)
    layer.flags.writeable = False
    return layer


def _parents_of_chain(chain):
    """The only non-zero of every row, layer by layer."""
    parents = []
    n_above = 1
    for depth, layer in enumerate(chain):
        layer = sp.csr_array(layer, copy=True)
        if layer.ndim != 2 or layer.shape[1] != n_above:
            raise ValueError(
                f"chain[{depth}] has shape {layer.shape}, but needs {n_above} column(s): one per "
                + ("root" if depth == 0 else f"row of chain[{depth - 1}]")
            )
        layer.sum_duplicates()
        layer.eliminate_zeros()
        if not np.isfinite(layer.data).all():
            raise ValueError(f"chain[{depth}] holds NaN or infinity")
        n_parents = np.diff(layer.indptr)
        bad = np.flatnonzero(n_parents != 1)
        if len(bad):
            raise ValueError(
                f"node {bad[0]} of layer {depth} has {n_parents[bad[0]]} parents: row {bad[0]} of "
                f"chain[{depth}] must have exactly one non-zero"
            )
        parents.append(layer.indices)
        n_above = layer.shape[0]
    return parents
