"""From the matrices of cluster membership that PECOS uses to the layers of a tree."""

import numpy as np
import scipy.sparse as sp

from .._checks import as_floats, as_list
from .._sparse import canonical_csr


def parents_of_chain(chain):
    """The layers of `LabelTree.from_cluster_chain`: the only non-zero of every row."""
    parents = []
    n_above = 1
    for depth, layer in enumerate(as_layers(chain, "chain")):
        name = f"chain[{depth}]"
        if not sp.issparse(layer):
            layer = sp.csr_array(np.atleast_2d(as_floats(layer, name)))
        elif layer.format == "csc" and len(layer.indices) < layer.shape[0]:
            # As CSR, rows would take memory, and a shape alone can claim any number of them.
            node = np.setdiff1d(np.arange(len(layer.indices) + 1), layer.indices)[0]
            raise ValueError(f"{name}: row {node} has 0 non-zeros, but nodes have one parent.")
        layer = canonical_csr(layer, name)
        if layer.shape[0] == 0:
            raise ValueError(f"{name} is empty: every layer has at least one node.")
        if layer.shape[1] != n_above:
            above = "for the root" if depth == 0 else f"one per row of chain[{depth - 1}]"
            raise ValueError(
                f"{name} has {layer.shape[1]} column(s), but must have {n_above}, {above}."
            )
        if not np.isfinite(layer.data).all():
            raise ValueError(f"{name} holds NaN or infinity.")
        rows, columns = layer.nonzero()
        n_parents = np.bincount(rows, minlength=layer.shape[0])
        if (n_parents != 1).any():
            node = int(np.argmax(n_parents != 1))
            raise ValueError(
                f"{name}: row {node} has {n_parents[node]} non-zeros, but nodes have one parent."
            )
        parents.append(columns)
        n_above = layer.shape[0]
    return parents


def as_layers(layers, name):
    """The layers as a list, at least one."""
    layers = as_list(layers, name, "layers")
    if not layers:
        raise ValueError(f"{name} is empty: a tree has at least one layer.")
    return layers
