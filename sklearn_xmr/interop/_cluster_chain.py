"""Label trees as folders of npz files, one for each layer of the tree."""

import re

from .._checks import check_path
from .._files import new_folder, read_count, read_json, read_npz, write_json, write_npz
from .._indexing.label_tree import LabelTree


def load_cluster_chain(folder):
    """Load a label tree from a cluster chain that PECOS, or :func:`dump_cluster_chain`, has saved.

    Parameters
    ----------
    folder : str or path-like
        The folder. Its file ``config.json`` holds ``{"len": n}``, and ``C0.npz`` to ``C{n-1}.npz``
        hold the matrices that :meth:`sklearn_xmr.LabelTree.from_cluster_chain` takes, top first.

    Returns
    -------
    LabelTree
        The tree.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is cut short or altered, or if the matrices are not those of a tree. The message
        says which and why.

    See Also
    --------
    dump_cluster_chain : Writes such folders.
    load_pecos_model : Loads a model and its tree.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn_xmr import LabelTree
    >>> from sklearn_xmr.interop import dump_cluster_chain, load_cluster_chain
    >>> tree = LabelTree.from_parents([[0, 0], [1, 0, 1]])
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     dump_cluster_chain(tree, f"{parent}/tree")
    ...     load_cluster_chain(f"{parent}/tree") == tree
    True
    """
    folder = check_path(folder, "folder")
    config = folder / "config.json"
    n_layers = read_count(read_json(config), "len", config)
    chain = [read_npz(folder / f"C{depth}.npz") for depth in range(n_layers)]
    return tree_of_chain(chain, [folder / f"C{depth}.npz" for depth in range(n_layers)])


def tree_of_chain(chain, paths):
    """The tree of the matrices that were in these files, top first."""
    try:
        return LabelTree.from_cluster_chain(chain)
    except ValueError as error:
        # It says "chain[1]"; whoever reads it knows the file.
        problem = re.sub(r"chain\[(\d+)\]", lambda match: str(paths[int(match[1])]), str(error))
        raise ValueError(problem) from error


def dump_cluster_chain(tree, folder):
    """Write a label tree as a cluster chain that PECOS can load.

    ``ClusterChain.load(folder)`` reads it there.

    Parameters
    ----------
    tree : LabelTree
        The tree.
    folder : str or path-like
        The folder to make. It appears when all is written.

    Raises
    ------
    TypeError
        If `tree` is not a `LabelTree`.
    FileExistsError
        If there is something of the name of `folder` already.

    See Also
    --------
    load_cluster_chain : Reads such folders.

    Examples
    --------
    >>> import os
    >>> import tempfile
    >>> from sklearn_xmr import LabelTree
    >>> from sklearn_xmr.interop import dump_cluster_chain
    >>> tree = LabelTree.from_parents([[0, 0], [1, 0, 1]])
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     dump_cluster_chain(tree, f"{parent}/tree")
    ...     sorted(os.listdir(f"{parent}/tree"))
    ['C0.npz', 'C1.npz', 'config.json']
    """
    if not isinstance(tree, LabelTree):
        raise TypeError(f"tree must be a LabelTree, got {type(tree).__name__}.")
    with new_folder(folder) as made:
        write_json(made / "config.json", {"len": tree.n_layers})
        for depth, layer in enumerate(tree.to_cluster_chain()):
            write_npz(made / f"C{depth}.npz", layer)
