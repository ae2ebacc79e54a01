"""What vectorizers of n-grams have in common: all but where their n-grams come from."""

from collections.abc import Mapping
from functools import cached_property
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils.metadata_routing import UNUSED

from .._kernels.tfidf_rows import Norm, TermFrequency
from .._saving.stored_arrays import check_array
from .._saving.versions import VersionedState
from .._sklearn import HasMethods, Interval, RealNotInt, StrOptions, fit_context
from .._sparse import Csr
from .extend_mixin import ExtendMixin
from .ngram_counts import Terms, Vocabulary, Weighting, count, learn, select_terms, unite
from .text_checks import check_documents, check_float_dtype, check_vocabulary
from .tfidf_rows import (
    IDS_ARE_COLUMNS,
    ONE,
    View,
    in_threads,
    rows_in_chunks,
    rows_of,
    stack,
    to_csr,
    weigh,
)

_NORMS = {None: int(Norm.NO_NORM), "l1": int(Norm.L1), "l2": int(Norm.L2)}


class NgramTfidf(ExtendMixin, VersionedState, BaseEstimator):
    """Base class of vectorizers, which say in ``_check_analysis()`` how texts become n-grams."""

    # As in scikit-learn, the texts are no metadata to route.
    __metadata_request__fit = {"raw_documents": UNUSED}  # noqa: RUF012
    __metadata_request__transform = {"raw_documents": UNUSED}  # noqa: RUF012

    _parameter_constraints: dict = {  # noqa: RUF012
        "ngram_range": [tuple],
        "lowercase": ["boolean"],
        "strip_accents": [StrOptions({"ascii", "unicode"}), callable, None],
        "normalize": [StrOptions({"NFC", "NFKC"}), None],
        "min_df": [
            Interval(RealNotInt, 0, 1, closed="both"),
            Interval(Integral, 1, None, closed="left"),
        ],
        "max_df": [
            Interval(RealNotInt, 0, 1, closed="both"),
            Interval(Integral, 1, None, closed="left"),
        ],
        "max_features": [Interval(Integral, 1, None, closed="left"), None],
        "binary": ["boolean"],
        "sublinear_tf": ["boolean"],
        "use_idf": ["boolean"],
        "smooth_idf": ["boolean"],
        "norm": [StrOptions({"l1", "l2"}), None],
        "vocabulary": [Mapping, HasMethods("__iter__"), None],
        "dtype": "no_validation",
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        *,
        ngram_range,
        lowercase,
        strip_accents,
        normalize,
        min_df,
        max_df,
        max_features,
        binary,
        sublinear_tf,
        use_idf,
        smooth_idf,
        norm,
        vocabulary,
        dtype,
        n_jobs,
    ):
        self.ngram_range = ngram_range
        self.lowercase = lowercase
        self.strip_accents = strip_accents
        self.normalize = normalize
        self.min_df = min_df
        self.max_df = max_df
        self.max_features = max_features
        self.binary = binary
        self.sublinear_tf = sublinear_tf
        self.use_idf = use_idf
        self.smooth_idf = smooth_idf
        self.norm = norm
        self.vocabulary = vocabulary
        self.dtype = dtype
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, raw_documents, y=None):
        """Learn the vocabulary and the inverse document frequencies.

        Parameters
        ----------
        raw_documents : iterable of str
            The texts. Bytes are decoded as UTF-8.

        y : None
            Ignored.

        Returns
        -------
        CharNgramTfidf
            The fitted vectorizer.

        Raises
        ------
        ValueError
            If a parameter or text is not valid, or no term is found or left.
        TypeError
            If a text is neither str nor bytes.
        """
        self._fit(raw_documents)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, raw_documents, y=None):
        """Learn vocabulary and frequencies, and return the matrix of the same texts.

        The same as ``fit(raw_documents).transform(raw_documents)``, but faster.

        Parameters
        ----------
        raw_documents : iterable of str
            The texts. Bytes are decoded as UTF-8.

        y : None
            Ignored.

        Returns
        -------
        CSR matrix or array of shape (n_samples, n_features)
            The weighted n-grams, of type `dtype`, indices sorted. A matrix, or an array if
            scikit-learn is configured with ``sparse_interface="sparray"``.

        Raises
        ------
        ValueError
            If a parameter or text is not valid, or no term is found or left.
        TypeError
            If a text is neither str nor bytes.
        """
        counted = self._fit(raw_documents)
        n_features = self._vocabulary.n_features
        rows = stack(self._parallel(weigh, counted, n_features, self._weighting), self.n_jobs)
        return to_csr(self._check_finite(rows), n_features)

    def transform(self, raw_documents):
        """Return the matrix of texts, with the vocabulary and frequencies learned by `fit`.

        Parameters
        ----------
        raw_documents : iterable of str
            The texts. Bytes are decoded as UTF-8.

        Returns
        -------
        CSR matrix or array of shape (n_samples, n_features)
            The weighted n-grams, of type `dtype`, indices sorted. A matrix, or an array if
            scikit-learn is configured with ``sparse_interface="sparray"``.

        Raises
        ------
        NotFittedError
            If the vectorizer is not fitted.
        ValueError
            If there is no text, or one that is not valid.
        TypeError
            If a text is neither str nor bytes.
        """
        return to_csr(self._transform(raw_documents), self._vocabulary.n_features)

    def get_feature_names_out(self, input_features=None):
        """Return the terms in the order of columns.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Ignored.

        Returns
        -------
        ndarray of shape (n_features,), dtype=object
            The terms, as str.

        Raises
        ------
        NotFittedError
            If there is no vocabulary, neither fitted nor given.
        """
        if self.__sklearn_is_fitted__():
            terms = self._vocabulary.all_terms.to_strings()
        elif self.vocabulary is not None:
            terms = check_vocabulary(self.vocabulary)
        else:
            raise NotFittedError("Vocabulary not fitted or provided")
        return np.array(terms, dtype=object)

    @cached_property
    def vocabulary_(self):
        """Column numbers of the terms."""
        if not self.__sklearn_is_fitted__():
            raise NotFittedError("Vocabulary not fitted or provided")
        return {term: i for i, term in enumerate(self._vocabulary.all_terms.to_strings())}

    @property
    def idf_(self):
        """Inverse document frequencies of the terms, of shape (n_features,)."""
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(
                f"{type(self).__name__} is not fitted yet. Call 'fit' with appropriate arguments "
                "before using this attribute."
            )
        if not len(self._weighting.idf):
            raise AttributeError("`idf_` is only defined if `use_idf=True`.")
        return self._weighting.idf

    @idf_.setter
    def idf_(self, value):
        if not self.use_idf:
            raise ValueError("`idf_` cannot be set when `use_idf=False`.")
        is_fitted = self.__sklearn_is_fitted__()
        if not is_fitted and self.vocabulary is None:
            raise NotFittedError("Vocabulary not fitted or provided")
        vocabulary = self._vocabulary if is_fitted else self._given_vocabulary()
        idf = np.array(value, dtype=check_float_dtype(self.dtype))
        if not np.isfinite(idf).all():
            raise ValueError("idf_ must be finite, got NaN or infinity.")
        if idf.shape != (vocabulary.n_features,):
            raise ValueError(
                f"idf length = {idf.size} must be equal to vocabulary size = "
                f"{vocabulary.n_features}"
            )
        if is_fitted:
            self._weighting = self._weighting._replace(idf=idf)
            self._has_infinite_idf = False
        else:
            self._validate_params()
            self._set_fitted(self._check_analysis(), vocabulary, idf)

    def _transform(self, raw_documents):
        """The rows of the matrix that `transform` makes."""
        if not self.__sklearn_is_fitted__():
            raise NotFittedError("The TF-IDF vectorizer is not fitted")
        documents = check_documents(raw_documents)
        self._check_not_empty(documents, self._vocabulary)
        return self._check_finite(rows_in_chunks(self._rows, documents, self.n_jobs))

    def _rows(self, documents):
        return rows_of([self._view(documents)], ONE[self._weighting.idf.dtype])

    def _view(self, documents, first_column=0):
        if not self._is_sound:
            self.check_contents()
        return View.of(documents, self._analysis, self._vocabulary, self._weighting, first_column)

    def _fit(self, raw_documents):
        """Fit; return in chunks the documents' rows of counts and the columns of their ids."""
        documents = check_documents(raw_documents)
        analysis, dtype = self._check_analysis(), check_float_dtype(self.dtype)
        if self.vocabulary is None:
            vocabulary, df, counted = self._learn(documents, analysis, dtype)
        else:
            vocabulary = self._given_vocabulary()
            self._check_not_empty(documents, vocabulary)
            chunks = documents.chunks(self.n_jobs)
            counts = self._parallel(count, chunks, analysis, dtype, vocabulary)
            rows, dfs = zip(*counts, strict=True)
            df = sum(dfs)
            counted = [(chunk, IDS_ARE_COLUMNS) for chunk in rows]
        idf = np.empty(0)
        if self.use_idf:
            with np.errstate(divide="ignore"):  # terms of a given vocabulary that no text has
                idf = np.log((len(documents) + self.smooth_idf) / (df + self.smooth_idf)) + 1.0
        self._set_fitted(analysis, vocabulary, idf.astype(dtype))
        return counted

    def _learn(self, documents, analysis, dtype):
        """The vocabulary, its document frequencies, and the counts in chunks."""
        with_tf = self.max_features is not None
        learned = self._parallel(learn, documents.chunks(self.n_jobs), analysis, dtype, with_tf)
        terms, df, tf, rows, numbers = unite(learned)
        if not terms.n_terms:
            raise ValueError("empty vocabulary; perhaps the documents only contain stop words")
        kept = select_terms(
            terms,
            df,
            df if self.binary else tf,
            len(documents),
            min_df=self.min_df,
            max_df=self.max_df,
            max_features=self.max_features,
        )
        column = np.full(terms.n_terms, -1, dtype=np.int32)
        column[kept] = np.arange(len(kept))
        counted = [(chunk, column[ids]) for chunk, ids in zip(rows, numbers, strict=True)]
        return Vocabulary.from_terms(terms.take(kept), df[kept]), df[kept], counted

    def _given_vocabulary(self):
        terms = check_vocabulary(self.vocabulary, lowercase=self.lowercase)
        return Vocabulary.from_terms(Terms.from_strings(terms))

    def _check_not_empty(self, documents, vocabulary):
        if not len(documents):
            raise ValueError(
                f"Found array with 0 sample(s) (shape=(0, {vocabulary.n_features})) while a "
                f"minimum of 1 is required by {type(self).__name__}."
            )

    def _set_fitted(self, analysis, vocabulary, idf):
        if self.binary:
            tf = TermFrequency.BINARY
        else:
            tf = TermFrequency.SUBLINEAR if self.sublinear_tf else TermFrequency.COUNT
        self.__dict__.pop("vocabulary_", None)
        self.fixed_vocabulary_ = self.vocabulary is not None
        self._analysis = analysis
        self._vocabulary = vocabulary
        self._weighting = Weighting(int(tf), idf, _NORMS[self.norm])
        self._has_infinite_idf = self.norm is not None and bool(np.isinf(idf).any())

    def _check_finite(self, rows):
        if self._has_infinite_idf and not np.isfinite(rows.counts).all():
            raise ValueError(
                "A text has a term that no text had when the vectorizer was fitted: with "
                "smooth_idf=False, its inverse document frequency is infinity."
            )
        return rows

    def _parallel(self, function, chunks, *args):
        return in_threads(lambda chunk: function(chunk, *args), chunks, self.n_jobs)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_vocabulary")

    # What `fit` made is; what comes from a file is looked at once, when it is first used.
    _is_sound = True

    def __getstate__(self):
        # The vocabulary is built again when it is asked for.
        state = super().__getstate__()
        dropped = ("vocabulary_", "_is_sound")
        return {key: value for key, value in state.items() if key not in dropped}

    def __setstate__(self, state):
        super().__setstate__(state)
        if self.__sklearn_is_fitted__():
            self._vocabulary.check_structure()
            idf = self._weighting.idf
            check_array(
                idf, "idf_", idf.dtype, (self._vocabulary.n_features,) if len(idf) else (0,)
            )
            self._is_sound = False

    def check_contents(self):
        """Refuse a vocabulary from a file that would lead a look-up astray.

        Raises
        ------
        ValueError
            If it would.
        """
        if self.__sklearn_is_fitted__():
            self._vocabulary.check_contents()
            stop_words = self._analysis.stop_words
            if stop_words is not None:
                stop_words.check_structure()
                stop_words.check_contents()
        self._is_sound = True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def transformed(vectorizer, texts):
    """What a fitted `NgramTfidf` of float32 makes of `Strings`, as `Csr`: SciPy takes longer."""
    rows = rows_in_chunks(vectorizer._rows, texts, vectorizer.n_jobs)
    return Csr(*vectorizer._check_finite(rows), vectorizer._vocabulary.n_features)


def view_of(vectorizer, documents, first_column=0):
    """What a fitted `NgramTfidf` sees of `Strings`, as a `View`."""
    return vectorizer._view(documents, first_column)
