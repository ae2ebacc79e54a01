"""What is known of a query and a label of its shortlist: a row of numbers for each such pair."""

from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import normalize
from sklearn.utils import gen_batches

from .._growing import appended
from .._kernels.match_scores import list_pairs, match_scores, times_column
from .._kernels.match_vectors import match_vectors, view_totals
from .._kernels.match_words import match_words
from .._saving.stored_arrays import check_array, check_indices, check_pointers, check_rows, copied
from .._sparse import Csr, indptr_of, rows_of_two

VECTOR_FEATURES = (
    "cosine",
    "coverage",
    "weighted coverage",
    "label coverage",
    "largest missing",
)
SCORE_FEATURES = (
    "score",
    "gap to best score",
    "gap to best score if trained",
    "has no score",
    "log label count",
    "is trained",
)
# Together with the cosines, what counts the more, or the less, the more rows a label has.
COUNTED = "score", "gap to best score"
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


@lru_cache(maxsize=1 << 16)
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
        """Those of lists of words, by the `Numbering` of words; others get -1."""
        words = [word for text in texts for word in text]
        return cls(  # of a query's few words Python adds up lengths faster than NumPy
            np.array([*accumulate(map(len, texts), initial=0)], dtype=np.int64),
            np.array(number_of.numbers(words), dtype=np.int32),
            np.array([has_digit(word) for word in words], dtype=np.uint8),
        )

    def followed_by(self, others):
        """The words of these texts and, behind them, of others."""
        return Words(
            appended(self.indptr, others.indptr[1:] + self.indptr[-1]),
            appended(self.words, others.words),
            appended(self.is_number, others.is_number),
        )

    def take(self, texts):
        """The words of some texts, by number, in this order."""
        starts, counts = self.indptr[texts], np.diff(self.indptr)[texts]
        indptr = indptr_of(counts)
        places = np.repeat(starts - indptr[:-1], counts) + np.arange(indptr[-1])
        return Words(indptr, self.words[places], self.is_number[places])


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
        """Those of shortlists, arrays of shape (n_queries, n_shortlist), -1 for no label.

        `label_counts` has the shape of shortlists, or is a vector of all labels' counts.
        """
        # As the kernel takes them: most are that already.
        labels = np.ascontiguousarray(labels, dtype=np.int32)
        scores = np.ascontiguousarray(scores, dtype=np.float64)
        label_counts = np.ascontiguousarray(label_counts, dtype=np.float64)
        return cls(*list_pairs(labels, scores, label_counts))

    @property
    def queries(self):
        """The query of each pair."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))


class MatchFeatures:
    """Features of pairs of a query and a label.

    What is known of labels is stored in rows. After changes, these are in the order in which labels
    came, with those that are gone among them. Vectors that came later lie apart: so the others,
    which may be in a file, are not copied.

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
    later_vectors : Csr
        Rows behind those of `label_vectors`.
    row_of : ndarray of int32 of shape (n_labels,) or None
        Where each label's row is; None while they are numbered alike.
    """

    row_of = None

    def __init__(self, label_vectors, views, label_words=None):
        self.label_vectors = label_vectors
        self.later_vectors = Csr.of(sp.csr_array((0, label_vectors.n_columns), dtype=np.float32))
        self.views = views
        self.label_words = label_words
        self.first_view = next(iter(views.values()))
        self._bounds = np.array([[v.start, v.stop] for v in views.values()], dtype=np.int32)
        self._label_spans, self._label_totals = _view_totals(label_vectors, self._bounds)
        self.names = [f"{view}: {name}" for view in views for name in VECTOR_FEATURES]
        self.names.append("weighted cosine")
        self.names += [f"{view}: gap to best cosine" for view in views]
        self.names += ["log query length", "log label length"]
        self.names += SCORE_FEATURES
        counted = [*(f"{view}: {VECTOR_FEATURES[0]}" for view in views), *COUNTED]
        self._log_count = self.names.index("log label count")
        self._counted = np.array([self.names.index(name) for name in counted])
        self.names += [f"{name} by label count" for name in counted]
        if label_words is not None:
            self.names += WORD_FEATURES

    def __setstate__(self, state):
        self.__dict__.update(state)
        vectors, later, n_views = self.label_vectors, self.later_vectors, len(self.views)
        check_rows(vectors, "label_vectors")
        check_rows(later, "later_vectors")
        check_array(self._bounds, "bounds", np.int32, (n_views, 2))
        check_array(self._label_spans, "spans", np.int64, (self.n_rows, n_views, 2))
        check_array(self._label_totals, "totals", np.float64, self._label_spans.shape)
        spans, n_entries = self._label_spans, len(vectors.indices)
        check_indices(spans[: vectors.n_rows], "spans", n_entries + 1)
        stop = n_entries + len(later.indices) + 1
        check_indices(spans[vectors.n_rows :], "spans", stop, n_entries)
        check_array(self._counted, "counted", np.int64, (n_views + len(COUNTED),))
        check_indices(np.append(self._counted, self._log_count), "counted", len(self.names))
        if self.label_words is not None:
            indptr, words, is_number = self.label_words
            check_array(words, "words", np.int32, (None,))
            check_array(is_number, "is_number", np.uint8, words.shape)
            check_array(indptr, "indptr", np.int64, (self.n_rows + 1,))
            check_pointers(indptr, "indptr", len(words))
        if self.row_of is not None:
            check_indices(self.row_of, "row_of", self.n_rows)

    @property
    def n_rows(self):
        """How many rows there are."""
        return self.label_vectors.n_rows + self.later_vectors.n_rows

    @property
    def n_labels(self):
        """How many labels there are."""
        return self.n_rows if self.row_of is None else len(self.row_of)

    def rows(self, labels):
        """Where the rows of labels are."""
        return labels if self.row_of is None else self.row_of[labels]

    def vectors_of(self, labels):
        """The vectors of labels, csr_array."""
        rows = self.rows(labels)
        return rows_of_two(self.label_vectors.to_scipy(), self.later_vectors.to_scipy(), rows)

    def has_vector(self):
        """Whether each label's vector is not zero."""
        parts = self.label_vectors, self.later_vectors
        has_entries = np.concatenate([np.diff(part.indptr) > 0 for part in parts])
        return has_entries if self.row_of is None else has_entries[self.row_of]

    def with_labels(self, row_of, vectors, words):
        """The same of other labels.

        Parameters
        ----------
        row_of : ndarray of int32 of shape (n_labels,)
            Where each label's row is: rows so far, and behind them those of the new labels.
        vectors : Csr
            Those of new labels.
        words : Words or None
            Those of new labels, if there are `label_words`.
        """
        later, other = self.later_vectors, copied(self)
        spans, totals = _view_totals(vectors, self._bounds)
        n_entries = len(self.label_vectors.indices) + len(later.indices)
        other.row_of = row_of
        other.later_vectors = later.followed_by(vectors)
        other._label_spans = appended(self._label_spans, spans + n_entries)
        other._label_totals = appended(self._label_totals, totals)
        if self.label_words is not None:
            other.label_words = self.label_words.followed_by(words)
        return other

    def renumbered(self, numbers):
        """The same with other numbers of words, -1 for none; without any, they stay."""
        if numbers is None or self.label_words is None:
            return self
        other, (indptr, words, is_number) = copied(self), self.label_words
        words = np.append(numbers, np.int32(-1))[words]
        other.label_words = Words(indptr, words, is_number)
        return other

    def tidied(self):
        """The same without rows of labels that are gone."""
        vectors, words = Csr.of(self.vectors_of(np.arange(self.n_labels))), self.label_words
        words = words and words.take(self.rows(np.arange(self.n_labels)))
        return MatchFeatures(vectors, self.views, words)

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
        if self.label_words is not None and words is None:
            raise ValueError("words must be given, as the labels' words were, got None.")
        out, rows = np.empty((len(pairs.labels), len(self.names))), self.rows(pairs.labels)
        match_vectors(
            vectors,
            self.label_vectors,
            self.later_vectors,
            self._label_spans,
            self._label_totals,
            self._bounds,
            pairs.indptr,
            rows,
            np.empty(0) if term_weights is None else term_weights,
            out,
        )
        column = self.names.index(SCORE_FEATURES[0])
        match_scores(pairs, column, out)
        times_column(self._counted, self._log_count, column + len(SCORE_FEATURES), out)
        if self.label_words is not None:
            column += len(SCORE_FEATURES) + len(self._counted)
            match_words(words, self.label_words, pairs.indptr, rows, column, out)
        return out


def _view_totals(vectors, bounds):
    shape = vectors.n_rows, len(bounds), 2
    spans, totals = np.empty(shape, dtype=np.int64), np.empty(shape)
    view_totals(*vectors[:3], bounds, spans, totals)
    return spans, totals


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
