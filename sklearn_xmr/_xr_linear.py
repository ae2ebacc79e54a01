"""XRLinearClassifier: a label tree with linear models at its nodes, searched by beam."""

import copy
import warnings
from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from joblib import effective_n_jobs
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from ._beam_search import TRANSFORMS, search
from ._indexers import HierarchicalKMeansIndexer
from ._label_features import pifa
from ._label_tree import LabelTree
from ._layer import fit_layer
from ._queries import check_rows, check_structure, is_canonical
from ._solver import Objective, squared_norms
from ._targets import encode_targets, to_dense, to_sparse, with_filler
from ._tree_layout import positive_nodes, tree_layout


class XRLinearClassifier(ClassifierMixin, BaseEstimator):
    def __init__(
        self,
        indexer=None,
        *,
        label_features="pifa",
        label_text=None,
        C=1.0,
        fit_intercept=True,
        intercept_scaling=1.0,
        tol=0.1,
        max_iter=100,
        prune_threshold=0.1,
        max_weights=None,
        beam_width=10,
        shortlist_size=20,
        score_transform="l3_hinge",
        n_jobs=None,
        random_state=None,
        verbose=0,
    ):
        self.indexer = indexer
        self.label_features = label_features
        self.label_text = label_text
        self.C = C
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.tol = tol
        self.max_iter = max_iter
        self.prune_threshold = prune_threshold
        self.max_weights = max_weights
        self.beam_width = beam_width
        self.shortlist_size = shortlist_size
        self.score_transform = score_transform
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    _parameter_constraints = {  # noqa: RUF012 (scikit-learn's name and form)
        "indexer": [LabelTree, HasMethods(["fit"]), None],
        "label_features": [StrOptions({"pifa"}), "array-like", "sparse matrix"],
        "label_text": ["array-like", dict, None],
        "C": [Interval(Real, 0, None, closed="neither")],
        "fit_intercept": ["boolean"],
        "intercept_scaling": [Interval(Real, 0, None, closed="neither")],
        "tol": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "prune_threshold": [Interval(Real, 0, None, closed="left")],
        "max_weights": [Interval(Integral, 1, None, closed="left"), None],
        "beam_width": [Interval(Integral, 1, None, closed="left")],
        "shortlist_size": [Interval(Integral, 1, None, closed="left")],
        "score_transform": [StrOptions(set(TRANSFORMS))],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        if y is None:
            raise ValueError(
                "XRLinearClassifier requires y to be passed, but the target y is None."
            )
        rows = check_rows(X, self)
        Y, classes, form = encode_targets(y)
        check_consistent_length(rows, Y)
        texts = self._checked_texts(classes, form)
        norms = squared_norms(rows)
        seed = int(check_random_state(self.random_state).randint(2**31))
        tree = self._make_tree(rows, Y, texts, seed)
        layers, n_iter = self._fit_layers(rows, norms, Y, tree, seed)

        validate_data(self, X, skip_check_array=True)
        self.classes_ = classes
        self.label_tree_ = tree
        self.layers_ = layers
        self.n_iter_ = n_iter
        self._classes_and_filler = with_filler(classes)
        self._target_form = form
        return self

    def _checked_texts(self, classes, form):
        # The texts of the labels in the order of `classes`, None if there are none.
        texts = self.label_text
        if texts is None:
            named = form.kind == "classes" and all(isinstance(c, str) for c in classes.tolist())
            return classes.tolist() if named else None
        if form.kind == "classes":
            if not isinstance(texts, dict):
                raise TypeError(
                    "label_text must be a dict {class: text} where y is 1-D, got "
                    f"{type(texts).__name__}."
                )
            missing = [c for c in classes.tolist() if c not in texts]
            if missing:
                raise ValueError(
                    f"label_text has no text for {len(missing)} of {len(classes)} classes, "
                    f"{missing[0]!r} for one."
                )
            texts = [texts[c] for c in classes.tolist()]
        elif isinstance(texts, dict):
            raise TypeError(
                "label_text must be a sequence of texts in column order where y is an indicator, "
                "got a dict."
            )
        _check_label_count("label_text", len(texts), len(classes))
        texts = list(texts)
        for position, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(
                    f"label_text must hold strings, got {text!r} for label {position}."
                )
        return texts

    def _make_tree(self, X, Y, texts, seed):
        n_labels = Y.shape[1]
        if isinstance(self.indexer, LabelTree):
            _check_label_count("indexer", self.indexer.n_labels, n_labels)
            return self.indexer
        if isinstance(self.label_features, str):
            Z = pifa(X, Y)
        else:
            Z = self.label_features
            _check_label_count("label_features", _n_rows(Z), n_labels)
        indexer = self.indexer
        if indexer is None:
            indexer = HierarchicalKMeansIndexer(n_jobs=self.n_jobs, random_state=seed)
        tree = clone(indexer).fit(Z, texts).tree_
        _check_label_count("indexer", tree.n_labels, n_labels)
        return tree

    def _fit_layers(self, X, norms, Y, tree, seed):
        objective = Objective(
            self.C,
            self.intercept_scaling if self.fit_intercept else 0.0,
            self.tol,
            self.max_iter,
            self.prune_threshold,
        )
        layouts = tree_layout(tree)
        positives = positive_nodes(Y, layouts)
        # The root trains on the rows that have a label.
        members = sp.csr_array(np.diff(Y.indptr)[:, None] > 0).tocsc()
        layers, n_iter, any_stopped, any_lost = [], [], False, False
        for depth, layout in enumerate(layouts):
            layer, passes, stopped, lost = fit_layer(
                X,
                norms,
                members,
                positives[depth],
                layout,
                objective,
                _layer_seed(seed, depth),
                self.max_weights,
                effective_n_jobs(self.n_jobs),
            )
            if self.verbose:
                print(f"[XRLinearClassifier] layer {depth + 1} of {len(layouts)}: {layer}")
            layers.append(layer)
            n_iter.append(passes)
            any_stopped |= stopped
            any_lost |= lost
            members = positives[depth].tocsc()
        self._warn(any_stopped, any_lost)
        return layers, np.array(n_iter)

    def _warn(self, any_stopped, any_lost):
        if any_stopped:
            warnings.warn(
                f"The solver stopped at max_iter={self.max_iter} before it converged to "
                f"tol={self.tol}. Raise max_iter or tol, or scale the features.",
                ConvergenceWarning,
                stacklevel=4,
            )
        if any_lost:
            warnings.warn(
                "All weights below some node of the tree are smaller than "
                f"prune_threshold={self.prune_threshold} and were pruned: its children are told "
                "apart by their intercepts alone. Scale the features up, or lower "
                "prune_threshold.",
                UserWarning,
                stacklevel=4,
            )

    def rank(self, X, k=10, *, candidates=None):
        rows = self._checked_rows(X)
        if not isinstance(k, Integral) or isinstance(k, bool) or k < 1:
            raise ValueError(f"k must be an integer of at least 1, got {k!r}.")
        restrictions = self._restrictions(candidates, rows.shape[0])
        positions, paths = self._search(rows, int(k), restrictions)
        return self._classes_and_filler[positions], self._scores(paths)

    def decision_function(self, X):
        rows = self._checked_rows(X)
        kind, n_labels = self._target_form.kind, len(self.classes_)
        floor = np.finfo(np.float32).min
        if kind == "classes" and n_labels == 2:
            positions, paths = self._search(rows, 2)
            both = to_dense(positions, paths.astype(np.float64), 2, floor)
            return both[:, 1] - both[:, 0]
        positions, paths = self._search(rows, self.shortlist_size)
        scores = self._scores(paths)
        if kind == "sparse":
            return to_sparse(positions, scores, n_labels, self._target_form.matrix)
        return to_dense(positions, scores, n_labels, floor)

    def predict_proba(self, X):
        positions, paths = self._search(self._checked_rows(X), self.shortlist_size)
        if self._target_form.kind == "classes":
            probabilities = softmax(paths.astype(np.float64), axis=1)
            return to_dense(positions, probabilities, len(self.classes_), 0.0)
        probabilities = self._label_probabilities(paths)
        if self._target_form.kind == "sparse":
            form = self._target_form
            return to_sparse(positions, probabilities, len(self.classes_), form.matrix)
        dense = to_dense(positions, probabilities, len(self.classes_), 0.0)
        return np.clip(dense, np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0), out=dense)

    def predict(self, X):
        rows = self._checked_rows(X)
        if self._target_form.kind == "classes":
            positions, _ = self._search(rows, 1)
            return self.classes_[positions[:, 0]]
        positions, paths = self._search(rows, self.shortlist_size)
        positions[self._label_probabilities(paths) < 0.5] = -1
        ones = np.ones(positions.shape, dtype=self._target_form.dtype)
        if self._target_form.kind == "sparse":
            return to_sparse(positions, ones, len(self.classes_), self._target_form.matrix)
        return to_dense(positions, ones, len(self.classes_), 0)

    def prune(self, threshold=None, max_weights=None):
        check_is_fitted(self)
        if threshold is None:
            threshold = self.prune_threshold
        pruned = copy.copy(self)
        pruned.prune_threshold = max(threshold, self.prune_threshold)
        if max_weights is not None:
            pruned.max_weights = min(max_weights, self.max_weights or max_weights)
        pruned._validate_params()
        pruned.layers_ = [
            layer.pruned(pruned.prune_threshold, pruned.max_weights) for layer in self.layers_
        ]
        return pruned

    def _checked_rows(self, X):
        check_is_fitted(self, "layers_")
        if not hasattr(self, "feature_names_in_") and is_canonical(X, self.n_features_in_):
            return X
        rows = check_rows(X, self)
        validate_data(self, X, reset=False, skip_check_array=True)
        return rows

    def _search(self, rows, k, restrictions=None):
        transform, _ = self._checked_transform()
        return search(
            self.layers_, rows, int(self.beam_width), k, transform, restrictions, self.n_jobs
        )

    def _checked_transform(self):
        # These parameters may have been set since the model was fitted.
        if (
            not all(isinstance(n, Integral) and n >= 1 for n in (self.beam_width, self.shortlist_size))
            or self.score_transform not in TRANSFORMS
        ):
            self._validate_params()
        return TRANSFORMS[self.score_transform]

    def _scores(self, paths):
        _, exponential = TRANSFORMS[self.score_transform]
        return np.exp(paths) if exponential else paths

    def _label_probabilities(self, paths):
        paths = paths.astype(np.float64)
        return expit(paths) if self.score_transform == "noop" else np.exp(paths)

    def _restrictions(self, candidates, n_samples):
        if candidates is None:
            return None
        allowed = _checked_candidates(candidates, n_samples, len(self.classes_))
        return positive_nodes(allowed, self.layers_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags


def _checked_candidates(candidates, n_samples, n_labels):
    if sp.issparse(candidates):
        allowed = sp.csr_array(candidates, copy=True)
        check_structure(allowed, "candidates")
    else:
        candidates = np.asarray(candidates)
        if candidates.ndim == 1 and candidates.dtype != bool:
            raise ValueError(
                "candidates must be boolean where it is 1-D, one entry per label; got dtype "
                f"{candidates.dtype}."
            )
        allowed = sp.csr_array(np.atleast_2d(candidates))
        n_samples = 1 if candidates.ndim == 1 else n_samples
    if allowed.shape != (n_samples, n_labels):
        raise ValueError(
            f"candidates must have shape ({n_labels},) or (n_samples, {n_labels}), got "
            f"{np.shape(candidates)} for {n_samples} samples."
        )
    if allowed.dtype.kind == "f" and np.isnan(allowed.data).any():
        raise ValueError("candidates contains NaN.")
    allowed.sum_duplicates()
    allowed.eliminate_zeros()
    return allowed


def _n_rows(Z):
    return Z.shape[0] if hasattr(Z, "shape") else len(Z)


def _check_label_count(name, found, expected):
    if found != expected:
        raise ValueError(f"{name} is for {found} labels, but y has {expected}.")


def _layer_seed(seed, depth):
    return (seed * 0x9FB21C651E98DF25 + depth * 0xA24BAED4963EE407) % 2**64
