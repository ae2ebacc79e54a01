"""`CharNgramTfidf`: tf-idf weighted character n-grams, fast."""

import numpy as np

from .._kernels.ngrams import PrefixWeighting
from .._kernels.text_spans import Analyzer
from .._sklearn import StrOptions
from .ngram_tfidf import NgramTfidf
from .spans import Analysis
from .text_checks import check_ngram_range

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


class CharNgramTfidf(NgramTfidf):
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
        Where the n-grams are taken from. "char_wb": each word between two spaces. "char": the
        whole text, with two or more white-space characters in a row made one space. "char_end":
        each word followed by the end mark "#". With "char_wb" and "char_end", a word that is
        shorter than ``min_n``, marks included, is one n-gram as a whole.

    prefix_weighting : {"string", "word"} or None, default=None
        Whether n-grams count less the further back they stand, so that texts that begin alike
        become similar [1]_: the i-th n-gram of its order n in the text ("string") or in the word
        ("word"), counted from 0, counts 1 / (i + 1) instead of 1. Document frequencies and
        `max_features` still count each n-gram as 1. "word" needs an analyzer other than "char",
        which has no words; neither goes with `binary` or `sublinear_tf`.

    lowercase : bool, default=True
        Whether to convert the text to lower case first.

    strip_accents : {"ascii", "unicode"}, callable or None, default=None
        Remove accents, after lower-casing: "ascii" drops whatever has no ASCII form, "unicode"
        works on any character, a callable maps text to text.

    normalize : {"NFC", "NFKC"} or None, default=None
        The Unicode form that the text is brought into before all else, so that "é" is the same
        however it was typed. "NFKC" also makes full-width letters, ligatures and the like plain.

    min_df : int or float, default=1
        Leave out terms found in fewer documents: a number of documents, or a proportion if float.
        Ignored if `vocabulary` is given.

    max_df : int or float, default=1.0
        Leave out terms found in more documents: a number of documents, or a proportion if float.
        Ignored if `vocabulary` is given.

    max_features : int or None, default=None
        Keep only that many terms, the most frequent ones over all documents. Ignored if
        `vocabulary` is given.

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
        :obj:`joblib.parallel_config` context of threads; -1 means all processors.

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
    WordNgramTfidf : The same for words.

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
    (2, 12)
    >>> vectorizer.get_feature_names_out()[:4]
    array(['cho', 'ck#', 'clo', 'dot'], dtype=object)
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        **NgramTfidf._parameter_constraints,
        "analyzer": [StrOptions(set(_ANALYZERS))],
        "prefix_weighting": [StrOptions({"string", "word"}), None],
    }

    def __init__(
        self,
        ngram_range=(3, 3),
        *,
        analyzer="char_wb",
        prefix_weighting=None,
        lowercase=True,
        strip_accents=None,
        normalize=None,
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
        super().__init__(
            ngram_range=ngram_range,
            lowercase=lowercase,
            strip_accents=strip_accents,
            normalize=normalize,
            min_df=min_df,
            max_df=max_df,
            max_features=max_features,
            binary=binary,
            sublinear_tf=sublinear_tf,
            use_idf=use_idf,
            smooth_idf=smooth_idf,
            norm=norm,
            vocabulary=vocabulary,
            dtype=dtype,
            n_jobs=n_jobs,
        )
        self.analyzer = analyzer
        self.prefix_weighting = prefix_weighting

    def _check_analysis(self):
        """The parameters of the kernels, checked for what constraints cannot say."""
        min_n, max_n = check_ngram_range(self.ngram_range)
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
            self.strip_accents,
            self.normalize,
        )
