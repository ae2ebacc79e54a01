"""From the broader concept of each concept of a vocabulary to the layers of a tree."""

from collections.abc import Mapping

import numpy as np

from .._checks import as_list


def parents_of_taxonomy(labels, broader):
    """The layers of `LabelTree.from_taxonomy`: for each, the parents of its nodes."""
    labels = _checked_labels(labels)
    paths = _paths_from_top(labels, _checked_broader(broader))
    # Concepts that are above some label, in the order in which they are met.
    inner = dict.fromkeys(concept for path in paths for concept in path[:-1])
    number_of = {concept: number for number, concept in enumerate(inner)}
    n_inner = [len(path) if path[-1] in inner else len(path) - 1 for path in paths]

    layers = []
    parents = np.zeros(len(labels), dtype=np.int32)  # of the labels, on the layer at hand
    for depth in range(max(n_inner)):
        # Below its last concept, a label goes on as an only child, here with a negative number.
        nodes = [
            number_of[path[depth]] if depth < n else -1 - label
            for label, (path, n) in enumerate(zip(paths, n_inner, strict=True))
        ]
        _, first, nodes = np.unique(nodes, return_index=True, return_inverse=True)
        rank = np.argsort(np.argsort(first))  # number nodes by their first label
        layers.append(parents[np.sort(first)])
        parents = rank[nodes]
    return [*layers, parents]


def _checked_labels(labels):
    labels = as_list(labels, "labels", "labels")
    if not labels:
        raise ValueError("labels is empty: a tree has at least one label.")
    seen = set()
    for label in labels:
        _check_hashable("labels", label)
        if label is None:
            raise ValueError("labels must not hold None, which stands for no broader concept.")
        if label in seen:
            raise ValueError(f"labels must be distinct, but {label!r} comes twice.")
        seen.add(label)
    return labels


def _checked_broader(broader):
    """A dict {concept: broader concept or None}."""
    if not hasattr(broader, "__iter__") or getattr(broader, "ndim", 1) == 0:
        raise TypeError(f"broader must be a dict or pairs, got {broader!r}.")
    if isinstance(broader, np.ndarray):
        broader = broader.tolist()
    broader_of = {}
    for pair in broader.items() if isinstance(broader, Mapping) else broader:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"broader must hold pairs (concept, broader concept), got {pair!r}.")
        concept, above = pair
        if isinstance(above, (list, set, frozenset)):
            raise ValueError(
                f"broader gives {concept!r} the broader concepts {above!r}, but in a tree every "
                "concept has one, or None."
            )
        _check_hashable("the concepts of broader", concept)
        _check_hashable("the concepts of broader", above)
        if broader_of.setdefault(concept, above) != above:
            raise ValueError(
                f"broader gives {concept!r} the broader concepts {broader_of[concept]!r} and "
                f"{above!r}, but in a tree every concept has one, or None."
            )
    return broader_of


def _check_hashable(name, value):
    try:
        hash(value)
    except TypeError:
        raise TypeError(f"{name} must be hashable, got {value!r}.") from None


def _paths_from_top(labels, broader_of):
    """For each label, the concepts from the top one down to the label itself."""
    path_to = {None: ()}
    for label in labels:
        climbed = {}  # as an ordered set
        concept = label
        while concept not in path_to:
            if concept in climbed:
                cycle = [*climbed, concept]
                cycle = cycle[cycle.index(concept) :]
                raise ValueError(
                    "broader goes round in a circle: " + " -> ".join(map(repr, cycle)) + "."
                )
            climbed[concept] = None
            concept = broader_of.get(concept)
        path = path_to[concept]
        for below in reversed(climbed):
            path = (*path, below)
            path_to[below] = path
    return [path_to[label] for label in labels]
