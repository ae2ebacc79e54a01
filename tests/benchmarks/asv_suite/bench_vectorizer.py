"""Texts to n-grams, beside scikit-learn's class."""

from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer

from sklearn_xmr import CharNgramTfidf, WordNgramTfidf

from .common import books

VECTORIZERS = {
    "CharNgramTfidf": CharNgramTfidf(),
    "TfidfVectorizer, characters": TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3)),
    "WordNgramTfidf": WordNgramTfidf((1, 2)),
    "TfidfVectorizer, words": TfidfVectorizer(ngram_range=(1, 2)),
}


class Vectorizer:
    """Trigrams within words, and words and their pairs."""

    params = (list(VECTORIZERS),)
    param_names = ("vectorizer",)

    def setup(self, vectorizer):
        """Fit on the titles."""
        self.texts = books().train_texts
        self.vectorizer = clone(VECTORIZERS[vectorizer]).fit(self.texts)

    def time_fit_transform(self, vectorizer):
        """Learn and transform all titles."""
        self.vectorizer.fit_transform(self.texts)

    def time_transform(self, vectorizer):
        """Transform all titles."""
        self.vectorizer.transform(self.texts)

    def time_hundred_texts(self, vectorizer):
        """A hundred calls with one title."""
        for text in self.texts[:100]:
            self.vectorizer.transform([text])

    def peakmem_fit_transform(self, vectorizer):
        """Learn and transform all titles."""
        self.vectorizer.fit_transform(self.texts)
