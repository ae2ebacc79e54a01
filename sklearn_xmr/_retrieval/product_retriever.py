"""`ProductRetriever`: text in, products out."""

import copy
from numbers import Integral
from threading import Lock
from typing import ClassVar

from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from .._checks import as_list
from .._default_parts import DefaultParts
from .._ranking.text_match_ranker import TextMatchRanker
from .._saving.versions import VersionedState
from .._sklearn import HasMethods, Interval, fit_context
from .._user_objects import check_is_object
from .._xr_linear import XRLinearClassifier
from .abbreviated import Abbreviated
from .catalogue import Catalogue
from .changed_retriever import changed
from .click_log import ClickLog, read_rows
from .query import check_synonyms
from .retriever_mixin import RetrieverMixin
from .text_views import TextViews
from .training import Parts, default_classifier, train


class ProductRetriever(RetrieverMixin, DefaultParts, VersionedState, BaseEstimator):
    """Find the products that a query asks for, clicked before or not.

    Two searches find candidates: one in the products' texts, and one in a label tree that has
    learned from clicks, starting at the texts. A ranker says of each candidate how probable it is
    that it is wanted. It has learned that from queries, and products, that the tree had not seen.

    Texts are compared in lower case; with the default vectorizer also by singulars and symbols of
    units. What a misspelt word may stand for is searched for beside it.

    Read more in the :ref:`User Guide <products>`.

    Parameters
    ----------
    label_text : dict of {product: str}, sequence of str or None, default=None
        The texts of all products, such as their titles; those of a sequence are products 0, 1, ...,
        in the order of the columns of an indicator. A pandas Series is a dict: its index has the
        products. By default, products are their own texts.

    vectorizer : transformer or None, default=None
        What makes vectors, none of them negative, of queries and products: ``fit`` with a list of
        str, and ``transform``. It is copied. The parts of a
        :class:`~sklearn.pipeline.FeatureUnion` are compared each on its own, too. By default,
        words, pairs of words and character n-grams.

    classifier : XRLinearClassifier or None, default=None
        What learns from clicks; its `shortlist_size` says how many candidates it gives. It is
        copied, and gets the products' vectors as `label_prior` if it has none. If there are at
        least twice as many distinct queries as products, each text is one more query.

    ranker : object or None, default=None
        What scores candidates, by default a `TextMatchRanker`: ``fit_shortlists(X, labels, scores,
        Y)`` and ``rescore(X, labels, scores)``, where X are vectors of queries, and of each row
        `labels` are positions in ``classes_``, -1 for none, and `scores` those of the classifier in
        the log domain, -inf for what only the text index found. It returns the log-odds that a
        product is wanted. It is copied. Where products are to come and go, give a `TextMatchRanker`
        with an `estimator` of your own: what other rankers learned is about positions that change.

    text_matches : int, default=150
        How many candidates come from the index of texts.

    synonyms : dict of {str: str or list of str} or None, default=None
        Words that queries with a word are also searched for.

    cv : int, default=3
        In how many parts the queries are cut to train the ranker.

    n_jobs : int or None, default=None
        Threads for fitting and ranking. The result is the same for any number.

    random_state : int, RandomState instance or None, default=None
        Decides which queries and products the ranker's training leaves out, and seeds the
        classifier if its own is None.

    Attributes
    ----------
    classes_ : ndarray of shape (n_products,)
        The products, sorted; the numbers of a sequence.

    label_texts_ : dict of {product: str}
        Their texts.

    vectorizer_ : transformer
        The fitted vectorizer.

    classifier_ : XRLinearClassifier or None
        The fitted classifier; None where there were no clicks.

    ranker_ : object
        The fitted ranker.

    See Also
    --------
    QueryAutocompleter : What this is for products, that is for the query itself.
    XRLinearClassifier : Ranks labels by any features.

    Notes
    -----
    Rows of the same query count as one query with all its products. The more often a product was
    clicked after it, the more that pair matters to the classifier, in proportion to the logarithm.

    Products that were clicked after the very same query get log-odds for that: 3 for a click, twice
    as much for three, and so on by the logarithm.

    A query of which nothing is known, such as an empty one, gets the most popular products. Their
    scores say that this is a guess.

    Examples
    --------
    >>> from sklearn_xmr import ProductRetriever
    >>> titles = {
    ...     "H1": "Garden hose, 50 ft.",
    ...     "H2": "Soaker hose 25 ft.",
    ...     "R1": "Hose reel with wheels",
    ...     "S1": "Wood screws 2 in., box of 100",
    ... }
    >>> retriever = ProductRetriever(label_text=titles, random_state=0).fit([], [])
    >>> [product for product, _ in retriever.search("gardn hoses", k=2)]
    ['H1', 'H2']
    """

    _parameter_constraints: ClassVar[dict] = {
        "vectorizer": [HasMethods(["fit", "transform"]), None],
        "classifier": [XRLinearClassifier, None],
        "ranker": [HasMethods(["fit_shortlists", "rescore"]), None],
        "text_matches": [Interval(Integral, 1, None, closed="left")],
        "cv": [Interval(Integral, 2, None, closed="left")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        label_text=None,
        vectorizer=None,
        classifier=None,
        ranker=None,
        text_matches=150,
        synonyms=None,
        cv=3,
        n_jobs=None,
        random_state=None,
    ):
        self.label_text = label_text
        self.vectorizer = vectorizer
        self.classifier = classifier
        self.ranker = ranker
        self.text_matches = text_matches
        self.synonyms = synonyms
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _default_parts(self):
        return {
            "vectorizer": lambda: TextViews(self.n_jobs),
            "classifier": default_classifier,
            "ranker": TextMatchRanker,
        }

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, *, sample_weight=None):
        """Learn from queries and the products that were clicked.

        Parameters
        ----------
        X : array-like of str of shape (n_samples,) or None
            Queries, any number of times each.
        y : array-like of shape (n_samples,), sequence of sets, or array-like or sparse matrix of \
shape (n_samples, n_products), or None
            One product for each row, sets of products (or lists and tuples, if they are str), or an
            indicator with columns in the order of ``classes_``; a DataFrame whose columns are the
            products is read by these. Without any rows, products are found by their texts alone.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            How often each row occurred, such as clicks. None is once.

        Returns
        -------
        ProductRetriever
            The fitted retriever.

        Raises
        ------
        ValueError
            If a product is not in `label_text`, an indicator has another number of columns, there
            are no products, weights are negative, not finite or all zero, lengths differ, or a
            parameter is invalid.
        TypeError
            If a query or a product's text is no str.
        """
        for name in ("vectorizer", "classifier", "ranker"):
            check_is_object(getattr(self, name), name)
        catalogue = self._read_catalogue(y)
        log = ClickLog.of(X, y, sample_weight, catalogue)
        parts = Parts(
            self.vectorizer,
            self.classifier,
            self.ranker,
            self.text_matches,
            check_synonyms(self.synonyms),
            self.cv,
            self.n_jobs,
        )
        with self._writers:
            self._fitted = train(catalogue, log, parts, check_random_state(self.random_state))
        return self

    def add_labels(self, label_text, X=None, y=None):
        """Take in new products, new texts of known ones, and more clicks: in place, at once.

        Whoever searches meanwhile, in another thread, finds what was there before the change or
        what is there after it. Changes wait for each other.

        Parameters
        ----------
        label_text : dict of {product: str} or sequence of str
            The texts of new products, and of known ones that get another. Those of a sequence are
            products numbered on. A pandas Series with an index other than 0, 1, ... is a dict. It
            may be empty where there are clicks.
        X : array-like of str of shape (n_samples,) or None, default=None
            Queries, any number of times each.
        y : array-like of shape (n_samples,), sequence of sets, or array-like or sparse matrix of \
shape (n_samples, n_products), or None, default=None
            What was clicked, of new products and known ones, as :meth:`fit` takes it.

        Returns
        -------
        ProductRetriever
            The same retriever.

        Raises
        ------
        NotFittedError
            If the retriever is not fitted.
        ValueError
            If a product of `y` is unknown, lengths differ, products are of another kind than those
            known, or the ranker is not a `TextMatchRanker`. Then nothing has changed.
        TypeError
            If a query or a product's text is no str.

        Warns
        -----
        UserWarning
            If more than 30 % of the products were added since the retriever was fitted to clicks.

        See Also
        --------
        remove_labels : The other way.

        Notes
        -----
        Read in the :ref:`User Guide <living_catalogue>` what a product that comes later gains, and
        what only a new fit does.

        Examples
        --------
        >>> from sklearn_xmr import ProductRetriever
        >>> retriever = ProductRetriever(label_text={"H1": "Garden hose"}).fit([], [])
        >>> retriever = retriever.add_labels({"H2": "Zymora soaker hose", "R1": "Hose reel"})
        >>> retriever.search("zymora", k=1)[0][0]
        'H2'
        """
        self._check_fitted()
        with self._writers:
            fitted = self._fitted
            change, log = fitted.catalogue.with_texts(label_text), None
            if X is not None or y is not None:
                log = ClickLog.of(X, y, None, change.new)
            self._fitted = changed(fitted, change, log)
        return self

    def remove_labels(self, labels):
        """Take products out: in place, at once, as :meth:`add_labels` takes them in.

        Parameters
        ----------
        labels : sequence of products
            Values of ``classes_``, each once, not all of them.

        Returns
        -------
        ProductRetriever
            The same retriever. It does not find these products, whatever was clicked, and has
            forgotten their clicks. Their memory is free once they are a quarter of all.

        Raises
        ------
        NotFittedError
            If the retriever is not fitted.
        ValueError
            If one is not in ``classes_``, or named twice, none would be left, or the ranker is not
            a `TextMatchRanker`. Then nothing has changed.

        Examples
        --------
        >>> from sklearn_xmr import ProductRetriever
        >>> retriever = ProductRetriever(label_text=["garden hose", "hose reel"]).fit([], [])
        >>> retriever.remove_labels([0]).search("hose")[0][0]
        1
        """
        self._check_fitted()
        if isinstance(labels, str):
            raise ValueError(f"labels must be a sequence of products, got a str, {labels!r}.")
        labels = as_list(labels, "labels", "products", in_any_order=True)
        with self._writers:
            fitted = self._fitted
            self._fitted = changed(fitted, fitted.catalogue.without(labels))
        return self

    @property
    def _writers(self):
        # Changes wait for each other here. No lock is copied or stored.
        return vars(self).setdefault("_lock", Lock())

    def __getstate__(self):
        return {name: value for name, value in super().__getstate__().items() if name != "_lock"}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.target_tags.multi_output = True
        return tags

    def __repr__(self, N_CHAR_MAX=700):
        # Without all the texts.
        shown = copy.copy(self)
        if self.label_text is not None:
            shown.label_text = Abbreviated(self.label_text)
        return BaseEstimator.__repr__(shown, N_CHAR_MAX)

    def _read_catalogue(self, y):
        if self.label_text is not None:
            return Catalogue.of(self.label_text)
        rows, is_indicator = read_rows(y)
        if is_indicator:
            raise ValueError("label_text must be given where y is an indicator, got None.")
        products = {product for row in rows for product in row}
        for product in products:
            if not isinstance(product, str):
                raise ValueError(
                    f"label_text must be given where products are no str, got None, and {product!r}"
                    " in y."
                )
        return Catalogue.of({product: product for product in products})
