"""What a fitted retriever is asked."""

import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .._checks import MAX_INT32, check_count, check_min_score, described, naming
from .._matching.candidates import PreparedCandidates
from .._targets import leave_out_below
from .click_log import check_texts, products_of_rows, read_rows
from .explanation import explained
from .fitted_retriever import FittedRetriever


class RetrieverMixin:
    """Ranks products with a `FittedRetriever`, which `fit` leaves in ``_fitted``."""

    _fitted: FittedRetriever

    def rank(self, X, k=10, *, candidates=None, min_score=None, boost=None):
        """Find the best products of each query.

        Parameters
        ----------
        X : array-like of str of shape (n_samples,)
            Queries.
        k : int, default=10
            How many products to return for each.
        candidates : sequence of products, array-like of bool of shape (n_products,), array-like \
or sparse matrix of shape (n_samples, n_products) or PreparedCandidates, default=None
            The products allowed: by name, one boolean mask for all queries, or a mask for each, in
            the order of ``classes_``; or what :meth:`prepare_candidates` made of them. A boolean
            Series, a dict of booleans and a DataFrame are read by their names of products.
        min_score : float or None, default=None
            Products with a lower probability are left out.
        boost : dict of {product: float}, array-like of shape (n_products,) or None, default=None
            What to add to the log-odds of products that are found, such as for what is popular or
            on sale: 0.7 doubles the odds.

        Returns
        -------
        labels : ndarray of shape (n_samples, k)
            Values of ``classes_``, best first. Where fewer than `k` are found, a filler follows: -1
            for whole numbers, "" for strings, None otherwise.
        scores : ndarray of float32 of shape (n_samples, k)
            The probability that the product is wanted, -inf for fillers, which only this tells
            apart.

        Raises
        ------
        NotFittedError
            If the retriever is not fitted.
        ValueError
            If `k` is not positive, `candidates` or `boost` name what is no product,
            or have another shape, or `min_score` is no number.
        TypeError
            If a query is no str.
        """
        texts = check_texts(X)
        catalogue, positions, scores = self._search(texts, k, candidates, min_score, boost)
        return catalogue.names(positions), scores

    def search(self, text, k=10, *, candidates=None, min_score=None, boost=None):
        """Find the best products for a query.

        Parameters
        ----------
        text : str
            The query.
        k : int, default=10
            Most products to return.
        candidates : sequence of products, array-like of bool of shape (n_products,) or \
PreparedCandidates, default=None
            The products allowed, as :meth:`rank` takes them.
        min_score : float or None, default=None
            Products with a lower probability are left out.
        boost : dict of {product: float}, array-like of shape (n_products,) or None, default=None
            What to add to products' log-odds, as :meth:`rank` takes it.

        Returns
        -------
        list of (product, float)
            Products and their probabilities, best first, as plain Python values.

        Raises
        ------
        NotFittedError
            If the retriever is not fitted.
        ValueError
            As :meth:`rank` raises it.
        TypeError
            If `text` is no str.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, got {described(text)}.")
        catalogue, positions, scores = self._search(
            [text], k, candidates, min_score, boost, only_found=True
        )
        n_found = np.count_nonzero(positions >= 0)  # what is none comes last
        products = catalogue.classes[positions[0, :n_found]]
        return list(zip(products.tolist(), scores[0, :n_found].tolist(), strict=True))

    def prepare_candidates(self, candidates):
        """Read candidates of many searches once: it takes longer than a search.

        Parameters
        ----------
        candidates : sequence of products or array-like of bool of shape (n_products,)
            The products allowed, as :meth:`rank` takes them for all queries alike.

        Returns
        -------
        PreparedCandidates
            What :meth:`rank` and :meth:`search` take as `candidates`, with the same result. Once
            the retriever is fitted again or its products change, and in another process, each
            search reads them again.

        Raises
        ------
        NotFittedError
            If the retriever is not fitted.
        ValueError
            If `candidates` are neither names of products, each once, nor a mask.

        Examples
        --------
        >>> from sklearn_xmr import ProductRetriever
        >>> titles = ["garden hose", "hose reel", "wood screw"]
        >>> retriever = ProductRetriever(label_text=titles).fit([], [])
        >>> on_sale = retriever.prepare_candidates([1, 2])
        >>> [product for product, score in retriever.search("hose", candidates=on_sale)]
        [1]
        """
        self._check_fitted()
        return PreparedCandidates(candidates, self._fitted)

    def predict(self, X):
        """Find the best product of each query.

        Parameters
        ----------
        X : array-like of str of shape (n_samples,)
            Queries.

        Returns
        -------
        ndarray of shape (n_samples,)
            Values of ``classes_``.

        Raises
        ------
        NotFittedError
            If the retriever is not fitted.
        TypeError
            If a query is no str.
        """
        return self.rank(X, 1)[0][:, 0]

    def score(self, X, y):
        """The mean share of each row's products that are among the first ten.

        Parameters
        ----------
        X : array-like of str of shape (n_samples,)
            Queries.
        y : array-like of shape (n_samples,), sequence of sets, or array-like or sparse matrix of \
shape (n_samples, n_products)
            The right products, as :meth:`fit` takes them. What is not in ``classes_`` is a product
            that is not found.

        Returns
        -------
        float
            Between 0 and 1: :func:`~sklearn_xmr.metrics.recall_at_k`, capped, for ``k=10``.

        Raises
        ------
        NotFittedError
            If the retriever is not fitted.
        ValueError
            If X has no rows, or X and y differ in length.
        TypeError
            If a query is no str.
        """
        catalogue, positions, _ = self._search(check_texts(X), 10)
        if len(positions) == 0:
            raise ValueError("X must have at least one query, got none.")
        rows, is_indicator = read_rows(y)
        if is_indicator:
            Y = products_of_rows(y, catalogue)
            rows = np.split(catalogue.classes[Y.indices], Y.indptr[1:-1])
        check_consistent_length(positions, rows)
        shares = []
        for found, products in zip(catalogue.names(positions).tolist(), rows, strict=True):
            with naming("y", "products, which are hashable"):
                right = set(products)
            shares.append(len(right.intersection(found)) / max(min(len(right), 10), 1))
        return float(np.mean(shares))

    def explain(self, text, product, *, boost=None):
        """Say why a product is, or is not, found.

        Parameters
        ----------
        text : str
            The query.
        product : object
            A value of ``classes_``.
        boost : dict of {product: float}, array-like of shape (n_products,) or None, default=None
            As :meth:`rank` takes it.

        Returns
        -------
        Explanation
            The features of query and product, their weights, and what they add to the log-odds. Its
            text is a table.

        Raises
        ------
        NotFittedError
            If the retriever is not fitted.
        ValueError
            If `product` is not in ``classes_``, or the ranker is not a `TextMatchRanker` with the
            default estimator.
        TypeError
            If `text` is no str.

        Examples
        --------
        >>> from sklearn_xmr import ProductRetriever
        >>> titles = ["garden hose", "hose reel", "wood screw"]
        >>> retriever = ProductRetriever(label_text=titles).fit([], [])
        >>> retriever.explain("long hoses", 1).matched_words
        ['hose']
        """
        self._check_fitted()
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, got {described(text)}.")
        fitted = self._fitted
        [position] = fitted.catalogue.positions([product], "product")
        boosts = fitted.catalogue.boosts(boost)
        return explained(fitted, text, position, 0.0 if boosts is None else float(boosts[position]))

    @property
    def classes_(self):
        """The products."""
        self._check_fitted()
        return self._fitted.catalogue.classes

    @property
    def label_texts_(self):
        """The products' texts."""
        self._check_fitted()
        return dict(self._fitted.catalogue.texts)

    @property
    def vectorizer_(self):
        """The fitted vectorizer."""
        self._check_fitted()
        return self._fitted.reader.vectorizer

    @property
    def classifier_(self):
        """What was learned from clicks."""
        self._check_fitted()
        return self._fitted.classifier

    @property
    def ranker_(self):
        """What scores candidates."""
        self._check_fitted()
        return self._fitted.ranker

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_fitted")

    def _check_fitted(self):
        if not self.__sklearn_is_fitted__():  # scikit-learn's check first asks for all tags
            check_is_fitted(self)

    def _search(self, texts, k, candidates=None, min_score=None, boost=None, *, only_found=False):
        self._check_fitted()
        k = check_count(k, "k", most=MAX_INT32)
        min_score = check_min_score(min_score)
        fitted = self._fitted  # once: it may be replaced meanwhile
        catalogue = fitted.catalogue
        allowed, boosts = fitted.allowed(candidates, len(texts)), catalogue.boosts(boost)
        if only_found:
            k = min(k, len(catalogue))
        positions, scores = fitted.search(
            texts, k, allowed=allowed, boosts=boosts, n_jobs=self.n_jobs
        )
        leave_out_below(min_score, positions, scores)
        return catalogue, positions, scores
