"""Rank labels through whatever scikit-learn has wrapped around the classifier."""

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted


def rank(estimator, X, k=10, *, candidates=None):
    """Rank the best labels of each row, through a pipeline or a fitted search.

    Parameters
    ----------
    estimator : XRLinearClassifier, Pipeline or search
        A fitted classifier or query completer, a fitted `~sklearn.pipeline.Pipeline` that ends in
        one, or a fitted search over either, such as `~sklearn.model_selection.GridSearchCV`.
    X : array-like, sparse matrix or whatever the pipeline's first step takes
        The rows, `n_samples` of them.
    k : int, default=10
        How many labels to return for each row.
    candidates : array-like or sparse matrix of shape (n_labels,) or (n_samples, n_labels), \
default=None
        The labels allowed, as :meth:`XRLinearClassifier.rank` takes them.

    Returns
    -------
    labels : ndarray of shape (n_samples, k)
        Values of ``classes_``, best first.
    scores : ndarray of float32 of shape (n_samples, k)
        Their scores, -inf where fewer than `k` labels were reached.

    Raises
    ------
    TypeError
        If `estimator` neither ranks nor holds one that does.
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
    if hasattr(estimator, "rank") and not isinstance(estimator, type):
        # What completes queries has no candidates: there the prefix says what is allowed.
        options = {} if candidates is None else {"candidates": candidates}
        return estimator.rank(X, k, **options)
    if isinstance(estimator, Pipeline):
        # Step by step: the pipeline's own checks would take longer than the search.
        for _, step in estimator.steps[:-1]:
            if step not in (None, "passthrough"):
                X = step.transform(X)
        return rank(estimator.steps[-1][1], X, k, candidates=candidates)
    check_is_fitted(estimator)
    if hasattr(estimator, "best_estimator_"):
        return rank(estimator.best_estimator_, X, k, candidates=candidates)
    raise TypeError(
        "estimator must have a method rank, or be a Pipeline that ends in one that has, or a "
        f"search that has refitted one; got {type(estimator).__name__}."
    )
