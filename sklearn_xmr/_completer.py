"""What every query completer offers beside its own way of ranking."""

from ._completion_metrics import mean_reciprocal_rank
from ._query_pairs import check_queries


class CompleterMixin:
    """Prediction and score of a completer with a method `rank`."""

    def predict(self, X):
        """Predict the query that each row is most likely to become.

        Parameters
        ----------
        X : array-like of str of shape (n_samples, 2)
            Rows of (previous query, prefix). None and NaN read as "".

        Returns
        -------
        ndarray of object of shape (n_samples,)
            The best suggestion of each row, ``""`` where there is none.

        Raises
        ------
        NotFittedError
            If the completer is not fitted.
        ValueError
            If `X` does not hold pairs, or has no rows.
        TypeError
            If `X` holds something other than text.
        """
        labels, _ = self.rank(X, k=1)
        return labels[:, 0]

    def score(self, X, y):
        """Mean reciprocal rank of the true queries among the first ten suggestions.

        Parameters
        ----------
        X : array-like of str of shape (n_samples, 2)
            Rows of (previous query, prefix). None and NaN read as "".
        y : array-like of str of shape (n_samples,)
            The query that followed.

        Returns
        -------
        float
            Between 0 and 1, higher is better. See
            :func:`~sklearn_xmr.metrics.mean_reciprocal_rank`.

        Raises
        ------
        NotFittedError
            If the completer is not fitted.
        ValueError
            If `X` does not hold pairs, `y` not queries, there are no rows, or the two differ in
            length.
        TypeError
            If `X` or `y` hold something other than text.
        """
        queries = check_queries(y)
        labels, _ = self.rank(X, k=10)
        return mean_reciprocal_rank(queries, labels)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.target_tags.required = True
        return tags
