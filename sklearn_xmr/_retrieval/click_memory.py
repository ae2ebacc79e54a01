"""What was clicked after the very same query.

The classifier and the ranker say what to expect of a query that nobody has asked. Of one that was
asked before, its own clicks say more.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._growing import Numbering
from .._sparse import Csr
from .click_log import ClickLog, relevance

# What a click adds to a product's log-odds for the same query, to which several add by logarithm: a
# candidate at 5 % is as likely as not after one click, and at 95 % after three.
CLICK_LOG_ODDS = 3.0


class ClickMemory(NamedTuple):
    """The products of queries that were asked before.

    Attributes
    ----------
    row_of : Numbering
        Of the queries, normalised.
    clicks : Csr of float64, of shape (n_queries, n_products)
        How often a product was clicked after it.
    counts : ndarray of float64 of shape (n_products,)
        After how many queries each product was clicked.
    """

    row_of: Numbering
    clicks: Csr
    counts: np.ndarray

    @classmethod
    def of(cls, log):
        """The memory of a `ClickLog`."""
        return cls._of(Numbering(log.queries), log.clicks)

    @classmethod
    def _of(cls, row_of, clicks):
        counts = np.bincount(clicks.indices, minlength=clicks.shape[1])
        return cls(row_of, Csr.of(clicks), counts.astype(np.float64))

    @property
    def log(self):
        """The `ClickLog` of all that is remembered."""
        return ClickLog(list(self.row_of), self.clicks.to_scipy())

    def moved(self, change):
        """The same of the products of a changed catalogue."""
        columns, n_products = change.at(self.clicks.indices), len(change.new)
        if change.positions is not None and (columns < 0).any():
            return ClickMemory.of(self.log.moved(change.positions, n_products))
        clicks = self.clicks._replace(indices=columns, n_columns=n_products)
        return ClickMemory(self.row_of, clicks, change.values(self.counts))

    def joined(self, log):
        """The same with the clicks of a `ClickLog` of the same products."""
        new = [query for query in log.queries if self.row_of.get(query) is None]
        row_of = self.row_of.followed_by(new)
        rows = np.array([row_of.get(query) for query in log.queries], dtype=np.int64)
        rows = np.repeat(rows, np.diff(log.clicks.indptr))
        shape = len(row_of), self.clicks.n_columns
        more = sp.coo_array((log.clicks.data, (rows, log.clicks.indices)), shape=shape)
        clicks = self.clicks.to_scipy()
        clicks.resize(shape)
        return ClickMemory._of(row_of, sp.csr_array(clicks + more.tocsr()))

    def products(self, texts, allowed=None):
        """The products of each query.

        Parameters
        ----------
        texts : list of str
            Normalised.
        allowed : Allowed or None

        Returns
        -------
        ndarray of int32 of shape (n_queries, n_found), or None
            -1 for none. None where no query was asked before.
        """
        if not any(self.row_of.get(text) is not None for text in texts):  # as of most queries
            return None
        rows = [self._row(text)[0] for text in texts]
        found = np.full((len(texts), max(map(len, rows))), -1, dtype=np.int32)
        for number, products in enumerate(rows):
            if allowed is not None:
                products = products[allowed.are_allowed(number, products)]
            found[number, : len(products)] = products
        return found

    def added(self, texts, labels):
        """What clicks add to the log-odds of the labels, of shape (n_queries, n_shortlist)."""
        out = np.zeros(labels.shape)
        for number, text in enumerate(texts):
            products, log_odds = self._row(text)
            if len(products):
                place = np.minimum(np.searchsorted(products, labels[number]), len(products) - 1)
                out[number] = np.where(products[place] == labels[number], log_odds[place], 0)
        return out

    def _row(self, text):
        row, clicks = self.row_of.get(text, -1), self.clicks
        part = slice(0, 0) if row < 0 else slice(clicks.indptr[row], clicks.indptr[row + 1])
        return clicks.indices[part], relevance(clicks.data[part]) * CLICK_LOG_ODDS
