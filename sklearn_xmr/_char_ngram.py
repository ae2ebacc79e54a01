"""`CharNgramTfidf`: tf-idf weighted character n-grams, fast."""

import warnings
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn import get_config
from sklearn.base import BaseEstimator, _fit_context
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import strip_accents_ascii, strip_accents_unicode
from sklearn.utils._param_validation import HasMethods, Interval, RealNotInt, StrOptions
from sklearn.utils.parallel import Parallel, delayed

from ._kernels.char_ngram import PrefixWeighting
from ._kernels.text_spans import Analyzer
from ._kernels.tfidf_rows import Norm, TermFrequency
from ._ngram_counts import Analysis, Terms, Vocabulary, Weighting, count, find, learn, unite, weigh

# Code points that are worked on at once. Chunks are the same for every n_jobs.
CHUNK_SIZE = 2**20

_ANALYZERS = {
    "char": int(Analyzer.CHAR),
    "char_wb": int(Analyzer.CHAR_WB),
    "char_end": int(Analyzer.CHAR_END),
}
_PREFIX_WEIGHTINGS = {
    None: int(PrefixWeighting.UNWEIGHTED),
    "string": int(PrefixWeighting.BY_DOCUMENT),
    "word": int(PrefixWeighting.BY_SPAN),
}
_NORMS = {None: int(Norm.NO_NORM), "l1": int(Norm.L1), "l2": int(Norm.L2)}
_ACCENT_STRIPPERS = {"ascii": strip_accents_ascii, "unicode": strip_accents_unicode}
_LARGEST_N = 2**31 - 1


class CharNgramTfidf(BaseEstimator):
    """Convert texts to a matrix of tf-idf weighted character n-grams, fast.

    Gives the same matrix as :class:`~sklearn.feature_extraction.text.TfidfVectorizer` for
    ``analyzer="char"`` and ``"char_wb"``, several times as fast, and adds an end-of-word mark and
    prefix weighting. Parameters that both have mean the same and have the same defaults, apart from
    those of `ngram_range`, `analyzer` and `dtype`.

    Read more in the :ref:`User Guide <text_features>`.

    Parameters
    ----------
    ngram_range : tuple (min_n, max_n), default=(3, 3)
        The n-grams to count: all with ``min_n <= n <= max_n`` characters (Unicode code points).

    analyzer : {"char_wb", "char", "char_end"}, default="char_wb"
        Where the n-grams are taken from. "char_wb": each word between two spaces. "char": the whole
        text, with two or more white-space characters in a row made one space. "char_end": each word
        with the end mark "#". With "char_wb" and "char_end", a word with its marks that is shorter
        than ``min_n`` is an n-gram as it is.

    prefix_weighting : {"string", "word"} or None, default=None
        The i-th n-gram of its order n in the text ("string") or in the word ("word"), counting from 0,
        counts 1 / (i + 1) instead of 1, so that what begins alike becomes similar [1]_. Document
        frequencies and `max_features` still count each n-gram as 1. "word" needs words, hence another
        analyzer than "char"; neither goes with `binary` or `sublinear_tf`.

    lowercase : bool, default=True
        Whether to convert the text to lower case first.

    strip_accents : {"ascii", "unicode"}, callable or None, default=None
        Remove accents, after lower-casing: "ascii" drops whatever has no ASCII form, "unicode" works
        on any character, a callable maps text to text.

    min_df : int or float, default=1
        Leave out terms that fewer documents have: a number of documents, or a proportion if float.
        Ignored if `vocabulary` is given.

    max_df : int or float, default=1.0
        Leave out terms that more documents have: a number of documents, or a proportion if float.
        Ignored if `vocabulary` is given.

    max_features : int or None, default=None
        Keep only that many terms, the most frequent ones over all documents. Ignored if `vocabulary`
        is given.

    binary : bool, default=False
        Whether to count an n-gram once per document, however often it occurs.

    sublinear_tf : bool, default=False
        Whether to replace a count tf by 1 + log(tf).

    use_idf : bool, default=True
        Whether to multiply counts with the inverse document frequency.

    smooth_idf : bool, default=True
        Whether to add one to the document frequencies, as if there were one more document with all
        terms.

    norm : {"l1", "l2"} or None, default="l2"
        The norm that rows are scaled to have.

    vocabulary : mapping or iterable of str, default=None
        The terms to count, either a mapping of terms to column numbers or the terms in the order of
        columns. By default, the terms found in the documents, sorted.

    dtype : {numpy.float32, numpy.float64}, default=numpy.float32
        Type of the matrix.

    n_jobs : int or None, default=None
        Number of threads. The result is the same for any number. None is 1, unless in a
        :obj:`joblib.parallel_config` context; -1 means all processors.

    Attributes
    ----------
    vocabulary_ : dict
        Column numbers of the terms. Built when it is first asked for.

    fixed_vocabulary_ : bool
        Whether `vocabulary` was given.

    idf_ : ndarray of shape (n_features,)
        Inverse document frequencies; only if `use_idf`. Can be set.

    See Also
    --------
    sklearn.feature_extraction.text.TfidfVectorizer : Counts words as well.

    References
    ----------
    .. [1] N. Yadav, R. Sen, D. N. Hill, A. Mazumdar and I. S. Dhillon, "Session-Aware Query
       Auto-completion using Extreme Multi-label Ranking", KDD 2021.

    Examples
    --------
    >>> from sklearn_xmr import CharNgramTfidf
    >>> vectorizer = CharNgramTfidf(analyzer="char_end")
    >>> X = vectorizer.fit_transform(["Echo with clock", "Echo dot"])
    >>> X.shape
    (2, 10)
    >>> vectorizer.get_feature_names_out()[:4]
    array(['ch', 'cho', 'ck#', 'clo'], dtype=object)
    """

    # raw_documents should not take part in metadata routing.
    __metadata_request__fit = {"raw_documents": "$UNUSED$"}  # noqa: RUF012
    __metadata_request__transform = {"raw_documents": "$UNUSED$"}  # noqa: RUF012

    _parameter_constraints: dict = {  # noqa: RUF012
        "ngram_range": [tuple],
        "analyzer": [StrOptions(set(_ANALYZERS))],
        "prefix_weighting": [StrOptions({"string", "word"}), None],
        "lowercase": ["boolean"],
        "strip_accents": [StrOptions({"ascii", "unicode"}), callable, None],
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
        ngram_range=(3, 3),
        *,
        analyzer="char_wb",
        prefix_weighting=None,
        lowercase=True,
        strip_accents=None,
        min_df=1,
        max_df=1.0,
        max_features=None,
        binary=False,
        sublinear_tf=False,
        use_idf=True,
        smooth_idf=True,
        norm="l2",
        vocabulary=None,
        dtype=np.float32,
        n_jobs=None,
    ):
        self.ngram_range = ngram_range
        self.analyzer = analyzer
        self.prefix_weighting = prefix_weighting
        self.lowercase = lowercase
        self.strip_accents = strip_accents
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

    @_fit_context(prefer_skip_nested_validation=True)
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
        self : CharNgramTfidf
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

    @_fit_context(prefer_skip_nested_validation=True)
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
        X : CSR matrix or array of shape (n_samples, n_features)
            The weighted n-grams, of type `dtype`, indices sorted. A matrix, or an array if
            scikit-learn is configured with ``sparse_interface="sparray"``.

        Raises
        ------
        ValueError
            If a parameter or text is not valid, or no term is found or left.
        TypeError
            If a text is neither str nor bytes.
        """
        chunks = self._fit(raw_documents)
        n_features = self._vocabulary.n_features
        return _to_matrix(self._parallel(weigh, chunks, n_features, self._weighting), n_features)

    def transform(self, raw_documents):
        """Return the matrix of texts, with the vocabulary and frequencies learned by `fit`.

        Parameters
        ----------
        raw_documents : iterable of str
            The texts. Bytes are decoded as UTF-8.

        Returns
        -------
        X : CSR matrix or array of shape (n_samples, n_features)
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
        documents = _check_documents(raw_documents)
        if not self.__sklearn_is_fitted__():
            raise NotFittedError("The TF-IDF vectorizer is not fitted")
        _check_not_empty(documents, self._vocabulary)
        fitted = (self._analysis, self._vocabulary, self._weighting)
        chunks = self._parallel(_transform_chunk, _cut(documents), *fitted)
        return _to_matrix(chunks, self._vocabulary.n_features)

    def get_feature_names_out(self, input_features=None):
        """Return the terms in the order of columns.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Ignored.

        Returns
        -------
        feature_names_out : ndarray of shape (n_features,), dtype=object
            The terms, as str.

        Raises
        ------
        NotFittedError
            If there is no vocabulary, neither fitted nor given.
        """
        if self.__sklearn_is_fitted__():
            terms = self._vocabulary.terms
        elif self.vocabulary is not None:
            terms = _check_vocabulary(self.vocabulary)
        else:
            raise NotFittedError("Vocabulary not fitted or provided")
        return np.array(terms.to_strings(), dtype=object)

    @cached_property
    def vocabulary_(self):
        """Column numbers of the terms."""
        if not self.__sklearn_is_fitted__():
            raise NotFittedError("Vocabulary not fitted or provided")
        return {term: i for i, term in enumerate(self._vocabulary.terms.to_strings())}

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
        if not self.__sklearn_is_fitted__():
            terms = _check_vocabulary(self.vocabulary or {})
            dtype = _check_dtype(self.dtype)
            self._set_fitted(
                self._check_analysis(), Vocabulary.from_terms(terms), np.empty(0, dtype)
            )
        n_features = self._vocabulary.n_features
        idf = np.array(value, dtype=self._weighting.idf.dtype)
        if idf.shape != (n_features,):
            raise ValueError(
                f"idf length = {np.size(value)} must be equal to vocabulary size = {n_features}"
            )
        self._weighting = self._weighting._replace(idf=idf)

    def _fit(self, raw_documents):
        """Fit; return the rows of counts in chunks, numbered by column."""
        documents = _check_documents(raw_documents)
        analysis, dtype = self._check_analysis(), _check_dtype(self.dtype)
        if self.vocabulary is None:
            vocabulary, rows, df = self._learn(documents, analysis)
        else:
            vocabulary = Vocabulary.from_terms(_check_vocabulary(self.vocabulary, self.lowercase))
            _check_not_empty(documents, vocabulary)
            counted = self._parallel(_count_chunk, _cut(documents), analysis, vocabulary)
            rows, df = [rows for rows, _ in counted], sum(df for _, df in counted)
        idf = _idf(df, len(documents), self.smooth_idf) if self.use_idf else np.empty(0)
        self._set_fitted(analysis, vocabulary, idf.astype(dtype))
        return rows

    def _learn(self, documents, analysis):
        """The vocabulary of documents, their rows of counts in chunks, document frequencies."""
        learned = self._parallel(_learn_chunk, _cut(documents), analysis)
        chunks, parts, dfs, tfs = zip(*learned, strict=True)
        terms, numbers = unite(parts)
        if not len(terms.spans):
            raise ValueError("empty vocabulary; perhaps the documents only contain stop words")
        order = terms.order()
        df = _sum_at(numbers, dfs, len(order))[order]
        tf = df if self.binary else _sum_at(numbers, tfs, len(order))[order]
        keep = self._select_terms(df, tf, len(documents))
        kept, df = order[keep], df[keep]
        column = np.full(len(order), -1, dtype=np.int32)
        column[kept] = np.arange(len(kept), dtype=np.int32)
        for rows, number in zip(chunks, numbers, strict=True):
            np.take(column[number], rows.ids, out=rows.ids, mode="clip")
        return Vocabulary.from_terms(terms.take(kept), df), chunks, df

    def _select_terms(self, df, tf, n_documents):
        """Whether to keep each term, from its document and term frequency."""
        lowest, highest = (
            limit if isinstance(limit, Integral) else limit * n_documents
            for limit in (self.min_df, self.max_df)
        )
        if highest < lowest:
            raise ValueError("max_df corresponds to < documents than min_df")
        keep = (df >= lowest) & (df <= highest)
        if self.max_features is not None and keep.sum() > self.max_features:
            # The very call that scikit-learn makes: it decides which of equally frequent terms stay.
            most_frequent = (-tf[keep].astype(np.float64)).argsort()[: self.max_features]
            kept = np.flatnonzero(keep)[most_frequent]
            keep[:] = False
            keep[kept] = True
        if not keep.any():
            raise ValueError(
                "After pruning, no terms remain. Try a lower min_df or a higher max_df."
            )
        return keep

    def _check_analysis(self):
        """The parameters of the kernels, checked for what constraints cannot say."""
        min_n, max_n = _check_ngram_range(self.ngram_range)
        if self.prefix_weighting is not None:
            if self.prefix_weighting == "word" and self.analyzer == "char":
                raise ValueError(
                    "prefix_weighting='word' needs an analyzer that has words, 'char_wb' or "
                    "'char_end', got analyzer='char'."
                )
            for name in ("binary", "sublinear_tf"):
                if getattr(self, name):
                    raise ValueError(
                        f"prefix_weighting={self.prefix_weighting!r} does not go with {name}=True."
                    )
        return Analysis(
            _ANALYZERS[self.analyzer],
            min_n,
            max_n,
            _PREFIX_WEIGHTINGS[self.prefix_weighting],
            bool(self.lowercase),
            _ACCENT_STRIPPERS.get(self.strip_accents, self.strip_accents),
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

    def _parallel(self, function, chunks, *args):
        if len(chunks) == 1:
            return [function(chunks[0], *args)]
        parallel = Parallel(n_jobs=self.n_jobs, prefer="threads")
        return parallel(delayed(function)(chunk, *args) for chunk in chunks)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_vocabulary")

    def __getstate__(self):
        # What was built for convenience is built again.
        state = super().__getstate__()
        return {key: value for key, value in state.items() if key != "vocabulary_"}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _cut(documents):
    """Cut a list of documents into lists of about `CHUNK_SIZE` code points."""
    sizes = list(map(len, documents))
    if sum(sizes) <= CHUNK_SIZE:
        return [documents]
    starts = np.cumsum([0, *sizes[:-1]])
    cuts = np.flatnonzero(np.diff(starts // CHUNK_SIZE)) + 1
    return [documents[i:j] for i, j in pairwise([0, *cuts.tolist(), len(documents)])]


def _learn_chunk(documents, analysis):
    """Rows of counts, terms, and the terms' document and term frequencies."""
    ngrams, terms = learn(documents, analysis)
    rows, df, tf = count(ngrams, len(terms.spans))
    return rows, terms.take(slice(None)), df, tf


def _count_chunk(documents, analysis, vocabulary):
    """Rows of counts, and document frequencies."""
    rows, df, _ = count(find(documents, analysis, vocabulary), vocabulary.n_features)
    return rows, df


def _transform_chunk(documents, analysis, vocabulary, weighting):
    return weigh(find(documents, analysis, vocabulary), vocabulary.n_features, weighting)


def _idf(df, n_documents, smooth):
    return np.log((n_documents + smooth) / (df + smooth)) + 1.0


def _sum_at(numbers, values, size):
    """Sum what each chunk has counted, given the final numbers of its terms."""
    total = np.zeros(size, dtype=np.int64)
    for number, value in zip(numbers, values, strict=True):
        total[number] += value
    return total


def _to_matrix(chunks, n_features):
    """One sparse matrix of the rows of all chunks."""
    ptr, ids, data = chunks[0]
    if len(chunks) > 1:
        ends = np.cumsum([rows.ptr[-1] for rows in chunks])
        ptr = np.concatenate(
            [ptr] + [rows.ptr[1:] + end for rows, end in zip(chunks[1:], ends[:-1], strict=True)]
        )
        ids = np.concatenate([rows.ids for rows in chunks])
        data = np.concatenate([rows.counts for rows in chunks])
    # SciPy wants one type for both.
    if ptr[-1] <= np.iinfo(np.int32).max:
        ptr = ptr.astype(np.int32)
    else:
        ids = ids.astype(np.int64)
    as_array = get_config()["sparse_interface"] == "sparray"
    container = sparse.csr_array if as_array else sparse.csr_matrix
    X = container((data, ids, ptr), shape=(len(ptr) - 1, n_features))
    X.has_canonical_format = True
    return X


def _check_documents(raw_documents):
    """A list of str."""
    if isinstance(raw_documents, (str, bytes)):
        raise ValueError("Iterable over raw text documents expected, string object received.")
    if getattr(raw_documents, "ndim", 1) != 1:
        raise ValueError(
            "raw_documents must be one-dimensional, an iterable of str, got "
            f"{type(raw_documents).__name__} of shape {raw_documents.shape}."
        )
    documents = list(raw_documents)
    if set(map(type, documents)) - {str}:
        documents = [_decode(document, i) for i, document in enumerate(documents)]
    return documents


def _decode(document, i):
    if isinstance(document, str):
        return document
    if isinstance(document, bytes):
        return document.decode("utf-8")
    if isinstance(document, float) and document != document:
        raise ValueError("np.nan is an invalid document, expected byte or unicode string.")
    raise TypeError(
        f"raw_documents[{i}] must be str or bytes, got {document!r} of type "
        f"{type(document).__name__}."
    )


def _check_not_empty(documents, vocabulary):
    if not documents:
        raise ValueError(
            f"Found array with 0 sample(s) (shape=(0, {vocabulary.n_features})) while a minimum of 1 is "
            "required by CharNgramTfidf."
        )


def _check_ngram_range(ngram_range):
    """The range as two ints, cut to what a document can have."""
    if len(ngram_range) != 2 or not all(isinstance(n, Integral) for n in ngram_range):
        raise ValueError(f"ngram_range must be a tuple of two ints, got {ngram_range!r}.")
    min_n, max_n = ngram_range
    if min_n > max_n:
        raise ValueError(
            f"Invalid value for ngram_range={ngram_range} lower boundary larger than the upper "
            "boundary."
        )
    if min_n < 1:
        raise ValueError(f"ngram_range must begin at 1 or more, got {ngram_range!r}.")
    return min(int(min_n), _LARGEST_N), min(int(max_n), _LARGEST_N)


def _check_dtype(dtype):
    try:
        checked = np.dtype(dtype)
    except TypeError:
        checked = None
    if checked not in (np.float32, np.float64):
        raise ValueError(f"dtype must be numpy.float32 or numpy.float64, got {dtype!r}.")
    return checked


def _check_vocabulary(vocabulary, lowercase=False):
    """The `Terms` of the user's vocabulary, in the order of columns."""
    if isinstance(vocabulary, Mapping):
        columns = set(vocabulary.values())
        if len(columns) != len(vocabulary):
            raise ValueError("Vocabulary contains repeated indices.")
        for i in range(len(vocabulary)):
            if i not in columns:
                raise ValueError(f"Vocabulary of size {len(vocabulary)} doesn't contain index {i}.")
        terms = sorted(vocabulary, key=vocabulary.get)
    else:
        terms = sorted(vocabulary) if isinstance(vocabulary, set) else list(vocabulary)
    if not terms:
        raise ValueError("empty vocabulary passed to fit")
    seen = set()
    for term in terms:
        if not isinstance(term, str):
            raise TypeError(
                f"vocabulary must have terms of type str, got {term!r} of type "
                f"{type(term).__name__}."
            )
        if term in seen:
            raise ValueError(f"Duplicate term in vocabulary: {term!r}")
        seen.add(term)
    if lowercase and any(character.isupper() for term in terms for character in term):
        warnings.warn(
            "Upper case characters found in vocabulary while 'lowercase' is True. These entries will "
            "not be matched with any documents",
            stacklevel=2,
        )
    return Terms.from_strings(terms)
