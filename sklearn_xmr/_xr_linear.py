"""XRLinearClassifier: a label tree with linear models at its nodes, searched by beam."""

import copy
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import validate_data

from ._checks import check_number
from ._default_parts import DefaultParts
from ._fitted_model import MOST_WEIGHT, FittedModel
from ._fitted_state import fitted_model, search_settings
from ._frames import rows_by_index
from ._indexing.kmeans_indexer import HierarchicalKMeansIndexer
from ._indexing.label_inputs import LabelInputs, checked_texts
from ._indexing.label_tree import LabelTree
from ._kernels.beam_search import TRANSFORMS
from ._kernels.dual_cd import LOSSES
from ._label_ranker import LabelRankerMixin
from ._ranking.ranker import fit_ranker
from ._saving.versions import VersionedState
from ._sklearn import (
    CallbackSupportMixin,
    HasMethods,
    Interval,
    StrOptions,
    fit_context,
    with_callbacks,
)
from ._sparse import check_csr
from ._targets import encode_targets
from ._training.costs import check_relevance, check_sample_weight
from ._training.cross_fitting import check_cross_fitting, cross_fitted_ranker
from ._training.fit_trees import fit_trees
from ._training.negatives import SCHEMES, check_negatives
from ._training.prior_strength import choose_strength
from ._training.priors import Prior, check_label_prior, unseen_labels
from ._training.progress import Means, Progress
from ._training.solver import Objective, squared_norms
from ._training.training_data import TrainingData
from ._user_objects import check_is_object

# Past some ten trees nothing is gained, and each needs the memory of one.
MOST_TREES = 1_000
MOST_FLOAT = np.finfo(np.float64).max  # integers may be more


class XRLinearClassifier(
    LabelRankerMixin,
    ClassifierMixin,
    CallbackSupportMixin,
    DefaultParts,
    VersionedState,
    BaseEstimator,
):
    """Extreme multilabel ranking by linear models in a label tree.

    The labels are the leaves of a tree. Every node has a linear model that tells, for rows that
    reach its parent, whether a label below it is wanted. A query goes down the tree layer by layer
    and keeps the `beam_width` best nodes of each, so that it meets only a sliver of the labels, and
    the weights are pruned, so that meeting them costs little.

    It takes a one-dimensional y (binary or multiclass, strings included), a label indicator, dense
    or sparse, or label sets: a list, tuple or set of names for each row. Predictions come in the
    container of y.

    Of the parameters, start with four: `C`, `prune_threshold`, `n_trees` and `beam_width`.
    :ref:`parameters` has all of them in groups, with what each does to quality, time and memory.

    Parameters
    ----------
    indexer : LabelTree, indexer or None, default=None
        The label tree, or what grows it: an object with ``fit(Z, y)`` that leaves a `LabelTree` in
        ``tree_``, where Z are the label features and y the label texts or None. It is copied. None
        is a `HierarchicalKMeansIndexer` with its defaults.
    label_features : {"pifa", "pii"}, callable, or array-like or sparse matrix of shape \
(n_labels, n_label_features), default="pifa"
        What the indexer sees of a label: the normalised sum of its rows ("pifa", positive instance
        feature aggregation), which rows it has ("pii", positive instance indices), given features
        in the order of ``classes_`` (a DataFrame is read by its index, unless that is 0, 1, ...),
        or what a function of X and the indicator of y, both CSR, makes of them. See
        :mod:`sklearn_xmr.label_features` for such functions. They are also given ``sample_weight``
        where :meth:`fit` is. With a `label_prior`, "pifa" counts the label's vector as one more of
        its rows.
    label_text : sequence of str, dict of {class: str} or None, default=None
        The labels' texts, for indexers that read them: for an indicator a sequence in the order of
        its columns, for other y a dict. A pandas Series is read by its index, which has the classes
        or the numbers of the columns. None stands for the classes themselves if they are strings,
        for no text otherwise.
    label_prior : array-like or sparse matrix of shape (n_labels, n_features), \
dict of {class: row} or None, default=None
        What is known of the labels beside their rows, as vectors in the features of X: their texts,
        by the vectorizer of the rows. In the order of ``classes_``; for a one-dimensional y it may
        be a dict, whose further classes are left out; a DataFrame is read by its index, unless that
        is 0, 1, ... A label's weights start at its vector, at
        unit length and times `prior_strength`, and are drawn towards it; a label without positive
        rows stays there, so that it is found by its vector. Pruning measures what was learned
        alone. See the Notes.
    prior_strength : float or "auto", default=2.0
        How much `label_prior` weighs, not negative. Low values serve the labels that have rows,
        high ones those that have none: 1 where nearly all that is wanted has rows. "auto" tries 1,
        2 and 4 in three folds that hold back all rows of a random fifth of the labels, and a random
        fifth of the other rows, and takes what has the highest recall among ten, where labels
        without rows count as much as is to be expected of rows to come: nine more fits.
    loss : {"squared_hinge", "hinge", "log_loss"}, default="squared_hinge"
        What a row with margin z on its right side costs: max(0, 1 - z)^2, max(0, 1 - z) or
        log(1 + exp(-z)). They are the losses of :class:`~sklearn.svm.LinearSVC` and
        :class:`~sklearn.linear_model.LogisticRegression`. With "log_loss" belongs
        ``score_transform="sigmoid"``, which makes probabilities of the margins.
    C : float, default=0.5
        Inverse regularisation strength: the weight of the loss against half the squared norm of
        the weights. Positive.
    positive_weight : float, default=1.0
        Multiplies C for a node's positives: above 1, missing a right label costs more than
        giving a wrong one. Positive.
    fit_intercept : bool, default=True
        Whether nodes have an intercept. It is regularised like a weight.
    intercept_scaling : float, default=1.0
        Value of the constant feature whose weight makes the intercept. Larger values regularise it
        less. Above 0, and at most 1e18: the square of more is too large for float32.
    tol : float, default=0.3
        The solver stops at a node when its projected gradients differ by at most this. Values below
        1e-5 ask for more than float32 can give.
    max_iter : int, default=100
        Most passes over a node's rows.
    negatives : {"tfn", "man", "tfn+man"} or sequence of these, default="tfn"
        Which rows train the children of a node; for the root, it is all of them. Those with a label
        below the node ("tfn", teacher-forced negatives), those that the layers above, as trained
        and pruned, send to the node ("man", matcher-aware negatives: found by `beam_width` and
        `score_transform` as at prediction, or by the `matcher`, with or without a label below), or
        both. A sequence has an entry for each layer of the tree, top first. :meth:`fit` takes
        further rows for each node.
    prune_threshold : float, default=0.05
        Weights of a smaller magnitude are dropped, for size and speed. The default suits rows of
        about unit norm; 0 keeps all. With a `label_prior`, it is by what they were moved from it.
    max_weights : int or None, default=None
        Most weights that a node keeps, the largest; of equal ones those of the first features.
        Those of a `label_prior` are not counted.
    beam_width : int, default=10
        Nodes kept on each layer of the search but the last. Read at prediction.
    shortlist_size : int, default=20
        Most labels retrieved for a row, other than by :meth:`rank`. Read at prediction.
    score_transform : {"l1_hinge", "l2_hinge", "l3_hinge", "l4_hinge", "log_l1_hinge", \
"log_l2_hinge", "log_l3_hinge", "log_l4_hinge", "sigmoid", "log_sigmoid", "noop"}, \
default="l3_hinge"
        How a margin z becomes a score: exp(-max(0, 1 - z)^p) and sigmoid(z) are multiplied down
        the path, their logarithms added; "noop" is the margin of the last node alone. Read at
        prediction.
    ancestor_weight : float, default=1.0
        What the scores of the nodes above a label count beside its own: the power of their product,
        or the multiple of the sum of their logarithms. Where labels have few rows, a few dozen in
        the mean, their models are cautious, and 0.3 to 0.7 ranks better; see :ref:`path_scores`.
        Above 0, and at most 1e6. Read at prediction.
    n_trees : int, default=1
        Trees of the ensemble. A label's score is the mean of its scores in the trees. Where it is
        not among the `shortlist_size` best of a tree (or `k`, if that is more), its score there is
        0, or the last one listed if scores have no lower bound. Each tree has a seed of its own,
        drawn from `random_state`, for its indexer and its training; the first is the tree of
        ``n_trees=1``. They need as many times the memory and the time; at most 1,000 are taken. An
        indexer without a parameter `random_state`, or a `LabelTree`, makes them all alike, which
        gains nothing.
    matcher : object or None, default=None
        What finds the nodes whose labels are scored, in place of the search down all layers but the
        last, of which no models are trained then. It has ``fit(X, M)``, where M is a CSR indicator
        of the rows that have a label below each node of the layer above the last, nodes numbered as
        in ``label_tree_``; and ``match(X, k)``, which returns arrays ``(nodes, scores)`` of shape
        (n_samples, at most k): different nodes, best first, -1 for none, and their scores in the
        log domain, to which those of the labels below are added. It is asked for `beam_width`
        nodes. It is copied, once for each tree. In a tree of one layer there is nothing to match,
        and it is not used.
    ranker : object or None, default=None
        What scores the labels found once more: the `shortlist_size` best, or `k` if that is more.
        It has ``fit(X, Y)``, where Y is a CSR indicator of labels in the order of ``classes_``; and
        ``rescore(X, labels, scores)``, where `labels` of shape (n_samples, n_shortlist) are
        positions in ``classes_``, -1 for none, and `scores` theirs in the log domain (with "noop",
        margins), of an ensemble those merged. It returns the new scores, on the same scale and of
        the same shape; -inf drops a label. Instead of `fit`, it may have ``fit_shortlists(X,
        labels, scores, Y)``: it is given shortlists that trees found for rows that they, in its
        `cv` (or 3) folds, were not trained on. It is copied; if it has `label_vectors` and they are
        None, the copy gets those of the `label_prior`, at unit length.
    threshold : float, default=0.1
        For an indicator or label sets, :meth:`predict` gives the labels whose
        :meth:`predict_proba` is at least this. Read at prediction. The default has about the best
        micro-F1 on sets of text; a threshold tuned on your data, out of fold, is what
        :class:`CalibratedRanker` is for.
    min_labels : int or "auto", default="auto"
        How many of a row's best labels :meth:`predict` gives in any case. "auto" is 1 if each row
        of the training had a label, 0 if some had none. Read at prediction.
    hide_unseen : bool, default=False
        Whether labels without rows in the training, and without a `label_prior` other than zero,
        are left out of all answers: nothing is known of them. They keep their columns, and get
        into answers once :func:`surgery.add_labels` is given rows of them.
    memory : str, joblib.Memory or None, default=None
        Where to keep trained trees, a folder or a cache: models that differ in nothing but
        `beam_width`, `shortlist_size`, `score_transform`, `ancestor_weight`, `ranker`, `threshold`,
        `min_labels`, `hide_unseen`, `prune_threshold` (from 0.01 up), `max_weights`, `n_trees`,
        `n_jobs` and `verbose` share a training, as in a grid search. With "man" among the
        `negatives`, the training depends on `beam_width`, `score_transform`, `prune_threshold` and
        `max_weights`. It takes a `random_state` that is a number. The result is the same as
        without, as long as functions and classes of your own (`label_features`, `indexer`,
        `matcher`) keep their code: they are known by their names, and must have one at the top of a
        module.
    n_jobs : int or None, default=None
        Threads for fitting and ranking. The model does not depend on it. None means 1, -1 all
        processors, unless a :func:`joblib.parallel_config` says otherwise. Under one with a backend
        of processes, or of a Dask cluster, these train the models, unless `n_jobs` is 1; all else
        stays in `n_jobs` threads of this process. A task of another parallel call, such as a grid
        search with `n_jobs`, takes a single thread.
    random_state : int, RandomState instance or None, default=None
        Decides the order in which rows are visited, and seeds an indexer, matcher or ranker whose
        own is None.
    verbose : int, default=0
        If positive, print how many nodes of which layers are trained, while they are, and a line
        for each trained layer at the end.

    Attributes
    ----------
    classes_ : ndarray of shape (n_labels,)
        The values of a one-dimensional y or the names in label sets, sorted, or the column numbers
        of an indicator.
    label_tree_ : LabelTree
        The tree.
    layers_ : list of Layer
        For each layer of the tree, top first, an object with ``coef_``, a CSC array of float32 of
        shape (n_features, n_nodes), ``intercept_``, shape (n_nodes,), and ``has_model_``, a boolean
        array of shape (n_nodes,). They are unpacked on demand from the arrays that searches use,
        the only copy kept. A node's only child has no model: it has its parent's score. With a
        matcher, there is just the last layer.
    trees_ : list of (label_tree, layers)
        All trees of the ensemble; ``label_tree_`` and ``layers_`` are those of the first.
    prior_strength_ : float or None
        The strength of the `label_prior`, as given or chosen; None where there is none.
    n_iter_ : ndarray of int of shape (n_layers,)
        The most passes that a node of each layer of the first tree took; 1 where there was nothing
        to train. With a matcher, it has one entry for the last layer.
    matcher_ : object or None
        The fitted matcher, in an ensemble that of the first tree; None where there is none.
    ranker_ : object or None
        The fitted ranker, if there is one.
    n_features_in_ : int
        Number of features seen in :meth:`fit`.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Their names, if X had names that are all strings.

    See Also
    --------
    rank : Rank through a pipeline or a fitted search.
    HierarchicalKMeansIndexer : The default indexer.

    Notes
    -----
    Each node's model minimises, over the rows that `negatives` gives its parent,

    .. math:: \\frac{1}{2} \\|w\\|^2 + C \\sum_i c_i \\, \\ell(y_i (w \\cdot x_i + b))

    with the `loss` :math:`\\ell` and b = `intercept_scaling` times the weight of the constant
    feature, by dual coordinate descent [2]_ [3]_ on all children of a node at once. The cost
    :math:`c_i` is the sample weight, for positives times `positive_weight` and relevance.

    With a `label_prior` of vectors :math:`z_l` at unit length and a `prior_strength` of s, it is

    .. math:: \\frac{1}{2} \\|w - u\\|^2 + \\frac{1}{2} (b - b_0)^2
              + C \\sum_i c_i \\, \\ell(y_i (w \\cdot x_i + b)), \\qquad u = s z_l

    with :math:`b_0 = -1` (0 without an intercept, and with an `intercept_scaling` of 1). For an
    inner node, each feature of u is the largest among the labels below (of negative values, the
    smallest is added), so that what speaks for one of them speaks for the node; it is scaled to an
    inner product of 2 s with their vectors in the mean. Negatives of inner nodes cost a twentieth
    there: what a row is known not to want may include a label that just has no rows yet.

    References
    ----------
    .. [1] Yu et al., "PECOS: Prediction for Enormous and Correlated Output Spaces", Journal of
       Machine Learning Research 23, 2022.
    .. [2] Hsieh et al., "A Dual Coordinate Descent Method for Large-scale Linear SVM", ICML 2008.
    .. [3] Yu, Huang and Lin, "Dual coordinate descent methods for logistic regression and maximum
       entropy models", Machine Learning 85, 2011.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn_xmr import XRLinearClassifier
    >>> titles = ["bird song", "bird migration", "river fish", "sea fish"]
    >>> topics = [[1, 0, 1], [1, 0, 0], [0, 1, 0], [0, 1, 0]]
    >>> vectorizer = TfidfVectorizer()
    >>> X = vectorizer.fit_transform(titles)
    >>> model = XRLinearClassifier(random_state=0).fit(X, topics)
    >>> labels, scores = model.rank(vectorizer.transform(["a song of fish"]), k=2)
    >>> labels
    array([[1, 0]])
    """

    def __init__(
        self,
        indexer=None,
        *,
        label_features="pifa",
        label_text=None,
        label_prior=None,
        prior_strength=2.0,
        loss="squared_hinge",
        C=0.5,
        positive_weight=1.0,
        fit_intercept=True,
        intercept_scaling=1.0,
        tol=0.3,
        max_iter=100,
        negatives="tfn",
        prune_threshold=0.05,
        max_weights=None,
        beam_width=10,
        shortlist_size=20,
        score_transform="l3_hinge",
        ancestor_weight=1.0,
        n_trees=1,
        matcher=None,
        ranker=None,
        threshold=0.1,
        min_labels="auto",
        hide_unseen=False,
        memory=None,
        n_jobs=None,
        random_state=None,
        verbose=0,
    ):
        self.indexer = indexer
        self.label_features = label_features
        self.label_text = label_text
        self.label_prior = label_prior
        self.prior_strength = prior_strength
        self.loss = loss
        self.C = C
        self.positive_weight = positive_weight
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.tol = tol
        self.max_iter = max_iter
        self.negatives = negatives
        self.prune_threshold = prune_threshold
        self.max_weights = max_weights
        self.beam_width = beam_width
        self.shortlist_size = shortlist_size
        self.score_transform = score_transform
        self.ancestor_weight = ancestor_weight
        self.n_trees = n_trees
        self.matcher = matcher
        self.ranker = ranker
        self.threshold = threshold
        self.min_labels = min_labels
        self.hide_unseen = hide_unseen
        self.memory = memory
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    _parameter_constraints = {  # noqa: RUF012 (scikit-learn's name and form)
        "indexer": [LabelTree, HasMethods(["fit"]), None],
        "label_features": [StrOptions({"pifa", "pii"}), callable, "array-like", "sparse matrix"],
        "label_text": ["array-like", dict, None],
        "label_prior": ["array-like", "sparse matrix", dict, None],
        "prior_strength": [Interval(Real, 0, 1e30, closed="both"), StrOptions({"auto"})],
        "loss": [StrOptions(set(LOSSES))],
        "C": [Interval(Real, 0, None, closed="neither")],
        "positive_weight": [Interval(Real, 0, None, closed="neither")],
        "fit_intercept": ["boolean"],
        "intercept_scaling": [Interval(Real, 0, 1e18, closed="right")],
        "tol": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "negatives": [StrOptions(set(SCHEMES)), list, tuple],
        "prune_threshold": [Interval(Real, 0, None, closed="left")],
        "max_weights": [Interval(Integral, 1, None, closed="left"), None],
        "beam_width": [Interval(Integral, 1, None, closed="left")],
        "shortlist_size": [Interval(Integral, 1, None, closed="left")],
        "score_transform": [StrOptions(set(TRANSFORMS))],
        "ancestor_weight": [Interval(Real, 0, MOST_WEIGHT, closed="right")],
        "n_trees": [Interval(Integral, 1, MOST_TREES, closed="both")],
        "matcher": [HasMethods(["fit", "match"]), None],
        "ranker": [HasMethods(["fit", "rescore"]), HasMethods(["fit_shortlists", "rescore"]), None],
        "threshold": [Interval(Real, 0, 1, closed="both")],
        "min_labels": [Interval(Integral, 0, None, closed="left"), StrOptions({"auto"})],
        "hide_unseen": ["boolean"],
        "memory": [str, HasMethods(["cache"]), None],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def _default_parts(self):
        return {"indexer": lambda: HierarchicalKMeansIndexer(n_jobs=self.n_jobs)}

    @with_callbacks
    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, *, sample_weight=None, relevance=None, negatives=None):
        """Grow the tree and train the models of all its nodes.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            The rows, best of about unit norm. Any numeric dtype; float32 is used.
        y : array-like of shape (n_samples,), array-like or sparse matrix of shape \
(n_samples, n_labels), or sequence of collections of str
            Classes, a label indicator of zeros and ones, or label sets. A sparse y is always an
            indicator. Rows without labels are negatives of all children of the root.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Multiplies C for each row, and its part in the label features ("pifa"): a weight of 2
            equals having the row twice, 0 not having it. None is 1 everywhere.
        relevance : array-like or sparse matrix of shape (n_samples, n_labels) or None, default=None
            How much each right label of a row matters: multiplies C for a label's positives.
            Positive where the indicator of y is 1 (for a one-dimensional y, in the column of the
            row's class in ``classes_``) and 0 elsewhere. None is 1 everywhere.
        negatives : array-like or sparse matrix of shape (n_samples, n_labels) or \
(n_samples, n_nodes), default=None
            Further rows for nodes to train on, beside those that the parameter `negatives` gives
            them. Nonzero sends a row to a label, or to a node of the lowest layer that has so many,
            and to all nodes above. Cross-validation splits it with the rows.

        Returns
        -------
        XRLinearClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If X holds NaN or infinities or is too large for float32, if y is an indicator with
            other values or without labels, if X and y differ in length, if the tree, features or
            texts given are for another number of labels, if weights are negative, not finite or all
            zero, if `relevance` has other entries than y, or if `negatives` are for other layers,
            rows or nodes. A classifier fitted before stays as it was.
        TypeError
            If `label_text` is not of the form that y asks for, or does not hold strings, or if
            `indexer`, `matcher` or `ranker` lacks a method or is a class.

        Warns
        -----
        ConvergenceWarning
            If some node reached `max_iter`.
        UserWarning
            If `prune_threshold` left the children of some node without any weight.
        """
        if y is None:
            raise ValueError(
                "XRLinearClassifier requires y to be passed, but the target y is None."
            )
        context = self._init_callback_context(max_subtasks=self.n_trees)
        for name in ("indexer", "matcher", "ranker"):
            check_is_object(getattr(self, name), name)
        given, classes, form = self._read(X, y, sample_weight, relevance, negatives)
        texts = checked_texts(self.label_text, classes, form)
        features = rows_by_index(self.label_features, classes, "label_features")
        labels, data = LabelInputs(self.indexer, features, texts), given.weighted_rows()
        if hasattr(self.ranker, "fit_shortlists"):
            check_cross_fitting(self.ranker, data)
        if data.prior is not None and data.prior.strength == "auto":
            data = data.at_strength(self._chosen_strength(data, labels))
        trees, n_iter = fit_trees(
            data,
            labels,
            self.matcher,
            check_random_state(self.random_state).randint(2**31, size=int(self.n_trees)),
            self._objective(),
            self.max_weights,
            Means(self.memory, self.n_jobs, Progress.of(self, context, bool(self.verbose))),
        )
        if self.verbose:
            _print_layers(trees)
        model = FittedModel.of(
            trees,
            classes,
            form,
            ranker=self._fitted_ranker(data, labels),
            n_features=data.X.shape[1],
            n_iter=np.array(n_iter),
        )
        if self.hide_unseen:
            model = model.hiding(unseen_labels(given.Y, given.prior))
        validate_data(self, X, skip_check_array=True)
        if context is not None:
            context.call_on_fit_task_end(estimator=self)
        self._model = model
        self.prior_strength_ = data.prior and float(data.prior.strength)
        return self

    def _read(self, X, y, sample_weight, relevance, negatives):
        # What `fit` is given, checked: `TrainingData`, the classes, and in which form y has them.
        rows = check_csr(X, estimator=self)
        sample_weight = check_sample_weight(sample_weight, rows)
        if not np.isfinite(squared_norms(rows.indptr, rows.data)).all():
            raise ValueError("X has a row whose squared norm is too large for float32: scale it.")
        Y, classes, form = encode_targets(y)
        check_consistent_length(rows, Y)
        data = TrainingData(
            rows,
            Y,
            sample_weight,
            self.positive_weight,
            check_relevance(relevance, Y),
            check_negatives(
                self.negatives,
                negatives,
                rows.shape[0],
                beam_width=self.beam_width,
                transform=TRANSFORMS[self.score_transform][0],
                max_weights=self.max_weights,
            ),
            self._prior(classes, form, rows.shape[1]),
        )
        return data, classes, form

    def _fitted_ranker(self, data, labels):
        if not hasattr(self.ranker, "fit_shortlists"):
            return fit_ranker(self.ranker, data.X, data.Y, self.random_state)
        fit, settings = self._refit(labels, self.n_trees), search_settings(self)
        return cross_fitted_ranker(self.ranker, data, fit, settings, self.random_state)

    def _prior(self, classes, form, n_features):
        if self.label_prior is None:
            return None
        vectors = check_label_prior(self.label_prior, classes, form, n_features)
        return Prior(vectors, self.prior_strength)

    def _chosen_strength(self, data, labels):
        random_state = check_random_state(self.random_state)
        fit = self._refit(labels, n_trees=1)
        return choose_strength(data, fit, search_settings(self), random_state)

    def _refit(self, labels, n_trees):
        # What fits trees to some of the rows.
        seeds = check_random_state(self.random_state).randint(2**31, size=n_trees)
        options = self._objective(), self.max_weights, Means(None, self.n_jobs)

        def fit(data):
            return fit_trees(data, labels, self.matcher, seeds, *options)[0]

        return fit

    def _objective(self):
        return Objective(
            self.loss,
            check_number(self.C, "C", most=MOST_FLOAT),
            float(self.intercept_scaling) if self.fit_intercept else 0.0,
            check_number(self.tol, "tol", most=MOST_FLOAT),
            self.max_iter,
            check_number(self.prune_threshold, "prune_threshold", most=MOST_FLOAT),
        )

    def prune(self, threshold=None, max_weights=None, *, dtype=None):
        """Make a smaller and quicker copy of a fitted classifier.

        Parameters
        ----------
        threshold : float or None, default=None
            Weights of a smaller magnitude are dropped; where they started at a `label_prior`, what
            they were moved by. None for `prune_threshold`.
        max_weights : int or None, default=None
            Most weights that a node keeps, the largest; of equal ones those of the first features.
        dtype : {"float32", "float16"} or equivalent dtype or None, default=None
            What the weights are stored as. In half precision a weight and its place take 4 bytes
            instead of 6, and three digits are right; ``coef_`` gives the rounded weights as
            float32. Children of a node that has more than 65,536 of them keep float32. None leaves
            it as it is.

        Returns
        -------
        XRLinearClassifier
            A fitted copy whose `prune_threshold` and `max_weights` say what it has been through.
            Intercepts are neither dropped nor counted.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If `threshold` is negative, `max_weights` is not positive, `dtype` is another, or a
            weight is larger than half precision can hold: 65,504 in magnitude.
        """
        model = fitted_model(self)
        if threshold is None:
            threshold = self.prune_threshold
        if max_weights is None:
            max_weights = self.max_weights
        check_number(threshold, "threshold", least=0, most=MOST_FLOAT)
        clone(self).set_params(
            prune_threshold=threshold, max_weights=max_weights
        )._validate_params()
        threshold = max(threshold, self.prune_threshold)
        if max_weights is not None:
            max_weights = min(max_weights, self.max_weights or max_weights)
        pruned = model.pruned(threshold, max_weights, dtype)
        return with_model(self, pruned, prune_threshold=threshold, max_weights=max_weights)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags


def _print_layers(trees):
    for layers in (tree.layers for tree in trees):
        for depth, layer in enumerate(layers, start=1):
            print(f"[XRLinearClassifier] {depth} of {len(layers)}: {layer}")


def with_model(classifier, model, **params):
    """A copy of a classifier that has another `FittedModel` and these parameters."""
    made = copy.copy(classifier).set_params(**params)
    made._model = model
    made.n_features_in_ = model.n_features
    return made


def objective_of(classifier):
    """What the models of a classifier's nodes minimise."""
    return classifier._objective()


def plain_model(classifier, name, *, one_tree=True):
    """The `FittedModel` of a classifier, to take it apart.

    Raises
    ------
    TypeError
        If it is no `XRLinearClassifier`.
    NotFittedError
        If it is not fitted.
    ValueError
        If it has a matcher or ranker, or several trees where `one_tree` is wanted.
    """
    if not isinstance(classifier, XRLinearClassifier):
        hint = ": give its last step, and transformed rows" if hasattr(classifier, "steps") else ""
        raise TypeError(
            f"{name} must be an XRLinearClassifier, got {type(classifier).__name__}{hint}."
        )
    model = fitted_model(classifier)
    if model.has_own_stages:
        raise ValueError(
            f"{name} has a matcher or ranker, which only knows the tree and the labels that it was "
            "fitted to; there must be none."
        )
    if one_tree and len(model.trees) > 1:
        raise ValueError(f"{name} is an ensemble of {len(model.trees)} trees, but must have one.")
    return model
