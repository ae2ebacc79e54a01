"""From rows of (query, product, clicks) to what a classifier is trained on."""

import numpy as np
import scipy.sparse as sp
from sklearn.utils import Bunch, check_consistent_length

from .._checks import check_weights, described, naming
from .._sparse import in_configured_container
from ._normalize_query import normalize_query


def click_log_to_matrix(log, *, normalize=normalize_query):
    """Turn a log of clicks into queries, products and weights.

    Parameters
    ----------
    log : tuple of (queries, products), (queries, products, clicks) or DataFrame of these columns
        The query and the product of each row, any values that can be sorted, and how often it was
        clicked (once, where there is no third column). Rows may repeat a pair; their clicks add up.
    normalize : callable or None, default=normalize_query
        Called with each query; queries that become equal are one. None leaves them as they are.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        With these attributes:

        X : list of str
            The distinct queries, sorted: what a vectorizer takes.
        y : csr_matrix of float32 of shape (n_queries, n_products)
            Which products were clicked: what ``fit`` takes as `y`.
        weights : csr_matrix of float32 of shape (n_queries, n_products)
            log2(1 + clicks) in the same places: what ``fit`` takes as `relevance`. Counted in full,
            a few products that have most clicks would be all that is learned.
        products : ndarray of shape (n_products,)
            The product of each column, sorted.

    Raises
    ------
    ValueError
        If `log` is none of these, such as a list of rows, of which ``tuple(zip(*rows))`` makes
        columns; if the columns differ in length, there are no rows, or clicks are negative or not
        finite.
    TypeError
        If a query is not a str.

    See Also
    --------
    sklearn_xmr.ProductRetriever : Takes such a log as it is.

    Examples
    --------
    >>> from sklearn_xmr.datasets import click_log_to_matrix
    >>> queries = ["Garden hose", "garden hose", "hose reel"]
    >>> log = click_log_to_matrix((queries, ["P1", "P2", "P2"], [3, 1, 1]))
    >>> log.X, log.products.tolist()
    (['garden hose', 'hose reel'], ['P1', 'P2'])
    >>> log.weights.toarray()
    array([[2., 1.],
           [0., 1.]], dtype=float32)
    """
    if not (normalize is None or callable(normalize)):
        raise TypeError(f"normalize must be a function or None, got {described(normalize)}.")
    queries, products, clicks = _columns(log)
    names, query_of = _distinct(_normalized(queries, normalize))
    products, product_of = np.unique(products, return_inverse=True)
    kept = clicks > 0
    shape = len(names), len(products)
    pairs = query_of[kept].ravel(), product_of[kept].ravel()
    counts = sp.coo_array((clicks[kept], pairs), shape=shape).tocsr()
    counts.sort_indices()
    is_asked = np.diff(counts.indptr) > 0  # a query without any click says nothing of what is right
    counts = counts[is_asked].astype(np.float32)
    y, weights = counts.copy(), counts
    y.data[:] = 1
    weights.data = np.log2(1 + weights.data)
    return Bunch(
        X=names[is_asked].tolist(),
        y=in_configured_container(y),
        weights=in_configured_container(weights),
        products=products,
    )


def _columns(log):
    if hasattr(log, "columns") and hasattr(log, "iloc"):  # a DataFrame
        log = tuple(log.iloc[:, column] for column in range(log.shape[1]))
    if not isinstance(log, tuple) or len(log) not in (2, 3):  # a list may be one of rows
        raise ValueError(
            "log must be a tuple (queries, products) or (queries, products, clicks), which "
            f"tuple(zip(*rows)) makes of rows, got {described(log)}."
        )
    with naming("log", "columns of one length"):
        check_consistent_length(*log)
        queries, products = list(log[0]), list(log[1])
    if not queries:
        raise ValueError("log must have rows, got none.")
    clicks = np.ones(len(queries))
    if len(log) == 3:
        clicks = check_weights(log[2], clicks[:, None], "the clicks of log")
    return queries, np.asarray(products), clicks


def _distinct(texts):
    # Objects: NumPy's strings drop what ends in NULs.
    return np.unique(np.array(texts, dtype=object), return_inverse=True)


def _normalized(queries, normalize):
    for row, query in enumerate(queries):
        if not isinstance(query, str):
            raise TypeError(f"log must hold queries of type str, got {query!r} in row {row}.")
    return queries if normalize is None else [normalize(query) for query in queries]
