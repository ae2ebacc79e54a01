"""From rows of queries and products, as a log has them, to distinct queries with their products."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_consistent_length

from .._checks import as_list, check_weights, described, naming, shown
from .._frames import by_columns
from .._sparse import indptr_of
from .._targets import encode_targets

# What the smallest weight is worth: a click that is worth nothing would be no click.
LEAST_RELEVANCE = 1e-6


class ClickLog(NamedTuple):
    """Distinct queries and the products that were clicked.

    Attributes
    ----------
    queries : list of str
        Normalised, sorted.
    clicks : csr_array of float64 of shape (n_queries, n_products)
        How often a product was clicked after a query; positive entries only.
    """

    queries: list
    clicks: sp.csr_array

    @classmethod
    def of(cls, X, y, sample_weight, catalogue):
        """Join rows of the same query.

        Raises
        ------
        ValueError
            If a product is not in the catalogue, weights are negative or not finite, or lengths
            differ.
        TypeError
            If a query is no str.
        """
        texts = [normalized(text) for text in check_texts([] if X is None else X)]
        Y = products_of_rows(y, catalogue)
        with naming("y", "products, as many as X has queries"):
            check_consistent_length(texts, Y)
        if sample_weight is not None and texts:
            Y = sp.csr_array(sp.diags_array(check_weights(sample_weight, Y)) @ Y)
        queries, query_of = np.unique(np.array(texts, dtype=object), return_inverse=True)
        shape = len(queries), len(texts)
        joined = sp.csr_array((np.ones(len(texts)), (query_of, np.arange(len(texts)))), shape=shape)
        clicks = sp.csr_array(joined @ Y)
        clicks.eliminate_zeros()
        return _without_empty(queries.tolist(), clicks)

    @property
    def indicator(self):
        """Which product was clicked after which query, as CSR of ones."""
        clicks = self.clicks
        parts = np.ones(clicks.nnz, dtype=np.float32), clicks.indices, clicks.indptr
        return sp.csr_array(parts, shape=clicks.shape)

    @property
    def relevance(self):
        """How much each pair matters: see `relevance`."""
        matrix = self.clicks.copy()
        matrix.data = relevance(matrix.data)
        return matrix

    @property
    def totals(self):
        """How often each product was clicked."""
        return np.asarray(self.clicks.sum(axis=0), dtype=np.float64)

    def moved(self, positions, n_products):
        """The same log of products at other positions, -1 for those that are gone."""
        columns = positions[self.clicks.indices]
        kept = columns >= 0
        parts = self.clicks.data[kept], columns[kept], indptr_of(kept)[self.clicks.indptr]
        return _without_empty(
            self.queries, sp.csr_array(parts, shape=(len(self.queries), n_products))
        )

    def joined(self, other):
        """What two logs of the same products say together."""
        queries = [*self.queries, *other.queries]
        numbers = {query: number for number, query in enumerate(dict.fromkeys(queries))}
        rows = [numbers[query] for query in queries]
        shape = len(numbers), len(rows)
        places = sp.csr_array((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=shape)
        return _without_empty(list(numbers), places @ sp.vstack([self.clicks, other.clicks]))


def relevance(clicks):
    """How much clicks matter: 1 for a single one, and for more less than as many times.

    A few products have most clicks. Counted in full, they would be all that is learned.
    """
    return np.maximum(np.log2(1 + clicks), LEAST_RELEVANCE)


def _without_empty(queries, clicks):
    # A query without any click says nothing of what would be right.
    clicks = sp.csr_array(clicks)
    clicks.sort_indices()
    has_clicks = np.diff(clicks.indptr) > 0
    kept = np.flatnonzero(has_clicks).tolist()
    return ClickLog([queries[row] for row in kept], clicks[has_clicks])


def normalized(text):
    """A text in lower case, with single spaces."""
    return " ".join(text.split()).lower()


def check_texts(X):
    """Return queries as a list of str.

    Raises
    ------
    ValueError
        If X is a single str, or has more than one column.
    TypeError
        If X holds something other than text.
    """
    if isinstance(X, str):
        raise ValueError(f"X must be a sequence of queries, got a single str, {shown(X)}.")
    if getattr(X, "ndim", 1) != 1:
        raise ValueError(f"X must be one-dimensional, a str a row, got shape {X.shape}.")
    texts = as_list(X, "X", "str")
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"X must hold str, got {described(text)} in row {row}.")
    return texts


def products_of_rows(y, catalogue):
    """The products of each row of y, as CSR of ones of shape (n_rows, n_products).

    Parameters
    ----------
    y : array-like
        One product for each row, sets of products, or a label indicator.
    catalogue : Catalogue

    Raises
    ------
    ValueError
        If a product is not in the catalogue, or an indicator has other columns or values.
    """
    products, is_indicator = read_rows(by_columns(y, catalogue.classes, "y"))
    if is_indicator:
        if products.shape[1:] != (len(catalogue),):
            raise ValueError(
                f"y must have a column for each of the {len(catalogue)} products of label_text, "
                f"got shape {products.shape}."
            )
        return encode_targets(products)[0] if products.shape[0] else sp.csr_array(products.shape)
    sizes = indptr_of([len(row) for row in products])
    positions = catalogue.positions([product for row in products for product in row], "y")
    shape = len(products), len(catalogue)
    Y = sp.csr_array((np.ones(len(positions), np.float32), positions, sizes), shape=shape)
    Y.sum_duplicates()
    Y.data[:] = 1
    return Y


def read_rows(y):
    """The products of each row as they are, or an indicator; and whether it is that.

    Lists and tuples of str, and sets of anything, are label sets. Other rows of several values make
    an indicator.
    """
    if y is None:
        return [], False
    if sp.issparse(y):
        return y, True
    if hasattr(y, "iloc") or hasattr(y, "columns"):  # of pandas, or another library's table
        y = np.asarray(y)
    if isinstance(y, np.ndarray) and y.ndim == 2:
        if y.shape[1] == 1:
            y = y.ravel()
        elif y.dtype.kind in "biuf":
            return y, True
    rows = as_list(y, "y", "products, or of sets of products")
    if not any(isinstance(row, (set, frozenset, list, tuple, np.ndarray)) for row in rows):
        return [[product] for product in rows], False
    if any(isinstance(row, (set, frozenset)) for row in rows) or any(
        isinstance(product, str) for row in rows for product in row
    ):
        return [[row] if isinstance(row, str) else list(row) for row in rows], False
    if not any(len(row) for row in rows):
        return rows, False  # sets without products
    try:
        return np.asarray(rows), True
    except ValueError:
        raise ValueError(
            "y must have rows of equal length where it is an indicator; give label sets of "
            "numbers as sets, got lists of different lengths."
        ) from None
