"""What the text index and the label tree find, in one array."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._fitted_model import FittedModel, SearchSettings
from .._fitted_state import fitted_model, search_settings
from .._growing import appended
from .._kernels.found_labels import unite
from .._matching.text_index import TextIndex
from .._sparse import indptr_of
from .waiting import Waiting


class Positions(NamedTuple):
    """Where products are now, of which an index or a model has other numbers.

    Attributes
    ----------
    of_number : ndarray of int32 of shape (1 + n_numbers,)
        -1 for -1, and the position of each numbered product, -1 if it is gone.
    n_products : int
    """

    of_number: np.ndarray
    n_products: int

    @classmethod
    def of(cls, positions, n_products):
        """Those of an array without the -1 at its start."""
        of_number = np.empty(1 + len(positions), dtype=np.int32)
        of_number[0], of_number[1:] = -1, positions
        return cls(of_number, n_products)

    @property
    def all(self):
        """The position of each numbered product."""
        return self.of_number[1:]

    def at(self, numbers):
        """The positions of some products by number, -1 for -1."""
        return self.of_number[numbers + 1]

    def followed_by(self, positions):
        """The same with further products, numbered on."""
        of_number = appended(self.of_number, positions.astype(np.int32))
        return Positions(of_number, self.n_products)

    def moved(self, change):
        """The same in a changed catalogue, and the numbers of those that have left it.

        A product that has another text has left it, too.
        """
        of_number, left = change.with_text_at(self.of_number), change.stale
        if len(left):
            left = np.flatnonzero((of_number < 0) & (self.of_number >= 0)) - 1
        return Positions(of_number, len(change.new)), left

    def allowed(self, products):
        """A mask of products, or CSR with a row for each query, by number."""
        positions = self.all
        if products.ndim == 1:
            return products[positions] & (positions >= 0)
        known = np.flatnonzero(positions >= 0)
        number_of = np.full(self.n_products, -1)
        number_of[positions[known]] = known
        numbers = number_of[products.indices]
        kept = numbers >= 0
        parts = products.data[kept], numbers[kept], indptr_of(kept)[products.indptr]
        moved = sp.csr_array(parts, shape=(products.shape[0], len(positions)))
        moved.sort_indices()
        return moved


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
    rows, labels : Positions or None
        Where the products are that rows of the index and labels of the model are about; None while
        these are numbered alike.
    waiting : Waiting or None
        Products that the model has no label for yet.
    """

    index: TextIndex
    text_matches: int
    model: FittedModel | None = None
    settings: SearchSettings | None = None
    rows: Positions | None = None
    labels: Positions | None = None
    waiting: Waiting | None = None

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
            Positions of products in increasing order, -1 behind the last.
        scores : ndarray of float32 of shape (n_queries, n_shortlist)
            The classifier's, in the log domain; -inf for products that it did not find.
        """
        labels = self._text_matches(
            queries, min(max(k, self.text_matches), len(self.index)), allowed
        )
        if known is not None:
            labels = np.concatenate([labels, known], axis=1)
        if self.model is None:
            return unite([(labels, None)])
        found, paths = self._beam(queries, allowed)
        scores = None
        if self.waiting is not None:
            asked = labels, paths[:, -1], self.model, self.settings
            scores = self.waiting.scores(queries, *asked)
        return unite([(found, paths), (labels, scores)])

    def restrictions(self, products, n_queries):
        """How the model's search is restricted to products: see `FittedModel.restrictions`."""
        if self.labels is not None:
            products = self.labels.allowed(products)
        return self.model.restrictions(products, n_queries)

    def _text_matches(self, queries, k, allowed):
        candidates = None if allowed is None else allowed.products
        if self.rows is None:
            return self.index.search(queries.vectors, k, candidates=candidates)[0]
        if candidates is not None:
            candidates = self.rows.allowed(candidates)
        # Among equal scores, the index would choose by its own numbers: take all of the last one.
        n_found = k + 1
        while True:
            found, scores = self.index.search(queries.vectors, n_found, candidates=candidates)
            if not (np.isfinite(scores[:, -1]) & (scores[:, -1] == scores[:, k - 1])).any():
                break
            n_found *= 2
        labels = self.rows.at(found)
        order = np.lexsort((labels, -scores), axis=1)[:, :k]
        return np.take_along_axis(labels, order, axis=1)

    def _beam(self, queries, allowed):
        model, restrictions = self.model, None
        if allowed is not None:
            restrictions = allowed.restrictions
            if restrictions is None:
                restrictions = self.restrictions(allowed.products, queries.vectors.n_rows)
        size = model.n_listed(self.settings)
        rows = queries.matrix if model.has_own_stages else queries.vectors
        labels, scores = model.search(rows, size, self.settings, restrictions)
        return (labels if self.labels is None else self.labels.at(labels)), scores
