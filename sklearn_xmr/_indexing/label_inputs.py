"""What the user says of the labels: their texts, their features, the tree or what grows it."""

from collections.abc import Mapping, Set
from functools import partial
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.utils import check_random_state

from .._checks import shown
from .._frames import by_index
from .._user_objects import own_copy
from ..label_features import pifa, pii
from .kmeans_indexer import HierarchicalKMeansIndexer
from .label_tree import LabelTree


class LabelInputs(NamedTuple):
    """What a tree over the labels is made of.

    Attributes
    ----------
    indexer, label_features
        As `XRLinearClassifier` has them.
    texts : list of str or None
        The labels' texts, in their order.
    """

    indexer: object
    label_features: object
    texts: list | None

    def of_tree(self, number):
        """The same for a further tree: an indexer with a seed of its own gets another one."""
        own = getattr(self.indexer, "random_state", None)
        if number == 0 or own is None or not hasattr(self.indexer, "set_params"):
            return self
        indexer = clone(self.indexer)
        draws = check_random_state(indexer.random_state).randint(2**31, size=number)
        return self._replace(indexer=indexer.set_params(random_state=int(draws[-1])))

    def make_tree(self, data, seed, n_jobs):
        """Take the given tree, or let the indexer grow one."""
        n_labels = data.Y.shape[1]
        if not self._makes_features:
            _check_features(self.label_features, n_labels)
        if isinstance(self.indexer, LabelTree):
            _check_label_count("indexer", self.indexer.n_labels, n_labels)
            return self.indexer
        default = HierarchicalKMeansIndexer(n_jobs=n_jobs)
        indexer = own_copy(default if self.indexer is None else self.indexer, seed)
        indexer.fit(self._features(data, n_jobs), self.texts)
        tree = getattr(indexer, "tree_", None)
        if not isinstance(tree, LabelTree):
            raise TypeError(
                f"indexer must leave a LabelTree in tree_, {type(indexer).__name__} left "
                f"{type(tree).__name__}."
            )
        _check_label_count("indexer", tree.n_labels, n_labels)
        return tree

    @property
    def _makes_features(self):
        return isinstance(self.label_features, str) or callable(self.label_features)

    def _features(self, data, n_jobs):
        if not self._makes_features:
            return self.label_features
        named = {"pifa": partial(pifa, n_jobs=n_jobs), "pii": pii}
        make = named.get(self.label_features, self.label_features)
        X, Y, weights = data.X, data.Y, data.sample_weight
        if data.prior is not None and self.label_features == "pifa":
            # A label's own vector counts as one more row of it: some labels have no other.
            vectors, n_labels = data.prior.vectors, Y.shape[1]
            X = sp.vstack([X, vectors], format="csr")
            Y = sp.vstack([Y, sp.eye_array(n_labels, dtype=Y.dtype)], format="csr")
            weights = None if weights is None else np.append(weights, np.ones(n_labels))
        features = make(X, Y, **({} if weights is None else {"sample_weight": weights}))
        _check_features(features, data.Y.shape[1])
        return features


def plain_texts(texts, form):
    """What a pandas Series of texts stands for, by its index: a dict of classes, or a list of the
    columns' texts where y is an indicator. Other texts as they are.
    """
    by_label = by_index(texts, "label_text")
    if by_label is texts or form.has_names:
        return by_label
    if set(by_label) != set(range(len(by_label))):
        raise ValueError(
            "label_text must be indexed by the numbers of the columns of y if it is a Series, got "
            f"{shown(list(by_label))}: give label_text.tolist() if it is in the columns' order."
        )
    return [by_label[column] for column in range(len(by_label))]


def checked_texts(texts, classes, form):
    """The texts of the labels in the order of `classes`, or None if there are none."""
    if texts is None:
        named = form.has_names and all(isinstance(c, str) for c in classes.tolist())
        return classes.tolist() if named else None
    texts = plain_texts(texts, form)
    if form.has_names:
        texts = _texts_of_classes(texts, classes.tolist())
    elif isinstance(texts, (Set, Mapping)):
        raise TypeError(
            "label_text must be a sequence of texts in column order where y is an indicator, got a "
            f"{type(texts).__name__}."
        )
    _check_label_count("label_text", len(texts), len(classes))
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"label_text must hold strings, got {text!r} for label {position}.")
    return list(texts)


def _texts_of_classes(texts, classes):
    if not isinstance(texts, dict):
        raise TypeError(
            "label_text must be a dict {class: text} where y is 1-D or label sets, got "
            f"{type(texts).__name__}."
        )
    missing = [c for c in classes if c not in texts]
    if missing:
        raise ValueError(
            f"label_text has no text for {len(missing)} of {len(classes)} classes, "
            f"{missing[0]!r} for one."
        )
    return [texts[c] for c in classes]


def _check_features(Z, n_labels):
    values = Z.tocoo().data if sp.issparse(Z) else np.asarray(Z)
    shape = Z.shape if sp.issparse(Z) else values.shape
    if len(shape) != 2:
        raise ValueError(
            f"label_features must be a matrix with a row per label, got shape {shape}."
        )
    _check_label_count("label_features", shape[0], n_labels)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError("label_features contain NaN or infinity.")


def _check_label_count(name, found, expected):
    if found != expected:
        raise ValueError(f"{name} is for {found} labels, but y has {expected}.")
