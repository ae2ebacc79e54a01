"""`WordNgramTfidf`: tf-idf weighted word n-grams, fast."""

from collections.abc import Set

import numpy as np

from .._kernels.text_spans import Analyzer
from .._sklearn import StrOptions
from .._user_warnings import warn_user
from .ngram_counts import Terms, Vocabulary, words
from .ngram_tfidf import NgramTfidf
from .spans import Analysis
from .text_checks import check_ngram_range, check_stop_words, check_words


class WordNgramTfidf(NgramTfidf):
    """Convert texts to a matrix of tf-idf weighted word n-grams, fast.

    Gives the same matrix as :class:`~sklearn.feature_extraction.text.TfidfVectorizer` does for
    words, several times as fast. Parameters that both have mean the same and have the same
    defaults, apart from those of `dtype` and `token_pattern`: None finds what its default there
    finds.

    Read more in the :ref:`User Guide <text_features>`.

    Parameters
    ----------
    ngram_range : tuple (min_n, max_n), default=(1, 1)
        The n-grams to count: all with ``min_n <= n <= max_n`` words, joined by a space.

    lowercase : bool, default=True
        Whether to convert the text to lower case first.

    strip_accents : {"ascii", "unicode"}, callable or None, default=None
        Remove accents, after lower-casing: "ascii" drops whatever has no ASCII form, "unicode"
        works on any character, a callable maps text to text.

    normalize : {"NFC", "NFKC"} or None, default=None
        The Unicode form that the text is brought into before all else, so that "é" is the same
        however it was typed. "NFKC" also makes full-width letters, ligatures and the like plain.

    token_pattern : str or None, default=None
        What a word is. None: two or more letters, digits or underscores in a row, of any script.
        "letters_and_digits": one or more letters or digits, with the marks on them. "uax29": words
        as Unicode's Annex 29 bounds them [1]_, ideographs and Hiragana one by one, the letters of
        Thai and other scripts without spaces in one. Anything else is a regular expression, which
        takes several times as long; if it has a group, the group is the word.

    tokenizer : callable or None, default=None
        A function from a text, in lower case and without accents if so wanted, to the list of its
        words, instead of `token_pattern`. Empty words are left out.

    stop_words : {"english"}, list, tuple or set of str or None, default=None
        Words to leave out before n-grams are formed, so that the words around one become
        neighbours: scikit-learn's English list, or your own. They are compared with words as they
        are after `lowercase` and `strip_accents`.

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
    CharNgramTfidf : The same for characters.
    sklearn.feature_extraction.text.TfidfVectorizer : The same from scikit-learn.

    References
    ----------
    .. [1] Unicode Standard Annex 29, "Unicode Text Segmentation".

    Examples
    --------
    >>> from sklearn_xmr import WordNgramTfidf
    >>> vectorizer = WordNgramTfidf((1, 2), stop_words="english")
    >>> X = vectorizer.fit_transform(["The graph of a function", "Graph theory"])
    >>> vectorizer.get_feature_names_out().tolist()
    ['function', 'graph', 'graph function', 'graph theory', 'theory']
    >>> X.toarray().round(2)
    array([[0.63, 0.45, 0.63, 0.  , 0.  ],
           [0.  , 0.45, 0.  , 0.63, 0.63]], dtype=float32)
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        **NgramTfidf._parameter_constraints,
        "token_pattern": [str, None],
        "tokenizer": [callable, None],
        "stop_words": [StrOptions({"english"}), list, tuple, Set, None],
    }

    def __init__(
        self,
        ngram_range=(1, 1),
        *,
        lowercase=True,
        strip_accents=None,
        normalize=None,
        token_pattern=None,
        tokenizer=None,
        stop_words=None,
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
        self.token_pattern = token_pattern
        self.tokenizer = tokenizer
        self.stop_words = stop_words

    def _check_analysis(self):
        """The parameters of the kernels, checked for what constraints cannot say."""
        min_n, max_n = check_ngram_range(self.ngram_range)
        analysis = Analysis(
            int(Analyzer.WORD),
            min_n,
            max_n,
            lowercase=bool(self.lowercase),
            strip_accents=self.strip_accents,
            normalize=self.normalize,
            words=check_words(self.token_pattern, self.tokenizer),
        )
        stop_words = check_stop_words(self.stop_words)
        if not stop_words:
            return analysis
        _warn_of_parts(words(stop_words, analysis).difference(stop_words))
        return analysis._replace(stop_words=Vocabulary.from_terms(Terms.from_strings(stop_words)))


def _warn_of_parts(parts):
    # In scikit-learn's words.
    if parts:
        warn_user(
            "Your stop_words may be inconsistent with your preprocessing. Tokenizing the stop "
            f"words generated tokens {sorted(parts)} not in stop_words.",
        )
