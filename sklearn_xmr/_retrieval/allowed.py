"""The products that a search may find."""

from typing import NamedTuple

import numpy as np


class Allowed(NamedTuple):
    """The products that queries may find.

    Attributes
    ----------
    products : ndarray of bool of shape (n_products,), or csr_array of shape (n_queries, n_products)
        Those of all queries, or those that each query's row stores.
    restrictions : list or None
        The same for the classifier: see `FittedModel.restrictions`. None if there is none, or if it
        is to be made of `products`.
    """

    products: object
    restrictions: list | None = None

    def of_queries(self, part):
        """The same for a slice of the queries."""
        return self if self.products.ndim == 1 else Allowed(self.products[part])

    def are_allowed(self, query, products):
        """Whether a query may find each of some products."""
        if self.products.ndim == 1:
            return self.products[products]
        indptr, indices = self.products.indptr, self.products.indices
        return np.isin(products, indices[indptr[query] : indptr[query + 1]])
