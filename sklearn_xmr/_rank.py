"""Rank labels through whatever scikit-learn has wrapped around the classifier."""

from inspect import signature

from sklearn.utils.validation import check_is_fitted

from ._label_ranker import LabelRankerMixin
from ._pipelines import transform, unwrapped


def rank(estimator, X, k=10, *, candidates=None, min_score=None, beam_width=None):
    """Rank the best labels of each row, through a pipeline or a fitted search.

    Parameters
    ----------
    estimator : XRLinearClassifier, query completer, Pipeline or search
        A fitted classifier or query completer, a fitted :class:`~sklearn.pipeline.Pipeline` that
        ends in one, or a fitted search over either, such as
        :class:`~sklearn.model_selection.GridSearchCV`.
    X : array-like, sparse matrix or whatever the pipeline's first step takes
        The rows, `n_samples` of them. A single text is one row.
    k : int, default=10
        How many labels to return for each row.
    candidates : array-like, sparse matrix or PreparedCandidates, default=None
        The labels allowed, as :meth:`XRLinearClassifier.rank` takes them. Query completers take
        none: there, the prefix says what is allowed.
    min_score : float or None, default=None
        Labels that score less are left out. Not for query completers either.
    beam_width : int or None, default=None
        Nodes that this search keeps on each layer; of a classifier alone.

    Returns
    -------
    labels : ndarray of shape (n_samples, k)
        Values of ``classes_``, or queries of a completer, best first.
    scores : ndarray of float32 of shape (n_samples, k)
        Their scores, -inf where fewer than `k` labels were reached.

    Raises
    ------
    TypeError
        If `estimator` neither ranks nor holds one that does, or if `candidates`, `min_score` or
        `beam_width` are given and it does not take them.
    NotFittedError
        If it is not fitted.
    ValueError
        As :meth:`XRLinearClassifier.rank` raises it.

    See Also
    --------
    XRLinearClassifier.rank : What this calls.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_xmr import XRLinearClassifier, rank
    >>> titles = ["bird song", "bird migration", "river fish", "sea fish"]
    >>> model = make_pipeline(TfidfVectorizer(), XRLinearClassifier(random_state=0))
    >>> model = model.fit(titles, ["birds", "birds", "fishes", "fishes"])
    >>> labels, scores = rank(model, ["song of a bird", "fish"], k=1)
    >>> labels
    array([['birds'],
           ['fishes']], dtype='<U6')
    """
    steps, ranker = unwrapped(estimator)
    if isinstance(ranker, type) or not hasattr(ranker, "rank"):
        check_is_fitted(ranker)
        raise TypeError(
            "estimator must have a method rank, or be a Pipeline that ends in one that has, or a "
            f"search that has refitted one, got {type(ranker).__name__}."
        )
    options = {"candidates": candidates, "min_score": min_score, "beam_width": beam_width}
    given = {name: value for name, value in options.items() if value is not None}
    if given and not isinstance(ranker, LabelRankerMixin):
        _check_taken(given, ranker)
    if isinstance(X, str):
        X = [X]
    return ranker.rank(transform(steps, X), k, **given)


def _check_taken(options, estimator):
    # What completes queries takes none of them: there, the prefix says what is allowed.
    try:
        parameters = signature(estimator.rank).parameters
    except ValueError:  # a builtin that tells nothing of its parameters
        return
    if any(parameter.kind == parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    for name in options:
        if name not in parameters:
            raise TypeError(
                f"{type(estimator).__name__} ranks without {name}: leave {name} out, or rank with "
                "an XRLinearClassifier."
            )
