"""Cut fitted classifiers to size, take them apart and put them together again.

Nothing is trained: models of nodes are carried over, and labels that stay keep their scores, to the
last bit.
"""

from dataclasses import replace
from itertools import chain

import numpy as np
import scipy.sparse as sp

from .._checks import as_list, check_count
from .._fitted_model import Tree
from .._fitted_state import fitted_model
from .._indexing.label_inputs import plain_texts
from .._matching.layer_parts import concatenate_layers, pack_layers, select_nodes, unpack_layers
from .._matching.score_pairs import label_positions
from .._targets import TargetForm
from .._xr_linear import plain_model, with_model

ROOT = np.ones(1, dtype=bool)


def restrict(model, labels):
    """Cut a classifier down to some of its labels.

    Parameters
    ----------
    model : XRLinearClassifier
        The fitted classifier.
    labels : array-like of shape (n_kept,)
        Values of ``classes_`` to keep, in any order.

    Returns
    -------
    XRLinearClassifier
        A fitted copy that knows these labels alone. It has the nodes that lead to them and no
        others. Every label has the score it had, and the whole beam goes to labels that are left:
        it ranks as ``model.rank(X, candidates=...)`` does. Where ``classes_`` are columns of an
        indicator they keep their numbers; predictions have a column for each that is left.

    Raises
    ------
    TypeError
        If `model` is not an `XRLinearClassifier`.
    ValueError
        If `labels` is empty, not 1-D, or holds what is not among the classes, or `model` has a
        matcher or ranker.

    Examples
    --------
    >>> from sklearn_xmr import XRLinearClassifier, surgery
    >>> X, y = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], ["red", "green", "blue"]
    >>> model = XRLinearClassifier(random_state=0).fit(X, y)
    >>> surgery.restrict(model, ["red", "blue"]).classes_
    array(['blue', 'red'], dtype='<U5')
    """
    fitted = plain_model(model, "model", one_tree=False)
    positions = label_positions(labels, fitted.classes_and_filler)
    if positions.ndim != 1 or len(positions) == 0 or positions.min() < 0:
        raise ValueError(
            "labels must be a 1-D array of at least one label, and no fillers, got "
            f"shape {positions.shape}."
        )
    kept = np.zeros(len(fitted.classes), dtype=bool)
    kept[positions] = True
    trees = []
    for tree in fitted.trees:
        nodes = _nodes_above(tree.label_tree, kept)
        parts = select_nodes(unpack_layers(tree.layers, tree.label_tree), nodes, ROOT)
        label_tree, layers = pack_layers(parts, fitted.n_features)
        trees.append(Tree(label_tree, _with_ties_of(tree.layers, layers, nodes)))
    restricted = fitted.relabelled(
        trees, fitted.classes[kept], fitted.n_iter, is_added=fitted.is_added[kept]
    )
    restricted = restricted.hiding_those_of(fitted)
    return with_model(model, restricted, **_label_params(model, kept))


def take_top(model, depth):
    """Take the upper layers of a classifier, as one that ranks the nodes of its last layer.

    Parameters
    ----------
    model : XRLinearClassifier
        The fitted classifier.
    depth : int
        The last layer to take, counted from 0 as in ``layers_``; not the last one of the model.

    Returns
    -------
    XRLinearClassifier
        A fitted classifier. Its ``classes_`` are the numbers of the nodes of that layer, as in
        ``model.label_tree_``, that lead to a label; its predictions are a sparse indicator.

    Raises
    ------
    TypeError
        If `model` is not an `XRLinearClassifier`.
    ValueError
        If there is no layer of that depth, or it is the last, or `model` is an ensemble or has a
        matcher or ranker.

    See Also
    --------
    take_subtree : Takes what is below one of the nodes.

    Examples
    --------
    >>> from sklearn_xmr import LabelTree, XRLinearClassifier, surgery
    >>> X, y = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], ["red", "green", "blue"]
    >>> tree = LabelTree.from_parents([[0, 0], [1, 1, 0]])
    >>> model = XRLinearClassifier(tree, random_state=0).fit(X, y)
    >>> surgery.take_top(model, 0).classes_
    array([0, 1])
    """
    fitted = plain_model(model, "model")
    tree, layers = fitted.trees[0]
    depth = _depth_of_cut(depth, tree)
    nodes = _nodes_above(tree, np.ones(tree.n_labels, dtype=bool))[: depth + 1]
    parts = select_nodes(unpack_layers(layers, tree)[: depth + 1], nodes, ROOT)
    top = fitted.relabelled(
        [Tree(*pack_layers(parts, fitted.n_features))],
        np.flatnonzero(nodes[-1]),
        fitted.n_iter[: depth + 1],
        target_form=TargetForm("sparse", np.dtype(np.int64)),
    )
    return with_model(model, top, label_text=None, label_prior=None)


def take_subtree(model, depth, node):
    """Take what is below a node of a classifier.

    Parameters
    ----------
    model : XRLinearClassifier
        The fitted classifier.
    depth : int
        The node's layer, counted from 0 as in ``layers_``; not the last one.
    node : int
        The node's number in that layer, as in ``model.label_tree_``.

    Returns
    -------
    XRLinearClassifier
        A fitted classifier of the labels below the node. Scores start there: those of the path to
        the node are left out.

    Raises
    ------
    TypeError
        If `model` is not an `XRLinearClassifier`.
    ValueError
        If there is no such node, it is a label, no label lies below it, or `model` is an ensemble
        or has a matcher or ranker.

    See Also
    --------
    join : Puts subtrees below a top again.

    Examples
    --------
    >>> from sklearn_xmr import LabelTree, XRLinearClassifier, surgery
    >>> X, y = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], ["red", "green", "blue"]
    >>> tree = LabelTree.from_parents([[0, 0], [1, 1, 0]])
    >>> model = XRLinearClassifier(tree, random_state=0).fit(X, y)
    >>> surgery.take_subtree(model, 0, 1).classes_
    array(['blue', 'green'], dtype='<U5')
    """
    fitted = plain_model(model, "model")
    tree, layers = fitted.trees[0]
    depth = _depth_of_cut(depth, tree)
    node = check_count(node, "node", least=0, most=len(tree.parents[depth]) - 1)
    labels = tree.ancestors()[depth] == node
    if not labels.any():
        raise ValueError(f"node {node} of layer {depth} leads to no label.")
    itself, *below = _nodes_above(tree, labels)[depth:]
    parts = select_nodes(unpack_layers(layers, tree)[depth + 1 :], below, itself)
    subtree = fitted.relabelled(
        [Tree(*pack_layers(parts, fitted.n_features))],
        fitted.classes[labels],
        fitted.n_iter[depth + 1 :],
        is_added=fitted.is_added[labels],
    )
    subtree = subtree.hiding_those_of(fitted)
    return with_model(model, subtree, **_label_params(model, labels))


def join(top, subtrees):
    """Put classifiers below the labels of another one.

    Parameters
    ----------
    top : XRLinearClassifier
        Ranks the subtrees: it has a label for each.
    subtrees : list of XRLinearClassifier
        For each label of `top`, in the order of its ``classes_``, the classifier to go below it.
        They have the same features and kind of y, the same number of layers, and no label twice.

    Returns
    -------
    XRLinearClassifier
        A fitted classifier of all labels, whose other parameters are those of the first subtree.
        What :func:`take_top` and :func:`take_subtree` took apart, it makes whole again.

    Raises
    ------
    TypeError
        If one of them is not an `XRLinearClassifier`.
    ValueError
        If there are more or fewer subtrees than labels of `top`, they do not fit each other, or one
        is an ensemble or has a matcher or ranker.

    Examples
    --------
    >>> from sklearn_xmr import LabelTree, XRLinearClassifier, surgery
    >>> X, y = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], ["red", "green", "blue"]
    >>> tree = LabelTree.from_parents([[0, 0], [1, 1, 0]])
    >>> model = XRLinearClassifier(tree, random_state=0).fit(X, y)
    >>> top = surgery.take_top(model, 0)
    >>> subtrees = [surgery.take_subtree(model, 0, node) for node in top.classes_]
    >>> surgery.join(top, subtrees).label_tree_ == model.label_tree_
    True
    """
    fitted_top = plain_model(top, "top")
    subtrees = as_list(subtrees, "subtrees", "classifiers", in_any_order=True)
    fitted = [plain_model(subtree, f"subtrees[{i}]") for i, subtree in enumerate(subtrees)]
    classes, order = _check_fit(fitted_top, fitted)
    parts, unpacked = _unpacked(fitted_top), [_unpacked(subtree) for subtree in fitted]
    n_above = [1] * len(subtrees)
    for layers in zip(*unpacked, strict=True):
        parts.append(concatenate_layers(layers, n_above))
        n_above = [len(layer.parents) for layer in layers]
    parts[-1] = parts[-1].take(order)
    n_iter = np.max([subtree.n_iter for subtree in fitted], axis=0)
    n_iter = np.concatenate([fitted_top.n_iter, n_iter])
    trees = [Tree(*pack_layers(parts, fitted_top.n_features))]
    joined = fitted[0].relabelled(trees, classes, n_iter)
    for subtree in fitted:
        joined = joined.hiding_those_of(subtree)
    return with_model(subtrees[0], joined, **_joined_label_params(subtrees, order))


def _unpacked(fitted):
    label_tree, layers = fitted.trees[0]
    return unpack_layers(layers, label_tree)


def _label_params(model, labels):
    # The parameters that have an entry for each label, for some labels, a mask.
    kept = np.flatnonzero(labels)
    texts, prior = _texts_of(model), model.label_prior
    if not (texts is None or isinstance(texts, dict)):
        texts = [texts[position] for position in kept]
    if not (prior is None or isinstance(prior, dict)):
        prior = sp.csr_array(prior)[kept]
    return {"label_text": texts, "label_prior": prior}


def _texts_of(model):
    return plain_texts(model.label_text, fitted_model(model).target_form)


def _joined_label_params(subtrees, order):
    texts = _joined([_texts_of(subtree) for subtree in subtrees], chain.from_iterable)
    prior = _joined([subtree.label_prior for subtree in subtrees], _stacked)
    if texts is not None and not isinstance(texts, dict):
        texts = list(texts)
        texts = [texts[position] for position in order]
    if sp.issparse(prior):
        prior = prior[order]
    return {"label_text": texts, "label_prior": prior}


def _joined(values, join):
    # Dicts in one, what else there is by `join`; None if one is None or they are of both kinds.
    are_dicts = [isinstance(value, dict) for value in values]
    if all(are_dicts):
        return {label: entry for of_subtree in values for label, entry in of_subtree.items()}
    if any(are_dicts) or any(value is None for value in values):
        return None
    return join(values)


def _stacked(matrices):
    return sp.vstack([sp.csr_array(matrix) for matrix in matrices], format="csr")


def _with_ties_of(layers, packed, kept):
    # Of equal scores, the beam prefers the node with the lowest label below, be it kept or not.
    inner = []
    for layer, new, mask in zip(layers[:-1], packed[:-1], kept[:-1], strict=True):
        first_label = layer.first_label[layer.inner_of][mask]
        order = np.argsort(np.argsort(first_label)).astype(np.int32)
        inner.append(replace(new, first_label=order[new.node_of]))
    return [*inner, packed[-1]]


def _depth_of_cut(depth, tree):
    if tree.n_layers == 1:
        raise ValueError("model must have layers to take apart, got a tree of one layer.")
    return check_count(depth, "depth", least=0, most=tree.n_layers - 2)


def _nodes_above(tree, labels):
    # For each layer a mask of the nodes that lead to labels, which are a mask, too.
    masks = [labels]
    for children, above in zip(tree.parents[:0:-1], tree.parents[-2::-1], strict=True):
        mask = np.zeros(len(above), dtype=bool)
        mask[children[masks[-1]]] = True
        masks.append(mask)
    return masks[::-1]


def _check_fit(top, subtrees):
    # The classes of all subtrees, sorted, and where among the subtrees' classes each was.
    if len(subtrees) != len(top.classes):
        raise ValueError(
            f"subtrees must have one item per label of top, {len(top.classes)}, got "
            f"{len(subtrees)}."
        )
    for name, of in {
        "features": lambda model: model.n_features,
        "layers": lambda model: model.trees[0].label_tree.n_layers,
        "kind of y": lambda model: model.target_form.kind,
        "dtype of classes": lambda model: model.classes.dtype.kind,
    }.items():
        models = [top, *subtrees] if name == "features" else subtrees
        found = {of(model) for model in models}
        if len(found) > 1:
            raise ValueError(f"The models differ in {name}: {sorted(map(str, found))}.")
    together = np.concatenate([subtree.classes for subtree in subtrees])
    classes, order, counts = np.unique(together, return_index=True, return_counts=True)
    if counts.max() > 1:
        raise ValueError(f"The label {classes[counts > 1][0]!r} is in more than one subtree.")
    return classes, order
