"""What the text index and the label tree find, in one array."""

from typing import NamedTuple

import numpy as np

from .._fitted_model import FittedModel, SearchSettings
from .._fitted_state import fitted_model, search_settings
from .._matching.text_index import TextIndex


class Matcher(NamedTuple):
    """Finds the products that a ranker then scores.

    Attributes
    ----------
    index : TextIndex
        Of the products' texts.
    text_matches : int
        How many products it finds.
    model : FittedModel or None
        What was learned from clicks, if there were any.
    settings : SearchSettings or None
    """

    index: TextIndex
    text_matches: int
    model: FittedModel | None = None
    settings: SearchSettings | None = None

    def with_classifier(self, classifier):
        """The same with what a classifier has learned."""
        settings = search_settings(classifier)._replace(n_jobs=1)
        return self._replace(model=fitted_model(classifier), settings=settings)

    def search(self, queries, k, allowed=None, known=None):
        """Find products by text and by what was learned from clicks.

        Parameters
        ----------
        queries : Queries
        k : int
            How many are wanted, at least.
        allowed : Allowed or None
        known : ndarray of int32 of shape (n_queries, n_known) or None
            Further products, -1 for none.

        Returns
        -------
        labels : ndarray of int32 of shape (n_queries, n_shortlist)
            Positions of products, -1 for none, in increasing order with gaps.
        scores : ndarray of float32 of shape (n_queries, n_shortlist)
            The classifier's, in the log domain; -inf for products that it did not find.
        """
        k = max(k, self.text_matches)
        candidates = None if allowed is None else allowed.products
        labels, _ = self.index.search(queries.vectors, k, candidates=candidates)
        if known is not None:
            labels = np.hstack([labels, known])
        scores = np.full(labels.shape, -np.inf, dtype=np.float32)
        if self.model is not None:
            found = self._beam(queries, allowed)
            labels, scores = (
                np.hstack(parts) for parts in zip(found, (labels, scores), strict=True)
            )
        return _united(labels, scores)

    def _beam(self, queries, allowed):
        model, restrictions = self.model, None
        if allowed is not None:
            restrictions = allowed.restrictions
            if restrictions is None:
                restrictions = model.restrictions(allowed.products, queries.vectors.n_rows)
        size = model.n_listed(self.settings)
        rows = queries.matrix if model.has_own_stages else queries.vectors
        return model.search(rows, size, self.settings, restrictions)


def _united(labels, scores):
    # By label, each once: of two, the first is kept.
    order, rows = np.argsort(labels, axis=1, kind="stable"), np.arange(len(labels))[:, None]
    labels, scores = labels[rows, order], scores[rows, order]
    labels[:, 1:][labels[:, 1:] == labels[:, :-1]] = -1
    return labels, scores
