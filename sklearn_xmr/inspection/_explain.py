"""Why a label has the score that it has: the models on the way to it, and what they looked at."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from .._checks import as_list, naming
from .._fitted_state import fitted_model, rows_for
from .._kernels.beam_search import TRANSFORMS
from .._label_ranker import LabelRankerMixin
from .._matching.beam_search import log_scores
from .._matching.ensemble import mean_paths
from .._pipelines import names_after, transform, unwrapped
from ._explanation_text import LabelExplanation, NodeExplanation


def explain(estimator, x, label, *, feature_names=None):
    r"""Explain the score of one label for one row.

    The score of a label is made of the margins of the linear models at the nodes on the way to it.
    Each margin is a sum: the intercept, and for each feature of the row its value times its weight.

    Parameters
    ----------
    estimator : XRLinearClassifier, Pipeline or search
        A fitted classifier, a fitted :class:`~sklearn.pipeline.Pipeline` that ends in one, or a
        fitted search over either.
    x : str, array-like of shape (n_features,), or one row of what the estimator takes
        The row: whatever holds one row of X, such as a sparse matrix of shape (1, n_features) or a
        list of one text; or a row itself, a text or a 1-D array.
    label : object
        The label, as in ``classes_``. The search need not have found it.
    feature_names : array-like of str of shape (n_features,) or None, default=None
        Names of the classifier's features. None for those that the steps before it in a pipeline
        give, or for the names of the columns that it was fitted on; if there are none, features are
        given by their positions.

    Returns
    -------
    LabelExplanation
        The explanation, a Bunch whose text is a table, as are those of its nodes:

        label : object
            The label.
        score : float
            Its score before any ranker, as `score_pairs` gives it: of an ensemble, the mean of
            those in the trees.
        path : list of Bunch
            The nodes with a model on the way from the root to the label, top first, the trees of an
            ensemble in turn; an only child has none, unless the model comes from elsewhere, and is
            left out. Each has

            tree, layer, node : int
                The tree in ``trees_``, its layer, and the position in that:
                ``layers[layer].coef_[:, node]`` are the weights before anything else.
            score : float
                The margin as `score_transform` has it.
            path_score : float
                The score of the path up to here, which for the label is its score in the tree.
            margin, intercept, feature_names, contributions
                What the model says, and why, as below.
            prior_contributions, learned_contributions
                The parts of these, as below.

        margin : float
            The sum of the margins on the path, in the mean over the trees; with
            ``score_transform="noop"``, of the last margins alone, which is the score.
        intercept : float
            The sum of their intercepts. It and all `contributions` add up to the margin.
        feature_names : ndarray of shape (n_contributions,)
            Names or positions of the features that contribute, by falling magnitude.
        contributions : ndarray of float64 of shape (n_contributions,)
            What they contribute: value times weight, never 0.
        prior_contributions, learned_contributions : ndarray of float64 of shape (n_contributions,)
            The two parts of a contribution: by the weights that `label_prior` gives, all 0 without
            one, and by what the rows have changed in them.

    Raises
    ------
    ValueError
        If `x` is not one row, does not fit the estimator, `label` is none of its ``classes_``,
        `feature_names` does not have one entry for each feature, or the classifier has a matcher:
        its nodes are not reached by linear models.
    TypeError
        If `estimator` is of another kind.
    NotFittedError
        If it is not fitted.

    See Also
    --------
    plot_explanation : Draw the contributions.
    export_text : Write the tree as text.
    sklearn_xmr.rank : Find the labels of the best scores.

    Notes
    -----
    For a path with the margins :math:`z_1, \ldots, z_d`, the path's score is a product of functions
    of each, for example :math:`\prod_i \exp(-\max(0, 1 - z_i)^3)`, or a sum of their logarithms:
    any node can spoil it. An `ancestor_weight` is the power of all factors but the label's. With
    ``score_transform="noop"``, the score is :math:`z_d` alone.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_xmr import XRLinearClassifier
    >>> from sklearn_xmr.inspection import explain
    >>> titles = ["bird song", "bird migration", "river fish", "sea fish"]
    >>> model = make_pipeline(TfidfVectorizer(), XRLinearClassifier(random_state=0))
    >>> model = model.fit(titles, ["birds", "birds", "fishes", "fishes"])
    >>> explanation = explain(model, "the song of a bird", "birds")
    >>> for node in explanation.path:
    ...     print(node.layer, node.node, node.feature_names)
    0 0 ['bird' 'song']
    >>> print(explanation)
    'birds': 0.949
                       margin     score      path
    layer 0, node 0     0.626     0.949     0.949
    <BLANKLINE>
                 margin
    intercept     0.019
    bird          0.331
    song          0.275
    sum           0.626
    """
    steps, classifier = unwrapped(estimator)
    model = _model_of(classifier)
    row = rows_for(classifier, transform(steps, _one_row(x)))
    if row.shape[0] != 1:
        raise ValueError(f"x must be one row, got {row.shape[0]}.")
    names = _checked_names(feature_names, steps, classifier)[row.indices]
    position = _position(label, model.classes)

    form = classifier.score_transform
    path, ends, counted = [], [], []
    for number, tree in enumerate(model.trees):
        margins = _margins_on_the_way(tree, row, position)
        scores = log_scores(np.array([margin.value for margin in margins]), form)
        path_scores, end = scores, scores[-1:]
        if form != "noop":
            last = tree.label_tree.n_layers - 1
            is_label = np.array([margin.layer == last for margin in margins], dtype=bool)
            path_scores, end = _added_up(scores, is_label, classifier.ancestor_weight)
        path += [
            NodeExplanation(
                tree=number,
                layer=margin.layer,
                node=margin.node,
                score=_shown(score, form),
                path_score=_shown(path_score, form),
                **_parts(margin, names),
            )
            for margin, score, path_score in zip(margins, scores, path_scores, strict=True)
        ]
        # Without any model, as where every node is an only child, no margin lowers the score.
        ends.append(end if margins else np.zeros(1))
        counted += margins[-1:] if form == "noop" else margins
    [score] = mean_paths(ends, in_logs=form != "noop")
    mean = _mean_of_sums(counted, len(model.trees), row.nnz)
    label = model.classes[position : position + 1].tolist()[0]  # a plain value, to be shown
    return LabelExplanation(
        label=label, score=_shown(score, form), path=path, **_parts(mean, names)
    )


def _added_up(scores, is_label, ancestor_weight):
    """The scores of the paths to each node on the way, and to the label, in the log domain."""
    above = np.cumsum(np.where(is_label, 0, scores))
    path_scores = np.where(is_label, ancestor_weight * above + scores, above)
    own = np.sum(scores, where=is_label, keepdims=True)
    return path_scores, ancestor_weight * above[-1:] + own


class _Margin(NamedTuple):
    """The margin of a node's model; contributions are those of the row's entries."""

    layer: int
    node: int
    intercept: float
    contributions: np.ndarray
    learned: np.ndarray

    @property
    def value(self):
        return float(self.intercept + self.contributions.sum())


def _one_row(x):
    """A row as what holds one; anything else as it is."""
    if isinstance(x, str):
        return [x]
    if issparse(x):
        return x.reshape(1, -1) if x.ndim == 1 else x
    if np.ndim(x) == 1 and np.asarray(x).dtype.kind in "biuf":
        return np.reshape(x, (1, -1))
    return x


def _model_of(classifier):
    """Its fitted model, if there is one that can be explained."""
    if not isinstance(classifier, LabelRankerMixin):
        if isinstance(classifier, BaseEstimator):
            check_is_fitted(classifier)
        raise TypeError(
            "estimator must be an XRLinearClassifier, a Pipeline that ends in one or a search that "
            f"has refitted one, got {type(classifier).__name__}."
        )
    model = fitted_model(classifier)
    if model.trees[0].matching is not None:
        raise ValueError("estimator has a matcher, whose way to a label cannot be explained.")
    return model


def _checked_names(names, steps, classifier):
    """The names of the features: those given, or those that the steps before make, or positions."""
    n_features = classifier.n_features_in_
    if names is None and steps:
        names = names_after(steps)
    if names is None:
        return getattr(classifier, "feature_names_in_", np.arange(n_features))
    if not isinstance(names, np.ndarray) or names.ndim != 1:
        names = as_list(names, "feature_names", "names")
    if len(names) != n_features:
        raise ValueError(
            f"feature_names must have one entry for each of {n_features} features, got "
            f"{len(names)}."
        )
    with naming("feature_names", "an array of names"):
        return np.asarray(names)


def _position(label, classes):
    if np.ndim(label):
        raise ValueError(f"label must be one of the classes_, got {label!r}.")
    found = np.flatnonzero(classes == label)
    if len(found) != 1:
        raise ValueError(f"label must be one of the {len(classes)} classes_, got {label!r}.")
    return found[0]


def _margins_on_the_way(tree, row, label):
    """What each model between the root and a label makes of a row."""
    label_tree, layers = tree
    found = []
    for number, node in enumerate(label_tree.ancestors()[:, label]):
        layer = layers[number]
        model = layer.model_of(node)
        if model is None:
            continue
        features, weights, intercept = model
        contributions = learned = _products(row, features, weights)
        if layer.learned is not None:
            part = layer.learned_of([layer.inner_of[node]])
            learned = _products(row, part.indices, part.data)
        found.append(_Margin(number, int(node), float(intercept), contributions, learned))
    return found


def _products(row, features, weights):
    """The entries of a row times the weights of their features, 0 where there is none."""
    _, in_row, in_weights = np.intersect1d(
        row.indices, features, assume_unique=True, return_indices=True
    )
    products = np.zeros(row.nnz)
    products[in_row] = row.data[in_row].astype(np.float64) * weights[in_weights]
    return products


def _mean_of_sums(margins, n_trees, n_entries):
    """The margins of some trees, added up and divided by their number."""
    zero = _Margin(-1, -1, 0.0, np.zeros(n_entries), np.zeros(n_entries))
    _, _, *parts = zip(zero, *margins, strict=True)
    return _Margin(-1, -1, *(sum(part) / n_trees for part in parts))


def _parts(margin, names):
    """A margin taken apart: features by falling magnitude, but none that contributes nothing."""
    contributions = margin.contributions
    order = np.argsort(-np.abs(contributions), kind="stable")
    order = order[contributions[order] != 0]
    return {
        "margin": margin.value,
        "intercept": margin.intercept,
        "feature_names": names[order],
        "contributions": contributions[order],
        "prior_contributions": (contributions - margin.learned)[order],
        "learned_contributions": margin.learned[order],
    }


def _shown(score, form):
    """A score of the log domain as `score_transform` has it."""
    _, exponential = TRANSFORMS[form]
    return float(np.exp(score) if exponential else score)
