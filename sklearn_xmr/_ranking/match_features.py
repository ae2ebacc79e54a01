"""What is known of a query and a label of its shortlist: a row of numbers for each such pair."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import normalize
from sklearn.utils import gen_batches

from .._kernels.match_features import VectorFeature, vector_features, word_features
from .._sparse import indptr_of

VECTOR_FEATURES = (
    "cosine",
    "coverage",
    "weighted coverage",
    "label coverage",
    "largest missing",
)
WORD_FEATURES = (
    "first word",
    "last word",
    "adjacent words",
    "ordered words",
    "numbers matched",
    "numbers contradicted",
    "numbers missing",
)
# Pairs whose common terms are looked up at once.
TERM_BATCH = 50_000


def has_digit(word):
    """Whether a word counts as a number."""
    return any(character.isdigit() for character in word)


class Words(NamedTuple):
    """The words of texts, in order.

    Attributes
    ----------
    indptr : ndarray of int64 of shape (n_texts + 1,)
        Where the words of each text start.
    words : ndarray of int32 of shape (n_words,)
        Equal numbers for equal words; negative ones equal none.
    is_number : ndarray of uint8 of shape (n_words,)
        1 for a word that is a number.
    """

    indptr: np.ndarray
    words: np.ndarray
    is_number: np.ndarray

    @classmethod
    def of(cls, texts, number_of):
        """Those of lists of words, by a mapping of words to their numbers; other words get -1."""
        words = [word for text in texts for word in text]
        numbers = (number_of.get(word, -1) for word in words)
        return cls(
            indptr_of([len(text) for text in texts]),
            np.fromiter(numbers, dtype=np.int32, count=len(words)),
            np.fromiter((has_digit(word) for word in words), dtype=np.uint8, count=len(words)),
        )


class Pairs(NamedTuple):
    """The labels of shortlists, one after the other.

    Attributes
    ----------
    indptr : ndarray of int64 of shape (n_queries + 1,)
        Where the labels of each query start.
    labels : ndarray of int32 of shape (n_pairs,)
    scores : ndarray of float64 of shape (n_pairs,)
        Scores so far, in the log domain; -inf for a label that was found in another way.
    label_counts : ndarray of float64 of shape (n_pairs,)
        How many training rows the label has.
    """

    indptr: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    label_counts: np.ndarray

    @classmethod
    def of(cls, labels, scores, label_counts):
        """Those of shortlists, arrays of shape (n_queries, n_shortlist), -1 for no label."""
        is_label = labels >= 0
        return cls(
            indptr_of(is_label.sum(axis=1)),
            labels[is_label].astype(np.int32),
            scores[is_label].astype(np.float64),
            label_counts[is_label].astype(np.float64),
        )

    @property
    def queries(self):
        """The query of each pair."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    def spread(self, ufunc, values):
        """What a ufunc makes of the values of a query, such as their maximum, for each pair."""
        sizes = np.diff(self.indptr)
        if not len(values):
            return values
        return np.repeat(ufunc.reduceat(values, self.indptr[:-1][sizes > 0]), sizes[sizes > 0])

    def gap_to_best(self, values):
        """How far each value is below the best one of its query."""
        return self.spread(np.maximum, values) - values


class MatchFeatures:
    """Features of pairs of a query and a label.

    Parameters
    ----------
    label_vectors : Csr
    views : dict of str to slice
        Columns that are compared on their own; those of words come first.
    label_words : Words or None
        Without them, the features of words in order are left out.

    Attributes
    ----------
    names : list of str
        What the columns are.
    first_view : slice
    """

    def __init__(self, label_vectors, views, label_words=None):
        self.label_vectors = label_vectors
        self.views = views
        self.label_words = label_words
        self.first_view = next(iter(views.values()))
        self._log_label_lengths = _log_lengths(label_vectors, self.first_view)
        self.names = [f"{view}: {name}" for view in views for name in VECTOR_FEATURES]
        self.names.append("weighted cosine")
        self.names += [f"{view}: gap to best cosine" for view in views]
        self.names += ["score", "gap to best score", "gap to best score if trained"]
        self.names += ["has no score", "log label count", "is trained"]
        self.names += ["log query length", "log label length"]
        if label_words is not None:
            self.names += WORD_FEATURES

    @property
    def weighted_cosine(self):
        """The column to which term weights go."""
        return self.names.index("weighted cosine")

    def of(self, vectors, pairs, *, words=None, term_weights=None):
        """The features of pairs.

        Parameters
        ----------
        vectors : Csr
            A row for each query.
        pairs : Pairs
        words : Words or None
            The queries'; there must be some where there are `label_words`.
        term_weights : ndarray of float64 of shape (n_columns,) or None
            Weights of the columns of the first view, for its weighted cosine.

        Returns
        -------
        ndarray of float64 of shape (n_pairs, n_features)
        """
        compared = [self._compared(vectors, pairs, *view) for view in self._weighted(term_weights)]
        width = len(VECTOR_FEATURES)
        parts = [table[:, :width] for table in compared]
        parts.append(compared[0][:, VectorFeature.WEIGHTED_COSINE])
        parts += [pairs.gap_to_best(table[:, VectorFeature.COSINE]) for table in compared]
        parts += _score_features(pairs)
        parts.append(_log_lengths(vectors, self.first_view)[pairs.queries])
        parts.append(self._log_label_lengths[pairs.labels])
        if self.label_words is not None:
            if words is None:
                raise ValueError("words must be given, as the labels' words were, got None.")
            out = np.empty((len(pairs.labels), len(WORD_FEATURES)))
            word_features(*words, *self.label_words, pairs.indptr, pairs.labels, out)
            parts.append(out)
        return np.column_stack(parts)

    def _weighted(self, term_weights):
        # Views with the weights of their terms; only the first one has some.
        none = np.empty(0)
        for number, view in enumerate(self.views.values()):
            yield view, none if number or term_weights is None else term_weights

    def _compared(self, vectors, pairs, view, term_weights):
        out = np.empty((len(pairs.labels), VectorFeature.N_VECTOR_FEATURES))
        queries, labels = vectors[:3], self.label_vectors[:3]
        columns = view.start, view.stop
        vector_features(*queries, *labels, pairs.indptr, pairs.labels, *columns, term_weights, out)
        return out


def _score_features(pairs):
    # A label that has no score is taken to be as bad as the worst that has one.
    has_none = np.isneginf(pairs.scores)
    worst = pairs.spread(np.minimum, np.where(has_none, np.inf, pairs.scores))
    scores = np.where(has_none, np.where(worst < np.inf, worst, 0), pairs.scores)
    gap = pairs.gap_to_best(scores)
    is_trained = pairs.label_counts > 0
    return [scores, gap, gap * is_trained, has_none, np.log1p(pairs.label_counts), is_trained]


def _log_lengths(matrix, view):
    # How many entries of each row lie in the view, plus one, in logs.
    is_inside = (matrix.indices >= view.start) & (matrix.indices < view.stop)
    return np.log1p(np.diff(indptr_of(is_inside)[matrix.indptr]))


def common_terms(vectors, label_vectors, pairs, view):
    """Each column's part of the cosine of a view: a row for each pair.

    Parameters
    ----------
    vectors, label_vectors : Csr
    pairs : Pairs
    view : slice

    Returns
    -------
    csr_array of shape (n_pairs, n_columns of the view)
    """
    queries, labels = (normalize(part.to_scipy()[:, view]) for part in (vectors, label_vectors))
    batches = gen_batches(len(pairs.labels), TERM_BATCH)
    of_pair = pairs.queries
    found = [queries[of_pair[b]].multiply(labels[pairs.labels[b]]) for b in batches]
    return sp.csr_array(sp.vstack(found, format="csr"))
