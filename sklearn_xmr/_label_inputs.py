"""What the user says of the labels: their texts, their features, the tree or what grows it."""

from functools import partial

from ._kmeans_indexer import HierarchicalKMeansIndexer
from ._label_tree import LabelTree
from ._stages import own_copy
from .label_features import pifa, pii


def checked_texts(texts, classes, form):
    """The texts of the labels in the order of `classes`, or None if there are none."""
    if texts is None:
        named = form.kind == "classes" and all(isinstance(c, str) for c in classes.tolist())
        return classes.tolist() if named else None
    if form.kind == "classes":
        texts = _texts_of_classes(texts, classes.tolist())
    elif isinstance(texts, dict):
        raise TypeError(
            "label_text must be a sequence of texts in column order where y is an indicator, got a "
            "dict."
        )
    _check_label_count("label_text", len(texts), len(classes))
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"label_text must hold strings, got {text!r} for label {position}.")
    return list(texts)


def _texts_of_classes(texts, classes):
    if not isinstance(texts, dict):
        raise TypeError(
            f"label_text must be a dict {{class: text}} where y is 1-D, got {type(texts).__name__}."
        )
    missing = [c for c in classes if c not in texts]
    if missing:
        raise ValueError(
            f"label_text has no text for {len(missing)} of {len(classes)} classes, "
            f"{missing[0]!r} for one."
        )
    return [texts[c] for c in classes]


def make_tree(indexer, label_features, texts, X, Y, sample_weight, n_jobs, seed):
    """Take the given tree, or let the indexer grow one."""
    n_labels = Y.shape[1]
    is_given = not (isinstance(label_features, str) or callable(label_features))
    if is_given:
        _check_label_count("label_features", _n_rows(label_features), n_labels)
    if isinstance(indexer, LabelTree):
        _check_label_count("indexer", indexer.n_labels, n_labels)
        return indexer
    if not is_given:
        make_features = {"pifa": partial(pifa, n_jobs=n_jobs), "pii": pii}.get(
            label_features, label_features
        )
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        label_features = make_features(X, Y, **weights)
        _check_label_count("label_features", _n_rows(label_features), n_labels)
    if indexer is None:
        indexer = HierarchicalKMeansIndexer(n_jobs=n_jobs)
    indexer = own_copy(indexer, seed)
    indexer.fit(label_features, texts)
    tree = getattr(indexer, "tree_", None)
    if not isinstance(tree, LabelTree):
        raise TypeError(
            f"indexer must leave a LabelTree in tree_, {type(indexer).__name__} left "
            f"{type(tree).__name__}."
        )
    _check_label_count("indexer", tree.n_labels, n_labels)
    return tree


def _n_rows(Z):
    return Z.shape[0] if hasattr(Z, "shape") else len(Z)


def _check_label_count(name, found, expected):
    if found != expected:
        raise ValueError(f"{name} is for {found} labels, but y has {expected}.")
