"""The embedded book titles as matrices, made once for each process."""

from functools import cache

from sklearn.pipeline import make_union
from sklearn.preprocessing import MultiLabelBinarizer

from sklearn_xmr import CharNgramTfidf, WordNgramTfidf
from sklearn_xmr.datasets import load_book_subjects


@cache
def books():
    """Return the Bunch of titles and headings."""
    return load_book_subjects()


@cache
def matrices():
    """Return X and Y for training, and X for queries."""
    vectorizer = make_union(WordNgramTfidf((1, 2)), CharNgramTfidf())
    X = vectorizer.fit_transform(books().train_texts).tocsr()
    binarizer = MultiLabelBinarizer(sparse_output=True).fit([books().label_names])
    Y = binarizer.transform(books().train_labels)
    return X, Y, vectorizer.transform(books().test_texts).tocsr()
