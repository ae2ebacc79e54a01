"""Vectorizers that learn terms after they were fitted, and say the same of all others."""

from sklearn.exceptions import NotFittedError

from .._saving.stored_arrays import copied
from .text_checks import check_documents
from .unseen_terms import extended, unseen_terms


class ExtendMixin:
    """Gives a vectorizer of n-grams further terms."""

    def extend(self, raw_documents):
        """Make a vectorizer that knows further terms, and says the same of all others.

        Parameters
        ----------
        raw_documents : iterable of str
            Texts. Terms that only they have get columns behind all others, and .8 times the `idf_`
            of the rarest of these; `min_df`, `max_df` and `max_features` do not count.

        Returns
        -------
        CharNgramTfidf or WordNgramTfidf
            With more columns; this one stays as it is.

        Raises
        ------
        NotFittedError
            If the vectorizer is not fitted.
        ValueError
            If a text is not valid, or the vocabulary was given.
        TypeError
            If a text is neither str nor bytes.

        Examples
        --------
        >>> from sklearn_xmr import WordNgramTfidf
        >>> vectorizer = WordNgramTfidf().fit(["garden hose", "hose reel"])
        >>> vectorizer.extend(["Zymora hose"]).get_feature_names_out().tolist()
        ['garden', 'hose', 'reel', 'zymora']
        """
        if not self.__sklearn_is_fitted__():
            raise NotFittedError("The TF-IDF vectorizer is not fitted")
        if self.fixed_vocabulary_:
            raise ValueError("vocabulary must be None where it is to be extended, got one.")
        [terms] = unseen_terms([self._view(check_documents(raw_documents))])
        return with_terms(self, terms)

    def _learn_more(self, terms):
        self.__dict__.pop("vocabulary_", None)
        self._vocabulary, self._weighting = extended(self._vocabulary, self._weighting, terms)
        return self


def with_terms(vectorizer, terms):
    """A copy of a fitted `NgramTfidf` that knows further `Terms`."""
    return copied(vectorizer)._learn_more(terms)


def n_terms(vectorizer):
    """How many terms an `NgramTfidf` knows."""
    return vectorizer._vocabulary.n_features
