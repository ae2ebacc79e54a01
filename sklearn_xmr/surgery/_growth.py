"""Give fitted classifiers labels, and take some away."""

import numpy as np
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from .._fitted_state import fitted_model, search_settings
from .._indexing.label_inputs import plain_texts
from .._matching.score_pairs import label_positions
from .._training.label_rows import read_label_rows
from .._training.new_labels import Solver, grow_tree
from .._training.split_leaves import split_leaves
from .._user_warnings import warn_user
from .._xr_linear import objective_of, plain_model, with_model
from ._cuts import restrict

# Past this share of new labels, the upper layers know too little of what lies below them.
MOST_ADDED = 0.3
# Of a prior where the classifier has none to go by.
DEFAULT_STRENGTH = 2.0
# Labels of a leaf, where the indexer does not say.
DEFAULT_LEAF_SIZE = 200


def add_labels(classifier, X, Y, *, classes=None, label_prior=None, label_text=None, split="never"):
    """Give a classifier new labels, without training the others again.

    A new label goes to the leaf of each tree that a search finds for its rows, for its prior if it
    has none. There it starts at its prior and a quarter of what its five nearest siblings have
    learned, in the mean, and learns from the rows of `X`: those of its own, and as negatives all
    that a search sends to the same leaf. Nodes above stay as they are.

    Parameters
    ----------
    classifier : XRLinearClassifier
        The fitted classifier. It stays as it is, and may be mapped, read-only: what does not
        change is shared, unread.
    X : array-like or sparse matrix of shape (n_samples, n_features) or None
        Rows of the new labels, and some of others: if all rows have the same new label, what rows
        have in common looks like a mark of it. None if there are no rows.
    Y : array-like or sparse matrix of shape (n_samples, n_new), array-like of shape (n_samples,) \
or None
        An indicator with a column for each new label; for a classifier of 1-D y or label sets also
        the like of the rows, or a DataFrame whose columns are named by the labels. Rows without
        any label have none of the new ones.
    classes : array-like of shape (n_new,) or None, default=None
        The names of the columns of `Y`. A name that the classifier knows gives that label more
        rows: its weights learn from them, starting where they are. For an indicator, columns are
        numbered on by default; otherwise names must be given, unless `Y` has them.
    label_prior : array-like or sparse matrix of shape (n_new, n_features), dict or None, \
default=None
        Vectors of the new labels, such as their texts', as the parameter of
        :class:`XRLinearClassifier`: in the order of `classes`, without those known before, or for
        1-D y a dict of {class: row}. A label without rows needs one.
    label_text : sequence of str, dict of {class: str} or None, default=None
        Their texts, only for the parameter `label_text` of the result.
    split : {"never", "auto"}, default="never"
        Whether to split a leaf that has got more than twice as many labels as the indexer's
        `max_leaf_size` (200 where it has none). Its parts are reached as the whole was, and scores
        stay; but the beam has to hold them all.

    Returns
    -------
    XRLinearClassifier
        A fitted classifier. Scores of all other labels are what they were, to the last bit.

    Raises
    ------
    TypeError
        If `classifier` is not an `XRLinearClassifier`.
    ValueError
        If shapes or features do not fit, a label has neither rows nor a prior, `classes` are of
        another kind or name one twice, or `classifier` has a matcher or ranker, or only one label.

    Warns
    -----
    UserWarning
        If more than 30 % of the labels were added since the classifier was fitted: upper layers
        know nothing of them. Fit it again.

    See Also
    --------
    remove_labels : The other way.

    Notes
    -----
    Rows of a known label move its weights from where they are by what these rows say, and no
    further than `C` allows: the old rows are not there to hold against them. Give a share of old
    rows with the new ones, or fit again, where labels have changed their meaning.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_xmr import XRLinearClassifier, surgery
    >>> X = np.eye(5)
    >>> model = XRLinearClassifier(random_state=0).fit(X[:4], ["red", "green", "grey", "white"])
    >>> grown = surgery.add_labels(model, X[4:], ["blue"])
    >>> grown.classes_
    array(['blue', 'green', 'grey', 'red', 'white'], dtype='<U5')
    >>> grown.predict(X[4:])
    array(['blue'], dtype='<U5')
    """
    fitted = plain_model(classifier, "classifier", one_tree=False)
    if split not in ("never", "auto"):
        raise ValueError(f"split must be 'never' or 'auto', got {split!r}.")
    rows, labels = read_label_rows(fitted, X, Y, classes, label_prior, _strength(classifier))
    solver = Solver(
        objective_of(classifier),
        classifier.positive_weight,
        classifier.max_weights,
        int(check_random_state(classifier.random_state).randint(2**31)),
        classifier.n_jobs,
    )
    grown = [grow_tree(tree, rows, search_settings(classifier), solver) for tree in fitted.trees]
    trees, stopped_early = zip(*grown, strict=True)
    if split == "auto":
        size = getattr(classifier.indexer, "max_leaf_size", DEFAULT_LEAF_SIZE)
        trees = [split_leaves(tree, size, fitted.n_features, solver.seed) for tree in trees]
    is_added = np.ones(len(labels), dtype=bool)
    is_added[rows.old] = fitted.is_added
    model = fitted.relabelled(trees, labels, fitted.n_iter, is_added=is_added)
    model = model.hiding_those_of(fitted, shown=labels[np.unique(rows.Y.indices)])
    _warn_of_growth(is_added, any(stopped_early), classifier.max_iter)
    params = _grown_label_params(classifier, rows, labels, label_text)
    return with_model(classifier, model, **params)


def remove_labels(classifier, labels):
    """Take labels out of a classifier.

    Parameters
    ----------
    classifier : XRLinearClassifier
        The fitted classifier. It stays as it is.
    labels : array-like of shape (n_removed,)
        Values of ``classes_``, not all of them.

    Returns
    -------
    XRLinearClassifier
        A fitted copy without them and what led to them alone: it takes less memory. The other
        labels keep their scores and, where ``classes_`` are columns of an indicator, their numbers.

    Raises
    ------
    TypeError
        If `classifier` is not an `XRLinearClassifier`.
    ValueError
        If a label is not among the classes, none would be left, or `classifier` has a matcher or
        ranker.

    See Also
    --------
    restrict : Names the labels to keep.

    Examples
    --------
    >>> from sklearn_xmr import XRLinearClassifier, surgery
    >>> X, y = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], ["red", "green", "blue"]
    >>> model = XRLinearClassifier(random_state=0).fit(X, y)
    >>> surgery.remove_labels(model, ["green"]).classes_
    array(['blue', 'red'], dtype='<U5')
    """
    fitted = plain_model(classifier, "classifier", one_tree=False)
    positions = label_positions(labels, fitted.classes_and_filler)
    if positions.ndim != 1 or (positions < 0).any():
        raise ValueError(
            f"labels must be a 1-D array of labels, and no fillers, got shape {positions.shape}."
        )
    kept = np.ones(len(fitted.classes), dtype=bool)
    kept[positions] = False
    if not kept.any():
        raise ValueError(f"labels must leave at least one label, got all {len(kept)} of them.")
    return restrict(classifier, fitted.classes[kept])


def _strength(classifier):
    # As it was fitted with, or would be.
    if classifier.prior_strength_ is not None:
        return classifier.prior_strength_
    given = classifier.prior_strength
    return DEFAULT_STRENGTH if given == "auto" else float(given)


def _warn_of_growth(is_added, stopped_early, max_iter):
    n_labels, n_added = len(is_added), np.count_nonzero(is_added)
    if n_added > MOST_ADDED * (n_labels - n_added):
        warn_user(
            f"{n_added} of {n_labels} labels were added since the classifier was fitted. The upper "
            "layers know nothing of them: fit it again.",
        )
    if stopped_early:
        warn_user(
            f"The solver stopped at max_iter={max_iter} before new labels converged.",
            ConvergenceWarning,
        )


def _grown_label_params(classifier, rows, labels, label_text):
    # The parameters that have an entry for each label, for more labels.
    form = fitted_model(classifier).target_form
    texts, prior = plain_texts(classifier.label_text, form), classifier.label_prior
    label_text = plain_texts(label_text, form)
    names = labels[rows.new].tolist()
    if isinstance(texts, dict):
        texts = {**texts, **(label_text or {})}
    elif texts is not None:
        texts = None if label_text is None else [*texts, *label_text]
    if isinstance(prior, dict):
        prior = {**prior, **{name: rows.vectors[[i]] for i, name in enumerate(names)}}
    elif prior is not None:
        stacked = sp.vstack([sp.csr_array(prior), rows.vectors], format="csr")
        prior = stacked[np.argsort(np.concatenate([rows.old, rows.new]))]
    return {"label_text": texts, "label_prior": prior}
