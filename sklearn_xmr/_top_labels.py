"""The best labels of one input, as plain values."""

from collections.abc import Collection

import numpy as np
import scipy.sparse as sp

from ._checks import naming, shown
from ._frames import has_own_index
from ._matching.candidates import names_or_mask
from ._rank import rank


def top_labels(estimator, x, k=10, *, classes=None, candidates=None, min_score=None):
    """Find the best labels of one input.

    They are plain Python values, ready for JSON: only labels that were found, nothing to fill up
    with.

    Parameters
    ----------
    estimator : XRLinearClassifier, ProductRetriever, query completer, Pipeline or search
        A fitted estimator, as :func:`rank` takes it.
    x : str, tuple, dict, ndarray of shape (n_features,) or sparse matrix of shape (1, n_features)
        One of the inputs that the estimator, or a pipeline's first step, takes a sequence of. A
        list of a single text is that text. A row of a DataFrame may be a DataFrame or a Series.
    k : int, default=10
        How many labels to find at most.
    classes : array-like of shape (n_labels,) or None, default=None
        Names for the columns of an indicator, such as the ``classes_`` of a
        :class:`~sklearn.preprocessing.MultiLabelBinarizer`. None for the labels as they are.
    candidates : array-like or PreparedCandidates, default=None
        The labels allowed, as :func:`rank` takes them: column numbers of an indicator, or names
        where `classes` has them.
    min_score : float or None, default=None
        Labels that score less are left out.

    Returns
    -------
    list of (label, score)
        The best first. Scores are floats.

    Raises
    ------
    TypeError
        If `estimator` does not rank, or does not take `candidates` or `min_score`.
    ValueError
        As its `rank` raises it, or if `classes` has no name for a label.

    See Also
    --------
    rank : Ranks the labels of many inputs, as arrays.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_xmr import WordNgramTfidf, XRLinearClassifier, top_labels
    >>> titles = ["bird song", "bird migration", "river fish", "sea fish"]
    >>> topics = [["birds"], ["birds", "travel"], ["fish"], ["fish", "sea"]]
    >>> model = make_pipeline(WordNgramTfidf(), XRLinearClassifier(random_state=0))
    >>> model = model.fit(titles, topics)
    >>> [label for label, score in top_labels(model, "song of a bird", k=2)]
    ['birds', 'travel']
    >>> [label for label, score in top_labels(model, "fish", candidates=["birds", "sea"])]
    ['sea', 'birds']
    """
    if classes is not None:
        classes = _array_of_names(classes)
        candidates = _columns(names_or_mask(candidates), classes)
    try:
        labels, scores = rank(estimator, _one_row(x), k, candidates=candidates, min_score=min_score)
    except TypeError as error:
        if not isinstance(x, list):
            raise
        raise TypeError(f"x must be one input, got the list {shown(x)}: {error}") from error
    if len(scores) != 1:
        raise ValueError(f"x must be one input, got {len(scores)}.")
    found = scores[0] > -np.inf
    labels, scores = labels[0][found].tolist(), scores[0][found].tolist()
    if classes is not None:
        labels = _named(labels, classes)
    return list(zip(labels, scores, strict=True))


def _array_of_names(classes):
    with naming("classes", "a list of names"):
        names = np.asarray(classes)
    if names.ndim != 1:
        raise ValueError(f"classes must be a list of names, got {shown(classes)}.")
    return names


def _columns(candidates, classes):
    # Numbers and masks stay as they are.
    if not isinstance(candidates, Collection) or not any(isinstance(c, str) for c in candidates):
        return candidates
    column_of = {name: column for column, name in enumerate(classes.tolist())}
    unknown = [name for name in candidates if name not in column_of]
    if unknown:
        raise ValueError(f"candidates must be among classes, got {unknown[0]!r}.")
    return [column_of[name] for name in candidates]


def _one_row(x):
    if sp.issparse(x) or isinstance(x, np.ndarray):
        return x.reshape(1, -1) if x.ndim == 1 else x
    if isinstance(x, list) and len(x) == 1 and isinstance(x[0], str):
        return x
    if not hasattr(x, "iloc"):
        return [x]
    is_row = has_own_index(x) and x.ndim == 1
    return x.to_frame().T.infer_objects() if is_row else x


def _named(labels, classes):
    if any(not isinstance(label, int) or label >= len(classes) for label in labels):
        raise ValueError(
            "classes must name the columns of an indicator, got "
            f"{len(classes)} names for labels such as {max(labels)!r}."
        )
    return classes[labels].tolist()
